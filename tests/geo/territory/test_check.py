"""Faults are found where they are: drawn ones exactly, other people's by laws that must hold."""

from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from geo.crs import geodesic_sizes, to_storage
from geo.settings import Settings
from geo.territory.check import faults
from geo.territory.divide import divide
from geo.territory.files import read_polygons
from geo.territory.mend import PolygonVanishedError, mend
from tests.datums import from_cgcs2000
from tests.geo.territory.raw import FIVE, TWO, box, communities

MESS = Path(__file__).parents[3] / ".stamps" / "mess" / "usr" / "lib" / "R" / "site-library"
NY8 = MESS / "spData" / "shapes" / "NY8_utm18.shp"
AUCKLAND = MESS / "spData" / "shapes" / "auckland.shp"
OLINDA = MESS / "sf" / "shape" / "olinda1.shp"


def kinds(found: gpd.GeoDataFrame) -> dict[str, int]:
    return found["kind"].value_counts().to_dict()


def test_clean_boundaries_have_no_faults() -> None:
    assert faults(TWO).empty
    assert faults(FIVE, gaps=False, within=TWO).empty


def test_an_overlap_and_a_gap_with_their_place_and_area() -> None:
    ring = communities(c001=(0, 0, 3.2, 1), c002=(3, 0, 1, 3), c003=(0, 2, 3, 1), c004=(0, 1, 1, 1))
    found = faults(ring)
    assert kinds(found) == {"overlap": 1, "gap": 1}
    overlap, gap = found.set_index("kind").loc[["overlap", "gap"]].to_dict("records")
    assert overlap["polygons"] == "社区001 | 社区002"
    assert overlap["geometry"].equals_exact(box(3, 0, 0.2, 1), 1e-9, normalize=True)
    assert gap["polygons"] == "社区001 | 社区002 | 社区003 | 社区004"
    assert gap["area_m2"] == pytest.approx(geodesic_sizes([box(1, 1, 2, 1)])[0][0])
    assert box(1, 1, 2, 1).contains(shapely.Point(gap["longitude"], gap["latitude"]))


def test_a_self_crossing_ring_is_named() -> None:
    west, south, east, north = box(0, 0, 1, 1).bounds
    bow = shapely.Polygon([(west, south), (east, north), (east, south), (west, north)])
    found = faults(TWO.set_geometry([bow, box(4, 0, 2, 4)], crs=TWO.crs))
    assert found[found["kind"] == "invalid"]["polygons"].tolist() == ["社区001"]


def test_a_sliver_is_a_piece_thinner_than_half_a_metre() -> None:
    thin = communities(c001=(0, 0, 1, 1), c002=(1, 0, 0.004, 1))
    found = faults(thin)
    assert kinds(found) == {"sliver": 1}
    assert found["width_m"].item() == pytest.approx(0.34, abs=0.02)


def test_an_escape_is_what_lies_outside() -> None:
    found = faults(FIVE.set_geometry(FIVE.translate(-0.0005), crs=FIVE.crs), gaps=False, within=TWO)
    assert kinds(found) == {"escape": 2}
    assert set(found["polygons"]) == {"sw小区", "nw小区"}


