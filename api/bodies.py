"""A body has a largest size: whoever sends more is told so before it is held in memory."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

TOO_LARGE = 413


class BodyLimit:
    """Refuses bodies over a limit, by what they announce, else while they arrive.

    Parameters
    ----------
    app : ASGIApp
        What lies behind; it turns an HTTPException raised while it reads into an answer.
    max_bytes : int
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int) -> None:
        self._app = app
        self._max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = next((v for n, v in scope["headers"] if n == b"content-length"), b"").decode(
            "latin-1"
        )
        # What is announced is not read at all; the counter below never sees it.
        spent = self._max_bytes + 1 if self._announces_more(announced) else 0

        async def counting() -> Message:
            nonlocal spent
            if spent > self._max_bytes:
                raise HTTPException(TOO_LARGE)
            message = await receive()
            spent += len(message.get("body", b""))
            if spent > self._max_bytes:
                raise HTTPException(TOO_LARGE)
            return message

        await self._app(scope, counting, send)

    def _announces_more(self, length: str) -> bool:
        return length.isdecimal() and int(length[:20]) > self._max_bytes
