"""Files of rows, made well and then damaged: by what people do, and by what happens to bytes."""

import io
import json
import random
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from tests.damage import offices

Grid = list[list[Any]]

# Cells that no column expects.
STRANGE: list[Any] = [
    "",
    " ",
    "nan",
    "inf",
    "-inf",
    "1e400",
    "-0",
    "99999999999999999999",
    "1.50625E+17",
    "0000-00-00",
    "0000-01-01",
    "1899-12-31",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "2026-10-05T25:61:61+99:99",
    "24:00",
    "-1",
    "#N/A",
    "=1/0",
    '="H1"',
    "TRUE",
    "\x00",
    "\u200b",
    "\u202eabc",
    "\ufeff",
    "\U0001f600",
    "a" * 40_000,
    "长" * 2_000,
    "' OR 1=1 --",
    "{}",
    "[]",
    "NULL",
    "None",
    "(,)",
    "[2026-01-01,)",
    "150625100001001",
    "𠀀𪚥",
    "\r\n\t",
    '"',
    "POINT(1 2)",
]
TYPED: list[Any] = [
    10**400,
    2**63,
    -(2**63),
    1e308,
    float("nan"),
    float("inf"),
    True,
    date(1, 1, 1),
    date(9999, 12, 31),
    datetime(1899, 12, 31, 23, 59),  # noqa: DTZ001
    time(23, 59, 59),
    timedelta(days=40_000),
]
HEADINGS = [
    "",
    " ",
    "经度",
    "纬度",
    "户号",
    "geometry",
    "1",
    "a" * 5_000,
    "\x00",
    "nan",
    "\u200b",
    '"',
]


def table(kind: str) -> Grid:
    """Give good rows of a kind, its headings first; the first word of it is the kind's name."""
    heads, row = GOOD[kind]
    return [list(heads), *([f"{row[0]}{n}", *row[1:]] for n in range(1, 6))]


GOOD: dict[str, tuple[list[str], list[Any]]] = {
    "households": (
        ["户号", "人口", "重点人群", "登记日期", "经度", "纬度", "地址"],
        ["H", 3, "否", "2024-01-01", 108.005, 40.005, "金鼎小区1号楼101"],
    ),
    "visits": (["户号", "干部编号", "走访日期", "备注"], ["H", "C1", "2026-10-03", "在家"]),
    "incidents": (
        ["external_id", "category", "reported_at", "state", "经度", "纬度", "地址"],
        ["E", "city.heating", "2026-10-03 08:00", "open", 108.005, 40.005, "金鼎小区"],
    ),
    # Without coordinates: their addresses are looked up.
    "households by address": (
        ["户号", "人口", "重点人群", "登记日期", "地址"],
        ["H", 3, "否", "2024-01-01", "金鼎小区1号楼101"],
    ),
    "incidents by address": (
        ["external_id", "category", "reported_at", "state", "地址"],
        ["E", "city.heating", "2026-10-03 08:00", "open", "金鼎小区"],
    ),
    "organisations": (["external_id", "单位名称"], ["O", "城市管理局"]),
    "cadres": (["external_id", "name", "organisation_id"], ["K", "彭海斌", "O1"]),
    "pairings": (
        ["household_id", "cadre_id", "valid_from", "valid_to"],
        ["H", "C1", "2024-01-01", ""],
    ),
    "household_statuses": (
        ["household_id", "status", "valid_from", "valid_to"],
        ["H", "empty", "2024-01-01", ""],
    ),
    "totals": (
        ["grid_code", "month", "registered", "visited_paired"],
        ["15062510000100", "2026-09", 5, 4],
    ),
    "deliveries": (["organisation_id", "month"], ["O", "2026-09"]),
    "occupancies": (["building_id", "counted_on", "occupied"], ["B", "2026-01-01", 20]),
    "posts": (
        ["grid_code", "role", "holder", "valid_from", "valid_to"],
        ["15062510000100", "grid_leader", "王强", "2024-01-01", ""],
    ),
    "buildings": (
        ["external_id", "compound_id", "name", "units", "floors", "rooms_per_floor", "geometry"],
        ["B", "X1", "1号楼", 2, 6, 2, "POLYGON((108 40,108.001 40,108.001 40.001,108 40))"],
    ),
    "compound_pairings": (
        ["organisation_id", "compound_id", "valid_from"],
        ["O", "X1", "2024-01-01"],
    ),
}


