"""All SQL of decisions on incidents: what was last decided, what is decided now, and all of it.

Rows are only added; triggers tell the feed of each. Nothing here commits.
"""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.db.copy import copy_frame
from geo.incidents import rules
from geo.incidents.model import Basis, Decision
from geo.routing.model import Candidate
from geo.territory import rehoming
from geo.territory.index import GridIndex

_LATEST_DECISIONS = Path(__file__).parent / "sql" / "latest_decisions.sql"
# What a decision says, in columns of `incident_decision`; `candidates` as JSON text.
SAYS = ("grid_code", "match", "distance_m", "rule", "department", "limit_h", "candidates")
# What it was made from.
MADE_FROM = (
    "longitude",
    "latitude",
    "accuracy_m",
    "placed_by",
    "category",
    "at",
    "edition",
    "rule_set",
    "nearest_limit_m",
)
# Decisions read at once for a replay.
CHUNK = 20_000
_FLOATS = ("longitude", "latitude", "accuracy_m", "distance_m", "limit_h", "nearest_limit_m")

# A word of a file and the code of a state are one state; a state that was told is not told again.
_MOVES = text(
    """
    INSERT INTO incident_move (incident_id, state)
    SELECT i.id, coalesce(known.code, i.state)
    FROM incident AS i
    LEFT JOIN unnest(CAST(:words AS text[]), CAST(:codes AS text[])) AS known (word, code)
        ON known.word = i.state
    LEFT JOIN (
        SELECT DISTINCT ON (incident_id) incident_id, state
        FROM incident_move ORDER BY incident_id, id DESC
    ) AS last ON last.incident_id = i.id
    WHERE last.state IS DISTINCT FROM coalesce(known.code, i.state)
    ORDER BY i.id
    """
)


def latest_decisions(session: Session, *, every: bool) -> pd.DataFrame:
    """Read the incidents that may have to be decided, and what was last decided of each.

    Parameters
    ----------
    session : Session
    every : bool
        All that have not ended; else only those that were never decided, or whose place or
        category changed since.

    Returns
    -------
    DataFrame
        See `sql/latest_decisions.sql`; by id, on a range index.
    """
    result = session.execute(
        text(_LATEST_DECISIONS.read_text(encoding="utf-8")),
        {"every": every, "ended": list(rules.ended_words())},
    )
    frame = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
    floats = [name for name in frame if str(name).removeprefix("last_") in _FLOATS]
    return frame.astype({**dict.fromkeys(floats, float), "open": bool})


def add(session: Session, decided: pd.DataFrame) -> None:
    """Keep decisions.

    Parameters
    ----------
    session : Session
    decided : DataFrame, shape (n,)
        `incident_id`, `cause`, `MADE_FROM` and `SAYS`, in the order in which they were made.
    """
    columns = ["incident_id", "cause", *MADE_FROM, *SAYS]
    copy_frame(session, t.IncidentDecision.__tablename__, decided[columns])


def place(session: Session, placed: pd.DataFrame) -> None:
    """Let incidents lie where their decisions say.

    Parameters
    ----------
    session : Session
    placed : DataFrame, shape (n,)
        `id`, `grid_code`, `match`, `distance_m`, `unplaced_reason`.
    """
    if placed.empty:
        return
    session.execute(text("DROP TABLE IF EXISTS pg_temp.incident_placed"))
    session.execute(
        text(
            "CREATE TEMP TABLE incident_placed (id int, grid_code text, match text, "
            "distance_m float8, unplaced_reason text) ON COMMIT DROP"
        )
    )
    copy_frame(session, "incident_placed", placed)
    session.execute(
        text(
            "UPDATE incident AS i SET grid_code = p.grid_code, match = p.match, "
            "distance_m = p.distance_m, unplaced_reason = p.unplaced_reason "
            "FROM incident_placed AS p WHERE i.id = p.id"
        )
    )


def find_rehomed(session: Session, index: GridIndex, *, limit_m: float) -> pd.DataFrame:
    """Find the incidents under way that lie in another grid of an edition than they do now.

    What is closed stays where it was handled.

    Parameters
    ----------
    session : Session
    index : GridIndex
        Of the edition's level-two grids.
    limit_m : float
        How far outside a grid an incident is still given to it.

    Returns
    -------
    DataFrame
        The incidents whose grid is another now, see `geo.territory.rehoming.find_moved`.
    """
    table = t.Incident
    rows = session.execute(
        select(table.id, table.external_id, table.grid_code, table.geom.ST_AsBinary()).where(
            table.geom.is_not(None), table.closed_at.is_(None)
        )
    ).all()
    points = pd.DataFrame(rows, columns=["id", "external_id", "grid_code", "wkb"])
    return rehoming.find_moved(points, index, limit_m=limit_m)


