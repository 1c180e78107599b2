"""Grids as GeoJSON."""

from typing import cast
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.http import conditional
from api.http.deps import NamedTerritory, ReadSession
from api.http.openapi import problem_responses
from api.parameters.common import Limit
from api.parameters.parsers import MAX_LIMIT, bbox_of
from api.parameters.places import After, Box, GridCode, Level
from api.resources.grids.features import GEOJSON, FeatureCache, Features
from api.resources.grids.schemas import COLLECTION, FEATURE
from geo.errors import GridNotFoundError
from geo.territory.live import Snapshot

router = APIRouter(prefix="/v1", tags=["territory"])


class GeoJson(JSONResponse):
    """Tells FastAPI that an operation answers in GeoJSON and nothing else."""

    media_type = GEOJSON


@router.get(
    "/grids",
    operation_id="grids",
    summary="Grids of a day as an edition knows them, by code",
    response_class=GeoJson,
    responses={
        200: {
            "description": "A page of grids.",
            "content": {
                GEOJSON: {"schema": {"$ref": "#/components/schemas/Grids"}, "example": COLLECTION}
            },
        },
        **problem_responses(401, 404, 422, 500, 503),
    },
)
def grids(
    request: Request,
    session: ReadSession,
    named: NamedTerritory,
    level: Level = None,
    bbox: Box = None,
    after: After = None,
    limit: Limit = MAX_LIMIT,
) -> Response:
    """Give a page of grids; `next` is the address of the following one."""
    features = _features(request, session, named.territory)

    def make() -> bytes:
        found = features.matching(level=level, bbox=bbox_of(bbox) if bbox else None)
        rest = features.after(found, after)
        page = rest[: limit or MAX_LIMIT]
        more = len(rest) > len(page)
        known = named.territory.edition
        members = {
            "numberMatched": len(found),
            "numberReturned": len(page),
            "next": _next(request, named.territory, features.code(page[-1])) if more else None,
            "edition": known.id,
            "synthetic": known.synthetic,
            "attribution": known.attribution,
            "measuring_crs": known.measuring_crs,
        }
        return features.collection(page, members)

    return features.page(request.url.query, make).respond(request)


@router.get(
    "/grids/{code}",
    operation_id="grid",
    summary="One grid of either level",
    response_class=GeoJson,
    responses={
        200: {
            "description": "The grid.",
            "content": {
                GEOJSON: {"schema": {"$ref": "#/components/schemas/Grid"}, "example": FEATURE}
            },
        },
        **problem_responses(401, 404, 422, 500, 503),
    },
)
def grid(request: Request, session: ReadSession, named: NamedTerritory, code: GridCode) -> Response:
    """Give one grid as it was on a day."""
    found = _features(request, session, named.territory).one(code)
    if found is None:
        raise GridNotFoundError(grid=code, at=named.day.isoformat())
    return conditional.respond(request, found, media_type=GEOJSON)


def _features(request: Request, session: Session, territory: Snapshot) -> Features:
    cache = cast("FeatureCache", request.app.state.features)
    return cache.get(session, territory)


def _next(request: Request, territory: Snapshot, last_code: str) -> str:
    # The pages that follow are of this territory, whatever is published between two of them.
    same = {"edition": territory.edition.id, "at": territory.valid_from.isoformat()}
    kept = {name: value for name, value in request.query_params.items() if name != "after"}
    return f"{request.url.path}?{urlencode({**same, **kept, 'after': last_code})}"
