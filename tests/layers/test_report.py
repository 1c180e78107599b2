"""What the report carries, without a browser; how it looks and behaves is in tests/browser."""

import base64
import gzip
import json
import re
from datetime import date
from typing import Any

import geopandas as gpd
import pytest

from geo.errors import FrameError
from layers import styles
from layers.options import MapOptionError
from layers.pages.report import report
from tests.builders import MONTH, square, territory
from tests.layers.figures import MONTHS, measured_of
from tests.layers.test_measured import unpacked

A, B, C = "150625100001001", "150625100001002", "150625101001001"
CAPTION: dict[str, Any] = {"attribution": "测绘院", "synthetic": True}


@pytest.fixture
def grids() -> gpd.GeoDataFrame:
    return territory(
        square(A, x=0, name="金鼎小区", name_en="Jinding"), square(B, x=1), square(C, x=400)
    )


def carried(html: str) -> dict[str, Any]:
    found = re.search(r'id="map-data">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


def packed(html: str, name: str) -> str:
    found = re.search(rf'<script type="text/plain" id="{name}">(.*?)</script>', html)
    assert found
    return found[1]


def test_every_measure_of_both_levels_and_all_months_is_inside(grids: gpd.GeoDataFrame) -> None:
    html = report(grids, measured_of(grids, months=MONTHS, hidden=[B]), month=MONTH, **CAPTION)
    data = carried(html)
    assert [measure["name"] for measure in data["measures"]] == list(styles.MEASURES)
    assert data["months"] == ["2026年8月", "2026年9月", "2026年10月"]
    assert data["counts"] == [2, 3]
    ground = json.loads(gzip.decompress(base64.b64decode(packed(html, "packed-ground"))))
    assert [level["rows"]["code"] for level in ground["levels"]] == [[A[:12], C[:12]], [A, B, C]]
    # Communities and compounds side by side would be ragged; so all levels as one row of months.
    body = packed(html, "packed-figures")
    numbers = unpacked(body, months=1, grids=1)
    assert len(numbers) == 6 * 4 * 3 * (2 + 3)


def test_months_after_the_one_wanted_or_long_before_are_left_out(grids: gpd.GeoDataFrame) -> None:
    many = [date(2023 + m // 12, m % 12 + 1, 1) for m in range(46)]
    html = report(grids, measured_of(grids, months=many), month=date(2026, 9, 1), **CAPTION)
    months = carried(html)["months"]
    assert (len(months), months[0], months[-1]) == (24, "2024年10月", "2026年9月")


def test_breaks_are_those_of_the_months_year_for_all_months(grids: gpd.GeoDataFrame) -> None:
    months = [date(2025, 12, 1), date(2026, 1, 1)]
    data = carried(
        report(grids, measured_of(grids, months=months), month=months[1], language="en", **CAPTION)
    )
    for measure in data["measures"]:
        assert measure["breaks"] == list(styles.style(measure["name"], 2026).breaks)
        assert "fixed for 2026" in measure["note"]


def test_the_page_asks_nobody_for_anything(grids: gpd.GeoDataFrame) -> None:
    html = report(grids, measured_of(grids), month=MONTH, **CAPTION)
    head = html.split('<script type="application/json"', maxsplit=1)[0]
    loads = re.findall(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=\"([^\"]+)", head)
    assert all(address.startswith("data:") for address in loads)


def test_shuffled_rows_give_the_same_file(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids, months=MONTHS)
    again = report(
        grids.sample(frac=1, random_state=2), figures.sample(frac=1, random_state=2),
        month=MONTH, **CAPTION,
    )  # fmt: skip
    assert report(grids, figures, month=MONTH, **CAPTION) == again


def test_no_name_can_end_the_script(grids: gpd.GeoDataFrame) -> None:
    grids.loc[grids["code"] == A, "name"] = "</script><script>alert(1)</script>"
    html = report(grids, measured_of(grids), month=MONTH, **CAPTION)
    assert "alert(1)" not in html


def test_what_cannot_be_reported_is_refused(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids)
    with pytest.raises(FrameError, match="there is no figure of 2026-11"):
        report(grids, figures, month=date(2026, 11, 1), **CAPTION)
    with pytest.raises(MapOptionError, match="language"):
        report(grids, figures, month=MONTH, language="de", **CAPTION)  # type: ignore[arg-type]
    with pytest.raises(FrameError, match="no grid to draw"):
        report(grids.iloc[:0], figures, month=MONTH, **CAPTION)
