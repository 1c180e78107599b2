"""The forms in which figures are answered: media types, file names, how each is described."""

from typing import Any, Literal

from api.http.conditional import CachedBody
from api.http.security import MAP_POLICY

Form = Literal["json", "csv", "xlsx", "gpkg", "png", "html", "pdf", "tif"]

MEDIA_TYPES: dict[Form, str] = {
    "json": "application/json",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "gpkg": "application/geopackage+sqlite3",
    "png": "image/png",
    "html": "text/html; charset=utf-8",
    "pdf": "application/pdf",
    "tif": "image/tiff",
}
_EXAMPLES: dict[Form, str] = {
    "csv": "code,level,name,…",
    "xlsx": "PK…",
    "gpkg": "SQLite format 3…",
    "png": "…PNG…",
    "html": "<!DOCTYPE html><html>…</html>",
    "pdf": "%PDF-1.4…",
    "tif": "II*…",
}
# What a browser shows; the rest it saves.
_SHOWN: tuple[Form, ...] = ("json", "html", "png", "pdf")


def cached_body(body: bytes, form: Form, *, name: str) -> CachedBody:
    """Give a body in its form, ready to be answered with.

    Parameters
    ----------
    body : bytes
    form : str
    name : str
        Of the file, without its ending; plain ASCII.
    """
    headers = {}
    if form == "html":
        headers["Content-Security-Policy"] = MAP_POLICY
    if form not in _SHOWN:
        headers["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
    return CachedBody(body, media_type=MEDIA_TYPES[form], headers=headers)


def described(example: Any, *forms: Form) -> dict[int | str, dict[str, Any]]:
    """Describe the answer in each of its forms, for FastAPI's `responses=`.

    Parameters
    ----------
    example : Any
        As JSON; None where that is none of its forms.
    *forms : str
        The others.
    """
    content: dict[str, Any] = {} if example is None else {"application/json": {"example": example}}
    for form in forms:
        kind = MEDIA_TYPES[form].partition(";")[0]
        schema = {"type": "string"}
        if form not in ("csv", "html"):
            schema["format"] = "binary"
        content[kind] = {"schema": schema, "example": _EXAMPLES[form]}
    return {200: {"content": content}}
