"""Rasters as files: pictures that lie right on a web map, and GeoTIFF for whoever measures."""

import base64
import io
from collections.abc import Mapping, Sequence

import numpy as np
import pyproj
import shapely
from PIL import Image, TiffImagePlugin

from geo.crs import to_degrees, to_metric
from geo.errors import InputError
from geo.measuring import srid_of
from layers import legends
from layers.density import Floats, Window

# Web maps stretch a picture between its corners in their own projection.
_WEB = pyproj.Transformer.from_crs("EPSG:4490", "EPSG:3857", always_xy=True)

# Tags of GeoTIFF (OGC 19-008r4, chapter 7) and of GDAL for what it cannot say.
_SCALE, _TIE, _KEYS, _METADATA, _NO_DATA = 33550, 33922, 34735, 42112, 42113
_DOUBLE, _SHORT, _ASCII = 12, 3, 2
MOST_PIXELS = 60_000_000
OPACITY = 0.86  # as on the page: streets and borders shine through


class RasterTooLargeError(InputError):
    """The towns lie so far apart that one raster over all would be mostly nothing."""

    code = "heat.raster_too_large"
    zh = "整幅栅格需要 {got:,} 个像元，上限 {most:,}。请用 --town 指定一个乡镇。"
    en = "One raster would need {got:,} pixels; the limit is {most:,}. Name a town with --town."


class Painter:
    """Paints rasters of one window in the classes of a legend, as pictures for a web map.

    Parameters
    ----------
    window : Window
        Where they lie.

    Attributes
    ----------
    bounds : list
        [[south, west], [north, east]] of each picture in degrees.
    """

    def __init__(self, window: Window) -> None:
        rows, columns = window.ground.shape
        west, south, east, north = shapely.bounds(to_degrees(shapely.box(*window.box), window.crs))
        self.bounds: list[list[float]] = np.round([[south, west], [north, east]], 6).tolist()
        left, bottom = _WEB.transform(west, south)
        right, top = _WEB.transform(east, north)
        x = left + (right - left) * (np.arange(columns) + 0.5) / columns
        y = top - (top - bottom) * (np.arange(rows) + 0.5) / rows
        across, down = np.meshgrid(x, y)
        longitude, latitude = _WEB.transform(across, down, direction="INVERSE")
        # As one line: to make a point of each pixel would take most of the time.
        line = shapely.linestrings(longitude.ravel(), latitude.ravel())
        spots = shapely.get_coordinates(to_metric(line, window.crs))
        self._row = np.floor((window.north - spots[:, 1]) / window.pixel_m).astype(int)
        self._column = np.floor((spots[:, 0] - window.west) / window.pixel_m).astype(int)
        self._there = (self._row >= 0) & (self._row < rows)
        self._there &= (self._column >= 0) & (self._column < columns)

    def picture(self, values: Floats, *, breaks: Sequence[float], colours: Sequence[str]) -> str:
        """Paint a raster.

        Parameters
        ----------
        values : ndarray of float, shape (rows, columns)
            NaN where nothing is painted.
        breaks : sequence of float, shape (k - 1,)
        colours : sequence of str, shape (k,)

        Returns
        -------
        str
            A PNG as data address, north up in Web Mercator.
        """
        moved = np.full(values.size, np.nan)
        moved[self._there] = values[self._row[self._there], self._column[self._there]]
        picture = coloured(moved.reshape(values.shape), breaks=breaks, colours=colours)
        body = io.BytesIO()
        picture.save(body, "PNG", transparency=0)
        return "data:image/png;base64," + base64.b64encode(body.getvalue()).decode()


def coloured(values: Floats, *, breaks: Sequence[float], colours: Sequence[str]) -> Image.Image:
    """Give a raster the colours of its classes; colour 0 of the palette is nothing at all."""
    classes = (legends.classify(values, breaks) + 1).astype(np.uint8)
    picture = Image.fromarray(classes, "P")
    channels = [int(colour[at : at + 2], 16) for colour in colours for at in (1, 3, 5)]
    picture.putpalette([255, 255, 255, *channels])
    return picture


