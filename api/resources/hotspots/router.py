"""Where neighbouring grids together differ from the banner by more than chance."""

from fastapi import APIRouter, Request, Response
from pydantic_core import to_json

from api.http.deps import Cache, CallerLanguage, ReadSession, SiteSettings
from api.http.openapi import problem_responses
from api.parameters.days import Month
from api.parameters.figures import PICTURED_FORMS, PicturedForm, SpotsOf
from api.parameters.places import MapLevel
from api.products import figures, forms, place_pictures
from api.resources.hotspots.schemas import HOTSPOTS, Hotspots, Spot
from geo.coverage.repository import newest_month
from geo.coverage.spots import spots

router = APIRouter(prefix="/v1", tags=["coverage"])

COLUMNS = list(Spot.model_fields)


@router.get(
    "/hotspots",
    operation_id="hotspots",
    summary="Hot and cold spots of a month",
    response_model=Hotspots,
    responses={
        **forms.described(HOTSPOTS, *PICTURED_FORMS),
        **problem_responses(401, 404, 422, 500, 503),
    },
)
def hotspots(  # noqa: PLR0913 - one for each parameter
    *,
    request: Request,
    session: ReadSession,
    settings: SiteSettings,
    cache: Cache,
    language: CallerLanguage,
    month: Month = None,
    of: SpotsOf = None,
    level: MapLevel = None,
    form: PicturedForm = None,
) -> Response:
    """Give for every grid whether it and its neighbours are unusually high or low together.

    Getis and Ord's Gi*, two-sided p by permutation, with a false discovery rate of 5 %. Incidents
    are held against households, so that a spot is more than a place where many live.
    """
    month, of, level = month or newest_month(session), of or "coverage", level or 2
    form = form or "json"

    def make() -> bytes:
        found = spots(
            session,
            month=month,
            of=of,
            level=level,
            settings=settings,
            hidden=cache.hidden(session),
        )
        if form in ("png", "html"):
            draw = place_pictures.spots_page if form == "html" else place_pictures.spots_picture
            return draw(
                session,
                found,
                of=of,
                month=month,
                level=level,
                settings=settings,
                language=language,
            )
        if form != "json":
            placed = found.assign(level=level, month=month)
            return figures.file(session, placed, form, language=language, names=COLUMNS)
        answer = {
            "month": f"{month:%Y-%m}",
            "of": of,
            "level": level,
            **figures.provenance(session),
            "figures": figures.rows(found, COLUMNS),
        }
        return to_json(answer)

    key = ("hotspots", form, month, of, level, language)
    name = f"hotspots-{of}-{month:%Y-%m}-level{level}"
    return cache.get(session, key, lambda: forms.cached_body(make(), form, name=name)).respond(
        request
    )
