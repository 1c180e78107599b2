"""What intake speaks of: kinds of files and their columns, and what became of a file."""

from collections.abc import Callable, Container
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.files.model import Passed
from geo.intake.datum_guess import Guess

Mask = npt.NDArray[np.bool_]
Type = Literal[
    "text",
    "code",
    "name",
    "list",
    "choice",
    "category",
    "integer",
    "number",
    "flag",
    "date",
    "month",
    "time",
    "geometry",
]
# Told the stage, how much of it is done and how much there is: bytes, or 0 of 1 and 1 of 1.
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Column:
    """One canonical column of a kind; the fields are those of `kinds/*.toml`.

    Parameters
    ----------
    name : str
        Canonical name, also accepted as a heading.
    type : str
        How its cells are read, see `geo.intake.values`.
    headings : tuple of str
        Other headings that mean this column.
    required : bool
        The file must have the column, and every row a value.
    blank : str, optional
        What an empty cell stands for.
    references : str, optional
        Table in which the cell is an `external_id`, or what `by` says.
    by : str
        Column of that table by which it is found.
    gives : str
        Column of that table that is stored.
    into : str, optional
        Column of the kind's own table, by default of the same name.
    past : bool
        A date after today is an error.
    choices : dict
        Stored word to the words that mean it.
    default : str, optional
        What is stored where the file says nothing, a blank cell or no such column; a row that is
        there already keeps its own where there is no column. "first_day": see
        `geo.intake.defaults`.
    yes, no : tuple of str
        Of a flag: words of this column beside those of `words.toml`.
    personal : bool
        It takes numbers that belong to a person, see `geo.intake.personal`.
    reserved : tuple of str
        Values that no row may have: at the address of such a row something else is found.
    helps : str, optional
        The column whose value it helps to find; it is not stored itself.
    instead : tuple of tuple of str
        Sets of columns any of which will do where a required one is not there.
    """

    name: str
    type: Type
    headings: tuple[str, ...] = ()
    required: bool = False
    blank: str | None = None
    references: str | None = None
    by: str = "external_id"
    gives: str = "id"
    into: str | None = None
    past: bool = False
    choices: dict[str, list[str]] = field(default_factory=dict)
    default: str | None = None
    yes: tuple[str, ...] = ()
    no: tuple[str, ...] = ()
    personal: bool = False
    reserved: tuple[str, ...] = ()
    helps: str | None = None
    instead: tuple[tuple[str, ...], ...] = ()

    def is_told(self, there: Container[str]) -> bool:
        """Tell whether other columns say what this one does."""
        return any(all(name in there for name in way) for way in self.instead)

    @property
    def stored_as(self) -> str:
        """Column of the kind's table."""
        return self.into or self.name


@dataclass(frozen=True)
class Order:
    """Two dates of a row of which the first must come before the last (or equal it)."""

    first: str
    last: str
    equal: bool


@dataclass(frozen=True)
class Kind:
    """What sort of rows a file holds; the fields are those of `kinds/*.toml`.

    Parameters
    ----------
    name, zh, en : str
        Its name on the command line, and in sentences.
    table : str
        Where the rows go.
    key : tuple of str
        Canonical columns that identify a row for ever: the natural key.
    columns : dict
        Canonical name to `Column`.
    place : {"grid", "waits", "banner", "footprint", "shape"}, optional
        What the geometry must do: a point in a grid; the same, but a row without one waits with
        the reason; a point in the banner, or none; a polygon in the banner; a point, line or
        polygon in the banner.
    span : tuple of two str, optional
        The columns that are the two ends of `valid`.
    group : tuple of str
        Stored columns within which spans must not overlap.
    overlap : str
        Reason of the rows whose spans do.
    order : tuple of Order
        Which dates must follow which.
    """

    name: str
    zh: str
    en: str
    table: str
    key: tuple[str, ...]
    columns: dict[str, Column]
    place: Literal["grid", "waits", "banner", "footprint", "shape"] | None = None
    span: tuple[str, str] | None = None
    group: tuple[str, ...] = ()
    overlap: str = "PAIRING.overlap"
    order: tuple[Order, ...] = ()


@dataclass(frozen=True)
class Remark:
    """What is said of a load besides its counts: a code of `remarks.toml`, and what fills it."""

    code: str
    values: dict[str, Any]


@dataclass(frozen=True)
class Summary:
    """What became of a file: `read` = `new` + `changed` + `unchanged` + all of `rejected`.

    Parameters
    ----------
    kind, file : str
    read, new, changed, unchanged : int
        Rows.
    closed : int
        Pairings or terms already there whose open end was closed by a later one of this file.
    rejected, unplaced : dict of str to int
        Rows by reason code; unplaced rows (incidents) were loaded and wait for a grid.
    headings : dict of str to str
        Canonical column to the heading it was taken from.
    rejects : DataFrame
        The rejected rows as `geo.intake.rejects.write` wants them.
    encoding, datum : str, optional
        How text and coordinates were understood.
    doubt : Guess, optional
        Where the coordinates of households or incidents are decidedly in another datum than the
        one they were read in. They were loaded all the same.
    remarks : tuple of Remark
        What else is to be known: columns that were not used, addresses far from coordinates.
    sheets : dict of str to int
        Of a workbook of several sheets: how many rows were read of each that was.
    passed : tuple of Passed
        Its other sheets, each with the reason.
    keys : DataFrame
        The natural key of every row as it was read, and whether it was `rejected`.
    """

    kind: str
    file: str
    read: int
    new: int
    changed: int
    unchanged: int
    closed: int
    rejected: dict[str, int]
    unplaced: dict[str, int]
    headings: dict[str, str]
    rejects: pd.DataFrame
    encoding: str | None = None
    datum: str | None = None
    doubt: Guess | None = None
    remarks: tuple[Remark, ...] = ()
    sheets: dict[str, int] = field(default_factory=dict)
    passed: tuple[Passed, ...] = ()
    keys: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)


def no_progress(stage: str, done: int, total: int) -> None:
    """Tell nobody."""
