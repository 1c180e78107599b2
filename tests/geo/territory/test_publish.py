"""Editions are two-sided time: nothing is overwritten, every past answer can be had again."""

from datetime import date
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.errors import EditionNotFoundError, FrameError, GridNotFoundError
from geo.people.homes import HouseholdsLostError
from geo.settings import Settings
from geo.territory import repository
from geo.territory.check import faults, is_noise
from geo.territory.faulty import FaultyBoundariesError
from geo.territory.model import EditionInfo
from geo.territory.repository import DayNotCoveredError
from geo.territory.service import Boundaries, divide_into_grids
from geo.workflows.publish_edition import Published, publish_edition
from tests.geo.territory.raw import FIVE, TWO, box, communities, compounds

FIRST, SECOND = date(2024, 1, 1), date(2025, 7, 1)


def load(
    session: Session,
    land: gpd.GeoDataFrame = TWO,
    places: gpd.GeoDataFrame = FIVE,
    day: date = FIRST,
    limit_m: float = 200,
    **more: Any,
) -> Published:
    info = EditionInfo(f"from {day}", day, synthetic=True, attribution="sketch")
    settings = Settings(nearest_limit_m=limit_m)
    return publish_edition(session, Boundaries(land, places, **more), info=info, settings=settings)


def changes(done: Published) -> dict[str, int]:
    counts: dict[str, int] = done.moves.grids["change"].value_counts().to_dict()
    return counts


def test_the_first_edition_has_both_levels(session: Session) -> None:
    done = load(session)
    assert done.edition == 1
    assert changes(done) == {"new": 7}
    grids = repository.grids(session, at=FIRST)
    assert grids["level"].value_counts().to_dict() == {2: 5, 1: 2}
    assert grids["code"].is_monotonic_increasing
    assert grids.loc[grids["code"] == "150625100001003", "name"].item() == "sw小区"
    assert grids.loc[grids["code"] == "150625100001003", "community"].item() == "社区001"


def test_what_an_edition_is_called_holds_nothing_unseen(session: Session) -> None:
    info = EditionInfo(
        "首版\u202e网格\u200b", FIRST, synthetic=True, attribution="\x1b测绘\u2066院 "
    )
    done = publish_edition(session, Boundaries(TWO, FIVE), info=info, settings=Settings())
    edition = session.get_one(t.Edition, done.edition)
    assert (edition.title, edition.attribution) == ("首版网格", "测绘院")


def test_level_one_is_the_union_of_its_children(session: Session) -> None:
    load(session)
    grids = repository.grids(session)
    for community, rows in grids[grids["level"] == 2].groupby("community_code"):
        whole = grids.loc[grids["code"] == community].geometry.item()
        assert shapely.equals(whole, shapely.union_all(rows.geometry.to_numpy()))


def test_reads_by_box_code_level_day_and_edition(session: Session) -> None:
    load(session)
    bbox = box(4.2, 0.5, 0.1, 0.1).bounds
    assert repository.grids(session, bbox=bbox, level=2)["name"].tolist() == ["far小区"]
    one = repository.grids(session, code="150625100002001")
    assert one["name"].tolist() == ["far小区"]
    with pytest.raises(GridNotFoundError, match="150625100002009"):
        repository.grids(session, code="150625100002009")
    with pytest.raises(EditionNotFoundError, match="7"):
        repository.grids(session, edition=7)
    with pytest.raises(DayNotCoveredError, match="starts on 2024-01-01"):
        repository.grids(session, at=date(2023, 12, 31))
    with pytest.raises(EditionNotFoundError):
        repository.edition(session, 10**30)


def test_nothing_published_is_said(session: Session) -> None:
    with pytest.raises(EditionNotFoundError, match="territory load"):
        repository.grids(session)


