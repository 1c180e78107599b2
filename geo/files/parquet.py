"""Parquet and GeoParquet: columns keep their types, geometries pass as they are.

References
----------
GeoParquet 1.1.0: the key "geo" of the file's metadata names the columns of geometries, their
encoding and CRS; without a CRS it is OGC:CRS84, with null it is unknown.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from pyproj.exceptions import CRSError

from geo.crs import STORAGE_CRS, Floats
from geo.files.limits import Limits
from geo.files.model import Chunk, Part, Source, refused, whole
from geo.wellknown import from_bytes

GEO = b"geo"
ENCODINGS = ("wkb", "point")  # of those that GeoParquet has, those of points
PART_ROWS = 250_000
_BUFFER_BYTES = 1 << 20  # of a column, as long as there are few
_BUFFERS_BYTES = 64 << 20
_LEAST_BUFFER_BYTES = 16 << 10
_CHUNK_BYTES = 64 << 20
_PROBE_ROWS = 64
_FOOTER_MB = 64
_BRIEF = 300
# What reading strange JSON of geometries may raise.
_NO_METADATA = (
    ValueError,
    KeyError,
    TypeError,
    AttributeError,
    IndexError,
    RecursionError,
    CRSError,
)


def look(
    path: Path,
    *,
    part_rows: int = PART_ROWS,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> Source:
    """Look through a Parquet file: its columns, length, geometry, and where it divides.

    Parameters
    ----------
    path : Path
    part_rows : int
        About how many rows its parts are to have; a row group is not divided.
    limits : Limits
        `file_mb` is the most that a row group has unpacked.

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If it is no Parquet file, or too large.
    """
    _check_footer(path)
    with opened(path) as file:
        said = file.metadata
        limits.check_columns(path, said.num_columns)
        limits.check_rows(path, said.num_rows)
        groups = []
        for at in range(said.num_row_groups):
            group = said.row_group(at)
            limits.check_size(path, group.total_byte_size, unpacked=True)
            _check_values(path, group, limits)
            groups.append(group.num_rows)
        schema = file.schema_arrow
        rows = said.num_rows
    told = {GEO: schema.metadata[GEO]} if GEO in (schema.metadata or {}) else {}
    geometry = _geometry(path, told[GEO], schema) if told else None
    return Source(
        path,
        "parquet",
        tuple(schema.names),
        rows,
        parts=_parts(groups, part_rows),
        geometry=geometry,
        metadata=told,
        limits=limits,
    )


@contextmanager
def opened(path: Path) -> Iterator[pq.ParquetFile]:
    """Open a Parquet file; what is wrong with it, then or later, is one sentence.

    Raises
    ------
    FileRefusedError
    """
    try:
        # Buffered: else all of a row group, which may be all of the file, is read ahead.
        columns = max(1, pq.read_metadata(path).num_columns)
        buffer_bytes = min(_BUFFER_BYTES, max(_LEAST_BUFFER_BYTES, _BUFFERS_BYTES // columns))
        with pq.ParquetFile(path, buffer_size=buffer_bytes, pre_buffer=False) as file:
            yield file
    except MemoryError as error:
        raise refused(
            path,
            "reading it takes more memory than there is or is allowed; write it in smaller row "
            "groups, or split it",
            "读取所需内存超过可用或允许的内存，请缩小行组（row group）或拆分文件",
        ) from error
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise refused(
            path,
            f"it cannot be opened as Parquet ({brief(error)}); is it damaged? Export it anew",
            f"无法作为 Parquet 打开（{brief(error)}），可能已损坏，请重新导出",
        ) from error


def brief(error: BaseException) -> str:
    """Give what a library says, cut to what a person reads."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= _BRIEF else text[:_BRIEF] + "…"


def _check_footer(path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - 8))
        end = file.read(8)
    length = int.from_bytes(end[:4], "little")
    if end[4:] == b"PAR1" and length > _FOOTER_MB << 20:
        raise refused(
            path,
            f"what it says of itself takes {length >> 20} MiB, more than {_FOOTER_MB}; write it "
            "in fewer row groups or columns",
            f"其文件说明（footer）有 {length >> 20} MiB，超过 {_FOOTER_MB}，请减少行组或列",
        )


def _check_values(path: Path, group: pq.RowGroupMetaData, limits: Limits) -> None:
    """Refuse lists of which a row holds more than a table has columns."""
    most = max((group.column(at).num_values for at in range(group.num_columns)), default=0)
    if most > limits.columns * max(1, group.num_rows):
        raise refused(
            path,
            f"its rows hold lists of {most // max(1, group.num_rows):,} values, more than the "
            f"{limits.columns:,} allowed; take that column out",
            f"其中一列是列表，每行多达 {most // max(1, group.num_rows):,} 个值，"
            f"超过上限 {limits.columns:,}，请去掉该列",
        )


def look_whole(path: Path, limits: Limits) -> Source:
    """Look through a file that is going to be read at once: all of it has to fit.

    Raises
    ------
    FileRefusedError
        As `look`, and if it has too many cells, or too many bytes unpacked.
    """
    looked = look(path, limits=limits)
    limits.check_cells(path, looked.rows * len(looked.headings))
    limits.check_size(path, size_of(looked), unpacked=True)
    return looked


