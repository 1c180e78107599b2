"""Outside geocoders, each a local server that answers in the shape the real one does."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from pydantic import SecretStr
from sqlalchemy.orm import Session

from geo.geocoding import providers
from geo.geocoding.providers.amap import Amap
from geo.geocoding.providers.base import (
    Pause,
    Provider,
    ProviderAddressError,
    ProviderError,
    Turns,
)
from geo.geocoding.providers.tianditu import Tianditu
from geo.settings import Settings
from tests.builders import ORIGIN, SIDE_DEG
from tests.datums import from_cgcs2000

KEY = "s3cret-key"
SPOT = (ORIGIN[0] + 2.5 * SIDE_DEG, ORIGIN[1] + 0.5 * SIDE_DEG)

Asked = list[dict[str, list[str]]]
Answer = Callable[[], tuple[int, bytes]]


@pytest.fixture(autouse=True)
def direct(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy of the machine that runs the tests is not asked for a server of our own."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@contextmanager
def answering(answer: Answer) -> Iterator[tuple[str, Asked]]:
    """A server on loopback; gives its address and what it was asked."""
    asked: Asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(parse_qs(urlsplit(self.path).query))
            status, body = answer()
            self.send_response(status)
            if status == 302:
                self.send_header("Location", "http://127.0.0.1:9/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Be silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/geocoder", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def said(value: object, status: int = 200) -> Answer:
    return lambda: (status, json.dumps(value, ensure_ascii=False).encode())


def tianditu(longitude: float = SPOT[0], latitude: float = SPOT[1], **more: object) -> object:
    place = {
        "score": 100,
        "level": "兴趣点",
        "lon": str(longitude),
        "lat": str(latitude),
        "keyWord": "内蒙古自治区鄂尔多斯市杭锦旗北门老院",
    }
    return {"msg": "ok", "location": place, "searchVersion": "6.4.9V", "status": "0", **more}


def amap(longitude: float, latitude: float, adcode: str = "150625") -> object:
    place = {
        "formatted_address": "内蒙古自治区鄂尔多斯市杭锦旗北门老院",
        "province": "内蒙古自治区",
        "city": "鄂尔多斯市",
        "district": "杭锦旗",
        "adcode": adcode,
        "location": f"{longitude:.6f},{latitude:.6f}",
        "level": "住宅区",
    }
    return {"status": "1", "info": "OK", "infocode": "10000", "count": "1", "geocodes": [place]}


def made(
    kind: type[Provider], url: str, *, timeout_s: float = 2.0, pause_s: float = 0.0
) -> Provider:
    return kind(url, KEY, timeout_s=timeout_s, rate_per_s=1000.0, pause_s=pause_s)


def test_tianditu_answers_in_our_own_datum() -> None:
    with answering(said(tianditu())) as (url, asked):
        found = made(Tianditu, url).ask("北门老院")
    assert found is not None
    assert (found.name, found.longitude, found.latitude) == ("北门老院", *SPOT)
    assert asked[0]["tk"] == [KEY]
    assert json.loads(asked[0]["ds"][0])["keyWord"].endswith("杭锦旗北门老院")


def test_amap_answers_in_gcj02_which_is_shifted_back() -> None:
    x, y = from_cgcs2000(longitude=[SPOT[0]], latitude=[SPOT[1]], datum="gcj02")
    with answering(said(amap(x[0], y[0]))) as (url, asked):
        found = made(Amap, url).ask("北门老院")
    assert found is not None
    # Amap rounds to six digits, which is a decimetre.
    assert (found.longitude, found.latitude) == pytest.approx(SPOT, abs=2e-6)
    assert abs(x[0] - SPOT[0]) > 0.003
    assert asked[0]["city"] == ["150625"]


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        (Tianditu, {"msg": "无结果", "status": "101"}),
        (Tianditu, {"msg": "ok", "status": "0", "location": {}}),
        (Amap, {"status": "1", "info": "OK", "count": "0", "geocodes": []}),
        (Amap, amap(107.1, 40.9, adcode="150826")),
    ],
)
def test_what_is_not_in_the_banner_is_no_answer(kind: type[Provider], answer: object) -> None:
    with answering(said(answer)) as (url, _):
        assert made(kind, url).ask("北门老院") is None


@pytest.mark.parametrize("kind", [Tianditu, Amap])
@pytest.mark.parametrize(
    "answer",
    [
        said({"status": "0", "info": "INVALID_USER_KEY", "infocode": "10001"}),
        said({"status": "1", "msg": "权限类型错误"}),
        said({}),
        said([1]),
        said({"status": "1", "geocodes": [{"adcode": "150625", "location": "here"}]}),
        said({}, 403),
        said({}, 500),
        said({}, 302),
        lambda: (200, b"<html>"),
        lambda: (200, b"\xff"),
    ],
)
def test_a_provider_that_fails_says_why_without_the_key(
    kind: type[Provider], answer: Answer
) -> None:
    with answering(answer) as (url, asked), pytest.raises(ProviderError) as caught:
        made(kind, url).ask("北门老院")
    assert len(asked) == 1
    for language in ("zh", "en"):
        assert KEY not in caught.value.message(language)
        assert kind.name in caught.value.message(language)


def test_who_does_not_answer_in_time_is_not_waited_for() -> None:
    held = threading.Event()

    def late() -> tuple[int, bytes]:
        held.wait(30)
        return 200, b"{}"

    with answering(late) as (url, _):
        with pytest.raises(ProviderError) as caught:
            made(Tianditu, url, timeout_s=0.2).ask("北门老院")
        held.set()
    assert "TimeoutError" in caught.value.message("en")


@contextmanager
def dripping(
    start: bytes, drop: bytes, *, on_question: Callable[[], None] = lambda: None
) -> Iterator[tuple[str, threading.Event, list[int]]]:
    """A server that sends a few bytes now and then until it is stopped; counts who came."""
    stop, came = threading.Event(), []
    listener = socket.create_server(("127.0.0.1", 0))

    def drip(caller: socket.socket) -> None:
        with caller, suppress(OSError):
            caller.recv(4096)
            on_question()
            caller.sendall(start)
            while not stop.wait(0.05):
                caller.sendall(drop)

    def serve() -> None:
        with suppress(OSError):
            while True:
                caller, _ = listener.accept()
                came.append(1)
                threading.Thread(target=drip, args=(caller,), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/geocoder", stop, came
    finally:
        stop.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


OK = b"HTTP/1.1 200 OK\r\n"
DRIPS = {
    "status": (b"HTTP/1.1 200 ", b"O"),
    "headers": (OK, b"X-Slow: 1\r\n"),
    "one header": (OK + b"X-Slow: ", b"1"),
    "body": (OK + b"Content-Length: 100000\r\n\r\n{", b" "),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "nothing but the end": (OK + b"\r\n{", b" "),
}


@pytest.mark.parametrize("kind_of_drip", DRIPS)
def test_who_drips_is_left_while_it_still_drips(kind_of_drip: str) -> None:
    with dripping(*DRIPS[kind_of_drip]) as (url, stop, came):
        provider = made(Tianditu, url, timeout_s=0.5, pause_s=3600)
        with pytest.raises(ProviderError) as caught:
            provider.ask("北门老院")
        assert not stop.is_set()
        assert "TimeoutError" in caught.value.message("en")
        # Whoever asks next is told at once, and nobody is asked.
        with pytest.raises(ProviderError) as again:
            provider.ask("北门老院")
        assert len(came) == 1
    assert "asked again in" in again.value.message("en")
    assert "秒后再问" in again.value.message("zh")


def test_an_answer_without_end_is_left_after_a_megabyte() -> None:
    drop = b" " * 65536
    with dripping(OK + b"\r\n", drop) as (url, _, _), pytest.raises(ProviderError) as caught:
        made(Tianditu, url, timeout_s=600).ask("北门老院")
    assert "too long" in caught.value.message("en")


def test_a_pause_ends_and_a_refusal_begins_none() -> None:
    now = [0.0]
    pause = Pause(30, clock=lambda: now[0])
    assert pause.left_s() == 0
    pause.begin()
    now[0] += 10
    assert pause.left_s() == 20
    now[0] += 20
    assert pause.left_s() == 0
    with answering(said({}, 500)) as (url, asked):
        provider = made(Tianditu, url, pause_s=3600)
        for _ in range(2):
            with pytest.raises(ProviderError):
                provider.ask("北门老院")
    assert len(asked) == 2


def test_turns_and_pause_are_those_of_all_requests(settings: Settings) -> None:
    on = settings.model_copy(update={"tianditu_key": SecretStr(KEY)})
    assert providers.enabled(on)[0] is providers.enabled(on)[0]


def test_nobody_there_is_a_failure_too() -> None:
    with answering(said({})) as (url, _):
        pass
    with pytest.raises(ProviderError) as caught:
        made(Amap, url).ask("北门老院")
    assert KEY not in str(caught.value)


def test_turns_are_as_far_apart_as_the_rate_says() -> None:
    now, waits = [0.0], []

    def wait(seconds: float) -> None:
        waits.append(seconds)
        now[0] += seconds

    turns = Turns(2.0, clock=lambda: now[0], wait=wait)
    assert [turns.take(patience_s=5) for _ in range(3)] == [True] * 3
    assert waits == [0.0, 0.5, 0.5]
    now[0] += 100
    assert turns.take(patience_s=5)
    assert waits[-1] == 0.0
    # Who would have to wait longer than they may is sent away, and uses up no turn.
    assert not turns.take(patience_s=0.4)
    assert turns.take(patience_s=0.5)


@pytest.mark.parametrize("url", ["ftp://host/x", "file:///etc/passwd", "host", "http://", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ProviderAddressError) as caught:
        made(Tianditu, url)
    assert "BANNERGRID_TIANDITU_URL" in caught.value.message("en")


def test_none_is_asked_unless_the_site_has_its_key(settings: Settings) -> None:
    assert providers.enabled(settings) == []
    both = settings.model_copy(update={"amap_key": SecretStr(KEY), "tianditu_key": SecretStr(KEY)})
    assert [each.name for each in providers.enabled(both)] == ["tianditu", "amap"]
    assert KEY not in repr(both)


def test_a_second_opinion_names_the_compound_there(banner: Session, settings: Settings) -> None:
    with (
        answering(said(tianditu())) as (here, asked),
        answering(said({}, 500)) as (broken, _),
    ):
        switched_on = settings.model_copy(
            update={
                "tianditu_key": SecretStr(KEY),
                "tianditu_url": here,
                "amap_key": SecretStr(KEY),
                "amap_url": broken,
            }
        )
        on = providers.enabled(switched_on)
        first, second = providers.second_opinions(banner, on, "北门老院")
        assert providers.second_opinions(banner, on, None) == []
    assert (first.provider, first.compound_id, first.problem) == ("tianditu", "K3", None)
    assert second.compound_id is None
    assert isinstance(second.problem, ProviderError)
    assert len(asked) == 1


def test_far_from_every_compound_there_is_none(banner: Session, settings: Settings) -> None:
    with answering(said(tianditu(SPOT[0] + 0.1))) as (here, _):
        on = settings.model_copy(update={"tianditu_key": SecretStr(KEY), "tianditu_url": here})
        (found,) = providers.second_opinions(banner, providers.enabled(on), "北门老院")
    assert (found.compound_id, found.problem) == (None, None)
    assert found.longitude == SPOT[0] + 0.1
