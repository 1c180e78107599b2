"""The same file with answers out: each row beside what was found for it, in any form."""

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from geo.files import encoding, excel, parquet
from geo.files.lines import parsed
from geo.files.model import KINDS, SURPLUS, Chunk, Kind, Source, refused

GEOMETRY = "geometry"
_MARK = b"\xef\xbb\xbf"  # so that Excel shows Chinese
Append = Callable[[Chunk, pa.Table], None]


@dataclass(frozen=True)
class Target:
    """Where answers go.

    Parameters
    ----------
    kind : {"csv", "tsv", "xlsx", "parquet", "geoparquet", "ndjson"}
    columns : tuple of str
        The answers' columns. A column of the file that is called like one of them is renamed
        `input_...`, none is lost.
    out : Path
        What the file is called; of a stream, what messages call it.
    mark : bool
        Text begins with a byte order mark.
    head : bool
        Separated text begins with a row of headings.
    """

    kind: Kind
    columns: tuple[str, ...]
    out: Path
    mark: bool = True
    head: bool = True


def kind_of(out: Path) -> Kind:
    """Tell by its name how a file is to be written.

    Raises
    ------
    FileRefusedError
        If it cannot; names the forms that can.
    """
    suffix = out.suffix.lower()
    if suffix not in KINDS:
        listed = " ".join(KINDS)
        raise refused(
            out,
            f"a file ending in {suffix or 'nothing'} cannot be written; these can: {listed}",
            f"无法写成扩展名为“{suffix}”的文件，可用：{listed}",
        )
    return KINDS[suffix]


@contextmanager
def writer(sink: Path | BinaryIO, target: Target, source: Source) -> Iterator[Append]:
    """Give a function that appends a chunk and its answers.

    Parameters
    ----------
    sink : Path or binary stream
        Where to write now; a workbook needs a path.
    target : Target
    source : Source
        What the chunks are of.

    Yields
    ------
    callable
        Of a chunk and of its answers, a Table of `target.columns`, row for row. To be called at
        least once, if with no rows.

    Raises
    ------
    FileRefusedError
        If a sheet cannot hold so many rows.
    """
    match target.kind:
        case "parquet" | "geoparquet":
            with _parquet(sink, target, source) as append:
                yield append
        case "xlsx":
            assert isinstance(sink, Path)  # noqa: S101 - the caller's promise
            with excel.writer(sink, target.out, sheet="bannergrid") as rows:
                yield lambda chunk, answers: rows(_plain(chunk, answers, target, source))
        case _ if isinstance(sink, Path):
            with sink.open("wb") as file:
                yield _text(file, target, source)
        case _:
            yield _text(sink, target, source)


def _text(sink: BinaryIO, target: Target, source: Source) -> Append:
    if target.kind == "ndjson":
        return lambda chunk, answers: _write_lines(sink, chunk, answers, target, source)
    separator = "\t" if target.kind == "tsv" else ","
    begun = False

    def append(chunk: Chunk, answers: pa.Table) -> None:
        nonlocal begun
        rows = _plain(chunk, answers, target, source)
        if not begun and target.head:
            sink.write(_MARK if target.mark else b"")
            sink.write(encoding.csv_head(rows.column_names, separator))
        begun = True
        sink.write(encoding.csv_rows(rows, separator))

    return append


def _write_lines(
    sink: BinaryIO, chunk: Chunk, answers: pa.Table, target: Target, source: Source
) -> None:
    if chunk.lines is None:
        rows = encoding.objects(_unique(_plain(chunk, answers, target, source)))
        sink.write(encoding.lines(rows))
        return
    ours = set(target.columns)
    found = encoding.objects(answers).to_pylist()
    sink.write(
        b"".join(
            _extended(line, answer.encode(), ours)
            for line, answer in zip(chunk.lines, found, strict=True)
        )
    )


def _extended(line: bytes, answer: bytes, ours: set[str]) -> bytes:
    """Put an answer into the object that a line is, which stays as it was written."""
    there = parsed(line)
    if there is None:
        there = {SURPLUS: line.decode(errors="replace")}
        line = orjson.dumps(there)
    elif not there.keys().isdisjoint(ours):
        line = orjson.dumps({f"input_{k}" if k in ours else k: v for k, v in there.items()})
    if not there:
        return answer + b"\n"
    return b"%b,%b\n" % (line[:-1].rstrip(), answer[1:])


def _plain(chunk: Chunk, answers: pa.Table, target: Target, source: Source) -> pa.Table:
    """Put the answers beside the rows, geometries as text."""
    cells = chunk.cells
    if source.geometry is not None and parquet.encoding_of(source) in parquet.ENCODINGS:
        at = cells.column_names.index(source.geometry)
        made = parquet.geometries(cells.column(at), source)
        cells = cells.set_column(at, source.geometry, encoding.wkt(made))
    return _beside(cells, answers, target)


def _beside(cells: pa.Table, answers: pa.Table, target: Target) -> pa.Table:
    names = [f"input_{name}" if name in target.columns else name for name in cells.column_names]
    return pa.Table.from_arrays(
        [*cells.columns, *answers.columns], names=[*names, *answers.column_names]
    )


@contextmanager
def _parquet(sink: Path | BinaryIO, target: Target, source: Source) -> Iterator[Append]:
    opened: list[pq.ParquetWriter] = []

    def append(chunk: Chunk, answers: pa.Table) -> None:
        table = _unique(_beside(chunk.cells, answers, target))
        if not opened:
            told = dict(source.metadata) or dict(answers.schema.metadata or {})
            schema = _typed(table.schema).with_metadata(told or None)
            opened.append(pq.ParquetWriter(sink, schema))
        opened[0].write_table(table.cast(opened[0].schema))

    try:
        yield append
    finally:
        for each in opened:
            each.close()


def _unique(table: pa.Table) -> pa.Table:
    """Tell columns of the same name apart, which Parquet and JSON cannot hold."""
    seen: dict[str, int] = {}
    names = []
    for name in table.column_names:
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return table.rename_columns(names)


def _typed(schema: pa.Schema) -> pa.Schema:
    # A first chunk of blanks only has no type; what comes later is text.
    return pa.schema(
        [
            field.with_type(pa.string()) if pa.types.is_null(field.type) else field
            for field in schema
        ]
    )


def assembled(parts: Sequence[Path], sink: Path, kind: Kind) -> None:
    """Put files that `writer` wrote behind each other, in order.

    Parameters
    ----------
    parts : sequence of Path
        Of separated text, only the first with headings.
    sink : Path
    kind : {"csv", "tsv", "parquet", "geoparquet", "ndjson"}
    """
    if kind in ("parquet", "geoparquet"):
        with pq.ParquetWriter(sink, pq.read_schema(parts[0])) as made:
            for part in parts:
                with pq.ParquetFile(part) as file:
                    for group in range(file.num_row_groups):
                        made.write_table(file.read_row_group(group))
        return
    with sink.open("wb") as whole:
        for part in parts:
            with part.open("rb") as file:
                shutil.copyfileobj(file, whole, 1 << 20)
