"""Rules of a grid that is no more hold on its ground: none falls silently to the community's."""

from datetime import date

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.territory.lineage import find_given_up

COLUMNS = ("rule_set", "rule", "grid_code", "successor", "goes_on")

# A code that is new, or was all of the old one's, takes its rules over; where the ground came to a
# grid that was there before, its own rules hold and people are told.
_FIND = text("""
    SELECT r.rule_set, r.name, r.place, l.to_code,
        l.to_code IS NOT NULL AND g.first_edition = l.edition AND NOT EXISTS (
            SELECT FROM rule AS n WHERE n.rule_set = r.rule_set AND n.category = r.category
                AND n.level = r.level AND n.place = l.to_code)
    FROM rule AS r JOIN rule_set AS s ON s.id = r.rule_set AND s.valid && daterange(:on, NULL)
    LEFT JOIN grid_lineage AS l ON l.edition = :edition AND l.from_code = r.place
    LEFT JOIN grid AS g ON g.code = l.to_code
    WHERE r.place = ANY (:given_up)
    ORDER BY r.rule_set, r.name, l.to_code
""")


def find_rules(session: Session, edition: int, *, on: date) -> pd.DataFrame:
    """List the rules of grids that an edition gives up, and the grids that they go on for.

    Parameters
    ----------
    session : Session
    edition : int
    on : date
        Its first day.

    Returns
    -------
    DataFrame
        `COLUMNS`: a row a rule and successor, which is missing where the ground is nobody's. Where
        one does not `goes_on`, another rule holds there: the successor's own, or the community's.
    """
    given_up = find_given_up(session, edition, on=on)
    rows = session.execute(_FIND, {"edition": edition, "on": on, "given_up": given_up}).all()
    return pd.DataFrame(rows, columns=list(COLUMNS))


def follow_rules(session: Session, edition: int, *, on: date) -> pd.DataFrame:
    """Let the rules of grids that are no more hold for the new ones on their ground.

    What was decided by them stays as it was. Nothing is committed here.

    Returns
    -------
    DataFrame
        As `find_rules` gave it.
    """
    found = find_rules(session, edition, on=on)
    going = found[found["goes_on"].astype(bool)]
    if len(going):
        session.execute(
            text(
                "INSERT INTO rule (rule_set, name, category, level, place, department_id, limit_h) "
                "SELECT r.rule_set, r.name || '-' || n.code, r.category, r.level, n.code, "
                "r.department_id, r.limit_h FROM rule AS r "
                "JOIN unnest(CAST(:sets AS int[]), CAST(:rules AS text[]), CAST(:codes AS text[])) "
                "AS n (rule_set, name, code) USING (rule_set, name) ON CONFLICT DO NOTHING"
            ),
            {
                "sets": going["rule_set"].tolist(),
                "rules": going["rule"].tolist(),
                "codes": going["successor"].tolist(),
            },
        )
    return found
