"""Heat maps as pages and sheets: what they say and refuse; how they look is in tests/browser."""

import json
import re
from datetime import date
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pypdfium2
import pytest
import shapely

from geo.errors import FrameError
from layers.density import BandwidthError, Window
from layers.heat import rasters_of
from layers.options import MapOptionError
from layers.pages.heat_page import heat_map
from layers.paper import sheet
from layers.paper.heat_sheet import TownNotFoundError, ground_of, heat_sheet
from tests.builders import cells_of, square, territory

A, B, FAR = "150625100001001", "150625100001002", "150625101001001"
SEPTEMBER, OCTOBER = date(2026, 9, 1), date(2026, 10, 1)
CAPTION: dict[str, Any] = {"attribution": "测绘院", "synthetic": True}


@pytest.fixture
def grids() -> gpd.GeoDataFrame:
    return territory(
        square(A, x=-2, y=-2, width=6, height=6, name="金鼎小区"),
        square(B, x=4, y=-2, width=6, height=6),
        square(FAR, x=400, y=-2, width=6, height=6),
        towns={"150625100": "锡尼镇"},
    )


def cells(gaps: list[int]) -> gpd.GeoDataFrame:
    return cells_of([30] * len(gaps)).assign(gaps=gaps, eligible=10, incidents=1)


def carried(html: str) -> dict[str, Any]:
    found = re.search(
        r'<script type="application/json" id="map-data">(.*?)</script>', html, re.DOTALL
    )
    assert found
    return json.loads(found[1])


def text_of(pdf: bytes, page: int = 0) -> str:
    document = pypdfium2.PdfDocument(pdf)
    text: str = document[page].get_textpage().get_text_range()
    document.close()
    return text


def test_a_page_carries_a_picture_of_each_month_form_and_town(grids: gpd.GeoDataFrame) -> None:
    months = {OCTOBER: cells([1, 2, 3]), SEPTEMBER: cells([3, 2])}
    data = carried(heat_map(months, grids, quantity="gaps", **CAPTION))
    assert [month["name"] for month in data["months"]] == ["2026年9月", "2026年10月"]
    assert [month["total"] for month in data["months"]] == [5, 6]
    for month in data["months"]:
        for form in ("density", "ratio"):
            ((address, box),) = month["images"][form]
            assert address.startswith("data:image/png;base64,")
            assert box[0][0] < 39.84 < box[1][0]


def test_the_bandwidth_and_the_cell_are_stated_in_metres(grids: gpd.GeoDataFrame) -> None:
    html = heat_map(
        {OCTOBER: cells([1])}, grids, quantity="gaps", bandwidth_m=250, language="en", **CAPTION
    )
    assert "bandwidth (standard deviation) of 250 m." in html
    assert "spread over squares of 100 m" in html
    assert "fewer than 5 households are left out" in html
    assert "fixed for 2026" in html


def test_no_page_holds_a_count_of_a_single_cell(grids: gpd.GeoDataFrame) -> None:
    data = carried(heat_map({OCTOBER: cells([1, 2, 3])}, grids, quantity="gaps", **CAPTION))
    assert data["months"][0].keys() == {"name", "cells", "total", "images"}
    assert "cells" not in data


def test_the_same_cells_give_the_same_page(grids: gpd.GeoDataFrame) -> None:
    months = {OCTOBER: cells([1, 2, 3])}
    shuffled = {OCTOBER: months[OCTOBER].iloc[::-1]}
    shuffled[OCTOBER].attrs["cell_m"] = 100.0
    pages = {heat_map(one, grids, quantity="gaps", **CAPTION) for one in (months, shuffled)}
    assert len(pages) == 1


def test_visits_are_related_to_those_to_be_visited_incidents_to_all(
    grids: gpd.GeoDataFrame,
) -> None:
    found = cells([4, 4, 4])  # of 10 to be visited, of 20 households
    for quantity, wanted in (("gaps", 40), ("visits", 3), ("incidents", 5)):
        _, heats = rasters_of({OCTOBER: found}, grids, quantity=quantity)
        (ratio,) = heats[OCTOBER].ratio
        assert np.nanmin(ratio) == pytest.approx(wanted)
        assert np.nanmax(ratio) == pytest.approx(wanted)


def test_what_was_not_handed_in_is_not_painted(grids: gpd.GeoDataFrame) -> None:
    told = cells([4, 4, 4, 0, 0, 0]).assign(eligible=[20, 20, 20, 0, 0, 0])
    told = told.assign(unknown=[0, 0, 0, 20, 20, 20])
    _, silent = rasters_of({OCTOBER: told}, grids, quantity="gaps", bandwidth_m=100)
    _, loud = rasters_of({OCTOBER: told.assign(unknown=0)}, grids, quantity="gaps", bandwidth_m=100)
    for form in ("density", "ratio"):
        ((dark,), (light,)) = (getattr(heats[OCTOBER], form) for heats in (silent, loud))
        middle = light.shape[1] // 2
        assert np.isnan(dark[:, middle + 2 :]).all()
        np.testing.assert_array_equal(dark[:, : middle - 2], light[:, : middle - 2])
        assert not np.isnan(light[:, middle + 2 :]).all()
    # Incidents are known to all.
    _, heats = rasters_of({OCTOBER: told}, grids, quantity="incidents")
    assert not np.isnan(heats[OCTOBER].density[0][:, middle + 2 :]).all()


