"""The index answers as GEOS and PostGIS do: every vertex, midpoint, hair beside them, nonsense."""

import os
from datetime import date
from fractions import Fraction
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from sqlalchemy.orm import Session

from geo.crs import STORAGE_CRS
from geo.errors import UnavailableError
from geo.territory import flatfile, repository
from geo.territory.flatfile import IndexFileError
from geo.territory.index import GridIndex
from geo.territory.lookup import lookup
from geo.territory.orientation import sides
from geo.territory.outlines import Outlines
from geo.territory.rasterise import outer_segments, rasterise
from tests.builders import publish, square, territory
from tests.geo.territory.coverages import frame, honeycomb, on_and_off, patchwork, plainly

LIMIT_M = 50.0


def holds(grids: gpd.GeoDataFrame, xy: npt.NDArray[np.float64], index: GridIndex) -> pd.DataFrame:
    """Vector, points and scalar alike give what GEOS gives; returns it."""
    points = shapely.points(xy)
    wanted = plainly(grids, points, limit_m=LIMIT_M)
    found = index.locate_xy(xy[:, 0], xy[:, 1], LIMIT_M)
    pd.testing.assert_frame_equal(found, wanted, rtol=0, atol=1e-9)
    pd.testing.assert_frame_equal(index.locate(points, limit_m=LIMIT_M), found)
    one_by_one = [index.locate_one(x, y, LIMIT_M) for x, y in xy.tolist()]
    assert list(zip(*(found[name] for name in found), strict=True)) == [
        (code, match, pytest.approx(distance_m, nan_ok=True))
        for code, match, distance_m in one_by_one
    ]
    return wanted


def check_everywhere(grids: gpd.GeoDataFrame, seed: int = 0, count: int = 1000) -> pd.DataFrame:
    xy = on_and_off(grids.geometry.to_numpy(), np.random.default_rng(seed), count)
    return holds(grids, xy, GridIndex(grids))


@pytest.mark.parametrize("seed", range(3))
def test_honeycombs(seed: int) -> None:
    geometry = honeycomb(5, 6, seed=seed)
    assert shapely.coverage_is_valid(geometry)
    wanted = check_everywhere(frame(geometry), seed)
    assert set(wanted["match"]) == {"inside", "nearest", None}


def test_the_order_of_codes_decides_and_not_that_of_rows() -> None:
    rng = np.random.default_rng(1)
    codes = [f"15062510000{i:04d}" for i in rng.permutation(20)]
    check_everywhere(frame(honeycomb(4, 5), codes))


def test_towns_far_apart_with_gaps_holes_and_islands() -> None:
    whole = honeycomb(6, 6)
    ring = shapely.coverage_union_all(whole[[7, 8, 9, 13, 15, 19, 20, 21]])
    west = np.append(np.delete(whole, [7, 8, 9, 13, 15, 19, 20, 21, 28]), ring)
    east = honeycomb(3, 3, seed=2, corner=(108.9, 40.1), size_deg=0.0005)
    both = shapely.multipolygons([west[0], honeycomb(1, 1, seed=3, corner=(109.5, 39.2))[0]])
    geometry = np.concatenate([[both], west[1:], east])
    assert shapely.get_num_interior_rings(ring) == 1
    wanted = check_everywhere(frame(geometry))
    assert (wanted["match"] == "nearest").sum() > 10


def test_one_grid_and_a_sliver() -> None:
    thin = shapely.Polygon([(108.73, 39.84), (108.75, 39.8400001), (108.75, 39.8400002)])
    check_everywhere(frame(np.array([thin, shapely.box(108.8, 39.84, 108.9, 39.85)])))


def test_three_dimensions_are_two() -> None:
    flat = honeycomb(3, 3)
    check_everywhere(frame(shapely.force_3d(flat, 1000.0)))


def test_two_thousand_grids() -> None:
    grids = frame(honeycomb(40, 50))
    xy = on_and_off(grids.geometry.to_numpy(), np.random.default_rng(4), 50_000)
    inside = plainly_inside(grids, xy)
    found = GridIndex(grids).find(xy[:, 0], xy[:, 1], 0.0)
    np.testing.assert_array_equal(np.where(found.inside, found.position, len(grids)), inside)


def plainly_inside(grids: gpd.GeoDataFrame, xy: npt.NDArray[np.float64]) -> npt.NDArray[np.integer]:
    tree = shapely.STRtree(grids.geometry.to_numpy())
    which, grid = tree.query(shapely.points(xy), predicate="intersects")
    best = np.full(len(xy), len(grids))
    np.minimum.at(best, which, grid)
    return best


