"""What somebody says of a file: which heading is which column, and what stands for what."""

import unicodedata
from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from geo.errors import InputError
from geo.files.headings import positions
from geo.files.own_toml import read_toml
from geo.files.table import SHEET_HEADING, Table
from geo.files.values import as_text
from geo.intake.kinds import KINDS
from geo.intake.model import Kind, Mask
from geo.text import plain

_LINE_KEYS = ("heading", "join", "between", "value", "default", "values")
_FILE_KEYS = ("fill_down", "sheet", "year")
_YEARS = range(1900, 2200)
# Tables that the mapping file of a folder has beside those of the kinds, see `geo.intake.folder`.
_FOLDER_TABLES = (
    "file",
    "territory",
    "communities",
    "compounds",
    "divisions",
    "outline",
    "towns",
)
# Columns that take any text: what their map does not know would be stored as it is.
_ANYTHING = ("text", "name", "list")


class MappingError(InputError):
    """A mapping file says what cannot be followed."""

    code = "intake.mapping_invalid"
    zh = "映射文件：{problem_zh}"
    en = "Mapping file: {problem}"


@dataclass(frozen=True)
class Line:
    """Where the cells of a column come from.

    Parameters
    ----------
    heading : str, optional
        Of the file.
    join : tuple of str
        Headings whose cells, as far as they are filled, are one text.
    between : str
        What stands between them.
    value : str, optional
        What every row has.
    default : str, optional
        What a blank cell stands for.
    words : dict of str to str
        What is written, to what it means.
    """

    heading: str | None = None
    join: tuple[str, ...] = ()
    between: str = ""
    value: str | None = None
    default: str | None = None
    words: dict[str, str] = field(default_factory=dict)

    @property
    def headings(self) -> tuple[str, ...]:
        """Those of the file that are taken."""
        return self.join if self.heading is None else (self.heading,)


@dataclass(frozen=True)
class Mapping:
    """What a mapping file says of the files of a kind.

    Parameters
    ----------
    columns : dict of str to Line
        By canonical column.
    fill_down : tuple of str
        Headings under which a blank cell means the one above.
    sheet : str, optional
        The sheet to read, where the command names none.
    year : int, optional
        Of days that are written without one.
    """

    columns: dict[str, Line] = field(default_factory=dict)
    fill_down: tuple[str, ...] = ()
    sheet: str | None = None
    year: int | None = None

    @property
    def headings(self) -> tuple[str, ...]:
        """Those of the file that are taken."""
        lines = self.columns.values()
        return (*(each for line in lines for each in line.headings), *self.fill_down)


EMPTY = Mapping()


class Applied(NamedTuple):
    """A table as a mapping wants it read.

    Parameters
    ----------
    table : Table
        With the columns that were made.
    headings : dict of str to str
        Canonical column to its heading in this table.
    unmapped : dict of str to ndarray of bool
        Rows whose cell the map of values does not know, of columns that take any text.
    used : frozenset of str
        Headings of the file that were taken.
    """

    table: Table
    headings: dict[str, str]
    unmapped: dict[str, Mask]
    used: frozenset[str]


def read_mapping(path: Path, kind: Kind) -> Mapping:
    """Read a mapping file: TOML with one line a column.

    One file may serve several kinds: a table named as the kind, `[households]`, overrules the
    lines outside any table.

    Parameters
    ----------
    path : Path
    kind : Kind

    Returns
    -------
    Mapping

    Raises
    ------
    MappingError
        If the file is not TOML in UTF-8, or says what the kind cannot follow.
    """

    def refused(problem: str, problem_zh: str) -> MappingError:
        return MappingError(
            problem=f"{path.name}: {problem}", problem_zh=f"{path.name}：{problem_zh}"
        )

    data = read_toml(path, refused)
    own = {}
    for name, lines in data.items():
        if name.replace("-", "_") != kind.name:
            continue
        if not isinstance(lines, dict):
            raise _wrong(path.name, name, "a table, [" + name + "]", "一个表，[" + name + "]")
        own = lines
    others = (*KINDS, *_FOLDER_TABLES)
    common = {key: each for key, each in data.items() if key.replace("-", "_") not in others}
    made = checked_mapping(common, kind, where=path.name)
    told = checked_mapping(own, kind, where=f"{path.name} [{kind.name}]")
    return Mapping(
        columns=made.columns | told.columns,
        fill_down=told.fill_down or made.fill_down,
        sheet=told.sheet or made.sheet,
        year=told.year or made.year,
    )


