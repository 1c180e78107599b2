"""Buildings on a lot: slabs and towers in rows that face south, bungalows in tight rows."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely
from shapely import affinity

HALF = 0.5
GREEN_FROM = 6  # buildings: smaller compounds have no green of their own
BROAD = 0.72  # of a lot's greatest breadth: where rows are laid

Floats = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Style:
    """How one kind of building stands.

    Parameters
    ----------
    kind : str
        "slab", "tower", "bungalow" or "hall".
    depth_m, unit_m : float
        North-south depth, and length of one stairwell unit (of one house in a bungalow row).
    units : tuple of int
        Fewest and most units in a building.
    between_m, beside_m : float
        Clear distance to the row behind, and to the neighbour in the row.
    floors : tuple of int
        Fewest and most floors.
    rooms : int
        Flats on each floor of a unit.
    setback_m : float
        Clear of the lot's edge.
    """

    kind: str
    depth_m: float
    unit_m: float
    units: tuple[int, int]
    between_m: float
    beside_m: float
    floors: tuple[int, int]
    rooms: int
    setback_m: float


SLAB = Style("slab", 12.6, 13.4, (2, 5), 31.0, 9.0, (5, 6), 2, 7.0)
OLD_SLAB = Style("slab", 11.8, 12.2, (2, 4), 25.0, 8.0, (4, 5), 2, 5.0)
MID_RISE = Style("slab", 13.8, 14.6, (2, 4), 42.0, 13.0, (9, 11), 2, 9.0)
TOWER = Style("tower", 21.0, 23.0, (1, 1), 34.0, 22.0, (15, 18), 4, 10.0)
BUNGALOW = Style("bungalow", 7.2, 8.4, (4, 10), 10.5, 7.0, (1, 1), 1, 5.0)
HALL = Style("hall", 22.0, 26.0, (1, 3), 22.0, 14.0, (1, 2), 0, 12.0)
OFFICE = Style("hall", 15.0, 18.0, (1, 4), 24.0, 12.0, (3, 6), 0, 10.0)


@dataclass(frozen=True)
class Buildings:
    """The buildings of one lot, row by row from the south, in a row from the west.

    Parameters
    ----------
    polygons : ndarray of shapely Polygon, shape (n,)
        Rectangles; the ring starts at the south-west corner and runs along the southern front.
    kinds : list of str, length n
    units, floors, rooms : ndarray of int, shape (n,)
    """

    polygons: npt.NDArray[Any]
    kinds: list[str]
    units: npt.NDArray[np.int64]
    floors: npt.NDArray[np.int64]
    rooms: npt.NDArray[np.int64]


def build(lot: Any, angle: float, styles: list[Style], rng: np.random.Generator) -> Buildings:
    """Fill a lot with rows of buildings.

    Parameters
    ----------
    lot : shapely Polygon
        Metres.
    angle : float
        Direction of the rows, radians anticlockwise from east.
    styles : list of Style
        From the southernmost row on; the last repeats.
    rng : numpy.random.Generator

    Returns
    -------
    Buildings
        At least one building, each wholly inside the lot: the smallest lot gets a single house.

    Raises
    ------
    shapely.errors.GEOSException
        If `lot` is not valid.
    """
    ground = affinity.rotate(lot, -angle, origin=(0, 0), use_radians=True)
    boxes: list[tuple[float, float, float, float]] = []
    chosen: list[tuple[Style, int]] = []
    for low, style, row in _rows(ground, styles, rng):
        inside = shapely.buffer(ground, -style.setback_m, join_style="mitre")
        west, east = _reach(inside, low, low + style.depth_m)
        slots, units = _slots(west, east, style, row)
        boxes += [(x, low, x + units * style.unit_m, low + style.depth_m) for x in slots]
        chosen += [(style, units)] * len(slots)
    keep = _kept(ground, boxes, rng)
    if not keep.any():
        boxes, chosen, keep = [_single(ground)], [(styles[-1], 1)], np.array([True])
    at = np.flatnonzero(keep)
    corners = np.array(boxes)[at]
    rings = corners[:, [[0, 1], [2, 1], [2, 3], [0, 3]]]
    cos, sin = np.cos(angle), np.sin(angle)
    turned = np.stack(
        [cos * rings[..., 0] - sin * rings[..., 1], sin * rings[..., 0] + cos * rings[..., 1]], -1
    )
    low_floors = np.array([chosen[k][0].floors for k in at])
    # One height a lot, with now and then a lower building: compounds are built in one go.
    floors = np.where(rng.random() < HALF, low_floors[:, 0], low_floors[:, 1])
    return Buildings(
        polygons=shapely.polygons(turned),
        kinds=[chosen[k][0].kind for k in at],
        units=np.array([chosen[k][1] for k in at], dtype=np.int64),
        floors=floors.astype(np.int64),
        rooms=np.array([chosen[k][0].rooms for k in at], dtype=np.int64),
    )


def _rows(
    ground: Any, styles: list[Style], rng: np.random.Generator
) -> list[tuple[float, Style, int]]:
    """Place rows from the south edge on and spread what is left over between them."""
    span = _span(ground, max(style.setback_m for style in styles))
    if span is None:
        return []
    low, end = span
    rows: list[tuple[float, Style, int]] = []
    while True:
        style = styles[min(len(rows), len(styles) - 1)]
        if low + style.depth_m > end:
            break
        rows.append((low, style, len(rows)))
        low += style.depth_m + style.between_m
    if not rows:
        return rows
    spare = end - (rows[-1][0] + rows[-1][1].depth_m)
    # A single row stands to the north with its garden before it, as people like it.
    shares = np.linspace(0, 1, len(rows)) if len(rows) > 1 else np.array([rng.uniform(0.5, 0.9)])
    return [
        (at + spare * share, style, row)
        for (at, style, row), share in zip(rows, shares, strict=True)
    ]


def _span(ground: Any, setback_m: float) -> tuple[float, float] | None:
    """Give the lowest and highest y between which a lot has its breadth.

    A lot's front is rarely parallel to its rows: a row laid at its very tip would hold one house.
    """
    inside = shapely.buffer(ground, -setback_m, join_style="mitre")
    if inside.is_empty:
        return None
    west, south, east, north = inside.bounds
    levels = np.linspace(south, north, 42)[1:-1]
    lines = shapely.linestrings([[(west, y), (east, y)] for y in levels])
    widths = shapely.length(shapely.intersection(lines, inside))
    broad = levels[widths >= BROAD * widths.max()]
    return float(broad[0]), float(broad[-1])


def _reach(inside: Any, low: float, high: float) -> tuple[float, float]:
    """Give the westernmost and easternmost x that is inside at both heights."""
    if inside.is_empty:
        return 0.0, 0.0
    west, _, east, _ = inside.bounds
    levels = np.array([low + 0.2, high - 0.2])
    lines = shapely.linestrings([[(west, y), (east, y)] for y in levels])
    bounds = shapely.bounds(shapely.intersection(lines, inside))
    if np.isnan(bounds).any():
        return 0.0, 0.0
    return float(bounds[:, 0].max()), float(bounds[:, 2].min())


def _slots(west: float, east: float, style: Style, row: int) -> tuple[Floats, int]:
    """Divide a row into equal buildings; what is left over goes between them."""
    length = east - west
    fewest, most = style.units
    counts = np.arange(1, max(2, int(length // 25) + 1))
    fitting = ((length + style.beside_m) / counts - style.beside_m) // style.unit_m
    units_each = np.minimum(fitting, most)
    # The division that loses least ground; of equal ones that with the fewest buildings.
    homes = np.where(units_each >= fewest, counts * units_each, 0)
    best = int(np.argmax(homes))
    if homes[best] == 0:
        return np.empty(0), 0
    count, units = int(counts[best]), int(units_each[best])
    spare = length - count * units * style.unit_m - (count - 1) * style.beside_m
    step = units * style.unit_m + style.beside_m + spare / max(count, 1)
    # Towers stand in the gaps of the row before, so that the sun reaches both.
    offset = spare / count * (row % 2 if style.kind == "tower" else 0.5)
    return west + offset + step * np.arange(count), units


def _kept(
    ground: Any, boxes: list[tuple[float, float, float, float]], rng: np.random.Generator
) -> npt.NDArray[np.bool_]:
    """Keep what lies inside the lot; large lots leave a few places open as green."""
    if not boxes:
        return np.zeros(0, dtype=bool)
    corners = np.array(boxes)
    shapely.prepare(ground)
    keep: npt.NDArray[np.bool_] = shapely.contains_properly(ground, shapely.box(*corners.T))
    if len(boxes) >= GREEN_FROM:
        open_slots = rng.permutation(len(boxes))[: round(len(boxes) * rng.uniform(0, 0.09))]
        keep[open_slots] = False
    return keep


def _single(ground: Any) -> tuple[float, float, float, float]:
    centre = shapely.point_on_surface(ground)
    half = max(1.0, 0.4 * float(centre.distance(ground.boundary)))
    return (centre.x - half, centre.y - half, centre.x + half, centre.y + half)
