"""What the cells of a column mean that may hold numbers or names; and the rows being read."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from geo.intake import named
from geo.intake.model import Kind, Mask, Remark
from geo.intake.problems import Problems
from geo.text import name_key

SHOWN = 5


class Names:
    """Things by their numbers and names.

    Parameters
    ----------
    rows : iterable of (str, iterable of str, str or None)
        Number, names, and what each is within.
    generic : str
        What names may have behind them, or not.
    """

    def __init__(
        self, rows: Iterable[tuple[str, Iterable[str], str | None]], *, generic: str = ""
    ) -> None:
        self.numbers: dict[str, str] = {}
        self.words: dict[str, dict[str, str | None]] = {}
        self.shown: dict[str, str] = {}
        self.names: dict[str, list[str]] = {}
        self._generic = generic
        self._loose: dict[str, dict[str, str | None]] = {}
        for number, names, within in rows:
            self.numbers[number] = number
            for name in names:
                self.names.setdefault(number, []).append(name)
                self.shown.setdefault(number, name)
                self.words.setdefault(name_key(name), {})[number] = within
                self._loose.setdefault(self._bare(name), {})[number] = within

    def find(self, word: str, within: str | None = None, *, strict: bool = False) -> list[str]:
        """Give the numbers that a number or name may mean, the one number where it is clear."""
        if word in self.numbers:
            return [word]
        found = self.words.get(name_key(word)) or self._loose.get(self._bare(word)) or {}
        inside = [number for number, where in found.items() if where == within]
        if within is not None and (inside or strict):
            return inside
        return list(found)

    def near(self, word: str, within: str | None = None) -> list[str]:
        """Give names that may have been meant; a number is like others for no reason."""
        if word.isascii():
            return []
        names = [
            self.shown[number]
            for found in self.words.values()
            for number, where in found.items()
            if within is None or where == within
        ]
        return named.near(word, names)

    def call(self, number: str) -> str:
        """Give a number with its name."""
        name = self.shown.get(number, number)
        return number if name == number else f"{name}（{number}）"

    def _bare(self, name: str) -> str:
        return name_key(name).removesuffix(self._generic) if self._generic else name_key(name)


@dataclass
class Meant:
    """What the cells of a column mean.

    Parameters
    ----------
    numbers : Series of str, shape (n,)
        Missing where the cell is blank, unknown or could mean several.
    unknown, several : ndarray of bool, shape (n,)
    near, candidates : Series of str, shape (n,)
        For the sentences.
    """

    numbers: pd.Series
    unknown: Mask
    several: Mask
    near: pd.Series
    candidates: pd.Series


def mean(
    cells: pd.Series, names: Names, within: pd.Series | None = None, *, strict: bool = False
) -> Meant:
    """Find what cells mean, each pair of words once."""
    inside = pd.Series(None, index=cells.index, dtype="str") if within is None else within
    pairs = pd.MultiIndex.from_arrays([cells.fillna(""), inside.fillna("")])
    which, distinct = pd.factorize(pairs)
    numbers: list[str | None] = []
    near, candidates = [], []
    for word, where in distinct:
        found = names.find(word, where or None, strict=strict) if word else []
        numbers.append(found[0] if len(found) == 1 else None)
        listed = names.near(word, (where or None) if strict else None) if word and not found else []
        near.append("、".join(listed))
        shown = [names.call(each) for each in found[:SHOWN]] if len(found) > 1 else []
        candidates.append("、".join([*shown, *["…"] * (len(found) > SHOWN)]))

    def spread(values: list[str | None] | list[str]) -> pd.Series:
        return pd.Series(values, dtype="str").take(which).set_axis(cells.index)

    made = Meant(
        spread(numbers),
        np.zeros(len(cells), dtype=bool),
        np.zeros(len(cells), dtype=bool),
        spread(near),
        spread(candidates),
    )
    made.several = (made.candidates != "").to_numpy(dtype=bool)
    made.unknown = (cells.notna() & made.numbers.isna()).to_numpy(dtype=bool) & ~made.several
    return made


@dataclass
class Rows:
    """The rows of a file while numbers are put where it says names; see `references.resolve`."""

    session: Session
    kind: Kind
    read: dict[str, pd.Series]
    matched: dict[str, str]
    problems: Problems
    remarks: list[Remark] = field(default_factory=list)

    @property
    def index(self) -> pd.Index:
        """Of the rows."""
        return next(iter(self.read.values())).index

    def column(self, name: str) -> pd.Series:
        """Give a column, blank where the file has none."""
        return self.read.get(name, pd.Series(None, index=self.index, dtype="str"))

    def heading(self, *names: str) -> str:
        """Give what messages call the columns, as far as they are there."""
        return "、".join(self.matched[name] for name in names if name in self.matched)

    def note(self, table: str, name: str, meant: Meant, where: Mask | None = None) -> None:
        """Note what a column says that is unknown, or could mean several things."""
        values = self.read[name]
        self.note_cells(table, self.heading(name), values, meant, where)

    def note_cells(
        self, table: str, heading: str, values: pd.Series, meant: Meant, where: Mask | None = None
    ) -> None:
        """Note what cells say, under a heading."""
        asked = np.ones(len(meant.unknown), dtype=bool) if where is None else where
        said = {"column": heading, "value": values}
        code = table.upper()
        near = meant.near.where(meant.near == "", "；相近的有：" + meant.near)
        near_en = meant.near.where(meant.near == "", "; near it are: " + meant.near)
        self.problems.add(
            f"{code}.unknown", asked & meant.unknown, near=near, near_en=near_en, **said
        )
        self.problems.add(
            f"{code}.several", asked & meant.several, candidates=meant.candidates, **said
        )
