"""The numbers of an address: found, read as digits, each with what the words around it say."""

import re
from functools import cache, lru_cache
from typing import NamedTuple

from geo.geocoding.facts import words

TENS, HUNDREDS = "十拾", "百佰"
LETTERS = "ABCDEFGH甲乙丙丁戊"
LONGEST_RUN = 12
LONGEST_LETTERS = 5
PADDED = (2, 3, 4, 5)
# Shop, cellar and the like: pieces of a room's key beside its number.
SIDE = "D"
BELOW = "负"  # before a floor or room under the ground


class Token(NamedTuple):
    """One number, or one side of a building, in a text.

    Parameters
    ----------
    value : str
        Digits without leading zeros, a letter, or a side.
    slots : str
        What it may be, one letter each: B building, W bungalow row, U unit, F floor, R room, S
        section, D side; empty where nothing says.
    start, end : int
        Where it stands, with its hint.
    other : tuple of str
        Further values it may have, less likely ones.
    misread : str
        As written, where characters had to be taken for the digits they look like.
    raw : str
        Digits with their leading zeros.
    """

    value: str
    slots: str
    start: int
    end: int
    other: tuple[str, ...] = ()
    misread: str = ""
    raw: str = ""


@cache
def _digit() -> dict[str, str]:
    return dict(words()["digits"]) | {str(n): str(n) for n in range(10)}


@cache
def _misread() -> dict[str, str]:
    return dict(words()["misread"])


@cache
def _hints() -> dict[str, str]:
    """Map each hint, misheard ones too, to the slots it allows."""
    listed: dict[str, str] = dict(words()["hints"])
    for right, wrong in words()["misheard"].items():
        listed |= {word: listed[right] for word in wrong if word not in listed}
    return listed


@cache
def _hint_pattern() -> re.Pattern[str]:
    by_length = sorted(_hints(), key=lambda hint: -len(hint))
    # A space or dash may stand between a number and its hint: "3 号楼".
    # 102楼道灯: the stairwell's lamp, not floor 102; 402门口: no unit.
    none = "(?<!楼(?=[道上下顶梯长]))(?<!门(?=[口前外岗卫]))"
    return re.compile(" ?(" + "|".join(map(re.escape, by_length)) + ")" + none)


@cache
def _token_pattern() -> re.Pattern[str]:
    facts = words()
    labels = "|".join(sorted(map(re.escape, facts["labels"]), key=lambda label: -len(label)))
    sides = "|".join(sorted(map(re.escape, facts["sides"]), key=lambda side: -len(side)))
    numerals = "".join(facts["digits"]) + TENS + HUNDREDS
    letters = "".join(facts["misread"]) + LETTERS
    return re.compile(
        f"(?P<label>{labels})(?=[: -]*(?:[0-9{numerals}]|[A-H][0-9]{{0,2}}(?![A-Z0-9])))"
        f"|(?P<below>负)?(?P<run>[0-9{numerals}{letters}]+)"
        f"|(?P<side>{sides})(?P<after>单元|户|边户|边|侧|手边|手|首|面|屋|室)?(?!第)"
    )


@cache
def _spaced() -> re.Pattern[str]:
    numerals = "0-9" + "".join(words()["digits"])
    # Digits dictated one by one: "5 0 1", "五 零 一"; not "3 2 501".
    return re.compile(
        f"(?<![{numerals}])[{numerals}](?:[ ][{numerals}])+(?![{numerals}]| [{numerals}]{{2}})"
    )


def _close_up(text: str) -> str:
    """Move the digits of spaced numbers together, the spaces behind, so that positions hold."""

    def closed(found: re.Match[str]) -> str:
        run = found.group()
        digits = run.replace(" ", "")
        follows = _hint_pattern().match(text, found.end())
        if len(digits) == 2 and not follows:  # noqa: PLR2004
            return run
        return " " * (len(run) - len(digits)) + digits

    return _spaced().sub(closed, text)


@lru_cache(maxsize=65_536)
def _chinese(run: str) -> str:
    """Read Chinese numerals: 五零一 and 五百零一 are 501, 十二 is 12."""
    digit = _digit()
    if not any(c in TENS + HUNDREDS for c in run):
        return "".join(digit[c] for c in run)
    total, last, after = 0, 0, ""
    for at, c in enumerate(run):
        if c in HUNDREDS:
            total, last = total + (last or 1) * 100, 0
        elif c in TENS:
            tail = run[at + 1 :]
            if len(tail) > 1 and not any(x in TENS + HUNDREDS for x in tail):
                # 十二零一 is twelve, then 01: the floor and its flat.
                return str(total + (last or 1) * 10 + int(digit[tail[0]])) + "".join(
                    digit[x] for x in tail[1:]
                )
            total, last = total + (last or 1) * 10, 0
        else:
            last = int(digit[c])
        after = c
    # 五百二 is five hundred and twenty in speech.
    if len(run) > 2 and run[-2] in HUNDREDS and after not in TENS + HUNDREDS:  # noqa: PLR2004
        last *= 10
    return str(total + last)