def rehome(session: Session, index: GridIndex, *, limit_m: float) -> pd.DataFrame:
    """Let the incidents under way lie in their grids of an edition: `find_rehomed`, and write it.

    Whatever was decided of them. Nothing is committed here.
    """
    moved = find_rehomed(session, index, limit_m=limit_m)
    placed = moved[["id", "match", "distance_m"]].assign(
        grid_code=moved["to_grid"],
        unplaced_reason=moved["to_grid"].isna().map({True: "PLACE.noGrid", False: None}),
    )
    place(session, placed)
    return moved


def note_states(session: Session) -> None:
    """Keep the state of every incident whose state is another than the last that was kept."""
    known = [(word, state.code) for state in rules.states().values() for word in state.words]
    words, codes = zip(*known, strict=True)
    session.execute(_MOVES, {"words": list(words), "codes": list(codes)})


def of_incident(session: Session, number: int) -> tuple[Decision, ...]:
    """Give all decisions on an incident, the latest first."""
    row = t.IncidentDecision
    query = select(row).where(row.incident_id == number).order_by(row.id.desc())
    return tuple(decision(each) for each in session.scalars(query))


def in_force(session: Session, numbers: list[int]) -> dict[int, Decision]:
    """Give the latest decision on each of some incidents."""
    row = t.IncidentDecision
    latest = select(func.max(row.id)).where(row.incident_id.in_(numbers)).group_by(row.incident_id)
    query = select(row).where(row.id.in_(latest))
    return {each.incident_id: decision(each) for each in session.scalars(query)}


def decision(row: t.IncidentDecision) -> Decision:
    """Give a row as a value."""
    basis = Basis(row.edition, row.at, row.rule_set, row.nearest_limit_m)
    return Decision(
        number=row.id,
        decided_at=row.decided_at,
        cause=row.cause,  # type: ignore[arg-type]  # the table's check holds it
        placed_by=row.placed_by,
        longitude=row.longitude,
        latitude=row.latitude,
        accuracy_m=row.accuracy_m,
        category=row.category,
        basis=basis,
        grid_code=row.grid_code,
        match=row.match,
        distance_m=row.distance_m,
        rule=row.rule,
        department=row.department,
        limit_h=row.limit_h,
        candidates=read_candidates(row.candidates),
    )


def read_candidates(stored: Any) -> tuple[Candidate, ...]:
    """Read candidates as they are stored: a list of `grid_code` and `probability`, or its text."""
    listed = json.loads(stored) if isinstance(stored, str) else stored
    return tuple(Candidate(each["grid_code"], each["probability"]) for each in listed)


def count(session: Session, *, since: date | None, until: date | None) -> int:
    """Count the decisions of days, half-open; of all where no day is named."""
    query = select(func.count()).select_from(t.IncidentDecision).where(*_days(since, until))
    return session.scalar(query) or 0


def chunks(session: Session, *, since: date | None, until: date | None) -> Iterator[pd.DataFrame]:
    """Read decisions, `CHUNK` at a time, in the order in which they were made.

    Parameters
    ----------
    session : Session
    since, until : date, optional
        Days on which they were made, half-open.

    Yields
    ------
    DataFrame
        `number`, `incident` (external id), `decided_at`, `MADE_FROM` and `SAYS`.
    """
    row, after = t.IncidentDecision, 0
    columns = [row.__table__.c[name] for name in (*MADE_FROM, *SAYS)]
    query = (
        select(row.id.label("number"), t.Incident.external_id.label("incident"), row.decided_at)
        .add_columns(*columns)
        .join(t.Incident, t.Incident.id == row.incident_id)
        .where(*_days(since, until))
        .order_by(row.id)
        .limit(CHUNK)
    )
    while True:
        result = session.execute(query.where(row.id > after))
        frame = pd.DataFrame(result.all(), columns=list(result.keys()), dtype=object)
        if frame.empty:
            return
        after = int(frame["number"].iloc[-1])
        yield frame.astype(dict.fromkeys(_FLOATS, float))


def _days(since: date | None, until: date | None) -> list[Any]:
    row = t.IncidentDecision
    return [
        *([] if since is None else [row.at >= since]),
        *([] if until is None else [row.at < until]),
    ]
