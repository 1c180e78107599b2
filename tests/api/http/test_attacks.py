"""Guessed tokens, other hosts, proxies, and a service that root starts."""

import os
import pwd
import socket
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from api.auth import tokens
from api.auth.attempts import LONGEST_S, MOST_ADDRESSES, Attempts
from geo.db import privileges
from tests.api.conftest import TOKEN, Service, run_serve, serving
from tests.waiting import logged

STRONG = "0123456789abcdef0123x"
GOOD = {"Authorization": f"Bearer {TOKEN}"}
WRONG = 3
PATHS = (
    "/",
    "/review",
    "/measures.json",
    "/assets/leaflet/leaflet.js",
    "/openapi.json",
    "/readyz",
    "/v1/months",
    "/v1/route?longitude=108.73&latitude=39.84&datum=cgcs2000",
    "/v1/nothing",
    "/ogc",
    "/ogc/collections",
    "/nothing",
)


@pytest.mark.parametrize("token", ["a", "a" * 64, "ab" * 32, "123456789abc" * 5, "0123456789"])
def test_a_token_that_can_be_guessed_is_for_this_machine_alone(token: str) -> None:
    tokens.check(token, reachable=False)
    with pytest.raises(tokens.TokenWeakError) as refused:
        tokens.check(token, reachable=True)
    for language in ("zh", "en"):
        assert "openssl rand -hex 32" in refused.value.message(language)  # type: ignore[arg-type]
        assert len(token) == 1 or token not in refused.value.message(language)  # type: ignore[arg-type]


@pytest.mark.parametrize("token", [" ", "two words, or even more", "密码", "a\nb", "\x7f"])
def test_a_token_that_no_header_carries_is_refused_everywhere(token: str) -> None:
    with pytest.raises(tokens.TokenFormError):
        tokens.check(token, reachable=False)


def test_tokens_that_are_made_are_strong() -> None:
    tokens.check(STRONG, reachable=True)
    for _ in range(100):
        tokens.check(tokens.make(), reachable=True)


@pytest.mark.parametrize(
    ("arguments", "chosen"),
    [
        (("--host", "0.0.0.0"), {}),  # noqa: S104 - what is refused
        ((), {"BANNERGRID_PUBLIC_URL": "https://grid.example.cn"}),
    ],
)
def test_a_weak_token_does_not_serve_others(
    tmp_path: Path, world_url: str, arguments: tuple[str, ...], chosen: dict[str, str]
) -> None:
    log = tmp_path / "log"
    site = {"BANNERGRID_DATABASE_URL": world_url, "BANNERGRID_TOKEN": "a", **chosen}
    with run_serve("serve", "--port", "0", *arguments, log=log, **site) as (process, line):
        assert line == ""
        assert process.wait(60) == 1
    said = log.read_text(encoding="utf-8")
    assert "BANNERGRID_TOKEN" in said
    assert "Traceback" not in said


def test_each_wrong_token_costs_a_wait_that_doubles_and_is_forgotten() -> None:
    now_s = 0.0
    attempts = Attempts(WRONG, clock=lambda: now_s)
    assert [attempts.wrong("10.0.0.1") for _ in range(WRONG)] == [None] * WRONG
    assert [attempts.wrong("10.0.0.1") for _ in range(4)] == [1, 2, 4, 8]
    assert [attempts.wrong("10.0.0.1") for _ in range(99)][-1] == LONGEST_S
    assert attempts.wrong("10.0.0.2") is None
    # An address of version 6 counts with its neighbours.
    for last in range(WRONG):
        assert attempts.wrong(f"2001:db8::{last}") is None
    assert attempts.wrong("2001:db8::ffff:1") == 1
    assert attempts.wrong("2001:db8:0:1::1") is None
    now_s = 3600.0
    assert attempts.wrong("10.0.0.1") is None


def test_the_same_cookie_again_is_no_other_try() -> None:
    attempts = Attempts(WRONG)
    assert [attempts.wrong("10.0.0.1", cookie="old") for _ in range(99)] == [None] * 99
    tried = [attempts.wrong("10.0.0.1", cookie=str(each)) for each in range(99)]
    assert None not in tried[WRONG:]


def test_addresses_are_counted_in_little_memory() -> None:
    attempts = Attempts(1)
    attempts.wrong("first")
    for each in range(MOST_ADDRESSES):
        attempts.wrong(str(each))
    assert attempts.wrong("first") is None


