"""Vector tiles: where an edition's archive is, and the archive."""

from typing import TYPE_CHECKING, cast

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse

from api.http import conditional
from api.http.deps import NamedTerritory, ReadSession, SiteSettings
from api.http.openapi import example, problem_responses
from api.resources.tiles.base_map import base_map
from api.resources.tiles.schemas import TILES, Tiles

if TYPE_CHECKING:
    from api.resources.tiles.archives import Tilesets

router = APIRouter(prefix="/v1", tags=["maps"])

MEDIA_TYPE = "application/vnd.pmtiles"
# Private: the token opened it. A year, the most that RFC 9111 has caches keep.
IMMUTABLE = "private, max-age=31536000, immutable"


@router.get(
    "/tiles",
    operation_id="tiles",
    summary="Where the vector tiles of a day are, as an edition knows it",
    response_model=Tiles,
    responses={**example(TILES), **problem_responses(401, 404, 422, 500, 503)},
)
def tiles(
    request: Request, session: ReadSession, settings: SiteSettings, named: NamedTerritory
) -> Response:
    """Give the address of the archive; tiles that nobody cut ahead are cut now."""
    territory = named.territory
    found = cast("Tilesets", request.app.state.tilesets).get(session, territory)
    answer = Tiles.model_validate(
        {
            "url": f"/v1/tiles/{found.name}.pmtiles",
            "edition": territory.edition.id,
            "valid_from": territory.valid_from,
            "valid_to": territory.valid_to,
            "synthetic": territory.edition.synthetic,
            "attribution": territory.edition.attribution,
            "base": base_map(settings),
            "places": found.places,
        }
    )
    body = answer.model_dump_json().encode()
    return conditional.respond(request, body, media_type="application/json")


@router.get("/tiles/{name}.pmtiles", include_in_schema=False)
def archive(request: Request, name: str) -> Response:
    """Give the archive, or the ranges of it that are asked for."""
    path = cast("Tilesets", request.app.state.tilesets).path(name)
    return FileResponse(path, media_type=MEDIA_TYPE, headers={"Cache-Control": IMMUTABLE})
