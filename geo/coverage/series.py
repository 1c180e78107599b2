"""A grid of today through all months, on one base whatever was redrawn since.

History is recounted from the households that live in the grid today, which is exact. Months of
which only totals of the grids of that time are known (`coverage_total`) are carried over by lineage
weights: the households of the old grid that live in each of today's, by area where nobody lives,
and to the nearest where it lies outside all of today's. Nothing is lost on the way.
"""

from collections.abc import Collection
from datetime import date

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import exists, func, literal, or_, select, text
from sqlalchemy.orm import Session, aliased

from geo.calendar import today
from geo.codes import GRID_DIGITS, community_of
from geo.codes import level as level_of
from geo.coverage.bases import Base, withheld_bases
from geo.coverage.denominators import share
from geo.coverage.lineage import COUNTS, carry
from geo.coverage.repository import counts, first_day
from geo.coverage.rules import month_of
from geo.crs import to_metric
from geo.db import tables as t
from geo.measuring import crs_of
from geo.territory.lineage import explain_missing
from geo.territory.repository import edition, grids

# Months with visits are recounted instead. A grid is taken as the newest edition knows it on the
# last day of the month; where it does not know it then, as it knows it nearest to that day; where
# it does not know it at all, as the last edition did that knew it.
_TOTALS = text(
    """
    SELECT DISTINCT ON (s.id) v.id AS version, s.grid_code AS old, s.month, s.registered,
        s.visited_paired
    FROM (
        SELECT c.*, coverage_first((c.month + interval '1 month')::date) - 1 AS day
        FROM coverage_total AS c
        WHERE NOT EXISTS (SELECT FROM coverage_month AS m WHERE m.month = c.month)
    ) AS s
    JOIN grid_version AS v ON v.code = s.grid_code
    ORDER BY s.id, v.editions @> CAST(:edition AS int) DESC, upper(v.editions) DESC NULLS FIRST,
        greatest(lower(v.valid) - s.day, s.day - upper(v.valid) + 1, 0), lower(v.valid)
    """
)


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
    level = level_of(code)
    recounted = counts(session, COUNTS, level=level, within=code)
    recounted = recounted[recounted["code"] == code]
    if recounted.empty and not _there(session, code):
        raise explain_missing(session, code, today(), edition=known.id)
    carried = carried_totals(session, within=code)
    both = recounted.assign(interpolated=0.0)[["month", *COUNTS, "interpolated"]]
    if len(carried):
        both = pd.concat([both, _summed(carried)]).sort_values("month")
    both = both.reset_index(drop=True)
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


def _there(session: Session, code: str) -> bool:
    version, known = t.GridVersion, edition(session)
    found = exists().where(
        version.code == code,
        version.editions.contains(literal(known.id)),
        version.valid.contains(literal(today())),
    )
    return bool(session.scalar(select(found)))


def carried_totals(session: Session, *, within: str = "") -> pd.DataFrame:
    """Carry stored totals to the level-two grids of today; months with visits are left out.

    Parameters
    ----------
    session : Session
    within : str, optional
        Only grids of today whose codes begin so.

    Returns
    -------
    DataFrame
        See `geo.coverage.lineage.carry`. All grids of a month together add up to what is stored for
        it exactly.
    """
    rows = session.execute(_TOTALS, {"edition": edition(session).id}).all()
    totals = pd.DataFrame(rows, columns=["version", "old", "month", *COUNTS])
    if not rows:
        return pd.DataFrame(columns=["code", "month", *COUNTS, "interpolated"])
    if within:
        reaching = _reaching(session, set(totals["version"]), within)
        totals = totals[totals["version"].isin(reaching)]
    weights = lineage_weights(session, versions=set(totals["version"]))
    by_month = totals[["version", "old", "month"]].merge(weights, on="version")
    carried = carry(totals, by_month)
    return carried[carried["code"].str.startswith(within)] if within else carried


def months_withheld(session: Session, *, code: str, hidden: Collection[str], k: int) -> set[date]:
    """Give the months known only as totals in which too few were registered to tell of a grid.

    Parameters
    ----------
    session : Session
    code : str
        Of a grid of today, of either level.
    hidden : collection of str
        See `geo.coverage.privacy.hidden_codes`.
    k : int
    """
    community = community_of(code)
    parts = carried_totals(session, within=community)[["code", "month", "registered"]]
    if parts.empty:
        return set()
    whole = parts.groupby("month", as_index=False)["registered"].sum().assign(code=community)
    both = pd.concat([whole, parts]).sort_values(["month", "code"], ignore_index=True)
    both["level"] = np.where(both["code"] == community, 1, 2)
    of_totals = {"registered": Base(("registered",), None, COUNTS)}
    away = withheld_bases(both, hidden, k=k, bases=of_totals)["registered"]
    return set(both.loc[away & (both["code"] == code), "month"])


