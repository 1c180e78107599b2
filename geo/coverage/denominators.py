"""The same visits against every denominator: households known, dwellings there are, people.

Coverage that looks only at households found overstates itself by those not found (31.5 points on
average in 52 campaigns, "Reveal", PLOS Global Public Health 2025). So the dwellings of the
buildings stand beside the register, and a dwelling that is lived in without a registered household
is a hole: it adds to the denominator and to nothing else.
"""

import numpy as np
import pandas as pd


def against(counts: pd.DataFrame) -> pd.DataFrame:
    """Add coverage against each denominator.

    Parameters
    ----------
    counts : DataFrame, shape (n, k)
        `by_paired`, `known`, `visited_paired`, `registered`, `dwellings`, `eligible`, `holes`,
        `residents`, `residents_reached`, see `geo.frames.MEASURES`.

    Returns
    -------
    DataFrame, shape (n, k + 5)
        The same rows, and NaN where there is nothing to divide by:

        - `rate`: visited by the paired cadre, of the eligible whose state is known;
        - `rate_registered`: visited by the paired cadre, of all registered;
        - `rate_dwellings`: eligible and visited by the paired cadre, of the dwellings of buildings;
        - `rate_occupied`: the same, of the eligible and the holes together;
        - `rate_residents`: residents of these households, of all registered residents.
    """
    return counts.assign(
        rate=share(counts["by_paired"], counts["known"]),
        rate_registered=share(counts["visited_paired"], counts["registered"]),
        rate_dwellings=share(counts["by_paired"], counts["dwellings"]),
        rate_occupied=share(counts["by_paired"], counts["eligible"] + counts["holes"]),
        rate_residents=share(counts["residents_reached"], counts["residents"]),
    )


def share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Divide, NaN where the whole is nothing."""
    divisor = whole.to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = part.to_numpy(dtype=float) / divisor
    return pd.Series(np.where(divisor > 0, ratio, np.nan), index=part.index)
