"""The application: what is answered, by whom, and through which gates."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from functools import partial
from importlib.metadata import version

from fastapi import Depends, FastAPI
from fastapi.middleware import Middleware
from sqlalchemy import Engine
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES
from starlette.types import Receive, Scope, Send

from api import conditional, deps, errors, ogc, openapi
from api.auth.gate import Gate
from api.batches import Batches
from api.bodies import BodyLimit
from api.compression import Compression
from api.grid_features import FeatureCache
from api.hot_route import PATH as HOT_PATH
from api.hot_route import HotRoute
from api.kept import Answers
from api.logs import RequestLog
from api.reports.jobs import Reports
from api.route_answers import LiveAnswers
from api.routers import (
    categories,
    changes,
    coverage,
    datum,
    editions,
    files,
    geocode,
    grids,
    health,
    hotspots,
    incident_counts,
    incidents,
    locate,
    maps,
    posts,
    reports,
    reverse,
    review,
    route,
    route_batch,
    rules,
    series,
    suggest,
    tiles,
)
from api.security import HeadAsGet, SecurityHeaders
from api.streams import Streams
from api.tiles_ahead import TilesAhead
from api.tilesets import Tilesets, folder_beside
from geo.changes.live import Feed
from geo.coverage.service import keep_up
from geo.geocoding.service import GeocoderCache
from geo.incidents.live import DayTurns
from geo.routing.live import Routers
from geo.settings import Settings
from geo.territory import saved
from geo.territory.live import Territories

# The files come last: their pattern takes every name that nobody took before.
RESOURCES = (
    health,
    editions,
    grids,
    coverage,
    series,
    hotspots,
    locate,
    geocode,
    reverse,
    suggest,
    review,
    route,
    route_batch,
    datum,
    posts,
    categories,
    rules,
    # Before the incident of a number.
    incident_counts,
    incidents,
    changes,
    maps,
    reports,
    tiles,
    files,
)


class Service(FastAPI):
    """The application, with the one question that is asked most answered before everything else.

    What stands between a request and its route costs several times what that answer does.
    """

    hot: HotRoute | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or what else the server tells of."""
        if self.hot is None or not await self.hot.answered(scope, send):
            await super().__call__(scope, receive, send)


def create_app(settings: Settings, engine: Engine, *, token: str) -> FastAPI:
    """Make the service.

    There is no page of interactive documentation: those load their script from other hosts. The
    document itself is at ``/openapi.json``.

    Parameters
    ----------
    settings : Settings
    engine : Engine
        Of the database; only decisions on reviews and aliases write.
    token : str
        Without it nothing under ``/v1`` and ``/ogc`` is answered.

    Returns
    -------
    FastAPI
    """
    app = Service(
        title="Banner Grid",
        version=version("banner-grid"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_running,
        dependencies=[Depends(deps.known_parameters), Depends(deps.language)],
        # The first is the outermost.
        middleware=[
            Middleware(HeadAsGet),
            Middleware(RequestLog),
            Middleware(SecurityHeaders),
            Middleware(
                Compression,
                minimum_size=conditional.COMPRESS_FROM_BYTES,
                compresslevel=conditional.COMPRESS_LEVEL,
                plain=(HOT_PATH,),
                # Rows go out as they come, and their zipping would hold up every other answer.
                exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *route_batch.KINDS),
            ),
            Middleware(Gate, token=token),
            Middleware(
                BodyLimit,
                max_bytes=settings.max_body_mb << 20,
                files={route_batch.PATH: settings.route_batch_mb << 20},
            ),
        ],
    )
    _furnish(app, settings, engine)
    errors.register(app)
    openapi.install(app)
    ogc.mount(app, settings, engine)
    for resource in RESOURCES:
        app.include_router(resource.router)
    app.hot = HotRoute(state=app.state, token=token)
    return app


def _furnish(app: FastAPI, settings: Settings, engine: Engine) -> None:
    """Give the application what its answers are made from, nothing of it at work yet."""
    app.state.settings = settings
    app.state.engine = deps.reading(engine)
    app.state.writing = engine
    app.state.territories = Territories(engine, folder=saved.folder(settings))
    app.state.routers = Routers(engine, app.state.territories, limit_m=settings.nearest_limit_m)
    app.state.turns = DayTurns(
        engine,
        app.state.routers,
        nearest_limit_m=settings.nearest_limit_m,
        also=partial(keep_up, settings=settings),
    )
    app.state.answers = LiveAnswers()
    app.state.batches = Batches(settings)
    app.state.reports = Reports(settings, engine.url.render_as_string(hide_password=False))
    app.state.features = FeatureCache()
    app.state.kept = Answers(settings)
    app.state.tilesets = Tilesets(folder_beside(saved.folder(settings)))
    app.state.tiles_ahead = TilesAhead(app.state.engine, app.state.territories, app.state.tilesets)
    app.state.geocoders = GeocoderCache()
    app.state.feed = Feed(
        engine, kept_days=settings.changes_kept_days, max_followers=settings.max_followers
    )
    read_changes = changes.page_reader(engine, app.state.engine)
    app.state.streams = Streams(app.state.feed, read_changes)


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    # Entering waits until today's territory is there or the database was found away.
    with (
        app.state.tilesets,
        app.state.territories,
        app.state.routers,
        app.state.feed,
        app.state.turns,
        app.state.tiles_ahead,
    ):
        async with app.state.batches, app.state.reports, aclosing(app.state.standards):
            yield