# What is done to the rows.


def _strange_cell(grid: Grid, chance: random.Random) -> None:
    row = chance.choice(grid[1:] or grid)
    row[chance.randrange(len(row))] = chance.choice(STRANGE)


def _strange_column(grid: Grid, chance: random.Random) -> None:
    at, value = chance.randrange(len(grid[0])), chance.choice(STRANGE)
    for row in grid[1:]:
        row[at] = value


def _blank_column(grid: Grid, chance: random.Random) -> None:
    at = chance.randrange(len(grid[0]))
    for row in grid[1:]:
        row[at] = chance.choice(["", "", None])


def _typed_cell(grid: Grid, chance: random.Random) -> None:
    row = chance.choice(grid[1:] or grid)
    row[chance.randrange(len(row))] = chance.choice(TYPED)


def _typed_column(grid: Grid, chance: random.Random) -> None:
    at, value = chance.randrange(len(grid[0])), chance.choice(TYPED)
    for row in grid[1:]:
        row[at] = value


def _heading(grid: Grid, chance: random.Random) -> None:
    grid[0][chance.randrange(len(grid[0]))] = chance.choice(HEADINGS)


def _swapped(grid: Grid, chance: random.Random) -> None:
    chance.shuffle(grid[0])


def _twice(grid: Grid, chance: random.Random) -> None:
    at = chance.randrange(len(grid[0]))
    for row in grid:
        row.append(row[at])


def _without(grid: Grid, chance: random.Random) -> None:
    at = chance.randrange(len(grid[0]))
    for row in grid:
        del row[at]


def _ragged(grid: Grid, chance: random.Random) -> None:
    chance.choice(grid).extend(["x"] * chance.randrange(1, 5))
    row = chance.choice(grid)
    del row[chance.randrange(len(row)) :]


def _no_rows(grid: Grid, chance: random.Random) -> None:
    del grid[chance.randrange(2) :]


def _no_headings(grid: Grid, chance: random.Random) -> None:  # noqa: ARG001 - as the others
    del grid[0]


def _blank_rows(grid: Grid, chance: random.Random) -> None:
    for _ in range(chance.randrange(1, 15)):
        grid.insert(chance.randrange(len(grid)), [])


ROWS: list[Callable[[Grid, random.Random], None]] = [
    _strange_cell,
    _strange_column,
    _blank_column,
    _typed_cell,
    _typed_column,
    _heading,
    _swapped,
    _twice,
    _without,
    _ragged,
    _no_rows,
    _no_headings,
    _blank_rows,
]


# How rows become a file.


def _csv(path: Path, grid: Grid, chance: random.Random) -> None:
    separator = "\t" if path.suffix == ".tsv" else chance.choice([",", ",", ";"])
    quote = chance.choice(["", '"'])
    lines = [separator.join(f"{quote}{'' if v is None else v}{quote}" for v in row) for row in grid]
    text = chance.choice(["\n", "\r\n"]).join(lines) + "\n"
    encoding = chance.choice(["utf-8", "utf-8-sig", "gb18030", "utf-16"])
    path.write_bytes(text.encode(encoding, errors="replace"))


