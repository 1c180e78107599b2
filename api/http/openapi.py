"""The OpenAPI document: FastAPI's, with problem details and the token written into it."""

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from api.http.problem_schema import Problem
from api.http.problems import MEDIA_TYPE
from api.resources.grids.schemas import Grid, Grids

# Shapes of answers that are not application/json, which FastAPI does not describe by itself.
HAND_WRITTEN = (Problem, Grid, Grids)

DESCRIPTION = """\
Two levels of grids for a county: boundaries by edition, coverage by month, and the one grid
that holds a point. Places are measured; nothing here orders or scores people.

Every address under `/v1` wants the token that `bannergrid serve` printed: as
`Authorization: Bearer TOKEN`, or as the cookie that opening the printed link sets.

Addresses as people write them are placed with a probability and a reason; what cannot be placed
waits under `/v1/review` until somebody decides. An actor is named for the record only.

An incident is reported once an `Idempotency-Key`, and changed by whoever names in `If-Match` the
state that was seen. What has no grid waits under `/v1/incidents?state=unplaced`, with the reason.

Every error is `application/problem+json` (RFC 9457), in Chinese or English by `language=` or
Accept-Language. A parameter that an operation does not have is refused, not ignored. Answers carry
an ETag; send it back as If-None-Match.
"""

_WHEN = {
    400: "The body is not JSON text in UTF-8.",
    401: "The token is missing or wrong.",
    404: "What was asked for is not there.",
    409: "It contradicts what is there.",
    410: "What was asked for is kept no longer, or is a grid no more.",
    412: "It has changed since it was read: If-Match names an older state.",
    413: "The body is too large.",
    415: "Content-Type names no type of file that is taken.",
    422: "A parameter cannot be used; `errors` names each.",
    429: "Too many wrong tokens came from this address; the right one is always taken.",
    428: "If-Match is missing: whoever changes something says which state of it was seen.",
    500: "The service failed; the id stands in its log.",
    503: "The database does not answer or is not set up; try again.",
    507: "A disk of the service is full; what was asked was not done.",
}


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe the problems that an operation may answer with, for FastAPI's `responses=`."""
    if 503 in statuses:  # noqa: PLR2004 - what needs the database also needs room on its disk
        statuses = (*statuses, 507)
    if 401 in statuses:  # noqa: PLR2004 - who tries tokens has to wait
        statuses = (*statuses, 429)
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": _WHEN[status], "content": content} for status in statuses}


def example(value: Any, *, media_type: str = "application/json") -> dict[int | str, dict[str, Any]]:
    """Give the example of a successful answer, for FastAPI's `responses=`."""
    return {200: {"content": {media_type: {"example": value}}}}


def install(app: FastAPI) -> None:
    """Let the app make its document here; it is made once."""

    # Replacing the method is FastAPI's own way to extend the document.
    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _made(app)
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]


def _made(app: FastAPI) -> dict[str, Any]:
    made = get_openapi(
        title=app.title,
        version=app.version,
        description=DESCRIPTION,
        routes=app.routes,
        servers=app.servers,
    )
    components = made.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    _, written = models_json_schema(
        [(model, "serialization") for model in HAND_WRITTEN],
        ref_template="#/components/schemas/{model}",
    )
    schemas.update(written["$defs"])
    components["securitySchemes"] = {
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "The token that `bannergrid serve` printed.",
        }
    }
    for path, operations in made["paths"].items():
        if path.startswith("/v1"):
            for operation in operations.values():
                operation["security"] = [{"token": []}]
                for parameter in operation["parameters"]:
                    # It has to be there, and what is said where it is not is 428, not 422.
                    parameter["required"] |= parameter["name"] == "If-Match"
    return made
