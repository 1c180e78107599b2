"""What routers are given: a session, the settings, the gazetteer, the caller's language."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, cast

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.orm import Session

from api.kept import Answers
from api.parameters import Day, EditionNumber, LanguageName
from api.problems import language_of
from geo.calendar import today
from geo.errors import Language, UnavailableError
from geo.geocoding.service import GeocoderCache, Loaded
from geo.settings import Settings
from geo.territory.live import Snapshot, Territories

UNDEFINED_TABLE = "42P01"  # PostgreSQL, appendix A
# Parameters that hold what people write: wide spaces, joiners and emoji belong to it. What they do
# not take they refuse by themselves.
FREE_TEXT = ("q", "actor", "address")


class DatabaseAwayError(UnavailableError):
    """The database does not answer, or has no connection free."""

    code = "database.unavailable"
    zh = "数据库暂时无法使用，请稍后再试；管理员可用 bannergrid db status 查看。"
    en = "The database does not answer; try again. Administrators: bannergrid db status."


class SchemaMissingError(UnavailableError):
    """The database is there but has not the tables that this version needs."""

    code = "database.schema"
    zh = "数据库结构与程序不符，请管理员执行 bannergrid db upgrade。"
    en = "The database lacks tables of this version; run bannergrid db upgrade."


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
    with told(), Session(request.app.state.engine) as opened:
        yield opened


def writing_session(request: Request) -> Iterator[Session]:
    """Give a session whose work is committed before the answer is sent, or not at all.

    Raises
    ------
    DatabaseAwayError, SchemaMissingError
        As `session` does.
    """
    engine = request.app.state.writing
    with told(), Session(engine, expire_on_commit=False) as opened, opened.begin():
        yield opened


@contextmanager
def told() -> Iterator[None]:
    """Say in the service's own words that the database is away or has not its tables."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeoutError) as error:
        raise DatabaseAwayError from error
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) == UNDEFINED_TABLE:
            raise SchemaMissingError from error
        raise


def settings(request: Request) -> Settings:
    """Give the settings that the service was started with."""
    return cast("Settings", request.app.state.settings)


def language(request: Request, language: LanguageName = None) -> Language:
    """Give the caller's language; declared as a parameter so that others are refused."""
    return language or language_of(request)


def known_parameters(request: Request) -> None:
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


def kept(request: Request) -> Answers:
    """Give the answers that were made from figures before."""
    return cast("Answers", request.app.state.kept)


def gazetteer(
    request: Request, session: Annotated[Session, Depends(session, scope="function")]
) -> Loaded:
    """Give the gazetteer of now, from memory unless something changed it.

    Raises
    ------
    NotFoundError
        If no territory is published.
    """
    cache = cast("GeocoderCache", request.app.state.geocoders)
    return cache.get(session, settings=settings(request))


ReadSession = Annotated[Session, Depends(session, scope="function")]
WriteSession = Annotated[Session, Depends(writing_session, scope="function")]
KeptAnswers = Annotated[Answers, Depends(kept)]
Gazetteer = Annotated[Loaded, Depends(gazetteer)]
SiteSettings = Annotated[Settings, Depends(settings)]
NamedTerritory = Annotated[TerritoryOn, Depends(territory_on)]
CallerLanguage = Annotated[Language, Depends(language)]
Today = Annotated[date, Depends(today)]
