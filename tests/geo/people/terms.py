"""Terms of posts, one a line: "001001 grid_leader 张三 2025-01-01 2025-07-01".

A place is what follows 150625100: three digits of a community, six of a level-two grid.
"""

import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

PREFIX = "150625100"


def hold(session: Session, *lines: str) -> None:
    """Store terms; one without a second day is open."""
    for line in lines:
        place, role, holder, first, *last = line.split()
        session.execute(
            text(
                "INSERT INTO post_term (grid_code, role, seat, holder, valid) VALUES (:grid, :role,"
                " CASE WHEN :role = 'member' THEN :holder ELSE '' END, :holder,"
                " daterange(CAST(:first AS date), CAST(:last AS date)))"
            ),
            {
                "grid": PREFIX + place,
                "role": role,
                "holder": holder,
                "first": first,
                "last": last[0] if last else None,
            },
        )


def shown(rows: pd.DataFrame, *columns: str) -> list[str]:
    """Give rows as texts: the place, then columns; a missing value is "-"."""
    cells = rows[["grid_code", *columns]].astype(object).where(rows.notna(), "-")
    return [
        " ".join([str(code).removeprefix(PREFIX), *map(str, rest)])
        for code, *rest in cells.itertuples(index=False)
    ]
