"""Compressed answers for those who take them; nobody else pays for the question."""

from collections.abc import Collection
from typing import Any

from fastapi.middleware.gzip import GZipMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send


class Compression(GZipMiddleware):
    """Starlette's gzip, passed by where the request does not name it.

    Such an answer needs no ``Vary``: it is kept by the browser that asked, if by anybody, and that
    always asks alike.

    Parameters
    ----------
    app : ASGIApp
        What lies behind.
    plain : collection of str
        Paths whose answers are small and asked for often: zipping one takes longer than sending it.
    **how
        Of Starlette's middleware.
    """

    def __init__(self, app: ASGIApp, /, *, plain: Collection[str] = (), **how: Any) -> None:
        super().__init__(app, **how)
        self._plain = frozenset(plain)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, through gzip where it is taken."""
        taken = scope["type"] == "http" and any(
            name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]
        )
        if taken and scope["path"] not in self._plain:
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
