"""Raw boundaries that can be sketched: communities side by side, footprints and streets."""

import geopandas as gpd
import numpy as np
import shapely

from geo.crs import STORAGE_CRS
from tests.builders import ORIGIN, SIDE_DEG


def box(x: float, y: float, width: float, height: float) -> shapely.Polygon:
    """A box in squares of SIDE_DEG from ORIGIN."""
    west, south = ORIGIN[0] + x * SIDE_DEG, ORIGIN[1] + y * SIDE_DEG
    corners = np.round([west, south, west + width * SIDE_DEG, south + height * SIDE_DEG], 7)
    return shapely.box(*corners)


def communities(**boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Communities by the last three digits of their codes: `c001=(x, y, width, height)`."""
    return gpd.GeoDataFrame(
        {
            "code": [f"150625100{name[1:]}" for name in boxes],
            "name": [f"社区{name[1:]}" for name in boxes],
        },
        geometry=[box(*place) for place in boxes.values()],
        crs=STORAGE_CRS,
    )


def compounds(**boxes: tuple[float, float, float, float]) -> gpd.GeoDataFrame:
    """Footprints by name."""
    return gpd.GeoDataFrame(
        {"external_id": list(boxes), "name": [f"{name}小区" for name in boxes]},
        geometry=[box(*place) for place in boxes.values()],
        crs=STORAGE_CRS,
    )


# Two communities; the first has four compounds with streets between, the second one compound.
TWO = communities(c001=(0, 0, 4, 4), c002=(4, 0, 2, 4))
FIVE = compounds(
    sw=(0.2, 0.2, 1.4, 1.4),
    se=(2.2, 0.2, 1.4, 1.4),
    nw=(0.2, 2.2, 1.4, 1.4),
    ne=(2.2, 2.2, 1.4, 1.4),
    far=(4.5, 1, 1, 1),
)
