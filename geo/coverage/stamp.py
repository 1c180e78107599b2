"""A mark of all that pictures and tables of figures are made from: another one when it changed."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CompoundSelect,
    Text,
    cast,
    func,
    literal_column,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.territory import ground

# Visits, pairings, statuses and the like show in `coverage_month`: whatever touches them has rows
# of it written anew. Of the tables that grow with grids and months, `kept_version` tells (migration
# 0012); the others are read through.
_TABLES = (
    t.CoverageHidden,
    t.CoverageRelease,
    t.CoverageSetting,
    t.CoverageTotal,
    t.Incident,
    t.Category,
    t.Edition,
    t.PostTerm,
    t.Cadre,
    t.Organisation,
)


def stamp(session: Session) -> str:
    """Give a text that is another one whenever a figure, a border, a name or a post was changed.

    Parameters
    ----------
    session : Session

    Returns
    -------
    str
        Made of what the kept tables are at, and of the others' number of rows and the sum of the
        transactions that wrote them. A sum, not the newest: of two transactions the one that began
        first may be the last to end.
    """
    wrote = func.sum(cast(cast(literal_column("xmin"), Text), BigInteger))
    marks: CompoundSelect[Any] = union_all(
        *(
            select(literal_column(str(place)).label("place"), func.count(), wrote).select_from(one)
            for place, one in enumerate(_TABLES)
        )
    )
    rows = sorted(tuple(row) for row in session.execute(marks))
    said = "-".join(f"{count}.{newest or 0}" for _, count, newest in rows)
    versions = session.scalars(select(t.KeptVersion.version).order_by(t.KeptVersion.name))
    kept = "-".join(version.hex for version in versions)
    return f"{kept}-{said}-{ground.mark(session)}"
