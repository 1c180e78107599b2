"""The application: what is answered, by whom, and through which gates."""

from importlib.metadata import version

from fastapi import Depends, FastAPI
from fastapi.middleware import Middleware
from fastapi.middleware.gzip import GZipMiddleware
from sqlalchemy import Engine

from api import deps, errors, openapi
from api.auth.gate import Gate
from api.bodies import BodyLimit
from api.logs import RequestLog
from api.routers import (
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
    suggest,
)
from api.security import HeadAsGet, SecurityHeaders
from api.territory_cache import TerritoryCache
from geo.geocoding.service import GeocoderCache
from geo.settings import Settings


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
        Without it nothing under ``/v1`` is answered.

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
        dependencies=[Depends(deps.known_parameters), Depends(deps.language)],
        # The first is the outermost.
        middleware=[
            Middleware(HeadAsGet),
            Middleware(RequestLog),
            Middleware(SecurityHeaders),
            Middleware(GZipMiddleware, minimum_size=1000, compresslevel=6),
            Middleware(Gate, token=token),
            Middleware(BodyLimit, max_bytes=settings.max_body_mb << 20),
        ],
    )
    app.state.settings = settings
    app.state.engine = deps.reading(engine)
    app.state.writing = engine
    app.state.territories = TerritoryCache()
    app.state.geocoders = GeocoderCache()
    errors.register(app)
    openapi.install(app)
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
        maps,
        files,
    ):
        app.include_router(resource.router)
    return app
