"""From cells to a density: how much there is per hectare around each spot, never a point of a home.

The kernel is a Gaussian in the measuring CRS; its bandwidth is its standard deviation
in metres. Only ground is painted: what lies in a grid or a shown cell, within half a bandwidth of a
shown cell. What a kernel would carry beyond the ground is given back to it, so that what is painted
adds up to what was counted.

References
----------
P. Diggle, "A kernel method for smoothing point process data", Applied Statistics 34 (1985): the
correction at the edge. A Gaussian is separable, so two products of matrices are all it takes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import METRIC_CRS, to_metric
from geo.errors import FrameError, InputError
from geo.frames import POLYGONS, Frame, check
from geo.measuring import crs_of
from layers import places

Floats = npt.NDArray[np.float64]

SQUARE_M_PER_HECTARE = 10_000
MOST_PIXELS = 1_200  # along the longer side of one town
SPLITS = (8, 4, 2, 1)  # pixels along a cell, finest first
CUT = 4.0  # bandwidths after which nothing is left of the kernel (0.03 %)


class BandwidthError(InputError):
    """A bandwidth is smaller than a cell: the picture would show the cells, not a density."""

    code = "heat.bandwidth"
    zh = "带宽 {got:g} 米小于方格边长 {cell_m:g} 米，请取不小于方格边长的带宽。"
    en = "The bandwidth of {got:g} m is smaller than a cell of {cell_m:g} m; take at least that."


@dataclass(frozen=True)
class Window:
    """The raster over one town.

    Parameters
    ----------
    town : str
        Code of the town.
    west, north : float
        Upper left corner in metres of `crs`.
    cell_m, pixel_m : float
        Sides of a cell and of a pixel in metres; a cell is a whole number of pixels.
    ground : ndarray of bool, shape (rows, columns)
        What may be painted; rows from north to south.
    crs : str
        That the site is measured in.
    """

    town: str
    west: float
    north: float
    cell_m: float
    pixel_m: float
    ground: npt.NDArray[np.bool_]
    crs: str = METRIC_CRS

    @property
    def box(self) -> tuple[float, float, float, float]:
        """West, south, east, north in metres of `crs`."""
        rows, columns = self.ground.shape
        east = self.west + columns * self.pixel_m
        return self.west, self.north - rows * self.pixel_m, east, self.north


def check_cells(
    cells: gpd.GeoDataFrame, quantities: Iterable[str], *, min_households: int, bandwidth_m: float
) -> float:
    """Hold cells against what a heat map needs of them.

    Parameters
    ----------
    cells : GeoDataFrame
        Squares in EPSG:4490 with `households` and the quantities; `attrs["cell_m"]`. Where
        `attrs["spread"]` is true they are parts of larger places' figures, which no number of
        households makes tell anything.
    quantities : iterable of str
        Columns with counts.
    min_households : int
        Fewest households of a cell that may be drawn (k-anonymity).
    bandwidth_m : float

    Returns
    -------
    float
        The side of a cell in metres.

    Raises
    ------
    CrsError
        If they are not in EPSG:4490.
    FrameError
        If a column or the cell size is missing, or a cell has too few households to be shown.
    BandwidthError
        If the bandwidth is smaller than a cell.
    """
    promise = Frame("cells", dict.fromkeys((*quantities, "households"), "number"), POLYGONS)
    check(cells, promise)
    cell_m = float(cells.attrs.get("cell_m") or 0)
    if not cell_m:
        raise FrameError(
            frame=promise.name,
            problem="attrs hold no cell_m; state the side of a cell in metres",
            problem_zh="attrs 中没有 cell_m，请写明方格边长（米）",
        )
    least = cells["households"].min()
    if least < min_households and not cells.attrs.get("spread"):
        raise FrameError(
            frame=promise.name,
            problem=f"a cell has {least} households, fewer than {min_households}; leave it out",
            problem_zh=f"有方格只有 {least} 户，少于 {min_households} 户，请先去掉",
        )
    if bandwidth_m < cell_m:
        raise BandwidthError(got=bandwidth_m, cell_m=cell_m)
    return cell_m


def windows(
    cells: gpd.GeoDataFrame, grids: gpd.GeoDataFrame, *, bandwidth_m: float, finest: int = SPLITS[0]
) -> list[Window]:
    """Lay one raster over the cells of each town: towns are specks far apart.

    A cell belongs to the town whose grids' box is nearest; of equally near ones to the first code.
    Towns whose rasters would overlap share one, under the first code.

    Parameters
    ----------
    cells : GeoDataFrame, shape (n,)
        As `check_cells` wants them; of several months together where they are to be compared.
    grids : GeoDataFrame
        As `geo.frames.GRIDS`. EPSG:4490.
    bandwidth_m : float
    finest : {8, 4, 2, 1}
        Most pixels along a cell; fewer where a town is wide.

    Returns
    -------
    list of Window
        By code; a town without a cell has none. Corners lie on corners of cells, and pixels are
        equally large in all.
    """
    if cells.empty:
        return []
    cell_m = float(cells.attrs["cell_m"])
    corners = np.unique(_corners(cells), axis=0)
    towns = places.towns(grids)
    crs = crs_of(cells)
    boxes = to_metric(towns.geometry.to_numpy(), crs)
    centres = shapely.points((corners + 0.5) * cell_m)
    nearest = np.argmin(shapely.distance(boxes[:, None], centres[None, :]), axis=0)
    pad = int(np.ceil(bandwidth_m / 2 / cell_m))
    parts = _apart([(place, corners[nearest == place]) for place in np.unique(nearest)], pad)
    longest = max(
        int((part.max(axis=0) - part.min(axis=0)).max()) + 1 + 2 * pad for _, part in parts
    )
    split = next((n for n in SPLITS if n <= finest and longest * n <= MOST_PIXELS), 1)
    # Levels tile the same ground, so level one alone will do where it is there.
    level = grids.loc[grids["level"] == grids["level"].min()]
    land = to_metric(level.geometry.to_numpy(), crs)
    windows = [
        _window(str(towns.index[place]), part, land, cell_m, split, pad, bandwidth_m, crs)
        for place, part in parts
    ]
    if cells.attrs.get("spread"):
        # Such cells may reach beyond the grids that they were made from.
        return [_on_land(window, land) for window in windows]
    return windows


def _apart(
    parts: list[tuple[int, npt.NDArray[np.intp]]], pad: int
) -> list[tuple[int, npt.NDArray[np.intp]]]:
    """Join parts until no two padded boxes overlap."""
    for i, (place, one) in enumerate(parts):
        for j in range(i + 1, len(parts)):
            other = parts[j][1]
            low = np.maximum(one.min(axis=0), other.min(axis=0)) - pad
            high = np.minimum(one.max(axis=0), other.max(axis=0)) + 1 + pad
            if (low < high).all():
                rest = [part for at, part in enumerate(parts) if at not in (i, j)]
                joined = [*rest, (place, np.concatenate([one, other]))]
                return _apart(sorted(joined, key=lambda part: part[0]), pad)
    return parts


def _window(
    town: str,
    corners: npt.NDArray[np.intp],
    land: npt.NDArray[np.object_],
    cell_m: float,
    split: int,
    pad: int,
    bandwidth_m: float,
    crs: str,
) -> Window:
    first, last = corners.min(axis=0) - pad, corners.max(axis=0) + 1 + pad
    pixel_m = cell_m / split
    shape = tuple((last - first)[::-1] * split)
    west, north = float(first[0] * cell_m), float(last[1] * cell_m)
    x = west + pixel_m * (np.arange(shape[1]) + 0.5)
    y = north - pixel_m * (np.arange(shape[0]) + 0.5)
    squares = shapely.union_all(shapely.box(*(corners * cell_m).T, *((corners + 1) * cell_m).T))
    frame = shapely.box(west, north - shape[0] * pixel_m, x[-1] + pixel_m, north)
    inside = shapely.union_all(shapely.intersection(land, frame))
    # A hair wider than the cells, so that no centre of theirs falls on a border.
    near = shapely.intersection(inside, shapely.buffer(squares, bandwidth_m / 2))
    painted = shapely.union(near, shapely.buffer(squares, pixel_m / 100, cap_style="square"))
    shapely.prepare(painted)
    ground = shapely.contains_xy(painted, *np.meshgrid(x, y))
    return Window(town, west, north, cell_m, pixel_m, ground, crs)


def _on_land(window: Window, land: npt.NDArray[np.object_]) -> Window:
    """Leave away what lies in no grid, unless nothing would be left."""
    inside = shapely.union_all(land[shapely.intersects(land, shapely.box(*window.box))])
    shapely.prepare(inside)
    rows, columns = window.ground.shape
    x = window.west + window.pixel_m * (np.arange(columns) + 0.5)
    y = window.north - window.pixel_m * (np.arange(rows) + 0.5)
    ground = window.ground & shapely.contains_xy(inside, *np.meshgrid(x, y))
    return replace(window, ground=ground) if ground.any() else window


class Smoother:
    """Spreads the counts of cells over the ground of one window.

    Parameters
    ----------
    window : Window
    bandwidth_m : float
        Standard deviation of the Gaussian kernel, in metres.
    """

    def __init__(self, window: Window, *, bandwidth_m: float) -> None:
        self.window = window
        rows, columns = window.ground.shape
        split = round(window.cell_m / window.pixel_m)
        across = _kernel(columns, bandwidth_m / window.pixel_m)
        down = _kernel(rows, bandwidth_m / window.pixel_m)
        # A cell's count lies evenly in it, so all its pixels' kernels are one.
        self._across = across.reshape(columns // split, split, columns).mean(axis=1)
        self._down = down.reshape(rows, rows // split, split).mean(axis=2)
        # What share of the kernel around each cell falls on ground.
        self._kept = self._down.T @ window.ground @ self._across.T

    def density(self, cells: gpd.GeoDataFrame, column: str) -> Floats:
        """Give the density of what a column counts.

        Parameters
        ----------
        cells : GeoDataFrame
            Those that lie in the window count, the others do not.
        column : str

        Returns
        -------
        ndarray of float, shape (rows, columns)
            Per hectare; NaN where nothing is painted. The sum over the pixels, times a pixel's
            hectares, is the sum over the cells.
        """
        return self.densities(cells, [column])[0]

    def densities(self, cells: gpd.GeoDataFrame, columns: Sequence[str]) -> list[Floats]:
        """Give the density of each of several columns, see `density`."""
        hectares = self.window.pixel_m**2 / SQUARE_M_PER_HECTARE
        found = []
        for counts in _gridded(self.window, cells, columns):
            given = np.divide(counts, self._kept, out=np.zeros_like(counts), where=self._kept > 0)
            spread = self._down @ given @ self._across / hectares
            found.append(np.where(self.window.ground, spread, np.nan))
        return found


def ratio(part: Floats, whole: Floats, *, bandwidth_m: float, min_households: int) -> Floats:
    """Divide one density by another where the kernel holds enough households.

    A Gaussian of standard deviation s weighs like an even disc of 4 pi s^2: where that disc would
    hold fewer than `min_households`, a ratio says nothing and might say too much.

    Parameters
    ----------
    part, whole : ndarray of float
        As `Smoother.density` gives them, of one window; `whole` counts households.
    bandwidth_m : float
    min_households : int

    Returns
    -------
    ndarray of float
        NaN where either is, or the households are too few.
    """
    held = whole * 4 * np.pi * bandwidth_m**2 / SQUARE_M_PER_HECTARE
    enough = np.nan_to_num(held) >= min_households
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=enough)


def _corners(cells: gpd.GeoDataFrame) -> npt.NDArray[np.intp]:
    """Give how many cell sides east and north of the measuring grid's origin each cell lies."""
    centres = shapely.centroid(to_metric(cells.geometry.to_numpy(), crs_of(cells)))
    sides = shapely.get_coordinates(centres) / float(cells.attrs["cell_m"])
    corners: npt.NDArray[np.intp] = np.floor(sides).astype(np.intp)
    return corners


