"""What every answer tells the browser: load from here alone, guess nothing, tell nobody."""

from collections.abc import Iterable, Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_POLICY = b"content-security-policy"
PAGE_POLICY = (
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'self'"
)
_PICTURES = "img-src 'self' data: blob:"
_PAGE = PAGE_POLICY.encode()
# Folium writes its script and styles into the page; no other host may add to them.
MAP_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
NOT_MODIFIED = 304
_DATA = b"default-src 'none'; frame-ancestors 'none'"
_ALWAYS = ((b"x-content-type-options", b"nosniff"), (b"referrer-policy", b"no-referrer"))

Headers = list[tuple[bytes, bytes]]


def widened(hosts: Sequence[str]) -> str:
    """Give the policy of a page that may fetch pictures from some hosts more; as it is for none.

    Parameters
    ----------
    hosts : sequence of str
        Origins: ``https://t0.tianditu.gov.cn``.
    """
    if not hosts:
        return PAGE_POLICY
    more = " ".join(hosts)
    return PAGE_POLICY.replace(_PICTURES, f"{_PICTURES} {more}; connect-src 'self' {more}")


def add_headers(status: int, headers: Iterable[tuple[bytes, bytes]]) -> Headers:
    """Give the headers of an answer with those that every answer has; raw, as all of them come.

    Parameters
    ----------
    status : int
    headers : iterable of pairs of bytes
        A route may set its own content policy.
    """
    made = [*headers]
    named = {name.lower(): value for name, value in made}
    # A 304 has no type, and what it says replaces what the browser keeps: a page shown again from
    # the cache would be forbidden its own script and style.
    if status != NOT_MODIFIED and _POLICY not in named:
        page = named.get(b"content-type", b"").startswith(b"text/html")
        made.append((_POLICY, _PAGE if page else _DATA))
    return made + [pair for pair in _ALWAYS if pair[0] not in named]


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
                message["headers"] = add_headers(message["status"], message.get("headers", ()))
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
