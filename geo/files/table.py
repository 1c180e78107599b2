"""A file as a table in memory: cells as they came, each row with the line where it stands."""

import re
from dataclasses import dataclass, field, replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.files.model import Passed

# The heading under which the names of sheets stand.
SHEET_HEADING = "工作表"


@dataclass(frozen=True)
class FileSource:
    """A file to read: which sheet or layer of it, and in which encoding where that is known."""

    path: Path
    sheet: str | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class LeftOut:
    """A row that is none of the list.

    Parameters
    ----------
    place : str
        Its line, behind its sheet where there are several.
    why : {"total", "heading", "note"}
    """

    place: str
    why: str


@dataclass(frozen=True)
class Table:
    """A file as it came: nothing is interpreted yet.

    Parameters
    ----------
    name : str
        What messages call it.
    cells : DataFrame, shape (n, k)
        Headings as they stand in the file, on a range index; rows that are blank are left out.
        Text, or objects as a workbook has them: a day where text belongs is told by its type.
    line : ndarray of int, shape (n,)
        Where each row starts in the file, counted from 1 with the heading; for geometry files the
        number of the feature.
    geometry : GeoSeries, shape (n,), optional
        With the file's CRS; on the same index.
    surplus : Series of str, shape (n,), optional
        Cells beyond the last heading.
    encoding : str, optional
        How the text was decoded.
    stated : str, optional
        The name of a CRS that the file writes down, of which PROJ knows nothing or GDAL says
        nothing: the member `crs` of GeoJSON.
    sheet : ndarray of str, shape (n,), optional
        Of rows of several sheets: whose each is; `line` counts within it.
    sheets : dict of str to int
        Of a workbook of several sheets: how many rows were read of each that was.
    passed : tuple of Passed
        Its other sheets.
    only_sheet : str, optional
        Of rows of one sheet: its name.
    above : tuple of str
        What stands above the headings: titles, who filled it in, when.
    left_out : tuple of LeftOut
        Rows that are none of the list: totals, headings of the next page, notes below.
    """

    name: str
    cells: pd.DataFrame
    line: npt.NDArray[np.int64]
    geometry: gpd.GeoSeries | None = None
    surplus: pd.Series | None = None
    encoding: str | None = None
    stated: str | None = None
    sheet: npt.NDArray[np.object_] | None = None
    sheets: dict[str, int] = field(default_factory=dict)
    passed: tuple[Passed, ...] = ()
    only_sheet: str | None = None
    above: tuple[str, ...] = ()
    left_out: tuple[LeftOut, ...] = ()

    @property
    def cut_by(self) -> str:
        """The encoding by which a Shapefile cut its headings; "ascii" of any other file."""
        is_shapefile = self.name.lower().endswith(".shp")
        return self.encoding or "ascii" if is_shapefile else "ascii"

    def places(self, at: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
        """Say where rows stand: the line, behind its sheet where there are several (`Sheet1!5`)."""
        line = self.line[at].astype(object)
        return line if self.sheet is None else self.sheet[at] + "!" + line.astype(str)


def with_sheets(table: Table, *, always: bool = False) -> Table:
    """Give a table the names of its sheets as a column of cells, where several were read.

    Parameters
    ----------
    table : Table
    always : bool
        Of one sheet too.

    Returns
    -------
    Table
        The same where a column of that heading is there, or no workbook.
    """
    names = table.only_sheet if table.sheet is None and always else table.sheet
    if names is None or SHEET_HEADING in table.cells.columns:
        return table
    return replace(table, cells=table.cells.assign(**{SHEET_HEADING: names}))


def from_frame(frame: pd.DataFrame, *, name: str, encoding: str | None = None) -> Table:
    """Take a frame as if it were a file; its geometry column, where it has one, goes along.

    Parameters
    ----------
    frame : DataFrame or GeoDataFrame, any index
    name : str
        What messages call it.
    encoding : str, optional
        How its text was decoded.

    Returns
    -------
    Table
        Line numbers count the rows from 1.
    """
    frame = frame.reset_index(drop=True)
    geometry = None
    if isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None:
        geometry = frame.geometry
        frame = pd.DataFrame(frame.drop(columns=frame.active_geometry_name))
    cells = frame.set_axis(unique(list(map(str, frame.columns))), axis="columns")
    line = np.arange(1, len(cells) + 1)
    return Table(name=name, cells=cells, line=line, geometry=geometry, encoding=encoding)


def unique(headings: list[str]) -> list[str]:
    """Tell repeated headings apart by a number in brackets, which folding takes off again."""
    seen: dict[str, int] = {}
    unique = []
    for heading in headings:
        # A heading without text is named as a spreadsheet would: nobody matches it.
        called = re.sub(r"\s+", " ", heading) or "?"
        seen[called] = seen.get(called, 0) + 1
        unique.append(called if seen[called] == 1 else f"{called} ({seen[called]})")
    return unique
