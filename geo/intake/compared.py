"""Addresses beside coordinates: where the two are far apart, one of them is wrong."""

import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from geo import crs
from geo.intake.model import Mask, Remark
from geo.intake.places import Given
from geo.measuring import choose
from geo.settings import Settings

SHOWN_ROWS = 5


def far(
    session: Session,
    given: Given,
    addresses: pd.Series,
    line: np.ndarray,
    good: Mask,
    *,
    settings: Settings,
) -> tuple[Remark, ...]:
    """Find rows whose address certainly means a place far from their coordinate.

    Reading addresses takes a hundred times as long as looking up points: of many only some are
    read, evenly over the file.

    Parameters
    ----------
    session : Session
    given : Given, n rows
        The coordinates of the file.
    addresses : Series of str, shape (n,)
    line : ndarray of int, shape (n,)
        Of the rows, for the remark.
    good : ndarray of bool, shape (n,)
        Rows that nothing is wrong with.
    settings : Settings
        `address_far_m`, `address_checks` and `geocode_accept` count here.

    Returns
    -------
    tuple of Remark
        ADDRESS.far where there are any, ADDRESS.some where not all addresses were read.
    """
    there = good & addresses.notna().to_numpy(dtype=bool) & ~shapely.is_missing(given.geometry)
    codes, distinct = pd.factorize(addresses.where(there))
    if not len(distinct) or not settings.address_checks:
        return ()
    chosen = _evenly(len(distinct), settings.address_checks)
    meant = np.append(np.full(len(distinct), None, dtype=object), [None])
    meant[chosen] = _places(session, [str(distinct[at]) for at in chosen], settings)
    measured = choose(tuple(shapely.total_bounds(given.geometry[there])))
    apart_m = shapely.distance(
        crs.to_metric(meant[codes], measured), crs.to_metric(given.geometry, measured)
    )
    with np.errstate(invalid="ignore"):
        at = np.flatnonzero(apart_m > settings.address_far_m)
    remarks = []
    if at.size:
        shown = at[np.argsort(-apart_m[at], kind="stable")][:SHOWN_ROWS]
        examples = ", ".join(f"{line[row]} ({apart_m[row] / 1000:.1f} km)" for row in shown)
        values = {"count": at.size, "limit_m": settings.address_far_m, "examples": examples}
        remarks.append(Remark("ADDRESS.far", values))
    if len(chosen) < len(distinct):
        remarks.append(Remark("ADDRESS.some", {"count": len(chosen), "total": len(distinct)}))
    return tuple(remarks)


def _evenly(count: int, most: int) -> np.ndarray:
    if count <= most:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, most).astype(np.int64))


def _places(session: Session, texts: list[str], settings: Settings) -> np.ndarray:
    """Give the points that addresses certainly mean; None where they are not certain."""
    # Here, as most loads compare nothing and need not wait for all that reads addresses.
    from geo.geocoding import service  # noqa: PLC0415

    found = service.located(service.load(session, settings=settings), texts, settings=settings)
    sure = found["accepted"].to_numpy(dtype=bool)
    x, y = (found[axis].astype(float).where(sure) for axis in ("longitude", "latitude"))
    return crs.points(longitude=x, latitude=y, datum="cgcs2000")
