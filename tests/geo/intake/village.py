"""Forty compounds of two buildings strewn over the four grids of the world, and homes in them."""

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from tests.builders import world
from tests.datums import from_cgcs2000
from tests.geo.intake.world import GRIDS, shape

COUNT = 40
SIDE_DEG = 0.0008  # about 70 m by 90 m
BUILT = ((0.1, 0.1), (0.1, 0.6))  # corners of buildings, in sides
BUILT_SIDE = 0.3


def corners() -> np.ndarray:
    """South-west corners of the compounds: the same each time."""
    rng = np.random.default_rng(150625)
    return rng.uniform([108.001, 40.0005], [108.038, 40.0085], (COUNT, 2))


def build(session: Session) -> None:
    """Raise the compounds and their buildings."""
    code = next(iter(GRIDS))
    compounds, buildings = [], []
    for at, (x, y) in enumerate(corners().tolist()):
        geom = shape(x, y=y, side=SIDE_DEG)
        compounds.append(
            {"external_id": f"V{at}", "name": f"V{at}", "grid_code": code, "geom": geom}
        )
        for nth, (east, north) in enumerate(BUILT):
            corner = {"x": x + east * SIDE_DEG, "y": y + north * SIDE_DEG}
            buildings.append(
                {
                    "external_id": f"V{at}-{nth}",
                    "compound": f"V{at}",
                    "name": f"V{at}-{nth}",
                    "units": 1,
                    "floors": 6,
                    "rooms_per_floor": 2,
                    "geom": shape(**corner, side=BUILT_SIDE * SIDE_DEG),
                }
            )
    world(session, compounds=compounds, buildings=buildings)


def homes(count: int, *, datum: str, noise_m: float = 10.0) -> pd.DataFrame:
    """Households in buildings, as a receiver gives their coordinates in a datum."""
    rng = np.random.default_rng(count)
    corner = corners()[rng.integers(COUNT, size=count)]
    corner = corner + np.array(BUILT)[rng.integers(len(BUILT), size=count)] * SIDE_DEG
    inside = corner + rng.uniform(0, BUILT_SIDE * SIDE_DEG, (count, 2))
    x, y = (inside + rng.normal(0, noise_m, (count, 2)) / [85_200, 111_000]).T
    x, y = from_cgcs2000(longitude=x, latitude=y, datum=datum)
    return pd.DataFrame(
        {
            "external_id": [f"H{at}" for at in range(count)],
            "registered_from": "2024-01-01",
            "residents": 3,
            "needs_care": "否",
            "longitude": np.round(x, 6),
            "latitude": np.round(y, 6),
        }
    )