def _gridded(window: Window, cells: gpd.GeoDataFrame, columns: Sequence[str]) -> list[Floats]:
    """Lay the counts of each column out as the cells lie in a window, from north to south."""
    split = round(window.cell_m / window.pixel_m)
    shape = (window.ground.shape[0] // split, window.ground.shape[1] // split)
    corners = _corners(cells)
    at_column = corners[:, 0] - round(window.west / window.cell_m)
    at_row = round(window.north / window.cell_m) - 1 - corners[:, 1]
    inside = (at_row >= 0) & (at_row < shape[0]) & (at_column >= 0) & (at_column < shape[1])
    found = []
    for column in columns:
        counts = np.zeros(shape)
        values = cells[column].to_numpy(dtype=float)
        np.add.at(counts, (at_row[inside], at_column[inside]), values[inside])
        found.append(counts)
    return found


def _kernel(size: int, deviation: float) -> Floats:
    """Give the matrix that smooths a row of pixels: a Gaussian around each, summing to one."""
    away = np.arange(size)
    steps = (away[:, None] - away[None, :]) / deviation
    weights = np.exp(-0.5 * steps**2) * (np.abs(steps) <= CUT)
    reach = np.arange(-int(CUT * deviation), int(CUT * deviation) + 1) / deviation
    return np.asarray(weights / np.exp(-0.5 * reach**2).sum())
