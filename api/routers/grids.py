"""Grids as GeoJSON."""

import json
from urllib.parse import urlencode

import geopandas as gpd
import shapely
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from api import conditional
from api.deps import ReadSession
from api.openapi import problem_responses
from api.parameters import (
    MAX_LIMIT,
    After,
    Box,
    Day,
    EditionNumber,
    GridCode,
    Level,
    Limit,
    bbox_of,
)
from api.schemas.grids import COLLECTION, FEATURE, GridProperties
from geo.territory import repository

router = APIRouter(prefix="/v1", tags=["territory"])

GEOJSON = "application/geo+json"


class GeoJson(JSONResponse):
    """Tells FastAPI that an operation answers in GeoJSON and nothing else."""

    media_type = GEOJSON


PROPERTIES = list(GridProperties.model_fields)


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
    level: Level = None,
    at: Day = None,
    edition: EditionNumber = None,
    bbox: Box = None,
    after: After = None,
    limit: Limit = MAX_LIMIT,
) -> Response:
    """Give a page of grids; `next` is the address of the following one."""
    known = repository.edition(session, edition)
    found = repository.grids(
        session, level=level, at=at, edition=known.id, bbox=bbox_of(bbox) if bbox else None
    )
    rest = found if after is None else found[found["code"] > after]
    page = rest.head(limit or MAX_LIMIT)
    more = len(rest) > len(page)
    head = {
        "numberMatched": len(found),
        "numberReturned": len(page),
        "next": _next(request, page["code"].iloc[-1]) if more else None,
        "edition": known.id,
        "synthetic": known.synthetic,
        "attribution": known.attribution,
    }
    members = json.dumps(head, ensure_ascii=False, separators=(",", ":"))[1:-1]
    body = f'{{"type":"FeatureCollection",{members},"features":[{",".join(features(page))}]}}'
    return conditional.answer(request, body.encode(), media_type=GEOJSON)


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
def grid(
    request: Request,
    session: ReadSession,
    code: GridCode,
    at: Day = None,
    edition: EditionNumber = None,
) -> Response:
    """Give one grid as it was on a day."""
    found = repository.grids(session, at=at, edition=edition, code=code)
    return conditional.answer(request, features(found)[0].encode(), media_type=GEOJSON)


def features(frame: gpd.GeoDataFrame) -> list[str]:
    """Write each row as a GeoJSON feature.

    Rings turn as RFC 7946 3.1.6 asks: the outer one counter-clockwise.

    Parameters
    ----------
    frame : GeoDataFrame, shape (n,)
        See `geo.frames.GRIDS`, EPSG:4490.

    Returns
    -------
    list of str, length n
        In the order of `frame`.
    """
    if frame.empty:
        return []
    geometry = shapely.to_geojson(shapely.orient_polygons(frame.geometry.to_numpy()))
    properties = frame[PROPERTIES].to_json(orient="records", lines=True, force_ascii=False)
    return [
        f'{{"type":"Feature","id":"{code}","geometry":{shape},"properties":{row}}}'
        for code, shape, row in zip(frame["code"], geometry, properties.splitlines(), strict=True)
    ]


def _next(request: Request, last_code: str) -> str:
    kept = {key: value for key, value in request.query_params.items() if key != "after"}
    return f"{request.url.path}?{urlencode({**kept, 'after': last_code})}"
