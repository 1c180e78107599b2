"""What errors of the driver and the system mean, in the domain's words: one place for all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from geo.errors import BannerGridError, DiskFullError, UnavailableError
from geo.files.atomic import lacks_room, no_room_for

# SQLSTATEs, PostgreSQL, appendix A.
UNDEFINED_TABLE = "42P01"
DISK_FULL = "53100"
NOT_ALLOWED = "42501"
# A server needs a whole file of its log at a time; with less it goes down and cannot come up.
LEAST_ROOM_BYTES = 16 << 20
# Option of an engine that names the embedded cluster's folder.
HOME = "bannergrid_home"


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


class AccessDeniedError(UnavailableError):
    """The role that the program works as may not do this in the database."""

    code = "database.denied"
    zh = (
        "用户 {user} 在数据库中无权这样做：{said}。"
        "请在 BANNERGRID_DATABASE_URL 中使用数据表的属主，或请管理员授权。"
    )
    en = (
        "{user} may not do this in the database: {said}. Name the owner of the tables in "
        "BANNERGRID_DATABASE_URL, or have the administrator grant it."
    )


def of_database() -> DiskFullError:
    """Make the error that the database's disk is full."""
    return DiskFullError(where="the database", where_zh="数据库")


def explain(error: BaseException, engine: Engine | None = None) -> BannerGridError | None:
    """Give the domain's error for one of the driver's or the system's.

    Parameters
    ----------
    error : BaseException
    engine : Engine, optional
        Of the database that was worked with: one that went down because its disk is full is told
        from one that is away.

    Returns
    -------
    BannerGridError or None
        None for an error that nobody foresaw.
    """
    if isinstance(error, BannerGridError):
        full = isinstance(error, DatabaseAwayError) and has_no_room(engine)
        return of_database() if full else error
    if (full_disk := find_full_disk(error)) is not None:
        return full_disk
    if isinstance(error, (OperationalError, InterfaceError, PoolTimeoutError)):
        return of_database() if has_no_room(engine) else DatabaseAwayError()
    if isinstance(error, ProgrammingError) and _sqlstate(error) == UNDEFINED_TABLE:
        return SchemaMissingError()
    if engine is not None and _sqlstate(error) == NOT_ALLOWED:
        said = str(getattr(error, "orig", error)).partition("\n")[0]
        return AccessDeniedError(user=engine.url.username, said=said)
    return None


@contextmanager
def explained(engine: Engine | None = None) -> Iterator[None]:
    """Let `explain` speak for what the block raises; what it does not know passes as it is."""
    try:
        yield
    except Exception as error:
        meant = explain(error, engine)
        if meant is None or meant is error:
            raise
        raise meant from error


def has_no_room(engine: Engine | None) -> bool:
    """Tell whether the embedded cluster's disk is full; of a named server nobody knows."""
    home = None if engine is None else engine.get_execution_options().get(HOME)
    if home is None:
        return False
    try:
        there = os.statvfs(home)
    except OSError:
        return False
    return there.f_bavail * there.f_frsize < LEAST_ROOM_BYTES


def find_full_disk(error: BaseException) -> DiskFullError | None:
    """Give the domain's error where an error, or what it came from, means that a disk is full."""
    for each in _chain(error):
        if isinstance(each, DiskFullError):
            return each
        if _sqlstate(each) == DISK_FULL:
            return of_database()
        if lacks_room(each):
            if isinstance(each, DBAPIError) or _sqlstate(each):
                return of_database()
            name = getattr(each, "filename", None)
            return no_room_for(Path(os.fsdecode(name)) if name else "output")
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop()
        if each is None or id(each) in seen:
            continue
        seen.add(id(each))
        yield each
        before = None if each.__suppress_context__ else each.__context__
        left += [before, each.__cause__, getattr(each, "orig", None)]


def _sqlstate(error: BaseException) -> str | None:
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    return state if isinstance(state, str) else None
