"""Compressed answers for those who take them; nobody else pays for the question."""

from fastapi.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send


class Compression(GZipMiddleware):
    """Starlette's gzip, passed by where the request does not name it.

    Such an answer needs no ``Vary``: it is kept by the browser that asked, if by anybody, and that
    always asks alike.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, through gzip where it is taken."""
        if scope["type"] == "http" and any(
            name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"]
        ):
            await super().__call__(scope, receive, send)
        else:
            await self.app(scope, receive, send)
