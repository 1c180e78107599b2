"""The world of tests/api/conftest.py, told further for those who read `published`.

Edition 2 calls the first grid 金鼎新村 from 2026 on. A grid ...003 was there in 2024 only. The
third grid, alone in its community, has three households: too few to show a figure.
"""

from sqlalchemy import text
from sqlalchemy.orm import Session

from tests.api.conftest import FIRST, SECOND, THIRD, fill, middle

FORMER = FIRST[:12] + "003"
VERSIONS = 13
HIDDEN = {THIRD, THIRD[:12]}


def told(session: Session) -> None:
    """Publish, let households be visited and incidents happen."""
    fill(session)
    _second_edition(session)
    longitude, latitude = middle(2)
    session.execute(
        text(
            "INSERT INTO household (external_id, residents, registered_from, grid_code, match, "
            "distance_m, geom) SELECT :code || '-' || n, 3, '2024-01-01', :code, 'inside', 0, "
            "ST_SetSRID(ST_Point(:longitude, :latitude), 4490) FROM generate_series(1, 3) n"
        ),
        {"code": THIRD, "longitude": longitude, "latitude": latitude},
    )
    incidents = [
        (FIRST, "2026-10-31 23:30+08", "2026-11-02 09:00+08", "grid"),
        (FIRST, "2026-10-05 09:00+08", None, None),
        (SECOND, "2026-10-05 09:00+08", "2026-10-06 09:00+08", "above"),
        (THIRD, "2026-10-05 09:00+08", None, None),
        (FORMER, "2024-12-05 09:00+08", "2024-12-06 09:00+08", "community"),
    ]
    session.execute(
        text(
            "INSERT INTO incident (external_id, category, reported_at, closed_at, solved_at_level, "
            "state, grid_code, match, distance_m) VALUES (:id, 'environment', :reported, :closed, "
            ":level, 'filed', :code, 'inside', 0)"
        ),
        [
            {"id": f"i{n}", "code": code, "reported": reported, "closed": closed, "level": level}
            for n, (code, reported, closed, level) in enumerate(incidents)
        ],
    )


def _second_edition(session: Session) -> None:
    session.execute(
        text(
            "INSERT INTO edition (id, title, valid_from, synthetic, attribution) "
            "VALUES (2, '第二版', '2026-01-01', true, '合成边界')"
        )
    )
    session.execute(
        text("UPDATE grid_version SET editions = '[1,2)' WHERE code = :code"), {"code": FIRST}
    )
    session.execute(text("INSERT INTO grid (code, first_edition) VALUES (:c, 1)"), {"c": FORMER})
    copied = (
        "INSERT INTO grid_version (code, name, area_m2, valid, editions, geom) SELECT :code, "
        ":name, area_m2, CAST(:valid AS daterange), CAST(:editions AS int4range), geom "
        "FROM grid_version WHERE code = :like LIMIT 1"
    )
    session.execute(
        text(copied),
        [
            {"code": code, "name": name, "valid": valid, "editions": editions, "like": FIRST}
            for code, name, valid, editions in (
                (FIRST, "金鼎小区", "[2024-01-01,2026-01-01)", "[2,)"),
                (FIRST, "金鼎新村", "[2026-01-01,)", "[2,)"),
                (FORMER, "旧小区", "[2024-01-01,2025-01-01)", "[1,)"),
            )
        ],
    )
