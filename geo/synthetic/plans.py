"""A town's plan: streets, the blocks between them, and the communities that tile it.

A plan is a bent grid. Streets run along its lines, cells between lines are the atoms of communities
(so communities of a town share every vertex of their borders), and a block is a cell, or two where
the street between them was never built, less the streets around it. Lengths are metres, positions
are EPSG:4545 less the town's seat.
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import shapely

from geo.synthetic.towns import Town

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]

WIDTH_M = {"arterial": 34.0, "ring": 24.0, "secondary": 18.0, "minor": 11.0}
EDGE_PARTS = 4  # segments in one cell edge, so that bends look like bends
SETBACK_M = 4.0
STEPPED_TRIES = 12
HALF = 0.5
JOINED = 0.42  # of neighbours that could be one block


@dataclass(frozen=True)
class Block:
    """Ground between streets.

    Parameters
    ----------
    polygon : shapely Polygon
        Without the streets and the strip along them.
    community : int
        Index into the town's communities.
    fringe : bool
        Outside the ring road.
    rank : float
        Distance from the centre: 0 there, about 1 at the ring road.
    angle : float
        Direction of the block's southern edge, radians anticlockwise from east.
    """

    polygon: Any
    community: int
    fringe: bool
    rank: float
    angle: float


@dataclass(frozen=True)
class Street:
    """A stretch of street: `axis` 0 runs north-south, 1 east-west; `line` is the grid line."""

    axis: int
    line: int
    kind: str
    path: Any


@dataclass(frozen=True)
class Plan:
    """A town laid out; communities in the order of the town's."""

    communities: list[Any]
    streets: list[Street]
    blocks: list[Block]
    water: Any
    lines: tuple[int, int]


@dataclass
class _Grid:
    """The bent grid while it is drawn; index 0 is the column or row west or south of the ring."""

    xs: Floats
    ys: Floats
    bend: Floats
    rotation: float
    core_share: tuple[float, float]
    community: Integers = field(default_factory=lambda: np.zeros((0, 0), dtype=np.int64))
    kinds: tuple[list[str], list[str]] = ([], [])
    closed: set[tuple[int, int, int]] = field(default_factory=set)

    def place(self, x: Floats, y: Floats) -> Floats:
        """Give bent positions, shape (n, 2), of straight ones: rounded corners, waves, a turn."""
        half_x, half_y = self.xs[-1], self.ys[-1]
        u, v = x / half_x, y / half_y
        a = self.bend
        bent_x = x * np.sqrt(1 - 0.17 * v * v) + 34 * a[0] * np.sin(2.1 * v + 6 * a[1])
        bent_y = y * np.sqrt(1 - 0.17 * u * u) + 30 * a[2] * np.sin(2.4 * u + 6 * a[3])
        # One half of the town follows the water beside it.
        bent_y += 70 * (a[4] - 0.5) * np.clip(v, 0, 1) ** 2 * np.cos(2.8 * u + 6 * a[5])
        reach = np.maximum(np.abs(u) / self.core_share[0], np.abs(v) / self.core_share[1])
        out = np.clip(reach - 1, 0, 0.3) * 3
        theta = np.arctan2(v, u)
        ragged = 1 + out * 0.035 * (
            np.sin(3 * theta + 6 * a[6]) + np.sin(7 * theta + 6 * a[7]) + np.sin(13 * theta)
        )
        bent_x, bent_y = bent_x * ragged, bent_y * ragged
        cos, sin = np.cos(self.rotation), np.sin(self.rotation)
        return np.column_stack([cos * bent_x - sin * bent_y, sin * bent_x + cos * bent_y])

    def edge(self, axis: int, line: int, along: int) -> Floats:
        """Give the points of one cell edge; every caller gets the very same numbers."""
        part = np.linspace(0.0, 1.0, EDGE_PARTS + 1)
        if axis == 0:
            y = self.ys[along] + part * (self.ys[along + 1] - self.ys[along])
            return self.place(np.full_like(y, self.xs[line]), y)
        x = self.xs[along] + part * (self.xs[along + 1] - self.xs[along])
        return self.place(x, np.full_like(x, self.ys[line]))

    def cell(self, i: int, j: int) -> Any:
        ring = [self.edge(1, j, i), self.edge(0, i + 1, j)]
        ring += [self.edge(1, j + 1, i)[::-1], self.edge(0, i, j)[::-1]]
        return shapely.Polygon(np.concatenate([part[:-1] for part in ring]))