def checked_mapping(
    said: AnyMapping[str, object] | Mapping | None, kind: Kind, *, where: str = ""
) -> Mapping:
    """Hold what is said against the columns of a kind.

    Parameters
    ----------
    said : mapping, Mapping or None
        Canonical column to a heading, or to a table of what `Line` has; and what else `Mapping`
        has, by its name.
    kind : Kind
    where : str
        The file and table, for what is wrong.

    Returns
    -------
    Mapping

    Raises
    ------
    MappingError
        If a column or key is not known, or has a value of another type.
    """
    if isinstance(said, Mapping):
        return said
    columns = {}
    for name, line in (said or {}).items():
        if name in _FILE_KEYS and name not in kind.columns:
            continue
        if name not in kind.columns:
            listed = ", ".join([*kind.columns, *_FILE_KEYS])
            raise MappingError(
                problem=f"{_at(where)}{kind.en} have no column {name!r}; there are: {listed}",
                problem_zh=f"{_at(where)}{kind.zh}没有“{name}”这一列，可用的列：{listed}",
            )
        columns[name] = _line(line, where=f"{_at(where)}{name}")
    rest = {key: each for key, each in (said or {}).items() if key not in columns}
    return Mapping(columns, **_of_file(rest, where))


def apply_mapping(table: Table, mapping: Mapping, kind: Kind) -> Applied:
    """Make the columns that a mapping speaks of.

    A cell that the map of values does not know is left as it is; columns with words of their own
    (numbers, days, yes and no, categories) read it then, or refuse it.

    Parameters
    ----------
    table : Table
    mapping : Mapping
    kind : Kind

    Returns
    -------
    Applied
        The rows in their order.

    Raises
    ------
    MappingError
        If a heading is not in the file, or stands there several times.
    """
    there = list(map(str, table.cells.columns))
    cells = table.cells
    for wanted in dict.fromkeys(mapping.fill_down):
        heading = there[_position(there, "fill_down", wanted, table.name)]
        cells = cells.assign(**{heading: _filled_down(cells[heading], table.sheet)})
    found: dict[str, str] = {}
    unmapped: dict[str, Mask] = {}
    made: dict[str, pd.Series] = {}
    used: set[str] = set()
    for name, line in mapping.columns.items():
        taken = [there[_position(there, name, each, table.name)] for each in line.headings]
        used.update(taken)
        if line.value is not None:
            called, values = f"{name} = {line.value}", pd.Series(line.value, index=cells.index)
        elif line.join:
            called, values = "+".join(taken), _joined(cells[taken], line.between)
        else:
            called, values = taken[0], cells[taken[0]]
        values, strange = _mapped(values, line)
        if strange.any() and kind.columns[name].type in _ANYTHING:
            unmapped[name] = strange
        if line.heading is None or line.words or line.default is not None:
            # Another column may take the same cells as they stand.
            called = called if line.heading is None else f"{called} → {name}"
            made[called] = values
        found[name] = called
    if made:
        cells = pd.concat([cells, pd.DataFrame(made, index=cells.index)], axis="columns")
    return Applied(replace(table, cells=cells), found, unmapped, frozenset(used))


def _position(there: list[str], name: str, wanted: str, file: str) -> int:
    same = positions(there, wanted)
    if len(same) == 1:
        return same[0]
    listed = ", ".join(there)
    more = more_zh = ""
    if wanted == SHEET_HEADING:
        more = f" ({SHEET_HEADING} is there in workbooks only)"
        more_zh = f"（只有工作簿才有“{SHEET_HEADING}”）"
    raise MappingError(
        problem=f"{name} is mapped to {wanted!r}, which stands {len(same)} times in "
        f"{file}{more}; the file has: {listed}",
        problem_zh=f"{name} 映射到“{wanted}”，但该表头在 {file} 中出现 {len(same)} 次{more_zh}；"
        f"文件中的列：{listed}",
    )


def _filled_down(cells: pd.Series, sheet: Any) -> pd.Series:
    """Give blank cells what stands above them in their sheet."""
    known = cells.where(as_text(cells).notna().to_numpy(dtype=bool))
    filled = known.ffill() if sheet is None else known.groupby(sheet, sort=False).ffill()
    return filled.where(filled.notna(), "")


def _joined(parts: pd.DataFrame, between: str) -> pd.Series:
    texts = [as_text(parts.iloc[:, at]).fillna("").tolist() for at in range(parts.shape[1])]
    whole = [between.join(filter(None, row)) for row in zip(*texts, strict=True)]
    return pd.Series(whole, index=parts.index, dtype="str")


