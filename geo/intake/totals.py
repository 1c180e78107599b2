"""What only totals need: a grid of level two, and no more visited than there are."""

import pandas as pd

from geo.codes import GRID_DIGITS
from geo.intake.problems import Problems


def check(given: dict[str, pd.Series], headings: dict[str, str], problems: Problems) -> None:
    """Note totals of communities, and parts that are more than their whole.

    Parameters
    ----------
    given : dict of str to Series, shapes (n,)
        Canonical column to its values.
    headings : dict
        Canonical column to heading.
    problems : Problems
        Gets TOTAL.level and TOTAL.more.
    """
    code = given["grid_code"]
    above = (code.notna() & (code.str.len() != GRID_DIGITS)).to_numpy(dtype=bool)
    problems.add("TOTAL.level", above, column=headings["grid_code"], value=code)
    part, whole = given["visited_paired"], given["registered"]
    more = (part > whole).fillna(value=False).to_numpy(dtype=bool)
    problems.add(
        "TOTAL.more",
        more,
        column=headings["visited_paired"],
        value=part.astype("str"),
        other_column=headings["registered"],
        other=whole.astype("str"),
    )
