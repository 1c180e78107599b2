"""All SQL of the review queue and its decisions. Nothing here commits."""

from typing import Any

import pandas as pd
from sqlalchemy import Select, and_, delete, func, literal, or_, select, text, update
from sqlalchemy.orm import Session, aliased

from geo.codes import GRID_DIGITS
from geo.db import tables as t
from geo.db.copy import copy_frame

STAGED = "review_staged"
# States in which the queue may still change its mind; the others are what a person said.
UNDECIDED = ("open", "settled")

_STAGE = """
CREATE TEMP TABLE review_staged (
    text text, normalised text, level text, best jsonb, candidates jsonb, faults jsonb,
    probability float, grid_probability float, kind text, external_id text
) ON COMMIT DROP
"""
_PUT_TEXTS = """
INSERT INTO geocode_review AS r (text, normalised, level, best, candidates, faults, probability,
    grid_probability, edition, revision)
SELECT DISTINCT ON (normalised) text, normalised, level, best, candidates,
    ARRAY(SELECT jsonb_array_elements_text(faults)), probability, grid_probability,
    :edition, :revision
FROM review_staged
ORDER BY normalised, text
ON CONFLICT (normalised) DO UPDATE SET level = excluded.level, best = excluded.best,
    candidates = excluded.candidates, faults = excluded.faults,
    probability = excluded.probability, grid_probability = excluded.grid_probability,
    edition = excluded.edition, revision = excluded.revision, state = 'open', settled_by = NULL
WHERE r.state IN ('open', 'settled')
"""
# A row has one address at a time: where it changed, the row moves to the other text.
_PUT_ROWS = """
INSERT INTO geocoded_row AS w (kind, external_id, text, review_id)
SELECT DISTINCT ON (s.kind, s.external_id) s.kind, s.external_id, s.normalised, r.id
FROM review_staged AS s
LEFT JOIN geocode_review AS r ON r.normalised = s.normalised AND s.level IS NOT NULL
WHERE s.external_id IS NOT NULL
ORDER BY s.kind, s.external_id
ON CONFLICT (kind, external_id) DO UPDATE SET review_id = excluded.review_id, text = excluded.text
WHERE w.review_id IS DISTINCT FROM excluded.review_id OR w.text <> excluded.text
"""
_COUNT = """
UPDATE geocode_review AS r SET affects = counted.many
FROM (
    SELECT g.id, count(w.review_id) AS many
    FROM geocode_review AS g
    LEFT JOIN geocoded_row AS w ON w.review_id = g.id
    GROUP BY g.id
) AS counted
WHERE counted.id = r.id AND r.affects <> counted.many
"""


def put(session: Session, rows: pd.DataFrame, *, edition: int, revision: int) -> None:
    """Put texts before a person; one that is there already is not put twice.

    What somebody decided stays decided. The same rows again change nothing.

    Parameters
    ----------
    session : Session
    rows : DataFrame, shape (n,)
        `text`, `normalised`, `level`, `best`, `candidates`, `faults` (the last three as JSON text),
        `probability`, `grid_probability`, and `kind` and `external_id` of the row that holds the
        text (missing where no stored row does).
    edition, revision : int
        Of the gazetteer that could not decide.
    """
    if rows.empty:
        return
    _stage(session, rows)
    session.execute(text(_PUT_TEXTS), {"edition": edition, "revision": revision})
    session.execute(text(_PUT_ROWS))
    session.execute(text(_COUNT))


def _stage(session: Session, rows: pd.DataFrame) -> None:
    session.execute(text(f"DROP TABLE IF EXISTS pg_temp.{STAGED}"))
    session.execute(text(_STAGE))
    copy_frame(session, STAGED, rows)


def note(session: Session, rows: pd.DataFrame) -> None:
    """Keep which rows were placed by their addresses.

    Parameters
    ----------
    session : Session
    rows : DataFrame, shape (n,)
        `kind`, `external_id`, `normalised`, and `level`: "decided" where a decision on the text
        placed the row, missing where the gazetteer did by itself.
    """
    if rows.empty:
        return
    _stage(session, rows)
    session.execute(text(_PUT_ROWS))
    session.execute(text(_COUNT))


def read_by(session: Session, alias: str) -> pd.DataFrame:
    """Give the rows that were placed, or left the queue, by a text that holds an alias.

    Returns
    -------
    DataFrame
        `kind`, `external_id`, `text`, by text and row; rows that a person decided are not among
        them.
    """
    row, asked = t.GeocodedRow, t.GeocodeReview
    query = (
        select(row.kind, row.external_id, row.text)
        .outerjoin(asked, asked.id == row.review_id)
        .where(func.strpos(row.text, alias) > 0, or_(asked.id.is_(None), asked.state == "settled"))
        .order_by(row.text, row.kind, row.external_id)
    )
    columns = ["kind", "external_id", "text"]
    return pd.DataFrame.from_records(session.execute(query).all(), columns=columns)


