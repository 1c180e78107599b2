"""Editions for days to come and for days past: nothing turns before its day, then all at once."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.calendar import today
from geo.coverage.figures import figures
from geo.coverage.series import series
from geo.errors import GoneError, GridNotFoundError
from geo.incidents.service import Desk
from geo.settings import Settings
from geo.territory import lineage, repository
from geo.territory.live import Territories
from geo.territory.model import EditionInfo
from geo.territory.service import Boundaries
from geo.workflows.publish_edition import Published, publish_edition
from geo.workflows.turn_day import turn_day
from tests.builders import square, territory
from tests.geo.coverage.small_world import A, B, C, D, E, build
from tests.geo.incidents import world
from tests.geo.incidents.test_rerouting import CLOSED, correct, report
from tests.geo.territory.raw import FIVE, TWO

SETTINGS = Settings()
SOON, LATER = today() + timedelta(days=30), today() + timedelta(days=60)
# A takes B's ground and C's.
MERGED = territory(square(A, x=0, width=3), square(D, x=3), square(E, x=4))
WIDER = territory(
    square(A, x=0, width=1.5),
    square(B, x=1.5, width=0.5),
    *(square(c, x=x) for x, c in ((2, C), (3, D), (4, E))),
)


def redraw(session: Session, grids: Any, day: date) -> Published:
    info = EditionInfo(f"from {day}", day, synthetic=True, attribution="")
    return publish_edition(session, grids, info=info, settings=SETTINGS)


OLDER = """
    UPDATE edition SET valid_from = valid_from - {days};
    CREATE TEMP TABLE version_then AS SELECT * FROM grid_version;
    DELETE FROM grid_version;
    INSERT INTO grid_version (code, name, kind, area_m2, geom, valid, editions)
    SELECT code, name, kind, area_m2, geom,
        daterange(lower(valid) - {days}, upper(valid) - {days}), editions
    FROM version_then;
    DROP TABLE version_then;
