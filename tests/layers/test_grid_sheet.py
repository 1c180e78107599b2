"""A measure on one sheet: what stands on it, and that it is the same each time."""

import io
from collections import Counter
from typing import Any

import geopandas as gpd
import pypdfium2
import pytest
from PIL import Image

from geo.errors import FrameError
from layers.options import MapOptionError
from layers.paper import sheet
from layers.paper.furniture import tiled
from layers.paper.grid_sheet import grid_sheet
from tests.builders import MONTH, square, territory
from tests.layers.figures import measured_of

A, B, C = "150625100001001", "150625100001002", "150625101001001"
CAPTION: dict[str, Any] = {"month": MONTH, "attribution": "测绘院", "synthetic": True}


@pytest.fixture
def grids() -> gpd.GeoDataFrame:
    return territory(
        square(A, x=0, name="金鼎小区", name_en="Jinding"),
        square(B, x=1, name="鑫园小区"),
        square(C, x=400, name="沙枣家园"),
        communities={A[:12]: "建安社区", C[:12]: "向阳社区"},
        towns={A[:9]: "锡尼镇", C[:9]: "巴拉贡镇"},
    )


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    (page,) = document
    words: str = page.get_textpage().get_text_range().replace("\r\n", "")
    document.close()
    return words


def test_every_town_has_its_frame_its_scale_and_its_grids(grids: gpd.GeoDataFrame) -> None:
    told = text_of(grid_sheet(grids, measured_of(grids), measure="coverage", level=2, **CAPTION))
    for word in ("锡尼镇", "巴拉贡镇", "金鼎小区", "鑫园小区", "沙枣家园", "走访覆盖率", "80.0%"):
        assert word in told, word
    assert told.count("1:") == 2
    assert "建安社区" not in told
    assert "合成数据" in told


def test_communities_are_filled_where_level_one_is_asked_for(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids, values={"workload": 5.5})
    given = {"measure": "workload", "level": 1, "language": "en", **CAPTION, "synthetic": False}
    told = text_of(grid_sheet(grids, figures, **given))
    assert "建安社区" in told
    assert "金鼎小区" not in told
    assert "Households a cadre" in told
    assert "5.5" in told
    assert "Synthetic" not in told


def test_what_is_hidden_or_unknown_is_filled_as_such(grids: gpd.GeoDataFrame) -> None:
    def drawn(**how: Any) -> bytes:
        return grid_sheet(grids, measured_of(grids, **how), measure="pairing", level=2, **CAPTION)

    pages = {drawn(), drawn(hidden=[A]), drawn(unknown=[A]), drawn(wide=[A])}
    assert len(pages) == 4


def test_the_same_figures_give_the_same_bytes_in_any_order(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids)
    one = grid_sheet(grids, figures, measure="coverage", level=2, **CAPTION)
    shuffled = grids.sample(frac=1, random_state=3)
    other = grid_sheet(shuffled, figures.iloc[::-1], measure="coverage", level=2, **CAPTION)
    assert one == other
    assert sheet.to_png(one).startswith(b"\x89PNG")


def test_what_cannot_be_drawn_is_refused(grids: gpd.GeoDataFrame) -> None:
    figures = measured_of(grids)
    for wrong in ({"measure": "happiness"}, {"level": 3}, {"paper": "A5"}, {"language": "fr"}):
        with pytest.raises(MapOptionError):
            grid_sheet(grids, figures, **{"measure": "coverage", "level": 2, **CAPTION, **wrong})
    with pytest.raises(FrameError, match="no grid"):
        grid_sheet(grids.iloc[:0], figures, measure="coverage", level=2, **CAPTION)


@pytest.mark.parametrize("count", [1, 2, 3, 6, 7, 20])
def test_tiles_fill_the_box_without_touching(count: int) -> None:
    box = sheet.Box(10, 20, 600, 400)
    tiles = tiled(box, count)
    assert len(tiles) == count
    assert len({(round(tile.x, 6), round(tile.y, 6)) for tile in tiles}) == count
    for tile in tiles:
        assert box.x <= tile.x + 1e-9
        assert tile.right <= box.right + 1e-6
        assert box.y <= tile.y + 1e-6
        assert tile.top <= box.top + 1e-6


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("zh", ("走访冷热点", "冷点：连片偏低", "热点：连片偏高", "1 个热点，2 个冷点")),
        ("en", ("Hot and cold spots of visiting", "Cold: low together", "1 hot, 2 cold")),
    ],
)
def test_spots_are_outlined_counted_and_explained(
    grids: gpd.GeoDataFrame, language: Any, said: tuple[str, ...]
) -> None:
    given = {"measure": "coverage", "language": language, **CAPTION}
    spots = {A: "cold", B: "cold", C: "hot"}
    drawn = grid_sheet(grids, measured_of(grids), spots=spots, **given)
    told = text_of(drawn)
    for word in (*said, "合成数据"):
        assert word in told, word
    bare = sheet.to_png(grid_sheet(grids, measured_of(grids), spots={}, **given))
    colours = {name: colours_of(png) for name, png in (("with", sheet.to_png(drawn)), ("no", bare))}
    cold, hot = (0x5B, 0x2A, 0x9D), (0xB8, 0x40, 0x0A)
    # In the legend they stand in any case.
    assert colours["with"][cold] > 2 * colours["no"][cold] > 0
    assert colours["with"][hot] > 2 * colours["no"][hot] > 0


def colours_of(png: bytes) -> Counter[tuple[int, ...]]:
    with Image.open(io.BytesIO(png)) as picture:
        found = picture.convert("RGB").getcolors(picture.width * picture.height)
    return Counter({colour: count for count, colour in found})
