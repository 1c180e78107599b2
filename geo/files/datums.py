"""The datum that a file names itself: in a heading, a mapping to one or the `crs` of GeoJSON."""

import re
import tomllib
from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from geo.errors import InputError
from geo.text import squeeze

# Datums that no sample tells apart are one; the first stands for them.
GROUPS = (("cgcs2000", "wgs84"), ("gcj02",), ("bd09",))
_AROUND = re.compile("坐标系|坐标|datum")


class DatumContradictedError(InputError):
    """A file says one datum, and who sends it another."""

    code = "datum.contradicted"
    zh = (
        "{file}：“{written}”表明坐标基准是 {stated}，而所指定的是 {named}。"
        "请改用 {stated}（--datum {stated}）；如果文件写错了，请先改正。"
    )
    en = (
        "{file}: {written!r} says that the coordinates are in {stated}, but {named} was named. "
        "Name {stated} (--datum {stated}); if the file is wrong, correct it first."
    )


class DatumsMixedError(InputError):
    """Two headings of one coordinate name several datums."""

    code = "datum.mixed"
    zh = (
        "{file}：表头 {written} 写明了不同的坐标基准。请只保留同一基准的一对，或用 --mapping 写明。"
    )
    en = (
        "{file}: the headings {written} name different datums. Keep a pair of one datum, or say "
        "which with --mapping."
    )


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    text = files("geo.files").joinpath("datums.toml").read_text("utf-8")
    return {name: re.compile(each) for name, each in tomllib.loads(text)["written"].items()}


def datum_in(written: str) -> str | None:
    """Give the datum that a heading, or the name of a CRS, names; None where it names none.

    Examples
    --------
    >>> datum_in("经度（GCJ-02）"), datum_in("百度纬度"), datum_in("lng")
    ('gcj02', 'bd09', None)
    """
    text = squeeze(written)
    return next((name for name, each in _patterns().items() if each.search(text)), None)


def without_names(folded: str) -> str:
    """Give a folded heading without the datum that it names, and what goes with one."""
    bare = folded
    for each in _patterns().values():
        bare = each.sub("", bare)
    return _AROUND.sub("", bare) or bare


def alike(one: str | None, other: str) -> bool:
    """Tell whether two datums are one, or cannot be told apart."""
    return one is not None and group(one) == group(other)


def group(datum: str) -> tuple[str, ...]:
    """Give a datum with those that cannot be told from it.

    Examples
    --------
    >>> group("wgs84")
    ('cgcs2000', 'wgs84')
    """
    return next(each for each in GROUPS if datum in each)


def datum_of_headings(headings: Iterable[str], named: str | None, *, file: str) -> str | None:
    """Give the datum that the headings of coordinates name, held against the one of the caller.

    Parameters
    ----------
    headings : iterable of str
    named : str, optional
        With --datum.
    file : str
        What messages call the file.

    Raises
    ------
    DatumsMixedError
        If they name several that differ.
    DatumContradictedError
        If they name another than the caller.
    """
    said = {each: datum for each in headings if (datum := datum_in(each)) is not None}
    if not said:
        return None
    written, stated = next(iter(said.items()))
    if not all(alike(each, stated) for each in said.values()):
        raise DatumsMixedError(file=file, written=" / ".join(said))
    check_datum(stated, named, written=written, file=file)
    return stated


def check_datum(stated: str, named: str | None, *, written: str, file: str) -> None:
    """Refuse a datum of the caller that is another than the file states.

    Raises
    ------
    DatumContradictedError
    """
    if named is not None and not alike(stated, named):
        raise DatumContradictedError(file=file, written=written, stated=stated, named=named)
