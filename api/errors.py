"""From an error to an answer: the only place where the domain's families meet HTTP statuses."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import compile_path

from api import coverage_messages, incident_messages, messages, picture_messages, problems
from api.messages import Sentence
from api.parsers import looks_swapped
from api.problems import Finding, echo
from geo.errors import (
    BannerGridError,
    ConflictError,
    GoneError,
    InputError,
    NotFoundError,
    StaleError,
    UnavailableError,
    UnseenError,
)

_PARAMETER_OF = {**incident_messages.PARAMETER_OF, **picture_messages.PARAMETER_OF}
_WANTED_OF = {
    **coverage_messages.WANTED_OF,
    **incident_messages.WANTED_OF,
    **picture_messages.WANTED_OF,
}
# Of a list with a fault in every place the first so many are named.
MOST_FINDINGS = 20

# The first family that an error is of counts.
STATUS: dict[type[BannerGridError], int] = {
    InputError: 422,
    GoneError: 410,
    NotFoundError: 404,
    StaleError: 412,
    ConflictError: 409,
    UnseenError: 428,
    UnavailableError: 503,
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
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)


def _domain(request: Request, error: Exception) -> Response:
    error = cast("BannerGridError", error)
    status = status_of(error)
    if status == 500:  # noqa: PLR2004 - a domain error without a family is a defect of ours
        raise error
    return problems.respond(
        request,
        status=status,
        code=error.code,
        detail=problems.sentence_of(error),
        findings=_findings(error),
        headers={"Retry-After": "5"} if status == STATUS[UnavailableError] else None,
    )


def _findings(error: BannerGridError) -> Sequence[Finding]:
    if isinstance(error, NotReadyError):
        return error.findings
    parameter = _PARAMETER_OF.get(error.code)
    if isinstance(error, ParameterError):
        parameter = error.parameter
    if parameter is None:
        return ()
    got = error.values.get("got")
    value = None if got is None else echo(got)
    return [Finding(parameter, problems.sentence_of(error), value, error.code)]


def _validation(request: Request, error: Exception) -> Response:
    errors = cast("RequestValidationError", error).errors()[:MOST_FINDINGS]
    operation = getattr(request.scope.get("route"), "operation_id", None)
    findings = [_finding(each, operation) for each in errors]
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


def _finding(error: Mapping[str, Any], operation: str | None) -> Finding:
    place, code = str(error["loc"][0]), str(error["type"])
    parameter = _named(place, error["loc"])
    value = None if code == "missing" else echo(error.get("input"))
    here = _WANTED_OF.get((operation, parameter))
    wanted = here or messages.WANTED.get(parameter)
    if code == "parameter.unknown":
        known = ", ".join(error["ctx"]["known"])
        sentence = messages.UNKNOWN.filled(parameter=parameter, known=known)
    elif code == "parameter.repeated":
        sentence = messages.REPEATED.filled(parameter=parameter)
    elif code == "parameter.control":
        sentence = messages.CONTROL.filled(parameter=parameter)
    elif wanted is None:
        # No parameter of ours; a test compares WANTED with the document, so this is not reached.
        sentence, code = messages.OTHER.filled(status=422), "request.invalid"
    elif code == "missing":
        sentence, code = _explained(messages.MISSING, wanted, parameter, value), "parameter.missing"
    else:
        sentence, code = _explained(messages.REFUSED, wanted, parameter, value), wanted.code
    return Finding(parameter=parameter, message=sentence, value=value, code=code)


def _named(place: str, loc: Sequence[object]) -> str:
    """Name what was wrong: a parameter, a field of the body, or the body as a whole."""
    if place != "body":
        return echo(loc[-1])
    # A union names the member that it tried; what stands there is no field of the caller's.
    fields = [str(part) for part in loc[1:] if str(part) in messages.WANTED]
    return fields[-1] if fields else "body"


def _explained(
    template: Sentence, wanted: messages.Wanted, parameter: str, value: str | None
) -> Sentence:
    given = {"parameter": parameter, "value": value}
    return Sentence(
        template.zh.format(**given, what=wanted.what.zh),
        template.en.format(**given, what=wanted.what.en),
    )


def _swapped(given: Mapping[str, str]) -> Finding:
    latitude, longitude = echo(given["latitude"]), echo(given["longitude"])
    return Finding(
        parameter="latitude",
        message=messages.SWAPPED.filled(latitude=latitude, longitude=longitude),
        value=latitude,
        code="position.swapped",
    )


def _http(request: Request, error: Exception) -> Response:
    error = cast("HTTPException", error)
    headers = dict(error.headers or {})
    match error.status_code:
        case 404:
            code, detail = "route.not_found", messages.NO_ROUTE
        case 405:
            headers["Allow"] = allowed = _allowed(request) or headers.get("Allow", "GET")
            code = "method.not_allowed"
            detail = messages.NO_METHOD.filled(method=echo(request.method), allowed=allowed)
        case 413:
            code, detail = "body.too_large", messages.TOO_LARGE
        case 415:
            code, detail = "body.media_type", messages.MEDIA_TYPE
        case 400:
            code, detail = "body.unreadable", messages.UNREADABLE
        case status:
            code, detail = "request.failed", messages.OTHER.filled(status=status)
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
