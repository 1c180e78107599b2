"""A grid of today through all months, on one base whatever was redrawn since.

History is recounted from the households that live in the grid today, which is exact. Months of
which only totals of the grids of that time are known (`coverage_total`) are carried over by lineage
weights: the households of the old grid that live in each of today's, by area where nobody lives.
"""

from collections.abc import Collection
from datetime import date, timedelta

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import func, literal, select
from sqlalchemy.orm import Session, aliased

from geo.coverage.denominators import share
from geo.coverage.lineage import COUNTS, carry
from geo.coverage.repository import counts, first_day, months
from geo.coverage.rules import ends, month_of
from geo.crs import to_metric
from geo.db import tables as t
from geo.errors import GridNotFoundError
from geo.territory.repository import edition, grids

LEVEL_ONE = 12  # digits of a code


def series(session: Session, *, code: str) -> pd.DataFrame:
    """Give the months of one grid of today, of either level.

    Parameters
    ----------
    session : Session
    code : str

    Returns
    -------
    DataFrame
        See `geo.frames.SERIES`, by month. `interpolated` is the share of `registered` that had to
        be carried over; `redraw` marks months within which an edition gave the grid households or
        took some.

    Raises
    ------
    EditionNotFoundError
        If nothing is published.
    GridNotFoundError
        If there is no such grid today.
    """
    known = edition(session)
    recounted = counts(session, COUNTS, level=1 if len(code) == LEVEL_ONE else 2)
    recounted = recounted[recounted["code"] == code]
    if recounted.empty and code not in set(grids(session)["code"]):
        raise GridNotFoundError(grid=code, at=known.valid_from)
    carried = carried_totals(session)
    carried = carried[carried["code"].str[: len(code)] == code]
    both = pd.concat(
        [recounted.assign(interpolated=0.0)[["month", *COUNTS, "interpolated"]], _summed(carried)],
        ignore_index=True,
    ).sort_values("month", ignore_index=True)
    both.insert(0, "code", code)
    return both.assign(
        rate=share(both["visited_paired"], both["registered"]),
        redraw=both["month"].isin(_redraws(session, code)),
    )


def _summed(carried: pd.DataFrame) -> pd.DataFrame:
    """Add up the level-two grids of a code, month by month."""
    guessed = carried["interpolated"] * carried["registered"]
    sums = carried.assign(guessed=guessed).groupby("month")[[*COUNTS, "guessed"]].sum()
    sums["interpolated"] = share(sums.pop("guessed"), sums["registered"]).fillna(0)
    return sums.reset_index()


def carried_totals(session: Session) -> pd.DataFrame:
    """Carry all stored totals to the level-two grids of today; months with visits are left out.

    Parameters
    ----------
    session : Session

    Returns
    -------
    DataFrame
        See `geo.coverage.lineage.carry`. Each month adds up to what is stored for it exactly, but
        for grids that the newest edition does not know on its last day.
    """
    total = t.CoverageTotal
    columns = [
        total.grid_code.label("old"),
        total.month,
        *(getattr(total, name) for name in COUNTS),
    ]
    rows = session.execute(select(*columns).where(total.month.not_in(months(session)))).all()
    totals = pd.DataFrame(rows, columns=["old", "month", *COUNTS])
    starts = first_day(session)
    weights = []
    for month in sorted(set(totals["month"])):
        old = totals["old"][totals["month"] == month]
        on = ends(month, first_day=starts)
        weights.append(lineage_weights(session, on=on, codes=old).assign(month=month))
    columns_of = ["old", "code", "weight", "month"]
    return carry(totals, pd.concat(weights) if weights else pd.DataFrame(columns=columns_of))


def lineage_weights(session: Session, *, on: date, codes: Collection[str]) -> pd.DataFrame:
    """Say which part of each old grid lives in which grid of today.

    Parameters
    ----------
    session : Session
    on : date
        First day after the old grids' month, as the newest edition knows them.
    codes : collection of str
        Old level-two grids.

    Returns
    -------
    DataFrame
        `old`, `code`, `weight`: shares of the households that ever lived in the old grid, else of
        its area; they add up to 1 for each old grid.
    """
    known, version, home = edition(session), t.GridVersion, t.Household
    then = (
        select(version.code, version.geom)
        .where(
            version.code.in_(list(codes)),
            version.editions.contains(literal(known.id)),
            version.valid.contains(literal(on - timedelta(days=1))),
        )
        .subquery()
    )
    lived = session.execute(
        select(then.c.code, home.grid_code, func.count())
        .join(home, func.ST_Covers(then.c.geom, home.geom))
        .group_by(then.c.code, home.grid_code)
    ).all()
    parts = pd.DataFrame(lived, columns=["old", "code", "size"])
    shapes = session.execute(select(then.c.code, func.ST_AsBinary(then.c.geom))).all()
    bare = {name: bytes(wkb) for name, wkb in shapes if name not in set(parts["old"])}
    parts = pd.concat([parts, _areas(session, bare)], ignore_index=True)
    whole = parts.groupby("old")["size"].transform("sum")
    return parts.assign(weight=parts["size"] / whole)[["old", "code", "weight"]]


def _areas(session: Session, bare: dict[str, bytes]) -> pd.DataFrame:
    """Cut old grids without households by the grids of today."""
    if not bare:
        return pd.DataFrame(columns=["old", "code", "size"])
    present = grids(session, level=2)
    now = to_metric(present.geometry.to_numpy())
    old = to_metric(shapely.from_wkb(list(bare.values())))
    one, other = shapely.STRtree(now).query(old, predicate="intersects")
    area = shapely.area(shapely.intersection(old[one], now[other]))
    frame = pd.DataFrame(
        {
            "old": np.array(list(bare))[one],
            "code": present["code"].to_numpy()[other],
            "size": area,
        }
    )
    return frame[frame["size"] > 0]


def _redraws(session: Session, code: str) -> set[date]:
    """Give the months within which an edition moved households into or out of a grid."""
    after, before = aliased(t.HouseholdHome), aliased(t.HouseholdHome)
    last = (
        select(before.grid_code)
        .where(before.household_id == after.household_id, before.edition < after.edition)
        .order_by(before.edition.desc())
        .limit(1)
        .lateral()
    )
    digits = len(code)
    moved = (func.left(after.grid_code, digits) == code) != (
        func.left(last.c.grid_code, digits) == code
    )
    query = (
        select(t.Edition.valid_from)
        .join(after, after.edition == t.Edition.id)
        .join(last, literal(value=True))
        .where(moved)
        .distinct()
    )
    starts = first_day(session)
    return {month_of(day, first_day=starts) for day in session.scalars(query)}
