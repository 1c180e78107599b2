"""Which heading means which column: by its name, a synonym, or as a Shapefile cut it.

Loads, routes and geocoding all ask here; what they look for is theirs, and how it is said to a
person when it is not there.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from geo.files.datums import alike, datum_in, without_names
from geo.text import squeeze

# Behind a heading: a remark in brackets, the marks of a question.
_REMARK = re.compile(r"(?<=.)(?:\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】|〔[^〔〕]*〕|[?。.!;,、])+$")
# Before it: its number in a questionnaire, or that it must be filled in.
_NUMBER = re.compile(
    r"^(?:【[^【】]*】|\[[^\[\]]*\])?"
    r"(?:(?:q|第|问题)?\d{1,3}(?:题|项)?[、.)]|第\d{1,3}[题项]|q\d{1,3}(?=[^\d])"
    r"|\([\d一二三四五六七八九十]{1,3}\)|[一二三四五六七八九十]{1,3}[、.])?(?=[^\d])"
)
# Their headings may name a datum: 高德经度.
COORDINATES = ("longitude", "latitude", "coordinate", "geometry")
_SHAPEFILE_BYTES = 10


@dataclass
class Match:
    """Where columns stand.

    Parameters
    ----------
    found : dict of str to int
        Column to the position of its heading.
    twice : dict of str to list of int
        Columns that several headings mean.
    """

    found: dict[str, int] = field(default_factory=dict)
    twice: dict[str, list[int]] = field(default_factory=dict)


def fold(heading: str) -> str:
    r"""Give what counts of a heading: no case, width, blanks, marks, number, nor remark behind it.

    Examples
    --------
    >>> fold(" 登记日期（必填） "), fold("Household ID*") == fold("household_id")
    ('登记日期', True)
    >>> fold("3、小区名称："), fold("5.户主\n姓名【必填】"), fold("Q2. Name?"), fold("(一)地址")
    ('小区名称', '户主姓名', 'name', '地址')
    """
    bare = _REMARK.sub("", squeeze(heading))
    return _NUMBER.sub("", bare) or bare


def without_datum(heading: str) -> str:
    """Give what `fold` does, without the datum that a heading of coordinates names.

    Examples
    --------
    >>> without_datum("高德坐标经度"), without_datum("wgs84_lon"), without_datum("X（CGCS2000）")
    ('经度', 'lon', 'x')
    """
    bare = fold(heading)
    return bare if datum_in(heading) is None else without_names(bare)


def cut(name: str, encoding: str) -> str | None:
    """Give a heading as a Shapefile cuts it, to ten bytes; None where it fits.

    With "ascii" as the encoding only names of Latin letters are cut.
    """
    body = name.encode(encoding, "ignore")
    if len(body) <= _SHAPEFILE_BYTES:
        return None
    return body[:_SHAPEFILE_BYTES].decode(encoding, "ignore")


def positions(headings: Sequence[str], named: str) -> list[int]:
    """Give where a heading that somebody named stands: exactly so, else what `fold` calls alike."""
    return [at for at, each in enumerate(headings) if each == named] or [
        at for at, each in enumerate(headings) if fold(each) == fold(named)
    ]


def match(
    headings: Sequence[str],
    sought: Mapping[str, Sequence[str]],
    *,
    taken: Sequence[int] = (),
    datum: str | None = None,
    cut_by: str = "ascii",
) -> Match:
    """Find the headings of columns.

    The name of a column comes first, then its synonyms in their order, then these as a Shapefile
    cuts them, then for coordinates the same with the name of a datum (高德经度). One heading never
    serves two columns: the first that finds it has it.

    Parameters
    ----------
    headings : sequence of str
        Of the file, in order.
    sought : mapping of str to sequence of str
        Column to its synonyms.
    taken : sequence of int
        Positions that serve other columns.
    datum : str, optional
        Of several headings that mean a coordinate, the one that names this datum is taken.
    cut_by : str
        The encoding of a Shapefile's text. Latin names stay cut in whatever is made of it.

    Returns
    -------
    Match
        A column that is not there stands in neither.
    """
    made = Match()
    used = set(taken)
    names = [(column, column) for column in sought]
    names += [(column, name) for column, synonyms in sought.items() for name in synonyms]
    whole = [(column, fold(name)) for column, name in names]
    shortened = [(column, fold(cut(name, cut_by) or name)) for column, name in names]
    for form, meant in ((fold, whole), (fold, shortened), (without_datum, whole)):
        written = [form(heading) for heading in headings]
        for column, name in meant:
            if column in made.found or column in made.twice:
                continue
            if form is without_datum and column not in COORDINATES:
                continue
            free = [at for at, same in enumerate(written) if same == name and at not in used]
            if datum is not None and len(free) > 1:
                free = [at for at in free if alike(datum_in(headings[at]), datum)] or free
            if len(free) > 1:
                made.twice[column] = free
            elif free:
                made.found[column] = free[0]
                used.add(free[0])
    return made
