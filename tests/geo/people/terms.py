"""Terms of posts, one a line: "001001 grid_leader 张三 2025-01-01 2025-07-01".

A place is what follows 150625100: three digits of a community, six of a level-two grid.
"""

import pandas as pd
from sqlalchemy.orm import Session

from tests.builders import world

PREFIX = "150625100"


def hold(session: Session, *lines: str) -> None:
    """Store terms; one without a second day is open."""
    posts = []
    for line in lines:
        at, role, holder, first, *last = line.split()
        posts.append(
            {
                "grid_code": PREFIX + at,
                "role": role,
                "seat": holder if role == "member" else "",
                "holder": holder,
                "valid": f"[{first},{last[0] if last else ''})",
            }
        )
    world(session, posts=posts)


def shown(rows: pd.DataFrame, *columns: str) -> list[str]:
    """Give rows as texts: the place, then columns; a missing value is "-"."""
    cells = rows[["grid_code", *columns]].astype(object).where(rows.notna(), "-")
    return [
        " ".join([str(code).removeprefix(PREFIX), *map(str, rest)])
        for code, *rest in cells.itertuples(index=False)
    ]
