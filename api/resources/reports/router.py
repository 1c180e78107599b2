"""Reports, map books and tables, made by processes of their own: asked for, fetched, stopped."""

from datetime import datetime
from typing import Annotated, Any, cast
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Body, Request, Response
from fastapi.responses import FileResponse
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.auth.principal import principal_of
from api.http import conditional
from api.http.deps import CallerLanguage, ReadSession
from api.http.errors import ParameterError
from api.http.openapi import example, problem_responses
from api.http.security import MAP_POLICY
from api.http.strict_bodies import BodyRoute
from api.parameters.reports import ReportId
from api.products import pictures
from api.products.report_requests import FORMS, MEDIA_TYPES, MONTHS, ReportRequest
from api.resources.reports import schemas as shapes
from api.workers.reports import DOING, HOUR_S, Job, Reports
from geo.calendar import SITE_TIMEZONE, today
from geo.coverage.stamp import stamp
from geo.errors import Language
from geo.settings import Settings
from geo.territory import repository as territory

router = APIRouter(prefix="/v1/reports", tags=["reports"], route_class=BodyRoute)

PROBLEMS = problem_responses(401, 404, 422, 500, 503)
NO_STORE = {"Cache-Control": "no-store"}
_EXAMPLES = {"html": "<!DOCTYPE html><html>…</html>", "pdf": "%PDF-1.4…", "zip": "PK…"}


class FormError(ParameterError):
    """Such a report is not made in this form."""

    code = "report.form"
    zh = "{kind} 没有 {got} 格式，可选：{known}。"
    en = "There is no {kind} as {got}; there is: {known}."


class BookMonthsError(ParameterError):
    """A map book is of one month."""

    code = "report.months"
    zh = "地图册只有一个月，收到 months={got}。请去掉 months，或改用 report。"
    en = "A map book is of one month, not of {got}. Leave months out, or take a report."


class PaperError(ParameterError):
    """Only a map book is laid out for paper."""

    code = "report.paper"
    zh = "只有地图册（book）有纸张，{kind} 没有。请去掉 paper。"
    en = "Only a book has a paper, a {kind} has none; leave it out."


@router.post(
    "",
    operation_id="make_report",
    summary="Have a report, a map book or a table of figures made",
    response_model=shapes.Report,
    status_code=202,
    responses={
        200: {
            "model": shapes.Report,
            "description": "The same is made already, or done, and nothing has changed since.",
            **example(shapes.REPORT)[200],
        },
        202: {
            "description": "Taken; Location says where to look how far it is.",
            **example(shapes.STARTED)[200],
        },
        **problem_responses(400, 401, 404, 413, 422, 500, 503),
    },
)
async def make_report(
    request: Request,
    session: ReadSession,
    language: CallerLanguage,
    wanted: Annotated[shapes.ReportWish, Body(examples=[shapes.REQUEST])],
) -> Response:
    """Start a process that makes a file, and say where to look how far it is.

    It is what the commands `report`, `book` and `render figures` write. What cannot be made is
    refused at once. The same wish for the same data is answered with what is there.
    """
    complete, mark = await run_in_threadpool(_complete, session, wanted, language)
    reports = cast("Reports", request.app.state.reports)
    job, is_new = reports.submit(complete, mark, principal_of(request))
    return _answer(request, job, language, status=202 if is_new else 200)


@router.get(
    "",
    operation_id="reports",
    summary="The reports that are made or kept",
    response_model=shapes.Reports,
    responses={**example(shapes.REPORTS), **PROBLEMS},
)
async def reports(request: Request, language: CallerLanguage) -> Response:
    """List them, those asked for last first."""
    there = cast("Reports", request.app.state.reports)
    settings = cast("Settings", request.app.state.settings)
    listed = [_shape(job, language, settings) for job in there.jobs(principal_of(request))]
    body = shapes.Reports(reports=listed).model_dump_json().encode()
    return conditional.respond(request, body, media_type="application/json")


@router.get(
    "/{id}",
    operation_id="report",
    summary="How far a report is",
    response_model=shapes.Report,
    responses={**example(shapes.REPORT), **PROBLEMS},
)
async def report(request: Request, language: CallerLanguage, id: ReportId) -> Response:  # noqa: A002
    """Say what is being done, how many steps are done, and where the file is when it is there."""
    job = cast("Reports", request.app.state.reports).get(id, principal_of(request))
    return _answer(request, job, language)


