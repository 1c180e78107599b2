"""The codes of level-two grids: the community's 12 digits and a sequence, never given twice."""

import math
import re

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.codes import COMMUNITY_CODE, COMMUNITY_DIGITS, GRID_DIGITS
from geo.crs import to_metric
from geo.errors import CodeError, InputError
from geo.measuring import crs_of

MOST_GRIDS = 999
# Polygons are the same place where this share of what they cover together is covered by both.
SAME_SHARE = 0.9


class TooManyGridsError(InputError):
    """A community has no sequence numbers left."""

    code = "territory.too_many_grids"
    zh = "社区 {community} 的二级网格序号已用完（上限 999）。请先拆分该社区。"
    en = "Community {community} has no grid numbers left (999 at most). Split the community first."


def number_grids(grids: gpd.GeoDataFrame, used: pd.DataFrame) -> pd.Series:
    """Give every grid its 15-digit code.

    A grid keeps a code of its community: the one that its file names, else its compound's, else
    that of the grid in force that it covers. The others are numbered after the last number ever
    used there, in reading order: rows from north to south, within a row west to east. A row is as
    high as a grid would be if the community were a square of equal ones.

    Parameters
    ----------
    grids : GeoDataFrame
        `community_code`, `external_id`, `geometry` in EPSG:4490; `grid_code` where a file names it.
    used : DataFrame
        Every code ever given, `code`, its compound's `external_id` (missing if it has none), and
        `geometry` where the grid is in force.

    Returns
    -------
    Series of str
        On the index of `grids`.

    Raises
    ------
    CodeError
        If a community's code is not 12 digits.
    TooManyGridsError
        If a community would need a number over 999.

    References
    ----------
    DB11/T 2157, numbering of unit grids: west to east, then north to south.
    """
    for code in grids["community_code"].unique():
        if re.fullmatch(COMMUNITY_CODE, str(code)) is None:
            raise CodeError(got=code)
    codes, crs = _kept(grids, used), crs_of(grids)
    last = used["code"].astype(str)
    last = last[last.str.len() == GRID_DIGITS].groupby(last.str[:COMMUNITY_DIGITS]).max()
    for community, rows in grids[codes.isna()].groupby("community_code"):
        start = int(last.get(community, f"{community}000")[COMMUNITY_DIGITS:])
        if start + len(rows) > MOST_GRIDS:
            raise TooManyGridsError(community=community)
        order = _reading_order(rows, grids[grids["community_code"] == community], crs)
        numbers = range(start + 1, start + 1 + len(rows))
        codes.loc[order] = [f"{community}{number:03d}" for number in numbers]
    return codes


def _kept(grids: gpd.GeoDataFrame, used: pd.DataFrame) -> pd.Series:
    """Give each grid the code that it has already; each code once, missing where it has none."""
    codes = pd.Series(pd.NA, index=grids.index, dtype="string")
    of_compound = used.dropna(subset="external_id").drop_duplicates("external_id", keep="last")
    by_compound = grids["external_id"].map(of_compound.set_index("external_id")["code"])
    named = pd.Series(pd.NA, index=grids.index, dtype="string")
    if "grid_code" in grids.columns:
        named = grids["grid_code"].where(grids["grid_code"].isin(used["code"])).astype("string")
    for wanted in (named, by_compound.astype("string"), _covered(grids, used)):
        same = (wanted.str[:COMMUNITY_DIGITS] == grids["community_code"]).fillna(value=False)
        free = same & codes.isna() & ~wanted.isin(codes.dropna()) & ~wanted.duplicated()
        codes = codes.mask(free, wanted)
    return codes


def _covered(grids: gpd.GeoDataFrame, used: pd.DataFrame) -> pd.Series:
    """Give each grid the code of the grid in force that it nearly equals."""
    codes = pd.Series(pd.NA, index=grids.index, dtype="string")
    if "geometry" not in used.columns:
        return codes
    there = used.dropna(subset="geometry").drop_duplicates("code")
    pairs = nearly_equal(grids.geometry.to_numpy(), there["geometry"].to_numpy(dtype=object))
    codes.iloc[pairs[0]] = there["code"].to_numpy()[pairs[1]]
    return codes


def nearly_equal(
    these: npt.NDArray[np.object_], those: npt.NDArray[np.object_]
) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Pair polygons that share nearly all of their ground.

    Returns
    -------
    tuple of ndarray of int
        Positions in `these` and in `those`; of polygons that do not overlap, each stands once.
    """
    this, that = shapely.STRtree(those).query(these, predicate="intersects")
    shared = shapely.area(shapely.intersection(these[this], those[that]))
    both = shapely.area(these)[this] + shapely.area(those)[that] - shared
    same = shared >= SAME_SHARE * both
    return this[same], that[same]


def _reading_order(rows: gpd.GeoDataFrame, community: gpd.GeoDataFrame, crs: str) -> pd.Index:
    place = shapely.centroid(to_metric(rows.geometry.to_numpy(), crs))
    _, south, _, north = shapely.total_bounds(to_metric(community.geometry.to_numpy(), crs))
    height_m = max((north - south) / math.ceil(math.sqrt(len(community))), 1.0)
    band = np.floor((north - shapely.get_y(place)) / height_m)
    order: pd.Index = rows.index[np.lexsort((shapely.get_x(place), band))]
    return order
