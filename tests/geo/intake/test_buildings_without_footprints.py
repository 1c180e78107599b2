"""A list of buildings needs no footprints: who reads buildings finds them in their compound."""

import geopandas as gpd
import pandas as pd
import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.geocoding import repository as gazetteers
from geo.geocoding.queue import targets
from geo.intake.service import load
from geo.settings import Settings
from geo.territory import ground
from tests.geo.intake import world

FOOTPRINT = shapely.box(108.011, 40.001, 108.012, 40.002)


def numbers(*codes: str, compound: str = "X2") -> pd.DataFrame:
    return pd.DataFrame(
        {"楼栋编号": codes, "小区编号": compound, "楼号": [f"{code}幢" for code in codes]}
        | {"单元数": 2, "层数": 6, "每层户数": 2}
    )


def shapes(session: Session) -> list[tuple[str, bool]]:
    query = "SELECT external_id, geom IS NOT NULL FROM building ORDER BY external_id"
    return [tuple(row) for row in session.execute(text(query))]


def test_a_list_of_numbers_is_enough(banner: Session, settings: Settings) -> None:
    done = load(banner, "buildings", numbers("7", "8"), settings=settings)
    assert (done.new, done.rejected) == (2, {})
    assert shapes(banner) == [("7", False), ("8", False)]
    again = load(banner, "buildings", numbers("8", "7"), settings=settings)
    assert (again.unchanged, again.changed) == (2, 0)


def test_a_file_may_have_footprints_of_some(banner: Session, settings: Settings) -> None:
    some = numbers("7", "8").assign(图形=[FOOTPRINT.wkt, None])
    done = load(banner, "buildings", some, settings=settings, datum="cgcs2000")
    assert (done.new, done.rejected) == (2, {})
    assert shapes(banner) == [("7", True), ("8", False)]


def test_a_later_list_of_numbers_leaves_footprints_alone(
    banner: Session, settings: Settings
) -> None:
    drawn = gpd.GeoDataFrame(numbers("7"), geometry=[FOOTPRINT], crs="EPSG:4490")
    load(banner, "buildings", drawn, settings=settings)
    load(banner, "buildings", numbers("7").assign(层数=7), settings=settings)
    assert shapes(banner) == [("7", True)]


def test_the_map_and_the_gazetteer_read_them(banner: Session, settings: Settings) -> None:
    some = numbers("7", "8").assign(图形=[FOOTPRINT.wkt, None])
    load(banner, "buildings", some, settings=settings, datum="cgcs2000")
    assert ground.buildings(banner)["name"].tolist() == ["7幢"]
    compound = banner.scalar(
        text("SELECT ST_AsBinary(geom) FROM compound WHERE external_id = 'X2'")
    )
    held = shapely.from_wkb(bytes(compound))
    known = gazetteers.places(banner, edition=1, day=world.TODAY, limit_m=50).buildings.set_index(
        "external_id"
    )
    for number in ("7", "8"):
        point = shapely.Point(known.loc[number, ["longitude", "latitude"]].to_numpy(dtype=float))
        assert held.contains(point)
    found = targets(banner, ["building", "building"], ["7", "8"])
    assert found[["longitude", "latitude"]].notna().sum().tolist() == [2, 2]
    near = gazetteers.nearest(
        banner, longitude=108.0115, latitude=40.0015, day=world.TODAY, limit_m=50
    )
    assert near["building"]["external_id"] == "7"
