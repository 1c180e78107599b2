"""Bodies are read strictly: not zipped, and JSON in UTF-8 with each field once in an object.

Python's reader lets the last of two equal fields win without a word, and the framework passes over
what the head says of a body's letters and compression.
"""

import json
from collections.abc import Callable, Coroutine
from email.message import Message
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from api.http.errors import ParameterError
from api.http.problems import echo
from geo.errors import InputError

UNREADABLE = 400


class RepeatedFieldError(ParameterError):
    """A field stands twice in one object."""

    code = "body.repeated"
    zh = "请求体中字段 {parameter} 在同一对象内出现多次，请只保留一个。"
    en = "Field {parameter} stands more than once in one object of the body; keep one."


class ZippedBodyError(InputError):
    """A body is compressed."""

    code = "body.zipped"
    zh = "请求体不得压缩（Content-Encoding：{got}），请原样发送。"
    en = "The body may not be compressed (Content-Encoding: {got}); send it as it is."


class LettersError(InputError):
    """JSON that says it is not in UTF-8."""

    code = "body.letters"
    zh = "JSON 请求体应为 UTF-8 编码，而 Content-Type 写明 charset={got}。"
    en = "JSON is sent in UTF-8, and Content-Type says charset={got}."


class BodyRoute(APIRoute):
    """A route that takes a body; to be the `route_class` of each router that has one."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Give FastAPI's own handler, with what it passes over looked at."""
        handle = super().get_route_handler()

        async def strictly(request: Request) -> Response:
            encoding = request.headers.get("content-encoding", "identity").strip().lower()
            if encoding not in ("", "identity"):
                raise ZippedBodyError(got=echo(encoding))
            try:
                return await handle(_StrictRequest(request.scope, request.receive))
            except HTTPException as error:
                # The framework takes whatever stops a body from being read for one thing.
                if isinstance(error.__cause__, InputError):
                    raise error.__cause__ from None
                raise

        return strictly


class _StrictRequest(Request):
    """A request whose JSON is read by `read`."""

    async def json(self) -> Any:
        """Give the body, read."""
        letters = self._letters()
        if letters not in ("utf-8", "utf8", "us-ascii"):
            raise LettersError(got=echo(letters))
        return read(await self.body())

    def _letters(self) -> str:
        message = Message()
        message["content-type"] = self.headers.get("content-type", "")
        return message.get_content_charset("utf-8")


def read(body: bytes) -> Any:
    """Read JSON.

    Raises
    ------
    RepeatedFieldError
        If an object has a field twice.
    HTTPException
        If it is no JSON.
    """
    try:
        return json.loads(body.decode("utf-8-sig"), object_pairs_hook=_each_once)
    except (ValueError, RecursionError) as error:
        raise HTTPException(UNREADABLE) from error


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = [name for name, _ in pairs]
        raise RepeatedFieldError(echo(next(each for each in names if names.count(each) > 1)))
    return made