def test_wrong_tokens_are_slowed_by_address_and_the_right_one_never(world_url: str) -> None:
    with serving(world_url, wrong_tokens=WRONG) as client:
        wrong = {"Authorization": "Bearer wrong"}
        tries = [client.get("/v1/months", headers=wrong) for _ in range(WRONG + 3)]
        assert [each.status_code for each in tries] == [401] * WRONG + [429] * 3
        assert int(tries[-1].headers["retry-after"]) > int(tries[-3].headers["retry-after"]) > 0
        assert tries[-1].json()["code"] == "token.tries"
        # By every way in.
        assert client.get("/?token=guessed", headers={"Authorization": ""}).status_code == 429
        cookie = {"Authorization": "", "Cookie": f"bannergrid_{client.base_url.port}=guessed"}
        assert client.get("/v1/months", headers=cookie).status_code == 429
        assert client.get("/ogc", headers=wrong).status_code == 429
        # Who shares the address, has the token, or tries nothing, is not held up.
        assert client.get("/v1/months").status_code == 200
        assert client.get("/", headers={"Authorization": ""}).status_code == 200
        assert client.get("/v1/months", headers={"Authorization": ""}).status_code == 401
        assert client.get(f"/?token={TOKEN}").status_code == 303


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "192.0.2.7", "", "a b"]
)
def test_another_host_is_refused_everywhere(service: Service, path: str, host: str) -> None:
    answer = httpx.get(f"{service.base}{path}", headers={**GOOD, "Host": host}, trust_env=False)
    assert answer.status_code == 421
    assert answer.json()["code"] == "host.unknown"
    assert answer.headers["content-security-policy"]


def test_our_own_names_are_known(service: Service) -> None:
    for host in ("localhost", "LOCALHOST:1", "127.0.0.1", "127.8.0.1", "[::1]:8000", "localhost."):
        answer = httpx.get(f"{service.base}/v1/months", headers={**GOOD, "Host": host})
        assert answer.status_code == 200, host
    # Whoever watches over it calls it by any name.
    answer = httpx.get(f"{service.base}/healthz", headers={"Host": "evil.example"})
    assert answer.status_code == 200


