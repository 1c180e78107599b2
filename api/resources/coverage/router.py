"""Months and their figures: places, never people."""

from typing import Any

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api.http import conditional
from api.http.deps import Cache, CallerLanguage, ReadSession, SiteSettings
from api.http.openapi import example, problem_responses
from api.parameters.days import Month
from api.parameters.figures import (
    COVERAGE_FORMS,
    CoverageForm,
    Fields,
    MeasureName,
    names_of,
)
from api.parameters.places import MapLevel, WithinPlace
from api.products import figures, forms, pictures
from api.resources.coverage.schemas import COVERAGE, Coverage, Months
from geo.coverage import repository
from geo.coverage.figures import figures as read_figures
from geo.territory.repository import edition as find_edition

router = APIRouter(prefix="/v1", tags=["coverage"])


@router.get(
    "/months",
    operation_id="months",
    summary="The months that have data",
    response_model=Months,
    responses={
        **example({"months": ["2026-09", "2026-10"], "synthetic": True, "edition": 1}),
        **problem_responses(401, 404, 422, 500, 503),
    },
)
def months(request: Request, session: ReadSession) -> Response:
    """List the months that have data, newest last, with the edition in force."""
    known = find_edition(session)
    listed = [f"{month:%Y-%m}" for month in repository.months(session)]
    answer = Months(months=listed, synthetic=known.synthetic, edition=known.id)
    return conditional.respond(
        request, answer.model_dump_json().encode(), media_type="application/json"
    )


@router.get(
    "/coverage",
    operation_id="coverage",
    summary="The figures of a month, by grid",
    response_model=Coverage,
    responses={
        **forms.described(COVERAGE, *COVERAGE_FORMS),
        **problem_responses(401, 404, 422, 500, 503),
    },
)
def coverage(  # noqa: PLR0913 - one for each parameter
    *,
    request: Request,
    session: ReadSession,
    settings: SiteSettings,
    cache: Cache,
    language: CallerLanguage,
    month: Month = None,
    level: MapLevel = None,
    code: WithinPlace = None,
    fields: Fields = None,
    form: CoverageForm = None,
    measure: MeasureName = None,
) -> Response:
    """Give the figures of a month by grid code, with those of the banner and its towns.

    Coverage is of the households of which anything is known: what an organisation has not handed
    in is `unknown`, never "not visited". Files hold the grids alone, each row with its marks; a
    map shows the whole banner, as /v1/maps/grids does.
    """
    month, level, form = month or repository.newest_month(session), level or 2, form or "json"
    name = f"figures-{month:%Y-%m}-level{level}"

    def write() -> bytes:
        hidden = cache.hidden(session)
        read = read_figures(session, month=month, settings=settings, hidden=hidden)
        wanted = read[(read["level"] == level) & read["code"].str.startswith(code or "")]
        names = names_of(fields)
        if form != "json":
            return figures.file(session, wanted, form, language=language, names=names)
        sums = figures.named_totals(session, read, settings)
        answer = {
            "month": f"{month:%Y-%m}",
            "level": level,
            **figures.provenance(session),
            **figures.basis(session, month),
            "figures": figures.rows(wanted, names),
            "totals": figures.rows(sums, names),
        }
        return to_json(answer)

    def draw() -> bytes:
        chosen: dict[str, Any] = {"measure": measure or "coverage", "month": month, "level": level}
        chosen |= {"settings": settings, "language": language}
        if form == "html":
            return pictures.grids_page(session, **chosen).encode()
        return pictures.grids_picture(session, **chosen, kind="png")

    key = ("coverage", form, month, level, code, fields, measure, language)
    make = draw if form in ("png", "html") else write
    return cache.get(session, key, lambda: forms.cached_body(make(), form, name=name)).respond(
        request
    )
