"""Files of every form that people send -> a `Table`, with nothing interpreted and no row lost."""

import re
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pyogrio
import python_calamine
from pyogrio.errors import DataSourceError

from geo.intake.delimited import decode, grid_of, refused
from geo.intake.headings import fold
from geo.intake.model import FileSource, Progress, Table, no_progress
from geo.intake.values import as_text

# How far down the headings may stand, below a title and remarks.
HEADING_ROWS = 10

_TEXT = (".csv", ".tsv", ".txt")
_EXCEL = (".xlsx", ".xlsm", ".xls")
_VECTOR = (".gpkg", ".geojson", ".json", ".shp")
_PARQUET = (".parquet", ".geoparquet")
EXTENSIONS = _TEXT + _EXCEL + _VECTOR + _PARQUET


def read(
    source: FileSource,
    *,
    known: frozenset[str] = frozenset(),
    max_file_mb: int,
    progress: Progress = no_progress,
) -> Table:
    """Read a file.

    In text and Excel files the headings are the row, of the first ten, that holds most of the
    `known` headings, so a title above them does no harm.

    Parameters
    ----------
    source : FileSource
        CSV, TSV, Excel, GeoPackage, GeoJSON, Shapefile, Parquet or GeoParquet.
    known : frozenset of str
        Folded headings that mean something, see `geo.intake.headings.known`.
    max_file_mb : int
        Larger files are refused.
    progress : callable
        Told bytes of the file.

    Returns
    -------
    Table

    Raises
    ------
    FileRefusedError
        If the file is missing, empty, too large, of another form, damaged, without rows, or lacks
        the sheet or layer that was named.
    """
    size = _check_file(source.path, max_file_mb)
    progress("read", 0, size)
    table = _reader(source.path)(source, known)
    if table.cells.empty and (table.geometry is None or table.geometry.empty):
        raise refused(table.name, "it has no rows", "没有数据行")
    progress("read", size, size)
    return table


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
    cells = frame.set_axis(_unique(list(map(str, frame.columns))), axis="columns")
    line = np.arange(1, len(cells) + 1)
    return Table(name=name, cells=cells, line=line, geometry=geometry, encoding=encoding)


def _check_file(path: Path, max_file_mb: int) -> int:
    name = path.name
    if not path.is_file():
        raise refused(name, "there is no such file; check the path", "文件不存在，请检查路径")
    if path.suffix.lower() not in EXTENSIONS:
        listed = " ".join(EXTENSIONS)
        raise refused(
            name,
            f"a file ending in {path.suffix or 'nothing'} cannot be read; these can: {listed}",
            f"无法读取扩展名为“{path.suffix}”的文件，可用：{listed}",
        )
    size = path.stat().st_size
    if size == 0:
        raise refused(name, "it is empty (0 bytes)", "是空文件（0 字节）")
    if size > max_file_mb << 20:
        raise refused(
            name,
            f"it has {size >> 20} MiB, more than the {max_file_mb} allowed; split it or raise "
            "BANNERGRID_MAX_FILE_MB",
            f"大小为 {size >> 20} MiB，超过上限 {max_file_mb}，请拆分或调高 BANNERGRID_MAX_FILE_MB",
        )
    return size


def _reader(path: Path) -> Callable[[FileSource, frozenset[str]], Table]:
    suffix = path.suffix.lower()
    if suffix in _TEXT:
        return _delimited
    if suffix in _EXCEL:
        return _excel
    return _parquet if suffix in _PARQUET else _vector


def _delimited(source: FileSource, known: frozenset[str]) -> Table:
    grid, encoding = grid_of(source.path, encoding=source.encoding)
    return _headed(grid, known, name=source.path.name, encoding=encoding)


def _excel(source: FileSource, known: frozenset[str]) -> Table:
    name = source.path.name
    try:
        with pd.ExcelFile(source.path, engine="calamine") as book:
            sheets = list(map(str, book.sheet_names))
            if source.sheet is not None and source.sheet not in sheets:
                raise _no_sheet(name, source.sheet, sheets)
            grid = pd.read_excel(
                book, source.sheet or 0, header=None, dtype=object, keep_default_na=False
            )
    except (python_calamine.CalamineError, OSError, ValueError) as error:
        raise refused(
            name,
            f"it cannot be opened as Excel ({error}); is it damaged or under a password?",
            f"无法作为 Excel 打开（{error}），可能已损坏或设有密码",
        ) from error
    text = grid.apply(as_text).fillna("") if len(grid) else grid
    return _headed(text.set_axis(np.arange(1, len(text) + 1), axis="index"), known, name=name)


