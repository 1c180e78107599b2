"""All SQL of intake: rows are copied into a staging table, resolved there, and merged as sets.

Nothing here commits. Both staging tables are temporary and go with the transaction.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Double,
    Integer,
    MetaData,
    Select,
    Table,
    Text,
    and_,
    case,
    func,
    literal,
    literal_column,
    or_,
    select,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session
from sqlalchemy.types import UserDefinedType

from geo.codes import BANNER_DIGITS
from geo.db.copy import copy_frame
from geo.db.tables import SRID, Base
from geo.intake.datum_guess import Ground
from geo.intake.model import Kind
from geo.territory import repository as territory
from geo.text import plain

STAGED = "intake_staged"
RESOLVED = "intake_resolved"
WORK_MEMORY = "128MB"
# Loads wait for each other: two files of pairings may only be weighed one after the other.
_LOCK = 0x1D7A_4E


class _Geometry(UserDefinedType[Any]):
    """A geometry that passes through SQL as it is, never through Python."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return f"geometry(Geometry, {SRID})"


_TYPES: dict[str, Any] = {
    "text": Text,
    "code": Text,
    "name": Text,
    "list": Text,
    "choice": Text,
    "category": Text,
    "integer": Integer,
    "number": Double,
    "flag": Boolean,
    "date": Date,
    "month": Date,
    "time": postgresql.TIMESTAMP(timezone=True),
}
_DERIVED: dict[str, Any] = {
    "grid_code": Text,
    "match": Text,
    "distance_m": Double,
    "unplaced_reason": Text,
    "geom": _Geometry,
}


@dataclass(frozen=True)
class Merged:
    """Rows by what the merge did with them; `closed` are pairings ended by a later one."""

    new: int
    changed: int
    closed: int = 0


def take_turn(session: Session) -> None:
    """Wait until no other load and no publication is under way; ours ends with the transaction."""
    session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
    territory.keep_edition(session)
    # Sorts and joins of a million rows then stay in memory.
    session.execute(select(func.set_config("work_mem", WORK_MEMORY, literal(value=True))))


def banner(session: Session) -> shapely.Geometry | None:
    """Give the outline of the banner in EPSG:4490, or None where it is not known."""
    division = Base.metadata.tables["division"]
    query = select(func.ST_AsBinary(division.c.geom)).where(
        func.length(division.c.code) == BANNER_DIGITS, division.c.geom.is_not(None)
    )
    bodies = session.scalars(query).all()
    return shapely.union_all(shapely.from_wkb(list(map(bytes, bodies)))) if bodies else None


def ground(session: Session) -> Ground:
    """Give the compounds and buildings of the banner."""

    def polygons(table: str) -> Any:
        shape = Base.metadata.tables[table].c.geom
        bodies = session.scalars(select(func.ST_AsBinary(shape)).where(shape.is_not(None))).all()
        return shapely.from_wkb(np.array([bytes(each) for each in bodies], dtype=object))

    return Ground(compounds=polygons("compound"), buildings=polygons("building"))


def categories(session: Session) -> pd.DataFrame:
    """Give every category: `code`, `name`, `name_en`, `aliases` (list), by code."""
    row = Base.metadata.tables["category"]
    query = select(row.c.code, row.c.name, row.c.name_en, row.c.aliases).order_by(row.c.code)
    return frame_of(session, query)


def organisations(session: Session) -> pd.DataFrame:
    """Give every organisation: `external_id`, `name`, `aliases` (list), by `external_id`."""
    row = Base.metadata.tables["organisation"]
    query = select(row.c.external_id, row.c.name, row.c.aliases).order_by(row.c.external_id)
    return frame_of(session, query)


def old_spellings(session: Session, table: str, column: str) -> dict[str, str]:
    """Give the codes of a table that are stored otherwise than they are read today.

    They came before wide letters, guards and unseen characters were taken off.

    Returns
    -------
    dict of str to str
        As read today, to as stored; none that is stored in today's form too.
    """
    code = Base.metadata.tables[table].c[column]
    odd = session.scalars(select(code).where(code.op("~")(r"[^!-~]|^[=']")).order_by(code))
    spelled = {plain(each): each for each in odd.all() if plain(each) != each}
    if not spelled:
        return {}
    there = session.scalars(select(code).where(code.in_(list(spelled)))).all()
    return {each: stored for each, stored in spelled.items() if each not in set(there)}


