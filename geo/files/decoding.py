"""Bytes -> text, for every file that is read: the right letters, or a refusal.

Nobody says in which encoding a file is, or says it wrongly. Text is UTF-8 or GB18030, whichever
fits all of it and gives words; what fits both or makes sense in neither has to be named.
"""

import codecs
import re
from functools import partial
from pathlib import Path
from typing import NamedTuple

from geo.errors import FileRefusedError

# Bytes are taken as Chinese where at least this share of the letters are common ones: marks and the
# first level of GB 2312 or Big5. Accented Latin read as Chinese gives rare ones.
_COMMON_SHARE = 0.5
_COMMON_GB2312 = range(0xA1, 0xD8)
_COMMON_BIG5 = range(0xA1, 0xC7)
_CHINESE = ("gbk", "gb2312", "gb18030")
_THREE_BYTES_OF_UTF8 = "\u0800"
_LONG_LETTER = re.compile(rb"[\xe0-\xff]")
_BLOCK_BYTES = 4 << 20
_SAMPLE_BYTES = 64 << 10
_ASCII = bytes(range(128))
# Of common Chinese in GB18030 every fourth letter is also one of UTF-8: six in a row are no chance.
_CERTAIN_BYTES = 12


class Word(NamedTuple):
    """Bytes of a line, a cell or a name; `full` where they may go on behind their end."""

    body: bytes
    full: bool


def guess(words: list[Word], declared: str | None) -> str | None:
    """Choose among UTF-8, GB18030 and what is declared.

    Parameters
    ----------
    words : list of Word
        Of which some are not ASCII.
    declared : str, optional
        What the file says, as Python calls it; not believed where the bytes say otherwise.

    Returns
    -------
    str or None
        None where no encoding gives sense, or two do.
    """
    utf8 = _decoded(words, "utf-8")
    chinese = _share(words, "gb2312", _COMMON_GB2312) >= _COMMON_SHARE
    chinese = chinese and _decoded(words, "gb18030") is not None
    if utf8 is not None and (not chinese or declared == "utf-8" or _is_utf8(words, utf8)):
        return "UTF-8"
    if declared == "big5" and _share(words, "big5", _COMMON_BIG5) >= _COMMON_SHARE:
        return None if chinese else "BIG5"
    if chinese:
        # Two bytes of UTF-8 are also two of GB18030: Greek, say, or Chinese.
        return "GB18030" if utf8 is None or declared in _CHINESE else None
    # A code page of single bytes reads anything, so it is taken last.
    return declared if declared is not None and _decoded(words, declared) is not None else None


def _is_utf8(words: list[Word], text: str) -> bool:
    """Tell UTF-8 from GB18030 that happens to be valid UTF-8, which has letters of two bytes only.

    Such are also those of accented Latin, but there with plain letters beside them in each word.
    """
    accented = [word.body for word in words if not word.body.isascii()]
    return max(text) >= _THREE_BYTES_OF_UTF8 or all(
        body.upper() != body.lower() for body in accented
    )


def _decoded(words: list[Word], encoding: str) -> str | None:
    decoder = codecs.getincrementaldecoder(encoding)
    try:
        return "".join(decoder().decode(word.body, final=not word.full) for word in words)
    except UnicodeDecodeError:
        return None


def _share(words: list[Word], encoding: str, common: range) -> float:
    """Give the share of letters beyond ASCII whose first byte is that of a common one."""
    text = _decoded(words, {"gb2312": "gb18030"}.get(encoding, encoding)) or ""
    beyond = [letter for letter in text if not letter.isascii()]
    taken = [letter.encode(encoding, "ignore")[:1] for letter in beyond]
    return sum(bool(byte) and byte[0] in common for byte in taken) / max(len(beyond), 1)


def encoding_of(path: Path, named: str | None = None) -> str:
    """Find the encoding of a text file, in which all of it is text.

    As named; else UTF-16 by its mark, UTF-8, or GB18030. A sample of the letters beyond ASCII must
    be words in it, see `guess`: any bytes of Latin-1 may be rare characters of GB18030.

    Parameters
    ----------
    path : Path
    named : str, optional
        Any encoding that Python knows.

    Returns
    -------
    str
        As Python calls it; a byte order mark stays in the text.

    Raises
    ------
    FileRefusedError
        If it is not text in that encoding, in none, or could be in two; or the encoding does not
        exist.
    """
    if named is not None:
        check_name(path.name, named)
        if not _Scan(path, named).fits:
            raise _not_text_in(path, named)
        return named
    with path.open("rb") as file:
        mark = file.read(2)
    if mark in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if not _Scan(path, "utf-16").fits:
            raise _not_text_in(path, "utf-16")
        return "utf-16"
    utf8 = _Scan(path, "utf-8")
    if utf8.fits and (utf8.ascii or utf8.long_letters):
        return "utf-8"
    if not utf8.fits and not _Scan(path, "gb18030").fits:
        raise _not_text_in(path, "utf-8 / gb18030")
    sample = _sample(path)
    beyond = sum(len(word.body.translate(None, _ASCII)) for word in sample)
    if utf8.fits and beyond >= _CERTAIN_BYTES:
        return "utf-8"
    found = guess(sample, None)
    if found is None:
        raise FileRefusedError(
            file=path.name,
            problem="its letters are words in neither UTF-8 nor GB18030, or in both; name its "
            "encoding with --encoding (or charset)",
            problem_zh="按 UTF-8 和 GB18030 都读不出文字，或两种都读得通，"
            "请用 --encoding（或 charset）写明编码",
        )
    return found.lower()


def check_name(file: str, encoding: str) -> None:
    """Refuse an encoding that does not exist.

    Raises
    ------
    FileRefusedError
    """
    try:
        "".encode(encoding)
    except LookupError as error:
        raise FileRefusedError(
            file=file,
            problem=f"there is no encoding {encoding!r}; name utf-8 or gb18030",
            problem_zh=f"没有名为“{encoding}”的编码，请用 utf-8 或 gb18030",
        ) from error


def text_of(path: Path, named: str | None = None) -> str:
    """Give the text of a whole file without its byte order mark; see `encoding_of`."""
    return path.read_bytes().decode(encoding_of(path, named)).lstrip("\ufeff")


class _Scan:
    """What all bytes of a file say of an encoding, read block by block.

    Attributes
    ----------
    fits : bool
        All of it is text in the encoding.
    ascii : bool
        Nothing is beyond ASCII.
    long_letters : bool
        A byte is there that in UTF-8 begins a letter of three bytes or more: Chinese, say.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self.fits = self.ascii = True
        self.long_letters = False
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK_BYTES):
                    decoder.decode(block)
                    self.ascii = self.ascii and block.isascii()
                    self.long_letters = self.long_letters or bool(_LONG_LETTER.search(block))
            decoder.decode(b"", final=True)
        except UnicodeError:
            self.fits = False


def _sample(path: Path) -> list[Word]:
    """Take lines that are not ASCII, from the first on."""
    words, size = [], 0
    with path.open("rb") as file:
        for line in iter(partial(file.readline, _SAMPLE_BYTES), b""):
            if not line.isascii():
                body = line.rstrip(b"\r\n")
                words.append(Word(body, full=len(body) == len(line)))
                size += len(line)
            if size >= _SAMPLE_BYTES:
                break
    return words


def _not_text_in(path: Path, encoding: str) -> FileRefusedError:
    return FileRefusedError(
        file=path.name,
        problem=f"it is not text in {encoding}; name its encoding with --encoding (or charset)",
        problem_zh=f"不是 {encoding} 编码的文本，请用 --encoding（或 charset）写明编码",
    )
