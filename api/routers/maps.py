"""Finished map pages, drawn by `layers`."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api import conditional
from api.deps import CallerLanguage, ReadSession, SiteSettings, Today
from api.openapi import problem_responses
from api.parameters import MapLevel, Month
from api.routers.coverage import newest_month
from api.security import MAP_POLICY
from geo.coverage import repository as coverage
from geo.territory import repository as territory
from layers.folium_maps import coverage_map
from layers.heatmaps import visit_map

router = APIRouter(prefix="/v1/maps", tags=["maps"])

HTML = "text/html; charset=utf-8"
_PAGE = {
    200: {
        "description": "A whole page; it asks no other host for anything.",
        "content": {
            "text/html": {"schema": {"type": "string"}, "example": "<!DOCTYPE html><html>…</html>"}
        },
    },
    **problem_responses(401, 404, 422, 500, 503),
}


@router.get(
    "/coverage",
    operation_id="coverage_map",
    summary="The coverage map of a month",
    response_class=HTMLResponse,
    responses=_PAGE,
)
def coverage_page(
    request: Request,
    session: ReadSession,
    language: CallerLanguage,
    today: Today,
    month: Month = None,
    level: MapLevel = None,
) -> Response:
    """Draw the share of households reached, both levels; `level` is the one shown first."""
    month = month or newest_month(session)
    edition = territory.edition(session)
    page = coverage_map(
        territory.grids(session, edition=edition.id),
        coverage.figures(session, month=month),
        month=month,
        level=level or 2,
        language=language,
        attribution=edition.attribution,
        synthetic=edition.synthetic,
        edition=edition.title,
        as_of=today,
    )
    return _answer(request, page)


@router.get(
    "/visits",
    operation_id="visit_map",
    summary="The visit heat map of a month",
    response_class=HTMLResponse,
    responses=_PAGE,
)
def visit_page(
    request: Request,
    session: ReadSession,
    settings: SiteSettings,
    language: CallerLanguage,
    today: Today,
    month: Month = None,
) -> Response:
    """Draw visits by square cell; cells with few households are left out."""
    month = month or newest_month(session)
    edition = territory.edition(session)
    # Raises where no visit has arrived for the month: an empty map would say "nobody went".
    coverage.figures(session, month=month, level=1)
    cells = coverage.cells(
        session,
        month=month,
        cell_m=settings.heat_cell_m,
        min_households=settings.min_households,
    )
    page = visit_map(
        cells,
        territory.grids(session, edition=edition.id),
        month=month,
        language=language,
        attribution=edition.attribution,
        synthetic=edition.synthetic,
        min_households=settings.min_households,
        edition=edition.title,
        as_of=today,
    )
    return _answer(request, page)


def _answer(request: Request, page: str) -> Response:
    return conditional.answer(
        request,
        page.encode(),
        media_type=HTML,
        headers={"Content-Security-Policy": MAP_POLICY},
    )
