"""What counts of a text that people type, paste and export; the one place where it is cleaned.

Three forms, each of which holds the one before:

- `visible`: without characters that nobody sees. For text that is stored as it was written.
- `plain`: also without marks that spreadsheets put before text, in half width. For codes, numbers,
  days, flags, categories, headings: what is compared.
- `one_name`: a name as it is shown, with one dot between its parts; `name_key`: what is compared.
"""

import re
import unicodedata
from functools import cache

import numpy as np
import pyarrow as pa

# Format and control characters but for tab and line ends; variation selectors, joiners, fillers.
UNSEEN = (
    r"\x{0}-\x{8}\x{B}\x{C}\x{E}-\x{1F}\x{7F}-\x{9F}\x{AD}\x{34F}\x{61C}\x{115F}\x{1160}"
    r"\x{17B4}\x{17B5}\x{200B}-\x{200F}\x{202A}-\x{202E}\x{2060}-\x{206F}\x{3164}"
    r"\x{FE00}-\x{FE0F}\x{FEFF}\x{FFA0}\x{FFF0}-\x{FFFB}\x{E0000}-\x{E0FFF}"
)
# In Mongolian script they choose a letter's form; elsewhere they are unseen like the others.
_MONGOLIAN_UNSEEN = r"\x{180B}-\x{180F}"
_MONGOLIAN = r"[\x{1820}-\x{18AA}]"
# Of a text in a cell: `="007"`, `=T("007")`, `'007`.
_GUARDED = r'^=\s*(?:[Tt]\s*\(\s*)?"((?:[^"]|"")*)"\s*\)?$'
_APOSTROPHE = r"(?s)^'\s*([^']*|[-=+@＝＋－＠].*)$"
# Of Excel, WPS, LibreOffice and Google; a row of # stands for what was too wide for its column.
SHEET_ERROR = (
    r"^\s*(?:#N/A|#(?:REF|VALUE|DIV/0|NUM|NULL|SPILL|CALC|FIELD|BLOCKED|CONNECT|BUSY|UNKNOWN"
    r"|PYTHON|EXTERNAL|ERROR)!|#NAME\?|#GETTING_DATA|#FMT|Err:\d{3}|#{3,})\s*$"
)
DOTS = "·•・‧･∙⋅˙᛫⸱⸳ꞏ\N{GREEK ANO TELEIA}◦"  # as people type the dot within a name
DOT = "·"
_FULL_STOPS = ".．﹒․。｡"
_HAN = "\u3400-\u9fff\uf900-\ufaff"
_ANY_DOT = rf"[{DOTS}]|(?<=[{_HAN}])[{_FULL_STOPS}](?=[{_HAN}])"
_NAME_DOT = re.compile(rf"\s*(?:{_ANY_DOT})\s*")
_NAME_BLANK = re.compile(rf"(?<=[{_HAN}])\s+(?=[{_HAN}])")
_HEADING_NOISE = re.compile(r"[\s_\-*:#=\"']+")
_BLANKS = re.compile(r"\s+")
_PLAIN_BYTES = np.zeros(256, dtype=np.bool_)
_PLAIN_BYTES[0x20:0x7F] = True


def _for_re(classes: str) -> str:
    r"""Give what RE2 writes as \x{...} as Python's `re` does."""
    return re.sub(r"\\x\{([0-9A-F]+)\}", lambda found: f"\\U{int(found[1], 16):08x}", classes)


_UNSEEN = re.compile(f"[{_for_re(UNSEEN)}]")
_UNSEEN_MONGOLIAN = re.compile(f"[{_for_re(_MONGOLIAN_UNSEEN)}]")
_HAS_MONGOLIAN = re.compile(_for_re(_MONGOLIAN))
_ONE_GUARDED = re.compile(_GUARDED)
_ONE_APOSTROPHE = re.compile(_APOSTROPHE)


@cache
def _half_width() -> dict[int, str]:
    """Map wide forms, radicals and compatibility ideographs to the characters they stand for.

    Not all that NFKC folds: 3① and 31 are two households.
    """
    spans = ((0xFF01, 0xFF5E), (0xFFE0, 0xFFE6), (0x2E80, 0x2FDF), (0xF900, 0xFAFF))
    there = (chr(code) for first, last in spans for code in range(first, last + 1))
    folded = {ord(each): unicodedata.normalize("NFKC", each) for each in there}
    quotes = dict.fromkeys(map(ord, "’‘`"), "'")
    return {code: to for code, to in folded.items() if len(to) == 1 and ord(to) != code} | quotes


def visible(text: str) -> str:
    r"""Give a text without what nobody sees, and without blanks around it.

    Examples
    --------
    >>> visible("\u200b H1\u200b ")
    'H1'
    """
    if text.isascii() and text.isprintable():
        return text.strip()
    if not _HAS_MONGOLIAN.search(text):
        text = _UNSEEN_MONGOLIAN.sub("", text)
    return _UNSEEN.sub("", text).strip()


def plain(text: str) -> str:
    r"""Give what counts of a code, a number, a day or a word.

    Examples
    --------
    >>> plain('="H1"'), plain("'H1"), plain(" Ｈ１\u200b")
    ('H1', 'H1', 'H1')
    """
    if text.isascii() and text.isalnum():
        return text
    text = _UNSEEN_MONGOLIAN.sub("", _UNSEEN.sub("", text)).translate(_half_width())
    return unguarded(" ".join(text.split()))


def squeeze(heading: str) -> str:
    """Give what counts of a heading: no case, width, blanks, nor marks between words."""
    return _HEADING_NOISE.sub("", unicodedata.normalize("NFKC", plain(heading)).casefold())


def unguarded(text: str) -> str:
    """Give a text without the marks by which a spreadsheet was told that it is one."""
    text = text.strip()
    while text.startswith(("=", "'")):
        inside = _without_guard(text)
        if inside == text:
            break
        text = inside
    return text


def _without_guard(text: str) -> str:
    apostrophe = _ONE_APOSTROPHE.match(text)
    if apostrophe is not None:
        return apostrophe[1].strip()
    guarded = _ONE_GUARDED.match(text)
    return text if guarded is None else guarded[1].replace('""', '"').strip()


def one_name(text: str) -> str:
    """Give a name as it is shown: one dot between its parts, no blanks between characters.

    Examples
    --------
    >>> one_name("巴特尔 • 孟和"), one_name("张　三"), one_name("Li  Ming")
    ('巴特尔·孟和', '张三', 'Li Ming')
    """
    shown = _NAME_DOT.sub(DOT, unguarded(visible(text)))
    return _BLANKS.sub(" ", _NAME_BLANK.sub("", shown))


def name_key(text: str) -> str:
    """Give what tells a name from others: no case, width, blanks, dots, nor what nobody sees.

    Examples
    --------
    >>> name_key("巴特尔・孟和") == name_key("巴特尔 孟和"), name_key("City.Noise")
    (True, 'city.noise')
    """
    undotted = _NAME_DOT.sub("", plain(one_name(text)))
    return "".join(unicodedata.normalize("NFKC", undotted).casefold().split())


def is_ascii(cells: pa.Array | pa.ChunkedArray) -> bool:
    """Tell whether texts hold nothing but visible ASCII, from their bytes alone."""
    chunks = cells.chunks if isinstance(cells, pa.ChunkedArray) else [cells]
    buffers = (each.buffers()[2] for each in chunks)
    return all(
        buffer is None or _PLAIN_BYTES[np.frombuffer(buffer, np.uint8)].all() for buffer in buffers
    )
