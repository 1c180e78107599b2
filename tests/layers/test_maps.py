"""What a page says, without a browser; how it looks and behaves is in tests/browser."""

import json
import re
from datetime import date
from typing import Any

import geopandas as gpd
import pytest

from geo.errors import CrsError, FrameError
from layers import places
from layers.options import MapOptionError
from layers.pages.coverage_page import coverage_map
from layers.pages.visits_page import visit_map
from tests.builders import cells_of, figures_of, square, territory

A, B, C = "150625100001001", "150625100001002", "150625101001001"
CAPTION: dict[str, Any] = {"month": date(2026, 10, 1), "attribution": "测绘院", "synthetic": True}


@pytest.fixture
def grids() -> gpd.GeoDataFrame:
    return territory(
        square(A, x=0, name="金鼎小区", name_en="Jinding"), square(B, x=1), square(C, x=400)
    )


def carried(html: str) -> dict[str, Any]:
    found = re.search(
        r'<script type="application/json" id="map-data">(.*?)</script>', html, re.DOTALL
    )
    assert found
    return json.loads(found[1])


def test_classes_follow_the_rate_and_nothing_known_is_no_class(grids: gpd.GeoDataFrame) -> None:
    figures = figures_of(grids, visited_paired={A: 97, B: 0}, registered={C: 0})
    level2 = carried(coverage_map(grids, figures, **CAPTION))["levels"][1]
    assert level2["rows"]["code"] == [A, B, C]
    assert level2["classes"] == [5, 0, -1]


def test_a_grid_without_figures_is_no_class(grids: gpd.GeoDataFrame) -> None:
    figures = figures_of(grids)
    level2 = carried(coverage_map(grids, figures[figures["code"] != B], **CAPTION))["levels"][1]
    assert level2["classes"][1] == -1
    assert level2["figures"]["registered"] == [100, None, 100]


def test_what_was_not_handed_in_is_no_class_and_hidden_ones_say_nothing(
    grids: gpd.GeoDataFrame,
) -> None:
    figures = figures_of(grids, unknown={A: 100, C: 0}, hidden=[B])
    page = coverage_map(grids, figures, **CAPTION)
    level2 = carried(page)["levels"][1]
    assert level2["classes"] == [-1, -2, 4 - 1]
    assert level2["figures"]["hidden"] == [False, True, False]
    assert level2["figures"]["unknown"] == [100, None, 0]
    assert level2["figures"]["not_visited"] == [0, None, 10]
    assert "160 / 200 户" in page  # of the communities: B counts in its own, A is unknown


def test_shuffled_rows_draw_the_same_page(grids: gpd.GeoDataFrame) -> None:
    figures = figures_of(grids)
    page = coverage_map(grids, figures, **CAPTION)
    again = coverage_map(grids.sample(frac=1, random_state=3), figures.iloc[::-1], **CAPTION)
    assert page == again


def test_towns_far_apart_open_on_the_seat_near_ones_on_the_whole(grids: gpd.GeoDataFrame) -> None:
    far = carried(coverage_map(grids, figures_of(grids), **CAPTION))
    assert far["first"] == "150625100"
    assert [town["code"] for town in far["towns"]] == ["150625100", "150625101"]
    near = territory(square(A, x=0), square(C, x=1))
    assert carried(coverage_map(near, figures_of(near), **CAPTION))["first"] is None


def test_the_total_counts_each_household_once(grids: gpd.GeoDataFrame) -> None:
    html = coverage_map(grids, figures_of(grids, visited_paired=80), **CAPTION)
    assert "240 / 300 户" in html
    assert "80.0%" in html


@pytest.mark.parametrize(
    ("language", "title", "name"),
    [
        ("zh", "走访覆盖率 · 2026年10月", "金鼎小区"),
        ("en", "Visit coverage · October 2026", "Jinding"),
    ],
)
def test_both_languages(grids: gpd.GeoDataFrame, language: str, title: str, name: str) -> None:
    html = coverage_map(grids, figures_of(grids), **CAPTION, language=language)  # type: ignore[arg-type]
    assert f"<title>{title}</title>" in html
    assert carried(html)["levels"][1]["rows"]["name"][0] == name
    assert "合成数据 · Synthetic data" in html