def forget(session: Session, *, kind: str, external_ids: list[str]) -> None:
    """Forget the addresses of rows that have coordinates of their own now.

    Parameters
    ----------
    session : Session
    kind : {"households", "incidents"}
    external_ids : list of str
    """
    table = t.GeocodedRow
    waiting = session.scalar(select(func.count()).select_from(table).where(table.kind == kind))
    if not waiting or not external_ids:
        return
    gone = delete(table).where(
        table.kind == kind, table.external_id == func.any(literal(external_ids))
    )
    if session.execute(gone.returning(table.external_id)).first() is not None:
        session.execute(text(_COUNT))


def page(
    session: Session, *, state: str | None, limit: int, after: int | None = None
) -> list[t.GeocodeReview]:
    """List reviews, those that affect most rows first, the older first where two affect as many.

    Parameters
    ----------
    session : Session
    state : str, optional
        Only those in this state.
    limit : int
    after : int, optional
        Number of the last review of the page before.
    """
    table = t.GeocodeReview
    query = select(table).order_by(table.affects.desc(), table.id).limit(limit)
    if state is not None:
        query = query.where(table.state == state)
    if after is not None:
        last = aliased(table)
        there = select(last.affects).where(last.id == after).scalar_subquery()
        query = query.where(
            or_(table.affects < there, and_(table.affects == there, table.id > after))
        )
    return list(session.scalars(query))


def count(session: Session, *, state: str | None) -> int:
    """Count the reviews, those in one state where it is named."""
    table = t.GeocodeReview
    query = select(func.count()).select_from(table)
    if state is not None:
        query = query.where(table.state == state)
    return session.scalar(query) or 0


def get(session: Session, number: int, *, locked: bool = False) -> t.GeocodeReview | None:
    """Give one review, or None; `locked` makes two who decide at once take turns."""
    query = select(t.GeocodeReview).where(t.GeocodeReview.id == number)
    return session.scalar(query.with_for_update() if locked else query)


def decisions(session: Session, number: int) -> list[t.ReviewDecision]:
    """List all decisions on a review, undone ones too, the earliest first."""
    table = t.ReviewDecision
    query = select(table).where(table.review_id == number).order_by(table.id)
    return list(session.scalars(query))


def active_decisions(session: Session, number: int) -> list[t.ReviewDecision]:
    """List the decisions on a review that were not undone, the earliest first."""
    return [each for each in decisions(session, number) if each.undone_at is None]


def decided(session: Session, normalised: list[str]) -> pd.DataFrame:
    """Give what people said of texts.

    Parameters
    ----------
    session : Session
    normalised : list of str
        Distinct normalised texts.

    Returns
    -------
    DataFrame
        `action`, `target_kind`, `target_id`, `compound_id`, `longitude`, `latitude` (all but the
        first missing for "unknown" and "not_in_banner"), indexed by normalised text; only those
        that somebody decided.
    """
    review, said = t.GeocodeReview, t.ReviewDecision
    query = (
        select(review.normalised, said.action, said.target_kind, said.target_id)
        .join(said, said.review_id == review.id)
        .where(
            said.undone_at.is_(None),
            review.state.not_in(UNDECIDED),
            review.normalised == func.any(literal(normalised)),
        )
        .order_by(said.id)
    )
    columns = ["normalised", "action", "target_kind", "target_id"]
    found = pd.DataFrame.from_records(session.execute(query).all(), columns=columns)
    found = found.drop_duplicates("normalised")  # who came second said the same
    wanted = found.dropna(subset=["target_id"])
    spots = targets(session, wanted["target_kind"].tolist(), wanted["target_id"].tolist())
    keys = ["target_kind", "target_id"]
    return found.merge(spots.drop(columns="name"), on=keys, how="left").set_index("normalised")


def targets(session: Session, kinds: list[str], ids: list[str]) -> pd.DataFrame:
    """Find places by kind and external id (a grid by its code).

    Parameters
    ----------
    session : Session
    kinds : list of {"household", "building", "compound", "landmark", "organisation", "grid"}
    ids : list of str
        As long as `kinds`.

    Returns
    -------
    DataFrame
        `target_kind`, `target_id`, `name`, `compound_id` (external, missing where it lies in
        none), `longitude`, `latitude` (EPSG:4490); a place that is not there has no row.
    """
    columns = ["target_kind", "target_id", "name", "compound_id", "longitude", "latitude"]
    frame = pd.DataFrame({"kind": kinds, "id": ids}).drop_duplicates()
    parts = [
        pd.DataFrame.from_records(
            session.execute(_TARGETS[str(kind)](same["id"].tolist())).all(), columns=columns[1:]
        ).assign(target_kind=kind)
        for kind, same in frame.groupby("kind")
    ]
    empty = pd.DataFrame(columns=columns).astype({"longitude": float, "latitude": float})
    # Of a grid that several editions know the newest version comes first.
    found = [part[columns].drop_duplicates("target_id") for part in parts if len(part)]
    return pd.concat(found, ignore_index=True) if found else empty


