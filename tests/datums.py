"""Coordinates as others write them: CGCS2000 into a named datum, by the transforms as published.

Written apart from `geo.crs`, which goes the other way, so that each is held against the other.
References: "Restrictions on geographic data in China", Wikipedia, sections GCJ-02 and BD-09.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SEMI_MAJOR_M, ECCENTRICITY2 = 6378245.0, 0.00669342162296594323


def from_cgcs2000(
    *, longitude: npt.ArrayLike, latitude: npt.ArrayLike, datum: str
) -> tuple[Floats, Floats]:
    x, y = np.asarray(longitude, dtype=float), np.asarray(latitude, dtype=float)
    if datum in ("cgcs2000", "wgs84"):
        return x, y
    x, y = _gcj02(x, y)
    return (x, y) if datum == "gcj02" else _bd09(x, y)


def _gcj02(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    u, v = x - 105, y - 35
    common = 20 * np.sin(6 * u * np.pi) + 20 * np.sin(2 * u * np.pi)
    north_m = -100 + 2 * u + 3 * v + 0.2 * v**2 + 0.1 * u * v + 0.2 * np.sqrt(abs(u))
    north_m += (common + _waves(v, (20, 1), (40, 1 / 3), (160, 1 / 12), (320, 1 / 30))) * 2 / 3
    east_m = 300 + u + 2 * v + 0.1 * u**2 + 0.1 * u * v + 0.1 * np.sqrt(abs(u))
    east_m += (common + _waves(u, (20, 1), (40, 1 / 3), (150, 1 / 12), (300, 1 / 30))) * 2 / 3
    flat = 1 - ECCENTRICITY2 * np.sin(np.radians(y)) ** 2
    meridian_m = SEMI_MAJOR_M * (1 - ECCENTRICITY2) / flat**1.5
    parallel_m = SEMI_MAJOR_M / np.sqrt(flat) * np.cos(np.radians(y))
    return x + np.degrees(east_m / parallel_m), y + np.degrees(north_m / meridian_m)


def _waves(at: Floats, *waves: tuple[float, float]) -> Floats:
    return np.sum([height * np.sin(at * often * np.pi) for height, often in waves], axis=0)


def _bd09(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    turn = np.pi * 3000 / 180
    radius = np.hypot(x, y) + 2e-5 * np.sin(y * turn)
    angle = np.arctan2(y, x) + 3e-6 * np.cos(x * turn)
    return radius * np.cos(angle) + 0.0065, radius * np.sin(angle) + 0.006