def _reaching(session: Session, versions: Collection[int], within: str) -> set[int]:
    """Give the old grids of which a part may come to lie in a grid of today."""
    old, now, home = t.GridVersion, aliased(t.GridVersion), t.Household
    here = (
        func.length(now.code) == GRID_DIGITS,
        now.editions.contains(literal(edition(session).id)),
        now.valid.contains(literal(today())),
        func.ST_Intersects(now.geom, old.geom),
    )
    lives = exists().where(home.grid_code.startswith(within), func.ST_Covers(old.geom, home.geom))
    reached = or_(exists().where(now.code.startswith(within), *here), lives, ~exists().where(*here))
    return set(session.scalars(select(old.id).where(old.id.in_(list(versions)), reached)))


def lineage_weights(session: Session, *, versions: Collection[int]) -> pd.DataFrame:
    """Say which part of each old grid lives in which grid of today.

    Parameters
    ----------
    session : Session
    versions : collection of int
        Old level-two grids, by the ids of their rows in `grid_version`.

    Returns
    -------
    DataFrame
        `version`, `code`, `weight`: shares of the households that ever lived in the old grid, else
        of its area; they add up to 1 for each old grid. `nearest` where it lies outside all grids
        of today, and all of it goes to the nearest; to the one that sorts first of several.
    """
    then, home = t.GridVersion, t.Household
    chosen = then.id.in_(list(versions))
    lived = session.execute(
        select(then.id, home.grid_code, func.count())
        .join(home, func.ST_Covers(then.geom, home.geom))
        .where(chosen)
        .group_by(then.id, home.grid_code)
    ).all()
    parts = pd.DataFrame(lived, columns=["version", "code", "size"]).assign(nearest=False)
    bare = list(set(versions) - set(parts["version"]))
    shapes = session.execute(
        select(then.id, func.ST_AsBinary(then.geom)).where(then.id.in_(bare)).order_by(then.id)
    ).all()
    if shapes:
        parts = pd.concat([parts, _areas(session, dict(map(tuple, shapes)))], ignore_index=True)
    whole = parts.groupby("version")["size"].transform("sum")
    return parts.assign(weight=parts["size"] / whole)[["version", "code", "weight", "nearest"]]


def _areas(session: Session, bare: dict[int, bytes]) -> pd.DataFrame:
    """Cut old grids without households by the grids of today."""
    present = grids(session, level=2)
    crs = crs_of(present)
    now = to_metric(present.geometry.to_numpy(), crs)
    old = to_metric(shapely.from_wkb([bytes(wkb) for wkb in bare.values()]), crs)
    tree = shapely.STRtree(now)
    one, other = tree.query(old, predicate="intersects")
    area = shapely.area(shapely.intersection(old[one], now[other]))
    cut = area > 0
    one, other, area = one[cut], other[cut], area[cut]
    away = np.setdiff1d(np.arange(len(old)), one)
    # Grids are in the order of their codes, and so are the nearest of one and the same distance.
    lonely, closest = tree.query_nearest(old[away]) if len(away) else np.empty((2, 0), dtype=int)
    _, first = np.unique(lonely, return_index=True)
    closest = [closest[lonely == at].min() for at in lonely[first]]
    return pd.DataFrame(
        {
            "version": np.array(list(bare))[np.r_[one, away].astype(int)],
            "code": present["code"].to_numpy()[np.r_[other, closest].astype(int)],
            "size": np.r_[area, np.ones(len(away))],
            "nearest": np.r_[np.zeros(len(one), bool), np.ones(len(away), bool)],
        }
    )


def _redraws(session: Session, code: str) -> set[date]:
    """Give the months within which an edition moved households into or out of a grid."""
    home, other = t.HouseholdHome, aliased(t.HouseholdHome)
    changed = aliased(t.HouseholdHome)
    before = (
        select(other.grid_code)
        .where(other.household_id == home.household_id, other.edition < home.edition)
        .order_by(other.edition.desc())
    )
    after = (
        select(changed.grid_code, changed.edition)
        .where(changed.household_id == home.household_id, changed.edition > home.edition)
        .order_by(changed.edition)
    )
    here = home.grid_code.startswith(code)
    came, left = before.limit(1).lateral(), after.limit(1).lateral()
    editions = (
        select(home.edition)
        .join(came, literal(value=True))
        .where(here, ~came.c.grid_code.startswith(code))
        .union(
            select(left.c.edition)
            .select_from(home)
            .join(left, literal(value=True))
            .where(here, ~left.c.grid_code.startswith(code))
        )
    )
    starts = first_day(session)
    days = session.scalars(select(t.Edition.valid_from).where(t.Edition.id.in_(editions)))
    return {month_of(day, first_day=starts) for day in days}
