"""All SQL of incidents themselves: stored once, found again, changed by one hand at a time.

Nothing here commits.
"""

import math
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Date,
    Select,
    Text,
    and_,
    cast,
    func,
    insert,
    literal,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from geo.calendar import SITE_TIMEZONE
from geo.db import tables as t
from geo.incidents import rules
from geo.incidents.model import UNPLACED, Filter, Incident, Move, Similar, Spot

# Degrees of a metre, for the box in which the database looks before it measures.
_DEG_PER_M = 1 / 110_000
_BOX = 1.05
# So many possible duplicates are named: more say that something goes on there, not what is what.
SIMILAR = 20


def take_key(session: Session, key: str) -> None:
    """Wait until nobody else answers a request of this key; ours ends with the transaction."""
    number = func.hashtextextended(literal(f"incident {key}"), 0)
    session.execute(select(func.pg_advisory_xact_lock(number)))


def known_key(session: Session, key: str) -> tuple[str, str] | None:
    """Give the digest of the request that came with a key and the incident that it made."""
    row = t.IncidentKey
    query = (
        select(row.sha256, t.Incident.external_id)
        .join(t.Incident, t.Incident.id == row.incident_id)
        .where(row.key == key)
    )
    found = session.execute(query).one_or_none()
    return None if found is None else (found[0], found[1])


def keep_key(session: Session, key: str, sha256: str, number: int) -> None:
    """Keep which incident a request made."""
    session.execute(insert(t.IncidentKey).values(key=key, sha256=sha256, incident_id=number))


def category_codes(session: Session) -> list[str]:
    """List the codes of all categories, sorted."""
    return list(session.scalars(select(t.Category.code).order_by(t.Category.code)))


def next_number(session: Session) -> int:
    """Give the number of the next incident; it is given once."""
    sequence = func.pg_get_serial_sequence(t.Incident.__tablename__, "id")
    number: int = session.execute(select(func.nextval(sequence))).scalar_one()
    return number


def add(
    session: Session, number: int, external_id: str, values: dict[str, Any], spot: Spot | None
) -> bool:
    """Store an incident, unless there is one of this external id; tell whether it was stored."""
    done = session.execute(
        postgresql.insert(t.Incident)
        .values(id=number, external_id=external_id, geom=_point(spot), **values)
        .on_conflict_do_nothing(index_elements=["external_id"])
        .returning(t.Incident.id)
    )
    return done.one_or_none() is not None


def change(session: Session, number: int, values: dict[str, Any]) -> None:
    """Change columns of an incident; `spot` among them stands for its geometry."""
    if "spot" in values:
        values = {**values, "geom": _point(values["spot"])}
        del values["spot"]
    session.execute(update(t.Incident).where(t.Incident.id == number).values(**values))


def add_move(session: Session, number: int, state: str, note: str | None) -> None:
    """Keep that an incident came into a state."""
    session.execute(insert(t.IncidentMove).values(incident_id=number, state=state, note=note))


def lock(session: Session, external_id: str) -> bool:
    """Hold an incident until the transaction ends; tell whether there is one."""
    row = t.Incident
    query = select(row.id).where(row.external_id == external_id).with_for_update()
    return session.execute(query).one_or_none() is not None


def get(session: Session, external_id: str) -> Incident | None:
    """Give an incident as it stands, or None."""
    found = session.execute(_incidents().where(t.Incident.external_id == external_id))
    row = found.one_or_none()
    return None if row is None else Incident(*row)


def moves(session: Session, number: int) -> tuple[Move, ...]:
    """Give the states that an incident came into, the latest first."""
    row = t.IncidentMove
    query = (
        select(row.id, row.moved_at, row.state, row.note)
        .where(row.incident_id == number)
        .order_by(row.id.desc())
    )
    return tuple(Move(*each) for each in session.execute(query))


def page(session: Session, wanted: Filter, *, after: str | None, limit: int) -> list[Incident]:
    """List incidents by external id.

    Parameters
    ----------
    session : Session
    wanted : Filter
    after : str, optional
        External id of the last incident of the page before.
    limit : int
    """
    row = t.Incident
    query = _incidents().where(*_conditions(wanted)).order_by(row.external_id).limit(limit)
    if after is not None:
        query = query.where(row.external_id > after)
    return [Incident(*each) for each in session.execute(query)]


