"""Sheets of cells: where their headings stand, and which of several sheets are read."""

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from geo.files.headings import fold
from geo.files.model import Passed, refused
from geo.files.workbook_process import Merged

# How far down the headings may stand, below a title and remarks.
HEADING_ROWS = 10
# 填报日期：2026年11月1日
_FILLED_IN = re.compile(r"^[^:：]{1,12}[:：]\s*\S")


@dataclass(frozen=True)
class Sheet:
    """A sheet as it stands.

    Parameters
    ----------
    name : str
    visible : bool
    rows : list of lists
        From its first row and column on, whatever is empty; of several lengths.
    merged : tuple
        First and last row and column of cells that are one.
    """

    name: str
    visible: bool
    rows: list[list[Any]] = field(default_factory=list)
    merged: tuple[Merged, ...] = ()


@dataclass(frozen=True)
class Headed:
    """A sheet whose headings were found.

    Parameters
    ----------
    sheet : Sheet
    headings : tuple of str
        Without blanks around them; as far as the last that is not blank.
    top, first : int
        Index of their own row, or of the upper of two, and of the first row below them.
    found : frozenset of str
        Those that are known, folded.
    """

    sheet: Sheet
    headings: tuple[str, ...]
    top: int
    first: int
    found: frozenset[str]

    @property
    def filled(self) -> bool:
        """Some row below the headings is not blank."""
        return any(is_filled(row) for row in self.sheet.rows[self.first :])

    @property
    def above(self) -> tuple[str, ...]:
        """What stands above the headings."""
        texts = (text for at in range(self.top) for text in _texts(self.sheet, at))
        return tuple(filter(None, texts))

    def body(self) -> list[list[Any]]:
        """Give the rows below the headings; what is merged downwards stands in each of its rows."""
        rows = self.sheet.rows[self.first :]
        for top, left, bottom, _ in self.sheet.merged:
            if bottom > top and self.first <= top < len(self.sheet.rows):
                first = rows[top - self.first]
                value = first[left] if left < len(first) else ""
                for row in rows[top - self.first + 1 : bottom - self.first + 1]:
                    row.extend([""] * (left + 1 - len(row)))
                    row[left] = value
        return rows


def headed(sheet: Sheet, known: frozenset[str]) -> Headed:
    """Find the row, or the two rows, of headings among the first ten that are not blank.

    Those that hold most of the known headings; where none does, the first row that is no title, of
    one cell above rows of several, nor says who filled the list in. Of two rows that
    are headings together the lower cell counts where it has text, else the upper; a merged cell
    has its text in all its width.
    """
    at = [index for index, row in enumerate(sheet.rows) if is_filled(row)][: HEADING_ROWS + 1]
    one = [(index, index + 1, _texts(sheet, index)) for index in at[:HEADING_ROWS]]
    two = [
        (upper, lower + 1, _stacked(_widened(sheet, upper), _texts(sheet, lower)))
        for upper, lower in itertools.pairwise(at)
        if lower == upper + 1
    ]
    best: Headed | None = None
    titles = _titles(one)
    # Where no heading is known, the first row below the titles has them.
    one = [*one[titles:], *one[:titles]]
    for top, first, texts in (*one, *two):
        found = frozenset(map(fold, filter(None, texts))) & known
        if best is None or len(found) > len(best.found):
            width = max((n + 1 for n, text in enumerate(texts) if text), default=0)
            best = Headed(sheet, tuple(texts[:width]), top, first, found)
    return best or Headed(sheet, (), 0, 0, frozenset())


def _titles(rows: list[tuple[int, int, list[str]]]) -> int:
    """Give how many rows at the top are titles, or say who filled the list in and when."""
    filled = [list(filter(None, texts)) for _, _, texts in rows]
    count = 0
    for at, texts in enumerate(filled):
        wider = any(len(each) > max(len(texts), 1) for each in filled[at + 1 :])
        if not wider or not (len(texts) == 1 or all(map(_FILLED_IN.match, texts))):
            break
        count += 1
    return count


def _texts(sheet: Sheet, index: int) -> list[str]:
    return ["" if value is None else str(value).strip() for value in sheet.rows[index]]


def _widened(sheet: Sheet, index: int) -> list[str]:
    texts = _texts(sheet, index)
    for top, left, bottom, right in sheet.merged:
        if top <= index <= bottom and left < right and left < len(texts):
            texts.extend([""] * (right + 1 - len(texts)))
            texts[left : right + 1] = [texts[left]] * (right + 1 - left)
    return texts


def _stacked(upper: list[str], lower: list[str]) -> list[str]:
    width = max(len(upper), len(lower))
    upper, lower = (each + [""] * (width - len(each)) for each in (upper, lower))
    return [below or above for above, below in zip(upper, lower, strict=True)]


def is_filled(row: Sequence[Any]) -> bool:
    """Tell whether some cell of a row is not blank."""
    return any(value is not None and value != "" and str(value).strip() for value in row)


def choose(
    path: Path, there: Sequence[Sheet], known: frozenset[str], *, named: bool
) -> tuple[list[Headed], list[Passed]]:
    """Choose the sheets to read, and say why the others are not.

    Parameters
    ----------
    path : Path
    there : sequence of Sheet
        Of one workbook.
    known : frozenset of str
        Folded headings that mean something.
    named : bool
        Somebody named the sheet: it is the only one, and read even if it is hidden.

    Returns
    -------
    tuple of list of Headed and list of Passed
        At least one is read: the one that has most of the known headings, the first of several;
        with it all that have the same known headings. Hidden sheets are not read.

    Raises
    ------
    FileRefusedError
        If all sheets that have rows are hidden.
    """
    found = [headed(each, known) for each in there]
    if named:
        return found, []
    seen = [each for each in found if each.sheet.visible]
    usable = [each for each in seen if any(map(is_filled, each.sheet.rows))]
    if not usable and any(each.filled for each in found):
        listed = ", ".join(each.sheet.name for each in found if each.filled)
        raise refused(
            path,
            f"the sheets that have rows are hidden ({listed}); name one with --sheet",
            f"有数据的工作表均已隐藏（{listed}），请用 --sheet 写明",
        )
    best = max(usable or seen or found, key=lambda each: (len(each.found), each.filled))
    taken = [best, *(each for each in usable if each is not best and each.found == best.found)]
    if not best.found:
        taken = [best]
    order = {each.sheet.name: place for place, each in enumerate(found)}
    taken.sort(key=lambda each: order[each.sheet.name])
    return taken, [_passed(each) for each in found if each not in taken]


def _passed(each: Headed) -> Passed:
    name = each.sheet.name
    if not any(map(is_filled, each.sheet.rows)):
        return Passed(name, "empty", "空白")
    if not each.sheet.visible:
        return Passed(name, "hidden", "已隐藏")
    if not each.found:
        return Passed(name, "without these headings", "没有所需表头")
    return Passed(name, "with other headings", "表头不同")
