"""Rows of a file -> points in CGCS2000, categories, days; and what is wrong with which."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from geo.crs import Floats
from geo.errors import Language
from geo.files.model import Chunk
from geo.files.values import as_text, blank, numbers
from geo.intake import facts, named, values
from geo.intake.model import Column
from geo.intake.problems import Problems
from geo.intake.rules import WANTED
from geo.routing import coordinates
from geo.routing.batch_options import BatchColumns, BatchOptions, Mask
from geo.routing.columns import Columns
from geo.routing.model import Category

# Wider than a town: a point so vague says nothing about a grid.
MAX_ACCURACY_M = 10_000
SHOWN_CHARACTERS = 60
# Names near an unknown category are looked for so often in a chunk: it takes time.
MOST_NEAR = 100
_DAY = Column("at", "date")


@dataclass(frozen=True)
class Questions:
    """A chunk, read.

    Parameters
    ----------
    x, y : ndarray of float, shape (n,)
        Longitude and latitude, EPSG:4490; NaN where there is no point to be asked about.
    category : Series of str, shape (n,)
        Codes; missing where there is none.
    accuracy_m : ndarray of float, shape (n,), optional
    days : ndarray of date, shape (n,), optional
        None where all are the day of the `BatchOptions`.
    addresses : Series of str, shape (n,)
        Missing where there is a point, or no address.
    routed : ndarray of bool, shape (n,)
        Rows that are to be routed at all.
    problems : Problems
    """

    x: Floats
    y: Floats
    category: pd.Series
    accuracy_m: Floats | None
    days: npt.NDArray[np.object_] | None
    addresses: pd.Series
    routed: Mask
    problems: Problems


def batch_columns(chunk: Chunk, columns: Columns) -> BatchColumns:
    """Give what has to be known of a chunk to answer it."""
    cells = {part: chunk.cells.column(getattr(columns, part)) for part in columns.taken}
    return BatchColumns(len(chunk), cells, chunk.broken, chunk.surplus)


@cache
def sentence(code: str, language: Language) -> str:
    """Give the sentence of a problem, with its placeholders."""
    own = tomllib.loads(files("geo.routing").joinpath("problems.toml").read_text("utf-8"))
    return str(own[code][language]) if code in own else facts.sentence(code, language)


def read(given: BatchColumns, options: BatchOptions) -> Questions:
    """Read what a chunk asks.

    Parameters
    ----------
    given : BatchColumns, n rows
    options : BatchOptions

    Returns
    -------
    Questions
        Noted are ROW.unreadable, ROW.cells; COORDINATE.missing, .swapped, .invalid, .outsideChina;
        GEOMETRY.type; CATEGORY.unknown; VALUE.invalid of an accuracy or a day.
    """
    problems = Problems(given.count)
    unread = _check_rows(given, problems)
    category = _categories(given, options, problems)
    x, y, blank = coordinates.points(given, options, problems, unread)
    addresses = pd.Series(None, index=range(given.count), dtype="str")
    if "address" in given.cells:
        addresses = as_text(given.cells["address"].to_pandas()).where(blank & ~unread)
    lost = blank & addresses.isna().to_numpy(dtype=bool) & ~unread
    problems.add("COORDINATE.missing", lost)
    accuracy_m = None
    if "accuracy_m" in given.cells:
        accuracy_m = _accuracies(given, options, problems, unread)
    days, routed = None, ~unread
    if "at" in given.cells:
        days, dated = _days(given, options, problems, unread)
        routed &= dated
    return Questions(x, y, category, accuracy_m, days, addresses, routed, problems)


def _check_rows(given: BatchColumns, problems: Problems) -> Mask:
    if given.surplus is None:
        return given.broken
    # Cells too many: which of them is the coordinate is anybody's guess.
    surplus = as_text(given.surplus.to_pandas())
    many = surplus.notna().to_numpy(dtype=bool) & ~given.broken
    shown = surplus.str.slice(0, SHOWN_CHARACTERS)
    problems.add("ROW.unreadable", given.broken, value=shown)
    problems.add("ROW.cells", many, value=shown)
    return np.asarray(given.broken | many)


def _categories(given: BatchColumns, options: BatchOptions, problems: Problems) -> pd.Series:
    default = pd.Series(options.category, index=range(given.count), dtype="str")
    if "category" not in given.cells:
        return default
    cells = as_text(given.cells["category"].to_pandas())
    codes = named.codes(cells, options.words)
    unknown = (codes.isna() & cells.notna()).to_numpy(dtype=bool)
    if unknown.any():
        near = {
            word: _near(word, options.categories) for word in cells[unknown].unique()[:MOST_NEAR]
        }
        problems.add(
            "CATEGORY.unknown",
            unknown,
            column=options.columns.called("category"),
            value=cells.str.slice(0, SHOWN_CHARACTERS),
            near=cells.map(near),
        )
    return codes.where(cells.notna(), default)


@cache
def _near_names(categories: tuple[tuple[str, str], ...]) -> dict[str, str]:
    return {word: f"{name} {code}" for code, name in categories for word in (name, code)}


def _near(word: str, categories: Mapping[str, Category]) -> str:
    called = _near_names(tuple((each.code, each.name) for each in categories.values()))
    found = dict.fromkeys(called[near] for near in named.near(word[:SHOWN_CHARACTERS], called))
    return ", ".join(found) or "-"


def _accuracies(
    given: BatchColumns, options: BatchOptions, problems: Problems, unread: Mask
) -> Floats:
    cells = given.cells["accuracy_m"]
    found = numbers(cells)
    with np.errstate(invalid="ignore"):
        good = (found >= 0) & (found <= MAX_ACCURACY_M)
    problems.add(
        "VALUE.invalid",
        ~good & ~blank(cells) & ~unread,
        column=options.columns.called("accuracy_m"),
        value=as_text(cells.to_pandas()).str.slice(0, SHOWN_CHARACTERS),
        wanted=f"a number of metres from 0 to {MAX_ACCURACY_M}",
        wanted_zh=f" 0 至 {MAX_ACCURACY_M} 之间的米数",
    )
    return np.where(good, found, np.nan)


def _days(
    given: BatchColumns, options: BatchOptions, problems: Problems, unread: Mask
) -> tuple[npt.NDArray[np.object_], Mask]:
    """Give the day of each row, and which rows have one."""
    found = days_of(given.cells["at"])
    without = found.isna().to_numpy(dtype=bool)
    days = np.where(without, np.array(options.day, dtype=object), found.to_numpy(dtype=object))
    unclear = without & ~blank(given.cells["at"]) & ~unread
    wanted, wanted_zh = WANTED["date"]
    problems.add(
        "VALUE.invalid",
        unclear,
        column=options.columns.called("at"),
        value=as_text(given.cells["at"].to_pandas()).str.slice(0, SHOWN_CHARACTERS),
        wanted=wanted,
        wanted_zh=wanted_zh,
    )
    return days, ~unclear


def days_of(cells: pa.ChunkedArray) -> pd.Series:
    """Read cells as days; missing where one is blank or none."""
    if pa.types.is_timestamp(cells.type) and cells.type.tz is None:
        return values.read(cells.to_pandas(), _DAY)
    return values.read(as_text(cells.to_pandas()), _DAY)
