"""Raw sockets against the service: what has no end ends, and nobody locks others out."""

import socket
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import TOKEN, run_serve

CONNECTIONS = 24
PATIENCE_S = 60
HEAD = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n"
POST = (
    b"POST /v1/geocode/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Authorization: Bearer " + TOKEN.encode() + b"\r\n"
)
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
PIECE = 64 << 10
ENDLESS = 512 << 20  # nobody takes so much of what has no end


@pytest.fixture(scope="module")
def service(world_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, Path]]:
    """Port and log of a service that waits a second where others wait for more."""
    log = tmp_path_factory.mktemp("connections") / "log"
    with run_serve(
        "serve",
        "--port",
        "0",
        log=log,
        BANNERGRID_DATABASE_URL=world_url,
        BANNERGRID_TOKEN=TOKEN,
        BANNERGRID_MAX_CONNECTIONS=str(CONNECTIONS),
        BANNERGRID_HEAD_LIMIT_S="1",
        BANNERGRID_BODY_STALL_S="1",
        BANNERGRID_SEND_STALL_S="1",
        BANNERGRID_KEEP_ALIVE_S="3",
    ) as (_, line):
        yield int(line.partition("127.0.0.1:")[2].partition("/")[0]), log


def connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port))
    made.settimeout(PATIENCE_S)
    return made


def answer(connection: socket.socket) -> bytes:
    """What comes until the other side ends the connection."""
    came = b""
    try:
        while part := connection.recv(PIECE):
            came += part
    except ConnectionError:
        pass
    return came


def sent_for_ever(connection: socket.socket, piece: bytes) -> int:
    sent = 0
    try:
        while sent < ENDLESS:
            connection.sendall(piece)
            sent += len(piece)
    except OSError:
        pass
    return sent


@pytest.mark.parametrize(
    ("begin", "piece", "status"),
    [
        pytest.param(HEAD + b"X: ", b"a" * PIECE, 431, id="header"),
        pytest.param(HEAD, b"X: a\r\n" * 1000, 431, id="headers"),
        pytest.param(b"GET /", b"a" * PIECE, 414, id="address"),
        pytest.param(CHUNKED + b"1;", b"a" * PIECE, 400, id="extension of a chunk"),
        pytest.param(CHUNKED + b"0\r\n", b"X: a\r\n" * 1000, 400, id="trailers"),
        pytest.param(b"", b"\x16\x03\x01 no HTTP", 400, id="no HTTP"),
    ],
)
def test_what_has_no_end_is_refused(
    service: tuple[int, Path], begin: bytes, piece: bytes, status: int
) -> None:
    with connected(service[0]) as connection:
        connection.sendall(begin)
        assert sent_for_ever(connection, piece) < ENDLESS
        came = answer(connection)
    # Where more is on its way than was read, the system may drop the answer with the connection.
    assert came == b"" or came.startswith(b"HTTP/1.1 %d " % status)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (HEAD + b"Connection: close\r\nX: " + b"a" * 60_000 + b"\r\n\r\n", 200),
        (HEAD + b"X: " + b"a" * 66_000 + b"\r\n\r\n", 431),
        (HEAD + b"Connection: close\r\n" + b"X: a\r\n" * 90 + b"\r\n", 200),
        (HEAD + b"X: a\r\n" * 101 + b"\r\n", 431),
        (b"GET /healthz?" + b"a" * 17_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
    ],
)
def test_where_the_limits_are(service: tuple[int, Path], head: bytes, status: int) -> None:
    with connected(service[0]) as connection:
        connection.sendall(head)
        came = answer(connection)
    assert came.startswith(b"HTTP/1.1 %d " % status)
    if status != 200:
        assert b"application/problem+json" in came
        assert b"BANNERGRID_" in came


def test_requests_behind_each_other_are_each_answered(service: tuple[int, Path]) -> None:
    """Whole heads in one piece, more than one head may have."""
    with connected(service[0]) as connection:
        request = HEAD + b"X: " + b"a" * 30_000 + b"\r\n\r\n"
        connection.sendall(request * 4 + HEAD + b"Connection: close\r\n\r\n")
        assert answer(connection).count(b"HTTP/1.1 200 ") == 5


def test_who_leaves_amid_requests_behind_each_other_leaves_no_trace(
    service: tuple[int, Path],
) -> None:
    port, log = service
    page = HEAD.replace(b"/healthz", b"/") + b"\r\n"
    for _ in range(10):
        with connected(port) as connection:
            connection.sendall(page * 100)
            connection.recv(1)
            # Closed like this, it is reset.
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    with connected(port) as connection:
        connection.sendall(HEAD + b"Connection: close\r\n\r\n")
        assert answer(connection).startswith(b"HTTP/1.1 200 ")
    assert "Exception in ASGI" not in log.read_text()


