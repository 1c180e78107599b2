"""Grids as GeoJSON."""

from typing import cast
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse
from sqlalchemy.orm import Session

from api.http import conditional
from api.http.deps import NamedTerritory, ReadSession, SiteSettings
from api.http.openapi import example, problem_responses
from api.parameters.common import Limit
from api.parameters.parsers import MAX_LIMIT, bbox_of
from api.parameters.places import After, Box, GridCode, Level
from api.resources.grids.features import GEOJSON, FeatureCache, Features
from api.resources.grids.schemas import COLLECTION, FEATURE, LINEAGE, Lineage, Step
from geo.calendar import today
from geo.coverage.privacy import hidden_codes, hide_lineage
from geo.errors import GridNotFoundError
from geo.territory.lineage import explain_missing, is_known, read_lineage
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
        **problem_responses(401, 404, 410, 422, 500, 503),
    },
)
def grid(request: Request, session: ReadSession, named: NamedTerritory, code: GridCode) -> Response:
    """Give one grid as it was on a day."""
    found = _features(request, session, named.territory).one(code)
    if found is None:
        known = named.territory.edition
        raise explain_missing(session, code, named.day, edition=known.id)
    return conditional.respond(request, found, media_type=GEOJSON)


@router.get(
    "/grids/{code}/lineage",
    operation_id="lineage",
    summary="Which grids a grid's ground came from and went to, edition by edition",
    response_model=Lineage,
    responses={**example(LINEAGE), **problem_responses(401, 404, 422, 500, 503)},
)
def lineage(
    request: Request, session: ReadSession, settings: SiteSettings, code: GridCode
) -> Response:
    """List what editions gave from code to code, of a grid that is or was."""
    if not is_known(session, code):
        raise GridNotFoundError(grid=code, at=today().isoformat())
    least = settings.min_households
    hidden = hidden_codes(session, min_households=least)
    found = hide_lineage(read_lineage(session, code=code), hidden, min_households=least)
    steps = [Step.model_validate(row) for row in found.to_dict("records")]
    body = Lineage(code=code, steps=steps).model_dump_json().encode()
    return conditional.respond(request, body, media_type="application/json")


def _features(request: Request, session: Session, territory: Snapshot) -> Features:
    cache = cast("FeatureCache", request.app.state.features)
    return cache.get(session, territory)


def _next(request: Request, territory: Snapshot, last_code: str) -> str:
    # The pages that follow are of this territory, whatever is published between two of them.
    same = {"edition": territory.edition.id, "at": territory.valid_from.isoformat()}
    kept = {name: value for name, value in request.query_params.items() if name != "after"}
    return f"{request.url.path}?{urlencode({**same, **kept, 'after': last_code})}"
