"""Which column of a file of points is what: as named, else by the headings that are usual."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from geo.errors import InputError
from geo.intake.headings import fold

POINT = ("longitude", "latitude")
NAMED = (*POINT, "address", "category", "accuracy_m", "at")


class PointsMissingError(InputError):
    """Nothing in the file says where its rows lie."""

    code = "route.columns_missing"
    zh = (
        "{file} 中找不到坐标列 {missing}；现有：{there}。请把列命名为 longitude、latitude，"
        "或用 --longitude、--latitude（没有坐标时用 --address）写明。"
    )
    en = (
        "{file} has no column for {missing}; there are: {there}. Call the columns longitude and "
        "latitude, or say which they are with --longitude and --latitude (or --address)."
    )


class NamedColumnError(InputError):
    """A column that was named is not in the file."""

    code = "route.column"
    zh = "{file} 中没有名为“{column}”的列（{part}）；现有：{there}。"
    en = "{file} has no column {column!r} (for {part}); there are: {there}."


class ColumnTwiceError(InputError):
    """Two headings could be the same column."""

    code = "route.column_ambiguous"
    zh = "{file}：{part} 可能是其中任一列：{headings}。请只保留一列，或写明是哪一列。"
    en = "{file}: {part} could be any of: {headings}. Keep one of them, or say which."


@dataclass(frozen=True)
class Columns:
    """Positions of the columns of a file; None for what it does not have.

    Parameters
    ----------
    headings : tuple of str
        Of the file.
    longitude, latitude : int, optional
        Both or neither.
    geometry : int, optional
        Points of a GeoParquet file, where no other coordinates were named.
    address, category, accuracy_m, at : int, optional
    """

    headings: tuple[str, ...]
    longitude: int | None = None
    latitude: int | None = None
    geometry: int | None = None
    address: int | None = None
    category: int | None = None
    accuracy_m: int | None = None
    at: int | None = None

    def called(self, part: str) -> str:
        """Give the heading of a column that is there."""
        at: int = getattr(self, part)
        return self.headings[at]

    @property
    def taken(self) -> dict[str, str]:
        """What each column that is there is called in the file."""
        parts = ("geometry", *NAMED)
        return {part: self.called(part) for part in parts if getattr(self, part) is not None}


@cache
def usual() -> dict[str, list[str]]:
    """Give the headings by which each column is known."""
    return tomllib.loads(files("geo.routing").joinpath("points.toml").read_text("utf-8"))


def find(
    headings: Sequence[str],
    named: Mapping[str, str | None],
    *,
    file: str,
    geometry: str | None = None,
    dated: bool = True,
    addressed: bool = True,
) -> Columns:
    """Find the columns of a file.

    What is named is taken; else a column of the part's own name, else the first that is usual. An
    address is looked for only where there are no coordinates.

    Parameters
    ----------
    headings : sequence of str
    named : mapping of str to str or None
        Part to heading.
    file : str
        What messages call the file.
    geometry : str, optional
        The file's own column of geometries.
    dated : bool
        A column of days is looked for.
    addressed : bool
        A column of addresses is.

    Returns
    -------
    Columns

    Raises
    ------
    NamedColumnError
        If a heading that is named is not there.
    PointsMissingError
        If nothing says where the rows lie.
    ColumnTwiceError
        If a heading that means a column stands there twice.
    """
    found = {
        part: _named(headings, heading, part, file)
        for part, heading in named.items()
        if heading is not None
    }
    whole = geometry is not None and not any(part in found for part in POINT)
    sought = [*(() if whole else POINT), "category", "accuracy_m", *(("at",) if dated else ())]
    for part in sought:
        if part not in found and (at := _usual(headings, part, file, found)) is not None:
            found[part] = at
    missing = [part for part in POINT if part not in found]
    if whole:
        return Columns(tuple(headings), geometry=list(headings).index(str(geometry)), **found)
    if addressed and len(missing) == len(POINT) and "address" not in found:
        at = _usual(headings, "address", file, found)
        found |= {} if at is None else {"address": at}
    if len(missing) == 1 or (missing and "address" not in found):
        there = ", ".join(headings)
        raise PointsMissingError(file=file, missing=", ".join(missing), there=there)
    return Columns(tuple(headings), **found)


def _named(headings: Sequence[str], wanted: str, part: str, file: str) -> int:
    same = [at for at, each in enumerate(headings) if each == wanted] or [
        at for at, each in enumerate(headings) if fold(each) == fold(wanted)
    ]
    if not same:
        raise NamedColumnError(file=file, column=wanted, part=part, there=", ".join(headings))
    return _only(same, headings, part, file)


def _usual(headings: Sequence[str], part: str, file: str, found: Mapping[str, int]) -> int | None:
    for name in (part, *usual()[part]):
        same = [
            at
            for at, each in enumerate(headings)
            if fold(each) == fold(name) and at not in found.values()
        ]
        if same:
            return _only(same, headings, part, file)
    return None


def _only(same: list[int], headings: Sequence[str], part: str, file: str) -> int:
    if len(same) > 1:
        listed = ", ".join(headings[at] for at in same)
        raise ColumnTwiceError(file=file, part=part, headings=listed)
    return same[0]
