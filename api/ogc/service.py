"""The application under ``/ogc``: tipg's routes with our readings, names and errors."""

import functools
import json
from collections.abc import Callable
from importlib.metadata import version
from importlib.resources import files
from typing import Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.responses import HTMLResponse, JSONResponse
from fastapi.routing import APIRoute
from morecantile import tms
from morecantile.defaults import TileMatrixSets
from sqlalchemy import Engine
from starlette.datastructures import MutableHeaders
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send
from tipg import dependencies
from tipg.factory import Endpoints

from api.http.problems import language_of
from api.ogc import errors, parameters
from api.ogc.catalog import WORDS, Published, one, several
from geo.settings import Settings

PREFIX = "/ogc"
TITLE = "网格 · Banner Grid"
# Pages of tipg load their scripts from other hosts; its CSV breaks off where there are no rows.
NOT_GIVEN = {"html": "text/html", "csv": "text/csv"}
Edit = Callable[[Request, dict[str, Any]], None]


class Standards:
    """OGC API Features and Tiles, mounted by `mount`.

    Parameters
    ----------
    settings : Settings
    engine : Engine
        Of the database; it is read as another role.
    """

    def __init__(self, settings: Settings, engine: Engine) -> None:
        self._published = Published(engine, settings)
        self._app = _application(settings, self._published)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request below the prefix, or at it."""
        if scope["path"] == PREFIX:
            scope["root_path"] = scope.get("root_path", "") + PREFIX
            scope["path"] = PREFIX + "/"
        # Links are made from here; Starlette takes address and routes of the application outside.
        scope["app_root_path"] = scope["root_path"]
        scope.pop("router", None)

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("Cache-Control", "private, no-cache")
                headers.setdefault("Vary", "Accept-Language")
            await send(message)

        await self._app(scope, receive, sending)

    async def aclose(self) -> None:
        """Close the connections to the database."""
        await self._published.close()


def mount(app: FastAPI, settings: Settings, engine: Engine) -> None:
    """Let an application answer `PREFIX`, with a slash behind it and without.

    Its lifespan closes ``app.state.standards``.
    """
    app.state.standards = standards = Standards(settings, engine)
    app.router.routes.append(Route(PREFIX, standards, include_in_schema=False))
    app.mount(PREFIX, standards)


def _application(settings: Settings, published: Published) -> FastAPI:
    app = FastAPI(
        title=TITLE,
        version=version("banner-grid"),
        openapi_url="/api",
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": settings.public_url + PREFIX}] if settings.public_url else None,
        dependencies=[Depends(parameters.known)],
    )
    app.state.settings = settings
    app.state.published = published
    errors.register(app)
    made = Endpoints(
        title=TITLE,
        collection_dependency=one,
        collections_dependency=several,
        supported_tms=TileMatrixSets({"WebMercatorQuad": tms.get("WebMercatorQuad")}),
        with_tiles_viewer=False,
    )
    app.dependency_overrides |= {
        dependencies.OutputType: parameters.output,
        dependencies.QueryablesOutputType: parameters.queryables_output,
        dependencies.ItemsOutputType: parameters.items_output,
        dependencies.bbox_query: parameters.bbox,
        dependencies.datetime_query: parameters.datetime,
        dependencies.filter_query: parameters.condition,
        dependencies.properties_query: parameters.properties,
        dependencies.sortby_query: parameters.sortby,
        dependencies.TileParams: parameters.tile,
    }
    app.add_api_route("/connect.html", _connect, name="swagger_ui_html", include_in_schema=False)
    edits = {"conformance": _json_alone, "collections": _name_all, "collection": _without_csv}
    for route in (*made.router.routes, *made.ogc_features.router.routes):
        if isinstance(route, APIRoute) and route.name in edits:
            app.add_api_route(
                route.path, _edited(route.endpoint, edits[route.name]), include_in_schema=False
            )
    app.include_router(made.router)
    _describe(app)
    return app


def _describe(app: FastAPI) -> None:
    """Leave out of the document the forms that are not given."""
    document = app.openapi()
    for operations in document["paths"].values():
        for operation in operations.values():
            for answer in operation["responses"].values():
                for form in NOT_GIVEN.values():
                    answer.get("content", {}).pop(form, None)
            for parameter in operation.get("parameters", []):
                for choice in parameter["schema"].get("anyOf", []):
                    if parameter["name"] == "f" and "enum" in choice:
                        choice["enum"] = [e for e in choice["enum"] if e not in NOT_GIVEN]


def _connect() -> Response:
    """Show how clients connect; tipg links to a page of this name."""
    return HTMLResponse((files(__package__) / "connect.html").read_text(encoding="utf-8"))


def _edited(endpoint: Callable[..., Any], edit: Edit) -> Callable[..., Response]:
    """Let tipg answer, then correct what it says."""

    @functools.wraps(endpoint)
    def answer(**given: Any) -> Response:
        made = endpoint(**given)
        body = json.loads(bytes(made.body)) if isinstance(made, Response) else made.model_dump()
        edit(given["request"], body)
        return JSONResponse(body)

    return answer


def _json_alone(_request: Request, body: dict[str, Any]) -> None:
    """Claim no pages."""
    body["conformsTo"] = [each for each in body["conformsTo"] if not each.endswith("/conf/html")]


def _name_all(request: Request, body: dict[str, Any]) -> None:
    """Name the collections: in its list tipg gives ids for titles."""
    language = language_of(request)
    for each in body["collections"]:
        words = WORDS[each["id"]]
        each |= {"title": words.title(language), "description": words.about(language)}


def _without_csv(_request: Request, body: dict[str, Any]) -> None:
    """Offer no CSV."""
    forms = NOT_GIVEN.values()
    body["links"] = [each for each in body["links"] if each.get("type") not in forms]
