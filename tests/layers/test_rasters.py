"""Rasters as files: right place, right value, and nothing where there is nothing."""

import base64
import io

import numpy as np
import pandas as pd
import pytest
import shapely
from PIL import Image

from geo.crs import to_degrees
from layers import density
from layers.density import Window
from layers.files import rasters
from layers.files.rasters import Painter, RasterTooLargeError
from tests.builders import cells_of, square, territory

COLOURS = ["#ff0000", "#00ff00", "#0000ff"]


@pytest.fixture
def window() -> Window:
    return Window("150625100", 562_000.0, 4_412_000.0, 100.0, 50.0, np.ones((20, 30), dtype=bool))


def test_a_picture_lies_where_its_ground_lies(window: Window) -> None:
    values = np.full((20, 30), 0.5)
    values[5, 7] = 2.5
    painter = Painter(window)
    address = painter.picture(values, breaks=[1, 2], colours=COLOURS)
    picture = Image.open(
        io.BytesIO(base64.b64decode(address.removeprefix("data:image/png;base64,")))
    )
    rgb = np.array(picture.convert("RGB"))
    (rows, columns) = np.nonzero((rgb == [0, 0, 255]).all(axis=2))
    assert len(rows) >= 1
    (south, west), (north, east) = painter.bounds
    longitude = west + (east - west) * (columns.mean() + 0.5) / 30
    latitude = north - (north - south) * (rows.mean() + 0.5) / 20
    wanted = to_degrees(shapely.Point(562_000 + 7.5 * 50, 4_412_000 - 5.5 * 50))
    assert longitude == pytest.approx(wanted.x, abs=50 / 85_000)
    assert latitude == pytest.approx(wanted.y, abs=50 / 111_000)


def test_nothing_is_clear_and_not_the_lowest_class(window: Window) -> None:
    values = np.full((20, 30), np.nan)
    address = Painter(window).picture(values, breaks=[1, 2], colours=COLOURS)
    picture = Image.open(io.BytesIO(base64.b64decode(address.split(",")[1])))
    assert np.array(picture.convert("RGBA"))[..., 3].max() == 0


def test_an_overlay_for_paper_is_finer_and_ends_where_the_ground_ends() -> None:
    values = np.array([[0.5, 2.5, np.nan]])
    picture = np.array(rasters.overlay(values, breaks=[1, 2], colours=COLOURS, times=4))
    assert picture.shape == (4, 12, 4)
    assert (picture[:, :8, 3] > 0).all()
    assert (picture[:, 8:, 3] == 0).all()
    assert tuple(picture[0, 7, :3]) == (0, 0, 255)  # the edge does not fade to nothing


def test_a_geotiff_says_where_it_lies_and_what_it_holds(window: Window) -> None:
    values = np.arange(600, dtype=float).reshape(20, 30)
    values[0, 0] = np.nan
    notes = {"title": "走访 & <密度>", "synthetic": "True"}
    read = Image.open(io.BytesIO(rasters.geotiff(values, window, notes=notes)))
    got = np.array(read)
    assert np.isnan(got[0, 0])
    assert np.array_equal(got.ravel()[1:], values.ravel()[1:].astype(np.float32))
    tags = read.tag_v2
    assert tags[33550] == (50.0, 50.0, 0.0)
    assert tags[33922] == (0.0, 0.0, 0.0, 562_000.0, 4_412_000.0, 0.0)
    keys = dict(zip(tags[34735][4::4], tags[34735][7::4], strict=True))
    assert keys == {1024: 1, 1025: 1, 3072: 4545}
    assert tags[42113] == "nan"
    assert "&#36208;&#35775; &amp; &lt;&#23494;&#24230;" in tags[42112]


def test_towns_become_one_raster_with_nothing_between() -> None:
    grids = territory(
        square("150625100001001", x=0, width=3), square("150625101001001", x=100, width=3)
    )
    both = pd.concat([cells_of([6]), cells_of([4], origin=(108.83, 39.84))])
    both.attrs["cell_m"] = 100.0
    windows = density.windows(both, grids, bandwidth_m=100)
    layers = [density.Smoother(w, bandwidth_m=100).density(both, "visits") for w in windows]
    whole, place = rasters.mosaic(windows, layers)
    assert np.nansum(whole) * place.pixel_m**2 / 10_000 == pytest.approx(10)
    assert place.box[0] == windows[0].box[0]
    assert place.box[2] == windows[1].box[2]
    assert np.isnan(whole).mean() > 0.9


def test_a_raster_over_half_a_province_is_refused(window: Window) -> None:
    far = Window("150625101", 9_562_000.0, 4_412_000.0, 100.0, 50.0, window.ground)
    high = Window("150625102", 562_000.0, 5_412_000.0, 100.0, 50.0, window.ground)
    with pytest.raises(RasterTooLargeError, match="Name a town with --town"):
        rasters.mosaic([window, far, high], [window.ground * 1.0] * 3)
