"""How many households are still to be visited before a share of them is reached."""

import numpy as np
import pandas as pd

# A share such as 0.95 is not exact in binary; without this 95 of 100 would be one too few.
_EPSILON = 1e-9


def remaining(visited: pd.Series, eligible: pd.Series, *, target: float) -> pd.Series:
    """Count the households that are missing to a target.

    Parameters
    ----------
    visited, eligible : Series of int, shapes (n,)
        On the same index.
    target : float
        Share of the eligible, above 0 and at most 1.

    Returns
    -------
    Series of int, shape (n,)
        On that index; 0 where the target is reached or nobody is eligible.

    Examples
    --------
    >>> remaining(pd.Series([153]), pd.Series([200]), target=0.95).tolist()
    [37]
    """
    wanted = np.ceil(eligible.to_numpy(dtype=float) * target - _EPSILON)
    missing = np.maximum(wanted - visited.to_numpy(), 0).astype(np.int64)
    return pd.Series(missing, index=visited.index, name="remaining")
