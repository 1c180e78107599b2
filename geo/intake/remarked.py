"""What of a file is not read, and said so: columns not used, rows that are none."""

from geo.files.headings import fold
from geo.files.table import SHEET_HEADING, Table
from geo.intake.model import Remark
from geo.intake.rejects import ADDED

SHOWN = 8  # lines of a sort that a remark names


def of_table(table: Table, *, used: set[str], private: frozenset[str]) -> tuple[Remark, ...]:
    """Name what of a table is not read.

    Parameters
    ----------
    table : Table
        As it came.
    used : set of str
        Headings that serve a column.
    private : frozenset of str
        Those of personal numbers.

    Returns
    -------
    tuple of Remark
        ROWS.*, COLUMNS.unused and COLUMNS.personal, as far as there is something to say.
    """
    said = _left_out(table)
    taken = {*used, *private, *ADDED, SHEET_HEADING}
    headings = list(map(str, table.cells.columns))
    left = [each for each in headings if each not in taken and fold(each) not in ("", "?")]
    if left:
        said += (Remark("COLUMNS.unused", {"columns": "、".join(left)}),)
    if private:
        listed = [each for each in headings if each in private]
        said += (Remark("COLUMNS.personal", {"columns": "、".join(listed)}),)
    return said


def _left_out(table: Table) -> tuple[Remark, ...]:
    """Name the rows that were not taken for rows, a remark each sort."""
    places: dict[str, list[str]] = {}
    for each in table.left_out:
        places.setdefault(each.why, []).append(each.place)
    return tuple(
        Remark(f"ROWS.{why}", {"lines": "、".join([*at[:SHOWN], *["…"] * (len(at) > SHOWN)])})
        for why, at in sorted(places.items())
    )
