"""The world of tests/api/conftest.py, told further for those who read `published`.

Edition 2 calls the first grid 金鼎新村 from 2026 on. A grid ...003 was there in 2024 only. The
third grid, alone in its community, has three households: too few to show a figure.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.conftest import FIRST, SECOND, THIRD, fill, households
from tests.builders import square, territory, world

FORMER = FIRST[:12] + "003"
VERSIONS = 13
HIDDEN = {THIRD, THIRD[:12]}


def told(session: Session) -> None:
    """Publish, let households be visited and incidents happen."""
    fill(session)
    _second_edition(session)
    incidents = [
        (FIRST, "2026-10-31 23:30+08", "2026-11-02 09:00+08", "grid"),
        (FIRST, "2026-10-05 09:00+08", None, None),
        (SECOND, "2026-10-05 09:00+08", "2026-10-06 09:00+08", "above"),
        (THIRD, "2026-10-05 09:00+08", None, None),
        (FORMER, "2024-12-05 09:00+08", "2024-12-06 09:00+08", "community"),
    ]
    world(
        session,
        households=households(THIRD, 3, x=2),
        incidents=[
            {
                "external_id": f"i{n}",
                "reported_at": reported,
                "closed_at": closed,
                "solved_at_level": level,
                "grid_code": code,
                "match": "inside",
                "distance_m": 0,
            }
            for n, (code, reported, closed, level) in enumerate(incidents)
        ],
    )


def _second_edition(session: Session) -> None:
    session.execute(
        text("UPDATE grid_version SET editions = '[1,2)' WHERE code = :code"), {"code": FIRST}
    )
    first = square(FIRST, x=0)
    like = {"geom": first.geometry[0], "area_m2": territory(first)["area_m2"].iloc[-1]}
    world(
        session,
        editions=[{"id": 2, "title": "第二版", "valid_from": "2026-01-01"}],
        grid_codes=[{"code": FORMER}],
        versions=[
            {"code": code, "name": name, "valid": valid, "editions": editions, **like}
            for code, name, valid, editions in (
                (FIRST, "金鼎小区", "[2024-01-01,2026-01-01)", "[2,)"),
                (FIRST, "金鼎新村", "[2026-01-01,)", "[2,)"),
                (FORMER, "旧小区", "[2024-01-01,2025-01-01)", "[1,)"),
            )
        ],
    )
