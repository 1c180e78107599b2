"""The map book: its pages, what stands on each, and that its font is inside."""

from typing import Any

import geopandas as gpd
import pandas as pd
import pypdfium2
import pytest

from geo.errors import FrameError
from layers import assets
from layers.assets import AssetsMissingError
from layers.options import MapOptionError
from layers.paper import sheet
from layers.paper.book import book
from tests.builders import MONTH, square, territory
from tests.layers.figures import measured_of

A, B, C = "150625100001001", "150625100001002", "150625101001001"
CAPTION: dict[str, Any] = {"month": MONTH, "attribution": "测绘院", "synthetic": True}


@pytest.fixture
def grids() -> gpd.GeoDataFrame:
    return territory(
        square(A, x=0, name="金鼎小区", name_en="Jinding"),
        square(B, x=1),
        square(C, x=400, name="沙枣家园"),
        communities={A[:12]: "建安社区", C[:12]: "向阳社区"},
        towns={A[:9]: "锡尼镇", C[:9]: "巴拉贡镇"},
    )


@pytest.fixture
def answers() -> pd.DataFrame:
    rows = [
        (A[:12], "网格长", "王建国", None),
        (A[:12], "联络员", "李秀英", "杭锦旗发展和改革委员会"),
        (A, "网格长", "赵敏", None),
    ]
    return pd.DataFrame(rows, columns=["grid_code", "post", "holder", "organisation"])


def pages_of(pdf: bytes) -> list[str]:
    document = pypdfium2.PdfDocument(pdf)
    # Lines that are broken on paper are one in a reader's head.
    texts = [page.get_textpage().get_text_range().replace("\r\n", "") for page in document]
    document.close()
    return texts


def test_the_banner_comes_first_then_a_page_a_community(
    grids: gpd.GeoDataFrame, answers: pd.DataFrame
) -> None:
    banner, table, first, second = pages_of(
        book(grids, measured_of(grids), answers=answers, edition="第 1 版", **CAPTION)
    )
    for word in ("全境概览", "锡尼镇", "巴拉贡镇", "80.0%", "1:", "北"):
        assert word in banner, word
    assert "建安社区" in table
    assert "向阳社区" in table
    for word in ("建安社区", "金鼎小区", "97.0%", "6.2", "5.5", "王建国", "赵敏", "78.4% 至 81.6%"):
        assert word in first, word
    assert "李秀英（杭锦旗发展和改革委员会）" in first
    assert "沙枣家园" not in first
    assert "沙枣家园" in second
    assert "当月没有任职记录" in second


def test_every_page_names_its_source_and_number_and_is_stamped(grids: gpd.GeoDataFrame) -> None:
    pages = pages_of(book(grids, measured_of(grids), **CAPTION))
    for number, page in enumerate(pages, start=1):
        assert f"第 {number} 页，共 4 页" in page
        assert "测绘院" in page
        assert "边界与数字均为合成数据" in page
    for page in (pages[0], *pages[2:]):
        assert "合成数据 · Synthetic data" in page
    real = pages_of(book(grids, measured_of(grids), **(CAPTION | {"synthetic": False})))
    assert "合成" not in "".join(real)


def test_the_chinese_font_is_inside(grids: gpd.GeoDataFrame) -> None:
    pdf = book(grids, measured_of(grids), **CAPTION)
    assert b"/FontFile2" in pdf
    assert b"NotoSansSC" in pdf
    assert len(pdf) < 1_000_000  # the signs that are used, not all of them


def test_what_is_hidden_is_written_as_such_and_never_as_a_number(grids: gpd.GeoDataFrame) -> None:
    pages = pages_of(book(grids, measured_of(grids, hidden=[C, C[:12]]), **CAPTION))
    assert pages[3].count("不公布") >= 12
    assert "80.0%" not in pages[3].replace("80–90%", "")


def test_english(grids: gpd.GeoDataFrame) -> None:
    pages = pages_of(book(grids, measured_of(grids), language="en", **CAPTION))
    assert "Map book of the grids" in pages[0]
    assert "Jinding" in pages[2]
    assert "Page 3 of 4" in pages[2]


def test_a_community_of_many_compounds_goes_on_on_another_page() -> None:
    grids = territory(*[square(f"150625100001{n:03d}", x=n % 10, y=n // 10) for n in range(1, 61)])
    pages = pages_of(book(grids, measured_of(grids), **CAPTION))
    assert len(pages) == 5
    assert "小区060" in pages[4]
    assert "（续）" in pages[3]
    assert sum(page.count("小区031") for page in pages[3:]) == 1


def test_a_banner_without_outline_or_streets_has_a_book_too(grids: gpd.GeoDataFrame) -> None:
    nothing = gpd.GeoSeries([], crs=grids.crs)
    bare = book(grids, measured_of(grids), outline=nothing, streets=nothing, **CAPTION)
    assert bare == book(grids, measured_of(grids), **CAPTION)


def test_progress_is_told_after_each_page(grids: gpd.GeoDataFrame) -> None:
    told: list[tuple[int, int]] = []
    book(grids, measured_of(grids), progress=lambda *step: told.append(step), **CAPTION)
    assert told == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_same_frames_give_the_same_book(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids)
    again = book(grids.sample(frac=1, random_state=5), figures.iloc[::-1], **CAPTION)
    assert book(grids, figures, **CAPTION) == again


def test_a3_is_larger(grids: gpd.GeoDataFrame) -> None:
    document = pypdfium2.PdfDocument(book(grids, measured_of(grids), paper="A3", **CAPTION))
    assert [round(side) for side in document[0].get_size()] == [1191, 842]
    document.close()


def test_what_cannot_be_printed_is_refused(
    grids: gpd.GeoDataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(MapOptionError, match="paper cannot be 'A5'"):
        book(grids, measured_of(grids), paper="A5", **CAPTION)  # type: ignore[arg-type]
    with pytest.raises(FrameError, match="column holder is missing"):
        book(
            grids,
            measured_of(grids),
            answers=pd.DataFrame({"grid_code": [], "post": []}),
            **CAPTION,
        )
    monkeypatch.setattr(sheet, "FONT_FILE", "fonts/none.ttf")
    sheet.load_font.cache_clear()
    with pytest.raises(AssetsMissingError, match=r"browser_assets\.py"):
        book(grids, measured_of(grids), **CAPTION)
    monkeypatch.undo()
    sheet.load_font.cache_clear()
    assert assets.asset_path(sheet.FONT_FILE).is_file()


@pytest.mark.parametrize(
    ("words", "lines"),
    [
        ("", []),
        ("一二三四五六", ["一二三", "四五六"]),
        ("一二三，四五", ["一二", "三，四", "五"]),
        ("one two three", ["one two", "three"]),
    ],
)
def test_lines_break_between_signs_and_words(words: str, lines: list[str]) -> None:
    sheet.load_font()
    width = 42 if words.startswith("one") else 32
    got = sheet.wrapped(words, width=width, size=10)
    assert got == lines


def test_a_line_is_cut_to_its_room() -> None:
    sheet.load_font()
    assert sheet.fitted("杭锦旗", width=100, size=10) == "杭锦旗"
    cut = sheet.fitted("杭锦旗发展和改革委员会", width=50, size=10)
    assert cut.endswith("…")
    assert sheet.text_width(cut, 10) <= 50
