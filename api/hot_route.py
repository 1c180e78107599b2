"""`/v1/route` as it is asked most: a point of today, answered in the event loop from memory.

It stands before everything else and takes only what it understands wholly: the token as services
send it, plain parameters, each once, each valid, and a router that is in memory. Everything else,
every refusal among it, goes on to the app and `api/routers/route.py`, which answers the same and is
the one that the document describes.
"""

import logging
import time
from functools import lru_cache
from typing import TYPE_CHECKING, cast

from starlette.datastructures import Headers, State
from starlette.types import Scope, Send

from api import logs
from api.auth import tokens
from api.parsers import degrees
from api.problems import preferred
from api.security import DATA_HEADERS
from geo.crs import DATUMS, one_to_cgcs2000
from geo.errors import Language

if TYPE_CHECKING:
    from api.route_answers import LiveAnswers
    from geo.routing.live import Routers

PATH = "/v1/route"
_KNOWN = frozenset({"longitude", "latitude", "datum", "category", "language"})
_HEADERS = (
    (b"content-type", b"application/json"),
    # A position is nobody's business but the caller's.
    (b"cache-control", b"no-store"),
    *DATA_HEADERS,
)
_log = logging.getLogger(__name__)


class HotRoute:
    """Answers a plain question about a point.

    Parameters
    ----------
    state : State
        The app's own, with `routers`, `answers` and `settings`.
    token : str
        Without it nothing is answered here.
    """

    def __init__(self, *, state: State, token: str) -> None:
        self._routers = cast("Routers", state.routers)
        self._answers = cast("LiveAnswers", state.answers)
        self._language: Language = state.settings.language
        self._token = token

    async def answered(self, scope: Scope, send: Send) -> bool:
        """Answer here and now, or tell that others have to."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "GET":
            return False
        started_s = time.perf_counter()
        body = self.answer(scope)
        if body is None:
            return False
        request_id = logs.new_id()
        own = ((b"content-length", b"%d" % len(body)), (b"x-request-id", request_id.encode()))
        await send({"type": "http.response.start", "status": 200, "headers": [*_HEADERS, *own]})
        await send({"type": "http.response.body", "body": body})
        logs.tell("GET", PATH, 200, started_s, request_id)
        return True

    def answer(self, scope: Scope) -> bytes | None:
        """Write the answer to a GET of this path; None where the question is not a plain one."""
        given = _plain(scope["query_string"])
        router = self._routers.ready()
        if given is None or router is None or not tokens.plainly(scope, self._token):
            return None
        category = given.get("category")
        datum = given.get("datum")
        if datum not in DATUMS or not (category is None or category in router.categories):
            return None
        language = self._spoken(scope, given)
        if language is None:
            return None
        try:
            longitude = degrees(given["longitude"], most=180)
            latitude = degrees(given["latitude"], most=90)
        except (KeyError, ValueError):
            return None
        longitude, latitude = one_to_cgcs2000(longitude=longitude, latitude=latitude, datum=datum)
        try:
            return self._answers.of(router).at(
                longitude=longitude, latitude=latitude, category=category, language=language
            )
        except Exception:  # noqa: BLE001 - the other path fails alike, and answers for it
            _log.exception("the hot path failed")
            return None

    def _spoken(self, scope: Scope, given: dict[str, str]) -> Language | None:
        named = given.get("language")
        if named is not None:
            return cast("Language", named) if named in ("zh", "en") else None
        for name, value in scope["headers"]:
            if name == b"accept-language":
                return _preferred(value) or self._language
        return self._language


def _plain(query: bytes) -> dict[str, str] | None:
    """Read parameters that need no decoding; None where any is strange or given twice."""
    if b"%" in query or b"+" in query or not query.isascii():
        return None
    pairs = [each.split("=") for each in query.decode().split("&")]
    try:
        given = dict(pairs)
    except ValueError:
        return None
    return given if len(given) == len(pairs) and given.keys() <= _KNOWN else None


@lru_cache(maxsize=64)
def _preferred(header: bytes) -> Language | None:
    return preferred(Headers(raw=[(b"accept-language", header)])["accept-language"])
