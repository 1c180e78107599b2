"""The gate before everything: nothing under `CLOSED` is answered without the token.

It stands before routing, so that a new route, a wrong method and an unknown address are closed
without anybody having to remember it.
"""

from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.auth import tokens
from api.auth.attempts import Attempts
from api.auth.principal import let_in
from api.http import problems
from api.http.refusals import TOO_MANY_TRIES, UNAUTHORISED

CLOSED = ("/v1", "/ogc")
CHALLENGE = 'Bearer realm="bannergrid"'


class Gate:
    """Lets through what carries the token, and turns the printed link into a cookie.

    Parameters
    ----------
    app : ASGIApp
        What lies behind.
    token : str
        The token of this start.
    free_tries : int
        Wrong tokens that an address may send before it has to wait.
    """

    def __init__(self, app: ASGIApp, *, token: str, free_tries: int) -> None:
        self._app = app
        self._token = token
        self._attempts = Attempts(free_tries)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        principal = tokens.recognise(scope, self._token)
        if principal is not None:
            let_in(scope, principal)
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        answer = self._decide(request)
        await (answer or self._app)(scope, receive, send)

    def _decide(self, request: Request) -> Response | None:
        """Give the answer of the gate itself; None lets the request through."""
        offered = request.query_params.get("token")
        valid = offered is not None and tokens.same(offered, self._token)
        if request.method == "GET" and valid:
            return self._enter(request, valid=True)
        principal = tokens.recognise_closely(request, self._token)
        if principal is not None:
            let_in(request.scope, principal)
            return None
        if not valid and (wait_s := self._counted(request, offered)) is not None:
            return problems.respond(
                request,
                status=429,
                code="token.tries",
                detail=TOO_MANY_TRIES.filled(wait_s=wait_s),
                headers={"Retry-After": str(wait_s)},
            )
        if _closed(request):
            return problems.respond(
                request,
                status=401,
                code="token.missing",
                detail=UNAUTHORISED,
                headers={"WWW-Authenticate": CHALLENGE},
            )
        if request.method == "GET" and offered is not None:
            # A link of an earlier start leads to the page too, which says what to open instead.
            return self._enter(request, valid=False)
        return None

    def _counted(self, request: Request, offered: str | None) -> int | None:
        """Count what is no right token, if any was sent where one counts."""
        address = request.client.host if request.client else None
        if offered is not None or (_closed(request) and tokens.bearer(request) is not None):
            return self._attempts.wrong(address)
        cookie = tokens.cookie_of(request)
        if cookie is not None and _closed(request):
            return self._attempts.wrong(address, cookie=cookie)
        return None

    def _enter(self, request: Request, *, valid: bool) -> Response:
        """Send the browser to the same address without the token, so that history lacks it."""
        answer = RedirectResponse(
            without_token(request.url),
            status_code=303,
            headers={"Cache-Control": "no-store"},
        )
        if valid:
            answer.set_cookie(
                tokens.cookie_name(request),
                tokens.cookie_value(self._token),
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
            )
        return answer


def without_token(url: URL) -> str:
    """Give the path and query of an address without its token.

    Leading slashes become one: a browser reads ``//host`` as another site.
    """
    kept = [(k, v) for k, v in parse_qsl(url.query, keep_blank_values=True) if k != "token"]
    path = "/" + quote(url.path.lstrip("/\\"), safe="/%")
    return path + (f"?{urlencode(kept)}" if kept else "")


def _closed(request: Request) -> bool:
    path: str = request.scope["path"]
    return any(path == prefix or path.startswith(prefix + "/") for prefix in CLOSED)
