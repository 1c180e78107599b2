"""Which layers of polygons are which boundaries: by their words, and by what lies within what."""

import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import STORAGE_CRS
from geo.errors import BannerGridError
from geo.files.values import as_text
from geo.intake.folder.model import Candidate, Part
from geo.intake.folder.recognition import count_words, find_columns, names_of, recognise, signs
from geo.intake.personal import is_personal_heading
from geo.wellknown import from_text

ROLES = ("outline", "towns", "communities", "compounds", "buildings", "other")
NESTED = ROLES[:-1]
WORDED = ("communities", "compounds", "outline", "towns", "other")
# What a layer is if nothing else speaks for it.
OTHER_POINTS = 0.5
NAME_WEIGHT = 1.5
# So much of a layer must lie within another to be the level below it.
NESTED_SHARE = 0.9
NESTED_WEIGHT = 2.0
LEAST_LEAD = 0.75
_CODE = r"\d{12}(?:\.0)?"
_TOWN_CODE = r"\d{9}(?:000)?(?:\.0)?"
_SEVERAL = 2
GUESSED = ("communities", "compounds")
_NAME_ENDINGS = ("mc", "name", "nam", "nome", "nombre")  # 名称 by its initials, and abroad
_IDENTIFIER = r"[A-Za-z]*[-_]?\d[\dA-Za-z_-]*"
_FILLED = 0.8
# Up to so many layers, so many roles of each: all ways together stay below a hundred thousand.
_TRIED = ((6, 5), (9, 3), (16, 2), (10**9, 1))
_LARGER = 1.5


@dataclass(frozen=True)
class Layer:
    """Polygons of a part.

    Parameters
    ----------
    part : Part
    polygons : ndarray of shapely geometries
        In EPSG:4490 where that is known, else as they stand.
    placed : bool
        Whether they are in EPSG:4490.
    """

    part: Part
    polygons: npt.NDArray[np.object_]
    placed: bool

    @property
    def size(self) -> float:
        """The median area, in square degrees or in what they are in."""
        return float(np.median(shapely.area(self.polygons)))


class Roles(NamedTuple):
    """Which layer is what; what else a layer may be as well; layers that nothing is known of."""

    chosen: dict[str, Candidate]
    unsure: dict[str, list[str]]


def layer_of(part: Part) -> Layer | None:
    """Give the polygons of a part; None where it has none."""
    geometry = part.table.geometry
    crs = None
    if geometry is not None:
        shapes, crs = geometry.to_numpy(), geometry.crs
    else:
        column = _wellknown_column(part)
        if column is None:
            return None
        text = as_text(part.table.cells[column])
        shapes = from_text(text.astype(object).where(text.notna(), None).to_numpy())
    shapes = np.asarray(shapes, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes) or not np.isin(shapely.get_type_id(shapes), [3, 6, 7]).all():
        return None
    placed = False
    if crs is not None:
        try:
            shapes = gpd.GeoSeries(shapes, crs=crs).to_crs(STORAGE_CRS).to_numpy()
            placed = bool(np.isfinite(shapely.bounds(shapes)).all())
        except (BannerGridError, RuntimeError, ValueError):
            placed = False
    return Layer(part, shapely.make_valid(shapes), placed)


def _wellknown_column(part: Part) -> str | None:
    for heading in map(str, part.table.cells.columns):
        first = as_text(part.table.cells[heading]).dropna().head(1)
        if len(first) and str(first.iloc[0]).lstrip().upper().startswith(
            ("POLYGON", "MULTIPOLYGON")
        ):
            return heading
    return None


def assign_roles(layers: list[Layer], told: Mapping[str, str] | None = None) -> Roles:
    """Say which layer holds which boundaries.

    Each layer has points for what its words say; of all ways to give the roles the one counts
    where these and the nesting have most: communities hold compounds, the outline holds both. A
    role that another layer could have as well is unsure.

    Parameters
    ----------
    layers : list of Layer
    told : mapping of str to str, optional
        Key of a part to the role that somebody named.

    Returns
    -------
    Roles
        By the key of each part.
    """
    if not layers:
        return Roles({}, {})
    keys = [each.part.key for each in layers]
    words = {each.part.key: _words(each) for each in layers}
    within = {
        (inner.part.key, outer.part.key): _share_within(inner, outer)
        for inner, outer in itertools.permutations(layers, 2)
    }
    ways = []
    for roles in itertools.product(*_possible(layers, words, told or {})):
        if any(roles.count(role) > 1 for role in ("outline", "communities", "compounds")):
            continue
        given = dict(zip(keys, roles, strict=True))
        ways.append((_weigh(given, words, within, layers), given))
    ways.sort(key=lambda way: -way[0])
    best, given = ways[0]
    chosen = {}
    unsure: dict[str, list[str]] = {}
    for layer in layers:
        key = layer.part.key
        others = [
            way[key] for score, way in ways if way[key] != given[key] and best - score < LEAST_LEAD
        ]
        if others:
            unsure[key] = list(dict.fromkeys([given[key], *others]))
        chosen[key] = _candidate(layer, given[key], words[key][given[key]])
    return Roles(chosen, unsure)


def _possible(
    layers: list[Layer], words: dict[str, dict[str, float]], told: Mapping[str, str]
) -> list[list[str]]:
    """Give the roles that are tried for each layer: fewer of each where there are many layers."""
    kept = next(number for most, number in _TRIED if len(layers) <= most)
    possible = []
    for layer in layers:
        points = words[layer.part.key]
        likely = sorted(points, key=points.__getitem__, reverse=True)[:kept]
        named = told.get(layer.part.key)
        possible.append([named if named in ROLES else "other"] if named else likely)
    return possible


