"""Which datum a sample of points is probably in: the one that puts it on compounds and buildings.

People live in compounds, and in buildings of these. Each datum would put the sample somewhere; of
the places there, so many lie in a compound, and of those so many in a building. How many would by
chance is told by the sample itself: it is moved 300 to 1,200 m in twelve directions, which is as
far as datums lie apart and keeps its shape, so what such a shape hits by luck is known.

For one count, k of n places:

- "this is the datum": any share above what chance gives on average is as probable as another,
  P(k) = mean of Bin(k; n, q) over q from that share to 1;
- "it is not": it does as one of the moved samples does, P(k) = mean over these of the
  beta-binomial of k given the count of the moved one and a uniform prior.

The quotient of the two is the evidence of the count; the two counts' evidence is multiplied. The
three datums and "none of them" are equally probable before. Places within 50 m of each other count
as one, for flats of one building say the same; no more than 300, taken evenly, are looked at, for
they tell all that a sample can.

References
----------
Beta-binomial as posterior predictive of a binomial count: Gelman and others, Bayesian Data
Analysis, 3rd ed., chapter 2. Displacing a pattern as its own control: the torus shift of Lotwick
and Silverman, J. R. Statist. Soc. B 44 (1982) 406-413, without the torus.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import to_cgcs2000, to_metric
from geo.files.datums import GROUPS, group
from geo.measuring import choose

UNDECIDED = "undecided"
# A point so far outside all compounds' bounds is not looked at; datums lie up to 1.3 km apart.
MARGIN_DEG = 0.02
APART_M = 50.0
MOST_PLACES = 300
MOST_POINTS = 20_000
MOVED_M = (300.0, 600.0, 900.0, 1200.0)
DIRECTIONS = 12
# More is not said, whatever comes out.
MOST_ODDS = 1e6
_STEPS = 2000

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]
Counts = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ground:
    """What people live in.

    Parameters
    ----------
    compounds, buildings : ndarray of shapely polygons
        In EPSG:4490; none of either is allowed, and then nothing can be told.
    """

    compounds: Geometries
    buildings: Geometries

    @cached_property
    def crs(self) -> str:
        """Name the CRS of the metres."""
        shapes = np.concatenate([self.compounds, self.buildings])
        return choose(tuple(shapely.total_bounds(shapes)) if len(shapes) else (np.nan,) * 4)

    @cached_property
    def trees(self) -> tuple[shapely.STRtree, shapely.STRtree]:
        """Both in metres, to look points up in."""
        return (
            shapely.STRtree(to_metric(self.compounds, self.crs)),
            shapely.STRtree(to_metric(self.buildings, self.crs)),
        )


@dataclass(frozen=True)
class Standing:
    """How one datum does.

    Parameters
    ----------
    datums : tuple of str
        The datum, with those that cannot be told from it.
    probability : float
        That the sample is in it.
    odds : float
        The same as so many to one, at most `MOST_ODDS`.
    in_compounds, in_buildings : float
        Shares of the places.
    in_compounds_by_chance, in_buildings_by_chance : float
        The same of the moved samples, on average.
    """

    datums: tuple[str, ...]
    probability: float
    odds: float
    in_compounds: float
    in_buildings: float
    in_compounds_by_chance: float
    in_buildings_by_chance: float


@dataclass(frozen=True)
class Guess:
    """What a sample says of its datum.

    Parameters
    ----------
    datum : str
        The first of its group, or "undecided".
    exchanged : bool
        Longitude and latitude were given the one for the other.
    standings : tuple of Standing
        Most probable first; what their probabilities lack of 1 is that of none of them.
    points, far, places : int
        Points that came; of them those nowhere near the ground; places that were looked at.
    """

    datum: str
    exchanged: bool
    standings: tuple[Standing, ...]
    points: int
    far: int
    places: int

    def contradicts(self, datum: str) -> bool:
        """Tell whether the sample is decidedly in another datum than a named one."""
        return self.datum not in (UNDECIDED, group(datum)[0])


def guess(x: npt.ArrayLike, y: npt.ArrayLike, ground: Ground, *, odds: float) -> Guess:
    """Say which datum a sample of points is probably in.

    Parameters
    ----------
    x, y : array_like of float, shape (n,)
        Longitude and latitude in degrees, in an unknown datum; NaN where there is no point. Given
        the one for the other they are exchanged where more points then come near the ground.
    ground : Ground
    odds : float
        From so many to one on a datum is decided on; below it is "undecided".

    Returns
    -------
    Guess
    """
    given = np.column_stack([x, y]).astype(np.float64)
    given = given[np.isfinite(given).all(axis=1)]
    here, swapped = (_near(each, ground.compounds) for each in (given, given[:, ::-1]))
    exchanged = len(swapped) > len(here)
    kept = swapped if exchanged else here
    x, y = _places(kept, ground.crs)
    hits = [_hits(x, y, each[0], ground) for each in GROUPS]
    # None of them is what everything is weighed against.
    evidence = np.array([0.0, *(_evidence(*each, places=len(x)) for each in hits)])
    share = np.exp(evidence - np.logaddexp.reduce(evidence))[1:].tolist()
    standings = [_standing(*each, places=len(x)) for each in zip(GROUPS, share, hits, strict=True)]
    # Equals keep their sequence.
    standings.sort(key=lambda each: -each.probability)
    return Guess(
        datum=standings[0].datums[0] if standings[0].odds >= odds else UNDECIDED,
        exchanged=exchanged,
        standings=tuple(standings),
        points=len(given),
        far=len(given) - len(kept),
        places=len(x),
    )


def _standing(
    datums: tuple[str, ...], probability: float, hits: tuple[Counts, Counts], *, places: int
) -> Standing:
    inside, built = (each / max(places, 1) for each in hits)
    return Standing(
        datums=datums,
        probability=probability,
        odds=min(probability / max(1 - probability, 1 / MOST_ODDS), MOST_ODDS),
        in_compounds=float(inside[0]),
        in_buildings=float(built[0]),
        in_compounds_by_chance=float(inside[1:].mean()),
        in_buildings_by_chance=float(built[1:].mean()),
    )


def _near(points: Floats, polygons: Geometries) -> Floats:
    if not len(polygons):
        return points[:0]
    west_south, east_north = shapely.total_bounds(polygons).reshape(2, 2)
    low, high = west_south - MARGIN_DEG, east_north + MARGIN_DEG
    near: Floats = points[((points >= low) & (points <= high)).all(axis=1)]
    return near


def _places(points: Floats, crs: str) -> tuple[Floats, Floats]:
    """Give one point of each place, taken evenly where there are too many."""
    x, y = _evenly(points, MOST_POINTS).T
    cell = np.floor(np.column_stack(_metric(x, y, crs)) / APART_M)
    _, first = np.unique(cell, axis=0, return_index=True)
    kept = _evenly(np.sort(first), MOST_PLACES)
    return x[kept], y[kept]


def _evenly(rows: Any, most: int) -> Any:
    """Take at most so many rows, the first and the last among them."""
    if len(rows) <= most:
        return rows
    return rows[np.linspace(0, len(rows) - 1, most).astype(np.int64)]


def _metric(x: Floats, y: Floats, crs: str) -> tuple[Floats, Floats]:
    spots = to_metric(shapely.points(x, y), crs)
    return shapely.get_x(spots), shapely.get_y(spots)


def _hits(x: Floats, y: Floats, datum: str, ground: Ground) -> tuple[Counts, Counts]:
    """Count places in compounds, and those also in buildings: as they lie, then moved."""
    easting, northing = _metric(*to_cgcs2000(longitude=x, latitude=y, datum=datum), ground.crs)
    moves = _moves()
    points = shapely.points(easting + moves[:, :1], northing + moves[:, 1:])
    inside, built = (_covered(points, each) for each in ground.trees)
    return inside.sum(axis=1), (inside & built).sum(axis=1)


def _moves() -> Floats:
    """Give how far east and north the sample is moved: first not at all."""
    angle = np.arange(DIRECTIONS) * 2 * np.pi / DIRECTIONS
    ring = np.column_stack([np.cos(angle), np.sin(angle)])
    return np.concatenate([np.zeros((1, 2)), *(away_m * ring for away_m in MOVED_M)])


def _covered(points: Geometries, tree: shapely.STRtree) -> npt.NDArray[np.bool_]:
    which, _ = tree.query(points.ravel(), predicate="intersects")
    covered = np.zeros(points.size, dtype=bool)
    covered[which] = True
    return covered.reshape(points.shape)


def _evidence(inside: Counts, built: Counts, *, places: int) -> float:
    """Give the logarithm of how much likelier the counts are in the right datum than by chance."""
    return _of_count(inside, np.full_like(inside, places)) + _of_count(built, inside)


def _of_count(hits: Counts, of: Counts) -> float:
    """Weigh the first count against the others, each of its number."""
    (k, *others), (n, *numbers) = hits.tolist(), of.tolist()
    by_chance = [
        _log_beta(k + j, n - k + m - j) - _log_beta(j, m - j)
        for j, m in zip(others, numbers, strict=True)
    ]
    # One more hit and one more miss, so that what never happened is not held impossible.
    least = (sum(others) + 1) / (sum(numbers) + 2)
    share = least + (1 - least) * (np.arange(_STEPS) + 0.5) / _STEPS
    right = k * np.log(share) + (n - k) * np.log1p(-share)
    return float(_log_mean(right) - _log_mean(np.array(by_chance)))


def _log_beta(hits: int, misses: int) -> float:
    """Give log B(hits + 1, misses + 1)."""
    return math.lgamma(hits + 1) + math.lgamma(misses + 1) - math.lgamma(hits + misses + 2)


def _log_mean(logarithms: Floats) -> float:
    return float(np.logaddexp.reduce(logarithms) - math.log(len(logarithms)))
