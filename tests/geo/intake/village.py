"""Forty compounds of two buildings strewn over the four grids of the world, and homes in them."""

import numpy as np
import pandas as pd
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.crs import from_cgcs2000
from tests.geo.intake.world import GRIDS, square

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
    for at, (x, y) in enumerate(corners().tolist()):
        session.execute(
            text(
                "INSERT INTO compound (external_id, name, grid_code, geom) VALUES "
                "(:number, :number, :code, ST_Multi(ST_GeomFromText(:wkt, 4490)))"
            ),
            {"number": f"V{at}", "code": code, "wkt": square(x, y=y, side=SIDE_DEG)},
        )
        for nth, (east, north) in enumerate(BUILT):
            wkt = square(x + east * SIDE_DEG, y=y + north * SIDE_DEG, side=BUILT_SIDE * SIDE_DEG)
            session.execute(
                text(
                    "INSERT INTO building (external_id, compound_id, name, units, floors, "
                    "rooms_per_floor, geom) SELECT :number, id, :number, 1, 6, 2, "
                    "ST_Multi(ST_GeomFromText(:wkt, 4490)) FROM compound WHERE external_id = :of"
                ),
                {"number": f"V{at}-{nth}", "of": f"V{at}", "wkt": wkt},
            )


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
