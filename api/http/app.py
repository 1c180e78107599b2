"""The application: its resources, the layers that a request passes, and what they work with."""

from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from functools import partial
from importlib.metadata import version

from anyio import to_thread
from fastapi import Depends, FastAPI
from fastapi.middleware import Middleware
from sqlalchemy import Engine
from starlette.middleware.gzip import DEFAULT_EXCLUDED_CONTENT_TYPES
from starlette.types import Receive, Scope, Send

from api import ogc
from api.auth.gate import Gate
from api.http import conditional, deps, errors, openapi
from api.http.bodies import BodyLimit
from api.http.compression import Compression
from api.http.hosts import Hosts, OwnHosts
from api.http.lanes import Lanes, threads
from api.http.logs import RequestLog
from api.http.security import HeadAsGet, SecurityHeaders
from api.products.response_cache import ResponseCache
from api.resources.categories import router as categories
from api.resources.changes import router as changes
from api.resources.changes.streams import Streams
from api.resources.coverage import router as coverage
from api.resources.datum import router as datum
from api.resources.editions import router as editions
from api.resources.files import router as files
from api.resources.geocode import router as geocode
from api.resources.grids import router as grids
from api.resources.grids.features import FeatureCache
from api.resources.health import router as health
from api.resources.hotspots import router as hotspots
from api.resources.incident_counts import router as incident_counts
from api.resources.incidents import router as incidents
from api.resources.locate import router as locate
from api.resources.maps import router as maps
from api.resources.posts import router as posts
from api.resources.reports import router as reports
from api.resources.reverse import router as reverse
from api.resources.review import router as review
from api.resources.route import router as route
from api.resources.route.hot import HotRoute
from api.resources.route.question import PATH as HOT_PATH
from api.resources.route.writer import LiveWriters
from api.resources.route_batch import router as route_batch
from api.resources.rules import router as rules
from api.resources.series import router as series
from api.resources.suggest import router as suggest
from api.resources.tiles import router as tiles
from api.resources.tiles.ahead import TilesAhead
from api.resources.tiles.archives import Tilesets, folder_beside
from api.workers.batches import Batches
from api.workers.reports import Reports
from geo.changes.live import Feed
from geo.db.listening import Listener
from geo.geocoding.live import LiveGazetteer
from geo.geocoding.service import GeocoderCache
from geo.routing.live import Routers
from geo.settings import Settings
from geo.territory import saved
from geo.territory.live import Territories
from geo.workflows.live import DailyTurn
from geo.workflows.turn_day import turn_day

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
    hosts: Hosts | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or what else the server tells of."""
        if self.hot is None or not self._known(scope) or not await self.hot.respond(scope, send):
            await super().__call__(scope, receive, send)

    def _known(self, scope: Scope) -> bool:
        return scope["type"] == "http" and self.hosts is not None and self.hosts.know(scope)


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
    hosts = Hosts(settings)
    app = Service(
        title="Banner Grid",
        version=version("banner-grid"),
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        servers=[{"url": settings.public_url}] if settings.public_url else None,
        lifespan=_running,
        dependencies=[Depends(deps.known_parameters), Depends(deps.language)],
        # The first is the outermost.
        middleware=[
            Middleware(HeadAsGet),
            Middleware(RequestLog),
            Middleware(SecurityHeaders),
            Middleware(OwnHosts, hosts=hosts, public_url=settings.public_url),
            Middleware(
                Compression,
                minimum_size=conditional.COMPRESS_FROM_BYTES,
                compresslevel=conditional.COMPRESS_LEVEL,
                plain=(HOT_PATH,),
                # Rows go out as they come, and their zipping would hold up every other answer.
                exclude_content_types=(*DEFAULT_EXCLUDED_CONTENT_TYPES, *route_batch.KINDS),
            ),
            Middleware(Gate, token=token, free_tries=settings.wrong_tokens),
            Middleware(Lanes, settings=settings),
            Middleware(
                BodyLimit,
                max_bytes=settings.max_body_mb << 20,
                files={route_batch.PATH: settings.route_batch_mb << 20},
            ),
        ],
    )
    init_state(app, settings, engine)
    errors.register(app)
    openapi.install(app)
    ogc.mount(app, settings, engine)
    for resource in RESOURCES:
        app.include_router(resource.router)
    app.hosts = hosts
    app.hot = HotRoute(state=app.state, token=token)
    return app


def init_state(app: FastAPI, settings: Settings, engine: Engine) -> None:
    """Give the application what its resources work with; nothing of it runs yet."""
    app.state.settings = settings
    app.state.engine = deps.reading(engine)
    app.state.writing = engine
    # Its subscribers are called in the order in which they are made: the feed shall not wait for a
    # territory that is read, and the router needs that one.
    listener = Listener(engine)
    app.state.feed = Feed(
        engine,
        kept_days=settings.changes_kept_days,
        max_followers=settings.max_followers,
        listener=listener,
    )
    app.state.territories = Territories(engine, listener=listener, folder=saved.folder(settings))
    app.state.routers = Routers(
        engine, app.state.territories, limit_m=settings.nearest_limit_m, listener=listener
    )
    app.state.turns = DailyTurn(
        engine, partial(turn_day, settings=settings, in_memory=app.state.routers)
    )
    app.state.writers = LiveWriters()
    app.state.batches = Batches(settings)
    app.state.reports = Reports(settings, engine.url.render_as_string(hide_password=False))
    app.state.features = FeatureCache()
    app.state.responses = ResponseCache(settings)
    app.state.tilesets = Tilesets(folder_beside(saved.folder(settings)))
    app.state.tiles_ahead = TilesAhead(
        app.state.engine, app.state.territories, app.state.tilesets, listener
    )
    app.state.geocoders = GeocoderCache()
    app.state.gazetteer = LiveGazetteer(app.state.engine, app.state.geocoders, settings=settings)
    app.state.readiness = health.ReadinessCheck(app.state.engine)
    read_changes = changes.page_reader(engine, app.state.engine)
    app.state.streams = Streams(app.state.feed, read_changes)


@asynccontextmanager
async def _running(app: FastAPI) -> AsyncIterator[None]:
    to_thread.current_default_thread_limiter().total_tokens = threads(app.state.settings)
    app.openapi()  # made by the first request, it would hold up all others for a second
    # Entering waits until today's territory is there or the database was found away.
    with (
        app.state.tilesets,
        app.state.territories,
        app.state.routers,
        app.state.gazetteer,
        app.state.feed,
        app.state.turns,
        app.state.tiles_ahead,
    ):
        async with app.state.batches, app.state.reports, aclosing(app.state.standards):
            yield