def test_a_second_edition_leaves_what_the_first_knew(session: Session) -> None:
    load(session)
    before = repository.grids(session, at=date(2025, 8, 1))
    moved = FIVE.set_geometry([*FIVE.geometry[:4], box(4.5, 2, 1, 1)], crs=FIVE.crs).iloc[
        [1, 2, 3, 4]
    ]  # sw is gone
    done = load(session, places=moved, day=SECOND)
    assert done.edition == 2
    # far's grid is its community either way; se, nw and ne share out sw's ground.
    assert done.moves.households.empty
    assert done.moves.incidents.empty
    assert (changes(done)["gone"], changes(done).get("new", 0)) == (1, 0)
    assert changes(done)["unchanged"] >= 3

    then = repository.grids(session, at=date(2025, 8, 1), edition=1)
    pd.testing.assert_frame_equal(before, then)
    assert "150625100001003" not in repository.grids(session, at=SECOND)["code"].tolist()
    the_day_before = repository.grids(session, at=date(2025, 6, 30))
    assert the_day_before["code"].tolist() == before["code"].tolist()
    for got, was in zip(the_day_before.geometry, before.geometry, strict=True):
        assert got.equals(was)
    day = repository.grids(session, at=SECOND, level=2)
    assert shapely.coverage_is_valid(day.geometry.to_numpy())


def test_a_code_of_a_vanished_compound_is_not_given_again(session: Session) -> None:
    load(session)
    load(session, places=FIVE.iloc[:3], day=SECOND)
    new = pd.concat([FIVE.iloc[:3], compounds(new=(2.2, 2.2, 1.4, 1.4))], ignore_index=True)
    load(session, places=new, day=date(2026, 1, 1))
    grids = repository.grids(session, at=date(2026, 1, 1))
    assert grids.loc[grids["name"] == "new小区", "code"].item() == "150625100001005"


def test_publishing_again_what_is_there_changes_no_row(session: Session) -> None:
    load(session)
    rows = session.scalar(select(func.count()).select_from(t.GridVersion))
    done = load(session, day=SECOND)
    assert changes(done) == {"unchanged": 7}
    assert session.scalar(select(func.count()).select_from(t.GridVersion)) == rows


def test_a_first_edition_may_be_set_back(session: Session) -> None:
    load(session, day=SECOND)
    load(session, day=FIRST)
    assert len(repository.grids(session, at=FIRST)) == 7
    with pytest.raises(DayNotCoveredError):
        repository.grids(session, at=FIRST, edition=1)


def household(session: Session, number: str, place: shapely.Geometry, code: str) -> None:
    session.add(
        t.Household(
            external_id=number,
            registered_from=FIRST,
            grid_code=code,
            match="inside",
            distance_m=0,
            geom=f"SRID=4490;{place.centroid.wkt}",
        )
    )
    session.flush()


def test_households_follow_the_border(session: Session) -> None:
    load(session)
    household(session, "H1", box(0.2, 0.2, 1, 1), "150625100001003")
    done = load(session, places=FIVE.iloc[1:], day=SECOND)
    home = session.scalar(select(t.Household.grid_code))
    assert home in {"150625100001001", "150625100001004"}
    way = ["external_id", "from_grid", "to_grid"]
    assert done.moves.households[way].to_numpy().tolist() == [["H1", "150625100001003", home]]


def test_a_household_left_without_grid_stops_the_publication(session: Session) -> None:
    load(session)
    household(session, "H9", box(4.5, 1, 1, 1), "150625100002001")
    before = repository.grids(session)
    with pytest.raises(HouseholdsLostError, match="H9"), session.begin_nested():
        load(session, TWO.iloc[:1], FIVE.iloc[:4], day=SECOND, limit_m=50, retire=True)
    pd.testing.assert_frame_equal(repository.grids(session), before)
    assert repository.edition(session).id == 1


def test_faulty_boundaries_change_nothing_unless_mended(session: Session) -> None:
    overlapping = communities(c001=(0, 0, 4.1, 4), c002=(4, 0, 2, 4))
    with pytest.raises(FaultyBoundariesError, match="1 overlap") as caught:
        load(session, overlapping)
    assert "--mend" in caught.value.message("zh")
    assert repository.editions(session) == []
    done = load(session, overlapping, mend_gaps_m=10)
    assert done.divided.moved["moved_m2"].max() > 1000
    assert shapely.coverage_is_valid(repository.grids(session, level=2).geometry.to_numpy())


