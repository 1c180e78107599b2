"""Answers that a client need not fetch twice: a tag of the content, and 304 where it has it."""

import gzip
import hashlib
from functools import cached_property

from starlette.requests import Request
from starlette.responses import Response

from api.auth.principal import principal_of

# Of zlib; what is smaller than so many bytes is not worth it.
COMPRESS_LEVEL = 6
COMPRESS_FROM_BYTES = 1000


def respond(
    request: Request,
    body: bytes,
    *,
    media_type: str,
    headers: dict[str, str] | None = None,
) -> Response:
    """Answer with `body`, or with 304 where the client already has it.

    Parameters
    ----------
    request : Request
        Whose If-None-Match is compared.
    body : bytes
        The whole answer.
    media_type : str
    headers : dict, optional
        Further headers.

    Returns
    -------
    Response
    """
    common = {**_common(tag_of(request, hashlib.sha256(body).hexdigest())), **(headers or {})}
    if has_tag(request, common["ETag"]):
        return Response(status_code=304, headers=common)
    return Response(body, media_type=media_type, headers=common)


class CachedBody:
    """A body that is answered with many times: tagged once, and compressed once.

    Parameters
    ----------
    body : bytes
        The whole answer.
    media_type : str
    headers : dict, optional
        Further headers.
    """

    def __init__(
        self, body: bytes, *, media_type: str, headers: dict[str, str] | None = None
    ) -> None:
        self._body = body
        self._media_type = media_type
        vary = {"Vary": "Accept-Language, Accept-Encoding"}
        self._digest = hashlib.sha256(body).hexdigest()
        self._more = {**vary, **(headers or {})}

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self._body)

    @cached_property
    def _compressed(self) -> bytes:
        return gzip.compress(self._body, COMPRESS_LEVEL, mtime=0)

    def respond(self, request: Request) -> Response:
        """Answer with the body as the client takes it, or with 304 where he already has it."""
        headers = {**_common(tag_of(request, self._digest)), **self._more}
        if has_tag(request, headers["ETag"]):
            return Response(status_code=304, headers=headers)
        takes = "gzip" in request.headers.get("accept-encoding", "")
        if not takes or self.size < COMPRESS_FROM_BYTES:
            return Response(self._body, media_type=self._media_type, headers=headers)
        headers["Content-Encoding"] = "gzip"
        return Response(self._compressed, media_type=self._media_type, headers=headers)


def has_tag(request: Request, tag: str) -> bool:
    """Tell whether the client named this tag, or ``*``, in If-None-Match."""
    named = request.headers.get("if-none-match", "")
    tags = [each.strip().removeprefix("W/") for each in named.split(",")]
    return "*" in tags or tag.removeprefix("W/") in tags


def tag_of(request: Request, digest: str) -> str:
    """Give the tag of a content for whoever asks: a browser may be used by one after another.

    Weak (RFC 9110 8.8.1): the same content travels compressed and plain.
    """
    return f'W/"{digest[:32]}-{principal_of(request).mark}"'


def _common(tag: str) -> dict[str, str]:
    return {
        "ETag": tag,
        # Figures change when visits arrive: a client asks each time, and gets 304.
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Language",
    }