def seats(session: Session, role: str) -> pd.DataFrame:
    """Give the seats that terms of a post have: `grid_code`, `seat`."""
    term = Base.metadata.tables["post_term"]
    query = select(term.c.grid_code, term.c.seat).where(term.c.role == role).distinct()
    return frame_of(session, query.order_by(term.c.grid_code, term.c.seat))


def _staging(kind: Kind, names: list[str]) -> Table:
    columns = [Column("position", Integer, primary_key=True, autoincrement=False)]
    for name in names:
        known = kind.columns.get(name)
        columns.append(Column(name, _DERIVED[name] if known is None else _TYPES[known.type]))
    # Neither written to the log nor in anybody's way: it lives as long as the transaction.
    return Table(STAGED, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")


def stage(
    session: Session,
    kind: Kind,
    frame: pd.DataFrame,
    *,
    on_bytes: Callable[[int, int], None] | None = None,
) -> Table:
    """Copy rows into a temporary table and look up what they refer to.

    Parameters
    ----------
    session : Session
    kind : Kind
    frame : DataFrame, shape (n, k)
        `position` and columns of the kind, or derived ones (grid_code, match, distance_m,
        unplaced_reason, geom).
    on_bytes : callable, optional
        See `geo.db.copy.copy_frame`.

    Returns
    -------
    Table
        The resolved rows: columns as stored, `has_<column>` for every reference, and `twin`, the
        position of the first good row of the same key (its own for the first).
    """
    names = [str(name) for name in frame.columns if name != "position"]
    staged = _staging(kind, names)
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{STAGED}, pg_temp.{RESOLVED}"))
    staged.create(session.connection())
    copy_frame(session, STAGED, frame, on_bytes=on_bytes)
    # Without statistics a table of a million rows is planned as if it had a thousand.
    session.execute(text(f"ANALYZE {STAGED}"))
    query = _resolution(kind, staged, names)
    resolved = Table(
        RESOLVED, MetaData(), *(Column(c.name, c.type) for c in query.selected_columns)
    )
    connection = session.connection()
    rows = query.compile(connection, compile_kwargs={"literal_binds": True})
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE {RESOLVED} ON COMMIT DROP AS {rows}")
    session.execute(text(f"ANALYZE {RESOLVED}"))
    return resolved


def _resolution(kind: Kind, staged: Table, names: list[str]) -> Select[Any]:
    source: Any = staged
    stored: dict[str, Any] = {}
    known: list[Any] = []
    for name in names:
        column = kind.columns.get(name)
        here = staged.c[name]
        if column is None or column.references is None:
            is_list = column is not None and column.type == "list"
            split = func.coalesce(func.string_to_array(here, "|"), literal_column("'{}'::text[]"))
            stored[name if column is None else column.stored_as] = split if is_list else here
            continue
        target = Base.metadata.tables[column.references].alias(f"of_{name}")
        source = source.outerjoin(target, target.c[column.by] == here)
        stored[column.stored_as] = target.c[column.gives]
        known.append(or_(here.is_(None), target.c[column.by].is_not(None)).label(f"has_{name}"))
    keys = [stored[kind.columns[name].stored_as] for name in kind.key]
    # Rows that refer to nothing stand behind, so that the first good row of a key is its twin.
    good = and_(literal(value=True), *(flag.element for flag in known))
    twin = func.first_value(staged.c.position).over(
        partition_by=keys, order_by=[good.desc(), staged.c.position]
    )
    columns = [value.label(name) for name, value in stored.items()]
    return select(staged.c.position, *columns, *known, twin.label("twin")).select_from(source)


def unusable(session: Session, resolved: Table) -> pd.DataFrame:
    """List the resolved rows that refer to nothing, or repeat another row's key; drop them.

    Returns
    -------
    DataFrame
        `position`, `twin`, and `has_<column>` for every reference, by position.
    """
    flags = _flags(resolved)
    bad = or_(*(~flag for flag in flags), resolved.c.twin != resolved.c.position)
    gone = resolved.delete().where(bad).returning(resolved.c.position, resolved.c.twin, *flags)
    return frame_of(session, gone).sort_values("position", ignore_index=True)


def _flags(resolved: Table) -> list[Any]:
    return [column for column in resolved.c if column.name.startswith("has_")]


def frame_of(session: Session, statement: Any) -> pd.DataFrame:
    """Run a statement and give the rows that it returns, one or none too, as a frame."""
    result = session.execute(statement)
    columns = list(result.keys())
    return pd.DataFrame(
        np.array(result.all(), dtype=object).reshape(-1, len(columns)), columns=columns
    )


class Keeps(NamedTuple):
    """What an existing row keeps, whatever the file says.

    Parameters
    ----------
    place : frozenset of str
        Stored columns of its place. With `grid_code` among them, a row takes them all where the
        file has a grid for it and it has none, or has it by another address.
    lacking : frozenset of str
        Stored columns that the file has not, which only new rows take.
    """

    place: frozenset[str]
    lacking: frozenset[str] = frozenset()


def merge(
    session: Session,
    kind: Kind,
    resolved: Table,
    *,
    keeps: Keeps,
) -> Merged:
    """Insert rows that are new and update those that differ, in one statement.

    Rows that are the same are not touched: no lock, no trigger, no number of the sequence.

    Parameters
    ----------
    session : Session
    kind : Kind
        Of rows with a unique key.
    resolved : Table
        See `stage`.
    keeps : Keeps
        What rows that are there already keep.

    Returns
    -------
    Merged
    """
    target = Base.metadata.tables[kind.table]
    keys = [kind.columns[name].stored_as for name in kind.key]
    names = stored_columns(resolved)
    updated = [name for name in names if name not in {*keys, *keeps.place, *keeps.lacking}]
    differs = [target.c[name].is_distinct_from(resolved.c[name]) for name in updated]
    gained = [name for name in names if name in keeps.place and "grid_code" in keeps.place]
    if gained:
        differs.append(_gains(target.c, resolved.c))
    same_row = and_(*(target.c[name] == resolved.c[name] for name in keys))
    rows = (
        select(*(resolved.c[name] for name in names))
        .select_from(resolved.outerjoin(target, same_row))
        .where(or_(target.c.id.is_(None), *differs))
        .order_by(resolved.c.position)
    )
    adding = postgresql.insert(target).from_select(names, rows)
    if updated or gained:
        new: dict[str, Any] = {name: adding.excluded[name] for name in updated}
        if gained:
            gains = _gains(target.c, adding.excluded)
            new |= {
                name: case((gains, adding.excluded[name]), else_=target.c[name]) for name in gained
            }
        adding = adding.on_conflict_do_update(index_elements=keys, set_=new)
    else:
        adding = adding.on_conflict_do_nothing(index_elements=keys)
    # A row that this statement inserted has no deleting transaction; an updated one has.
    written = adding.returning(literal_column("xmax = 0").label("is_new")).cte("written")
    counts = select(
        func.count().filter(written.c.is_new), func.count().filter(~written.c.is_new)
    ).select_from(written)
    new_rows, changed = session.execute(counts).one()
    return Merged(new=new_rows, changed=changed)


def _gains(there: Any, given: Any) -> Any:
    """Tell whether a row takes its place from a file that places by addresses only."""
    stale = or_(there.grid_code.is_(None), there.address.is_distinct_from(given.address))
    return and_(given.grid_code.is_not(None), given.address.is_not(None), stale)


def stored_columns(resolved: Table) -> list[str]:
    """Give the columns of the resolved rows that the kind's own table has."""
    return [
        c.name
        for c in resolved.c
        if c.name not in ("position", "twin") and c not in _flags(resolved)
    ]
