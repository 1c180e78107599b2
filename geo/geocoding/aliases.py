"""All SQL of aliases: proposed, confirmed, withdrawn. Nothing here commits."""

from typing import Any

import pandas as pd
from sqlalchemy import column, func, literal, select, table, text, update
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.db.copy import copy_frame

STATES = ("proposed", "confirmed", "withdrawn", "dismissed")

# Two people who, each for themselves, took the same words for the same compound. A name that was
# dismissed or withdrawn is not proposed again: somebody has said no.
_AGREED = """
INSERT INTO alias (target_kind, target_id, alias, kind, source, valid, state)
SELECT 'compound', d.compound_id, d.called, 'popular', 'review', daterange(current_date, NULL),
    'proposed'
FROM review_decision AS d
WHERE d.undone_at IS NULL AND d.called IS NOT NULL AND d.compound_id IS NOT NULL
    AND NOT EXISTS (
        SELECT FROM alias AS a
        WHERE a.target_kind = 'compound' AND a.target_id = d.compound_id AND a.alias = d.called
            AND a.valid @> current_date
    )
    -- What is the name of another compound cannot become a by-name of this one.
    AND NOT EXISTS (
        SELECT FROM compound AS c
        WHERE c.external_id <> d.compound_id AND (c.name = d.called OR d.called = ANY (c.aliases))
    )
GROUP BY d.compound_id, d.called
HAVING count(DISTINCT d.actor) >= 2
RETURNING id
"""
# A proposal stands on two agreeing decisions; where one was undone it falls.
_FALLEN = """
DELETE FROM alias AS a
WHERE a.state = 'proposed' AND a.source = 'review' AND (
    SELECT count(DISTINCT d.actor)
    FROM review_decision AS d
    WHERE d.undone_at IS NULL AND d.called = a.alias AND d.compound_id = a.target_id
) < 2
"""


def weigh(session: Session) -> list[int]:
    """Propose what two people agree on and drop proposals that lost their ground.

    Returns
    -------
    list of int
        Numbers of the aliases that were proposed now.
    """
    session.flush()
    session.execute(text(_FALLEN))
    return list(session.scalars(text(_AGREED)))


def get(session: Session, number: int, *, locked: bool = False) -> t.Alias | None:
    """Give one alias, or None; `locked` makes two who change it at once take turns."""
    query = select(t.Alias).where(t.Alias.id == number)
    return session.scalar(query.with_for_update() if locked else query)


def has_twin(session: Session, alias: t.Alias) -> bool:
    """Tell whether the same words are proposed or confirmed for the same place by another row."""
    query = select(t.Alias.id).where(
        t.Alias.id != alias.id,
        t.Alias.target_kind == alias.target_kind,
        t.Alias.target_id == alias.target_id,
        t.Alias.alias == alias.alias,
        t.Alias.state.in_(("proposed", "confirmed")),
    )
    return session.scalar(query.limit(1)) is not None


def page(session: Session, *, state: str | None, limit: int, after: int | None) -> list[t.Alias]:
    """List aliases by number, those in one state where it is named, after a number."""
    query = select(t.Alias).order_by(t.Alias.id).limit(limit)
    if state is not None:
        query = query.where(t.Alias.state == state)
    if after is not None:
        query = query.where(t.Alias.id > after)
    return list(session.scalars(query))


def names(session: Session, ids: list[str]) -> dict[str, str]:
    """Give the names of compounds by external id."""
    query = select(t.Compound.external_id, t.Compound.name).where(
        t.Compound.external_id == func.any(literal(ids))
    )
    return {row.external_id: row.name for row in session.execute(query)}


def put(session: Session, rows: pd.DataFrame, *, actor: str) -> int:
    """Write aliases that are confirmed at once, as a person imports them.

    One that is there already, confirmed, is left as it is; one that was proposed is confirmed.

    Parameters
    ----------
    session : Session
    rows : DataFrame, shape (n,)
        `target_kind`, `target_id`, `alias`, `kind`, `source`; no two rows of the same target and
        alias.
    actor : str
        Who answers for them.

    Returns
    -------
    int
        Aliases that are in force now and were not before.
    """
    session.execute(text("DROP TABLE IF EXISTS pg_temp.alias_staged"))
    session.execute(
        text(
            "CREATE TEMP TABLE alias_staged (target_kind text, target_id text, alias text, "
            "kind text, source text) ON COMMIT DROP"
        )
    )
    copy_frame(session, "alias_staged", rows)
    who = {"actor": actor}
    confirmed = session.execute(
        text(
            "UPDATE alias AS a SET state = 'confirmed', confirmed_by = :actor, "
            "confirmed_at = now() FROM alias_staged AS s WHERE a.state = 'proposed' "
            "AND (a.target_kind, a.target_id, a.alias) = (s.target_kind, s.target_id, s.alias) "
            "RETURNING a.id"
        ),
        who,
    ).all()
    added = session.execute(
        text(
            "INSERT INTO alias (target_kind, target_id, alias, kind, source, valid, state, "
            "confirmed_by, confirmed_at) SELECT s.target_kind, s.target_id, s.alias, s.kind, "
            "s.source, daterange(current_date, NULL), 'confirmed', :actor, now() "
            "FROM alias_staged AS s WHERE NOT EXISTS (SELECT FROM alias AS a "
            "WHERE a.state = 'confirmed' AND a.valid && daterange(current_date, NULL) "
            "AND (a.target_kind, a.target_id, a.alias) = (s.target_kind, s.target_id, s.alias)) "
            "RETURNING id"
        ),
        who,
    ).all()
    return len(confirmed) + len(added)


_NAMED: dict[str, Any] = {
    "towns": t.Division,
    "compounds": t.Compound,
    "landmarks": t.Landmark,
    "organisations": t.Organisation,
}
NAMED_TABLES = tuple(_NAMED)


def put_names(session: Session, kind: str, rows: pd.DataFrame) -> int:
    """Write the by-names that places carry themselves; rows that differ only.

    Parameters
    ----------
    session : Session
    kind : {"towns", "compounds", "landmarks", "organisations"}
    rows : DataFrame, shape (n,)
        `key` and `aliases` ("|" between).

    Returns
    -------
    int
        Places that changed.
    """
    place = _NAMED[kind]
    key = place.code if place is t.Division else place.external_id
    session.execute(text("DROP TABLE IF EXISTS pg_temp.names_staged"))
    session.execute(text("CREATE TEMP TABLE names_staged (key text, aliases text) ON COMMIT DROP"))
    copy_frame(session, "names_staged", rows)
    staged = table("names_staged", column("key"), column("aliases"))
    names = func.array_remove(func.string_to_array(staged.c.aliases, "|"), "")
    done = session.execute(
        update(place)
        .where(key == staged.c.key, place.aliases != names)
        .values(aliases=names)
        .returning(key)
        .execution_options(synchronize_session=False)
    )
    return len(done.all())
