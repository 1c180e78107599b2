"""What lies at a point: the other way round."""

import math
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response

from api.http.deps import NamedTerritory, ReadSession, SiteSettings
from api.http.openapi import example, problem_responses
from api.parameters.places import Position
from api.resources.geocode.schemas import (
    REVERSED,
    NearBuilding,
    NearCompound,
    NearHousehold,
    Reversed,
)
from api.resources.locate.schemas import Place
from geo.codes import community_of, town_of
from geo.crs import points
from geo.geocoding import repository

router = APIRouter(prefix="/v1", tags=["geocoding"])

DECIMETRE = 1  # digits behind the point of a distance


@router.get(
    "/reverse",
    operation_id="reverse",
    summary="The nearest household, building and compound, and the grid",
    responses={**example(REVERSED), **problem_responses(401, 404, 422, 500, 503)},
)
def reverse(
    response: Response,
    session: ReadSession,
    settings: SiteSettings,
    position: Annotated[Position, Depends()],
    named: NamedTerritory,
) -> Reversed:
    """Give what is nearest to a point within the site's limit, and the grid that holds it."""
    response.headers["Cache-Control"] = "no-store"
    point = points(
        longitude=[position.longitude], latitude=[position.latitude], datum=position.datum
    )
    limit_m = settings.nearest_limit_m
    lies = named.territory.index.locate(point, limit_m=limit_m).iloc[0]
    # A point on the other side of the globe is in no projection of ours, and near nothing.
    near = (
        {}
        if math.isnan(lies["distance_m"])
        else repository.nearest(
            session,
            longitude=point[0].x,
            latitude=point[0].y,
            day=named.day,
            limit_m=settings.reverse_limit_m,
        )
    )
    return Reversed(
        **_territory(lies["grid_code"], named.territory.names),
        match=lies["match"] or "outside",
        **_near(near),
        edition=named.territory.edition.id,
        at=named.day.isoformat(),
        longitude=round(point[0].x, 7),
        latitude=round(point[0].y, 7),
    )


def _territory(code: str | None, names: Any) -> dict[str, Any]:
    if code is None:
        return dict.fromkeys(("grid", "community", "town"))
    row = names.loc[code]
    return {
        "grid": Place(code=code, name=row["name"]),
        "community": Place(code=community_of(code), name=row["community"]),
        "town": Place(code=town_of(code), name=row["town"]),
    }


def _near(found: dict[str, dict[str, Any]]) -> dict[str, Any]:
    near: dict[str, Any] = dict.fromkeys(("compound", "building", "household"))
    for kind, row in found.items():
        common = {"distance_m": round(row["distance_m"], DECIMETRE)}
        within = {"compound_code": row["compound"], "compound": row["compound_name"]}
        if kind == "compound":
            near[kind] = NearCompound(code=row["external_id"], name=row["name"], **common)
        elif kind == "building":
            near[kind] = NearBuilding(code=row["external_id"], name=row["name"], **within, **common)
        else:
            near[kind] = NearHousehold(
                household_id=row["external_id"],
                building=row["building_name"],
                unit=row["unit"],
                room=row["room"],
                **within,
                **common,
            )
    return near