"""


def pass_days(session: Session, days: int) -> None:
    """Let all territory be so many days older, and what is to come so many days nearer."""
    session.execute(text(OLDER.format(days=days)))
    session.expire_all()


def answers(session: Session) -> dict[str, Any]:
    """All that is told of the site today, but for what tells of plans."""

    def rows(query: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in session.execute(text(query))]

    feed = "SELECT kind, body::text FROM change ORDER BY id"
    return {
        "grids": repository.grids(session).to_json(),
        "edition": repository.edition(session),
        "editions": repository.editions(session),
        "homes": rows("SELECT external_id, grid_code FROM household ORDER BY id"),
        "counted in": rows("SELECT * FROM household_home ORDER BY 1, 2"),
        "incidents": rows("SELECT external_id, grid_code FROM incident ORDER BY id"),
        "decisions": rows(
            "SELECT incident_id, grid_code, department FROM incident_decision ORDER BY 1, id"
        ),
        "compounds": rows("SELECT external_id, name, grid_code FROM compound ORDER BY id"),
        "kept": rows("SELECT grid_code, month, registered FROM coverage_month ORDER BY 1, 2"),
        "figures": figures(session, settings=SETTINGS).to_csv(),
        "coverage": rows(
            "SELECT id, registered, hidden, edition FROM published.coverage ORDER BY 1"
        ),
        "places": rows("SELECT id, edition, valid_from FROM published.grids ORDER BY 1"),
        "of editions": rows("SELECT id, valid_to FROM published.grids_by_edition ORDER BY 1"),
        "counts": rows("SELECT id, reported, edition, current FROM published.incidents ORDER BY 1"),
        "feed": rows(feed),
    }


def test_until_its_day_a_planned_edition_changes_no_answer(session: Session) -> None:
    build(session)
    before = answers(session)
    done = redraw(session, MERGED, SOON)
    assert not done.in_force
    now = answers(session)
    assert {name: now[name] for name in now if now[name] != before[name]} == {}
    # It says what is to be expected.
    assert set(done.moves.households["from_grid"]) == {B, C}
    assert [each.id for each in repository.planned(session)] == [done.edition]
    # Whoever asks for its day is told of it, as of that day.
    assert repository.edition(session, at=SOON).id == done.edition
    assert B not in set(repository.grids(session, at=SOON)["code"])
    assert B in set(repository.grids(session, at=SOON - timedelta(days=1))["code"])
    turn_day(session, settings=SETTINGS)
    assert answers(session) == before


def test_on_its_day_all_turns_together(session: Session) -> None:
    build(session)
    at_once = session.begin_nested()
    redraw(session, MERGED, today())
    expected = answers(session)
    at_once.rollback()
    planned = redraw(session, MERGED, SOON)
    pass_days(session, 30)
    turn_day(session, settings=SETTINGS)
    now = answers(session)
    differing = {"edition", "editions", "feed", "places", "of editions"}
    assert {k: v for k, v in now.items() if k not in differing} == {
        k: v for k, v in expected.items() if k not in differing
    }
    assert now["edition"].id == planned.edition
    assert repository.planned(session) == []
    moved = {(r["body"]["from_grid"], r["body"]["to_grid"]) for r in _feed(session, "household")}
    assert moved == {(B, A), (C, A)}
    assert len(_feed(session, "edition")) == 2
    # Once is enough.
    turn_day(session, settings=SETTINGS)
    assert answers(session) == now


def _feed(session: Session, kind: str) -> list[dict[str, Any]]:
    rows = session.execute(
        text("SELECT kind, body FROM change WHERE kind = :kind ORDER BY id"), {"kind": kind}
    )
    return [dict(row) for row in rows.mappings()]


def test_a_day_that_nobody_turned_to_is_made_up_for(session: Session) -> None:
    build(session)
    redraw(session, WIDER, SOON)
    last = redraw(session, MERGED, LATER)
    pass_days(session, 90)
    # Nobody was there on either day; whoever publishes next finds the territory as it should be.
    again = redraw(session, MERGED, today())
    assert set(again.moves.grids["change"]) == {"unchanged"}
    assert again.moves.households.empty
    assert [each.id for each in repository.editions(session)] == [again.edition, last.edition, 1]
    homes = session.scalars(text("SELECT DISTINCT grid_code FROM household")).all()
    assert not {B, C} & set(homes)


def test_open_incidents_are_routed_on_the_day_and_closed_ones_stay(
    banner: Session, desk: Desk
) -> None:
    report(banner, desk, "open", 1.5)
    report(banner, desk, "closed", 1.5)
    correct(banner, desk, "closed", CLOSED)
    world.redraw(banner, day=SOON)
    assert world.stored(banner, "open")["grid_code"] == world.SECOND
    pass_days(banner, 30)
    done = turn_day(banner, settings=SETTINGS)
    assert done.rerouted == 1
    assert done.rows["external_id"].tolist() == ["open"]
    assert world.stored(banner, "open")["grid_code"] == world.FIRST
    assert world.stored(banner, "closed")["grid_code"] == world.SECOND


def test_an_edition_before_a_planned_one_lets_it_follow(session: Session) -> None:
    build(session)
    planned = redraw(session, MERGED, LATER)
    between = redraw(session, WIDER, SOON)
    again = between.repeated[planned.edition]
    assert [each.id for each in repository.planned(session)] == [between.edition, again]
    now = redraw(session, WIDER, today())
    assert set(now.moves.grids["change"]) == {"changed", "unchanged"}
    follow = [each.id for each in repository.planned(session)]
    assert follow == [now.repeated[between.edition], now.repeated[again]]
    assert B in set(repository.grids(session, at=LATER - timedelta(days=1))["code"])
    assert B not in set(repository.grids(session, at=LATER)["code"])
    # What each was published as can still be read.
    assert B not in set(repository.grids(session, at=LATER, edition=planned.edition)["code"])
    pass_days(session, 60)
    turn_day(session, settings=SETTINGS)
    assert B not in set(repository.grids(session)["code"])
    assert repository.planned(session) == []


def test_of_two_for_one_day_the_later_counts(session: Session) -> None:
    build(session)
    redraw(session, MERGED, SOON)
    second = redraw(session, WIDER, SOON)
    assert [each.id for each in repository.planned(session)] == [second.edition]
    assert set(repository.grids(session, at=SOON)["code"]) >= {A, B, C}


def test_a_load_before_the_day_lies_in_the_grids_of_its_own_day(session: Session) -> None:
    build(session)
    redraw(session, MERGED, SOON)
    territories = Territories(session.get_bind().engine)  # type: ignore[union-attr]
    now, then = territories.on(session, today()), territories.on(session, SOON)
    x, y = repository.grids(session, code=B).geometry.item().representative_point().coords[0]
    assert now.index.locate_one(x, y, 0.0)[0] == B
    assert then.index.locate_one(x, y, 0.0)[0] == A


def test_a_correction_of_the_past_is_a_new_belief(session: Session) -> None:
    build(session)
    begun = repository.edition(session).valid_from
    before = repository.grids(session, at=begun + timedelta(days=400))
    first = redraw(session, WIDER, today() - timedelta(days=10))
    corrected = redraw(session, MERGED, begun + timedelta(days=365))
    assert corrected.in_force
    day = begun + timedelta(days=400)
    assert B not in set(repository.grids(session, at=day)["code"])
    assert B not in set(repository.grids(session)["code"])
    assert B in set(repository.grids(session, at=begun + timedelta(days=364))["code"])
    pd.testing.assert_frame_equal(repository.grids(session, at=day, edition=1), before)
    known = repository.grids(session, edition=first.edition, code=A)
    assert known.geometry.item().area > before.loc[before["code"] == A].geometry.item().area


def test_more_vertices_are_no_redraw(session: Session) -> None:
    build(session)
    feed = len(_feed(session, "household"))
    drawn = territory(*(square(code, x=x) for x, code in enumerate((A, B, C, D, E))))
    more = drawn.set_geometry(drawn.geometry.segmentize(0.0001))
    done = redraw(session, more, today())
    assert set(done.moves.grids["change"]) == {"unchanged"}
    assert done.moves.lineage.empty
    assert len(_feed(session, "household")) == feed


def successors(said: pytest.ExceptionInfo[GoneError]) -> list[str]:
    values: dict[str, Any] = vars(said.value)["values"]
    return list(values["successors"])


def test_what_became_of_a_code_is_stored_and_said(session: Session) -> None:
    build(session)
    done = redraw(session, MERGED, today())
    pairs = done.moves.lineage.set_index(["from_code", "to_code"])
    assert set(pairs.index) == {(B, A), (C, A)}
    assert set(pairs["kind"]) == {"merge"}
    counted = done.moves.households.groupby("from_grid").size()
    assert pairs["households"].to_dict() == {(code, A): n for code, n in counted.items()}
    with pytest.raises(GoneError, match=f"{B} is no more since {today()}: merged into {A}") as said:
        repository.grids(session, code=B)
    assert successors(said) == [A]
    with pytest.raises(GoneError, match=B):
        series(session, code=B)
    yesterday = today() - timedelta(days=1)
    assert f"at={yesterday}" in said.value.message("zh")
    assert len(repository.grids(session, code=B, at=yesterday)) == 1
    with pytest.raises(GridNotFoundError):
        repository.grids(session, code="150625100001999")


def test_the_ground_of_a_code_is_followed_through_later_editions(session: Session) -> None:
    build(session)
    redraw(session, MERGED, today() - timedelta(days=20))
    new = D[:12] + "901"
    # A, that B's ground went to, is divided among two new codes.
    again = territory(
        square(new, x=0, width=1.2),
        square(D[:12] + "902", x=1.2, width=1.8),
        square(D, x=3),
        square(E, x=4),
    )
    done = redraw(session, again, today())
    kinds = done.moves.lineage.set_index("to_code")["kind"]
    assert kinds[[new, D[:12] + "902"]].tolist() == ["split", "split"]
    with pytest.raises(GoneError) as said:
        repository.grids(session, code=B)
    assert set(successors(said)) == {new, D[:12] + "902"}
    assert lineage.read_lineage(session, code=A)["to_code"].tolist() == [A, A, new, D[:12] + "902"]


def test_names_and_compounds_wait_for_the_day(session: Session) -> None:
    info = EditionInfo("first", date(2024, 1, 1), synthetic=True, attribution="sketch")
    publish_edition(session, Boundaries(TWO, FIVE), info=info, settings=SETTINGS)
    renamed = FIVE.assign(name=FIVE["name"] + "新村")
    info = EditionInfo("planned", SOON, synthetic=True, attribution="sketch")
    publish_edition(session, Boundaries(TWO, renamed), info=info, settings=SETTINGS)
    names = text("SELECT name FROM compound ORDER BY name")
    assert session.scalars(names).all() == sorted(FIVE["name"])
    pass_days(session, 30)
    turn_day(session, settings=SETTINGS)
    assert session.scalars(names).all() == sorted(renamed["name"])
    assert session.scalar(text("SELECT count(planned) FROM edition")) == 0
