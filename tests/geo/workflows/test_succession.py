"""What hangs on a code that vanishes goes on at its successor; nothing stays open on a dead one."""

from datetime import date, timedelta
from typing import Any

import geopandas as gpd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.people import repository as people
from geo.settings import Settings
from geo.territory.model import EditionInfo
from geo.workflows.publish_edition import Published, publish_edition
from tests.builders import square, territory, world
from tests.geo.coverage.small_world import A, B, C, D, E, build
from tests.geo.incidents import world as town

NEW, OTHER = A[:12] + "901", A[:12] + "902"
MERGED = territory(square(A, x=0, width=3), square(D, x=3), square(E, x=4))
# B's ground becomes two new grids, most of it the first.
SPLIT = territory(
    square(A, x=0),
    square(NEW, x=1, width=0.7),
    square(OTHER, x=1.7, width=0.3),
    *(square(code, x=x) for x, code in ((2, C), (3, D), (4, E))),
)


def publish(session: Session, grids: gpd.GeoDataFrame, day: date) -> Published:
    info = EditionInfo("redrawn", day, synthetic=True, attribution="")
    return publish_edition(session, grids, info=info, settings=Settings())


def post(grid: str, holder: str, valid: str = "[2026-01-01,)", **more: Any) -> dict[str, Any]:
    return {"grid_code": grid, "role": "grid_leader", "holder": holder, "valid": valid, **more}


def leaders(session: Session, on: date) -> dict[str, str]:
    held = people.listed(session, on=on).rows
    return dict(zip(held["grid_code"], held["holder"], strict=True))


def open_on(session: Session, code: str) -> int:
    found = session.scalar(
        text(
            "SELECT (SELECT count(*) FROM post_term WHERE grid_code = :code AND valid && r) + "
            "(SELECT count(*) FROM compound_pairing WHERE grid_code = :code AND valid && r) "
            "FROM daterange(:on, NULL) AS r"
        ),
        {"code": code, "on": today()},
    )
    return int(found or 0)


def test_a_post_goes_on_where_most_households_went(session: Session) -> None:
    build(session)
    later = today() + timedelta(days=40)
    world(
        session,
        posts=[
            post(B, "甲", f"[2026-01-01,{later})"),
            post(B, "乙", f"[{later},)"),
            post(B, "甲", "[2025-01-01,2026-01-01)"),
        ],
    )
    done = publish(session, SPLIT, today())
    assert set(done.moves.succession["successor"]) == {NEW}
    assert done.moves.succession["goes_on"].all()
    assert leaders(session, today()) == {NEW: "甲"}
    assert leaders(session, later) == {NEW: "乙"}
    assert leaders(session, today() - timedelta(days=1)) == {B: "甲"}
    assert open_on(session, B) == 0


def test_who_finds_the_post_taken_ends_and_is_named(session: Session) -> None:
    build(session)
    world(session, posts=[post(A, "甲"), post(B, "乙"), post(C, "丙", role="member", seat="丙")])
    done = publish(session, MERGED, today())
    found = done.moves.succession.set_index("grid_code")
    assert found["successor"].to_dict() == {B: A, C: A}
    assert found["goes_on"].to_dict() == {B: False, C: True}
    assert (open_on(session, B), open_on(session, C)) == (0, 0)
    held = people.listed(session, on=today()).rows
    assert set(held["holder"]) == {"甲", "丙"}


def test_of_two_for_one_new_grid_the_one_of_more_households_goes_on(session: Session) -> None:
    build(session)
    world(session, posts=[post(B, "乙", "[2026-01-01,2099-01-01)"), post(C, "丙")])
    both = territory(square(A, x=0), square(NEW, x=1, width=2), square(D, x=3), square(E, x=4))
    lived = dict(
        map(tuple, session.execute(text("SELECT grid_code, count(*) FROM household GROUP BY 1")))
    )
    done = publish(session, both, today())
    found = done.moves.succession.set_index("grid_code")["goes_on"]
    assert found.to_dict() == {B: lived[B] >= lived[C], C: lived[B] < lived[C]}
    assert len(leaders(session, today())) == 1


def test_organisations_go_on_with_the_ground(session: Session) -> None:
    build(session)
    one = session.scalar(text("SELECT min(id) FROM organisation"))
    for code in (A, B, C):
        session.execute(
            text(
                "INSERT INTO compound_pairing (organisation_id, grid_code, valid) "
                "VALUES (:one, :code, '[2026-01-01,)')"
            ),
            {"one": one, "code": code},
        )
    publish(session, MERGED, today())
    rows = session.execute(
        text("SELECT grid_code FROM compound_pairing WHERE valid @> CAST(:on AS date)"),
        {"on": today()},
    )
    assert rows.scalars().all() == [A]


def test_a_planned_edition_says_so_and_moves_nobody(session: Session) -> None:
    build(session)
    world(session, posts=[post(B, "甲")])
    soon = today() + timedelta(days=9)
    done = publish(session, SPLIT, soon)
    assert done.moves.succession["goes_on"].tolist() == [True]
    assert leaders(session, today()) == {B: "甲"}


def test_a_rule_of_a_grid_holds_on_its_ground(banner: Session) -> None:
    new = town.SECOND[:12] + "901"
    grids = territory(
        square(town.FIRST, x=0, name="金鼎小区"),
        square(new, x=1, name="新园小区"),
        square(town.THIRD, x=2, name="粮库家属楼"),
    )
    done = publish(banner, grids, today())
    rules = done.moves.rules
    assert rules[["rule", "successor", "goes_on"]].to_numpy().tolist() == [
        ["noise-second", new, True]
    ]
    held = banner.execute(text("SELECT place, name FROM rule WHERE name LIKE 'noise-second%'"))
    assert {tuple(row) for row in held} == {
        (town.SECOND, "noise-second"),
        (new, f"noise-second-{new}"),
    }


def test_a_rule_whose_ground_another_grid_took_is_named(banner: Session) -> None:
    grids = territory(
        square(town.FIRST, x=0, width=2, name="金鼎小区"),
        square(town.THIRD, x=2, name="粮库家属楼"),
    )
    done = publish(banner, grids, today())
    assert done.moves.rules[["rule", "successor", "goes_on"]].to_numpy().tolist() == [
        ["noise-second", town.FIRST, False]
    ]


@pytest.mark.parametrize("grids", [MERGED, SPLIT])
def test_nothing_stays_open_on_a_dead_code(session: Session, grids: gpd.GeoDataFrame) -> None:
    build(session)
    world(session, posts=[post(code, code) for code in (A, B, C, D, E)])
    publish(session, grids, today())
    alive = set(grids["code"])
    for code in (A, B, C, D, E):
        assert code in alive or open_on(session, code) == 0
