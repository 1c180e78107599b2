"""The same file with places out: each chunk beside its answers, CSV, Excel or Parquet."""

import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from geo.geocoding.files import refused
from geo.geocoding.geocoder import COLUMNS as RESULT

# Whose gazetteer it is and whether it is synthetic: in each row, as a file of grids says it.
MARKS = ("edition", "attribution", "data")
COLUMNS = (*RESULT, *MARKS)
WRITABLE = (".csv", ".xlsx", ".parquet")
MOST_SHEET_ROWS = 1_048_576  # of Excel, the heading among them
_NUMBERS = ("probability", "grid_probability", "longitude", "latitude")


def written(found: pd.DataFrame, marks: Mapping[str, Any]) -> pd.DataFrame:
    """Give answers the form in which they stand in a file.

    Parameters
    ----------
    found : DataFrame, shape (n,)
        As `Geocoder.geocode` gives it.
    marks : mapping
        `MARKS` to what each row says of the gazetteer, see `geo.territory.files.marks`.

    Returns
    -------
    DataFrame, shape (n, 16)
        `COLUMNS`, faults separated by "|" and candidates as JSON, on a fresh index.
    """
    ours = {name: found[name].to_numpy() for name in RESULT if name not in ("faults", "candidates")}
    result = pd.DataFrame(ours, columns=list(RESULT))
    for name in RESULT:
        result[name] = result[name].astype(float if name in _NUMBERS else object)
    result["faults"] = ["|".join(each) for each in found["faults"]]
    result["candidates"] = [
        json.dumps(each, ensure_ascii=False, default=float) for each in found["candidates"]
    ]
    return result.assign(**{name: marks[name] for name in MARKS})


def beside(chunk: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """Put the answers beside the rows they are of.

    Parameters
    ----------
    chunk : DataFrame, shape (n, k)
    answers : DataFrame, shape (n, 16)
        See `written`.

    Returns
    -------
    DataFrame, shape (n, k + 16)
        The rows as they came, then `COLUMNS`. A column of the file that is called like one of ours
        is renamed `input_...`, none is lost.
    """
    named = chunk.set_axis(
        [f"input_{name}" if name in COLUMNS else name for name in map(str, chunk.columns)],
        axis="columns",
    )
    return pd.concat([named.reset_index(drop=True), answers], axis="columns")


def check_writable(out: Path) -> None:
    """Refuse, before any work is done, a name whose form cannot be written.

    Raises
    ------
    FileRefusedError
        Naming the forms that can.
    """
    if out.suffix.lower() not in WRITABLE:
        listed = " ".join(WRITABLE)
        raise refused(
            out,
            f"a file ending in {out.suffix or 'nothing'} cannot be written; these can: {listed}",
            f"无法写成扩展名为“{out.suffix}”的文件，可用：{listed}",
        )


@contextmanager
def writer(path: Path, out: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    """Give a function that appends chunks to a file.

    Parameters
    ----------
    path : Path
        Where to write now; the caller renames it when it is whole.
    out : Path
        What it will be called: a name ending in .csv (UTF-8 with a mark, so that Excel shows
        Chinese), .xlsx or .parquet.

    Raises
    ------
    FileRefusedError
        If such a file cannot be written, or a sheet cannot hold so many rows.
    """
    check_writable(out)
    if out.suffix.lower() == ".xlsx":
        with _sheet_appender(path, out) as append_rows:
            yield append_rows
        return
    if out.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            yield _csv_appender(file)
        return
    open_writer: list[pq.ParquetWriter] = []

    def append(frame: pd.DataFrame) -> None:
        table = pa.Table.from_pandas(_unique(frame), preserve_index=False)
        if not open_writer:
            table = table.cast(_typed(table.schema))
            open_writer.append(pq.ParquetWriter(path, table.schema))
        open_writer[0].write_table(table.cast(open_writer[0].schema))

    try:
        yield append
    finally:
        for each in open_writer:
            each.close()


def _csv_appender(file: io.TextIOWrapper) -> Callable[[pd.DataFrame], None]:
    def append(frame: pd.DataFrame) -> None:
        frame.to_csv(file, index=False, header=file.tell() == 0, lineterminator="\r\n")

    return append


@contextmanager
def _sheet_appender(path: Path, out: Path) -> Iterator[Callable[[pd.DataFrame], None]]:
    from openpyxl import Workbook  # noqa: PLC0415 - only who writes a sheet waits for it
    from openpyxl.cell import WriteOnlyCell  # noqa: PLC0415
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE  # noqa: PLC0415

    book = Workbook(write_only=True)  # rows go to the disk as they come
    sheet = book.create_sheet("geocode")
    written = 0

    def cell(value: Any) -> Any:
        if not isinstance(value, str):
            return None if pd.isna(value) else value
        made = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value))
        made.data_type = "s"  # a text that begins with "=" is no formula
        return made

    def append(frame: pd.DataFrame) -> None:
        nonlocal written
        written += len(frame) + (written == 0)
        if written > MOST_SHEET_ROWS:
            raise refused(
                out,
                f"a sheet holds {MOST_SHEET_ROWS:,} rows at most; name a .csv or .parquet file",
                f"一张工作表最多 {MOST_SHEET_ROWS:,} 行，请改用 .csv 或 .parquet",
            )
        if written == len(frame) + 1:
            sheet.append([str(name) for name in frame.columns])
        for row in frame.itertuples(index=False, name=None):
            sheet.append([cell(value) for value in row])

    yield append
    book.save(path)


def _unique(frame: pd.DataFrame) -> pd.DataFrame:
    """Tell columns of the same name apart, which Parquet cannot hold."""
    seen: dict[str, int] = {}
    names = []
    for name in map(str, frame.columns):
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return frame.set_axis(names, axis="columns")


def _typed(schema: pa.Schema) -> pa.Schema:
    # A first chunk of blanks only has no type; what comes later is text.
    return pa.schema(
        [
            field.with_type(pa.string()) if pa.types.is_null(field.type) else field
            for field in schema
        ]
    )