def _conditions(wanted: Filter) -> list[ColumnElement[bool]]:
    row, found = t.Incident, []
    if wanted.state == UNPLACED:
        found += [row.grid_code.is_(None), _open()]
    elif wanted.state is not None:
        found.append(row.state.in_(rules.words_of(wanted.state)))
    if wanted.category is not None:
        found.append(_of_category(wanted.category))
    if wanted.code is not None:
        found.append(row.grid_code.startswith(wanted.code, autoescape=True))
    if wanted.since is not None:
        reported_on = cast(func.timezone(SITE_TIMEZONE, row.reported_at), Date)
        found.append(reported_on >= wanted.since)
    return found


def _open() -> ColumnElement[bool]:
    row = t.Incident
    return and_(row.closed_at.is_(None), row.state.not_in(rules.ended_words()))


def _of_category(code: str) -> ColumnElement[bool]:
    column = t.Incident.category
    return or_(column == code, column.startswith(f"{code}.", autoescape=True))


def similar(
    session: Session, incident: Incident, *, radius_m: float, hours: float
) -> tuple[Similar, ...]:
    """List incidents of the same network that lie near and were reported about then.

    Parameters
    ----------
    session : Session
    incident : Incident
        One without a position is like no other.
    radius_m : float
        How near, along the ground.
    hours : float
        How long before or after.

    Returns
    -------
    tuple of Similar
        At most `SIMILAR`: of the same category first, then the nearest.
    """
    x, y = incident.longitude, incident.latitude
    if x is None or y is None:
        return ()
    row, here = t.Incident, _point(Spot(x, y))
    away_m = func.ST_Distance(func.geography(row.geom), func.geography(here))
    high = radius_m * _DEG_PER_M * _BOX
    wide = min(high / max(math.cos(math.radians(y)), 1e-6), 180.0)
    apart_s = func.abs(func.extract("epoch", row.reported_at - incident.reported_at))
    query = (
        select(
            row.id, row.external_id, row.category, row.state, row.reported_at, away_m.label("away")
        )
        .where(
            row.id != incident.number,
            row.geom.bool_op("&&")(func.ST_Expand(here, wide, high)),
            _of_category(incident.category.partition(".")[0]),
            apart_s <= hours * 3600,
            away_m <= radius_m,
        )
        .order_by((row.category != incident.category), away_m, row.id)
        .limit(SIMILAR)
    )
    return tuple(Similar(*each) for each in session.execute(query))


def faults(session: Session, external_ids: list[str]) -> dict[str, tuple[float, list[str]]]:
    """Give how probable the grid of uncertain addresses is and what is wrong with them.

    Returns
    -------
    dict of str to tuple
        Only of those incidents whose address went before a person.
    """
    row, asked = t.GeocodedRow, t.GeocodeReview
    query = (
        select(row.external_id, asked.grid_probability, asked.faults)
        .join(asked, asked.id == row.review_id)
        .where(row.kind == "incidents", row.external_id.in_(external_ids))
    )
    return {number: (chance, said) for number, chance, said in session.execute(query)}


def _incidents() -> Select[Any]:
    row = t.Incident
    return select(
        row.id,
        row.external_id,
        row.category,
        row.reported_at,
        row.closed_at,
        row.solved_at_level,
        row.state,
        row.address,
        row.description,
        func.ST_X(row.geom),
        func.ST_Y(row.geom),
        row.grid_code,
        row.match,
        row.distance_m,
        row.unplaced_reason,
        _version(),
    )


def _version() -> ColumnElement[str]:
    """Give what changes with the row, each decision on it and each state it comes into."""
    row, decided, moved = t.Incident, t.IncidentDecision, t.IncidentMove
    last = [
        select(func.max(table.id)).where(table.incident_id == row.id).scalar_subquery()
        for table in (decided, moved)
    ]
    whole = cast(literal_column(row.__tablename__), Text)
    return func.left(func.md5(func.concat_ws(" ", whole, *last)), 16)


def _point(spot: Spot | None) -> Any:
    if spot is None:
        return None
    return func.ST_SetSRID(func.ST_Point(spot.longitude, spot.latitude), t.SRID)


def wait_at_most(session: Session, seconds: int) -> None:
    """Let the transaction fail rather than wait longer than this for any one lock."""
    session.execute(select(func.set_config("lock_timeout", f"{seconds}s", literal(value=True))))


def now(session: Session) -> datetime:
    """Give the moment at which the transaction began."""
    moment: datetime = session.execute(select(func.now())).scalar_one()
    return moment
