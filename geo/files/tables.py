"""Files of every form, read as a whole -> a `Table`, with nothing interpreted and no row lost."""

import re
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.files import delimited, lines, parquet
from geo.files.content import Content, content_of, damaged, is_text
from geo.files.headings import fold
from geo.files.left_out import leave_out
from geo.files.limits import Limits
from geo.files.model import FORMS, SURPLUS, Passed, Source, never_closed, refused
from geo.files.reading import check_there, unknown_ending
from geo.files.sheets import Headed, choose
from geo.files.table import FileSource, Table, from_frame, unique
from geo.files.values import as_text, blank
from geo.files.vector import reading as vector
from geo.files.workbook import sheets

_VECTOR = (*vector.DRIVERS,)
ENDINGS = (*FORMS, *_VECTOR)
_CHUNK_ROWS = 50_000
_TEXT_ROWS = 5_000
# Whole numbers with gaps stay whole.
_WHOLE = {
    pa.int8(): pd.Int8Dtype(),
    pa.int16(): pd.Int16Dtype(),
    pa.int32(): pd.Int32Dtype(),
    pa.int64(): pd.Int64Dtype(),
    pa.uint8(): pd.UInt8Dtype(),
    pa.uint16(): pd.UInt16Dtype(),
    pa.uint32(): pd.UInt32Dtype(),
    pa.uint64(): pd.UInt64Dtype(),
}
_PANDAS_INDEX = re.compile(r"^__index_level_\d+__$")