def test_noise_of_floating_point_does_not_stop_a_load(session: Session) -> None:
    # In metres, as surveyors keep them: over a border 500 m long by a hundredth of a millimetre.
    metric = TWO.to_crs(4545)
    west, south, east, north = metric.geometry[0].bounds
    middle, top = (west + east) / 2, north + 300
    land = metric.set_geometry(
        [
            shapely.box(west, south, middle + 1e-5, north),
            shapely.Polygon(
                [(middle, south), (east, south), (east, north), (middle, north - 1e-5)]
            ),
        ],
        crs=metric.crs,
    )
    upper = land.iloc[[0]].assign(code="150625100003", name="社区003")
    upper = upper.set_geometry([shapely.box(west, north, east, top)], crs=metric.crs)
    land = pd.concat([land, upper], ignore_index=True)
    found = faults(land)
    assert len(found)
    assert is_noise(found).all()
    done = load(session, land, compounds(sw=(0.2, 0.2, 1, 1)))
    level_two = repository.grids(session, level=2)
    assert len(level_two) == 3
    assert done.divided.moved.empty
    whole = level_two.geometry.to_numpy()
    assert shapely.coverage_is_valid(whole)
    assert not shapely.get_num_interior_rings(shapely.union_all(whole))


# Round a harbour of 2 by 1 squares.
HARBOUR = communities(c001=(0, 0, 4, 1), c002=(3, 1, 1, 1), c003=(0, 2, 4, 1), c004=(0, 1, 1, 1))


def test_a_gap_at_a_coast_is_told_with_its_place_and_its_shores(session: Session) -> None:
    ashore = compounds(quay=(0.2, 0.2, 0.5, 0.5))
    with pytest.raises(FaultyBoundariesError, match="1 gap") as caught:
        load(session, HARBOUR, ashore)
    zh, en = caught.value.message("zh"), caught.value.message("en")
    where = box(1, 1, 2, 1).centroid
    assert f"{where.x:.5f}, {where.y:.5f}，在社区001、社区002、社区003、社区004之间" in zh
    assert "between 社区001, 社区002, 社区003, 社区004" in en
    assert "平方米、约" in zh
    # Mending is no help where nobody drew anything, and is not advised.
    assert "画到岸边" in zh
    assert "加 --mend" not in zh
    assert "add --mend" not in en


def test_what_mending_did_and_what_it_left_are_told(session: Session) -> None:
    told: list[str] = []

    def publish(land: gpd.GeoDataFrame) -> None:
        drawn = Boundaries(land, compounds(quay=(0.2, 0.2, 0.5, 0.5)), mend_gaps_m=20.0)
        divide_into_grids(session, drawn, say=lambda zh, _: told.append(zh))

    publish(communities(c001=(0, 0, 4.1, 4), c002=(4, 0, 2, 4)))
    said = next(each for each in told if each.startswith("社区："))
    assert "已修补重叠 1 处" in said
    assert "共移动" in said
    assert "小区：没有要修补的" in told
    over = HARBOUR.set_geometry([box(0, 0, 4, 1.1), *HARBOUR.geometry[1:]], crs=HARBOUR.crs)
    with pytest.raises(FaultyBoundariesError, match="1 gap") as caught:
        publish(over)
    assert "已修补重叠" in told[-1]
    zh = caught.value.message("zh")
    assert "已按 --mend 修补" in zh
    assert "加 --mend" not in zh
    assert "20 米" in zh


