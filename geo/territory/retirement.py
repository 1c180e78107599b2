"""Codes that a load would retire: a slip in a column of numbers must not cost a community's."""

import pandas as pd

from geo.codes import COMMUNITY_DIGITS
from geo.errors import ConflictError

# Of all codes in force, the share whose retirement is more than a redraw.
MOST = 0.5
LISTED = 3


class CodesRetiredError(ConflictError):
    """A load would retire every code of a community, or most of the territory's."""

    code = "territory.codes_retired"
    zh = (
        "将停用 {count} 个网格编码（现有 {total} 个）：{listed}。"
        "停用的编码不会再用，未载入任何内容。"
        "若边界确已重划，请加 --retire；否则请核对小区编号列（--column external_id=…）和小区范围。"
    )
    en = (
        "{count} grid codes of {total} would be retired: {listed}. They are never used again; "
        "nothing was loaded. If the borders were really redrawn, add --retire; else check the "
        "column of compound numbers (--column external_id=…) and the footprints."
    )


def find_retired(codes: pd.Series, used: pd.DataFrame) -> CodesRetiredError | None:
    """Tell whether numbering leaves a community without any of its codes, or most codes unused.

    A community that was one undivided grid may be divided: that is no loss.

    Parameters
    ----------
    codes : Series of str
        Of the grids to be published.
    used : DataFrame
        See `repository.codes_used`.

    Returns
    -------
    CodesRetiredError or None
        Not raised here.
    """
    known = used.dropna(subset="geometry").drop_duplicates("code")
    if known.empty:
        return None
    community = known["code"].str.slice(0, COMMUNITY_DIGITS)
    still = known["code"].isin(codes)
    undivided = (community.map(community.value_counts()) == 1) & known["external_id"].isna()
    divided = undivided & community.isin(codes.str.slice(0, COMMUNITY_DIGITS))
    gone = ~still & ~divided
    emptied = gone.groupby(community).transform("all")
    if not emptied.any() and gone.sum() <= MOST * len(known):
        return None
    counts = gone[gone].groupby(community).size()
    more = f" … (+{len(counts) - LISTED})" if len(counts) > LISTED else ""
    listed = ", ".join(f"{code}: {count}" for code, count in counts.head(LISTED).items()) + more
    return CodesRetiredError(count=int(gone.sum()), total=len(known), listed=listed)
