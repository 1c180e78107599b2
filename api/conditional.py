"""Answers that a client need not fetch twice: a tag of the content, and 304 where it has it."""

import hashlib

from starlette.requests import Request
from starlette.responses import Response


def answer(
    request: Request,
    body: bytes,
    *,
    media_type: str,
    headers: dict[str, str] | None = None,
) -> Response:
    """Answer with `body`, or with 304 where the client already has it.

    The tag is weak (RFC 9110 8.8.1): the same content travels compressed and plain.

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
    tag = f'W/"{hashlib.sha256(body).hexdigest()[:32]}"'
    common = {
        "ETag": tag,
        # Figures change when visits arrive: a client asks each time, and gets 304.
        "Cache-Control": "private, no-cache",
        "Vary": "Accept-Language",
        **(headers or {}),
    }
    if has(request, tag):
        return Response(status_code=304, headers=common)
    return Response(body, media_type=media_type, headers=common)


def has(request: Request, tag: str) -> bool:
    """Tell whether the client named this tag, or ``*``, in If-None-Match."""
    named = request.headers.get("if-none-match", "")
    tags = [each.strip().removeprefix("W/") for each in named.split(",")]
    return "*" in tags or tag.removeprefix("W/") in tags
