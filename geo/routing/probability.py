"""A point of limited accuracy: how probable each grid around it is.

A stated accuracy is the radius that holds the true place with 68 %, as Android gives it; the error
is taken as circular normal. Browsers state a radius of 95 % (W3C); read as one of 68 % it spreads
the point wider than need be, which errs towards doubt.

References
----------
Android, `Location.getAccuracy`: "the radius of 68% confidence". W3C Geolocation, section 6.3,
`accuracy`: 95 % confidence.
"""

import math
from functools import cached_property

import numpy as np
import numpy.typing as npt
import shapely

from geo.crs import to_degrees, to_metric
from geo.routing.model import Candidate
from geo.territory.index import GridIndex

CONFIDENCE = 0.68
# Radius of `CONFIDENCE` in standard deviations of one axis: P(r < R) = 1 - exp(-R^2 / 2).
RADIUS = math.sqrt(-2 * math.log(1 - CONFIDENCE))
# Beyond so many standard deviations lies a share of 1e-14.
REACH = 8.0
# No point is better known than borders are: they are stored to a centimetre.
FINEST_M = 0.01
# Within a grid and so far from its border, another has less than one in a million.
SURE = 5.3
LEAST = 1e-6
# Gauss-Legendre on pieces of at most one standard deviation: exact to 1e-10 and better.
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(6)
_POLYGON = 3  # shapely's type id

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]


def sigma_m(accuracy_m: npt.ArrayLike) -> Floats:
    """Give the standard deviation of one axis, in metres, for stated accuracies in metres."""
    return np.maximum(np.asarray(accuracy_m, dtype=np.float64), FINEST_M) / RADIUS


def masses(polygons: Geometries, *, easting: float, northing: float, sigma: float) -> Floats:
    """Integrate a circular normal density over polygons.

    By Gauss's theorem over the border: the field (x, y) (1 - exp(-r^2/2)) / (2 pi r^2) has the
    density as its divergence and is smooth everywhere, so a point on a border is no special case.

    Parameters
    ----------
    polygons : ndarray of shapely polygons and multipolygons, shape (n,)
        In metres, valid.
    easting, northing : float
        Centre of the density, in metres.
    sigma : float
        Standard deviation of one axis, in metres, positive.

    Returns
    -------
    ndarray of float, shape (n,)
        From 0 to 1.
    """
    reach = REACH * sigma
    box = shapely.box(easting - reach, northing - reach, easting + reach, northing + reach)
    parts, owner = shapely.get_parts(shapely.intersection(polygons, box), return_index=True)
    areas = shapely.get_type_id(parts) == _POLYGON  # where borders touch lines are left over
    parts, owner = parts[areas], owner[areas]
    centred = shapely.transform(parts, lambda xy: (xy - [easting, northing]) / sigma)
    # Outer rings run one way and holes the other, so that holes count against.
    fine = shapely.segmentize(shapely.orient_polygons(centred), 1.0)
    rings, part = shapely.get_rings(fine, return_index=True)
    xy, ring = shapely.get_coordinates(rings, return_index=True)
    same = ring[1:] == ring[:-1]
    start, end = xy[:-1][same], xy[1:][same]
    flow = _flow(start, end)
    whose = owner[part[ring[:-1][same]]]
    return np.clip(np.bincount(whose, weights=flow, minlength=len(polygons)), 0.0, 1.0)


def _flow(start: Floats, end: Floats) -> Floats:
    """Give the field's flow through pieces of border, shape (n,)."""
    along = (_NODES + 1) / 2
    spots = start[:, None] + along[None, :, None] * (end - start)[:, None]
    radius2 = np.maximum((spots**2).sum(axis=2), 1e-12)
    field = -np.expm1(-radius2 / 2) / radius2 @ _WEIGHTS / 2
    turn = start[:, 0] * end[:, 1] - start[:, 1] * end[:, 0]
    flow: Floats = turn * field / (2 * np.pi)
    return flow


class Neighbourhood:
    """The grids of an index as polygons in metres, to be asked what lies around a point.

    Parameters
    ----------
    index : GridIndex
    """

    def __init__(self, index: GridIndex) -> None:
        self._index = index

    @cached_property
    def _degrees(self) -> Geometries:
        return self._index.geometry()

    @cached_property
    def _tree(self) -> shapely.STRtree:
        return shapely.STRtree(self._degrees)

    def candidates(
        self, *, longitude: float, latitude: float, accuracy_m: float
    ) -> tuple[Candidate, ...]:
        """Give the grids that a point may lie in.

        Parameters
        ----------
        longitude, latitude : float
            Degrees, EPSG:4490, finite.
        accuracy_m : float
            Radius that holds the true place with 68 %, positive.

        Returns
        -------
        tuple of Candidate
            Most probable first, equals by code; they sum to 1. Code None is off all grids. What is
            less probable than one in a million is left out.
        """
        centre = to_metric(shapely.Point(longitude, latitude), self._index.crs)
        sigma = float(sigma_m(accuracy_m))
        if not math.isfinite(centre.x):
            return (Candidate(None, 1.0),)
        reach = REACH * sigma
        box = shapely.box(centre.x - reach, centre.y - reach, centre.x + reach, centre.y + reach)
        near = np.sort(self._tree.query(to_degrees(box, self._index.crs)))
        metric: Geometries = to_metric(self._degrees[near], self._index.crs)
        share = masses(metric, easting=centre.x, northing=centre.y, sigma=sigma)
        found: list[tuple[float, str]] = [
            (float(p), str(code))
            for p, code in zip(share, self._index.codes[near], strict=True)
            if p >= LEAST
        ]
        off = max(0.0, 1.0 - float(share.sum()))
        whole = sum(p for p, _ in found) + (off if off >= LEAST else 0.0)
        listed = [Candidate(code, p / whole) for p, code in found]
        if off >= LEAST:
            listed.append(Candidate(None, off / whole))
        # What is equal but for rounding is equal.
        return tuple(
            sorted(listed, key=lambda each: (-round(each.probability, 9), each.grid_code or "~"))
        )

    def sure(
        self, position: npt.NDArray[np.integer], x: Floats, y: Floats, m: Floats
    ) -> npt.NDArray[np.bool_]:
        """Tell for which points no other grid than theirs comes into question.

        Parameters
        ----------
        position : ndarray of int, shape (n,)
            Of the grid that each lies inside, in `GridIndex.codes`.
        x, y : ndarray of float, shape (n,)
            Longitude and latitude in degrees.
        m : ndarray of float, shape (n,)
            Their stated accuracies in metres.
        """
        distinct, grid = np.unique(position, return_inverse=True)
        borders = shapely.boundary(to_metric(self._degrees[distinct], self._index.crs))
        shapely.prepare(borders)
        spots = to_metric(shapely.points(x, y), self._index.crs)
        far: npt.NDArray[np.bool_] = ~shapely.dwithin(borders[grid], spots, SURE * sigma_m(m))
        return far
