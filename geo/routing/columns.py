"""Which column of a file of points is what: as named, else by the headings that are usual."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from geo.errors import InputError
from geo.files import headings as matching

POINT = ("longitude", "latitude")
PLACE = (*POINT, "coordinate")
NAMED = (*PLACE, "address", "category", "accuracy_m", "at")


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
    coordinate : int, optional
        Both in one column.
    geometry : int, optional
        Points of a GeoParquet file, where no other coordinates were named.
    address, category, accuracy_m, at : int, optional
    """

    headings: tuple[str, ...]
    longitude: int | None = None
    latitude: int | None = None
    coordinate: int | None = None
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
    datum: str | None = None,
    dated: bool = True,
    addressed: bool = True,
) -> Columns:
    """Find the columns of a file.

    What is named is taken; else what `geo.files.headings.match` finds by the usual headings. A
    column of both coordinates is looked for only where there are not two; an address only where
    there are no coordinates.

    Parameters
    ----------
    headings : sequence of str
    named : mapping of str to str or None
        Part to heading.
    file : str
        What messages call the file.
    geometry : str, optional
        The file's own column of geometries.
    datum : str, optional
        Of several headings that mean a coordinate, the one that names this datum is taken.
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
    whole = geometry is not None and not any(part in found for part in PLACE)
    paired = "coordinate" in found

    def look_for(*parts: str) -> None:
        sought = {part: usual()[part] for part in parts if part not in found}
        made = matching.match(headings, sought, taken=list(found.values()), datum=datum)
        for part, several in made.twice.items():
            raise _twice(headings, several, part, file)
        found.update(made.found)

    axes = () if whole or paired else POINT
    look_for(*axes, "category", "accuracy_m", *(("at",) if dated else ()))
    missing = [part for part in POINT if part not in found]
    if len(missing) == len(POINT) and not (whole or paired):
        look_for("coordinate")
    if "coordinate" in found:
        return Columns(tuple(headings), **found)
    if whole:
        return Columns(tuple(headings), geometry=list(headings).index(str(geometry)), **found)
    if addressed and len(missing) == len(POINT):
        look_for("address")
    if len(missing) == 1 or (missing and "address" not in found):
        there = ", ".join(headings)
        raise PointsMissingError(file=file, missing=", ".join(missing), there=there)
    return Columns(tuple(headings), **found)


def _named(headings: Sequence[str], wanted: str, part: str, file: str) -> int:
    same = matching.positions(headings, wanted)
    if not same:
        raise NamedColumnError(file=file, column=wanted, part=part, there=", ".join(headings))
    if len(same) > 1:
        raise _twice(headings, same, part, file)
    return same[0]


def _twice(headings: Sequence[str], same: Sequence[int], part: str, file: str) -> ColumnTwiceError:
    listed = ", ".join(headings[at] for at in same)
    return ColumnTwiceError(file=file, part=part, headings=listed)