def _headed(
    grid: pd.DataFrame, known: frozenset[str], *, name: str, encoding: str | None = None
) -> Table:
    """Make a table of a grid whose row of headings is yet to be found."""
    there = (grid.fillna("").apply(lambda cells: cells.str.strip()) != "") if len(grid) else grid
    filled = there.any(axis="columns").to_numpy(dtype=bool)
    grid = grid[filled]
    if grid.empty:
        raise refused(name, "it has no rows", "没有数据行")
    top = grid.head(HEADING_ROWS).fillna("").to_numpy(dtype=str)
    best = int(np.argmax([sum(fold(cell) in known for cell in row) for row in top]))
    headings = [str(cell).strip() for cell in top[best]]
    width = max((at + 1 for at, heading in enumerate(headings) if heading), default=0)
    body, beyond = grid.iloc[best + 1 :, :width], grid.iloc[best + 1 :, width:]
    cells = body.fillna("").reset_index(drop=True)
    return Table(
        name=name,
        cells=cells.set_axis(_unique(headings[:width]), axis="columns"),
        line=body.index.to_numpy(dtype=np.int64),
        surplus=_surplus(beyond.reset_index(drop=True)),
        encoding=encoding,
    )


def _surplus(beyond: pd.DataFrame) -> pd.Series | None:
    if not beyond.shape[1]:
        return None
    text = pd.Series("", index=beyond.index, dtype="str")
    for name in beyond.columns:
        text = text.str.cat(beyond[name].fillna("").str.strip(), sep=" ").str.strip()
    return text.mask(text == "")


def _vector(source: FileSource, known: frozenset[str]) -> Table:  # noqa: ARG001 - headings are fixed
    path = source.path
    try:
        layers = [str(layer) for layer in pyogrio.list_layers(path)[:, 0]]
        if source.sheet is not None and source.sheet not in layers:
            raise _no_sheet(path.name, source.sheet, layers)
        encoding = source.encoding or _shapefile_encoding(path)
        frame = gpd.read_file(
            path, layer=source.sheet or layers[0], engine="pyogrio", encoding=encoding
        )
    except (DataSourceError, UnicodeDecodeError, ValueError, IndexError) as error:
        raise refused(
            path.name,
            f"it cannot be opened ({error}); export it anew",
            f"无法打开（{error}），请重新导出",
        ) from error
    return from_frame(frame, name=path.name, encoding=encoding)


def _shapefile_encoding(path: Path) -> str | None:
    """Find the encoding of a Shapefile's attributes where no .cpg beside it says so."""
    table = path.with_suffix(".dbf")
    if path.suffix.lower() != ".shp" or path.with_suffix(".cpg").exists() or not table.exists():
        return None
    body = table.read_bytes()
    header = int.from_bytes(body[8:10], "little")
    # Field names are ASCII or in the same encoding; the header's binary fields are not text.
    return decode(body[header:], file=table.name)[1]


def _parquet(source: FileSource, known: frozenset[str]) -> Table:  # noqa: ARG001 - as _vector
    try:
        schema = pyarrow.parquet.read_schema(source.path)
        is_geo = b"geo" in (schema.metadata or {})
        frame = gpd.read_parquet(source.path) if is_geo else pd.read_parquet(source.path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise refused(
            source.path.name,
            f"it cannot be opened as Parquet ({error}); export it anew",
            f"无法作为 Parquet 打开（{error}），请重新导出",
        ) from error
    return from_frame(frame, name=source.path.name)


def _no_sheet(file: str, sheet: str, there: list[str]) -> Exception:
    listed = ", ".join(there)
    return refused(
        file,
        f"it has no sheet or layer {sheet!r}; there are: {listed}",
        f"没有名为“{sheet}”的工作表或图层，现有：{listed}",
    )


def _unique(headings: list[str]) -> list[str]:
    """Tell repeated headings apart by a number in brackets, which folding takes off again."""
    seen: dict[str, int] = {}
    unique = []
    for heading in headings:
        # A heading without text is named as a spreadsheet would: nobody matches it.
        called = re.sub(r"\s+", " ", heading) or "?"
        seen[called] = seen.get(called, 0) + 1
        unique.append(called if seen[called] == 1 else f"{called} ({seen[called]})")
    return unique
