"""Households without coordinates: where their building is, else where their compound is."""

from dataclasses import replace

import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo.intake import stored
from geo.intake.model import Mask
from geo.intake.places import Given


def place(
    session: Session,
    given: Given,
    numbers: pd.Series,
    buildings: pd.Series,
    compounds: pd.Series,
) -> tuple[Given, Mask]:
    """Place the rows that have no coordinate by their building, else by their compound.

    A household that is stored in the same building stays where it is: who knew its coordinate knew
    more.

    Parameters
    ----------
    session : Session
    given : Given, n rows
    numbers, buildings, compounds : Series of str, shape (n,)
        Numbers of the households, their buildings and compounds; missing where not known.

    Returns
    -------
    tuple of Given and ndarray of bool
        With the points; which rows were given one.
    """
    half = np.isfinite(given.x) | np.isfinite(given.y)
    asked = given.blank & ~half & (buildings.notna() | compounds.notna()).to_numpy(dtype=bool)
    if not asked.any():
        return given, asked
    points = _at(stored.building_points(session)["geometry"], buildings)
    coarse = shapely.is_missing(points) & asked
    if coarse.any():
        points = np.where(
            coarse, _at(stored.compound_points(session)["geometry"], compounds), points
        )
    there = stored.household_points(session)
    own = _at(there["geometry"], numbers)
    before = there["building"].reindex(numbers).reset_index(drop=True)
    now = buildings.reset_index(drop=True)
    same = (before.isna() | now.isna() | (before == now)).to_numpy(dtype=bool)
    points = np.where(same & ~shapely.is_missing(own), own, points)
    placed = asked & ~shapely.is_missing(points)
    geometry = given.geometry.copy()
    geometry[placed] = points[placed]
    x, y = given.x.copy(), given.y.copy()
    x[placed], y[placed] = shapely.get_x(points[placed]), shapely.get_y(points[placed])
    return replace(given, geometry=geometry, x=x, y=y, blank=given.blank & ~placed), placed


def _at(points: pd.Series, numbers: pd.Series) -> np.ndarray:
    found = points.reindex(numbers.astype(object))
    return found.where(found.notna(), None).to_numpy(dtype=object)