def overlay(
    values: Floats, *, breaks: Sequence[float], colours: Sequence[str], times: int = 4
) -> Image.Image:
    """Paint a raster for paper: finer between the pixels' centres, clear where nothing is."""
    there = ~np.isnan(values)
    size = (values.shape[1] * times, values.shape[0] * times)
    finer = Image.fromarray(_spread(values).astype(np.float32)).resize(
        size, Image.Resampling.BILINEAR
    )
    ground = Image.fromarray(there).resize(size, Image.Resampling.NEAREST)
    picture = coloured(np.array(finer, dtype=float), breaks=breaks, colours=colours)
    clear = picture.convert("RGBA")
    clear.putalpha(ground.convert("L").point(lambda lit: int(OPACITY * 255) if lit else 0))
    return clear


def _spread(values: Floats) -> Floats:
    """Carry the values at the edge one pixel out, so that finer pixels do not fade there."""
    padded = np.pad(values, 1, constant_values=np.nan)
    sides = [(0, 1), (2, 1), (1, 0), (1, 2), (0, 0), (0, 2), (2, 0), (2, 2)]
    rows, columns = values.shape
    around = np.array([padded[r : r + rows, c : c + columns] for r, c in sides])
    known = ~np.isnan(around)
    mean = np.nansum(around, axis=0) / np.maximum(known.sum(axis=0), 1)
    return np.where(np.isnan(values), mean, values)


def mosaic(windows: Sequence[Window], layers: Sequence[Floats]) -> tuple[Floats, Window]:
    """Lay the rasters of several towns into one; between them there is nothing.

    Parameters
    ----------
    windows : sequence of Window, at least one
        As `layers.density.windows` gives them: on one grid, none over another.
    layers : sequence of ndarray
        One of each window.

    Returns
    -------
    ndarray of float, shape (rows, columns)
    Window
        Where it lies.

    Raises
    ------
    RasterTooLargeError
        If it would have more than `MOST_PIXELS`.
    """
    pixel_m = windows[0].pixel_m
    boxes = np.array([window.box for window in windows])
    west, north = boxes[:, 0].min(), boxes[:, 3].max()
    columns = round((boxes[:, 2].max() - west) / pixel_m)
    rows = round((north - boxes[:, 1].min()) / pixel_m)
    if rows * columns > MOST_PIXELS:
        raise RasterTooLargeError(got=rows * columns, most=MOST_PIXELS)
    whole = np.full((rows, columns), np.nan)
    for window, layer in zip(windows, layers, strict=True):
        top = round((north - window.north) / pixel_m)
        left = round((window.west - west) / pixel_m)
        whole[top : top + layer.shape[0], left : left + layer.shape[1]] = layer
    first = windows[0]
    return whole, Window(
        first.town, west, north, first.cell_m, pixel_m, ~np.isnan(whole), first.crs
    )


def geotiff(values: Floats, window: Window, *, notes: Mapping[str, str]) -> bytes:
    """Write a raster as GeoTIFF in the measuring CRS: 32-bit floats, deflated, NaN for nothing.

    Parameters
    ----------
    values : ndarray of float, shape (rows, columns)
    window : Window
        Where it lies.
    notes : mapping of str to str
        What a reader must know (title, unit, source, synthetic ...), kept as GDAL metadata.

    Returns
    -------
    bytes
        The file.

    References
    ----------
    OGC 19-008r4, GeoTIFF 1.1: raster type "area", projected CRS by its EPSG code.
    """
    epsg = srid_of(window.crs)
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    items = "".join(f'<Item name="{_xml(k)}">{_xml(v)}</Item>' for k, v in notes.items())
    for tag, kind, value in (
        (_SCALE, _DOUBLE, (window.pixel_m, window.pixel_m, 0.0)),
        (_TIE, _DOUBLE, (0.0, 0.0, 0.0, window.west, window.north, 0.0)),
        # version 1.1.1; model projected; pixels are areas; the CRS's code
        (_KEYS, _SHORT, (1, 1, 1, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, epsg)),
        (_METADATA, _ASCII, f"<GDALMetadata>{items}</GDALMetadata>"),
        (_NO_DATA, _ASCII, "nan"),
    ):
        tags.tagtype[tag] = kind
        tags[tag] = value
    body = io.BytesIO()
    Image.fromarray(values.astype(np.float32)).save(
        body, "TIFF", compression="tiff_adobe_deflate", tiffinfo=tags
    )
    return body.getvalue()


def _xml(text: str) -> str:
    """Escape for XML, and beyond ASCII too: a TIFF's texts are ASCII."""
    plain = text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return plain.encode("ascii", "xmlcharrefreplace").decode()