@lru_cache(maxsize=65_536)
def _values(run: str) -> tuple[tuple[str, ...], str]:
    """Give the ways to read a run of numerals and letters, the likeliest first."""
    digit, misread = _digit(), _misread()
    if run.isascii() and run.isdigit():
        return (run,), ""
    letters = [c for c in run if c not in digit and c not in TENS + HUNDREDS]
    if not letters:
        return _numeral(run), ""
    if run[0] in LETTERS and len(letters) == 1 and _HAN_NUMERAL.fullmatch(run, 1):
        # B二号楼 is B2.
        return (run[0] + _chinese(run[1:]),), ""
    as_digits = "".join(digit.get(c) or misread.get(c, "") for c in run)
    readable = len(as_digits) == len(run) and not any(c in TENS + HUNDREDS for c in run)
    if run[0] in LETTERS and (len(run) == 1 or (run[1:].isdigit() and len(run) <= 3)):  # noqa: PLR2004
        return (run, as_digits) if readable else (run,), run
    return ((as_digits,) if readable else ()), run


_HAN_NUMERAL = re.compile("[^0-9A-Z]+")


def _numeral(run: str) -> tuple[str, ...]:
    """Read numerals of one kind, or digits of both kinds; nothing for 5十."""
    if _HAN_NUMERAL.fullmatch(run):
        return (_chinese(run),)
    if any(c in TENS + HUNDREDS for c in run):
        return ()
    return ("".join(_digit()[c] for c in run),)


def _strip(value: str) -> str:
    return value.lstrip("0") or "0" if value.isdigit() else value


# Words in Latin letters between numbers: 3D2U501, 2DY501, 5F501, 3haolou2danyuan501.
_LATIN = (
    (re.compile("(?<=[0-9]) ?(?:HAOLOU|DONG|ZHUANG|LOU)(?![A-Z])"), "号楼"),
    (re.compile("(?<=[0-9]) ?(?:DANYUAN|DY|MEN)(?![A-Z])"), "单元"),
    (re.compile("(?<=[0-9]) ?(?:SHI|FANG)(?![A-Z])"), "室"),
    (re.compile("(?<=[0-9])F(?=[0-9 -]|$)"), "层"),
    (re.compile("(?<=[0-9])D(?=[0-9]{1,2}(?:U|单|-))"), "栋"),
    (re.compile("(?<=[0-9])U(?=-?[0-9]{3,4}(?![0-9]))"), "单"),
)
_LATIN_THERE = re.compile("[0-9] ?[A-Z]")


def _in_han(text: str) -> str:
    """Write hints in Latin letters in Chinese, filled with spaces, so that positions hold."""
    if not _LATIN_THERE.search(text):
        return text
    for pattern, hint in _LATIN:
        text = pattern.sub(
            lambda found, hint=hint: hint.ljust(found.end() - found.start()),  # type: ignore[misc]
            text,
        )
    return text


@lru_cache(maxsize=16_384)
def tokens(text: str) -> tuple[Token, ...]:
    """Find the numbers of a text.

    Parameters
    ----------
    text : str
        Folded; names that were recognised blanked.

    Returns
    -------
    tuple of Token
        In the order of the text.

    Examples
    --------
    >>> [(token.value, token.slots) for token in tokens("3号楼二单元五零一")]
    [('3', 'B'), ('2', 'U'), ('501', '')]
    """
    text = _in_han(_close_up(text))
    found: list[Token] = []
    at, label, end = 0, "", 0
    pattern, hint_pattern = _token_pattern(), _hint_pattern()
    while match := pattern.search(text, at):
        at = match.end()
        if match["label"]:
            label = words()["labels"][match["label"]]
            end = at
            continue
        if match["side"]:
            # A side counts right behind a number or its hint (5楼东), a shop anywhere.
            long = len(match["side"]) > 1
            if long or (match["after"] and not found) or (found and match.start() - end <= 1):
                value = words()["sides"][match["side"]]
                slot = "U" if match["after"] == "单元" else SIDE
                found.append(Token(value, slot, match.start(), at))
                end = at
            continue
        run = match["run"]
        if len(run) > LONGEST_RUN:
            label = ""
            continue
        run_tokens = _of_run(text, run, match.start("run"), hint_pattern, label, end)
        if match["below"] and run_tokens:
            run_tokens[0] = run_tokens[0]._replace(value=BELOW + run_tokens[0].value)
        label = ""
        if run_tokens:
            found += run_tokens
            at = end = run_tokens[-1].end
    return tuple(found)