def test_real_data_carries_no_stamp(grids: gpd.GeoDataFrame) -> None:
    html = coverage_map(grids, figures_of(grids), **(CAPTION | {"synthetic": False}))
    assert 'class="stamp"' not in html


@pytest.mark.parametrize(
    ("as_of", "said"), [(date(2026, 10, 23), True), (date(2026, 11, 1), False), (None, False)]
)
def test_a_month_that_is_not_over_says_so(
    grids: gpd.GeoDataFrame, as_of: date | None, *, said: bool
) -> None:
    html = coverage_map(grids, figures_of(grids), **CAPTION, as_of=as_of)
    assert ("<span>本月尚未结束" in html) is said


def test_no_page_names_another_host(grids: gpd.GeoDataFrame) -> None:
    for assets in ("service", "inline"):
        pages = [
            coverage_map(grids, figures_of(grids), **CAPTION, assets=assets),
            visit_map(cells_of([3, 80]), grids, **CAPTION, assets=assets),
        ]
        for html in pages:
            loads = re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"([^\"]+)", html)
            assert all(address.startswith(("/assets/", "data:")) for address in loads)


def test_a_page_of_many_cells_stays_small(grids: gpd.GeoDataFrame) -> None:
    html = visit_map(cells_of([7] * 5000), grids, **CAPTION, assets="inline")
    assert len(html.encode()) < 2_000_000


def test_cells_are_classed_by_visits_per_hectare(grids: gpd.GeoDataFrame) -> None:
    large = carried(visit_map(cells_of([9, 10, 160]), grids, **CAPTION))
    assert large["cells"]["classes"] == [0, 1, 5]
    small = carried(visit_map(cells_of([9, 10, 160], cell_m=50), grids, **CAPTION))
    assert small["cells"]["classes"] == [2, 3, 5]


def test_a_cell_without_visits_is_not_drawn_as_few(grids: gpd.GeoDataFrame) -> None:
    assert carried(visit_map(cells_of([0]), grids, **CAPTION))["cells"]["classes"] == [-1]


def test_no_cells_at_all_still_make_a_page(grids: gpd.GeoDataFrame) -> None:
    page = visit_map(cells_of([1]).iloc[:0], grids, **CAPTION)
    assert carried(page)["cells"]["shapes"] == {"xy": [], "offsets": []}


def test_a_cell_that_would_give_households_away_is_refused(grids: gpd.GeoDataFrame) -> None:
    with pytest.raises(FrameError, match="4 households, fewer than 5"):
        visit_map(cells_of([3], households=4), grids, **CAPTION)


def test_what_cannot_be_drawn_is_refused(grids: gpd.GeoDataFrame) -> None:
    figures = figures_of(grids)
    with pytest.raises(MapOptionError, match="level cannot be 3"):
        coverage_map(grids, figures, **CAPTION, level=3)
    with pytest.raises(MapOptionError, match="assets"):
        coverage_map(grids, figures, **CAPTION, assets="cdn")  # type: ignore[arg-type]
    with pytest.raises(FrameError, match="no grid to draw"):
        coverage_map(grids.iloc[:0], figures, **CAPTION)
    with pytest.raises(FrameError, match="coverage_raw"):
        coverage_map(grids, figures.drop(columns="coverage_raw"), **CAPTION)
    with pytest.raises(CrsError):
        coverage_map(grids.to_crs(3857), figures, **CAPTION)
    without_size = cells_of([3])
    without_size.attrs.clear()
    with pytest.raises(FrameError, match="cell_m"):
        visit_map(without_size, grids, **CAPTION)


def test_a_label_stands_inside_its_polygon(grids: gpd.GeoDataFrame) -> None:
    rows = grids.loc[grids["level"] == 2]
    spots = places.label_points(rows.geometry)
    points = gpd.GeoSeries.from_xy(
        [spot[1] for spot in spots], [spot[0] for spot in spots], crs=grids.crs, index=rows.index
    )
    assert rows.geometry.contains(points).all()
