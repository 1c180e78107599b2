"""A body has a largest size: whoever sends more is told so before it is held in memory."""

from collections.abc import Mapping

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
    files : mapping of str to int
        Path to the most bytes there, where whole files are taken.
    """

    def __init__(self, app: ASGIApp, *, max_bytes: int, files: Mapping[str, int]) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._files = dict(files)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, its body counted."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        announced = next((v for n, v in scope["headers"] if n == b"content-length"), b"").decode(
            "latin-1"
        )
        most = self._files.get(scope["path"], self._max_bytes)
        # What is announced is not read at all; the counter below never sees it.
        spent = most + 1 if _is_more(announced, most) else 0

        async def counting() -> Message:
            nonlocal spent
            if spent > most:
                raise HTTPException(TOO_LARGE)
            message = await receive()
            spent += len(message.get("body", b""))
            if spent > most:
                raise HTTPException(TOO_LARGE)
            return message

        await self._app(scope, counting, send)


def _is_more(length: str, most: int) -> bool:
    return length.isdecimal() and int(length[:20]) > most
