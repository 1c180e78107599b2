"""Public places drawn: school fields, ponds, halls and offices on their lots."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from shapely import affinity

from geo.synthetic.buildings import HALL, OFFICE, Style, build
from geo.synthetic.landuse import Lot

# Which buildings stand on which kind of place; the others are open ground or points.
STYLES: dict[str, Style] = {
    "school": OFFICE,
    "kindergarten": OFFICE,
    "government": OFFICE,
    "office": OFFICE,
    "police": OFFICE,
    "fire_station": OFFICE,
    "hospital": OFFICE,
    "hotel": OFFICE,
    "bank": OFFICE,
    "culture": OFFICE,
    "supermarket": HALL,
    "market": HALL,
    "station": HALL,
    "industry": HALL,
}
FIELD_M = (172.0, 88.0)
SMALL_FIELD_M = (92.0, 50.0)


@dataclass(frozen=True)
class Drawn:
    """One place on the map: a polygon in metres relative to the seat."""

    name: str
    kind: str
    polygon: Any


def draw(lot: Lot, rng: np.random.Generator) -> list[Drawn]:
    """Draw a public place and what stands on it.

    Parameters
    ----------
    lot : Lot
        With the name and kind of the place.
    rng : numpy.random.Generator

    Returns
    -------
    list of Drawn
        The ground first, then field, pond or buildings; each inside the ground.

    Raises
    ------
    shapely.errors.GEOSException
        If the lot's polygon is not valid.
    """
    drawn = [Drawn(lot.name, lot.kind, lot.polygon)]
    ground = lot.polygon
    if lot.kind in ("school", "stadium"):
        field, ground = _field(lot)
        if field is not None:
            drawn.append(Drawn(f"{lot.name}操场", "field", field))
    if lot.kind == "park":
        drawn.append(Drawn(f"{lot.name}湖", "water", _pond(lot, rng)))
    if lot.kind in STYLES:
        # A place of its own size: a hospital fills its ground, an office has one or two houses.
        halls = build(ground, lot.angle, [STYLES[lot.kind]], rng)
        drawn += [Drawn(lot.name, "public_building", polygon) for polygon in halls.polygons]
    return drawn


def _field(lot: Lot) -> tuple[Any | None, Any]:
    """Lay a running track into the western half of a lot; give it and the ground left."""
    straight = affinity.rotate(lot.polygon, -lot.angle, origin=(0, 0), use_radians=True)
    west, south, east, north = straight.bounds
    tall = north - south > east - west
    for length, width in (FIELD_M, SMALL_FIELD_M):
        across, along = (width, length) if tall else (length, width)
        spine = (length - width) / 2
        offset = (0.0, spine) if tall else (spine, 0.0)
        x, y = west + 14 + across / 2, (south + north) / 2
        if not tall:
            x, y = (west + east) / 2, south + 14 + along / 2
        if lot.kind == "stadium":
            x, y = (west + east) / 2, (south + north) / 2
        line = shapely.LineString([(x - offset[0], y - offset[1]), (x + offset[0], y + offset[1])])
        track = shapely.buffer(line, width / 2, quad_segs=6)
        if straight.contains(track):
            left = (
                shapely.box(x + across / 2, south, east, north)
                if tall
                else shapely.box(west, y + along / 2, east, north)
            )
            rest = max(
                shapely.get_parts(shapely.intersection(straight, left)), key=lambda p: float(p.area)
            )
            return _back(track, lot), _back(rest, lot)
    return None, lot.polygon


def _pond(lot: Lot, rng: np.random.Generator) -> Any:
    centre = shapely.point_on_surface(lot.polygon)
    reach = float(centre.distance(lot.polygon.boundary)) * 0.95
    theta = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    phase = rng.random(2) * 6
    radius = reach * (
        0.72 + 0.2 * np.sin(2 * theta + phase[0]) + 0.08 * np.sin(5 * theta + phase[1])
    )
    return shapely.Polygon(
        np.column_stack([centre.x + radius * np.cos(theta), centre.y + radius * np.sin(theta)])
    )


def _back(geometry: Any, lot: Lot) -> Any:
    return affinity.rotate(geometry, lot.angle, origin=(0, 0), use_radians=True)
