"""From an error to an answer: the only place where the domain's families meet HTTP statuses."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from api.http import problems, refusals
from api.http.fields import fields_at, nearest
from api.http.problems import Finding, echo
from api.parameters.common import LANGUAGE
from api.parameters.definition import BODY, Usage, field_usage, usages
from api.parameters.parsers import looks_swapped
from api.sentences import Sentence
from geo.db import failures
from geo.errors import (
    BannerGridError,
    ConflictError,
    DiskFullError,
    GoneError,
    InputError,
    NotFoundError,
    StaleError,
    UnavailableError,
    UnseenError,
)

_log = logging.getLogger(__name__)
# Of a list with a fault in every place the first so many are named.
MOST_FINDINGS = 20

# The first family that an error is of counts.
STATUS: dict[type[BannerGridError], int] = {
    DiskFullError: 507,
    InputError: 422,
    GoneError: 410,
    NotFoundError: 404,
    StaleError: 412,
    ConflictError: 409,
    UnseenError: 428,
    UnavailableError: 503,
}
# Parameters of all operations, which the application adds and no route knows of.
EVERYWHERE = {"language": LANGUAGE}
# The parameter that an error of the domain is about, by the error's code.
PARAMETER_OF: dict[str, str] = {
    "category.unknown": "category",
    "heat.bandwidth": "bandwidth_m",
    "heat.town": "town",
    "incident.changed": "If-Match",
    "incident.key_taken": "Idempotency-Key",
    "incident.move": "state",
    "incident.number": "external_id",
    "incident.reported_at": "reported_at",
    "incident.solved_at_level": "solved_at_level",
    "incident.there": "external_id",
    "incident.version_missing": "If-Match",
}


class NotReadyError(UnavailableError):
    """Parts of the service are missing; `findings` names each with the command that mends it."""

    code = "service.not_ready"
    zh = "服务尚未就绪：{problem_zh}"
    en = "The service is not ready: {problem}"

    def __init__(self, findings: list[Finding]) -> None:
        self.findings = findings
        super().__init__(
            problem_zh="".join(each.message.zh for each in findings),
            problem=" ".join(each.message.en for each in findings),
        )


class ParameterError(InputError):
    """A parameter that is written as it should be, and cannot be used all the same.

    Parameters
    ----------
    parameter : str
        Its name.
    **values
        What fills the sentence's placeholders; `got` is repeated as the value.
    """

    def __init__(self, parameter: str, **values: Any) -> None:
        self.parameter = parameter
        super().__init__(parameter=parameter, **values)


def status_of(error: BannerGridError) -> int:
    """Give the HTTP status of an error's family; 500 for one of no family."""
    return next((status for family, status in STATUS.items() if isinstance(error, family)), 500)


def register(app: FastAPI) -> None:
    """Answer every kind of error as problem details."""
    app.add_exception_handler(BannerGridError, _domain)
    for foreign in (DBAPIError, PoolTimeoutError, OSError):
        app.add_exception_handler(foreign, _foreign)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


def _foreign(request: Request, error: Exception) -> Response:
    """Answer an error of the driver's or the system's that has a meaning; others go on."""
    meant = failures.explain(error, _engine(request))
    if meant is None:
        raise error
    return _domain(request, meant)


def _domain(request: Request, error: Exception) -> Response:
    error = cast("BannerGridError", error)
    if isinstance(error, failures.DatabaseAwayError):
        error = failures.explain(error, _engine(request)) or error
    if isinstance(error, DiskFullError):
        _log.error("a disk is full: %s", error.values["where"])
        if error.values["where_zh"] != failures.of_database().values["where_zh"]:
            # Where the service keeps its files is nothing for callers.
            error = DiskFullError(where="a file of the service", where_zh="服务的文件")
    status = status_of(error)
    if status == 500:  # noqa: PLR2004 - a domain error without a family is a defect of ours
        raise error
    return problems.respond(
        request,
        status=status,
        code=error.code,
        detail=problems.sentence_of(error),
        findings=_findings(error),
        headers={"Retry-After": "5"} if isinstance(error, UnavailableError) else None,
        successors=error.values.get("successors"),
    )


def _engine(request: Request) -> Engine | None:
    return getattr(request.app.state, "engine", None)


def _findings(error: BannerGridError) -> Sequence[Finding]:
    if isinstance(error, NotReadyError):
        return error.findings
    parameter = PARAMETER_OF.get(error.code)
    if isinstance(error, ParameterError):
        parameter = error.parameter
    if parameter is None:
        return ()
    got = error.values.get("got")
    value = None if got is None else echo(got)
    return [Finding(parameter, problems.sentence_of(error), value, error.code)]


