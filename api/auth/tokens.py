"""The access token: made, compared, and turned into a cookie that does not reveal it."""

import hashlib
import hmac
import secrets

from starlette.requests import HTTPConnection
from starlette.types import Scope

from api.auth.principal import EVERYTHING, Principal
from geo.errors import InputError

TOKEN_BYTES = 32
# Of a token that a site chose and that other machines may try: 20 characters of which 8 differ
# are beyond trying, whatever the rate.
FEWEST_CHARACTERS, FEWEST_DIFFERENT = 20, 8


class TokenFormError(InputError):
    """A token that no header can carry."""

    code = "token.form"
    zh = (
        "BANNERGRID_TOKEN 只能由可见的 ASCII 字符组成，不得含空格。"
        "可这样生成：openssl rand -hex 32；或不设置，由 serve 每次新建。"
    )
    # The value is not repeated: it is a secret.
    en = (
        "BANNERGRID_TOKEN may hold visible ASCII characters only, and no blanks. Make one with: "
        "openssl rand -hex 32; or leave it unset, and serve makes a new one each time."
    )


class TokenWeakError(InputError):
    """A token that can be guessed, where other machines can try."""

    code = "token.weak"
    zh = (
        "BANNERGRID_TOKEN 太弱：其他机器可访问本服务时，至少 {characters} 个字符，"
        "其中至少 {different} 个互不相同。可这样生成：openssl rand -hex 32；"
        "或不设置，由 serve 每次新建。"
    )
    en = (
        "BANNERGRID_TOKEN is too weak: where other machines can reach the service it has at least "
        "{characters} characters, of which {different} differ. Make one with: openssl rand -hex "
        "32; or leave it unset, and serve makes a new one each time."
    )


def make() -> str:
    """Make a token that nobody can guess (256 bits, safe in an address)."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def check(token: str, *, reachable: bool) -> None:
    """Refuse a token that cannot be sent, or can be guessed.

    Parameters
    ----------
    token : str
    reachable : bool
        Whether other machines can try; on this machine alone a short one will do.

    Raises
    ------
    TokenFormError, TokenWeakError
    """
    if not (token.isascii() and token.isprintable()) or " " in token:
        raise TokenFormError
    # Repeated, a short token is no longer than it was.
    repeats = (token + token).find(token, 1)
    if reachable and (repeats < FEWEST_CHARACTERS or len(set(token)) < FEWEST_DIFFERENT):
        raise TokenWeakError(characters=FEWEST_CHARACTERS, different=FEWEST_DIFFERENT)


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


def recognise(scope: Scope, token: str) -> Principal | None:
    """Tell at little cost who asks, where a request carries the token as services do, by header.

    Where the address names a token too, or the header is written in another way, it is nobody yet,
    and the caller looks closer.
    """
    if b"token" in scope["query_string"] or b"%" in scope["query_string"]:
        return None
    sent = [value for name, value in scope["headers"] if name == b"authorization"]
    bears = len(sent) == 1 and hmac.compare_digest(sent[0], b"Bearer " + token.encode())
    return EVERYTHING if bears else None


def cookie_of(request: HTTPConnection) -> str | None:
    """Give the cookie that a browser was let in by, right or not; None where there is none."""
    return request.cookies.get(cookie_name(request))


def recognise_closely(request: HTTPConnection, token: str) -> Principal | None:
    """Tell who asks, by header or by cookie; None for nobody who may."""
    sent = bearer(request)
    if sent is not None:
        return EVERYTHING if same(sent, token) else None
    cookie = cookie_of(request)
    known = cookie is not None and same(cookie, cookie_value(token))
    return EVERYTHING if known else None
