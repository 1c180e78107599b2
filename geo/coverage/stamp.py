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

# Those of whose every change the feed does not tell. It tells of months: reading theirs through, of
# all grids, would take longer than most answers.
_TABLES = (
    t.CoverageHidden,
    t.CoverageRelease,
    t.CoverageSetting,
    t.CoverageTotal,
    t.Incident,
    t.Category,
    t.Edition,
    t.GridVersion,
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
        Made of how far the feed of changes is, of the number of rows of the other tables and the
        sum of the transactions that wrote them. A sum, not the newest: of two transactions the one
        that began first may be the last to end.
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
    return f"{said}-{_told(session)}-{ground.mark(session)}"


def _told(session: Session) -> str:
    """Say how far the feed is: its last number, and what is committed and has none yet."""
    last = session.scalar(select(func.max(t.Change.number)))
    count, ids = session.execute(
        select(func.count(), func.sum(t.Change.id)).where(t.Change.number.is_(None))
    ).one()
    return f"{last or 0}.{count}.{ids or 0}"