def _xlsx(path: Path, grid: Grid, chance: random.Random) -> None:
    book = openpyxl.Workbook()
    for _ in range(chance.choice([1, 1, 1, 3])):
        sheet = book.create_sheet()
        for r, row in enumerate(grid, 1):
            for c, value in enumerate(row, 1):
                try:
                    sheet.cell(r, c, value)
                except ValueError:
                    sheet.cell(r, c, "?")
        if chance.random() < 0.2 and len(grid) > 2:
            sheet.merge_cells(
                start_row=2, end_row=3, start_column=1, end_column=chance.choice([1, 2])
            )
    if chance.random() < 0.2:
        book.worksheets[-1].sheet_state = "hidden"
    if chance.random() < 0.8:
        del book["Sheet"]
    held = io.BytesIO()
    try:
        book.save(held)
    except (ValueError, OverflowError, TypeError):
        _xlsx(path, [["户号"], ["H1"]], chance)
    else:
        path.write_bytes(held.getvalue())


def _plain(grid: Grid) -> Grid:
    """Leave numbers and text that an old format holds."""
    return [
        [v if isinstance(v, int | float) and abs(v) < 1e300 else str(v or "")[:200] for v in row]
        for row in grid
    ]


def _xls(path: Path, grid: Grid, chance: random.Random) -> None:  # noqa: ARG001
    offices.write_xls(
        path, {"一": [[v[:200] if isinstance(v, str) else v for v in row] for row in _plain(grid)]}
    )


def _ods(path: Path, grid: Grid, chance: random.Random) -> None:  # noqa: ARG001
    clean = [
        ["".join(c for c in v if c >= " ") if isinstance(v, str) else v for v in row]
        for row in _plain(grid)
    ]
    offices.write_ods(path, {"一": clean, "二": clean})


def _frame(grid: Grid) -> pd.DataFrame:
    heads = [str(each) for each in grid[0]] if grid else []
    rows = [[*row, *[None] * len(heads)][: len(heads)] for row in grid[1:]]
    return pd.DataFrame(rows, columns=heads)


def _array(values: list[Any], chance: random.Random) -> pa.Array:
    """Give a column in a type of its own, or text."""
    texts = [None if v is None else str(v) for v in values]
    n = len(values)
    made: list[Callable[[], pa.Array]] = [
        lambda: pa.array(texts).dictionary_encode(),
        lambda: pa.array([["x", v] for v in texts]),
        lambda: pa.array([{"a": v, "b": [1]} for v in texts]),
        lambda: pa.array([[("k", v)] for v in texts], pa.map_(pa.string(), pa.string())),
        lambda: pa.array([Decimal("123.45")] * n, pa.decimal128(20, 2)),
        lambda: pa.array([b"\xff\xfe"] * n, pa.binary()),
        lambda: pa.array([(v or "").encode(errors="replace") for v in texts], pa.binary()),
        lambda: pa.array([datetime(2026, 10, 3, tzinfo=UTC)] * n, pa.timestamp("ns", "Asia/Tokyo")),
        lambda: pa.array([2**62] * n, pa.timestamp("us")),
        lambda: pa.array([-(2**31)] * n, pa.date32()),
        lambda: pa.array([1] * n, pa.time64("ns")),
        lambda: pa.array([10**15] * n, pa.duration("us")),
        lambda: pa.array([2**64 - 1, *[None] * (n - 1)][:n], pa.uint64()),
        lambda: pa.array([float("nan")] * n, pa.float16()),
        lambda: pa.array([True] * n),
        lambda: pa.nulls(n),
        lambda: pa.array([1e308] * n),
    ]
    try:
        return chance.choice(made)() if chance.random() < 0.4 else pa.array(values)
    except (pa.ArrowException, OverflowError, UnicodeError):
        return pa.array([None if v is None else v.encode(errors="replace").decode() for v in texts])


