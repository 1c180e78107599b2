"""Points that lie in another grid of a new edition than they did before."""

import pandas as pd
import shapely

from geo.territory.index import GridIndex


def find_moved(points: pd.DataFrame, index: GridIndex, *, limit_m: float) -> pd.DataFrame:
    """Give the points whose grid is another now.

    Parameters
    ----------
    points : DataFrame, shape (n, 4)
        `id`, `external_id`, `grid_code` (missing where none) and `wkb`, in EPSG:4490.
    index : GridIndex
        Of the new edition's level-two grids.
    limit_m : float
        How far outside a grid a point is still given to it.

    Returns
    -------
    DataFrame
        `id`, `external_id`, `from_grid`, `to_grid` (missing where a point lies farther than the
        limit from any grid), `match`, `distance_m`; in the order of `points`.
    """
    frame = points.rename(columns={"grid_code": "from_grid"}).reset_index(drop=True)
    places = shapely.from_wkb([bytes(wkb) for wkb in frame.pop("wkb")])
    located = index.locate(places, limit_m=limit_m).rename(columns={"grid_code": "to_grid"})
    placed = pd.concat([frame, located], axis=1)
    return placed[placed["to_grid"].fillna("") != placed["from_grid"].fillna("")]