def _validation(request: Request, error: Exception) -> Response:
    errors = cast("RequestValidationError", error).errors()[:MOST_FINDINGS]
    findings = [
        _unknown_field(request, each)
        if each["type"] == "extra_forbidden"
        else _finding(each, request.scope["route"])
        for each in errors
    ]
    if looks_swapped(request.query_params):
        # One mistake, not two: say the likely cause once instead of two ranges.
        findings = [each for each in findings if each.parameter not in ("longitude", "latitude")]
        findings.insert(0, _swapped(request.query_params))
    return problems.respond(
        request,
        status=422,
        code=findings[0].code if len(findings) == 1 else "request.invalid",
        detail=Sentence(
            "".join(each.message.zh for each in findings),
            " ".join(each.message.en for each in findings),
        ),
        findings=findings,
    )


def _finding(error: Mapping[str, Any], route: APIRoute) -> Finding:
    place, *path = error["loc"]
    code = str(error["type"])
    value = None if code == "missing" else echo(error.get("input"))
    if place == "body":
        parameter, usage = field_usage(route, path)
    else:
        parameter = echo(path[-1])
        usage = (EVERYWHERE | usages(route)).get(parameter, BODY)
    if code == "parameter.unknown":
        sentence = _unknown(refusals.UNKNOWN, parameter, error["ctx"]["known"])
    elif code == "parameter.repeated":
        sentence = refusals.REPEATED.filled(parameter=parameter)
    elif code == "parameter.control":
        sentence = refusals.CONTROL.filled(parameter=parameter)
    elif code == "missing":
        sentence, code = _explain(refusals.MISSING, usage, parameter), "parameter.missing"
    else:
        sentence, code = _explain(refusals.REFUSED, usage, parameter, value), usage.code
    return Finding(parameter=parameter, message=sentence, value=value, code=code)


def _unknown_field(request: Request, error: Mapping[str, Any]) -> Finding:
    """Name a field that a body has not, those it has, and which of them was probably meant."""
    document, route = request.app.openapi(), request.scope["route"]
    operation = document["paths"][route.path_format][request.method.lower()]
    body = operation["requestBody"]["content"]["application/json"]["schema"]
    *place, name = error["loc"][1:]
    parameter = echo(name)
    sentence = _unknown(refusals.UNKNOWN_FIELD, parameter, fields_at(document, body, place))
    return Finding(parameter, sentence, echo(error.get("input")), "body.field")


def _unknown(template: Sentence, name: str, known: Sequence[str]) -> Sentence:
    said = template.filled(parameter=name, known=", ".join(known))
    meant = nearest(name, known)
    if meant is None:
        return said
    hint = refusals.MEANT.filled(meant=meant)
    return Sentence(said.zh + hint.zh, f"{said.en} {hint.en}")


def _explain(
    template: Sentence, usage: Usage, parameter: str, value: str | None = None
) -> Sentence:
    given = {"parameter": parameter, "value": value}
    return Sentence(
        template.zh.format(**given, what=usage.zh), template.en.format(**given, what=usage.en)
    )


def _swapped(given: Mapping[str, str]) -> Finding:
    latitude, longitude = echo(given["latitude"]), echo(given["longitude"])
    return Finding(
        parameter="latitude",
        message=refusals.SWAPPED.filled(latitude=latitude, longitude=longitude),
        value=latitude,
        code="position.swapped",
    )


def _http(request: Request, error: Exception) -> Response:
    error = cast("HTTPException", error)
    headers = dict(error.headers or {})
    match error.status_code:
        case 404:
            code, detail = "route.not_found", refusals.NO_ROUTE
        case 405:
            headers["Allow"] = allowed = _allowed(request) or headers.get("Allow", "GET")
            code = "method.not_allowed"
            detail = refusals.NO_METHOD.filled(method=echo(request.method), allowed=allowed)
        case 413:
            code, detail = "body.too_large", refusals.TOO_LARGE
        case 415:
            code, detail = "body.media_type", refusals.MEDIA_TYPE
        case 400:
            code, detail = "body.unreadable", refusals.UNREADABLE
        case status:
            code, detail = "request.failed", refusals.OTHER.filled(status=status)
    return problems.respond(
        request,
        status=error.status_code,
        code=code,
        detail=detail,
        headers=headers,
    )


def _allowed(request: Request) -> str:
    """List the methods of an address; the framework names those of its first route only."""
    for path, operations in request.app.openapi()["paths"].items():
        if compile_path(path)[0].match(request.scope["path"]):
            return ", ".join(method.upper() for method in operations)
    return ""
