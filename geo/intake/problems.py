"""What is wrong with which rows, gathered check by check."""

from collections import Counter
from collections.abc import Callable
from string import Formatter
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Language
from geo.intake import facts
from geo.intake.model import Mask


class Problems:
    """Collects findings about the `count` rows of a table; a row may have several.

    The first that was added is the row's reason code; the explanation says all of them.
    """

    def __init__(self, count: int) -> None:
        self.bad: Mask = np.zeros(count, dtype=bool)
        self._found: list[tuple[str, npt.NDArray[np.int64], dict[str, Any]]] = []

    def add(self, code: str, where: Mask, **values: Any) -> None:
        """Note a problem.

        Parameters
        ----------
        code : str
            A reason of `reasons.toml`.
        where : ndarray of bool, shape (count,)
            The rows that have it.
        **values
            What fills the sentence: one value for all, or a Series or array of `count` values.
        """
        position = np.flatnonzero(where)
        if not position.size:
            return
        self.bad[position] = True
        taken = {
            name: np.asarray(value, dtype=object)[position]
            if isinstance(value, pd.Series | np.ndarray)
            else value
            for name, value in values.items()
        }
        self._found.append((code, position, taken))

    def add_at(self, code: str, position: npt.NDArray[np.int64], **values: Any) -> None:
        """Note a problem of the rows at `position`; arrays in `values` have as many values."""
        if position.size:
            self.bad[position] = True
            self._found.append((code, position, values))

    def having_only(self, codes: frozenset[str]) -> Mask:
        """Tell which rows have problems, and none but those of some codes."""
        only = self.bad.copy()
        for code, position, _ in self._found:
            if code not in codes:
                only[position] = False
        return only

    def clear(self, position: npt.NDArray[np.int64]) -> None:
        """Take back all that is wrong with the rows at `position`."""
        if not position.size:
            return
        self.bad[position] = False
        self._found = [
            (code, at[stays], _those(values, stays))
            for code, at, values in self._found
            if (stays := ~np.isin(at, position)).any()
        ]

    def frame(
        self,
        language: Language,
        sentence: Callable[[str, Language], str] = facts.sentence,
    ) -> pd.DataFrame:
        """Give the rows that have problems.

        Parameters
        ----------
        language : {"zh", "en"}
        sentence : callable
            Gives the sentence of a code, with its placeholders.

        Returns
        -------
        DataFrame, shape (bad rows, 2)
            `code` (the first) and `explanation` (all) on the sorted positions of the rows.
        """
        if not self._found:
            return pd.DataFrame({"code": [], "explanation": []}, dtype="str")
        parts = [
            pd.DataFrame(
                {
                    "position": position,
                    "code": code,
                    "explanation": _filled(sentence(code, language), values, len(position)),
                }
            )
            for code, position, values in self._found
        ]
        every = pd.concat(parts, ignore_index=True).sort_values("position", kind="stable")
        first = every.drop_duplicates("position").set_index("position")
        several = every[every["position"].duplicated(keep=False)]
        if len(several):
            between = "；" if language == "zh" else "; "
            joined = several.groupby("position")["explanation"].agg(between.join)
            first.loc[joined.index, "explanation"] = joined
        return first

    def counts(self) -> dict[str, int]:
        """Give the number of rows by their first reason; they sum to the bad rows."""
        seen = np.zeros(len(self.bad), dtype=bool)
        counts: Counter[str] = Counter()
        for code, position, _ in self._found:
            fresh = np.unique(position[~seen[position]])
            seen[fresh] = True
            counts[code] += len(fresh)
        return {code: count for code, count in sorted(counts.items()) if count}


def _those(values: dict[str, Any], stays: Mask) -> dict[str, Any]:
    return {
        name: value[stays] if isinstance(value, pd.Series | np.ndarray) else value
        for name, value in values.items()
    }


def _filled(template: str, values: dict[str, Any], count: int) -> Any:
    """Fill a template for all rows at once: literal pieces and columns, added up."""
    text = pd.Series("", index=range(count), dtype="str")
    for literal, name, _, _ in Formatter().parse(template):
        text = text + literal
        if name is not None:
            value = values[name]
            several = isinstance(value, pd.Series | np.ndarray)
            column = pd.Series(value) if several else pd.Series([value] * count)
            text = text + column.astype("str").fillna("…").to_numpy()
    return text.to_numpy()
