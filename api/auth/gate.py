"""The gate before everything: nothing under `CLOSED` is answered without the token.

It stands before routing, so that a new route, a wrong method and an unknown address are closed
without anybody having to remember it.
"""

from urllib.parse import parse_qsl, quote, urlencode

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api import problems
from api.auth import tokens
from api.messages import UNAUTHORISED

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
    """

    def __init__(self, app: ASGIApp, *, token: str) -> None:
        self._app = app
        self._token = token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if tokens.plainly(scope, self._token):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        answer = self._decide(request)
        await (answer or self._app)(scope, receive, send)

    def _decide(self, request: Request) -> Response | None:
        """Give the answer of the gate itself; None lets the request through."""
        offered = request.query_params.get("token")
        valid = offered is not None and tokens.same(offered, self._token)
        if request.method == "GET" and (valid or (offered is not None and not _closed(request))):
            # A link of an earlier start leads to the page too, which says what to open instead.
            return self._enter(request, valid=valid)
        if _closed(request) and not tokens.allowed(request, self._token):
            return problems.respond(
                request,
                status=401,
                code="token.missing",
                detail=UNAUTHORISED,
                headers={"WWW-Authenticate": CHALLENGE},
            )
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
