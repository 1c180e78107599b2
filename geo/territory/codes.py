"""The codes of level-two grids: the community's 12 digits and a sequence, never given twice."""

import math
import re

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from geo.crs import to_metric
from geo.errors import CodeError, InputError

COMMUNITY = re.compile(r"[0-9]{12}")
ANY_LEVEL = re.compile(r"[0-9]{12}([0-9A-Z]{3})?")
MOST_GRIDS = 999


class TooManyGridsError(InputError):
    """A community has no sequence numbers left."""

    code = "territory.too_many_grids"
    zh = "社区 {community} 的二级网格序号已用完（上限 999）。请先拆分该社区。"
    en = "Community {community} has no grid numbers left (999 at most). Split the community first."


def check_code(code: str) -> str:
    """Give a grid code back if it is made as codes are.

    Raises
    ------
    CodeError
        If it is neither 12 digits nor 12 digits and three of 0-9, A-Z.
    """
    if ANY_LEVEL.fullmatch(code) is None:
        raise CodeError(got=code)
    return code


def numbered(grids: gpd.GeoDataFrame, used: pd.DataFrame) -> pd.Series:
    """Give every grid its 15-digit code.

    A compound that had a code in the same community keeps it. The others are numbered after the
    last number ever used there, in reading order: rows from north to south, within a row west to
    east. A row is as high as a grid would be if the community were a square of equal ones.

    Parameters
    ----------
    grids : GeoDataFrame
        `community_code`, `external_id`, `geometry` in EPSG:4490.
    used : DataFrame
        Every code ever given, `code`, and its compound's `external_id` (missing if it has none).

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
        if COMMUNITY.fullmatch(str(code)) is None:
            raise CodeError(got=code)
    known = used.dropna(subset="external_id").set_index("external_id")["code"]
    kept = grids["external_id"].map(known).astype("string")
    same = (kept.str.slice(0, 12) == grids["community_code"]).fillna(value=False)
    codes: pd.Series = kept.where(same)
    last = used["code"].astype(str)
    last = last[last.str.len() > 12].groupby(last.str.slice(0, 12)).max()  # noqa: PLR2004
    for community, rows in grids[codes.isna()].groupby("community_code"):
        start = int(last.get(community, f"{community}000")[12:])
        if start + len(rows) > MOST_GRIDS:
            raise TooManyGridsError(community=community)
        order = _reading_order(rows, grids[grids["community_code"] == community])
        numbers = range(start + 1, start + 1 + len(rows))
        codes.loc[order] = [f"{community}{number:03d}" for number in numbers]
    return codes


def _reading_order(rows: gpd.GeoDataFrame, community: gpd.GeoDataFrame) -> pd.Index:
    place = shapely.centroid(to_metric(rows.geometry.to_numpy()))
    _, south, _, north = shapely.total_bounds(to_metric(community.geometry.to_numpy()))
    height_m = max((north - south) / math.ceil(math.sqrt(len(community))), 1.0)
    band = np.floor((north - shapely.get_y(place)) / height_m)
    order: pd.Index = rows.index[np.lexsort((shapely.get_x(place), band))]
    return order
