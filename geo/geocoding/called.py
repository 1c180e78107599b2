"""What a text calls its compound: the words that are left when all that is known is taken away."""

import re
from functools import lru_cache

from geo.geocoding.engine.normalise import fold, normalise
from geo.geocoding.facts import words
from geo.geocoding.repository import Places

SHORTEST, LONGEST = 2, 20
PRONOUNS = "我他她咱俺你您"
BANNER = ("内蒙古自治区", "内蒙古", "鄂尔多斯市", "鄂尔多斯", "杭锦旗", "杭锦")
# The name ends where the numbers begin: at a digit, or at a numeral that counts buildings, units.
_NUMBER = re.compile(
    r"[0-9#:]|[零一二三四五六七八九十百两幺]+(?=(?:号|栋|幢|座|单元|楼|排|层|室|期|区|院|户|-))|\s-"
)
_NAME = re.compile(r"[^\W\d_]+")


def called(text: str, places: Places) -> str | None:
    """Give the words by which a text names its compound, where they are no name that is known.

    Parameters
    ----------
    text : str
    places : Places
        Towns, communities and compounds with their names.

    Returns
    -------
    str or None
        Folded, 2 to 20 characters; None where the text starts with its numbers, names what is
        beside the place, or its words are a compound's name or by-name already.

    Examples
    --------
    A text 锡尼镇团结社区老粮库楼二单元501, where no compound is called 老粮库楼, calls its compound
    老粮库楼.
    """
    rest = normalise(text).text
    if any(word in rest for word in _fillers("beside")):
        return None  # what it names is beside the place, not the place
    for name in _around(*_names(places)):
        rest = rest.replace(name, " ")
    head = _NUMBER.split(rest, maxsplit=1)[0]
    runs = [run for run in map(_bare, _NAME.findall(head)) if len(run) >= SHORTEST]
    # The last words before the numbers: in front of them stand towns and streets.
    word = runs[-1] if runs else ""
    known = set(map(fold, _compound_names(places)))
    return word if SHORTEST <= len(word) <= LONGEST and word not in known else None


@lru_cache(maxsize=8)
def _around(*names: str) -> tuple[str, ...]:
    """Give the names that may stand around a compound's, folded, the longest first."""
    folded = {fold(name) for name in (*BANNER, *names) if len(name) >= SHORTEST}
    return tuple(sorted(folded, key=lambda name: (-len(name), name)))


def _names(places: Places) -> list[str]:
    names: list[str] = []
    for frame in (places.towns, places.communities):
        names += frame["name"].tolist()
        names += "|".join(frame["aliases"].fillna("")).split("|")
    return [name for name in names if name]


def _compound_names(places: Places) -> list[str]:
    names: list[str] = places.compounds["name"].tolist()
    names += "|".join(places.compounds["aliases"].fillna("")).split("|")
    extra = places.aliases
    return names + extra.loc[extra["target_kind"] == "compound", "alias"].tolist()


def _bare(run: str) -> str:
    """Take off the words around a name that say nothing about where it is."""
    for word in _fillers("filler"):
        # A pronoun alone may begin a name, but not before such a word: 我住在.
        start = run.find(word)
        if start == 0 or (start == 1 and run[0] in PRONOUNS):
            return _bare(run[start + len(word) :])
    return run


@lru_cache(maxsize=2)
def _fillers(part: str) -> tuple[str, ...]:
    facts = words()["filler"]
    # One character is as often the start of a name: 新园, 老粮库.
    longer = {fold(word) for word in facts["words" if part == "filler" else part] if len(word) > 1}
    return tuple(sorted(longer, key=lambda word: (-len(word), word)))
