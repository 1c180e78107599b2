"""Files of incidents are decided as they come; commands that move ground or rules reroute."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from api.cli import group
from geo.db.categories import standard
from geo.db.engine import make_engine
from geo.geocoding import queue, repository, review
from geo.incidents import rerouting
from geo.incidents.replay import replay
from geo.intake.model import Summary
from geo.routing.model import LADDER
from geo.settings import Settings
from geo.workflows.load_file import load_file
from tests.geo.geocoding.delivery import town
from tests.geo.incidents import world
from tests.geo.incidents.world import FIRST, SECOND, File, row
from tests.geo.territory.raw import communities, compounds

LIMIT_M = 200.0


def load(session: Session, settings: Settings, *given: dict[str, Any]) -> Summary:
    rows = File.of(*given).rows
    how = {"datum": "cgcs2000", "today": town.TODAY}
    return load_file(session, "incidents", rows, settings=settings, **how).summary


def causes(session: Session, number: str) -> list[str]:
    return [each["cause"] for each in world.decisions(session, number)]


def test_what_a_file_brings_is_decided_and_the_same_file_again_decides_nothing(
    banner: Session, settings: Settings
) -> None:
    given = (row("A", 0.5), row("B", 1.5, state="已结案", closed_at="2026-10-05 08:00"))
    assert load(banner, settings, *given).new == 2
    made = world.decisions(banner)
    assert [(each["grid_code"], each["department"]) for each in made] == [
        (FIRST, "D1"),
        (SECOND, "D2"),
    ]
    assert {each["placed_by"] for each in made} == {"position"}
    before = world.changes(banner)
    assert [each["event"] for each in before] == ["state", "state", "decision", "decision"]
    assert load(banner, settings, *given).unchanged == 2
    assert world.decisions(banner) == made
    assert world.changes(banner) == before


def test_a_row_that_moves_is_decided_anew_and_its_state_told(
    banner: Session, settings: Settings
) -> None:
    load(banner, settings, row("A", 0.5), row("B", 0.5))
    load(banner, settings, row("A", 1.5, state="已处置"), row("B", 0.5, category="city.heating"))
    assert causes(banner, "A") == causes(banner, "B") == ["reported", "moved"]
    assert [each["department"] for each in world.decisions(banner, "A")] == ["D1", "D2"]
    assert [each["department"] for each in world.decisions(banner, "B")] == ["D1", "D3"]
    moves = world.rows(banner, "SELECT state FROM incident_move ORDER BY id")
    assert [each["state"] for each in moves] == ["dispatched", "dispatched", "handled"]
    # Another word for the state that it is in tells nothing new.
    load(banner, settings, row("A", 1.5, state="已办理"))
    assert len(world.rows(banner, "SELECT * FROM incident_move")) == 3


def test_addresses_place_and_what_cannot_be_read_waits_until_somebody_says(
    banner: Session, settings: Settings
) -> None:
    nowhere = {"longitude": None, "latitude": None}
    load(
        banner,
        settings,
        {"external_id": "home", "address": town.HOME, **nowhere},
        {"external_id": "unheard", "address": town.UNHEARD, **nowhere},
        {"external_id": "nothing", **nowhere},
    )
    placed = {each["external_id"]: each["placed_by"] for each in world.decisions(banner)}
    assert placed == {"home": "address", "unheard": "address", "nothing": "nothing"}
    number = queue.page(banner, state="open", limit=1)[0].id
    review.decide(
        banner,
        number,
        actor="A",
        action="pick",
        target=("building", "K2-1"),
        places=repository.places(banner, edition=1, day=town.TODAY, limit_m=LIMIT_M),
        settings=settings,
    )
    assert rerouting.decide_missing(banner, nearest_limit_m=LIMIT_M).moved == 1
    said = world.decisions(banner, "unheard")[-1]
    assert (said["placed_by"], said["department"]) == ("address.decided", "D2")


def test_other_files_pass_through(banner: Session, settings: Settings) -> None:
    rows = pd.DataFrame({"external_id": ["D9"], "name": ["应急局"]})
    assert load_file(banner, "organisations", rows, settings=settings).summary.new == 1


@pytest.fixture
def site(own_database_url: str) -> Iterator[Engine]:
    engine = make_engine(own_database_url)
    with Session(engine) as session, session.begin():
        world.build(session)
    yield engine
    engine.dispose()


def run(site: Engine, data: Path, *words: object) -> Result:
    url = site.url.set(drivername="postgresql").render_as_string(hide_password=False)
    env = {"BANNERGRID_DATABASE_URL": url, "BANNERGRID_LANGUAGE": "en"}
    done = CliRunner(env=env).invoke(group, ["--data", str(data), *map(str, words)])
    assert done.exit_code == 0, (done.output, done.exception)
    return done


def decided(site: Engine) -> list[tuple[str, str, str, str]]:
    with Session(site) as session:
        assert replay(session).differing == 0
        return [
            (each["external_id"], each["cause"], each["grid_code"], each["department"])
            for each in world.decisions(session)
        ]


def test_the_commands_decide_and_route_anew(site: Engine, tmp_path: Path) -> None:
    file = tmp_path / "incidents.csv"
    File.of(row("A", 0.25), row("B", 1.75), row("C", 2.5)).rows.to_csv(file, index=False)
    words = ("load", "incidents", file, "--datum", "cgcs2000")
    run(site, tmp_path, *words, "--dry-run")
    assert decided(site) == []
    run(site, tmp_path, *words)
    run(site, tmp_path, *words)
    third = world.THIRD
    first_ones = [
        ("A", "reported", FIRST, "D1"),
        ("B", "reported", SECOND, "D2"),
        ("C", "reported", third, "D1"),
    ]
    assert decided(site) == first_ones

    # The second compound's ground goes to the first, the rest stays as it is.
    communities(c001=(0, 0, 2, 1), c002=(2, 0, 1, 1)).to_file(tmp_path / "communities.geojson")
    drawn = compounds(K1=(0.1, 0.1, 1.8, 0.6), K2=(0.1, 0.8, 1.8, 0.15), K3=(2.1, 0.1, 0.8, 0.8))
    drawn.to_file(tmp_path / "compounds.geojson")
    files = (tmp_path / "communities.geojson", tmp_path / "compounds.geojson")
    dry = run(site, tmp_path, "territory", "load", *files, "--dry-run")
    assert "rerouted 1" in dry.output
    assert decided(site) == first_ones
    run(site, tmp_path, "territory", "load", *files)
    assert decided(site)[3:] == [("B", "edition", FIRST, "D1")]

    rules = tmp_path / "rules.toml"
    rules.write_text('title = "later"\n' + "".join(every_network()), encoding="utf-8")
    loaded = run(site, tmp_path, "rules", "load", rules)
    assert "3 open incidents were routed anew" in loaded.output
    assert decided(site)[4:] == [
        ("A", "rules", FIRST, "D4"),
        ("B", "rules", FIRST, "D4"),
        ("C", "rules", third, "D4"),
    ]
    run(site, tmp_path, "rules", "load", rules)
    assert len(decided(site)) == 7
    assert "7 decisions made again: 7 as they were (100%)" in run(site, tmp_path, "replay").output


def every_network() -> Iterator[str]:
    """One department for everything, on every level."""
    for each in standard():
        if each["parent"] is None:
            for level in LADDER:
                yield (
                    f'[[rule]]\nname = "{each["code"]}.{level}"\ncategory = "{each["code"]}"\n'
                    f'level = "{level}"\nplace = "150625"\ndepartment = "D4"\nlimit_h = 24\n'
                )
