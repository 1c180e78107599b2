"""The access token: made, compared, and turned into a cookie that does not reveal it."""

import hashlib
import hmac
import secrets

from starlette.requests import HTTPConnection
from starlette.types import Scope

TOKEN_BYTES = 32


def make() -> str:
    """Make a token that nobody can guess (256 bits, safe in an address)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def same(given: str, wanted: str) -> bool:
    """Compare two secrets in a time that does not tell where they differ."""
    return hmac.compare_digest(given.encode(), wanted.encode())


def cookie_value(token: str) -> str:
    """Derive the cookie from the token: who reads a browser's cookies does not get the token."""
    return hmac.new(token.encode(), b"bannergrid browser cookie", hashlib.sha256).hexdigest()


def cookie_name(request: HTTPConnection) -> str:
    """Name the cookie by port: cookies know no ports, so two services would evict each other's."""
    server = request.scope.get("server") or ("", 0)
    return f"bannergrid_{server[1] or 0}"


def bearer(request: HTTPConnection) -> str | None:
    """Give the token of the Authorization header; None where there is none."""
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


def plainly(scope: Scope, token: str) -> bool:
    """Tell at little cost whether a request carries the token as services do, by header alone.

    Where the address names a token too, or the header is written in another way, the answer is no,
    and the caller looks closer.
    """
    if b"token" in scope["query_string"] or b"%" in scope["query_string"]:
        return False
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    return len(sent) == 1 and hmac.compare_digest(sent[0], b"Bearer " + token.encode())


def allowed(request: HTTPConnection, token: str) -> bool:
    """Tell whether a request carries the token, by header or by cookie."""
    sent = bearer(request)
    if sent is not None:
        return same(sent, token)
    cookie = request.cookies.get(cookie_name(request))
    return cookie is not None and same(cookie, cookie_value(token))
