"""Finished map pages, drawn by `layers`."""

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api import conditional, pages
from api.deps import CallerLanguage, ReadSession, SiteSettings
from api.openapi import problem_responses
from api.parameters import MapLevel, Month
from api.security import MAP_POLICY

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
    month: Month = None,
    level: MapLevel = None,
) -> Response:
    """Draw the share of households reached, both levels; `level` is the one shown first."""
    page = pages.coverage_page(session, month=month, level=level or 2, language=language)
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
    month: Month = None,
) -> Response:
    """Draw visits by square cell; cells with few households are left out."""
    page = pages.visit_page(session, settings=settings, month=month, language=language)
    return _answer(request, page)


def _answer(request: Request, page: str) -> Response:
    return conditional.answer(
        request,
        page.encode(),
        media_type=HTML,
        headers={"Content-Security-Policy": MAP_POLICY},
    )