def drip(connection: socket.socket, piece: bytes) -> bytes:
    """Send a little again and again until the other side has had enough."""
    give_up = time.monotonic() + PATIENCE_S
    connection.settimeout(0.1)
    came = b""
    while time.monotonic() < give_up:
        try:
            connection.sendall(piece)
            part = connection.recv(PIECE)
        except TimeoutError:
            continue
        except ConnectionError:
            return came
        if not part:
            return came
        came += part
    raise AssertionError("it went on for ever")


@pytest.mark.parametrize(
    ("begin", "piece", "status"),
    [
        pytest.param(b"GET / HTTP/1.1\r\n", b"X: 1\r\n", b"408", id="head"),
        pytest.param(b"", b"\r\n", b"", id="nothing but ends of lines"),
        pytest.param(POST + b"Content-Length: 9999\r\n\r\n", b" ", b"408", id="body"),
        # Refused at once; what is still sent is of no use.
        pytest.param(
            b"POST /v1/x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9999\r\n\r\n",
            b" ",
            b"401",
            id="body behind its answer",
        ),
    ],
)
def test_what_drips_ends(
    service: tuple[int, Path], begin: bytes, piece: bytes, status: bytes
) -> None:
    with connected(service[0]) as connection:
        connection.sendall(begin)
        came = drip(connection, piece)
    assert came.partition(b" ")[2][:3] == status


def is_over(connection: socket.socket) -> bool:
    return answer(connection) == b""


def silent(port: int) -> socket.socket:
    return connected(port)


def between_requests(port: int) -> socket.socket:
    made = connected(port)
    made.sendall(HEAD + b"\r\n")
    came = b""
    while b'"up"' not in came:  # head and body may come one after the other
        part = made.recv(PIECE)
        assert part
        came += part
    return made


@pytest.mark.parametrize("make", [silent, between_requests])
def test_who_says_nothing_is_left(
    service: tuple[int, Path], make: Callable[[int], socket.socket]
) -> None:
    with make(service[0]) as connection:
        assert is_over(connection)


def test_who_takes_nothing_of_an_answer_is_left(service: tuple[int, Path]) -> None:
    port, _ = service
    with connected(port) as connection:
        # More than the buffers of both sides hold.
        connection.sendall((b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n") * 400)
        give_up = time.monotonic() + PATIENCE_S
        while True:
            try:
                # Ended, sending fails; as long as it is not, it only waits.
                connection.settimeout(0.2)
                connection.sendall(b"\r\n" * PIECE)
            except TimeoutError:
                assert time.monotonic() < give_up
            except ConnectionError:
                break


def test_silent_connections_lock_nobody_out(service: tuple[int, Path]) -> None:
    port, _ = service
    opened = [connected(port) for _ in range(5 * CONNECTIONS)]
    try:
        got = httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=PATIENCE_S, trust_env=False)
        assert got.status_code == 200
        assert all(is_over(each) for each in opened)
    finally:
        for each in opened:
            each.close()


def test_connections_at_work_do_not_give_way(service: tuple[int, Path]) -> None:
    """Where all have something to do, one more is told so."""
    port, _ = service
    headers = {"Authorization": f"Bearer {TOKEN}", "Accept": "text/event-stream"}
    follow = (
        "GET /v1/changes?cursor=latest HTTP/1.1\r\nHost: localhost\r\n"
        + "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        + "\r\n"
    )
    opened = []
    try:
        for _ in range(CONNECTIONS):
            made = connected(port)
            opened.append(made)
            made.sendall(follow.encode())
            assert made.recv(PIECE).startswith(b"HTTP/1.1 200 ")
        with connected(port) as one_more:
            came = answer(one_more)
        assert came.startswith(b"HTTP/1.1 503 ")
        assert b"Retry-After" in came
    finally:
        for each in opened:
            each.close()


def test_what_was_refused_is_in_the_log_with_its_client(service: tuple[int, Path]) -> None:
    with connected(service[0]) as connection:
        connection.sendall(b"no HTTP\r\n\r\n")
        answer(connection)
    lines = service[1].read_text(encoding="utf-8").splitlines()
    assert any("route=unread" in line and "client=127.0.0.1" in line for line in lines)
