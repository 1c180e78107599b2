"""Problem details (RFC 9457): every answer that is not what was asked for has this one shape."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from starlette.requests import HTTPConnection
from starlette.responses import Response

from api.http.problem_schema import Fault, Problem
from api.http.refusals import INTERNAL, OTHER, TITLES
from api.sentences import Sentence
from geo.errors import BannerGridError, Language

MEDIA_TYPE = "application/problem+json"
MAX_ECHO_CHARS = 100


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, before a language is chosen."""

    parameter: str
    message: Sentence
    value: str | None
    code: str


def echo(value: object) -> str:
    """Give a value as it may be repeated to its sender: short, on one line, nothing invisible."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in str(value)[:MAX_ECHO_CHARS])
    return shown if len(str(value)) <= MAX_ECHO_CHARS else shown + "…"


def language_of(request: HTTPConnection) -> Language:
    """Choose the language: `?language=`, else Accept-Language, else the site's setting.

    Of the languages in Accept-Language the one with the highest weight wins, the first of equals;
    what the service does not speak is passed over.
    """
    named = request.query_params.get("language")
    if named in ("zh", "en"):
        return "zh" if named == "zh" else "en"
    fallback: Language = request.app.state.settings.language
    return spoken_language(request.headers.get("accept-language", ""), fallback)


@lru_cache(maxsize=64)
def spoken_language(header: str, fallback: Language) -> Language:
    """Choose by an Accept-Language header; `fallback` where it names no language of ours."""
    weighed: list[tuple[float, Language]] = []
    for part in header.split(","):
        tag, _, weight = part.partition(";")
        spoken = tag.strip().lower().partition("-")[0]
        if spoken in ("zh", "en"):
            weighed.append((_weight(weight), "zh" if spoken == "zh" else "en"))
    wanted = [entry for entry in weighed if entry[0] > 0]
    return max(wanted, key=lambda entry: entry[0])[1] if wanted else fallback


def _weight(text: str) -> float:
    name, _, value = text.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def respond(
    request: HTTPConnection,
    *,
    status: int,
    code: str,
    detail: Sentence,
    findings: Sequence[Finding] = (),
    headers: Mapping[str, str] | None = None,
    successors: Sequence[str] | None = None,
) -> Response:
    """Make the answer that tells a caller what is wrong, in the caller's language.

    Parameters
    ----------
    request : HTTPConnection
        Its language is chosen by `language_of`; its id was set by `api.http.logs.RequestLog`.
    status : int
        HTTP status.
    code : str
        For machines, for example ``month.invalid``.
    detail : Sentence
        What was wrong, with which value, and what to do.
    findings : sequence of Finding
        Each thing that is wrong, where there are several or a parameter can be named.
    headers : mapping, optional
        Further headers, for example ``WWW-Authenticate``.
    successors : sequence of str, optional
        See `Problem`.

    Returns
    -------
    Response
        ``application/problem+json``, never stored by a cache.
    """
    language = language_of(request)
    request_id: str = request.state.request_id
    title = TITLES.get(status, OTHER.filled(status=status))
    problem = Problem(
        type=f"urn:bannergrid:problem:{code}",
        title=title.text(language),
        status=status,
        detail=detail.text(language),
        code=code,
        instance=f"urn:uuid:{request_id}",
        request_id=request_id,
        errors=[
            Fault(
                parameter=each.parameter,
                message=each.message.text(language),
                value=each.value,
                code=each.code,
            )
            for each in findings
        ]
        or None,
        successors=None if successors is None else list(successors),
    )
    # Of each fault `value` is null where nothing was given.
    left_out = {name for name in ("errors", "successors") if getattr(problem, name) is None}
    return Response(
        problem.model_dump_json(exclude=left_out),
        status_code=status,
        media_type=MEDIA_TYPE,
        headers={
            "Cache-Control": "no-store",
            "Content-Language": language,
            "Vary": "Accept-Language",
            **(headers or {}),
        },
    )


def internal(request: HTTPConnection) -> Response:
    """Answer an error that nobody foresaw: generic, with the id under which it is logged."""
    return respond(
        request,
        status=500,
        code="internal",
        detail=INTERNAL.filled(request_id=request.state.request_id),
    )


def sentence_of(error: BannerGridError) -> Sentence:
    """Give both languages of an error of the domain."""
    return Sentence(error.message("zh"), error.message("en"))