def _of_run(
    text: str, run: str, start: int, hints: re.Pattern[str], label: str, behind: int
) -> list[Token]:
    """Make the tokens of one run: mostly one; two where 一 stands for a dash."""
    stop, first = start + len(run), not behind
    hint = hints.match(text, stop)
    slots = _hints()[hint[1]] if hint else ""
    end = hint.end() if hint else stop
    if hint and label and (hint.group().startswith(" ") or _labels_next(text, hint)):
        # 单元:2 房号:501, 楼3单元2: the word behind the number labels the next one.
        slots, end = "", stop
    dashes = re.split("(?<=[0-9])[一十](?=[0-9])", run)
    if len(dashes) > 1 and all(part.isdigit() and part.isascii() for part in dashes):
        # 3一2一501: a scanner read the dashes so.
        last = [Token(_strip(dashes[-1]), slots or label, start, end, raw=dashes[-1])]
        return [Token(_strip(p), "", start, end, raw=p) for p in dashes[:-1]] + last
    values, misread = _values(run)
    known = slots or label or start == behind > 0
    if not values or (not known and not _stands_alone(text, run, start, stop, first=first)):
        return []
    value, other = values[0], tuple(_strip(v) for v in values[1:])
    if misread and len(run) == 1 and value == run and not slots and run not in LETTERS:
        return []
    stripped = _strip(value)
    # 0501 and 01301 are rooms with a zero in front; longer runs may be 030501, three numbers.
    raw = stripped if len(value) in PADDED else value
    return [Token(stripped, slots or label, start, end, other, misread, raw)]


def _labels_next(text: str, hint: re.Match[str]) -> bool:
    """Tell whether a word behind a number is a label of the number behind it."""
    label = _token_pattern().match(text, hint.start(1))
    if label is None or not label["label"]:
        return False
    return text[label.end() : label.end() + 1].isdigit()


def _stands_alone(text: str, run: str, start: int, stop: int, *, first: bool) -> bool:
    """Tell whether a run without a hint is a number and no part of a word."""
    if any(c.isdigit() and c.isascii() for c in run):
        return True
    before = text[start - 1] if start else " "
    after = text[stop] if stop < len(text) else " "
    closed = after in " -#:" or after.isdigit()
    if all(c in _misread() or c in LETTERS for c in run):
        # Letters alone count between separators, behind another number.
        ahead = run in LETTERS and text[stop:].lstrip(" :#-")[:1].isdigit()
        begins = not first or after == "-" or ahead
        return closed and before in " -的" and len(run) < LONGEST_LETTERS and begins
    return len(run) > 1 or (closed and (before in " -#:" or not first))


@lru_cache(maxsize=65_536)
def room_key(room: str) -> str:
    """Give the key under which a room is looked up: 0501, 501室 and 五零一 are one room.

    Parameters
    ----------
    room : str
        Folded.

    Returns
    -------
    str
        Numbers and sides joined by dots: "501", "5.1", "5.东", "1.铺"; as written where there is
        neither.
    """
    found = tokens(room)
    return ".".join(token.value for token in found) if found else room.strip()


@lru_cache(maxsize=65_536)
def unit_key(unit: str) -> str:
    """Give the key under which a unit is looked up: 2, 2单元 and 二单元 are one unit.

    Parameters
    ----------
    unit : str
        Folded.

    Returns
    -------
    str
    """
    found = tokens(unit)
    return found[0].value if found else unit.strip().removesuffix("单元")


class BuildingKey(NamedTuple):
    """How a building is looked up.

    Parameters
    ----------
    number : str
        Its number or letter; as written where it has neither.
    section : str
        The part of the compound it is in, or empty: A区3号楼 is in A.
    row : bool
        It is a row of bungalows.
    literal : bool
        It has no number and must be found by its name.
    """

    number: str
    section: str
    row: bool
    literal: bool


@lru_cache(maxsize=65_536)
def building_key(name: str) -> BuildingKey:
    """Give the key under which a building is looked up.

    Parameters
    ----------
    name : str
        Folded: "3号楼", "1排", "A座", "A区3号楼", "综合楼".

    Returns
    -------
    BuildingKey
    """
    found = [token for token in tokens(name) if token.slots != SIDE]
    if not found:
        return BuildingKey(name.strip(), "", row=False, literal=True)
    sections = [token.value for token in found if "S" in token.slots]
    numbered = [token for token in found if "S" not in token.slots]
    if not numbered:
        return BuildingKey(found[-1].value, "", row=False, literal=False)
    return BuildingKey(
        numbered[-1].value,
        sections[0] if sections else "",
        row="W" in numbered[-1].slots,
        literal=False,
    )