@router.get(
    "/{id}/file",
    operation_id="report_file",
    summary="The file of a report",
    response_class=Response,
    responses={
        200: {
            "description": "The whole file; a range of it (206) where Range asks for one.",
            "content": {
                media.partition(";")[0]: {
                    "schema": {"type": "string", "format": "binary"},
                    "example": _EXAMPLES.get(ending, "…"),
                }
                for ending, media in MEDIA_TYPES.items()
            },
        },
        **PROBLEMS,
    },
)
async def report_file(request: Request, id: ReportId) -> Response:  # noqa: A002
    """Give the file, under a name to save it by."""
    job = cast("Reports", request.app.state.reports).finished(id, principal_of(request))
    headers = {
        "ETag": conditional.tag_of(request, job.sha256),
        # What stands under an id never changes, and goes when it is kept no longer.
        "Cache-Control": "private, no-cache",
        "Content-Security-Policy": MAP_POLICY,
    }
    if conditional.has_tag(request, headers["ETag"]):
        return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = job.request.disposition()
    return FileResponse(job.path, media_type=job.request.media_type, headers=headers)


@router.delete(
    "/{id}",
    operation_id="stop_report",
    summary="Stop a report, and forget it with its file",
    response_model=shapes.Report,
    responses={**example(shapes.STOPPED), **PROBLEMS},
)
async def stop_report(request: Request, language: CallerLanguage, id: ReportId) -> Response:  # noqa: A002
    """End its process, remove its file; gives it as it was left."""
    job = await cast("Reports", request.app.state.reports).stop(id, principal_of(request))
    return _answer(request, job, language)


def _complete(
    session: Session, wanted: shapes.ReportWish, language: Language
) -> tuple[ReportRequest, str]:
    """Decide what was left open, and refuse what cannot be made."""
    kind = wanted.kind
    form = wanted.format or FORMS[kind][0]
    if form not in FORMS[kind]:
        raise FormError("format", kind=kind, got=form, known=", ".join(FORMS[kind]))
    if wanted.paper is not None and kind != "book":
        raise PaperError("paper", kind=kind, got=wanted.paper)
    if wanted.months not in (None, 1) and kind == "book":
        raise BookMonthsError("months", got=wanted.months)
    months = pictures.months_up_to(session, wanted.month, wanted.months or MONTHS[kind])
    known = territory.edition(session, wanted.edition)
    complete = ReportRequest(
        kind=kind,
        month=months[-1],
        months=len(months),
        language=wanted.language or language,
        paper=(wanted.paper or "A4") if kind == "book" else None,
        form=form,
        edition=known.id,
    )
    # A month that is not over is told up to today.
    return complete, f"{today()}-{stamp(session)}"


def _answer(request: Request, job: Job, language: Language, *, status: int = 200) -> Response:
    settings = cast("Settings", request.app.state.settings)
    body = _shape(job, language, settings).model_dump_json()
    headers = {**NO_STORE, "Content-Language": language}
    if request.method == "POST":
        headers["Location"] = f"{request.url.path}/{job.id}"
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def _shape(job: Job, language: Language, settings: Settings) -> shapes.Report:
    made_of = job.request
    kept_s = settings.report_kept_hours * HOUR_S
    ended = job.ended_at if job.state != "stopped" else None
    problem: dict[str, Any] | None = None
    if job.problem is not None:
        problem = {"code": job.problem_code, "detail": job.problem.text(language)}
    return shapes.Report.model_validate(
        {
            "id": job.id,
            "kind": made_of.kind,
            "month": f"{made_of.month:%Y-%m}",
            "months": made_of.months,
            "language": made_of.language,
            "paper": made_of.paper,
            "format": made_of.form,
            "edition": made_of.edition,
            "state": job.state,
            "done": job.done,
            "of": job.of,
            "doing": DOING[job.doing].text(language),
            "problem": problem,
            "file": f"/v1/reports/{job.id}/file" if job.is_done else None,
            "name": made_of.file_name(),
            "size": job.size if job.is_done else None,
            "asked_at": _moment(job.asked_at),
            "ended_at": None if job.ended_at is None else _moment(job.ended_at),
            "kept_until": None if ended is None else _moment(ended + kept_s),
        }
    )


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds), ZoneInfo(SITE_TIMEZONE))
