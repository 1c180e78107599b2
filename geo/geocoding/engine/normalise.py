"""An address in one form: half width, simplified, capitals, without what is no address.

Folding goes character by character, so that every position can be mapped back to the original.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from geo.geocoding.facts import words

# Longer texts are reports, not addresses; a person reads them.
MAX_LENGTH = 1_000
# NFKC leaves the radicals supplement alone; these are the forms that fonts and scanners produce.
RADICALS = dict(
    zip(
        "⺁⺄⺅⺆⺈⺊⺋⺌⺍⺏⺐⺕⺗⺘⺙⺛⺝⺟⺠⺡⺢⺣⺥⺨⺩⺪⺫⺭⺮⺯⺰⺱⺳⺴⺵⺶⺷⺸⺹⺺⺻⺼⺽⺾⺿⻀⻁⻂⻃⻄⻅⻆⻇⻈⻉⻊⻋⻌⻍⻎⻏⻐⻑⻒⻓⻔⻕⻖⻗⻘⻙⻚⻛⻜⻝⻟⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻲",
        "厂乙人冂刀卜卩小小尢尢彐心手攴无月母民水水火爪犬玉疋目示竹糸纟网网网网羊羊羊老聿聿肉臼艹艹艹虎衣西西见角角讠贝足车辶辶辶邑钅长长长门阜阜雨青韦页风飞食食饣首马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)
DASHES = "-‐‑‒–—―−－﹣﹘~～_=+/\\／＼|｜¦·•・‧･∙⋅.。．｡"  # ー too, which NFKC keeps
DASH = dict.fromkeys(map(ord, DASHES + "ー"), "-")
SPACES = dict.fromkeys(map(ord, ",，、;；!！?？()（）<>《》[]【】{}「」『』“”\"'‘’`^…*@$%&"), " ")
NUMBER_SIGN = dict.fromkeys(map(ord, "#＃♯﹟"), "#")
ZERO = dict.fromkeys(map(ord, "〇○◯零"), "零")
FIRST_HAN, LAST_HAN = 0x3400, 0x9FFF


@cache
def _simplified() -> dict[int, str]:
    """Map every Han character that has another simplified form to that form."""
    # Imported when first needed: the command line's --help must not wait for it.
    import opencc  # noqa: PLC0415

    span = [chr(code) for code in range(FIRST_HAN, LAST_HAN + 1)]
    simple = opencc.OpenCC("t2s").convert("\n".join(span)).split("\n")
    return {ord(a): b for a, b in zip(span, simple, strict=True) if a != b and len(b) == 1}


class _Fold(dict[int, str]):
    """What each character becomes, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        self[code] = folded = _fold_character(chr(code))
        return folded


def _fold_character(character: str) -> str:
    code = ord(character)
    for table in (DASH, NUMBER_SIGN, ZERO, SPACES):
        if code in table:
            return table[code]
    character = RADICALS.get(character, character)
    kind = unicodedata.category(character)
    if kind in {"Cf", "Mn", "Me"}:
        # Variation selectors (Mongolian ones too), joiners, marks: they change no character.
        return ""
    if kind[0] in "CZ" or (kind == "So" and not unicodedata.normalize("NFKC", character).isalnum()):
        # Circled numbers are symbols that NFKC turns into digits; emoji are not.
        return "".join(c for c in unicodedata.normalize("NFKC", character) if c.isalnum()) or " "
    if kind == "Nl" and unicodedata.numeric(character, 0) >= 1:
        # Ⅲ is 3, not three letters.
        return str(int(unicodedata.numeric(character)))
    plain = unicodedata.normalize("NFKC", character)
    if len(plain) > 1 or plain != character:
        simple = _simplified()
        return "".join(
            simple.get(ord(c), c).upper() if c.isalnum() or c in "#-:" else " " for c in plain
        )
    return _simplified().get(code, character).upper()


_FOLD = _Fold()


