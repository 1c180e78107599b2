"""Which grid holds this point."""

import math
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.http.deps import CallerLanguage, NamedTerritory, SiteSettings
from api.http.openapi import example, problem_responses
from api.parameters.places import Position
from api.resources.locate.schemas import LOCATION, Location, Place
from api.sentences import Sentence
from geo.codes import community_of, town_of
from geo.crs import points

router = APIRouter(prefix="/v1", tags=["territory"])

SENTENCES: dict[str, Sentence] = {
    "inside": Sentence(
        "该点位于{town}{community}{grid}（{code}）。",
        "The point lies in {grid} ({code}), {community}, {town}.",
    ),
    "nearest": Sentence(
        "该点不在任何网格内，归入最近的{town}{community}{grid}（{code}），"
        "相距 {distance_m:.0f} 米。",
        "The point lies in no grid; it is given to the nearest, {grid} ({code}), {community}, "
        "{town}, {distance_m:.0f} m away.",
    ),
    "outside": Sentence(
        "该点不在任何网格内，{limit_m:.0f} 米内也没有网格。",
        "The point lies in no grid, and there is none within {limit_m:.0f} m.",
    ),
}


@router.get(
    "/locate",
    operation_id="locate",
    summary="The one grid that holds a point",
    responses={**example(LOCATION), **problem_responses(401, 404, 422, 500, 503)},
)
def locate(
    response: Response,
    settings: SiteSettings,
    language: CallerLanguage,
    position: Annotated[Position, Depends()],
    named: NamedTerritory,
) -> Location:
    """Give the grid of a point on a day; a point on a border belongs to the code that sorts first.

    Off the territory it is given to the nearest grid within the site's limit, and said so.
    """
    # A position is nobody's business but the caller's.
    response.headers["Cache-Control"] = "no-store"
    point = points(
        longitude=[position.longitude], latitude=[position.latitude], datum=position.datum
    )
    limit_m = settings.nearest_limit_m
    found = named.territory.index.locate(point, limit_m=limit_m).iloc[0]
    distance_m = None if math.isnan(found["distance_m"]) else round(found["distance_m"], 3)
    common: dict[str, Any] = {
        "distance_m": distance_m,
        "edition": named.territory.edition.id,
        "at": named.day,
        "longitude": round(point[0].x, 7),
        "latitude": round(point[0].y, 7),
    }
    code = found["grid_code"]
    if code is None:
        sentence = SENTENCES["outside"].filled(limit_m=limit_m)
        return Location(match="outside", sentence=sentence.text(language), **common)
    places = _places(code, named.territory.names.loc[code])
    sentence = _sentence(found["match"], places, distance_m)
    common.update(places)
    return Location(match=found["match"], sentence=sentence.text(language), **common)


def _places(code: str, names: Any) -> dict[str, Place]:
    return {
        "grid": Place(code=code, name=names["name"]),
        "community": Place(code=community_of(code), name=names["community"]),
        "town": Place(code=town_of(code), name=names["town"]),
    }


def _sentence(match: str, places: dict[str, Place], distance_m: float | None) -> Sentence:
    # A town without a name yet is called by its code.
    called = {part: place.name or place.code for part, place in places.items()}
    code = places["grid"].code
    return SENTENCES[match].filled(**called, code=code, distance_m=distance_m)
