"""The application: what is answered, by whom, and through which gates."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from importlib.metadata import version

from fastapi import Depends, FastAPI
from fastapi.middleware import Middleware
from sqlalchemy import Engine

from api import conditional, deps, errors, ogc, openapi
from api.auth.gate import Gate
from api.bodies import BodyLimit
from api.compression import Compression
from api.grid_features import FeatureCache
from api.hot_route import HotRoute
from api.logs import RequestLog
from api.route_answers import LiveAnswers
from api.routers import (
    changes,
    coverage,
    editions,
    files,
    geocode,
    grids,
    health,
    locate,
    maps,
    reverse,
    review,
    route,
    suggest,
)
from api.security import HeadAsGet, SecurityHeaders
from api.streams import Streams
from geo.changes.live import Feed
from geo.geocoding.service import GeocoderCache
from geo.routing.live import Routers
from geo.settings import Settings
from geo.territory import saved
from geo.territory.live import Territories


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
    app = FastAPI(
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
            ),
            Middleware(Gate, token=token),
            Middleware(BodyLimit, max_bytes=settings.max_body_mb << 20),
        ],
    )
    app.state.settings = settings
    app.state.engine = deps.reading(engine)
    app.state.writing = engine
    app.state.territories = Territories(engine, folder=saved.folder(settings))
    app.state.routers = Routers(engine, app.state.territories, limit_m=settings.nearest_limit_m)
    app.state.answers = LiveAnswers()
    app.state.features = FeatureCache()
    app.state.geocoders = GeocoderCache()
    app.state.feed = Feed(
        engine, kept_days=settings.changes_kept_days, max_followers=settings.max_followers
    )
    read_changes = changes.page_reader(engine, app.state.engine)
    app.state.streams = Streams(app.state.feed, read_changes)
    errors.register(app)
    openapi.install(app)
    ogc.mount(app, settings, engine)
    app.router.routes.insert(0, HotRoute(app))
    # The files come last: their pattern takes every name that nobody took before.
    for resource in (
        health,
        editions,
        grids,
        coverage,
        locate,
        geocode,
        reverse,
        suggest,
        review,
        route,
        changes,
        maps,
        files,
    ):
        app.include_router(resource.router)
    return app


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    # Entering waits until today's territory is there or the database was found away.
    with app.state.territories, app.state.routers, app.state.feed:
        async with aclosing(app.state.standards):
            yield
