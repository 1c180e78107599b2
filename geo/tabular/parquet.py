"""Parquet and GeoParquet: columns keep their types, geometries pass as they are.

References
----------
GeoParquet 1.1.0: the key "geo" of the file's metadata names the columns of geometries, their
encoding and CRS; without a CRS it is OGC:CRS84, with null it is unknown.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pyproj
import shapely
from pyproj.exceptions import CRSError

from geo.crs import STORAGE_CRS, Floats
from geo.tabular.model import Chunk, Part, Source, refused, whole

GEO = b"geo"
ENCODINGS = ("wkb", "point")  # of those that GeoParquet has, those of points
PART_ROWS = 250_000
_BUFFER_BYTES = 1 << 20


def look(path: Path, *, part_rows: int = PART_ROWS) -> Source:
    """Look through a Parquet file: its columns, length, geometry, and where it divides.

    Parameters
    ----------
    path : Path
    part_rows : int
        About how many rows its parts are to have; a row group is not divided.

    Returns
    -------
    Source

    Raises
    ------
    FileRefusedError
        If it is no Parquet file.
    """
    try:
        with pq.ParquetFile(path) as file:
            schema = file.schema_arrow
            groups = [
                file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)
            ]
            rows = file.metadata.num_rows
    except (pa.ArrowException, OSError) as error:
        raise refused(
            path,
            f"it cannot be opened as Parquet ({error}); export it anew",
            f"无法作为 Parquet 打开（{error}），请重新导出",
        ) from error
    told = {GEO: schema.metadata[GEO]} if GEO in (schema.metadata or {}) else {}
    geometry = _geometry(path, told[GEO]) if told else None
    return Source(
        path,
        "parquet",
        tuple(schema.names),
        rows,
        parts=_parts(groups, part_rows),
        geometry=geometry if geometry in schema.names else None,
        metadata=told,
    )


def _geometry(path: Path, told: bytes) -> str | None:
    try:
        said = json.loads(told)
        name = said["primary_column"]
        crs = said["columns"][name].get("crs")
        if crs is not None:
            pyproj.CRS.from_user_input(crs)
    except (ValueError, KeyError, TypeError, AttributeError, CRSError) as error:
        raise refused(
            path,
            f"what it says of its geometries cannot be read ({error!r}); export it anew",
            f"其几何说明（GeoParquet）无法读取（{error!r}），请重新导出",
        ) from error
    return str(name)


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
    """Read the file, or the part of it that the source names, `rows` at a time."""
    only = source.only
    groups = None if only is None else list(range(only.start, only.stop))
    # Buffered: else all of a row group, which may be all of the file, is read ahead.
    with pq.ParquetFile(source.path, buffer_size=_BUFFER_BYTES, pre_buffer=False) as file:
        batches = file.iter_batches(batch_size=rows, row_groups=groups)
        while (batch := _next(source.path, batches)) is not None:
            # Without what pandas wrote of its index.
            yield whole(pa.Table.from_batches([batch]).replace_schema_metadata(None))


def _next(path: Path, batches: Iterator[pa.RecordBatch]) -> pa.RecordBatch | None:
    try:
        return next(batches, None)
    except (pa.ArrowException, OSError) as error:
        raise refused(
            path,
            f"it is damaged ({error}); export it anew",
            f"文件已损坏（{error}），请重新导出",
        ) from error


def geometries(cells: pa.ChunkedArray, source: Source) -> Any:
    """Give the geometries of the source's column, shape (n,), encoded as one of `ENCODINGS`.

    None where one is missing, or is no WKB.
    """
    flat = cells.combine_chunks()
    if encoding_of(source) == "wkb":
        return shapely.from_wkb(flat.to_numpy(zero_copy_only=False), on_invalid="ignore")
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
