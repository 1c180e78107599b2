"""The viewer's pages and the browser assets: files of the package, open to everyone."""

import re

from fastapi import APIRouter, Request, Response
from starlette.staticfiles import StaticFiles

from api.http import conditional
from api.resources.files import viewer
from api.resources.tiles.base_map import hosts
from layers.assets import FOLDER as ASSETS

router = APIRouter(include_in_schema=False)

# A year, the most that RFC 9111 has caches keep; only for what changes its address when it changes.
IMMUTABLE = "public, max-age=31536000, immutable"
PAGES = ("index.html", "review.html")
HASHED = re.compile(r"[.-][0-9a-f]{8,}\.")

# StaticFiles refuses what leads out of its folder, links included.
_assets = StaticFiles(directory=ASSETS, check_dir=False)
_viewer = StaticFiles(directory=viewer.FOLDER, check_dir=False)


@router.get("/")
def home(request: Request) -> Response:
    """Give the map."""
    return _page(request, "index.html")


@router.get("/review")
def review(request: Request) -> Response:
    """Give the desk at which people place what the geocoder could not."""
    return _page(request, "review.html")


@router.get("/measures.json")
def measures(request: Request) -> Response:
    """Give what grids can be coloured by."""
    return conditional.respond(request, viewer.measures(), media_type="application/json")


@router.get("/assets/{path:path}")
async def asset(path: str, request: Request) -> Response:
    """Give a browser asset; kept for good where its address names its version."""
    return await _file(_assets, path, request)


async def room_file(name: str, request: Request) -> Response:
    """Give a module or style sheet out of the room that the address names."""
    return await _file(_viewer, f"{request.url.path.split('/')[1]}/{name}", request)


for _room in viewer.ROOMS:
    router.get(f"/{_room}/{{name}}")(room_file)


# After every other route: its pattern takes any name, and what is no file of the page is a 404.
@router.get("/{name}")
async def page_file(name: str, request: Request) -> Response:
    """Give a file that a page asks for beside itself; a page only as it is written."""
    if name in PAGES:
        return _page(request, name)
    return await _file(_viewer, name, request)


def _page(request: Request, name: str) -> Response:
    body, headers = viewer.page(name, hosts=hosts(request.app.state.settings))
    return conditional.respond(
        request, body, media_type="text/html; charset=utf-8", headers=headers
    )


async def _file(folder: StaticFiles, path: str, request: Request) -> Response:
    answer = await folder.get_response(path, request.scope)
    versioned = "v" in request.query_params or HASHED.search(path) is not None
    answer.headers["Cache-Control"] = IMMUTABLE if versioned else "public, no-cache"
    # Weak, since the same file travels compressed and plain.
    if "etag" in answer.headers:
        answer.headers["ETag"] = "W/" + answer.headers["etag"].removeprefix("W/")
    return answer
