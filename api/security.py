"""What every answer tells the browser: load from here alone, guess nothing, tell nobody."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PAGE = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
# Folium writes its script and styles into the page; no other host may add to them.
MAP_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
NOT_MODIFIED = 304
_DATA = "default-src 'none'; frame-ancestors 'none'"


class SecurityHeaders:
    """Adds the headers to every answer; a route may set its own content policy before.

    Parameters
    ----------
    app : ASGIApp
        What lies behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                page = headers.get("content-type", "").startswith("text/html")
                # A 304 has no type, and what it says replaces what the browser keeps: a page
                # shown again from the cache would be forbidden its own script and style.
                if message["status"] != NOT_MODIFIED:
                    headers.setdefault("Content-Security-Policy", _PAGE if page else _DATA)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
            await send(message)

        await self._app(scope, receive, sending)


class HeadAsGet:
    """Answers HEAD wherever GET is answered; the server leaves the body away.

    Parameters
    ----------
    app : ASGIApp
        What lies behind.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)
