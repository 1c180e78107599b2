"""Point -> level-two grid, in memory: exactly one answer for every point.

Most points are answered by the cell they lie in, the others by an exact test of the few grids in
their cell (`geo.territory.cells`); points outside by the distance to the few border segments that
come into question where they lie (`geo.territory.nearest`). All of it is flat arrays, so an index
is saved beside its edition and mapped at start.
"""

import math
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.frames import GRIDS, check
from geo.measuring import crs_of
from geo.territory import flatfile, quarters
from geo.territory.cells import Cells, Lattice
from geo.territory.lookup import lookup
from geo.territory.nearest import Nearest
from geo.territory.outlines import Flags, Floats, Geometries, Outlines
from geo.territory.outside import TIE_M, Ground, Outside
from geo.territory.rasterise import outer_segments, rasterise

__all__ = ["FAR_DEG", "TIE_M", "Found", "GridIndex"]

Match = Literal["inside", "nearest"] | None

# Beyond this the metric projection bends; a point so far away gets no distance.
FAR_DEG = 2.0
_MATCHES: Geometries = np.array(["inside", "nearest", None], dtype=object)
_OF_CELLS = ("blocks", "inner", "starts", "members", "border")
_OF_OUTSIDE = ("squares", "offsets", "near", "lines", "owner")


class Found(NamedTuple):
    """Answers for n points as bare arrays.

    Parameters
    ----------
    position : ndarray of int, shape (n,)
        Position of the grid in `GridIndex.codes`; -1 where no grid is near enough.
    inside : ndarray of bool, shape (n,)
        Whether that grid covers the point; otherwise it is the nearest.
    distance_m : ndarray of float, shape (n,)
        To the nearest grid, also one beyond the limit: 0 inside, NaN without a point or far off.
    """

    position: npt.NDArray[np.int32]
    inside: Flags
    distance_m: Floats


