"""The home page and the browser assets: files of the package, open to everyone."""

import re
from pathlib import Path

from fastapi import APIRouter, Request, Response
from starlette.staticfiles import StaticFiles

import layers
from layers.assets import FOLDER as ASSETS

router = APIRouter(include_in_schema=False)

VIEWER = Path(layers.__file__).parent / "viewer"
# A year, the most that RFC 9111 has caches keep; only for what changes its address when it changes.
IMMUTABLE = "public, max-age=31536000, immutable"
HASHED = re.compile(r"[.-][0-9a-f]{8,}\.")

# StaticFiles refuses what leads out of its folder, links included.
_assets = StaticFiles(directory=ASSETS, check_dir=False)
_viewer = StaticFiles(directory=VIEWER, check_dir=False)


@router.get("/")
async def home(request: Request) -> Response:
    """Give the home page."""
    return await _file(_viewer, "index.html", request)


@router.get("/assets/{path:path}")
async def asset(path: str, request: Request) -> Response:
    """Give a browser asset; kept for good where its address names its version."""
    return await _file(_assets, path, request)


# After every other route: its pattern takes any name, and what is no file of the page is a 404.
@router.get("/{name}")
async def page_file(name: str, request: Request) -> Response:
    """Give a file that the home page asks for beside itself."""
    return await _file(_viewer, name, request)


async def _file(folder: StaticFiles, path: str, request: Request) -> Response:
    answer = await folder.get_response(path, request.scope)
    versioned = "v" in request.query_params or HASHED.search(path) is not None
    answer.headers["Cache-Control"] = IMMUTABLE if versioned else "public, no-cache"
    # Weak, since the same file travels compressed and plain.
    if "etag" in answer.headers:
        answer.headers["ETag"] = "W/" + answer.headers["etag"].removeprefix("W/")
    return answer
