"""How a share is written: cut, not rounded, because 99.96 % is not yet 100 %.

The same rule for scripts is in `layers/viewer/shares.js`.
"""

from typing import Any

import numpy as np

TENTH_OF_A_PERCENT = 0.001
# In steps: 0.57 / 0.001 is 569.99... to a machine, and yet 570.
HAIR = 1e-6


def steps(share: Any, step: float = TENTH_OF_A_PERCENT) -> Any:
    """Count the whole steps in a share.

    Parameters
    ----------
    share : float or ndarray of float, any shape
    step : float
        The smallest difference that is shown.

    Returns
    -------
    float or ndarray of float
        Whole numbers; NaN stays NaN.

    Examples
    --------
    >>> float(steps(0.9996)), float(steps(0.57))
    (999.0, 570.0)
    """
    return np.floor(np.asarray(share) / step + HAIR)


def percent(share: float) -> str:
    """Write a share in percent, cut to a tenth; a dash where there is none.

    Examples
    --------
    >>> percent(0.9996), percent(float("nan"))
    ('99.9%', '–')
    """
    return "–" if np.isnan(share) else f"{steps(share) / 10:.1f}%"
