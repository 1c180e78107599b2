"""The world with what a banner has besides grids: compounds, offices, posts, rules, late figures.

What `services.fill` lays down, and on it:

- every grid of the seat has a compound of its name; 金鼎小区 of 建安社区 has a building, 1号楼;
- two organisations: o1 pairs everywhere but in 民乐社区, where o2 does, which handed in nothing for
  October 2026;
- one grid has three households: nothing of it is published;
- the first grid and its community have posts, and heating has a department.
"""

from datetime import date

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.routing import repository
from geo.routing.model import Rule, RuleSet
from tests import builders
from tests.browser import services
from tests.browser.world import SEAT, World

FIRST = f"{SEAT}001001"
LATE = f"{SEAT}004"  # its organisation has not handed in October
SMALL = f"{SEAT}006016"  # three households
TWIN = f"{SEAT}006015"  # the smallest beside it, which would tell of it
OFFICE = "发展和改革委员会"
SCHOOL = "第一小学"

RULES = (
    Rule("city", "city", "grid", "150625", "D1", 24),
    Rule("heating", "city.heating", "grid", "150625", "D2", 4),
)
POSTS = (
    (FIRST[:12], "grid_leader", "李某", None),
    (FIRST[:12], "first_secretary", "孙某", "D1"),
    (FIRST, "grid_leader", "王某", None),
    (FIRST, "liaison", "赵某", "o1"),
)


LATELY = (
    """DELETE FROM visit v USING household h WHERE h.id = v.household_id
    AND h.grid_code LIKE :late || '%' AND visited_on >= '2026-10-01'""",
    """UPDATE visit v SET cadre_id = c.id FROM household h, cadre c WHERE h.id = v.household_id
    AND h.grid_code LIKE :late || '%' AND c.external_id = 'c2'""",
    """UPDATE pairing p SET cadre_id = c.id FROM household h, cadre c WHERE h.id = p.household_id
    AND h.grid_code LIKE :late || '%' AND c.external_id = 'c2'""",
)
SHRINKING = (
    """DELETE FROM visit WHERE household_id IN
    (SELECT id FROM household WHERE grid_code = :code ORDER BY id OFFSET :left)""",
    """DELETE FROM pairing WHERE household_id IN
    (SELECT id FROM household WHERE grid_code = :code ORDER BY id OFFSET :left)""",
    """DELETE FROM household WHERE id IN
    (SELECT id FROM household WHERE grid_code = :code ORDER BY id OFFSET :left)""",
)


def fill(session: Session, world: World) -> None:
    """Fill an empty, migrated database."""
    services.fill(session, world)
    _places(session, world)
    _organisations(session)
    _late(session)
    _small(session)
    _posts(session)


def _places(session: Session, world: World) -> None:
    grids = world.grids.set_index("code")
    seat = grids[(grids["level"] == 2) & grids.index.str.startswith(SEAT)]
    middles = dict(zip(seat.index, shapely.centroid(seat.geometry.to_numpy()), strict=True))
    builders.world(
        session,
        divisions=[{"code": "150625", "kind": "banner", "name": "杭锦旗"}],
        compounds=[
            {
                "external_id": f"K{code}",
                "name": name,
                "kind": "compound",
                "grid_code": code,
                "geom": middles[code].buffer(0.0006, quad_segs=8),
            }
            for code, name in seat["name"].items()
        ],
        buildings=[
            {
                "external_id": "B1",
                "compound": f"K{FIRST}",
                "name": "1号楼",
                "kind": "residential",
                "units": 2,
                "floors": 5,
                "rooms_per_floor": 2,
                "geom": middles[FIRST].buffer(0.0001, quad_segs=8),
            }
        ],
        landmarks=[
            {
                "external_id": "L1",
                "name": SCHOOL,
                "kind": "school",
                "geom": middles[f"{SEAT}002003"],
            }
        ],
    )


def _organisations(session: Session) -> None:
    session.execute(
        text(
            "UPDATE organisation SET geom = (SELECT ST_Centroid(geom) FROM grid_version "
            "WHERE code = :code) WHERE external_id = 'o1'"
        ),
        {"code": f"{SEAT}003002"},
    )
    named = {"o2": "教育体育局", "D1": "城市管理局", "D2": "住房和城乡建设局"}
    builders.world(
        session,
        organisations=[{"external_id": n, "name": name} for n, name in named.items()],
        cadres=[{"external_id": "c2", "name": "干部", "organisation": "o2"}],
    )


def _late(session: Session) -> None:
    """Give 民乐社区 to the other organisation, and take its October away."""
    for statement in LATELY:
        session.execute(text(statement), {"late": LATE})


def _small(session: Session) -> None:
    """Leave three households in one grid, six in the one beside it."""
    for code, left in ((SMALL, 3), (TWIN, 6)):
        for statement in SHRINKING:
            session.execute(text(statement), {"code": code, "left": left})


def _posts(session: Session) -> None:
    builders.world(
        session,
        posts=[
            {"grid_code": code, "role": role, "holder": holder, "organisation": organisation}
            for code, role, holder, organisation in POSTS
        ],
    )
    repository.add_rule_set(session, RuleSet(1, "测试规则", date(2024, 1, 1), None, RULES))