def _mapped(cells: pd.Series, line: Line) -> tuple[pd.Series, Mask]:
    """Give cells by what they mean; and which of them the map does not know."""
    text = as_text(cells)
    strange = np.zeros(len(cells), dtype=bool)
    if line.words:
        words = {same_word(word): meant for word, meant in line.words.items()}
        # What a word may mean is a word as well.
        words = {same_word(meant): meant for meant in line.words.values()} | words
        by_word = {each: words.get(same_word(each)) for each in text.dropna().unique()}
        meant = text.map(by_word).astype("str")
        strange = (text.notna() & meant.isna()).to_numpy(dtype=bool)
        cells = cells.astype(object).mask(meant.notna().to_numpy(dtype=bool), meant)
    if line.default is not None:
        cells = cells.astype(object).mask(text.isna().to_numpy(dtype=bool), line.default)
    return cells, strange


def same_word(word: str) -> str:
    """Give what counts of a word in a cell: no case, width, nor blanks."""
    return "".join(unicodedata.normalize("NFKC", plain(word)).casefold().split())


def _at(where: str) -> str:
    return f"{where}: " if where else ""


def _line(said: object, *, where: str) -> Line:
    if isinstance(said, str):
        return Line(heading=said)
    if not isinstance(said, dict):
        raise _wrong(where, None, "a heading in quotes, or { … }", "带引号的表头，或 { … }", said)
    for key in said:
        if key not in _LINE_KEYS:
            raise _unknown_key(where, key)
    ways = [key for key in ("heading", "join", "value") if key in said]
    if len(ways) != 1:
        raise MappingError(
            problem=f"{where}: give one of heading, join and value, not {len(ways)} of them",
            problem_zh=f"{where}：heading、join、value 须且只能写一个，现有 {len(ways)} 个",
        )
    for key in ("heading", "between"):
        if key in said and not isinstance(said[key], str):
            raise _wrong(where, key, "a text in quotes", "带引号的文字", said[key])
    join = _texts(said.get("join", []), where, "join")
    if "join" in said and not join:
        raise _wrong(where, "join", "a list of headings", "表头的列表", said["join"])
    values = said.get("values", {})
    if not isinstance(values, dict):
        raise _wrong(where, "values", '{ "word" = "meaning" }', '{ "原值" = "含义" }', values)
    return Line(
        heading=said.get("heading"),
        join=join,
        between=said.get("between", ""),
        value=_plain_value(said, "value", where),
        default=_plain_value(said, "default", where),
        words={word: _plain_value(values, word, where) or "" for word in values},
    )


def _plain_value(said: AnyMapping[str, Any], key: str, where: str) -> str | None:
    """Give a text, number, day or truth of TOML as a cell would have it."""
    if key not in said:
        return None
    value = said[key]
    if isinstance(value, list | dict):
        raise _wrong(where, key, "a text, a number or a day", "文字、数字或日期", value)
    return ("是" if value else "否") if isinstance(value, bool) else str(value)


def _texts(value: object, where: str, key: str) -> tuple[str, ...]:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise _wrong(where, key, "a list of headings in quotes", "带引号的表头的列表", value)


def _of_file(said: AnyMapping[str, Any], where: str) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if "fill_down" in said:
        made["fill_down"] = _texts(said["fill_down"], where, "fill_down")
    if "sheet" in said:
        if not isinstance(said["sheet"], str):
            raise _wrong(where, "sheet", "the name of a sheet", "工作表的名称", said["sheet"])
        made["sheet"] = said["sheet"]
    if "year" in said:
        year = said["year"]
        if not isinstance(year, int) or year not in _YEARS:
            raise _wrong(where, "year", "a year such as 2026", "年份，例如 2026", year)
        made["year"] = year
    return made


def _wrong(
    where: str, key: str | None, wanted: str, wanted_zh: str, got: object = ""
) -> MappingError:
    at = where if key is None else f"{_at(where)}{key}"
    return MappingError(
        problem=f"{at} must be {wanted}" + (f", not {got!r}" if got != "" else ""),
        problem_zh=f"{at} 应为{wanted_zh}" + (f"，而不是 {got!r}" if got != "" else ""),
    )


def _unknown_key(where: str, key: str) -> MappingError:
    listed = ", ".join(_LINE_KEYS)
    return MappingError(
        problem=f"{where} has no key {key!r}; there are: {listed}",
        problem_zh=f"{where} 不能写“{key}”，可写：{listed}",
    )