def test_faults_of_a_gcj02_file_are_listed_where_they_are_on_the_ground() -> None:
    def shifted(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return from_cgcs2000(longitude=x, latitude=y, datum="gcj02")

    two = communities(c001=(0, 0, 2, 1), c002=(1, 0, 2, 1))
    moved = shapely.transform(two.geometry.to_numpy(), shifted, interleaved=False)
    raw = two.set_geometry(gpd.GeoSeries(moved, crs=two.crs))
    raw.attrs["datum"] = "gcj02"
    place = faults(raw).set_index("kind").loc["overlap"]
    assert box(1, 0, 1, 1).contains(shapely.Point(place["longitude"], place["latitude"]))


def test_mending_says_what_moved_and_leaves_no_fault() -> None:
    raw = communities(c001=(0, 0, 3.1, 1), c002=(3, 0, 1, 1), c003=(0, 1.01, 4, 1))
    mended, moved = mend(raw, gap_width_m=5)
    assert faults(mended).empty
    assert shapely.coverage_is_valid(mended.geometry.to_numpy())
    assert set(moved["polygon"]) <= {"社区001", "社区002", "社区003"}
    overlap_m2 = geodesic_sizes([box(3, 0, 0.1, 1)])[0][0]
    assert moved["moved_m2"].max() >= overlap_m2 * 0.99


def test_a_polygon_that_would_vanish_is_named() -> None:
    raw = communities(c001=(0, 0, 3, 3), c002=(1, 1, 0.5, 0.5))
    with pytest.raises(PolygonVanishedError, match="社区"):
        mend(raw, gap_width_m=0)


@pytest.mark.parametrize(
    ("path", "crs", "least"),
    [
        (NY8, None, {"invalid": 5, "overlap": 2, "gap": 4}),
        (AUCKLAND, "EPSG:4545", {"overlap": 18, "gap": 17}),
        (OLINDA, None, {"overlap": 18, "gap": 6}),
    ],
    ids=["NY8", "auckland", "olinda"],
)
def test_other_peoples_mess_is_found_and_adds_up(
    path: Path, crs: str | None, least: dict[str, int]
) -> None:
    raw = read_polygons(path, settings=Settings(), crs=crs)
    found = faults(raw)
    counts = kinds(found)
    assert {kind: counts[kind] for kind in least} == least
    # What the polygons claim together is what they cover plus what they claim twice or thrice.
    stored = to_storage(raw).geometry.to_numpy()
    stored = shapely.make_valid(stored)
    claimed = geodesic_sizes(stored)[0].sum()
    covered = geodesic_sizes([shapely.union_all(stored)])[0][0]
    overlap = found[found["kind"] == "overlap"]
    twice = (overlap["area_m2"] * overlap["polygons"].str.count(r"\|")).sum()
    assert claimed - covered == pytest.approx(twice, rel=2e-3, abs=0.5)


@pytest.mark.parametrize("path", [NY8, OLINDA], ids=["NY8", "olinda"])
def test_other_peoples_mess_can_be_mended(path: Path) -> None:
    raw = read_polygons(path, settings=Settings())
    raw["name"] = [str(row) for row in range(len(raw))]
    mended, moved = mend(raw, gap_width_m=50)
    assert shapely.coverage_is_valid(mended.geometry.to_numpy())
    assert len(mended) == len(raw)
    assert set(kinds(faults(mended))) <= {"gap"}  # NY8 has a lake of 3.7 km2
    assert (moved["moved_m2"] > 0).all()
    raw_m2 = geodesic_sizes(shapely.make_valid(to_storage(raw).geometry.to_numpy()))[0].sum()
    mended_m2 = geodesic_sizes(to_storage(mended).geometry.to_numpy())[0].sum()
    assert mended_m2 == pytest.approx(raw_m2, rel=1e-3)


def test_olindas_sectors_in_districts_become_two_levels() -> None:
    sectors = read_polygons(OLINDA, settings=Settings(), encoding="ISO-8859-1")
    # Brought here from Brazil, so that the measuring CRS fits.
    here = shapely.transform(sectors.geometry.to_numpy(), lambda xy: xy + np.array([143.6, 47.8]))
    sectors = sectors.set_geometry(gpd.GeoSeries(here), crs="EPSG:4490")
    sectors["name"] = sectors["external_id"] = [f"S{row}" for row in range(len(sectors))]
    sectors["NM_BAIR"] = sectors["NM_BAIR"].fillna("(none)")
    districts = sectors.dissolve("NM_BAIR").reset_index(names="district")
    districts["name"] = districts["district"]
    districts["code"] = [f"150625100{row + 1:03d}" for row in range(len(districts))]
    districts, _ = mend(districts, gap_width_m=1)
    sectors, _ = mend(sectors, gap_width_m=1)
    grids = divide(districts[["code", "name", "geometry"]], sectors)
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    assert len(grids) == len(sectors) == 470
    assert grids["community_code"].nunique() == len(districts)
    own = grids.merge(sectors[["external_id", "geometry"]], on="external_id")
    kept = shapely.area(shapely.intersection(own["geometry_x"], own["geometry_y"]))
    assert np.min(kept / shapely.area(own["geometry_y"])) > 0.95
