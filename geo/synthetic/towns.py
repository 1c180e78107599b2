"""Which towns there are at a size, and where: the six real ones, then invented ones that say so."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import shapely

from geo.errors import InputError
from geo.synthetic.chance import stream
from geo.synthetic.facts import read

COMPOUNDS = 104
COMMUNITIES = 13
LARGEST_SIZE = 200
SUMU_FROM = 200  # third group of digits of a code: 100 to 199 are towns
KINDS = ("commodity", "work_unit", "bungalow", "resettlement", "mixed")


class SizeError(InputError):
    """A size that the generator does not make."""

    code = "synthetic.size"
    zh = "示范旗的规模为 {got}，须是 1 至 {largest} 的整数。"
    en = "The size of the demo banner is {got}; give a whole number from 1 to {largest}."


@dataclass(frozen=True)
class Community:
    """A level-one grid to be drawn, and how many compounds it gets."""

    code: str
    name: str
    name_en: str
    aliases: tuple[str, ...]
    compounds: int


@dataclass(frozen=True)
class Town:
    """What is to be laid out.

    Parameters
    ----------
    number : int
        0 to 5 for the real towns, then on; the key of the town's stream of chance.
    seat : tuple of float
        Centre, (longitude, latitude) in EPSG:4490.
    rotation_deg : float
        How far the streets are turned, anticlockwise.
    core : tuple of int
        Columns and rows of blocks inside the ring road.
    groups : tuple of int
        Communities in each band of columns, from west to east.
    water : tuple of str
        Name of the river or canal, and the side ("north" or "south") it passes on.
    names : dict
        Compound kind to its (name, English name, aliases), one for every compound.
    """

    number: int
    code: str
    kind: str
    name: str
    name_en: str
    aliases: tuple[str, ...]
    seat: tuple[float, float]
    rotation_deg: float
    core: tuple[int, int]
    groups: tuple[int, ...]
    water: tuple[str, str]
    communities: tuple[Community, ...]
    names: dict[str, list[tuple[str, str, str]]]

    CAPITAL: ClassVar[int] = 0


def towns(*, seed: int, size: int, outline: Any) -> list[Town]:
    """List the towns of a banner of some size.

    Parameters
    ----------
    seed : int
    size : int
        1 to `LARGEST_SIZE`: 104 compounds in 13 communities for each unit of size.
    outline : shapely Polygon
        The banner in EPSG:4490; invented towns are spread over it.

    Returns
    -------
    list of Town
        The six real towns first.

    Raises
    ------
    SizeError
        If `size` is out of range.
    """
    if not 1 <= size <= LARGEST_SIZE:
        raise SizeError(got=size, largest=LARGEST_SIZE)
    real = [_real(number, row) for number, row in enumerate(read("towns")["town"])]
    seats = _further_seats(seed, [town.seat for town in real], outline)
    return real + [
        _further(seed, len(real) + nth, nth + 1, tuple(seats[nth])) for nth in range(size - 1)
    ]


def _real(number: int, row: dict[str, Any]) -> Town:
    listed = read("names")["compounds"][row["code"]]
    return Town(
        number=number,
        code=row["code"],
        kind=row["kind"],
        name=row["name"],
        name_en=row["name_en"],
        aliases=tuple(row["aliases"]),
        seat=(row["seat"][0], row["seat"][1]),
        rotation_deg=row["rotation_deg"],
        core=(row["core"][0], row["core"][1]),
        groups=tuple(row["groups"]),
        water=(row["water"][0], row["water"][1]),
        communities=tuple(
            Community(c["code"], c["name"], c["name_en"], tuple(c["aliases"]), c["compounds"])
            for c in row["communities"]
        ),
        names={kind: [_named(*name) for name in listed[kind]] for kind in KINDS},
    )


def _named(name: str, name_en: str, aliases: str = "") -> tuple[str, str, str]:
    return name, name_en, aliases


def _further(seed: int, number: int, nth: int, seat: tuple[float, ...]) -> Town:
    plan = read("towns")["further"]
    rng = stream(seed, "names", number)
    last = 105 + nth
    # Codes go on where the real ones end, 106 to 199, then among those of sumu, past the real 200.
    code = f"150625{last if last < SUMU_FROM else last + 1}"
    wanted: dict[str, int] = dict(plan["kinds"])
    count = sum(plan["groups"]) * plan["compounds"]
    wanted["commodity"] = count - sum(wanted.values())
    communities = tuple(
        Community(
            f"{code}{k + 1:03d}",
            plan["community"].format(number=nth, nth=k + 1),
            plan["community_en"].format(number=nth, nth=k + 1),
            (),
            plan["compounds"],
        )
        for k in range(sum(plan["groups"]))
    )
    return Town(
        number=number,
        code=code,
        kind="town" if int(code[6:]) < SUMU_FROM else "sumu",
        name=plan["name"].format(number=nth),
        name_en=plan["name_en"].format(number=nth),
        aliases=(),
        seat=(seat[0], seat[1]),
        rotation_deg=float(rng.uniform(-20, 20)),
        core=(plan["core"][0], plan["core"][1]),
        groups=tuple(plan["groups"]),
        water=(plan["water"][0], plan["water"][1]),
        communities=communities,
        names={kind: _composed(kind, wanted[kind], rng) for kind in KINDS},
    )


def _composed(kind: str, count: int, rng: np.random.Generator) -> list[tuple[str, str, str]]:
    further = read("names")["further"]
    stems = further["units" if kind == "work_unit" else "places" if kind == "bungalow" else "stems"]
    forms = further["forms"][kind]
    pairs = [(stem, form) for form in forms for stem in stems]
    order = rng.permutation(len(pairs))[:count]
    return [
        (pairs[k][0][0] + pairs[k][1][0], f"{pairs[k][0][1]} {pairs[k][1][1]}", "") for k in order
    ]


def _further_seats(seed: int, taken: list[tuple[float, float]], outline: Any) -> Any:
    """Spread seats about 7 km apart over the banner, 5 km from its border and 9 km from a town."""
    step_x, step_y, border, apart = 0.085, 0.065, 0.05, 0.1
    west, south, east, north = outline.bounds
    xs, ys = np.meshgrid(np.arange(west, east, step_x), np.arange(south, north, step_y))
    xs = xs + (np.arange(len(ys)) % 2 * step_x / 2)[:, None]
    spots = shapely.points(xs.ravel(), ys.ravel())
    inside = shapely.contains(shapely.buffer(outline, -border), spots)
    far = shapely.distance(spots, shapely.multipoints(taken)) > apart
    free = shapely.get_coordinates(spots[inside & far]).round(4)
    return free[stream(seed, "seats").permutation(len(free))]
