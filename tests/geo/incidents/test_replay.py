"""Every stored decision comes out again as it was, after any redraws and rules; no forged one."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from api.cli import group
from geo.calendar import today
from geo.crs import STORAGE_CRS
from geo.db.engine import make_engine
from geo.incidents import decisions, rerouting, routers, service
from geo.incidents.model import Correction, Report
from geo.incidents.replay import replay
from geo.incidents.service import Desk
from geo.settings import Settings
from geo.workflows.load_file import load_file
from tests.builders import square, territory
from tests.geo.geocoding.delivery import town
from tests.geo.incidents import world
from tests.geo.incidents.world import HEATING, NOISE, TRAFFIC, row, told
from tests.geo.territory.coverages import patchwork

LIMIT_M = 200.0
BOARD = 8  # squares a side
ADDRESSES = (town.HOME, town.UNHEARD, "鑫园小区1号楼1单元101")


def drawn(chance: np.random.Generator) -> gpd.GeoDataFrame:
    """A board of squares dealt out at random to some of a dozen grids of two communities."""
    labels = chance.integers(0, chance.integers(2, 13), (BOARD, BOARD))
    shapes = patchwork(labels, jitter=0.2, seed=int(chance.integers(1 << 30)))
    codes = [f"15062510000{1 + at % 2}{1 + at // 2:03d}" for at in np.unique(labels)]
    return territory(
        gpd.GeoDataFrame(
            {
                "code": codes,
                "level": 2,
                "name": codes,
                "name_en": None,
                "community_code": [code[:12] for code in codes],
                "town_code": [code[:9] for code in codes],
            },
            geometry=gpd.GeoSeries(shapes, crs=STORAGE_CRS),
        )
    )


def some(chance: np.random.Generator, nth: int) -> Report:
    """A report from anywhere on the board or beside it, exact or not, or by its address."""
    category = str(chance.choice([NOISE, TRAFFIC, HEATING, "safety"]))
    if chance.random() < 0.2:
        return told(None, category, address=str(chance.choice(ADDRESSES)), external_id=f"R{nth}")
    x, y = chance.uniform(-3, BOARD + 3, 2)
    accuracy_m = float(chance.choice([0, 15, 80])) or None
    place = world.spot(float(x), float(y), accuracy_m=accuracy_m)
    return Report(category, world.NOW, place, external_id=f"R{nth}")


def same_again(session: Session) -> None:
    done = replay(session)
    assert done.decisions == decisions.count(session, since=None, until=None)
    assert (done.differing, done.rows.to_dict("records")) == (0, [])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_everything_comes_out_again_after_random_redraws_rules_and_changes(
    banner: Session, desk: Desk, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    chance = np.random.default_rng(seed)
    day = [today()]
    monkeypatch.setattr(routers, "today", lambda: day[0])
    numbers, rule_sets = 0, 1
    for _ in range(12):
        day[0] += timedelta(days=1)
        for _ in range(8):
            numbers += 1
            given = some(chance, numbers)
            service.report(banner, desk, given, key=f"k{numbers}")
        match chance.integers(0, 4):
            case 0:
                world.redraw(banner, drawn(chance), day=day[0])
                rerouting.reroute(banner, "edition", nearest_limit_m=LIMIT_M)
            case 1:
                # Drawn today, so from a later day.
                world.redraw(banner, drawn(chance), day=day[0] + timedelta(days=1))
                rerouting.reroute(banner, "edition", nearest_limit_m=LIMIT_M)
            case 2:
                rule_sets += 1
                noise = str(chance.choice(["D1", "D2", "D4"]))
                second = str(chance.choice(["D2", "D3"])) if chance.random() < 0.5 else None
                limit_h = float(chance.choice([2, 12, 24]))
                world.put_rules(
                    banner,
                    rule_sets,
                    valid_from=day[0],
                    noise=noise,
                    second=second,
                    limit_h=limit_h,
                )
                rerouting.reroute(banner, "rules", nearest_limit_m=LIMIT_M)
            case _:
                name = f"R{chance.integers(1, numbers + 1)}"
                x, y = chance.uniform(0, BOARD, 2)
                moved = Correction(category=NOISE, spot=world.spot(float(x), float(y)))
                service.correct(banner, desk, name, moved, seen=[service.ANY])
        rerouting.turn_day(banner, nearest_limit_m=LIMIT_M)
    made = pd.DataFrame(world.decisions(banner))
    assert len(set(made["edition"])) > 1
    assert set(made["match"]) == {"inside", "nearest", "outside"}
    assert {"reported", "edition"} <= set(made["cause"])
    same_again(banner)


def test_a_rule_set_that_was_in_force_then_counts_whatever_holds_for_that_day_now(
    banner: Session, desk: Desk
) -> None:
    service.report(banner, desk, told(0.5), key="k")
    # Loaded today for yesterday: the set that decided has no day left of those it decided on.
    world.put_rules(banner, 2, valid_from=today() - timedelta(days=1), noise="D4")
    rerouting.reroute(banner, "rules", nearest_limit_m=LIMIT_M)
    assert [each["department"] for each in world.decisions(banner)] == ["D1", "D4"]
    same_again(banner)


def test_another_limit_does_not_undo_what_was_decided_by_the_old(
    banner: Session, desk: Desk
) -> None:
    service.report(banner, desk, told(-1.5, external_id="E"), key="k")
    assert world.decisions(banner)[0]["match"] == "nearest"
    assert rerouting.reroute(banner, "edition", nearest_limit_m=20).rerouted == 1
    assert world.decisions(banner)[1]["match"] == "outside"
    same_again(banner)


def test_days_are_half_open(banner: Session, desk: Desk) -> None:
    service.report(banner, desk, told(), key="k")
    day, morrow = today(), today() + timedelta(days=1)
    assert replay(banner, since=day, until=morrow).decisions == 1
    assert replay(banner, since=morrow).decisions == replay(banner, until=day).decisions == 0


def test_chunks_join(banner: Session, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "CHUNK", 2)
    for nth in range(5):
        service.report(banner, desk, told(nth % 3 + 0.5), key=str(nth))
    seen: list[int] = []
    assert replay(banner, progress=seen.append).decisions == sum(seen) == 5


TAMPERED = [
    ("grid_code", f"'{world.SECOND}'", {"grid_code"}),
    ("department", "'D4'", {"department"}),
    ("department", "NULL", {"department"}),
    ("rule", "'heating'", {"rule"}),
    ("limit_h", "limit_h + 1", {"limit_h"}),
    ("distance_m", "12.5", {"distance_m"}),
    ("match", "'nearest'", {"match"}),
    ("longitude", "longitude + 0.001", {"grid_code", "rule", "department", "candidates"}),
    ("category", "'city.heating'", {"rule", "department", "limit_h"}),
    ("edition", "2", {"grid_code", "rule", "department", "candidates"}),
    ("rule_set", "NULL", {"rule", "department", "limit_h"}),
    ("at", "'2020-01-01'", {"territory"}),
    ("candidates", "'[]'", {"candidates"}),
    ("candidates", "jsonb_set(candidates, '{0,probability}', '0.5')", {"candidates"}),
]


@pytest.mark.parametrize(("column", "value", "fields"), TAMPERED)
def test_a_forged_decision_is_found(
    banner: Session, desk: Desk, column: str, value: str, fields: set[str]
) -> None:
    exact = Report(NOISE, world.NOW, world.spot(0.5, accuracy_m=15), external_id="forged")
    service.report(banner, desk, exact, key="k")
    service.report(banner, desk, told(0.5, external_id="true"), key="other")
    turned = (square(world.SECOND, x=0), square(world.FIRST, x=1), square(world.THIRD, x=2))
    world.redraw(banner, territory(*turned))
    same_again(banner)
    forge(banner, column, value)
    done = replay(banner)
    assert (done.decisions, done.differing) == (2, 1)
    assert set(done.rows["incident"]) == {"forged"}
    assert set(done.rows["field"]) == fields


def forge(session: Session, column: str, value: str) -> None:
    session.execute(
        text(
            f"UPDATE incident_decision SET {column} = {value} WHERE incident_id = "  # noqa: S608
            "(SELECT id FROM incident WHERE external_id = 'forged')"
        )
    )


def test_a_forged_address_is_found_by_its_place(banner: Session, desk: Desk) -> None:
    service.report(banner, desk, told(None, address=town.HOME, external_id="forged"), key="k")
    same_again(banner)
    forge(banner, "latitude", "latitude + 1")
    assert "match" in set(replay(banner).rows["field"])


def test_what_a_file_brought_comes_out_again(banner: Session, settings: Settings) -> None:
    given = world.File.of(
        row("A", 0.5),
        row("B", 1.5, state="已结案"),
        row("C", 300),
        {"external_id": "D", "longitude": None, "latitude": None, "address": town.HOME},
        {"external_id": "E", "longitude": None, "latitude": None, "address": town.UNHEARD},
    )
    load_file(banner, "incidents", given.rows, settings=settings, datum="cgcs2000")
    assert len(world.decisions(banner)) == 5
    same_again(banner)


@pytest.fixture
def site(own_database_url: str) -> Iterator[Engine]:
    engine = make_engine(own_database_url)
    with Session(engine) as session, session.begin():
        world.build(session)
        desk = world.desk(engine, Settings(language="en"))
        service.report(session, desk, told(0.5, external_id="forged"), key="a")
        service.report(session, desk, told(1.5, external_id="true"), key="b")
    yield engine
    engine.dispose()


def run(site: Engine, *words: object, language: str = "en") -> Result:
    url = site.url.set(drivername="postgresql").render_as_string(hide_password=False)
    env = {"BANNERGRID_DATABASE_URL": url, "BANNERGRID_LANGUAGE": language}
    return CliRunner(env=env).invoke(group, ["replay", *map(str, words)])


def test_the_command_says_what_differs_and_exits_with_1(site: Engine, tmp_path: Path) -> None:
    fine = run(site)
    assert (fine.exit_code, fine.output) == (
        0,
        "2 decisions made again: 2 as they were (100%), 0 otherwise\n",
    )
    with Session(site) as session, session.begin():
        forge(session, "department", "'D4'")
    out = tmp_path / "differences.csv"
    found = run(site, "--out", out, language="zh")
    assert found.exit_code == 1
    assert "不一致 1 条" in found.output
    assert "forged" in found.output
    written: dict[str, Any] = pd.read_csv(out).iloc[0].to_dict()
    assert (written["incident"], written["field"]) == ("forged", "department")
    assert (written["stored"], written["replayed"]) == ("D4", "D1")
    assert written["data"] == "合成数据"
    there = run(site, "--out", out)
    assert there.exit_code != 0
    assert run(site, "--out", out, "--force").exit_code == 1
    assert run(site, "--until", "2020-01-01").exit_code == 0
    # Nothing was changed by looking.
    with site.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM incident_decision")) == 2


def test_where_nothing_was_decided_all_is_well(own_database_url: str) -> None:
    engine = make_engine(own_database_url)
    done = run(engine)
    engine.dispose()
    assert (done.exit_code, "0 decisions" in done.output) == (0, True)
