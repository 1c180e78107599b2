"""Doors as people write them -> building, unit and room as they are compared."""

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import NamedTuple

import pandas as pd

from geo.geocoding.engine.numbers import HUNDREDS, TENS, room_key
from geo.geocoding.facts import words
from geo.intake.facts import HERE
from geo.text import plain

_DASHES = re.compile("[‐‑‒–—―−─~/、,;_|]+")
_SEPARATORS = re.compile(r"[-\s.·]+")
_REMARK = re.compile(r"\([^()]*\)")
_WHOLE = re.compile(r"^(\d+)\.0+$")
_ZEROS = re.compile(r"(?<![0-9A-Z])0+(?=\d)")
_MOST = 3
_CACHED = 65_536


class Door(NamedTuple):
    """The parts of a door, each as `part` gives it; "" where it is not said."""

    building: str
    unit: str
    room: str


@cache
def _words() -> dict[str, list[str]]:
    return tomllib.loads(HERE.joinpath("doors.toml").read_text("utf-8"))


@cache
def _edges(name: str) -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Give what stands before and behind the number of a part."""
    before = _either(_words()[f"{name}_before"])
    behind = _either(_words()[f"{name}_behind"])
    return re.compile(f"^(?:{before})+(?=.)"), re.compile(f"(?<=.)(?:{behind})+$")


def _either(marks: list[str]) -> str:
    return "|".join(map(re.escape, sorted(marks, key=len, reverse=True)))


@cache
def _numerals() -> re.Pattern[str]:
    han = "".join(each for each in words()["digits"] if not each.isdigit() or not each.isascii())
    return re.compile(f"[{han}{TENS}{HUNDREDS}]+")


@lru_cache(maxsize=_CACHED)
def _folded(text: str) -> str:
    """Give a text in half width and capitals, its numerals as digits, its dashes as one."""
    text = unicodedata.normalize("NFKC", plain(text)).upper()
    text = _DASHES.sub("-", _REMARK.sub("", text)).strip()
    text = _WHOLE.sub(r"\1", text)
    return _numerals().sub(lambda found: room_key(found[0]), text)


@lru_cache(maxsize=_CACHED)
def part(text: str, name: str) -> str:
    """Give what counts of a building, unit or room.

    Parameters
    ----------
    text : str
    name : {"building", "unit", "room"}

    Examples
    --------
    >>> [part(each, "building") for each in ("1幢", "1号楼", "1.0", "１", "一栋", "01", "A座")]
    ['1', '1', '1', '1', '1', '1', 'A']
    >>> part("二单元", "unit"), part("５０２室", "room"), part("五零二", "room")
    ('2', '502', '502')
    """
    before, behind = _edges(name)
    bare = "".join(_folded(text).split())
    bare = behind.sub("", before.sub("", bare))
    # A dash holds the parts of a made number apart.
    return _ZEROS.sub("", bare).strip("-.").replace("-", ".")


@cache
def _marked() -> re.Pattern[str]:
    building = _either(_words()["building_marks"])
    unit = _either(_words()["unit_marks"])
    return re.compile(
        rf"^(?:(?P<building>.+?)(?:(?:{building})-?|-))?"
        rf"(?:(?P<unit>[^-]+?)(?:{unit})-?)(?P<room>.+)$"
        rf"|^(?P<only>.+?)(?:{building})-?(?P<rest>.+)$"
    )


@lru_cache(maxsize=_CACHED)
def read(text: str, *, inside: bool = False) -> Door | None:
    """Read a door that is written as one text.

    Parameters
    ----------
    text : str
    inside : bool
        The building is known from elsewhere: two numbers are a unit and a room.

    Returns
    -------
    Door or None
        None where it cannot be told which number is what.

    Examples
    --------
    >>> read("1-2-301") == read("1幢2单元301室") == read("一号楼 二单元 301")
    True
    >>> read("3幢501"), read("2-501", inside=True)
    (Door(building='3', unit='', room='501'), Door(building='', unit='2', room='501'))
    """
    folded = _folded(text)
    found = _marked().match("".join(folded.split()))
    if found is None:
        pieces = [each for each in _SEPARATORS.split(folded) if each]
        return _of_pieces(pieces, inside=inside)
    if found["room"] is not None:
        return _door(found["building"] or "", found["unit"], found["room"])
    if found["rest"].endswith(tuple(_words()["unit_marks"])):
        # Nobody said which room.
        return _door(found["only"], found["rest"], "")
    rest = _of_pieces([each for each in _SEPARATORS.split(found["rest"]) if each], inside=True)
    return None if rest is None else rest._replace(building=part(found["only"], "building"))


def _of_pieces(pieces: list[str], *, inside: bool) -> Door | None:
    if not pieces or len(pieces) > _MOST or not any(map(str.isdigit, "".join(pieces))):
        return None
    if len(pieces) == _MOST:
        return _door(*pieces)
    room = pieces[-1]
    first = pieces[0] if len(pieces) > 1 else ""
    return _door("", first, room) if inside else _door(first, "", room)


def _door(building: str, unit: str, room: str) -> Door:
    return Door(part(building, "building"), part(unit, "unit"), part(room, "room"))


def of_rows(read_cells: Mapping[str, pd.Series], index: pd.Index) -> pd.DataFrame:
    """Read the doors of rows, from columns of their parts or one of them all.

    Parameters
    ----------
    read_cells : mapping of str to Series of str, shapes (n,)
        `building`, `unit`, `room` and `door`, as far as they are there.
    index : Index
        Of the rows.

    Returns
    -------
    DataFrame, shape (n, 3)
        `building`, `unit`, `room`: as `part` gives them, "" where not said.
    """
    none = pd.Series("", index=index, dtype="str")
    cells = {
        name: read_cells[name].fillna("").tolist() if name in read_cells else none.tolist()
        for name in ("building", "unit", "room", "door")
    }
    return pd.DataFrame(map(_of_row, *cells.values()), columns=list(Door._fields), index=index)


@lru_cache(maxsize=_CACHED)
def _of_row(building: str, unit: str, room: str, whole: str) -> Door:
    said = Door(part(building, "building"), part(unit, "unit"), part(room, "room"))
    text = room or whole
    if not text or (room and said.building and said.unit):
        return said
    found = read(text, inside=bool(said.building))
    if found is None:
        return said if room else said._replace(room="")
    return Door(said.building or found.building, said.unit or found.unit, found.room)
