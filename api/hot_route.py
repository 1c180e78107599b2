"""`/v1/route` as it is asked most: a point of today, answered in the event loop from memory.

It takes only what it understands wholly: the plain parameters, each once, each valid, and a router
that is in memory. Everything else, every refusal among it, goes on to `api/routers/route.py`, which
answers the same and is the one that the document describes.
"""

from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.routing import BaseRoute, Match, NoMatchFound
from starlette.types import Receive, Scope, Send

from api.parameters import degrees
from api.problems import preferred
from api.route_answers import Answers, LiveAnswers
from geo.crs import DATUMS, one_to_cgcs2000
from geo.errors import Language

if TYPE_CHECKING:
    from geo.routing.live import Routers

PATH = "/v1/route"
_KNOWN = frozenset({"longitude", "latitude", "datum", "category", "language"})
_HEADERS = [
    (b"content-type", b"application/json"),
    # A position is nobody's business but the caller's.
    (b"cache-control", b"no-store"),
]

Asked = tuple[Answers, float, float, str | None, Language]


class HotRoute(BaseRoute):
    """Answers a plain question about a point; matches nothing else.

    Parameters
    ----------
    app : FastAPI
        Whose state holds `routers`, `answers` and `settings`.
    """

    path = PATH
    include_in_schema = False

    def __init__(self, app: FastAPI) -> None:
        self._routers = cast("Routers", app.state.routers)
        self._live = cast("LiveAnswers", app.state.answers)
        self._language: Language = app.state.settings.language

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what can be answered here and now."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "GET":
            return Match.NONE, {}
        asked = self._asked(scope)
        return (
            (Match.NONE, {})
            if asked is None
            else (
                Match.FULL,
                {"asked": asked, "route": self},
            )
        )

    async def handle(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer."""
        answers, longitude, latitude, category, language = cast("Asked", scope["asked"])
        body = answers.at(
            longitude=longitude, latitude=latitude, category=category, language=language
        )
        headers = [*_HEADERS, (b"content-length", b"%d" % len(body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def url_path_for(self, name: str, /, **path_params: Any) -> Any:
        """Refuse: it has no name."""
        raise NoMatchFound(name, path_params)

    def _asked(self, scope: Scope) -> Asked | None:
        """Read the question; None where it is not a plain one."""
        given = _plain(scope["query_string"])
        router = self._routers.ready()
        if given is None or router is None:
            return None
        category = given.get("category")
        datum = given.get("datum")
        if datum not in DATUMS or not (category is None or category in router.categories):
            return None
        try:
            longitude = degrees(given["longitude"], most=180)
            latitude = degrees(given["latitude"], most=90)
        except (KeyError, ValueError):
            return None
        longitude, latitude = one_to_cgcs2000(longitude=longitude, latitude=latitude, datum=datum)
        language = self._spoken(scope, given)
        if language is None:
            return None
        return self._live.of(router), longitude, latitude, category, language

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
    try:
        pairs = [each.split("=") for each in query.decode("ascii").split("&")]
    except UnicodeDecodeError:
        return None
    if any(len(pair) != 2 or "%" in pair[1] or "+" in pair[1] for pair in pairs):  # noqa: PLR2004
        return None
    given = dict(pairs)
    return given if len(given) == len(pairs) and given.keys() <= _KNOWN else None


@lru_cache(maxsize=64)
def _preferred(header: bytes) -> Language | None:
    return preferred(Headers(raw=[(b"accept-language", header)])["accept-language"])