def _parquet(path: Path, grid: Grid, chance: random.Random) -> None:
    frame = _frame(grid)
    columns = [_array(list(frame.iloc[:, at]), chance) for at in range(frame.shape[1])]
    names = [name.encode(errors="replace").decode() for name in map(str, frame.columns)]
    made = pa.Table.from_arrays(columns, names=names)
    if chance.random() < 0.3:
        made = made.replace_schema_metadata(
            {"geo": chance.choice(_GEO), "pandas": chance.choice(_GEO)}
        )
    if chance.random() < 0.3:
        shapes = pa.array(
            [shapely.to_wkb(chance.choice(SHAPES)) for _ in range(len(frame))], pa.binary()
        )
        made = made.append_column("geometry", shapes)
        made = made.replace_schema_metadata({"geo": json.dumps(_geo(chance))})
    try:
        pq.write_table(made, path)
    except pa.ArrowException:
        pq.write_table(pa.table({"户号": ["H1"]}), path)


def _geo(chance: random.Random) -> dict[str, Any]:
    crs: list[Any] = [None, "EPSG:4490", "OGC:CRS84", "EPSG:3857", {"a": 1}, 7, "no such"]
    column = {
        "encoding": chance.choice(["WKB", "WKB", "point", "polygon", 5]),
        "geometry_types": [],
    }
    if chance.random() < 0.7:
        column["crs"] = chance.choice(crs)
    return {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": column}}


_GEO = [
    "",
    "null",
    "[]",
    "{}",
    "[" * 20_000,
    '{"primary_column":"户号","columns":{"户号":{}}}',
    "\xff",
]
SHAPES = [
    None,
    shapely.Point(108.005, 40.005),
    shapely.Point(),
    shapely.Point(float("nan"), 1),
    shapely.Point(1e308, -1e308),
    shapely.Point(108.005, 40.005, 7),
    shapely.LineString([(108, 40), (108.01, 40.01)]),
    shapely.box(108, 40, 108.001, 40.001),
    shapely.Polygon([(0, 0), (1, 1), (1, 0), (0, 1)]),
    shapely.MultiPolygon([shapely.box(108, 40, 108.001, 40.001)]),
    shapely.GeometryCollection([shapely.Point(1, 1), shapely.box(0, 0, 1, 1)]),
    shapely.MultiPoint([(108, 40)]),
    shapely.Polygon(),
]


def _features(grid: Grid, chance: random.Random) -> list[dict[str, Any]]:
    heads = [str(each) for each in grid[0]] if grid else []
    strange = [None, {}, {"type": "Point"}, {"type": "Point", "coordinates": ["a", {}]}, 5, []]
    return [
        {
            "type": "Feature",
            "properties": dict(zip(heads, row, strict=False)),
            "geometry": chance.choice(strange)
            if chance.random() < 0.1
            else json.loads(shapely.to_geojson(chance.choice(SHAPES[1:2] + SHAPES)) or "null"),
        }
        for row in grid[1:]
    ]


def _geojson(path: Path, grid: Grid, chance: random.Random) -> None:
    made = {"type": "FeatureCollection", "features": _features(grid, chance)}
    if chance.random() < 0.2:
        made["crs"] = chance.choice([None, 5, {"type": "name", "properties": {"name": "EPSG:99"}}])
    path.write_text(json.dumps(made, default=str), "utf-8")


def _lines(path: Path, grid: Grid, chance: random.Random) -> None:
    heads = [str(each) for each in grid[0]] if grid else []
    objects: list[Any] = [dict(zip(heads, row, strict=False)) for row in grid[1:]]
    if chance.random() < 0.3:
        objects = _features(grid, chance)
    if objects and chance.random() < 0.3:
        objects[chance.randrange(len(objects))] = chance.choice(
            [[], 5, "x", None, {}, {"a": {"b": [1]}}]
        )
    mark = chance.choice(["", "\x1e", "\ufeff"])
    text = "".join(mark + json.dumps(each, default=str) + "\n" for each in objects)
    path.write_text(text or "{}\n", "utf-8")


def _gpkg(path: Path, grid: Grid, chance: random.Random) -> None:
    frame = _frame(grid)
    # What GDAL writes at all.
    frame.columns = [
        f"{at}" if len(name) > 60 or "\0" in name or not name.strip() else name
        for at, name in enumerate(map(str, frame.columns))
    ]
    frame = frame.loc[:, ~frame.columns.str.lower().duplicated()].astype(str)
    shapes = [chance.choice(SHAPES[1:2] + SHAPES) for _ in range(len(frame))]
    made = gpd.GeoDataFrame(
        frame.drop(columns="geometry", errors="ignore"),
        geometry=shapes,
        crs=chance.choice([None, 4490, 4326, 3857]),
    )
    try:
        made.to_file(path, layer="一", engine="pyogrio")
    except Exception:  # noqa: BLE001 - what cannot be written is not what is tried here
        gpd.GeoDataFrame({"户号": ["H1"]}, geometry=[shapely.Point(108, 40)], crs=4490).to_file(
            path
        )


FORMS: dict[str, Callable[[Path, Grid, random.Random], None]] = {
    ".csv": _csv,
    ".tsv": _csv,
    ".xlsx": _xlsx,
    ".xls": _xls,
    ".ods": _ods,
    ".parquet": _parquet,
    ".geojson": _geojson,
    ".jsonl": _lines,
    ".gpkg": _gpkg,
}


# What happens to bytes.


def _cut(body: bytearray, chance: random.Random) -> None:
    del body[chance.randrange(1, len(body)) :]


def _flip(body: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice([1, 5, 50])):
        body[chance.randrange(len(body))] ^= 1 << chance.randrange(8)


def _insert(body: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(body))
    body[at:at] = chance.randbytes(chance.choice([1, 16, 1000]))


def _zero(body: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(body))
    size = min(len(body) - at, chance.choice([4, 100, 4096]))
    body[at : at + size] = bytes(size)


def _repeat(body: bytearray, chance: random.Random) -> None:
    at = chance.randrange(len(body))
    body[at:at] = body[at : at + 500]


BYTES = [_cut, _flip, _insert, _zero, _repeat]


def _members(path: Path, chance: random.Random) -> None:
    """Take out, empty or break a member of a packed workbook."""
    with zipfile.ZipFile(path) as there:
        members = {name: there.read(name) for name in there.namelist()}
    name = chance.choice(sorted(members))
    how = chance.randrange(5)
    if how == 0:
        del members[name]
    elif how == 1:
        members[name] = b""
    elif how == 2:
        members[name] = members[name][: chance.randrange(len(members[name]) + 1)]
    elif how == 3:
        members[name] = members[name].replace(
            b'r="A', chance.choice([b'r="XFD', b'r="', b'r="A99999999'])
        )
    else:
        body = bytearray(members[name] or b"x")
        _flip(body, chance)
        members[name] = bytes(body)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        for each, body in members.items():
            made.writestr(each, body)
    path.write_bytes(held.getvalue())


def make(path: Path, kind: str, chance: random.Random) -> Path:
    """Write a damaged file of a kind, in the form that its name ends in."""
    grid = table(kind)
    whole = chance.random()
    if whole < 0.7:
        for change in chance.sample(ROWS, chance.choice([1, 1, 2])):
            if grid and grid[0] and all(len(row) == len(grid[0]) for row in grid):
                change(grid, chance)
    FORMS[path.suffix](path, grid or [[]], chance)
    if whole > 0.6:
        if zipfile.is_zipfile(path) and chance.random() < 0.6:
            _members(path, chance)
        else:
            body = bytearray(path.read_bytes() or b" ")
            chance.choice(BYTES)(body, chance)
            path.write_bytes(bytes(body))
    if chance.random() < 0.05:
        path = path.rename(path.with_suffix(chance.choice(list(FORMS))))
    return path


__all__ = ["FORMS", "GOOD", "make", "np"]