@pytest.mark.parametrize("mend_gaps_m", [None, 20.0], ids=["as it is", "mended"])
def test_lakes_can_be_left(session: Session, mend_gaps_m: float | None) -> None:
    # A lake of 2 by 1 squares between four, and a pond 4 m wide within one of them.
    pond = box(0.1, 0.1, 0.05, 0.05)
    land = HARBOUR.set_geometry(
        [shapely.difference(HARBOUR.geometry[0], pond), *HARBOUR.geometry[1:]], crs=HARBOUR.crs
    )
    ashore = compounds(quay=(0.2, 0.2, 0.5, 0.5))
    with pytest.raises(FaultyBoundariesError, match="gap"):
        load(session, land, ashore, mend_gaps_m=mend_gaps_m)
    load(session, land, ashore, mend_gaps_m=mend_gaps_m, leave_holes=True)
    for level in (1, 2):
        grids = repository.grids(session, level=level).geometry.to_numpy()
        assert shapely.coverage_is_valid(grids)
        left = shapely.difference(box(0, 0, 4, 3), shapely.union_all(grids))
        assert shapely.area(left) == pytest.approx(box(1, 1, 2, 1).area + pond.area, rel=1e-3)


def test_a_narrow_gap_between_two_is_no_lake(session: Session) -> None:
    cracked = communities(c001=(0, 0, 4, 1), c002=(0, 1.02, 4, 1), c003=(4, 0, 1, 2.02))
    cracked.loc[3] = {"code": "150625100004", "name": "社区004", "geometry": box(-1, 0, 1, 2.02)}
    with pytest.raises(FaultyBoundariesError, match="1 gap") as caught:
        load(session, cracked, compounds(a=(0.2, 0.2, 0.5, 0.5)), leave_holes=True)
    assert "加 --mend" in caught.value.message("zh")


def test_a_self_crossing_ring_is_refused_and_can_be_mended(session: Session) -> None:
    west, south, east, north = TWO.geometry[0].bounds
    # A loop on the side where nobody borders: the line crosses itself on its way back.
    ring = [(west, south), (east, south), (east, north), (west, north)]
    loop = [(west - 2e-4, north - 1e-3), (west - 2e-4, north - 2e-3), (west - 5e-5, north + 5e-4)]
    crossing = shapely.Polygon([*ring, *loop])
    assert not shapely.is_valid(crossing)
    raw = TWO.set_geometry([crossing, TWO.geometry[1]], crs=TWO.crs)
    with pytest.raises(FaultyBoundariesError, match="1 invalid"):
        load(session, raw)
    assert repository.editions(session) == []
    load(session, raw, mend_gaps_m=10)
    assert shapely.coverage_is_valid(repository.grids(session, level=2).geometry.to_numpy())


def test_a_footprint_over_the_border_is_refused_or_cut(session: Session) -> None:
    over = FIVE.set_geometry([*FIVE.geometry[:4], box(3.9, 1, 1.5, 1)], crs=FIVE.crs)
    with pytest.raises(FaultyBoundariesError, match="1 escape"):
        load(session, places=over)
    load(session, places=over, mend_gaps_m=10)
    assert len(repository.grids(session, level=2)) == 5


def test_aliases_of_communities_become_names_once(session: Session) -> None:
    land = TWO.assign(aliases=["常青|长青 | 社区001", None])
    load(session, land)
    load(session, land, day=SECOND)
    rows = session.execute(
        select(t.Alias.target_id, t.Alias.alias, t.Alias.state).order_by(t.Alias.alias)
    ).all()
    assert [tuple(row) for row in rows] == [
        ("150625100001", "常青", "confirmed"),
        ("150625100001", "长青", "confirmed"),
    ]


def test_names_used_twice_want_numbers(session: Session) -> None:
    nameless = FIVE.drop(columns="external_id").assign(name="同名小区")
    with pytest.raises(FrameError, match="同名小区"):
        load(session, places=nameless)


def test_the_database_itself_refuses_two_versions_of_one_day(session: Session) -> None:
    load(session)
    with pytest.raises(IntegrityError, match="ex_grid_version"), session.begin_nested():
        session.execute(
            text(
                "INSERT INTO grid_version (code, name, area_m2, valid, editions, geom) "
                "SELECT code, name, area_m2, '[2025-01-01,2025-02-01)', '[1,)', geom "
                "FROM grid_version LIMIT 1"
            )
        )
