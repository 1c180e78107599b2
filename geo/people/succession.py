"""Who held a post of a grid that is no more, or was paired with it, goes on at its successor."""

from datetime import date

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.territory.lineage import find_given_up

COLUMNS = ("kind", "id", "grid_code", "role", "seat", "successor", "goes_on")

# Of each code that is given up the one that most of its households go to, else most of its ground;
# none where its ground is nobody's any more. What hangs on those codes on the day or later goes on
# where the successor has nothing of the kind then; of several that would go to one place, what
# comes from where most households do.
_FIND = text("""
    WITH followed AS (
        SELECT DISTINCT ON (g.code) g.code, l.to_code AS successor,
            coalesce(l.households, 0) AS households
        FROM unnest(CAST(:given_up AS text[])) AS g (code)
        LEFT JOIN grid_lineage AS l ON l.edition = :edition AND l.from_code = g.code
        ORDER BY g.code, l.households DESC NULLS LAST, l.area_m2 DESC, l.to_code
    ),
    hanging AS (
        SELECT 'post' AS kind, t.id, t.grid_code, t.role, t.seat, t.valid, f.successor, f.households
        FROM post_term AS t JOIN followed AS f ON f.code = t.grid_code
        UNION ALL
        SELECT 'organisation', p.id, p.grid_code, '', p.organisation_id::text, p.valid,
            f.successor, f.households
        FROM compound_pairing AS p JOIN followed AS f ON f.code = p.grid_code
    ),
    ordered AS (
        SELECT h.*, h.valid * daterange(:on, NULL) AS rest,
            first_value(h.grid_code) OVER (PARTITION BY h.kind, h.successor, h.role, h.seat
                ORDER BY h.households DESC, h.grid_code) = h.grid_code AS first
        FROM hanging AS h WHERE h.valid && daterange(:on, NULL)
    )
    SELECT o.kind, o.id, o.grid_code, o.role, o.seat, o.successor,
        o.successor IS NOT NULL AND o.first AND CASE o.kind
            WHEN 'post' THEN NOT EXISTS (
                SELECT FROM post_term AS t WHERE t.grid_code = o.successor AND t.role = o.role
                    AND t.seat = o.seat AND t.valid && o.rest)
            ELSE NOT EXISTS (
                SELECT FROM compound_pairing AS p WHERE p.grid_code = o.successor
                    AND p.organisation_id::text = o.seat AND p.valid && o.rest)
        END AS goes_on
    FROM ordered AS o ORDER BY o.kind DESC, o.grid_code, o.role, o.seat, o.id
""")
# What of a row goes on, besides its grid and days.
_CARRIED = {
    "post_term": "role, seat, holder, cadre_id, organisation_id, phone",
    "compound_pairing": "organisation_id",
}


def find_succession(session: Session, edition: int, *, on: date) -> pd.DataFrame:
    """List what hangs on the grids that an edition gives up, and where it would go on.

    Parameters
    ----------
    session : Session
    edition : int
        Whose lineage is counted.
    on : date
        Its first day.

    Returns
    -------
    DataFrame
        `COLUMNS`: `kind` ("post" or "organisation", which is paired with the grid), its `id` and
        `grid_code`, of a post `role` and `seat`; the `successor` (missing where the ground is
        nobody's), and whether it `goes_on` there. Else it ends: somebody holds that post already.
    """
    given_up = find_given_up(session, edition, on=on)
    rows = session.execute(_FIND, {"edition": edition, "on": on, "given_up": given_up}).all()
    return pd.DataFrame(rows, columns=list(COLUMNS))


def succeed(session: Session, edition: int, *, on: date) -> pd.DataFrame:
    """End what hangs on grids that are no more, and let it go on at their successors.

    What has ended before stays where it was. Nothing is committed here.

    Returns
    -------
    DataFrame
        As `find_succession` gave it.
    """
    found = find_succession(session, edition, on=on)
    for kind, table in (("post", "post_term"), ("organisation", "compound_pairing")):
        rows = found[found["kind"] == kind]
        if rows.empty:
            continue
        goes_on = rows[rows["goes_on"].astype(bool)]
        bound = {"on": on, "ids": rows["id"].tolist()}
        carried = {"going": goes_on["id"].tolist(), "to": goes_on["successor"].tolist(), **bound}
        columns = _CARRIED[table]
        carry = (
            f"INSERT INTO {table} (grid_code, valid, {columns}) "  # noqa: S608 - constants of ours
            f"SELECT n.code, t.valid * daterange(:on, NULL), {columns} FROM {table} AS t "
            "JOIN unnest(CAST(:going AS int[]), CAST(:to AS text[])) AS n (id, code) USING (id)"
        )
        session.execute(text(carry), carried)
        session.execute(
            text(f"DELETE FROM {table} WHERE id = ANY (:ids) AND lower(valid) >= :on"),  # noqa: S608 - as above
            bound,
        )
        session.execute(
            text(
                f"UPDATE {table} SET valid = daterange(lower(valid), :on) WHERE id = ANY (:ids)"  # noqa: S608 - as above
            ),
            bound,
        )
    return found