# Characters set apart one by one, as forms and scanners do: 锦 绣 华 庭 3 号 楼. Numbers alone are
# no such run: 3 2 501 has its spaces for a reason.
_SET_APART = re.compile(r"(?<![^ ])[^ A-Z-](?: [^ A-Z-]){2,}(?![^ ])")
_SYLLABLES = re.compile("(?<![A-Z])[A-Z]{2,6}(?: [A-Z]{2,6})+(?![A-Z])")
_NUMBERS_ONLY = re.compile("[0-9零一二三四五六七八九十两幺 ]+")
# A list of numbers is no run of digits said one by one: 3、5号楼 is not 3 5号楼.
_LISTED = re.compile("(?<=[0-9])、(?=[0-9])")
# A scanner's stroke for a one is told from a separator only where a room must stand.
_STROKE = re.compile(r"(?<=[元单門门])(?=[0-9|!]*[0-9])[0-9|!]{3,4}(?![0-9|!])")


class Normalised(NamedTuple):
    """An address in its folded form.

    Parameters
    ----------
    text : str
        Folded; junk is blanked, so the length is that of the folded text.
    original : str
        As it came.
    folded : str
        Folded, junk still in it.
    closed : tuple of int
        Where spaces between characters that were set apart are left out, before they were.
    """

    text: str
    original: str
    folded: str
    closed: tuple[int, ...] = ()

    def positions(self) -> list[int]:
        """Give the place in the original of every character of the folded text.

        Returns
        -------
        list of int, length len(text) + 1
            The last is the length of the original, so that spans can be mapped by both ends.
        """
        mapped: list[int] = []
        for at, character in enumerate(self.original):
            mapped += [at] * len(_FOLD[ord(character)])
        gone = set(self.closed)
        return [*(at for k, at in enumerate(mapped) if k not in gone), len(self.original)]

    def without(self, at: Collection[int]) -> "Normalised":
        """Leave out spaces that stand within a name.

        Parameters
        ----------
        at : collection of int
            Their positions in `text`.

        Returns
        -------
        Normalised
        """
        if not at:
            return self
        gone, before = set(at), set(self.closed)
        length = len(self.text) + len(before)
        places = [k for k in range(length) if k not in before]
        kept = [k for k in range(len(self.text)) if k not in gone]
        return Normalised(
            "".join(self.text[k] for k in kept),
            self.original,
            "".join(self.folded[k] for k in kept),
            tuple(sorted(before | {places[k] for k in gone})),
        )

    def junk(self) -> list[tuple[int, int]]:
        """Give the spans of the folded text that were blanked as no part of an address.

        Returns
        -------
        list of (start, end)
        """
        return [found.span() for found in _junk().finditer(self.folded)]


@cache
def _junk() -> re.Pattern[str]:
    return re.compile("|".join(words()["junk"]["patterns"]))


@lru_cache(maxsize=64)
def _blank(length: int) -> str:
    return " " * length


def fold(text: str) -> str:
    """Bring every character to one form: NFKC, radicals, simplified, capitals, plain separators.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Every kind of dash, slash and middle dot is "-", other separators are a space; characters
        that do not show are gone, emoji and control characters are a space.

    Examples
    --------
    >>> fold("３號樓－２單元")
    '3号楼-2单元'
    """
    return text.translate(_FOLD)


def normalise(text: str) -> Normalised:
    """Fold an address and blank what is no part of it: telephones, dates, names of recipients.

    Parameters
    ----------
    text : str

    Returns
    -------
    Normalised
    """
    folded = _LISTED.sub("和", _STROKE.sub(_ones, text)).translate(_FOLD)
    closed = tuple(_spaces_within(folded))
    if closed:
        gone = set(closed)
        folded = "".join(c for at, c in enumerate(folded) if at not in gone)
    clean = _junk().sub(lambda found: _blank(found.end() - found.start()), folded)
    return Normalised(clean, text, folded, closed)


def _ones(found: re.Match[str]) -> str:
    return found.group().replace("|", "1").replace("!", "1")


def _spaces_within(folded: str) -> Iterator[int]:
    """Find the spaces between characters, or syllables of pinyin, that were set apart."""
    if " " not in folded:
        return
    for found in _SYLLABLES.finditer(folded):
        yield from (found.start() + at for at, c in enumerate(found.group()) if c == " ")
    for found in _SET_APART.finditer(folded):
        if not _NUMBERS_ONLY.fullmatch(found.group()):
            yield from range(found.start() + 1, found.end(), 2)
