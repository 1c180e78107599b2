"""`/v1/route` as it is asked most: a point of today, answered in the event loop from memory.

It stands before all middleware, whose way costs several times what the answer does, and is made of
the same functions: the readers of the parameters, the answer, its headers, its line in the log. It
takes only what it understands wholly: the token as services send it, plain parameters, each once,
each valid, and a router that is in memory. Everything else, every refusal among it, goes on to the
app and `router.py` beside this file, which is the door that the document describes.
"""

import logging
import time
from typing import TYPE_CHECKING, cast

from starlette.datastructures import State
from starlette.types import Scope, Send

from api.auth import tokens
from api.http import logs, security
from api.http.problems import spoken_language
from api.parameters.common import LanguageName
from api.parameters.definition import reader, readers
from api.resources.route.question import PATH, Question, answer_point, private_answer
from geo.errors import BannerGridError, Language

if TYPE_CHECKING:
    from api.resources.route.writer import LiveWriters
    from geo.routing.live import Routers

_READERS = {
    name: read
    for name, read in readers(Question).items()
    if name in ("longitude", "latitude", "datum", "category")
} | {"language": reader(LanguageName)}
# Of an answer as the described door sends it; the length is that of each body.
_HEADERS = security.add_headers(
    200, [each for each in private_answer(b"").raw_headers if each[0] != b"content-length"]
)
_log = logging.getLogger(__name__)


class HotRoute:
    """Answers a plain question about a point.

    Parameters
    ----------
    state : State
        The app's own, with `routers`, `writers` and `settings`.
    token : str
        Without it nothing is answered here.
    """

    def __init__(self, *, state: State, token: str) -> None:
        self._routers = cast("Routers", state.routers)
        self._writers = cast("LiveWriters", state.writers)
        self._language: Language = state.settings.language
        self._token = token

    async def respond(self, scope: Scope, send: Send) -> bool:
        """Answer here and now, or tell that others have to."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "GET":
            return False
        started_s = time.perf_counter()
        body = self.answer(scope)
        if body is None:
            return False
        request_id = logs.new_id()
        own = [(b"content-length", b"%d" % len(body)), (b"x-request-id", request_id.encode())]
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS + own})
        await send({"type": "http.response.body", "body": body})
        logs.log_request("GET", PATH, 200, started_s, request_id)
        return True

    def answer(self, scope: Scope) -> bytes | None:
        """Write the answer to a GET of this path; None where the question is not a plain one."""
        router = self._routers.ready()
        principal = tokens.recognise(scope, self._token)
        if router is None or principal is None:
            return None
        writer = self._writers.of(router, principal)
        try:
            given = _read(scope["query_string"])
            if given is None:
                return None
            language = given.pop("language", None) or self._header_language(scope)
            question = Question(**given)  # type: ignore[arg-type]
            if question.missing():
                return None
            return answer_point(question, writer, cast("Language", language))
        except (ValueError, BannerGridError):
            return None  # the other door says what is wrong
        except Exception:  # noqa: BLE001 - the other door fails alike, and answers for it
            _log.exception("the hot path failed")
            return None

    def _header_language(self, scope: Scope) -> Language:
        for name, value in scope["headers"]:
            if name == b"accept-language":
                return spoken_language(value.decode("latin-1"), self._language)
        return self._language


def _read(query: bytes) -> dict[str, object] | None:
    """Read parameters that need no decoding; None where any is strange or given twice.

    Raises
    ------
    ValueError
        If one cannot be read.
    """
    if b"%" in query or b"+" in query or not query.isascii():
        return None
    pairs = [each.split("=") for each in query.decode().split("&")]
    given = dict(pairs)
    if len(given) < len(pairs) or not given.keys() <= _READERS.keys():
        return None
    return {name: _READERS[name](text) for name, text in given.items()}
