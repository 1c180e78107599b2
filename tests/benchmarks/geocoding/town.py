"""The demo banner as the frames that a gazetteer is built from."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any

import geopandas as gpd
import pandas as pd

from geo import synthetic
from geo.crs import STORAGE_CRS, to_metric
from geo.geocoding.gazetteer import Gazetteer
from geo.synthetic.facts import read

TODAY = date(2026, 11, 23)


@dataclass(frozen=True)
class Town:
    """The frames of the demo banner, in the shape that `Gazetteer` takes."""

    frames: dict[str, pd.DataFrame]

    def gazetteer(self) -> Gazetteer:
        return Gazetteer(**self.frames)


def _with_points(frame: gpd.GeoDataFrame) -> pd.DataFrame:
    points = frame.geometry.representative_point()
    return pd.DataFrame(frame.drop(columns="geometry")).assign(
        longitude=points.x, latitude=points.y
    )


@cache
def demo_town() -> Town:
    """Make the demo banner once; a compound is a level-two grid, numbered in its community."""
    banner = synthetic.make(today=TODAY)
    compounds = _with_points(banner.compounds)
    nth = compounds.groupby("community_code").cumcount() + 1
    compounds["grid_code"] = compounds["community_code"] + nth.astype(str).str.zfill(3)
    buildings = _with_points(banner.buildings)
    grid_of = compounds.set_index("external_id")["grid_code"]
    buildings["grid_code"] = buildings["compound_id"].map(grid_of)
    households = banner.households[banner.households["registered_to"].isna()].reset_index(drop=True)
    households["grid_code"] = households["building_id"].map(
        buildings.set_index("external_id")["grid_code"]
    )
    landmarks = _with_points(
        banner.places[~banner.places["kind"].isin(["field", "public_building"])]
    )
    landmarks["grid_code"] = _nearest(landmarks, banner.compounds, compounds["grid_code"])
    organisations = banner.organisations.copy()
    organisations["grid_code"] = _nearest(organisations, banner.compounds, compounds["grid_code"])
    towns: list[dict[str, Any]] = read("towns")["town"]
    return Town(
        {
            "towns": pd.DataFrame(
                {
                    "code": [town["code"] for town in towns],
                    "name": [town["name"] for town in towns],
                    "aliases": ["|".join(town["aliases"]) for town in towns],
                }
            ),
            "communities": pd.DataFrame(banner.communities[["code", "name", "aliases"]]),
            "compounds": compounds,
            "buildings": buildings,
            "households": households,
            "landmarks": landmarks.assign(aliases=""),
            "organisations": organisations,
            "aliases": pd.DataFrame(
                columns=["target_kind", "target_id", "alias", "kind", "source"], dtype=object
            ),
        }
    )


def _nearest(frame: pd.DataFrame, compounds: gpd.GeoDataFrame, codes: pd.Series) -> pd.Series:
    points = gpd.GeoSeries(
        to_metric(gpd.points_from_xy(frame["longitude"], frame["latitude"], crs=STORAGE_CRS))
    )
    grounds = gpd.GeoSeries(to_metric(compounds.geometry.to_numpy()))
    at = grounds.sindex.nearest(points, return_all=False)[1]
    return pd.Series(codes.to_numpy()[at], index=frame.index)
