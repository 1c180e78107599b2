"""A place's months on one sheet: what stands on it, its scale, and that gaps stay gaps."""

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pypdfium2
import pytest

from layers.options import MapOptionError
from layers.paper import series_sheet, sheet

CODE = "150625100001001"
CAPTION: dict[str, Any] = {
    "code": CODE,
    "name": "金鼎小区",
    "attribution": "测绘院",
    "synthetic": True,
}
TWO_YEARS = [month.date() for month in pd.date_range("2024-11-01", "2026-10-01", freq="MS")]


def rows(measure: str, values: list[float], **more: Any) -> pd.DataFrame:
    months = TWO_YEARS[-len(values) :]
    made = pd.DataFrame({"month": months, "hidden": False, "redraw": False, measure: values})
    made[f"{measure}_low"] = made[measure] * 0.9
    made[f"{measure}_high"] = made[measure] * 1.1
    return made.assign(**more)


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    (page,) = document
    words: str = page.get_textpage().get_text_range().replace("\r\n", "\n")
    document.close()
    return words


def test_name_code_months_value_and_marks_stand_on_the_sheet() -> None:
    told = text_of(
        series_sheet.series_sheet(rows("coverage", [0.8, 0.85]), measure="coverage", **CAPTION)
    )
    for word in ("金鼎小区", CODE, "2026年9月", "2026年10月", "85.0%", "95% 区间", "合成数据"):
        assert word in told, word
    for word in ("断开处", "当月边界有调整", "所属社区"):
        assert word not in told, word


def test_gaps_redraws_and_the_community_are_explained_where_they_are() -> None:
    figures = rows("coverage", [0.8, np.nan, 0.9], redraw=[False, True, False])
    given = {**CAPTION, "language": "en", "synthetic": False}
    told = text_of(
        series_sheet.series_sheet(figures, measure="coverage", community=figures, **given)
    )
    for word in ("A gap", "Borders were moved", "Its community", "Visit coverage", "October 2026"):
        assert word in told, word
    assert "Synthetic" not in told


def test_a_month_without_a_row_is_a_gap_and_only_two_years_are_shown() -> None:
    figures = rows("coverage", [0.8, 0.5, 0.9]).drop(index=1)
    months = series_sheet.months_shown(figures)
    assert months == TWO_YEARS[-3:]
    line = series_sheet.line_of(figures, "coverage", months)
    assert np.isnan(line.value).tolist() == [False, True, False]
    assert line.redraw.tolist() == [False, False, False]
    long = pd.DataFrame({"month": [date(2020, 1, 1), date(2026, 10, 1)]})
    assert series_sheet.months_shown(long) == TWO_YEARS


@pytest.mark.parametrize(("language", "said"), [("zh", "均不公布"), ("en", "Too few are counted")])
def test_a_hidden_place_says_so_and_has_no_line(language: Any, said: str) -> None:
    figures = rows("coverage", [np.nan, np.nan], hidden=True)
    told = text_of(
        series_sheet.series_sheet(figures, measure="coverage", language=language, **CAPTION)
    )
    assert said in told
    assert "%" not in told


def test_a_month_that_is_not_published_is_no_gap() -> None:
    figures = rows("coverage", [0.8, np.nan, 0.9, np.nan], withheld=[None, "coverage", None, None])
    line = series_sheet.line_of(figures, "coverage", TWO_YEARS[-4:])
    assert line.secret.tolist() == [False, True, False, False]
    both = text_of(series_sheet.series_sheet(figures, measure="coverage", **CAPTION))
    assert "不公布" in both
    assert "断开处" in both
    one = text_of(series_sheet.series_sheet(figures.iloc[:3], measure="coverage", **CAPTION))
    assert "不公布" in one
    assert "断开处" not in one
    newest = text_of(
        series_sheet.series_sheet(figures.iloc[:2], measure="coverage", language="en", **CAPTION)
    )
    assert newest.count("not published") == 2  # in the head and beside its colour


def test_a_place_without_any_figure_says_that_instead() -> None:
    figures = rows("coverage", [np.nan, np.nan])
    told = text_of(series_sheet.series_sheet(figures, measure="coverage", **CAPTION))
    assert "各月均没有数字" in told
    assert "不公布" not in told


@pytest.mark.parametrize(
    ("measure", "value", "ends"),
    [
        ("coverage", 0.3, ("0.0%", "100.0%")),
        ("overdue_days", 2.0, ("0.0", "20.0")),
        ("overdue_days", 25.0, ("0.0", "30.0")),
        ("overdue_days", 90.0, ("0.0", "100.0")),
        ("incidents_per_100", 0.0, ("0.00", "2.00")),
    ],
)
def test_the_scale_begins_at_nought_and_ends_at_a_frozen_break(
    measure: str, value: float, ends: tuple[str, str]
) -> None:
    told = text_of(series_sheet.series_sheet(rows(measure, [value]), measure=measure, **CAPTION))
    lines = [line.strip() for line in told.splitlines()]
    for end in ends:
        assert end in lines, lines


def test_the_same_figures_give_the_same_bytes_in_any_order() -> None:
    figures = rows("workload", [5.0, 6.0, 5.5])
    once = series_sheet.series_sheet(figures, measure="workload", **CAPTION)
    assert series_sheet.series_sheet(figures[::-1], measure="workload", **CAPTION) == once
    assert sheet.to_png(once).startswith(b"\x89PNG")


def test_a_measure_that_is_none_is_refused() -> None:
    with pytest.raises(MapOptionError):
        series_sheet.series_sheet(rows("coverage", [0.8]), measure="cadre", **CAPTION)
