"""Shares to probabilities: one logistic regression a level, fitted on generated addresses."""

from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

LEVELS = ("household", "unit", "building", "compound", "grid", "place")
EDGE = 1e-6
HIGHEST, LOWEST = 0.9995, 0.001


def logit(share: Floats) -> Floats:
    """Give the log odds of shares, those at the edge kept off it.

    Parameters
    ----------
    share : ndarray of float, any shape
        From 0 to 1.

    Returns
    -------
    ndarray of float
        Same shape, from -13.8 to 13.8.
    """
    kept = np.clip(share, EDGE, 1 - EDGE)
    odds: Floats = np.log(kept / (1 - kept))
    return odds


def design(share: Floats, others: Floats) -> Floats:
    """Put the columns of a level's regression together.

    Parameters
    ----------
    share : ndarray of float, shape (n,)
        Share of the weight that the place has at this level.
    others : ndarray of float, shape (n, k)
        See `geo.geocoding.engine.score.features`.

    Returns
    -------
    ndarray of float, shape (n, k + 2)
        A one, the log odds, the others.
    """
    return np.column_stack([np.ones(len(share)), logit(share), others])


def probability(share: Floats, others: Floats, coefficients: Any) -> Floats:
    """Say how probable it is that places are right.

    Parameters
    ----------
    share : ndarray of float, shape (n,)
    others : ndarray of float, shape (n, k)
    coefficients : sequence of float, length k + 2
        One level of `data/calibration.json`.

    Returns
    -------
    ndarray of float, shape (n,)
        0 where the share is 0; never quite 1.
    """
    if not len(share):
        return np.zeros(0)
    linear = design(share, others) @ np.asarray(coefficients, dtype=np.float64)
    chance = np.clip(1 / (1 + np.exp(-np.clip(linear, -30, 30))), LOWEST, HIGHEST)
    given: Floats = np.where(share > 0, chance, 0.0)
    return given


def fit(design_matrix: Floats, right: Floats, *, ridge: float = 1.0, steps: int = 40) -> Floats:
    """Fit a logistic regression by Newton's method.

    Parameters
    ----------
    design_matrix : ndarray of float, shape (n, k)
        The first column is the constant; it is not shrunk.
    right : ndarray of float, shape (n,)
        1 where the place was right, else 0.
    ridge : float, default 1
        Shrinkage of the other coefficients.
    steps : int, default 40

    Returns
    -------
    ndarray of float, shape (k,)
    """
    weights = np.zeros(design_matrix.shape[1])
    penalty = np.eye(len(weights)) * ridge
    penalty[0, 0] = 1e-6
    for _ in range(steps):
        chance = 1 / (1 + np.exp(-np.clip(design_matrix @ weights, -30, 30)))
        slope = design_matrix.T @ (chance - right) + penalty @ weights
        curve = (design_matrix * (chance * (1 - chance))[:, None]).T @ design_matrix + penalty
        step = np.linalg.solve(curve, slope)
        # A long step overshoots where everything is nearly certain.
        weights -= step * min(1.0, 5.0 / (np.abs(step).max() + 1e-12))
    return weights
