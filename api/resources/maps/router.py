"""Finished map pages, drawn by `layers`."""

from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic_core import to_json

from api.http import conditional
from api.http.deps import Cache, CallerLanguage, ReadSession, SiteSettings
from api.http.errors import ParameterError
from api.http.openapi import problem_responses
from api.http.security import MAP_POLICY
from api.parameters.days import Month
from api.parameters.figures import MeasureName
from api.parameters.maps import (
    BandwidthM,
    GridsFormName,
    HeatFormName,
    HeatMonths,
    HeatOf,
    HeatShown,
    TownCode,
)
from api.parameters.places import MapLevel
from api.products import forms, heat_pictures, pictures
from api.resources.maps.schemas import HEAT
from layers.heat import BANDWIDTH_M

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
    settings: SiteSettings,
    language: CallerLanguage,
    month: Month = None,
    level: MapLevel = None,
) -> Response:
    """Draw the share of households reached, both levels; `level` is the one shown first."""
    page = pictures.coverage_page(
        session, settings=settings, month=month, level=level or 2, language=language
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
    month: Month = None,
) -> Response:
    """Draw visits by square cell; cells with few households are left out."""
    page = pictures.visit_page(session, settings=settings, month=month, language=language)
    return _answer(request, page)


class NotInFormError(ParameterError):
    """A parameter says nothing in the form that is asked for."""

    code = "map.parameter"
    zh = "format={form} 时不用参数 {parameter}，请去掉它或换一种 format。"
    en = (
        "With format={form} the parameter {parameter} says nothing; leave it out, or change format."
    )


@router.get(
    "/heat",
    operation_id="heat_map",
    summary="Where visits, gaps or incidents lie close together, or many for the households there",
    response_class=Response,
    responses={
        **forms.described(HEAT, "html", "png", "pdf", "tif"),
        **problem_responses(401, 404, 422, 500, 503),
    },
)
def heat_map(  # noqa: PLR0913 - one for each parameter
    *,
    request: Request,
    session: ReadSession,
    settings: SiteSettings,
    cache: Cache,
    language: CallerLanguage,
    of: HeatOf = None,
    form: HeatShown = None,
    month: Month = None,
    months: HeatMonths = None,
    town: TownCode = None,
    bandwidth_m: BandwidthM = None,
    form_name: HeatFormName = None,
) -> Response:
    """Draw a kernel density, and its ratio to households.

    Figures of grids are spread over squares by where people live, so that no household can be told
    from a picture or raster that cannot be told from the grids' figures. What an organisation has
    not handed in is not drawn as not visited.
    """
    wanted, quantity = form_name or "html", of or "gaps"
    _refuse(wanted, html={"months": months}, sheet={"form": form, "town": town})
    there = pictures.months_up_to(session, month, months or 1)
    name = f"heat-{quantity}-{there[-1]:%Y-%m}"
    chosen: dict[str, Any] = {
        "settings": settings,
        "quantity": quantity,
        "bandwidth_m": bandwidth_m or BANDWIDTH_M,
    }

    def draw() -> bytes:
        cells = heat_pictures.cells_of(session, there, settings)
        if wanted == "json":
            return to_json(heat_pictures.heat_layers(session, cells, **chosen))
        if wanted == "html":
            return heat_pictures.heat_page(session, cells, language=language, **chosen).encode()
        drawn: dict[str, Any] = {
            **chosen,
            "language": language,
            "form": form or "density",
            "town": town,
        }
        if wanted == "tif":
            return heat_pictures.heat_geotiff(session, cells, **drawn)
        return heat_pictures.heat_picture(session, cells, kind=wanted, **drawn)

    key = ("heat", wanted, quantity, form, *there, town, bandwidth_m, language)
    made = cache.get(session, key, lambda: forms.cached_body(draw(), wanted, name=name))
    return made.respond(request)


@router.get(
    "/grids",
    operation_id="grids_map",
    summary="A measure of a month by grid, as a page or on one sheet",
    response_class=Response,
    responses={
        **forms.described(None, "html", "png", "pdf"),
        **problem_responses(401, 404, 422, 500, 503),
    },
)
def grids_map(  # noqa: PLR0913 - one for each parameter
    *,
    request: Request,
    session: ReadSession,
    settings: SiteSettings,
    cache: Cache,
    language: CallerLanguage,
    measure: MeasureName = None,
    month: Month = None,
    level: MapLevel = None,
    form_name: GridsFormName = None,
) -> Response:
    """Fill grids by class; breaks are frozen for the year, what is uncertain is hatched.

    The page is the one-file report of this measure and month, and carries all that it needs. What
    is too small to be published and what nothing is known of look different from each other.
    """
    wanted, named = form_name or "html", measure or "coverage"
    (shown,) = pictures.months_up_to(session, month, 1)
    drawn: dict[str, Any] = {
        "settings": settings,
        "language": language,
        "measure": named,
        "level": level or 2,
    }

    def draw() -> bytes:
        if wanted == "html":
            return pictures.grids_page(session, month=shown, **drawn).encode()
        return pictures.grids_picture(session, month=shown, kind=wanted, **drawn)

    key = ("grids", wanted, named, shown, level, language)
    name = f"{named}-{shown:%Y-%m}"
    made = cache.get(session, key, lambda: forms.cached_body(draw(), wanted, name=name))
    return made.respond(request)


def _refuse(form: str, *, html: dict[str, object], sheet: dict[str, object]) -> None:
    """Refuse what the form that is asked for does not heed, lest the answer look as if it did."""
    strange = ({} if form == "html" else html) | (sheet if form in ("html", "json") else {})
    for name, value in strange.items():
        if value is not None:
            raise NotInFormError(name, form=form, got=value)


def _answer(request: Request, page: str) -> Response:
    return conditional.respond(
        request,
        page.encode(),
        media_type=HTML,
        headers={"Content-Security-Policy": MAP_POLICY},
    )