def check_cells(geometry: npt.NDArray[np.object_], xy: npt.NDArray[np.float64]) -> None:
    outlines = Outlines.of(geometry)
    cells = rasterise(outlines, outer_segments(outlines))
    wanted = plainly_inside(frame(geometry), xy)
    np.testing.assert_array_equal(cells.find(xy[:, 0], xy[:, 1]), wanted)
    one = lookup(cells)
    np.testing.assert_array_equal([one(x, y) for x, y in xy.tolist()], wanted)


@pytest.mark.parametrize("seed", range(2))
def test_where_doubles_err(seed: int) -> None:
    # Near zero doubles lie so close that products of them cannot tell the sides of a border.
    geometry = honeycomb(3, 3, seed=seed, corner=(0.01, 0.02), size_deg=0.3)
    rng = np.random.default_rng(seed)
    xy = on_and_off(geometry, rng)
    check_cells(geometry, np.concatenate([xy, _beside(geometry, rng)]))


def _beside(geometry: npt.NDArray[np.object_], rng: np.random.Generator) -> npt.NDArray[np.float64]:
    """Places within rounding of borders."""
    xy = shapely.get_coordinates(geometry)
    share = rng.uniform(size=(len(xy) - 1, 1))
    near = xy[:-1] + (xy[1:] - xy[:-1]) * share
    return np.nextafter(near, near + rng.choice([-1.0, 0.0, 1.0], near.shape))


@pytest.mark.parametrize("seed", range(2))
def test_where_borders_leave_cells(seed: int) -> None:
    geometry = honeycomb(3, 4, seed=seed)
    outlines = Outlines.of(geometry)
    lattice = rasterise(outlines, outer_segments(outlines)).lattice
    xy = shapely.get_coordinates(geometry)
    rng = np.random.default_rng(seed)
    places = []
    for axis, start in enumerate((lattice.west, lattice.south)):
        cell = np.floor((xy[:-1, axis] - start) * lattice.per_deg) + rng.integers(0, 2, len(xy) - 1)
        line = start + cell / lattice.per_deg
        share = (line - xy[:-1, axis]) / (xy[1:, axis] - xy[:-1, axis])
        crossed = (share > 0) & (share < 1)
        place = xy[:-1] + (xy[1:] - xy[:-1]) * share[:, None]
        place[:, axis] = line
        places.append(place[crossed])
    met = np.concatenate(places * 20)
    hairs = rng.integers(-2, 3, met.shape) * np.spacing(met)
    assert len(met) > 1000
    check_cells(geometry, met + hairs)


boards = arrays.arrays(
    np.int64, st.tuples(st.integers(1, 7), st.integers(1, 7)), elements=st.integers(-1, 5)
)


@settings(max_examples=60, deadline=None)
@given(boards.filter(lambda one: one.max() >= 0), st.sampled_from([0.0, 0.2]), st.integers(0, 99))
def test_any_patchwork(labels: npt.NDArray[np.int64], jitter: float, seed: int) -> None:
    geometry = patchwork(labels, jitter=jitter, seed=seed)
    assert shapely.coverage_is_valid(geometry)
    check_everywhere(frame(geometry), seed, 30)


@settings(max_examples=200)
@given(arrays.arrays(np.int64, (6, 8), elements=st.integers(-20_000_000, 20_000_000)))
def test_sides_are_exact(stored: npt.NDArray[np.int64]) -> None:
    given_ = stored / 1e7
    ax, ay, bx, by, px, py = given_
    # Half of the points lie within rounding of the line.
    share = np.linspace(0, 1, 4)
    px[:4], py[:4] = (ax + (bx - ax) * 0.5)[:4], (ay + (by - ay) * 0.5)[:4]
    px[:2] += share[:2] * 1e-16
    found = np.sign(sides(*given_))
    exact = [
        (left > right) - (left < right)
        for a, b, c, d, e, f in given_.T.tolist()
        for left, right in [
            (
                (Fraction(a) - Fraction(e)) * (Fraction(d) - Fraction(f)),
                (Fraction(b) - Fraction(f)) * (Fraction(c) - Fraction(e)),
            )
        ]
    ]
    assert found.tolist() == exact