def lay_out(town: Town, rng: np.random.Generator) -> Plan:
    """Draw a town's streets, blocks and communities.

    Parameters
    ----------
    town : Town
    rng : numpy.random.Generator

    Returns
    -------
    Plan
        Communities form a valid coverage without gaps.
    """
    grid = _grid(town, rng)
    columns, rows = len(grid.xs) - 1, len(grid.ys) - 1
    band_lines, row_lines = _divide(grid, town, rng)
    grid.kinds = (
        _street_kinds(columns, band_lines, rng),
        _street_kinds(rows, row_lines, rng),
    )
    pairs = _superblocks(grid, rng)
    cells = [[grid.cell(i, j) for j in range(rows)] for i in range(columns)]
    communities = [
        shapely.coverage_union_all(
            [cells[i][j] for i, j in np.argwhere(grid.community == k)],
        )
        for k in range(len(town.communities))
    ]
    streets = _streets(grid)
    carriageway = shapely.union_all(
        [shapely.buffer(s.path, WIDTH_M[s.kind] / 2, cap_style="flat") for s in streets]
    )
    water = _water(grid, town.water[1])
    taken = shapely.union(carriageway, shapely.buffer(water, 12))
    blocks = _blocks(grid, cells, pairs, taken)
    return Plan(communities, streets, blocks, water, (columns, rows))


def _grid(town: Town, rng: np.random.Generator) -> _Grid:
    def lines(count: int, low: float, high: float) -> tuple[Floats, float]:
        steps = rng.uniform(low, high, count + 2)
        steps[[0, -1]] = rng.uniform(130, 190, 2)
        at = np.concatenate([[0.0], np.cumsum(steps)])
        at -= at[-1] / 2
        return at, float(at[-2] / at[-1])

    xs, share_x = lines(town.core[0], 145, 275)
    ys, share_y = lines(town.core[1], 130, 235)
    return _Grid(xs, ys, rng.random(8), float(np.radians(town.rotation_deg)), (share_x, share_y))