def _candidate(layer: Layer, role: str, score: float) -> Candidate:
    headings = list(map(str, layer.part.table.cells.columns))
    columns, proposed = find_columns(
        headings, role, cut_by=layer.part.table.cut_by, has_geometry=True
    )
    guessed = _by_cells(layer.part, role, columns)
    return Candidate(role, score, columns | guessed, proposed | frozenset(guessed))


def _by_cells(part: Part, role: str, columns: dict[str, str]) -> dict[str, str]:
    """Propose columns of codes and names by what stands in them, where no heading says it.

    Surveyors head them by initials (SQDM, SQMC), software by anything.
    """
    if role not in GUESSED:
        return {}
    guessed: dict[str, str] = {}
    if "code" not in columns and role != "compounds":
        codes = _codes(part)
        if len(codes):
            guessed["code"] = str(codes.name)
    if "name" not in columns:
        free = [
            heading
            for heading in map(str, part.table.cells.columns)
            if heading not in {*columns.values(), *guessed.values()}
            and not is_personal_heading(heading)
        ]
        liking = {heading: _like_a_name(part, heading, role) for heading in free}
        best = max(liking.values(), default=0.0)
        likely = [heading for heading, points in liking.items() if points == best > 0]
        if len(likely) == 1:
            guessed["name"] = likely[0]
    return guessed


def _like_a_name(part: Part, heading: str, role: str) -> float:
    """Give points for a column's being the polygons' own name: different words in each cell."""
    cells = as_text(part.table.cells[heading]).dropna().astype("str").str.strip()
    worded = cells.str.contains(r"[^\W\d_]") & ~cells.str.fullmatch(_IDENTIFIER)
    if len(cells) < _FILLED * len(part.table.cells) or worded.mean() < _FILLED:
        return 0.0
    different = cells.nunique() / len(cells)
    if different < _FILLED:
        return 0.0
    endings = _share_ending(cells.str.casefold(), signs()[role].get("names", []))
    said = heading.casefold().endswith(_NAME_ENDINGS)
    return different + 2 * endings + (1 if said else 0)


def _weigh(
    given: dict[str, str],
    words: dict[str, dict[str, float]],
    within: dict[tuple[str, str], float],
    layers: list[Layer],
) -> float:
    score = sum(words[key][role] for key, role in given.items())
    size = {each.part.key: each.size for each in layers}
    rank = {role: at for at, role in enumerate(NESTED)}
    for (inner, outer), share in within.items():
        if "other" in (given[inner], given[outer]):
            continue
        below, above = rank[given[inner]], rank[given[outer]]
        if below <= above:
            continue
        smaller = size[outer] > size[inner] * _LARGER
        score += NESTED_WEIGHT if share >= NESTED_SHARE and smaller else -NESTED_WEIGHT
    return score


def _words(layer: Layer) -> dict[str, float]:
    """Give points for each role by names, headings and cells."""
    called = names_of(layer.part)
    points = dict.fromkeys(ROLES, 0.0)
    names = _names(layer.part)
    for role in WORDED:
        known = signs()[role]
        points[role] += NAME_WEIGHT * min(count_words(called, known["words"]), _SEVERAL)
        points[role] += 2 * _share_ending(names, known.get("names", []))
    codes = _codes(layer.part)
    # A code of twelve digits is a community's; that of a town ends in zeros.
    whole = codes.str.fullmatch(_CODE)
    of_town = codes.str.fullmatch(_TOWN_CODE)
    if len(codes):
        points["communities"] += 2 * float((whole & ~of_town).mean())
        points["towns"] += 2 * float(of_town.mean())
    if len(layer.polygons) == 1:
        points["outline"] += 2.0
    else:
        points["outline"] -= 2.0
    lists = {each.kind: each for each in recognise(layer.part)}
    points["buildings"] += 1.5 if "buildings" in lists else -2.5
    points["other"] += OTHER_POINTS
    return points


def _names(part: Part) -> pd.Series:
    columns, _ = find_columns(list(map(str, part.table.cells.columns)), "communities")
    more, _ = find_columns(list(map(str, part.table.cells.columns)), "compounds")
    heading = columns.get("name") or more.get("name")
    if heading is None:
        return pd.Series([], dtype="str")
    return as_text(part.table.cells[heading]).dropna().astype("str").str.casefold()


def _codes(part: Part) -> pd.Series:
    """Give the cells of the first column that is one of codes of divisions."""
    for heading in part.table.cells.columns:
        text = as_text(part.table.cells[heading]).dropna().astype("str").str.strip()
        if len(text) and text.is_unique and text.str.fullmatch(rf"{_CODE}|{_TOWN_CODE}").all():
            return text
    return pd.Series([], dtype="str")


def _share_ending(names: pd.Series, endings: list[str]) -> float:
    if not len(names):
        return 0.0
    return float(names.str.endswith(tuple(each.casefold() for each in endings)).mean())


def _share_within(inner: Layer, outer: Layer) -> float:
    """Give which share of a layer's polygons has its middle in another layer."""
    if inner.placed != outer.placed:
        return 0.0
    tree = shapely.STRtree(outer.polygons)
    found, _ = tree.query(shapely.point_on_surface(inner.polygons), predicate="intersects")
    return len(np.unique(found)) / len(inner.polygons)