def test_two_hosts_are_none(service: Service) -> None:
    port = int(service.base.rpartition(":")[2])
    for hosts in (("localhost", "evil.example"), ("localhost", "localhost"), ()):
        with socket.create_connection(("127.0.0.1", port)) as connection:
            lines = "".join(f"Host: {host}\r\n" for host in hosts)
            connection.sendall(f"GET / HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
            assert connection.recv(1 << 16).startswith(b"HTTP/1.1 421 ")


def test_a_whole_address_names_the_host(service: Service) -> None:
    port = int(service.base.rpartition(":")[2])
    for path in ("/v1/months", "/v1/route?longitude=108.73&latitude=39.84&datum=wgs84", "/ogc"):
        for address, status in (
            ("http://localhost", b"200"),
            ("http://evil.example", b"421"),
            ("HTTP://evil.example:80", b"421"),
            ("http://localhost@evil.example", b"421"),
        ):
            with socket.create_connection(("127.0.0.1", port)) as connection:
                head = f"GET {address}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                connection.sendall(f"{head}Authorization: {GOOD['Authorization']}\r\n\r\n".encode())
                assert connection.recv(1 << 16)[9:12] == status, (address, path)


def test_links_are_made_with_the_public_address(world_url: str) -> None:
    with serving(world_url, public_url="https://grid.example.cn") as client:
        for host in ("localhost", "grid.example.cn", "GRID.example.cn:443"):
            landing = client.get("/ogc", headers={"Host": host}).json()
            public = "https://grid.example.cn/"
            assert [each for each in landing["links"] if not each["href"].startswith(public)] == []
        entered = client.get(f"/?token={TOKEN}")
        assert "; secure" in entered.headers["set-cookie"].lower()
        servers = client.get("/openapi.json").json()["servers"]
        assert servers == [{"url": "https://grid.example.cn"}]
        assert client.get("/", headers={"Host": "other.example"}).status_code == 421


def test_the_printed_link_is_the_public_one(world_url: str, tmp_path: Path) -> None:
    site = {
        "BANNERGRID_DATABASE_URL": world_url,
        "BANNERGRID_TOKEN": STRONG,
        "BANNERGRID_PUBLIC_URL": "https://grid.example.cn/",
    }
    with run_serve("serve", "--port", "0", log=tmp_path / "log", **site) as (_, line):
        assert line.strip().endswith(f" https://grid.example.cn/?token={STRONG}")


def test_a_header_that_anybody_can_send_makes_no_cookie_secure(service: Service) -> None:
    forged = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.9.9.9"}
    entered = httpx.get(service.link, headers=forged, trust_env=False)
    assert "; secure" not in entered.headers["set-cookie"].lower()
    refused = httpx.get(f"{service.base}/v1/months", headers=forged, trust_env=False)
    assert refused.status_code == 401
    line = logged(service.log, refused.headers["x-request-id"])
    assert '"client": "127.0.0.1"' in line or '"client":"127.0.0.1"' in line


def test_behind_a_trusted_proxy_the_client_is_named_and_the_cookie_secure(
    world_url: str, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with run_serve(
        "serve",
        "--port",
        "0",
        log=log,
        BANNERGRID_DATABASE_URL=world_url,
        BANNERGRID_TOKEN=TOKEN,
        BANNERGRID_WRONG_TOKENS=str(WRONG),
        BANNERGRID_TRUSTED_PROXIES="127.0.0.1, 10.1.0.0/16",
    ) as (_, line):
        link = line[line.index("http://") :].strip()
        base = link.partition("/?")[0]

        def get(path: str, client: str, **headers: str) -> httpx.Response:
            # The proxies in front of it have been added behind what the client claimed.
            chain = {"X-Forwarded-For": f"9.9.9.9, {client}, 10.1.2.3", **headers}
            return httpx.get(f"{base}{path}", headers=chain, trust_env=False)

        entered = get(f"/?token={TOKEN}", "10.7.0.1", **{"X-Forwarded-Proto": "https"})
        assert "; secure" in entered.headers["set-cookie"].lower()
        wrong = {"Authorization": "Bearer wrong"}
        tries = [get("/v1/months", "10.7.0.1", **wrong).status_code for _ in range(WRONG + 1)]
        assert tries == [401] * WRONG + [429]
        other = get("/v1/months", "10.7.0.2", **wrong)
        assert other.status_code == 401
        assert "client=10.7.0.2" in logged(log, other.headers["x-request-id"])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "grid.example.cn"),
        ("PUBLIC_URL", "https://grid.example.cn/below"),
        ("PUBLIC_URL", "https://user:secret@grid.example.cn"),
        ("TRUSTED_PROXIES", "proxy.example.cn"),
        ("RUN_AS", "no-such-account"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    tmp_path: Path, world_url: str, name: str, value: str
) -> None:
    log = tmp_path / "log"
    site = {"BANNERGRID_DATABASE_URL": world_url, f"BANNERGRID_{name}": value}
    with run_serve("serve", "--port", "0", log=log, **site) as (process, line):
        assert line == ""
        assert process.wait(60) != 0
    said = log.read_text(encoding="utf-8")
    assert f"BANNERGRID_{name}" in said
    assert "Traceback" not in said


IS_ROOT = os.geteuid() == 0
DROP = """
import os, sys
from pathlib import Path
from geo.db import privileges
data = Path(sys.argv[1])
account = privileges.account_for(data, run_as=None, embedded=True)
privileges.drop(account, data=data, program=[Path("/bin/sh")])
print(account.name, *os.getresuid(), *os.getresgid(), *os.getgroups())
for undo in (lambda: os.setuid(0), lambda: os.setgroups([0])):
    try:
        undo()
    except PermissionError:
        print("no way back")
for name in ("start.lock", "indexes/old", "indexes/deep/old", "tiles/new"):
    with open(data / name, "a"):
        print("writes")
"""


@pytest.mark.skipif(not IS_ROOT, reason="only root can go on as somebody else")
def test_what_root_starts_goes_on_as_the_databases_account(folder: Path) -> None:
    data = folder / "data"
    (data / "indexes" / "deep").mkdir(parents=True)
    (data / "tiles").mkdir()
    # What an older version wrote that stayed root, and what is none of its business.
    outside = folder / "outside"
    outside.write_text("", encoding="utf-8")
    for name in ("start.lock", "indexes/old", "indexes/deep/old"):
        (data / name).touch(mode=0o600)
    (data / "indexes" / "link").symlink_to(outside)
    (data / "indexes" / "second-name").hardlink_to(outside)
    done = subprocess.run(
        [sys.executable, "-c", DROP, str(data)], capture_output=True, text=True, check=True
    )
    name, *ids = done.stdout.splitlines()[0].split()
    entry = pwd.getpwnam(name)
    assert entry.pw_uid != 0
    assert ids == [str(entry.pw_uid)] * 3 + [str(entry.pw_gid)] * 4
    assert done.stdout.split("\n")[1:-1] == ["no way back"] * 2 + ["writes"] * 4
    assert outside.stat().st_uid == 0


@pytest.mark.skipif(not IS_ROOT, reason="only root can go on as somebody else")
def test_root_serves_as_another_or_says_why_not(service: Service) -> None:
    status = Path(f"/proc/{service.process.pid}/status").read_text(encoding="utf-8")
    uid = status.partition("Uid:")[2].split()[0]
    said = service.log.read_text(encoding="utf-8")
    closed = "chmod o+x" in said
    assert (uid == "0") is closed
    assert "Traceback" not in said


@pytest.mark.skipif(not IS_ROOT, reason="only root can go on as somebody else")
def test_a_closed_program_is_named(folder: Path) -> None:
    closed = folder / "closed"
    closed.touch(mode=0o600)
    account = privileges.account_for(None, run_as=None, embedded=False)
    assert account is not None
    with pytest.raises(privileges.StaysRootError) as refused:
        privileges.drop(account, data=None, program=[Path("/bin/sh"), closed])
    assert str(closed) in refused.value.message("en")
    assert os.geteuid() == 0
