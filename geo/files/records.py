"""Lines of separated text -> records of cells; a quotation mark never closed costs its own line."""

import csv
from collections import deque
from collections.abc import Iterator
from typing import Any

# A record of more lines has lost a quotation mark.
MOST_LINES = 1000

# The cells of a record, or the text of a line that is none.
Record = list[str] | str
# Its text with its end; where in the file the next begins, where that is known.
Line = tuple[str, int | None]


class Records:
    """Cuts lines into records.

    Gives the cells of each, or a line as it stands, without its end, where a quotation mark in it
    is never closed.

    Parameters
    ----------
    lines : iterator of (str, int or None)
        With their ends, and where in the file the next begins, where that is known.
    separator : str

    Attributes
    ----------
    offset : int or None
        Where in the file the next record begins, where that is known.
    broken_line : int or None
        The number of the first line in which a quotation mark is never closed.
    began : list of int
        The numbers of the lines on which the records last taken begin.
    """

    def __init__(self, lines: Iterator[Line], separator: str) -> None:
        self._lines = lines
        self._separator = separator
        self._again: deque[Line] = deque()
        # Lines in hand, of how many of them whole records are made, and how many came before.
        self._taken: list[Line] = []
        self._whole = 0
        self._before = 0
        self._reader = self._fresh()
        self.offset: int | None = None
        self.broken_line: int | None = None
        self.began: list[int] = []

    def take(self, count: int) -> list[Record]:
        """Give the next records, at most `count`; none at the end."""
        given: list[Record] = []
        self.began = began = []
        while len(given) < count:
            reader = self._reader
            start = reader.line_num
            try:
                for record in reader:
                    given.append(record)
                    began.append(self._before + self._whole + 1)
                    self._whole = reader.line_num - start
                    if len(given) == count:
                        break
                else:
                    self._pass_whole()
                    break
                self._pass_whole()
            except csv.Error as error:
                self._pass_whole()
                began.append(self._before + 1)
                given.append(self._without(str(error)))
        return given

    def _pass_whole(self) -> None:
        lines, self._whole = self._whole, 0
        if lines:
            self.offset = self._taken[lines - 1][1]
        del self._taken[:lines]
        self._before += lines

    def _without(self, error: str) -> Record:
        """Give the first line alone; those behind it are read once more."""
        first, *rest = self._taken
        self._again.extendleft(reversed(rest))
        self._reader = self._fresh()
        del self._taken[1:]
        self._whole = 1
        self._pass_whole()
        if rest or "unexpected end" in error:
            self.broken_line = self.broken_line or self._before
            return first[0].rstrip("\r\n")
        # A mark within a cell, as people type them.
        return next(csv.reader([first[0]], delimiter=self._separator))

    def _fresh(self) -> Any:
        return csv.reader(self._feed(), delimiter=self._separator, strict=True)

    def _feed(self) -> Iterator[str]:
        again, taken = self._again, self._taken
        while (line := again.popleft() if again else next(self._lines, None)) is not None:
            taken.append(line)
            if len(taken) - self._whole > MOST_LINES:
                raise csv.Error("unexpected end")
            yield line[0]