def size_of(source: Source) -> int:
    """Give about how many bytes a file has unpacked: what it says, or what its first rows show."""
    with opened(source.path) as file:
        said = file.metadata
        groups = (said.row_group(at).total_byte_size for at in range(said.num_row_groups))
        return int(max(sum(groups), _row_bytes(file, None) * source.rows))


def _row_bytes(file: pq.ParquetFile, groups: list[int] | None) -> float:
    """Give about how much memory a row takes: of one value that stands in all rows each has one."""
    first = next(file.iter_batches(batch_size=_PROBE_ROWS, row_groups=groups), None)
    if first is None or not len(first):
        return 0.0
    whole_values = [
        each.dictionary_decode() if pa.types.is_dictionary(each.type) else each
        for each in first.columns
    ]
    return float(sum(each.nbytes for each in whole_values) / len(first))


def _geometry(path: Path, told: bytes, schema: pa.Schema) -> str | None:
    """Give the column of geometries; None where the file has no such column."""
    try:
        said = json.loads(told)
        name = str(said["primary_column"])
        column = said["columns"][name]
        crs = column.get("crs")
        if crs is not None:
            pyproj.CRS.from_user_input(crs)
        encoding = str(column.get("encoding", "WKB")).lower()
    except _NO_METADATA as error:
        raise refused(
            path,
            f"what it says of its geometries cannot be read ({brief(error)}); export it anew",
            f"其几何说明（GeoParquet）无法读取（{brief(error)}），请重新导出",
        ) from error
    if schema.get_field_index(name) < 0:
        return None
    kind = schema.field(name).type
    fits = {"wkb": _is_binary(kind), "point": _is_point(kind)}
    if not fits.get(encoding, True):
        raise refused(
            path,
            f"its geometries ({name}) are said to be {encoding} and are {kind}; export it anew",
            f"几何列（{name}）注明为 {encoding}，实际类型为 {kind}，请重新导出",
        )
    return name


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_point(kind: pa.DataType) -> bool:
    names = {kind.field(at).name: kind.field(at).type for at in range(kind.num_fields)}
    return pa.types.is_struct(kind) and all(
        axis in names and pa.types.is_floating(names[axis]) for axis in "xy"
    )


def _parts(groups: list[int], part_rows: int) -> tuple[Part, ...]:
    parts: list[Part] = []
    start = row = rows = 0
    for at, count in enumerate(groups):
        rows += count
        if rows >= part_rows or at == len(groups) - 1:
            parts.append(Part(start, at + 1, row, rows))
            start, row, rows = at + 1, row + rows, 0
    return tuple(part for part in parts if part.rows)


def chunks(source: Source, rows: int) -> Iterator[Chunk]:
    """Read the file, or the part of it that the source names, at most `rows` at a time."""
    only = source.only
    groups = None if only is None else list(range(only.start, only.stop))
    with opened(source.path) as file:
        fit = int(_CHUNK_BYTES / max(1.0, _row_bytes(file, groups)))
        for batch in file.iter_batches(batch_size=max(1, min(rows, fit)), row_groups=groups):
            # Without what pandas wrote of its index.
            yield whole(pa.Table.from_batches([batch]).replace_schema_metadata(None))


def geometries(cells: pa.ChunkedArray, source: Source) -> Any:
    """Give the geometries of the source's column, shape (n,), encoded as one of `ENCODINGS`.

    None where one is missing, or is no WKB.
    """
    flat = cells.combine_chunks()
    if encoding_of(source) == "wkb":
        return from_bytes(flat.to_numpy(zero_copy_only=False))
    made = shapely.points(*(flat.field(axis).to_numpy(zero_copy_only=False) for axis in "xy"))
    made[flat.is_null().to_numpy(zero_copy_only=False)] = None
    return made


def encoding_of(source: Source) -> str:
    """Give the name of the encoding of the source's geometries, in lower case."""
    return str(_column_of(source).get("encoding", "WKB")).lower()


def _column_of(source: Source) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(source.metadata[GEO])["columns"][source.geometry]
    return said


def crs_of(source: Source) -> pyproj.CRS | None:
    """Give the CRS of the source's geometries; None where the file says that it is unknown."""
    said = _column_of(source).get("crs", "OGC:CRS84")
    return None if said is None else pyproj.CRS.from_user_input(said)


def points_of(x: Floats, y: Floats) -> tuple[pa.Array, bytes]:
    """Make a column of points, and the file's metadata that says so.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        Longitude and latitude in EPSG:4490; where either is NaN the point is missing.

    Returns
    -------
    tuple of Array of WKB and bytes
        The metadata belongs under `GEO`, for a column called "geometry".
    """
    made = shapely.to_wkb(shapely.points(x, y))
    made[~(x == x) | ~(y == y)] = None  # noqa: PLR0124 - NaN
    told = {
        "version": "1.1.0",
        "primary_column": "geometry",
        "columns": {
            "geometry": {
                "encoding": "WKB",
                "geometry_types": ["Point"],
                "crs": pyproj.CRS(STORAGE_CRS).to_json_dict(),
            }
        },
    }
    return pa.array(made, pa.binary()), json.dumps(told).encode()