class GridIndex:
    """The level-two grids of one edition on one day, ready for lookups; immutable.

    Safe to use from many threads at once.

    Parameters
    ----------
    grids : GeoDataFrame
        Level-two grids, see `geo.frames.GRIDS`; any order. A coverage, as every published edition
        is: gaps and islands are allowed, overlaps are not.

    Attributes
    ----------
    codes : ndarray of str, shape (n,)
        All codes, ascending.
    crs : str
        In which distances are measured: as `grids.attrs` names it, else where they lie.

    Raises
    ------
    CrsError, FrameError
        If `grids` is not as promised.
    """

    codes: Geometries
    crs: str

    def __init__(self, grids: gpd.GeoDataFrame) -> None:
        check(grids, GRIDS)
        ordered = grids.sort_values("code")
        outlines = Outlines.of(ordered.geometry.to_numpy())
        outer = outer_segments(outlines)
        cells = rasterise(outlines, outer)

        def inside(x: Floats, y: Floats) -> Flags:
            return np.asarray(cells.find(x, y) < len(outlines))

        crs = crs_of(grids)
        outside = quarters.cut(
            outlines, outer, cells.border, inside=inside, far_deg=FAR_DEG, crs=crs
        )
        self._hold(ordered["code"].to_numpy(dtype=object), cells, outside, crs)

    def _hold(self, codes: Geometries, cells: Cells, outside: Outside | None, crs: str) -> None:
        self.crs = crs
        # Position -1 is the last answer, which is none.
        self._answers: Geometries = np.array([*codes, None], dtype=object)
        self._cells, self._outside = cells, outside
        self._find_one = lookup(cells)
        self._nearest = Nearest(cells, outside, crs)
        self.codes = self._answers[:-1]
        self._answers.flags.writeable = self.codes.flags.writeable = False
        for array in self._arrays().values():
            array.flags.writeable = False

    def _arrays(self) -> dict[str, npt.NDArray[Any]]:
        cells, outlines = self._cells, self._cells.outlines
        arrays = {field.name: getattr(outlines, field.name) for field in fields(Outlines)}
        arrays |= {name: getattr(cells, name) for name in _OF_CELLS}
        if self._outside is not None:
            arrays |= {name: getattr(self._outside, name) for name in _OF_OUTSIDE}
        return arrays

    def _facts(self) -> dict[str, Any]:
        return {
            "lattice": asdict(self._cells.lattice),
            "bounds": self._cells.bounds,
            "crs": self.crs,
            "ground": None if self._outside is None else self._outside.ground,
        }

    def save(self, path: Path) -> None:
        """Write the index to a file that `open` maps; the file appears only when it is whole.

        Parameters
        ----------
        path : Path
            Replaced if it is there.

        Raises
        ------
        IndexFileError
            If the file cannot be written.
        """
        codes = self.codes.astype(str)
        flatfile.write(path, {"codes": codes} | self._arrays(), self._facts())

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map an index that `save` wrote: its answers are those of the index that was saved.

        Processes that open the same file share its memory. The file may be replaced or deleted
        meanwhile, but not changed in place.

        Parameters
        ----------
        path : Path

        Returns
        -------
        GridIndex

        Raises
        ------
        IndexFileError
            If the file is not there, is no index, of another format, cut short or damaged.
        """
        return cls._of(*flatfile.read(path))

    @classmethod
    def _of(cls, arrays: dict[str, npt.NDArray[Any]], facts: dict[str, Any]) -> Self:
        index = cls.__new__(cls)
        codes = arrays.pop("codes").astype(object)
        of_cells = {name: arrays.pop(name) for name in _OF_CELLS}
        outside = None
        if facts["ground"] is not None:
            of_outside = {name: arrays.pop(name) for name in _OF_OUTSIDE}
            outside = Outside(Ground(*facts["ground"]), **of_outside)
        cells = Cells(
            lattice=Lattice(**facts["lattice"]),
            outlines=Outlines(**arrays),
            bounds=tuple(facts["bounds"]),
            **of_cells,
        )
        index._hold(codes, cells, outside, facts["crs"])  # noqa: SLF001 - its own class
        return index

    def __reduce__(self) -> tuple[Any, ...]:
        return _restored, ({"codes": self.codes} | self._arrays(), self._facts())

    def geometry(self) -> Geometries:
        """Build the grids as shapely multipolygons in EPSG:4490, in the order of `codes`."""
        return self._cells.outlines.geometry(np.arange(len(self.codes)))

    def locate(self, points: npt.ArrayLike, *, limit_m: float) -> pd.DataFrame:
        """Give every point its level-two grid.

        A point on a shared border belongs to the grid whose code sorts first. A point outside all
        grids gets the nearest one within `limit_m`, the first code where two are equally near.

        Parameters
        ----------
        points : array_like of shapely Points, shape (n,)
            In EPSG:4490; None and empty points are allowed and get nothing.
        limit_m : float
            How far outside, in metres, a point is still given to the nearest grid.

        Returns
        -------
        DataFrame, shape (n,)
            `grid_code`, `match` ("inside" or "nearest"; both missing where no grid is near enough)
            and `distance_m` to the nearest grid (0 inside; NaN without a point or very far off),
            on a range index in the order of `points`.
        """
        geometry: Geometries = np.atleast_1d(np.asarray(points, dtype=object))
        empty = shapely.is_empty(geometry)
        if empty.any():  # GEOS raises where an empty point is asked for its coordinates
            geometry = geometry.copy()
            geometry[empty] = None
        return self.locate_xy(shapely.get_x(geometry), shapely.get_y(geometry), limit_m)

    def locate_xy(self, x: npt.ArrayLike, y: npt.ArrayLike, limit_m: float) -> pd.DataFrame:
        """Give every pair of coordinates its level-two grid: `locate` without shapely points.

        Parameters
        ----------
        x, y : array_like of float, shape (n,)
            Longitude and latitude in degrees, EPSG:4490; where either is NaN there is no point.
        limit_m : float
            As for `locate`.

        Returns
        -------
        DataFrame, shape (n,)
            As `locate` gives it.
        """
        found = self.find(x, y, limit_m)
        how = np.where(found.inside, 0, np.where(found.position < 0, 2, 1))
        columns = {
            "grid_code": pd.Series(self._answers[found.position], dtype=object, copy=False),
            "match": pd.Series(_MATCHES[how], dtype=object, copy=False),
            "distance_m": pd.Series(found.distance_m, copy=False),
        }
        return pd.DataFrame(columns, copy=False)

    def find(self, x: npt.ArrayLike, y: npt.ArrayLike, limit_m: float) -> Found:
        """Give every pair of coordinates the position of its grid: `locate_xy` as bare arrays.

        Parameters
        ----------
        x, y : array_like of float, shape (n,)
            As for `locate_xy`.
        limit_m : float
            As for `locate`.

        Returns
        -------
        Found
        """
        x = np.atleast_1d(np.asarray(x, dtype=np.float64))
        y = np.atleast_1d(np.asarray(y, dtype=np.float64))
        position = self._cells.find(x, y)
        inside = position < len(self.codes)
        distance_m = np.zeros(len(x))
        outside = np.flatnonzero(~inside)
        if outside.size:
            position[outside] = -1
            distance_m[outside] = np.nan
            near = outside[self._near_enough(x[outside], y[outside])]
            if near.size:
                nearest, away_m = self._nearest.find(x[near], y[near])
                distance_m[near] = away_m
                position[near] = np.where(away_m <= limit_m, nearest, -1)
        return Found(position, inside, distance_m)

    def locate_one(
        self, longitude: float, latitude: float, limit_m: float
    ) -> tuple[str | None, Match, float]:
        """Give one point its level-two grid, in a few microseconds.

        Parameters
        ----------
        longitude, latitude : float
            Degrees, EPSG:4490.
        limit_m : float
            As for `locate`.

        Returns
        -------
        tuple
            Code, match and distance in metres: the row that `locate` gives.
        """
        position = self._find_one(longitude, latitude)
        code: str | None = self._answers[position]
        if code is not None:
            return code, "inside", 0.0
        if not self._near_one(longitude, latitude):
            return None, None, math.nan
        position, away_m = self._nearest.find_one(longitude, latitude)
        if away_m <= limit_m:
            return self._answers[position], "nearest", away_m
        return None, None, away_m

    def _near_one(self, x: float, y: float) -> bool:
        west, south, east, north = self._cells.bounds
        in_width = west - FAR_DEG <= x <= east + FAR_DEG
        return in_width and south - FAR_DEG <= y <= north + FAR_DEG

    def _near_enough(self, x: Floats, y: Floats) -> Flags:
        west, south, east, north = self._cells.bounds
        in_width = (x >= west - FAR_DEG) & (x <= east + FAR_DEG)
        return np.asarray(in_width & (y >= south - FAR_DEG) & (y <= north + FAR_DEG))


def _restored(arrays: dict[str, npt.NDArray[Any]], facts: dict[str, Any]) -> GridIndex:
    return GridIndex._of(arrays, facts)  # noqa: SLF001 - what `__reduce__` wrote
