"""The ground of a map page: towns to jump to, a level's shapes and labels, outline and streets."""

from typing import Any

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Language
from layers.pages import payload
from layers.places import display_names, label_points


def index_data(
    towns: gpd.GeoDataFrame, *, classes: npt.NDArray[np.intp] | None = None, notes: list[str]
) -> list[dict[str, Any]]:
    """Give the index of towns as what the page carries, in the order of their codes.

    Parameters
    ----------
    towns : GeoDataFrame, shape (n,)
    classes : ndarray of int, shape (n,), optional
        Class of the measure for each town's colour chip.
    notes : list of str, length n
        What stands small beside each name.

    Returns
    -------
    list of dict
        `code`, `name`, `note`, `box` and, where given, `class`.
    """
    boxes = towns.geometry.bounds.round(6)
    frame = pd.DataFrame(
        {
            "code": towns.index.to_numpy(),
            "name": towns["name"].to_numpy(),
            "note": notes,
            "box": list(
                zip(
                    boxes[["miny", "minx"]].to_numpy().tolist(),
                    boxes[["maxy", "maxx"]].to_numpy().tolist(),
                    strict=True,
                )
            ),
        }
    )
    if classes is not None:
        frame["class"] = classes
    return [{str(name): value for name, value in row.items()} for row in frame.to_dict("records")]


def grid_layer(grids: gpd.GeoDataFrame, *, level: int, language: Language) -> dict[str, Any]:
    """Give the grids of one level as what the page carries, without figures.

    Parameters
    ----------
    grids : GeoDataFrame
        As `geo.frames.GRIDS`.
    level : {1, 2}
    language : {"zh", "en"}

    Returns
    -------
    dict
        `level`, `shapes` (packed), `labels` (a spot a row) and `rows` (columns), ordered by code.
    """
    rows = grids.loc[grids["level"] == level].sort_values("code")
    community = rows["community_code"].map(
        display_names(grids, language).set_axis(grids["code"]).to_dict()
    )
    if "community" in rows.columns:
        community = community.fillna(rows["community"])
    shown = rows.assign(name=display_names(rows, language), community=community)
    if language == "en" and {"town", "town_en"} <= set(rows.columns):
        shown["town"] = rows["town_en"].where(rows["town_en"].notna(), rows["town"])
    return {
        "level": level,
        "shapes": payload.pack(rows.geometry),
        "labels": label_points(rows.geometry),
        "rows": payload.columns(shown, ["code", "name", "town", "community"]),
    }


def ground(
    *, outline: gpd.GeoSeries | None = None, streets: gpd.GeoSeries | None = None
) -> dict[str, Any]:
    """Give outline and streets as what the page carries; what there is none of is left out."""
    given = {"outline": outline, "streets": streets}
    return {
        name: payload.pack(series.geometry)
        for name, series in given.items()
        if series is not None and len(series)
    }