def _divide(grid: _Grid, town: Town, rng: np.random.Generator) -> tuple[list[int], list[int]]:
    """Give every cell its community: bands of columns, each cut into rows, borders stepped."""
    columns, rows = len(grid.xs) - 1, len(grid.ys) - 1
    bands = len(town.groups)
    edges = np.round(np.linspace(0, columns, bands + 1)).astype(int)
    cuts = [np.round(np.linspace(0, rows, n + 1)).astype(int)[1:-1] for n in town.groups]
    for attempt in range(STEPPED_TRIES + 1):
        # Steps can cut a community in two; straight borders never do.
        stepped = int(attempt < STEPPED_TRIES)
        shift = rng.integers(-1, 2, bands + 1) * stepped
        shift[[0, -1]] = 0
        turn = rng.integers(rows // 3, rows - rows // 3 + 1, bands + 1)
        steps = [rng.integers(-1, 2, len(cut)) * stepped for cut in cuts]
        grid.community = _stepped(edges, shift, turn, cuts, steps, rows)
        if all(_in_one_piece(grid.community == k) for k in range(len(town.communities))):
            break
    row_lines = {round(rows / 2)} | {int(at) for cut in cuts for at in cut}
    return [int(edge) for edge in edges[1:-1]] or [columns // 2], sorted(row_lines)


def _stepped(
    edges: Integers,
    shift: Integers,
    turn: Integers,
    cuts: list[Integers],
    steps: list[Integers],
    rows: int,
) -> Integers:
    community = np.zeros((int(edges[-1]), rows), dtype=np.int64)
    first = 0
    for band, (cut, step) in enumerate(zip(cuts, steps, strict=True)):
        middle = (edges[band] + edges[band + 1]) // 2
        for j in range(rows):
            west = edges[band] + (shift[band] if j >= turn[band] else 0)
            east = edges[band + 1] + (shift[band + 1] if j >= turn[band + 1] else 0)
            for i in range(west, east):
                here = cut + (step if i >= middle else 0)
                # Numbered from the north, as a reader of the map would.
                community[i, j] = first + len(cut) - int(np.searchsorted(here, j, side="right"))
        first += len(cut) + 1
    return community


def _in_one_piece(cells: npt.NDArray[np.bool_]) -> bool:
    boxes = shapely.box(*(np.argwhere(cells).T), *(np.argwhere(cells).T + 1))
    return len(boxes) > 0 and shapely.coverage_union_all(boxes).geom_type == "Polygon"


def _street_kinds(cells: int, arterials: list[int], rng: np.random.Generator) -> list[str]:
    """Give each line its kind; the outermost lines are the town's edge and carry no street."""
    kinds = ["minor" if odd else "secondary" for odd in rng.random(cells + 1) < HALF]
    kinds[1] = kinds[-2] = "ring"
    for line in arterials:
        kinds[min(max(line, 2), cells - 2)] = "arterial"
    return kinds


def _superblocks(grid: _Grid, rng: np.random.Generator) -> list[tuple[tuple[int, int], ...]]:
    """Join some neighbouring cells; each cell stands in exactly one returned tuple."""
    columns, rows = grid.community.shape
    used: set[tuple[int, int]] = set()
    joined: list[tuple[tuple[int, int], ...]] = []
    chance = rng.random((columns, rows))
    upward = rng.random((columns, rows)) < HALF
    for i in range(1, columns - 1):
        for j in range(1, rows - 1):
            axis = 1 if upward[i, j] else 0
            other = (i, j + 1) if axis == 1 else (i + 1, j)
            line, along = (j + 1, i) if axis == 1 else (i + 1, j)
            fits = other[0] < columns - 1 and other[1] < rows - 1 and not {(i, j), other} & used
            minor = grid.kinds[axis][line] == "minor"
            if fits and minor and chance[i, j] < JOINED and _same(grid, (i, j), other):
                grid.closed.add((axis, line, along))
                used |= {(i, j), other}
                joined.append(((i, j), other))
    rest = [(i, j) for i in range(columns) for j in range(rows) if (i, j) not in used]
    return joined + [(cell,) for cell in rest]


def _same(grid: _Grid, one: tuple[int, int], other: tuple[int, int]) -> bool:
    return bool(grid.community[one] == grid.community[other])


def _streets(grid: _Grid) -> list[Street]:
    streets = []
    for axis in (0, 1):
        lines = len(grid.xs) if axis == 0 else len(grid.ys)
        cells = (len(grid.ys) if axis == 0 else len(grid.xs)) - 1
        for line in range(1, lines - 1):
            kind = grid.kinds[axis][line]
            # Only arterials leave the ring; they run on into the open as country roads.
            span = range(cells) if kind == "arterial" else range(1, cells - 1)
            run: list[Floats] = []
            for along in [*span, -1]:
                if along >= 0 and (axis, line, along) not in grid.closed:
                    edge = grid.edge(axis, line, along)
                    run.append(edge if not run else edge[1:])
                    continue
                if run:
                    path = np.concatenate(run)
                    path = _run_on(path) if kind == "arterial" else path
                    streets.append(Street(axis, line, kind, shapely.LineString(path)))
                run = []
    return streets


def _run_on(path: Floats, length_m: float = 900.0) -> Floats:
    def beyond(end: Floats, before: Floats) -> Floats:
        way = (end - before) / np.hypot(*(end - before))
        side = np.array([-way[1], way[0]])
        t = np.linspace(0, 1, 7)[1:, None]
        bent: Floats = end + t * length_m * way + 120 * t**2 * side
        return bent

    return np.concatenate([beyond(path[0], path[1])[::-1], path, beyond(path[-1], path[-2])])


def _water(grid: _Grid, side: str) -> Any:
    half_x, half_y = float(grid.xs[-1]), float(grid.ys[-1])
    x = np.linspace(-1.55 * half_x, 1.55 * half_x, 60)
    y = (half_y + 75 + 40 * np.sin(x / 310)) * (1 if side == "north" else -1)
    # Beyond the town the bank keeps the bend that it has at the town's corner.
    inside = grid.place(np.clip(x, -half_x, half_x), np.full_like(x, np.sign(y[0]) * half_y))
    cos, sin = np.cos(grid.rotation), np.sin(grid.rotation)
    over_x, over_y = x - np.clip(x, -half_x, half_x), y - np.sign(y[0]) * half_y
    bank = inside + np.column_stack([cos * over_x - sin * over_y, sin * over_x + cos * over_y])
    return shapely.simplify(shapely.buffer(shapely.LineString(bank), 16), 1.5)


def _blocks(
    grid: _Grid, cells: list[list[Any]], joined: list[tuple[tuple[int, int], ...]], taken: Any
) -> list[Block]:
    columns, rows = grid.community.shape
    ground = np.array(
        [shapely.coverage_union_all([cells[i][j] for i, j in group]) for group in joined]
    )
    reach = np.hypot(*grid.place(np.array([grid.xs[-2]]), np.array([0.0]))[0])
    net = shapely.buffer(shapely.difference(ground, taken), -SETBACK_M, join_style="mitre")
    blocks = []
    for group, polygon in zip(joined, net, strict=True):
        if polygon.is_empty:
            continue
        whole = max(shapely.get_parts(polygon), key=lambda part: float(part.area))
        i, j = group[0]
        south = grid.edge(1, j, i)
        east, north = south[-1] - south[0]
        fringe = i in (0, columns - 1) or j in (0, rows - 1)
        centre = whole.centroid
        blocks.append(
            Block(
                polygon=shapely.buffer(shapely.buffer(whole, -5), 5, quad_segs=2),
                community=int(grid.community[i, j]),
                fringe=fringe,
                rank=float(np.hypot(centre.x, centre.y) / reach),
                angle=float(np.arctan2(north, east)),
            )
        )
    return blocks
