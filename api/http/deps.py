"""What routers are given: a session, the settings, the gazetteer, the caller's language."""

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Connection, Engine, event
from sqlalchemy.orm import Session, SessionTransaction

from api.auth.principal import principal_of, session_info
from api.http.problems import language_of
from api.parameters.common import LanguageName
from api.parameters.days import Day, EditionNumber
from api.products.response_cache import ResponseCache
from geo.calendar import today
from geo.db import failures
from geo.errors import Language
from geo.geocoding.service import Loaded
from geo.settings import Settings
from geo.territory.live import Snapshot, Territories

if TYPE_CHECKING:
    from geo.geocoding.live import LiveGazetteer

# Parameters that hold what people write: wide spaces, joiners and emoji belong to it. What they do
# not take they refuse by themselves.
FREE_TEXT = ("q", "actor", "address")


def reading(engine: Engine) -> Engine:
    """Give the engine that requests use: it cannot write, and one request sees one state."""
    return engine.execution_options(postgresql_readonly=True, isolation_level="REPEATABLE READ")


def session(request: Request) -> Iterator[Session]:
    """Give a session for one request.

    Raises
    ------
    DatabaseAwayError, SchemaMissingError
        In place of the driver's own errors, which callers must not see.
    """
    with open_session(request, request.app.state.engine) as opened:
        yield opened


def writing_session(request: Request) -> Iterator[Session]:
    """Give a session whose work is committed before the answer is sent, or not at all.

    Raises
    ------
    DatabaseAwayError, SchemaMissingError
        As `session` does.
    """
    with open_session(request, request.app.state.writing) as opened, opened.begin():
        yield opened


@contextmanager
def open_session(request: Request, engine: Engine) -> Iterator[Session]:
    """Open a session for whoever asks.

    Raises
    ------
    DatabaseAwayError, SchemaMissingError
        In place of the driver's own errors, which callers must not see.
    """
    info = session_info(principal_of(request))
    with translate_db_errors(), Session(engine, expire_on_commit=False, info=info) as opened:
        limit_queries(opened, settings_of(request).query_limit_s)
        yield opened


def limit_queries(opened: Session, limit_s: float) -> None:
    """End what waits for ever, as for a lock: it would hold its place for ever too."""
    limit_ms = math.ceil(limit_s * 1000)

    def limit(_session: Session, _transaction: SessionTransaction, connection: Connection) -> None:
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {limit_ms}")

    event.listen(opened, "after_begin", limit)


@contextmanager
def translate_db_errors() -> Iterator[None]:
    """Say in the service's own words that the database is away, full, or has not its tables."""
    with failures.explained():
        yield


def settings_of(request: Request) -> Settings:
    """Give the settings that the service was started with."""
    return cast("Settings", request.app.state.settings)


# What takes no time is a coroutine: FastAPI has a thread carry everything else.
async def settings(request: Request) -> Settings:
    """Give routers the settings that the service was started with."""
    return settings_of(request)


async def current_day() -> date:
    """Give routers the day that it is."""
    return today()


async def language(request: Request, language: LanguageName = None) -> Language:
    """Give the caller's language; declared as a parameter so that others are refused."""
    return language or language_of(request)


async def known_parameters(request: Request) -> None:
    """Refuse parameters that the operation does not have, has twice, or with control characters.

    A misspelt `edtion=3` that is ignored gives the wrong answer without a word; PostgreSQL takes no
    NUL in a text.

    Raises
    ------
    RequestValidationError
        Naming each such parameter.
    """
    route = request.scope["route"]
    if not route.include_in_schema:
        # The page keeps its own state in its address.
        return
    # A path whose last part may hold slashes is documented without saying so.
    operations = request.app.openapi()["paths"][route.path_format]
    declared = operations[request.method.lower()]["parameters"]
    known = [each["name"] for each in declared if each["in"] == "query"]
    errors: list[dict[str, Any]] = []
    for name in dict.fromkeys(request.query_params):
        values = request.query_params.getlist(name)
        where = {"loc": ("query", name), "input": values[0], "ctx": {"known": known}}
        if name not in known:
            errors.append({"type": "parameter.unknown", **where})
        elif len(values) > 1:
            errors.append({"type": "parameter.repeated", **where})
        elif name not in FREE_TEXT and not values[0].isprintable():
            errors.append({"type": "parameter.control", **where})
    if errors:
        raise RequestValidationError(errors)


@dataclass(frozen=True)
class TerritoryOn:
    """The territory of a day as an edition knows it."""

    day: date
    territory: Snapshot


def territory_on(
    request: Request,
    session: Annotated[Session, Depends(session, scope="function")],
    at: Day = None,
    edition: EditionNumber = None,
) -> TerritoryOn:
    """Give the territory that the caller names by `at` and `edition`, from memory.

    Raises
    ------
    NotFoundError
        If there is no such edition, or it knows no territory on that day.
    """
    territories = cast("Territories", request.app.state.territories)
    day = at or today()
    if at is None and edition is None:
        # What is asked most is answered without the database.
        now = territories.today()
        if now.covers(day):
            return TerritoryOn(day=day, territory=now)
    return TerritoryOn(day=day, territory=territories.on(session, day, edition))


async def response_cache(request: Request) -> ResponseCache:
    """Give the cache of answers that are made from figures."""
    return cast("ResponseCache", request.app.state.responses)


def gazetteer(request: Request) -> Loaded:
    """Give the gazetteer of now, from memory unless something changed it; takes no connection.

    Raises
    ------
    NotFoundError
        If no territory is published.
    DatabaseAwayError, SchemaMissingError
        If it is not in memory, and cannot be read.
    """
    with translate_db_errors():
        return cast("LiveGazetteer", request.app.state.gazetteer).now()


ReadSession = Annotated[Session, Depends(session, scope="function")]
WriteSession = Annotated[Session, Depends(writing_session, scope="function")]
Cache = Annotated[ResponseCache, Depends(response_cache)]
Gazetteer = Annotated[Loaded, Depends(gazetteer)]
SiteSettings = Annotated[Settings, Depends(settings)]
NamedTerritory = Annotated[TerritoryOn, Depends(territory_on)]
CallerLanguage = Annotated[Language, Depends(language)]
Today = Annotated[date, Depends(current_day)]