def test_parts_of_larger_places_may_be_small(grids: gpd.GeoDataFrame) -> None:
    parts = cells([1]).assign(households=0.5, gaps=0.25)
    with pytest.raises(FrameError, match=r"a cell has 0\.5 households"):
        rasters_of({OCTOBER: parts}, grids, quantity="gaps")
    parts.attrs["spread"] = True
    _, heats = rasters_of({OCTOBER: parts}, grids, quantity="gaps")
    assert heats[OCTOBER].total == 0


def test_parts_of_places_are_painted_on_land_only(grids: gpd.GeoDataFrame) -> None:
    # From the middle of the second grid to far beyond its border.
    parts = cells([1] * 12).assign(households=0.5)
    painted = []
    for spread in (False, True):
        parts = parts.assign(households=0.5 if spread else 30)
        parts.attrs = {"cell_m": 100.0, "spread": spread}
        (window,), heats = rasters_of({OCTOBER: parts}, grids, quantity="gaps")
        (density,) = heats[OCTOBER].density
        painted.append((~np.isnan(density)).any(axis=0).sum() * window.pixel_m)
        # None is lost all the same.
        assert np.nansum(density) * window.pixel_m**2 / 10_000 == pytest.approx(12)
    assert painted[1] < painted[0] - 200


def test_a_month_without_a_cell_beside_others_is_a_page(grids: gpd.GeoDataFrame) -> None:
    none = cells([1]).iloc[:0]
    none.attrs["cell_m"] = 100.0
    data = carried(
        heat_map({SEPTEMBER: cells([1]), OCTOBER: none}, grids, quantity="gaps", **CAPTION)
    )
    assert [month["cells"] for month in data["months"]] == [1, 0]


def test_what_cannot_be_drawn_is_refused(grids: gpd.GeoDataFrame) -> None:
    good = {OCTOBER: cells([1])}
    with pytest.raises(MapOptionError, match="quantity cannot be 'cadres'"):
        heat_map(good, grids, quantity="cadres", **CAPTION)
    with pytest.raises(BandwidthError):
        heat_map(good, grids, quantity="gaps", bandwidth_m=20, **CAPTION)
    large = cells_of([1], cell_m=200).assign(gaps=1)
    with pytest.raises(FrameError, match=r"cells of \[100.0, 200.0\] m"):
        heat_map({**good, SEPTEMBER: large}, grids, quantity="gaps", **CAPTION)
    with pytest.raises(FrameError, match="no grid to draw"):
        heat_map(good, grids.iloc[:0], quantity="gaps", **CAPTION)


@pytest.mark.parametrize(
    ("language", "form", "words"),
    [
        ("zh", "density", ["未走访密度", "2026年10月", "锡尼镇", "带宽（标准差）200 米", "北"]),
        ("en", "ratio", ["Gaps relative to households", "October 2026", "bandwidth", "N"]),
    ],
)
def test_a_sheet_says_all_that_it_needs_to_be_read_alone(
    grids: gpd.GeoDataFrame, language: Any, form: str, words: list[str]
) -> None:
    options = {"month": OCTOBER, "quantity": "gaps", "form": form, "language": language}
    pdf = heat_sheet(cells([1, 2, 3]), grids, edition="第 1 版", **options, **CAPTION)
    text = text_of(pdf)
    for word in [*words, "测绘院", "合成数据 · Synthetic data", "第 1 版", "1:", "金鼎小区"]:
        assert word in text, word
    real = heat_sheet(cells([1]), grids, **options, attribution="测绘院", synthetic=False)
    assert "Synthetic" not in text_of(real)


def test_a_sheet_shows_whole_what_the_window_touches_unless_that_is_far_larger() -> None:
    ground = np.ones((10, 10), dtype=bool)
    window = Window("150625100", 0.0, 1000.0, 100.0, 100.0, ground, "EPSG:4545")
    beside = shapely.box(900, 200, 1200, 1100)
    assert ground_of(window, np.array([beside])) == (0, 0, 1200, 1100)
    steppe = shapely.box(500, -90_000, 1200, 1000)
    assert ground_of(window, np.array([beside, steppe])) == window.box
    assert ground_of(window, np.array([shapely.box(2000, 0, 2100, 100)])) == window.box


def test_a_sheet_becomes_a_picture_of_its_paper(grids: gpd.GeoDataFrame) -> None:
    pdf = heat_sheet(
        cells([1]), grids, month=OCTOBER, quantity="visits", form="density", paper="A3", **CAPTION
    )
    png = sheet.to_png(pdf, dots_per_inch=72)
    assert png.startswith(b"\x89PNG")
    width, height = (int.from_bytes(png[at : at + 4]) for at in (16, 20))
    assert (width, height) == (1191, 842)


def test_the_total_of_a_sheet_is_its_towns(grids: gpd.GeoDataFrame) -> None:
    both = pd.concat([cells([1, 2]), cells_of([9], origin=(109.131, 39.84)).assign(gaps=50)])
    both.attrs["cell_m"] = 100.0
    options = {"month": OCTOBER, "quantity": "gaps", "form": "density"}
    assert "53" not in text_of(heat_sheet(both, grids, **options, **CAPTION))
    assert "50" in text_of(heat_sheet(both, grids, town=FAR[:9], **options, **CAPTION))
    with pytest.raises(TownNotFoundError, match="150625100, 150625101"):
        heat_sheet(both, grids, town="150625999", **options, **CAPTION)