def _spot(
    table: Any, ids: list[str], name: Any, compound: Any, *, shape: Any = None
) -> Select[*tuple[Any, ...]]:
    shape = table.geom if shape is None else shape
    inside = func.ST_PointOnSurface(shape)
    return select(
        table.external_id,
        name.label("name"),
        compound.label("compound_id"),
        func.ST_X(inside).label("longitude"),
        func.ST_Y(inside).label("latitude"),
    ).where(table.external_id == func.any(literal(ids)), shape.is_not(None))


def _households(ids: list[str]) -> Select[*tuple[Any, ...]]:
    query = _spot(t.Household, ids, t.Household.address, t.Compound.external_id)
    return query.outerjoin(t.Building, t.Building.id == t.Household.building_id).outerjoin(
        t.Compound, t.Compound.id == t.Building.compound_id
    )


def _buildings(ids: list[str]) -> Select[*tuple[Any, ...]]:
    shape = func.coalesce(t.Building.geom, t.Compound.geom)
    query = _spot(t.Building, ids, t.Building.name, t.Compound.external_id, shape=shape)
    return query.join(t.Compound, t.Compound.id == t.Building.compound_id)


def _compounds(ids: list[str]) -> Select[*tuple[Any, ...]]:
    return _spot(t.Compound, ids, t.Compound.name, t.Compound.external_id)


def _landmarks(ids: list[str]) -> Select[*tuple[Any, ...]]:
    return _spot(t.Landmark, ids, t.Landmark.name, literal(None))


def _organisations(ids: list[str]) -> Select[*tuple[Any, ...]]:
    return _spot(t.Organisation, ids, t.Organisation.name, literal(None))


def _grids(ids: list[str]) -> Select[*tuple[Any, ...]]:
    table = t.GridVersion
    inside = func.ST_PointOnSurface(table.geom)
    return (
        select(
            table.code,
            table.name,
            literal(None).label("compound_id"),
            func.ST_X(inside).label("longitude"),
            func.ST_Y(inside).label("latitude"),
        )
        .where(
            table.code == func.any(literal(ids)),
            func.length(table.code) == GRID_DIGITS,
            table.valid.contains(func.current_date()),
        )
        .order_by(table.code, func.lower(table.editions).desc())
    )


_TARGETS: dict[str, Any] = {
    "household": _households,
    "building": _buildings,
    "compound": _compounds,
    "landmark": _landmarks,
    "organisation": _organisations,
    "grid": _grids,
}
TARGET_KINDS = tuple(_TARGETS)


def place_incidents(session: Session, placed: pd.DataFrame) -> int:
    """Give the incidents of reviews their place, or the reason why they have none.

    Parameters
    ----------
    session : Session
    placed : DataFrame, shape (n,)
        `review_id`, `longitude`, `latitude`, `grid_code`, `match`, `distance_m`,
        `unplaced_reason`; either the first five after the id are given, or the last is.

    Returns
    -------
    int
        Incidents that changed.
    """
    if placed.empty:
        return 0
    session.execute(text("DROP TABLE IF EXISTS pg_temp.review_placed"))
    session.execute(
        text(
            "CREATE TEMP TABLE review_placed (review_id int, longitude float, latitude float, "
            "grid_code text, match text, distance_m float, unplaced_reason text) ON COMMIT DROP"
        )
    )
    copy_frame(session, "review_placed", placed)
    done = session.execute(
        text(
            "UPDATE incident AS i SET grid_code = p.grid_code, match = p.match, "
            "distance_m = p.distance_m, unplaced_reason = p.unplaced_reason, "
            "geom = ST_SetSRID(ST_Point(p.longitude, p.latitude), 4490) "
            "FROM review_placed AS p JOIN geocoded_row AS w USING (review_id) "
            "WHERE w.kind = 'incidents' AND i.external_id = w.external_id RETURNING i.id"
        )
    )
    return len(done.all())


def holding(session: Session, alias: str, *, state: str) -> list[t.GeocodeReview]:
    """List the reviews in a state whose text holds an alias."""
    table = t.GeocodeReview
    # No pattern: an alias may hold a percent sign.
    held = func.strpos(table.normalised, alias) > 0
    return list(session.scalars(select(table).where(table.state == state, held)))


def numbers(session: Session, normalised: list[str]) -> list[int]:
    """Give the numbers of the reviews of normalised texts, in no order."""
    table = t.GeocodeReview
    query = select(table.id).where(table.normalised == func.any(literal(normalised)))
    return list(session.scalars(query))


def settle(session: Session, numbers: list[int], *, alias: int | None) -> None:
    """Mark reviews as read by the gazetteer now that it has an alias; None opens them again."""
    state = "open" if alias is None else "settled"
    table = t.GeocodeReview
    session.execute(
        update(table)
        .where(table.id == func.any(literal(numbers)))
        .values(state=state, settled_by=alias)
    )