class TestPostgis:
    def agree(self, session: Session, grids: gpd.GeoDataFrame, xy: npt.NDArray[np.float64]) -> None:
        publish(
            session,
            grids,
            title="test",
            valid_from=date(2020, 1, 1),
            synthetic=True,
            attribution="",
            limit_m=LIMIT_M,
        )
        points = gpd.GeoSeries(shapely.points(xy), crs=STORAGE_CRS)
        index = GridIndex(grids[grids["level"] == 2])
        memory = index.locate(points.to_numpy(), limit_m=LIMIT_M)
        sql = repository.locate(session, points, limit_m=LIMIT_M)
        assert memory["grid_code"].tolist() == sql["grid_code"].tolist()
        assert memory["match"].tolist() == sql["match"].tolist()
        np.testing.assert_allclose(memory["distance_m"], sql["distance_m"], atol=1e-6)

    def test_a_honeycomb(self, session: Session) -> None:
        geometry = honeycomb(4, 5, corner=(108.7, 39.8))
        level2 = frame(geometry).assign(town="镇", community="社区")
        level1 = level2.iloc[:1].assign(
            code="150625100001",
            level=1,
            geometry=gpd.GeoSeries([shapely.coverage_union_all(geometry)], crs=STORAGE_CRS),
        )
        xy = on_and_off(geometry, np.random.default_rng(3), 1500)
        near = (np.abs(xy - [108.7, 39.8]) < 0.5).all(axis=1)
        assert near.sum() > 5000
        self.agree(session, pd.concat([level1, level2], ignore_index=True), xy[near])

    def test_a_long_border_bends_between_degrees_and_metres(self, session: Session) -> None:
        grids = territory(square("150625100001001", x=0, width=90))
        x = np.linspace(108.73, 108.82, 41)
        beside = np.column_stack([np.tile(x, 3), np.repeat([39.84, 39.8399999, 39.841], 41)])
        beside[82:, 1] += 1e-7
        self.agree(session, grids, beside)


class TestFile:
    grids = frame(honeycomb(4, 5))

    @pytest.fixture
    def saved(self, tmp_path: Path) -> Path:
        path = tmp_path / "grids.index"
        GridIndex(self.grids).save(path)
        return path

    def test_opened_answers_are_those_of_the_saved(self, saved: Path) -> None:
        xy = on_and_off(self.grids.geometry.to_numpy(), np.random.default_rng(5))
        holds(self.grids, xy, GridIndex.open(saved))

    def test_nothing_but_the_file_is_left(self, saved: Path) -> None:
        assert list(saved.parent.iterdir()) == [saved]

    def test_replaced_while_in_use(self, saved: Path) -> None:
        old = GridIndex.open(saved)
        x, y = shapely.get_coordinates(shapely.point_on_surface(self.grids.geometry.to_numpy())).T
        GridIndex(self.grids.iloc[:1]).save(saved)
        assert old.locate_xy(x, y, LIMIT_M)["grid_code"].tolist() == self.grids["code"].tolist()
        assert len(GridIndex.open(saved).codes) == 1

    @pytest.mark.parametrize("opened", [False, True])
    def test_an_index_cannot_be_changed(self, saved: Path, *, opened: bool) -> None:
        index = GridIndex.open(saved) if opened else GridIndex(self.grids)
        with pytest.raises(ValueError, match="read-only"):
            index.codes[0] = "150625100001999"

    def refused(self, path: Path, said: str) -> None:
        with pytest.raises(IndexFileError, match=said) as caught:
            GridIndex.open(path)
        assert isinstance(caught.value, UnavailableError)
        assert str(path) in caught.value.message("zh")
        assert "请删除" in caught.value.message("zh")

    def test_missing(self, tmp_path: Path) -> None:
        self.refused(tmp_path / "none", "No such file")

    def test_empty(self, tmp_path: Path) -> None:
        (tmp_path / "empty").touch()
        self.refused(tmp_path / "empty", "it is empty")

    @pytest.mark.parametrize("content", [b"x", b"PK\x03\x04" * 100, flatfile.MAGIC])
    def test_something_else(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "other").write_bytes(content)
        self.refused(tmp_path / "other", "not an index")

    def test_another_format(self, saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(flatfile, "FORMAT", flatfile.FORMAT + 1)
        self.refused(saved, f"format is {flatfile.FORMAT - 1}, this program's is {flatfile.FORMAT}")

    @pytest.mark.parametrize("keep", [0.999, 0.5, 0.1])
    def test_cut_short(self, saved: Path, keep: float) -> None:
        size = saved.stat().st_size
        os.truncate(saved, int(size * keep))
        self.refused(saved, f"has {int(size * keep)} bytes instead of {size}")

    def test_cut_short_in_its_header(self, saved: Path) -> None:
        os.truncate(saved, 100)
        self.refused(saved, "header is damaged")

    def test_a_byte_of_the_header_is_wrong(self, saved: Path) -> None:
        content = bytearray(saved.read_bytes())
        content[60] ^= 1
        saved.write_bytes(content)
        self.refused(saved, "header is damaged")

    def test_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(IndexFileError, match="No such file"):
            GridIndex(self.grids).save(tmp_path / "none" / "grids.index")
