"""A grid keeps its code: by its own code, by its compound, by its place; to lose many is asked."""

from datetime import date
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.errors import FrameError
from geo.settings import Settings
from geo.territory import files, inputs, repository
from geo.territory.divide import CompoundOutsideError
from geo.territory.inputs import ElsewhereError
from geo.territory.model import EditionInfo
from geo.territory.retirement import CodesRetiredError
from geo.territory.service import Boundaries
from geo.workflows.publish_edition import Published, publish_edition
from tests.datums import from_cgcs2000
from tests.geo.territory.raw import FIVE, TWO, box, compounds

WITH_MORE = FIVE.assign(kind="小区", built_year="2005年", aliases="甲|乙", name_en="x")


def load(session: Session, land=TWO, places=WITH_MORE, **more) -> Published:  # noqa: ANN001, ANN003
    info = EditionInfo("t", date(2026, 1, 1), synthetic=True, attribution="sketch")
    drawn = Boundaries(land, places, **more)
    return publish_edition(session, drawn, info=info, settings=Settings())


def renumbered(done: Published) -> tuple[int, int]:
    changes = done.moves.grids["change"]
    return int((changes == "new").sum()), int((changes == "gone").sum())


def test_what_was_exported_loads_again_by_its_code(session: Session, tmp_path: Path) -> None:
    load(session)
    before = repository.compounds(session)
    known = repository.edition(session)
    for ending in ("geojson", "gpkg", "shp", "parquet", "csv"):
        path = tmp_path / f"grids.{ending}"
        files.write_grids(repository.grids(session), path, edition=known, language="zh")
        read = files.read_polygons(path, settings=Settings())
        both = [
            files.rename_columns(files.of_level(read, level), kind)
            for level, kind in ((1, "communities"), (2, "compounds"))
        ]
        done = load(session, *both)
        assert renumbered(done) == (0, 0), ending
        assert done.moves.grids["change"].tolist() == ["unchanged"] * 7, ending
    after = repository.compounds(session)
    assert after["external_id"].tolist() == before["external_id"].tolist()
    # The footprints are those of the compounds, not the grids that were loaded in their stead.
    assert shapely.equals(after["geometry"].to_numpy(), before["geometry"].to_numpy()).all()
    session.expire_all()
    rows = session.scalars(select(t.Compound)).all()
    assert {(row.kind, row.built_year, tuple(row.aliases)) for row in rows} == {
        ("小区", 2005, ("甲", "乙"))
    }


def test_a_renamed_compound_is_still_called_by_its_former_name(session: Session) -> None:
    load(session)
    first, second = FIVE["name"][:2]
    load(session, places=WITH_MORE.assign(name=["新名苑", *FIVE["name"][1:]], aliases=None))
    known = dict(session.execute(select(t.Compound.name, t.Compound.aliases)).all())
    assert known["新名苑"] == ["甲", "乙", first]
    assert known[second] == ["甲", "乙"]
    assert renumbered(load(session)) == (0, 0)
    session.expire_all()
    assert dict(session.execute(select(t.Compound.name, t.Compound.aliases)).all())[first] == [
        "甲",
        "乙",
        "新名苑",
    ]
    # Two that change names call each other by none.
    swapped = WITH_MORE.assign(name=[second, first, *FIVE["name"][2:]])
    load(session, places=swapped)
    session.expire_all()
    known = dict(session.execute(select(t.Compound.name, t.Compound.aliases)).all())
    assert known[second] == known[first] == ["甲", "乙"]
    # A wrong alias is mended by a file that gives others.
    load(session, places=swapped.assign(aliases="丙"))
    session.expire_all()
    assert set(session.scalars(select(func.unnest(t.Compound.aliases)))) == {"丙"}


def test_the_same_compounds_without_or_with_other_numbers_keep_their_codes(
    session: Session,
) -> None:
    load(session)
    nameless = FIVE.drop(columns="external_id")
    assert renumbered(load(session, places=nameless)) == (0, 0)
    assert len(repository.compounds(session)) == 5
    other = FIVE.assign(external_id=[f"N{row}" for row in range(5)])
    assert renumbered(load(session, places=other)) == (0, 0)


def test_a_load_that_retires_all_codes_of_a_community_asks(session: Session) -> None:
    load(session)
    moved = compounds(a=(0.1, 0.1, 3.7, 0.5), b=(0.1, 1, 3.7, 0.5), c=(0.1, 3, 3.7, 0.5))
    moved = pd.concat([moved, FIVE.iloc[[4]]], ignore_index=True)
    with (
        pytest.raises(CodesRetiredError, match=r"150625100001: 4.*--retire"),
        session.begin_nested(),
    ):
        load(session, places=moved)
    done = load(session, places=moved, retire=True)
    assert renumbered(done) == (3, 4)
    assert done.divided.retired is not None


def test_an_undivided_community_is_divided_without_asking(session: Session) -> None:
    load(session, places=FIVE.iloc[:4])
    assert load(session).divided.retired is None


def test_boundaries_elsewhere_are_refused(session: Session) -> None:
    county = TWO.set_geometry([box(100, 100, 1, 1), box(101, 100, 1, 1)], crs=TWO.crs)
    with pytest.raises(ElsewhereError, match="社区001, 社区002"):
        load(session, outline=county)


@pytest.mark.parametrize("mend", [None, 20.0])
def test_tables_that_cannot_serve_are_refused_before_any_work(
    session: Session, mend: float | None
) -> None:
    for land, places, said in (
        (TWO.drop(columns="name"), FIVE, "communities: column name is missing"),
        (TWO, FIVE.drop(columns="name"), "compounds: column name is missing"),
        (TWO.assign(name=[None, "b"]), FIVE, "communities: row 1 has no name"),
        (TWO, FIVE.assign(name=["a", None, "c", "d", "e"]), "compounds: row 2 has no name"),
        (TWO, FIVE.assign(built_year="很早"), "row 1 has a built_year"),
    ):
        with pytest.raises(FrameError, match=said):
            load(session, land, places, mend_gaps_m=mend)


def test_a_compound_wholly_outside_the_community_it_names_is_refused_when_mending(
    session: Session,
) -> None:
    wrong = FIVE.assign(community_code=["150625100002", None, None, None, None])
    with pytest.raises(CompoundOutsideError, match="sw小区"):
        load(session, places=wrong, mend_gaps_m=20.0)


def test_codes_that_stand_twice_are_of_something_else() -> None:
    same = FIVE.assign(grid_code="7")
    assert "grid_code" not in inputs.check_inputs(TWO, same).columns


@pytest.mark.parametrize("gap_width_m", [None, 5.0], ids=["as it is", "mended"])
def test_files_in_gcj02_are_the_same_ground_and_shifted_once(
    session: Session, gap_width_m: float | None
) -> None:
    def amap(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        there = shapely.transform(
            frame.geometry.to_numpy(),
            lambda x, y: from_cgcs2000(longitude=x, latitude=y, datum="gcj02"),
            interleaved=False,
        )
        made = frame.set_geometry(list(there), crs=frame.crs)
        made.attrs["datum"] = "gcj02"
        return made

    load(session)
    before = repository.compounds(session).geometry.to_numpy()
    done = load(session, amap(TWO), amap(WITH_MORE), mend_gaps_m=gap_width_m)
    assert renumbered(done) == (0, 0)
    after = repository.compounds(session).geometry.to_numpy()
    assert shapely.hausdorff_distance(before, after).max() < 1e-6
