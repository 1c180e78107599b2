"""From numbers to classes, and from classes to the words beside their colours."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from layers.styles import Style

# What is no class; of the latter too few are counted.
NO_DATA, HIDDEN = -1, -2


@dataclass(frozen=True)
class Entry:
    """One line of a legend: a colour and what it stands for."""

    colour: str
    label: str


def classify(values: npt.ArrayLike, breaks: Sequence[float]) -> npt.NDArray[np.intp]:
    """Give every value the number of its class.

    A value on a break belongs to the class above it, so ``90 %`` is in ``90-95 %``.

    Parameters
    ----------
    values : array_like of float, shape (n,)
        In the unit of the breaks; NaN is missing.
    breaks : sequence of float, shape (k - 1,)
        Ascending.

    Returns
    -------
    ndarray of int, shape (n,)
        0 to k - 1; `NO_DATA` where the value is missing. Never 0 for a missing value.
    """
    numbers = np.asarray(values, dtype=float)
    classes = np.searchsorted(np.asarray(breaks, dtype=float), numbers, side="right")
    return np.where(np.isnan(numbers), NO_DATA, classes)


def rate_legend(
    breaks: Sequence[float], colours: Sequence[str], words: dict[str, str]
) -> list[Entry]:
    """Name the classes of a share in percent.

    Parameters
    ----------
    breaks : sequence of float, shape (k - 1,)
        Shares from 0 to 1.
    colours : sequence of str, shape (k,)
    words : dict
        With `class_first`, `class_middle`, `class_last`.

    Returns
    -------
    list of Entry, length k
        From the lowest class to the highest.
    """
    bounds = [f"{100 * bound:g}" for bound in breaks]
    return _entries(lowers=["", *bounds], uppers=[*bounds, ""], colours=colours, words=words)


def number_legend(
    breaks: Sequence[float], colours: Sequence[str], words: dict[str, str]
) -> list[Entry]:
    """Name the classes of a number that need not be whole.

    Parameters
    ----------
    breaks : sequence of float, shape (k - 1,)
    colours : sequence of str, shape (k,)
    words : dict
        With `class_first`, `class_middle`, `class_last`.

    Returns
    -------
    list of Entry, length k
        From the lowest class to the highest; a value on a bound is in the class above it.
    """
    bounds = [f"{bound:,g}" for bound in breaks]
    return _entries(lowers=["", *bounds], uppers=[*bounds, ""], colours=colours, words=words)


def measure_legend(chosen: "Style", words: dict[str, str]) -> list[Entry]:
    """Name the classes of a measure of grids, in percent where it is a share."""
    named = rate_legend if chosen.facts["unit"] == "share" else number_legend
    return named(chosen.breaks, chosen.colours, words)


def count_legend(
    breaks: Sequence[int], colours: Sequence[str], words: dict[str, str]
) -> list[Entry]:
    """Name the classes of a count; bounds are whole numbers and both ends are inside.

    Parameters
    ----------
    breaks : sequence of int, shape (k - 1,)
    colours : sequence of str, shape (k,)
    words : dict
        With `class_first`, `class_middle`, `class_last`.

    Returns
    -------
    list of Entry, length k
    """
    lowers = ["", *(f"{bound:,}" for bound in breaks)]
    uppers = [*(f"{bound - 1:,}" for bound in breaks), ""]
    return _entries(lowers=lowers, uppers=uppers, colours=colours, words=words)


def cell_breaks(per_hectare: Sequence[float], *, cell_m: float) -> list[int]:
    """Turn visits per hectare into whole visits per cell.

    Parameters
    ----------
    per_hectare : sequence of float, shape (k - 1,)
        Ascending.
    cell_m : float
        Side of a cell in metres.

    Returns
    -------
    list of int, length k - 1
        Strictly ascending and at least 2: in small cells, neighbours that would fall on one whole
        number move apart, so that no class is empty by construction.
    """
    breaks: list[int] = []
    for bound in per_hectare:
        least = breaks[-1] + 1 if breaks else 2
        breaks.append(max(least, math.ceil(bound * cell_m**2 / 10_000)))
    return breaks


def as_data(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Give the entries as what the page carries."""
    return [asdict(entry) for entry in entries]


def _entries(
    *, lowers: list[str], uppers: list[str], colours: Sequence[str], words: dict[str, str]
) -> list[Entry]:
    kinds = ["class_first", *["class_middle"] * (len(colours) - 2), "class_last"]
    return [
        Entry(colour, words[kind].format(lower=lower, upper=upper))
        for kind, lower, upper, colour in zip(kinds, lowers, uppers, colours, strict=True)
    ]