def read(
    source: FileSource,
    *,
    known: frozenset[str] = frozenset(),
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Table:
    """Read a file.

    In text and workbooks the headings are the row, of the first ten, that holds most of the
    `known` headings, or two rows that do so together; titles above them and sums below do no harm,
    see `geo.files.left_out`. All sheets
    of a workbook that have the same headings are read; hidden ones only where they are named.

    Parameters
    ----------
    source : FileSource
        CSV, TSV, Excel, OpenDocument, GeoPackage, GeoJSON, JSON lines, Shapefile, Parquet or
        GeoParquet, whatever its name ends in.
    known : frozenset of str
        Folded headings that mean something, see `geo.files.headings.fold`.
    limits : Limits
        What is larger is refused.

    Returns
    -------
    Table

    Raises
    ------
    FileRefusedError
        If the file is missing, empty, too large, of another form, damaged, without rows, or lacks
        the sheet or layer that was named.
    """
    limits.check_size(source.path, check_there(source.path))
    table = _by_content(source, known, limits)
    if table.cells.empty and (table.geometry is None or table.geometry.empty):
        raise refused(source.path, "it has no rows", "没有数据行")
    return table


def _by_content(source: FileSource, known: frozenset[str], limits: Limits) -> Table:
    path = source.path
    suffix = path.suffix.lower()
    content = None if suffix == ".shp" else content_of(path)
    match content:
        case "workbook" | "markup":
            return leave_out(_workbook(source, content, known, limits))
        case "parquet":
            return _parquet(source, limits)
        case None | "geopackage":
            return _vector(source, content, known)
    if suffix not in ENDINGS:
        raise unknown_ending(path, ENDINGS)
    if content == "json" or FORMS.get(suffix) == "lines":
        return _lines(source, limits) if _is_lines(path) else _vector(source, content, known)
    if suffix in _VECTOR:
        return _vector(source, content, known)
    if FORMS[suffix] != "text" and not is_text(path):
        raise damaged(path)
    return leave_out(_delimited(source, known, limits))


def has_sheets(path: Path) -> bool:
    """Tell whether a file is a workbook, by its content."""
    return path.is_file() and content_of(path) in ("workbook", "markup")


def _is_lines(path: Path) -> bool:
    """Tell JSON lines from one JSON text: the first line that is not blank is an object."""
    with path.open("rb") as file:
        line = next(iter(lines.texts(path, file)), b"")
        return line[:1] == b"{" and not _is_collection(line)


def _is_collection(line: bytes) -> bool:
    found = lines.parsed(line)
    return found is None or found.get("type") == "FeatureCollection"


def _delimited(source: FileSource, known: frozenset[str], limits: Limits) -> Table:
    """Read separated text, as it is read for routing; rows that are blank are left out."""
    path = source.path
    looked = delimited.begin(path, encoding=source.encoding, known=known, limits=limits)
    chunks, rows = [], 0
    for chunk in delimited.chunks(looked, _TEXT_ROWS):
        rows += len(chunk)
        limits.check_rows(path, rows)
        if chunk.broken.any() and chunk.line is not None:
            raise never_closed(path, int(chunk.line[chunk.broken.argmax()]))
        chunks.append(chunk)
    if not chunks:
        raise refused(path, "it has no rows", "没有数据行")
    read = pa.concat_tables([chunk.cells for chunk in chunks])
    line = np.concatenate([chunk.line for chunk in chunks if chunk.line is not None])
    empty = np.ones(len(line), dtype=np.bool_)
    for column in read.columns:
        # Mostly the first column says of all rows that they are not blank.
        if empty.any():
            empty &= blank(column)
    if empty.any():
        read, line = read.filter(pa.array(~empty)), line[~empty]
    headings = [heading.strip() for heading in looked.headings]
    width = max(at for at, heading in enumerate(headings, 1) if heading)
    columns = {at: read.column(at).to_pandas() for at in range(width)}
    beyond = [read.column(at).to_pandas() for at in range(width, len(headings))]
    beyond += delimited.surplus_cells(read.column(len(headings)))
    return Table(
        name=path.name,
        cells=pd.DataFrame(columns, index=range(len(line))).set_axis(
            unique(headings[:width]), axis="columns"
        ),
        line=line,
        surplus=_surplus(beyond, len(line)),
        above=looked.titles,
        encoding=str(looked.encoding).upper().removesuffix("-SIG"),
    )


def _workbook(source: FileSource, content: Content, known: frozenset[str], limits: Limits) -> Table:
    """Read all sheets that have the same headings, one below the other."""
    path = source.path
    there = sheets(path, content, limits, sheet=source.sheet)
    named = source.sheet is not None
    taken, passed = choose(path, there, known, named=named)
    tables = []
    for head in taken:
        rows = head.body()
        numbers = np.arange(head.first + 1, head.first + 1 + len(rows))
        width = max(map(len, rows), default=0)
        rows = [[*row, *[""] * (width - len(row))] for row in rows]
        grid = pd.DataFrame(rows, index=numbers, columns=range(width), dtype=object)
        tables.append(_table(path.name, grid[_filled(grid)], head))
    names = [head.sheet.name for head in taken]
    table = tables[0] if len(tables) == 1 else _stacked(tables, names)
    if len(taken) == 1:
        table = replace(table, only_sheet=names[0])
    if len(there) == 1:
        return table
    counts = {name: len(each.line) for name, each in zip(names, tables, strict=True)}
    return replace(table, sheets=counts, passed=tuple(passed))


def _stacked(tables: list[Table], names: list[str]) -> Table:
    """Put sheets below one another, columns of one heading in one column."""
    first = list(map(str, tables[0].cells.columns))
    cells = []
    for each in tables:
        free = dict.fromkeys(first)
        called = {}
        for heading in map(str, each.cells.columns):
            same = heading if heading in free else None
            same = same or next((name for name in free if fold(name) == fold(heading)), None)
            if same is not None:
                del free[same]
                called[heading] = same
        cells.append(each.cells.rename(columns=called))
    surplus = [
        pd.Series(None, index=each.cells.index, dtype="str")
        if each.surplus is None
        else each.surplus
        for each in tables
    ]
    joined = pd.concat(cells, ignore_index=True)
    return replace(
        tables[0],
        cells=joined.astype(object).where(joined.notna(), ""),
        line=np.concatenate([each.line for each in tables]),
        surplus=pd.concat(surplus, ignore_index=True),
        above=tuple(text for each in tables for text in each.above),
        sheet=np.repeat(np.array(names, dtype=object), [len(each.line) for each in tables]),
    )


def _filled(grid: pd.DataFrame) -> npt.NDArray[np.bool_]:
    """Tell which rows are not blank."""
    filled = np.zeros(len(grid), dtype=np.bool_)
    for name in grid.columns:
        filled |= as_text(grid[name]).notna().to_numpy(dtype=bool)
    return filled


def _table(name: str, body: pd.DataFrame, head: Headed) -> Table:
    """Make a table of the rows below its headings."""
    width = len(head.headings)
    body = body.reindex(columns=range(max(width, body.shape[1])))
    cells = body.iloc[:, :width].fillna("").reset_index(drop=True)
    return Table(
        name=name,
        # What is typed stays so: a day where text belongs is no text.
        cells=cells.set_axis(unique(list(head.headings)), axis="columns"),
        line=body.index.to_numpy(dtype=np.int64),
        above=head.above,
        surplus=_surplus([body[name] for name in body.columns[width:]], len(body)),
    )


def _surplus(beyond: list[pd.Series], count: int) -> pd.Series | None:
    """Put cells beyond the last heading together, shape (count,); None where no column is there."""
    if not beyond:
        return None
    text = pd.Series("", index=range(count), dtype="str")
    for column in beyond:
        more = as_text(column).fillna("").reset_index(drop=True)
        text = text.str.cat(more, sep=" ").str.strip()
    return text.mask(text == "")


def _lines(source: FileSource, limits: Limits) -> Table:
    """Read JSON lines, as they are read for routing."""
    looked = lines.look(source.path, limits=limits)
    limits.check_cells(source.path, looked.rows * len(looked.headings))
    chunks = list(lines.chunks(looked, _CHUNK_ROWS))
    cells = pa.concat_tables([chunk.cells for chunk in chunks]).to_pandas().fillna("").astype("str")
    surplus = None
    if looked.surplus:
        surplus = cells.pop(SURPLUS)
        surplus = surplus.mask(surplus == "")
    return Table(
        name=source.path.name,
        cells=cells.set_axis(unique(list(looked.headings)), axis="columns"),
        line=np.concatenate([chunk.line for chunk in chunks if chunk.line is not None]),
        surplus=surplus,
    )


def _vector(source: FileSource, content: Content | None, known: frozenset[str]) -> Table:
    """Read the layer that is named, else the first of those that have most of the headings."""
    path = source.path
    # A name may be wrong about the content, which alone counts.
    ending = {"geopackage": ".gpkg", "json": ".geojson"}.get(content or "", path.suffix.lower())
    layers = [layer.name for layer in vector.layers(path, ending=ending)]
    if source.sheet is not None and source.sheet not in layers:
        raise _no_sheet(path, source.sheet, layers)
    if source.sheet is not None or len(layers) == 1:
        return _layer(source, source.sheet or layers[0], ending)
    tables = {name: _layer(source, name, ending) for name in layers}
    found = {
        name: frozenset(map(fold, map(str, table.cells.columns))) & known
        for name, table in tables.items()
    }
    best = max(layers, key=lambda name: (len(found[name]), not tables[name].cells.empty))
    passed = [
        Passed(name, "with the same headings", "表头相同")
        if found[name] == found[best]
        else Passed(name, "with other headings", "表头不同")
        for name in layers
        if name != best
    ]
    sheets = {best: len(tables[best].line)}
    return replace(tables[best], sheets=sheets, passed=tuple(passed))


def _layer(source: FileSource, layer: str, ending: str) -> Table:
    read = vector.read(source.path, layer=layer, encoding=source.encoding, ending=ending)
    table = from_frame(read.frame, name=source.path.name, encoding=read.encoding)
    if ending not in (".geojson", ".json") or not read.stated:
        return table
    return replace(table, stated=read.crs_name or read.frame.crs.to_string())


def _parquet(source: FileSource, limits: Limits) -> Table:
    looked = parquet.look_whole(source.path, limits)
    try:
        table = pa.concat_tables(chunk.cells for chunk in parquet.chunks(looked, _CHUNK_ROWS))
        frame = pd.DataFrame(
            {
                at: _cells(table.column(at), source.path, heading)
                for at, heading in enumerate(table.column_names)
                if heading != looked.geometry and not _PANDAS_INDEX.match(heading)
            },
            index=range(len(table)),
        )
        geometry = None if looked.geometry is None else _shapes(table, looked)
    except (pa.ArrowException, ValueError, OverflowError) as error:
        raise refused(
            source.path,
            f"it cannot be read as Parquet ({parquet.brief(error)}); export it anew",
            f"无法作为 Parquet 读取（{parquet.brief(error)}），请重新导出",
        ) from error
    headings = [table.column_names[at] for at in frame.columns]
    return Table(
        name=source.path.name,
        cells=frame.set_axis(unique(headings), axis="columns"),
        line=np.arange(1, looked.rows + 1),
        geometry=geometry,
    )


def _cells(column: pa.ChunkedArray, path: Path, heading: str) -> pd.Series:
    """Give the cells of a column of Parquet; whole numbers keep all their digits."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    if pa.types.is_dictionary(column.type):
        column = column.cast(kind)
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        try:
            column = column.cast(pa.large_string())
        except pa.ArrowInvalid as error:
            raise refused(
                path,
                f"its column {heading!r} holds bytes that are no text; export it as text",
                f"列“{heading}”为二进制数据，不是文本，请按文本导出",
            ) from error
    if pa.types.is_nested(kind):
        texts = [None if each is None else str(each) for each in column.to_pylist()]
        return pd.Series(texts, dtype="str")
    return pd.Series(column.to_pandas(date_as_object=True, types_mapper=_WHOLE.get))


def _shapes(table: pa.Table, looked: Source) -> gpd.GeoSeries:
    if parquet.encoding_of(looked) not in parquet.ENCODINGS:
        return gpd.read_parquet(looked.path, columns=[looked.geometry]).geometry
    column = table.column(table.column_names.index(looked.geometry))
    return gpd.GeoSeries(parquet.geometries(column, looked), crs=parquet.crs_of(looked))


def _no_sheet(path: Path, sheet: str, there: list[str]) -> Exception:
    listed = ", ".join(there)
    return refused(
        path,
        f"it has no sheet or layer {sheet!r}; there are: {listed}",
        f"没有名为“{sheet}”的工作表或图层，现有：{listed}",
    )
