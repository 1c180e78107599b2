"""Communities and compound footprints -> level-two grids that tile the communities.

Footprints leave streets between them. Each community is divided among its compounds: every place
goes to the nearest footprint. The borders are drawn as linework, noded once for the whole
territory at the storage resolution and polygonised, so that neighbours share every vertex.
"""

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import GRID_SIZE_DEG, STORAGE_CRS, to_degrees, to_metric
from geo.errors import InputError
from geo.frames import COMMUNITIES, COMPOUNDS, check
from geo.measuring import crs_of

# Footprint outlines are sampled this densely; borders are then smoothed by SIMPLIFY_M.
SAMPLE_M = 4.0
SIMPLIFY_M = 2.0
# Footprints that touch are drawn in, so that each keeps points of its own.
INSET_M = 0.5
# With less than this between them there are no streets: the footprints fill their community.
STREETS_M2 = 1.0

# How far points are moved, where they are too regular for their cells to be found.
JITTERS_M = (0.0, 0.005, 0.02, 0.1)
TILING = 1e-6  # by which share the areas of cells may miss that of the box which they tile
POLYGON = 2  # dimensions

Floats = npt.NDArray[np.float64]
Geometries = npt.NDArray[np.object_]


class CompoundLostError(InputError):
    """Nothing of a community would be left for one of its compounds."""

    code = "territory.compound_lost"
    zh = "小区“{name}”分不到任何地块：它太小，或与另一小区重合。请在源文件中改正。"
    en = (
        "Nothing of its community is nearest to compound {name!r}: it is too small, or lies on "
        "another. Correct it in the source file."
    )


class CompoundOutsideError(InputError):
    """A compound lies in no community, or names one that is not there."""

    code = "territory.compound_outside"
    zh = "小区“{name}”不在任何社区内{named}。请检查小区或社区边界。"
    en = "Compound {name!r} lies in no community{named}. Check its place or the communities."


def divide(communities: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Divide each community among its compounds.

    Every place goes to the nearest footprint of its own community, to within `SIMPLIFY_M`; a piece
    cut off from its compound by a bend of the community's border goes to the grid it borders on
    most. A community without compounds becomes one grid.

    Parameters
    ----------
    communities : GeoDataFrame
        See `geo.frames.COMMUNITIES`; a coverage.
    compounds : GeoDataFrame
        See `geo.frames.COMPOUNDS`; without overlaps.

    Returns
    -------
    GeoDataFrame
        One row a level-two grid, in EPSG:4490 at 1e-7 degrees: `community_code`, `external_id`
        (missing for a community without compounds), `name`, `geometry`; a valid coverage. By
        community, then in the order of `compounds`.

    Raises
    ------
    CrsError, FrameError
        If a frame is not as promised.
    CompoundOutsideError
        If a compound lies in no community.
    """
    check(communities, COMMUNITIES)
    check(compounds, COMPOUNDS)
    owner = community_of(communities, compounds)
    outlines = shapely.force_2d(communities.geometry.to_numpy())
    footprints = shapely.force_2d(compounds.geometry.to_numpy())
    crs = crs_of(communities)
    seeds, lines = [], [shapely.boundary(outlines)]
    for row in range(len(communities)):
        mine = np.flatnonzero(owner == row)
        # One compound, or none, has the whole community.
        cells = np.array([outlines[row]], dtype=object)
        if len(mine) > 1:
            cells = _cells(outlines[row], footprints[mine], crs)
            lines.append(shapely.intersection(shapely.boundary(cells), outlines[row]))
        compound = mine if len(mine) else [-1]
        seeds.append(pd.DataFrame({"community": row, "compound": compound, "cell": cells}))
    cells_of = pd.concat(seeds, ignore_index=True)
    faces = _faces(np.concatenate(lines))
    label = _label(faces, outlines, cells_of)
    grids = _joined(faces[label >= 0], label[label >= 0], cells_of, footprints)
    _refuse_lost(grids, cells_of, compounds)
    return _named(grids, cells_of, communities, compounds)


def _refuse_lost(grids: gpd.GeoDataFrame, cells: pd.DataFrame, compounds: gpd.GeoDataFrame) -> None:
    there = cells["compound"].to_numpy()[grids["cell"].to_numpy()]
    lost = np.setdiff1d(np.arange(len(compounds)), there)
    if lost.size:
        raise CompoundLostError(name=compounds["name"].iloc[lost[0]])


def community_of(
    communities: gpd.GeoDataFrame, compounds: gpd.GeoDataFrame
) -> npt.NDArray[np.int64]:
    """Give each compound the position of its community: the one it names, else by place.

    By place is by a point in the footprint; of several communities the first code.

    Raises
    ------
    CompoundOutsideError
        If there is none; names the first such compound.
    """
    position: npt.NDArray[np.int64]
    order = np.argsort(communities["code"].to_numpy(dtype=str))
    ordered = communities.geometry.to_numpy()[order]
    inside = shapely.point_on_surface(compounds.geometry.to_numpy())
    which, there = shapely.STRtree(ordered).query(inside, predicate="intersects")
    found = np.full(len(compounds), len(communities))
    np.minimum.at(found, which, there)
    position = np.append(order, -1)[found]
    if "community_code" in compounds.columns:
        by_code = pd.Series(range(len(communities)), index=communities["code"].astype(str))
        named = compounds["community_code"]
        known = named.map(by_code)
        position = np.where(named.isna(), position, known.fillna(-1))
    position = position.astype(np.int64)
    lost = np.flatnonzero(position < 0)
    if lost.size:
        row = compounds.iloc[lost[0]]
        code = row.get("community_code")
        named_text = "" if pd.isna(code) else f" ({code})"
        raise CompoundOutsideError(name=row["name"], named=named_text)
    return position


def _cells(outline: shapely.Geometry, footprints: Geometries, crs: str) -> Geometries:
    """Give each of several footprints its cell, in degrees; not yet clipped to the outline.

    Footprints that fill the community, as grids do that were drawn before, are the cells.
    """
    left = to_metric(shapely.difference(outline, shapely.union_all(footprints)), crs)
    if shapely.area(left) < STREETS_M2:
        return footprints
    # In degrees, as the community is drawn: a border straight for miles in degrees is bent in
    # metres, and a line that ends on the one misses the other by centimetres.
    cells: Geometries = to_degrees(
        _voronoi(to_metric(outline, crs), to_metric(footprints, crs)), crs
    )
    return cells


def _voronoi(outline: shapely.Geometry, footprints: Geometries) -> Geometries:
    """Voronoi cells of whole footprints, metric, smoothed."""
    inset = shapely.buffer(footprints, -INSET_M)
    inset = np.where(shapely.is_empty(inset), footprints, inset)
    coordinates, owner = shapely.get_coordinates(
        shapely.segmentize(shapely.boundary(inset), SAMPLE_M), return_index=True
    )
    coordinates, first = np.unique(coordinates, axis=0, return_index=True)
    west, south, east, north = outline.bounds
    # Wider than the outline, which bends out of its box between its corners.
    around = outline.envelope.buffer(max(east - west, north - south) / 10)
    there, merged = _merged_cells(coordinates, owner[first], around)
    # A footprint that lies on another has no point of its own.
    simple = np.full(len(footprints), shapely.Polygon(), dtype=object)
    simple[there] = shapely.coverage_simplify(merged, SIMPLIFY_M)
    return simple


def _merged_cells(
    points: Floats, owner: npt.NDArray[np.int64], around: shapely.Geometry
) -> tuple[npt.NDArray[np.int64], Geometries]:
    """Give the owners of some points, ascending, and the union of the Voronoi cells of each.

    Cells are cut near the origin, for GEOS squares coordinates, and of millions of metres too few
    digits are left. Of points in straight rows many lie on one circle, and their cells may come out
    wrong or fit badly: then each is moved by millimetres, which smoothing takes back.
    """
    middle = points.mean(axis=0)
    box = shapely.transform(around, lambda corners: corners - middle)
    ordered = np.argsort(owner, kind="stable")
    there, starts = np.unique(owner[ordered], return_index=True)
    chance = np.random.default_rng(0)
    for off_m in JITTERS_M:
        near = points - middle + chance.uniform(-off_m, off_m, points.shape)
        cells = shapely.get_parts(
            shapely.voronoi_polygons(shapely.multipoints(near), extend_to=box, ordered=True)
        )
        if not (_tile(cells) or off_m == JITTERS_M[-1]):
            continue
        try:
            merged = [
                shapely.coverage_union_all(own) for own in np.split(cells[ordered], starts[1:])
            ]
        except shapely.GEOSException:
            if off_m == JITTERS_M[-1]:
                raise
        else:
            break
    moved: Geometries = shapely.transform(
        np.array(merged, dtype=object), lambda corners: corners + middle
    )
    return there, moved


def _tile(cells: Geometries) -> bool:
    """Tell whether cells are polygons that tile the box around them."""
    box_m2 = shapely.area(shapely.box(*shapely.total_bounds(cells)))
    return bool(
        (shapely.get_dimensions(cells) == POLYGON).all()
        and abs(shapely.area(cells).sum() - box_m2) <= TILING * box_m2
    )


def _faces(lines: Geometries) -> Geometries:
    noded = shapely.union_all(lines, grid_size=GRID_SIZE_DEG)
    faces: Geometries = shapely.get_parts(shapely.polygonize([noded]))
    return faces


def _label(faces: Geometries, outlines: Geometries, cells: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Position in `cells` of each face's grid; -1 for ground of no community."""
    place = shapely.point_on_surface(faces)
    face, community = shapely.STRtree(outlines).query(place, predicate="intersects")
    of_face = np.full(len(faces), -1)
    of_face[face[::-1]] = community[::-1]
    tree = shapely.STRtree(cells["cell"].to_numpy(dtype=object))
    face, cell = tree.query(place, predicate="intersects")
    same = cells["community"].to_numpy()[cell] == of_face[face]
    label = np.full(len(faces), -1)
    label[face[same][::-1]] = cell[same][::-1]
    for face in np.flatnonzero((label < 0) & (of_face >= 0)):
        # A sliver between footprints that fill their community.
        own = np.flatnonzero(cells["community"].to_numpy() == of_face[face])
        away = shapely.distance(cells["cell"].to_numpy(dtype=object)[own], place[face])
        label[face] = own[away.argmin()]
    return label


def _joined(
    faces: Geometries,
    label: npt.NDArray[np.int64],
    cells: pd.DataFrame,
    footprints: Geometries,
) -> gpd.GeoDataFrame:
    """Faces of one grid as one polygon; cut-off pieces go to the neighbour they border on most.

    Cut off is what holds less of the compound than another piece, or is smaller where none does.
    """
    grids = _dissolved(faces, label)
    pieces, owner = shapely.get_parts(grids.geometry.to_numpy(), return_index=True)
    if len(pieces) == len(grids):
        return grids
    compound = cells["compound"].to_numpy()[grids["cell"].to_numpy()][owner]
    held = np.where(
        compound >= 0, shapely.area(shapely.intersection(pieces, footprints[compound])), 0.0
    )
    first = np.lexsort((-shapely.area(pieces), -held, owner))
    main = first[np.unique(owner[first], return_index=True)[1]]
    cut_off = np.setdiff1d(np.arange(len(pieces)), main)
    labels = grids["cell"].to_numpy()[owner]
    community = cells["community"].to_numpy()
    tree = shapely.STRtree(pieces)
    for piece in cut_off:
        near = np.setdiff1d(tree.query(pieces[piece], predicate="intersects"), cut_off)
        near = near[community[labels[near]] == community[labels[piece]]]
        if near.size:
            shared = shapely.length(
                shapely.intersection(
                    shapely.boundary(pieces[near]), shapely.boundary(pieces[piece])
                )
            )
            if shared.max() > 0:
                labels[piece] = labels[near[shared.argmax()]]
    return _dissolved(pieces, labels)


def _dissolved(faces: Geometries, label: npt.NDArray[np.int64]) -> gpd.GeoDataFrame:
    order = np.argsort(label, kind="stable")
    names, starts = np.unique(label[order], return_index=True)
    groups = np.split(faces[order], starts[1:])
    joined = [shapely.normalize(shapely.coverage_union_all(group)) for group in groups]
    return gpd.GeoDataFrame({"cell": names}, geometry=gpd.GeoSeries(joined, crs=STORAGE_CRS))


def _named(
    grids: gpd.GeoDataFrame,
    cells: pd.DataFrame,
    communities: gpd.GeoDataFrame,
    compounds: gpd.GeoDataFrame,
) -> gpd.GeoDataFrame:
    row = cells.iloc[grids["cell"]].reset_index(drop=True)
    compound = row["compound"].to_numpy()
    own = compound >= 0
    community = row["community"].to_numpy()

    def chosen(column: str, otherwise: str | None) -> Geometries:
        values = np.full(len(grids), None, dtype=object)
        values[own] = compounds[column].to_numpy(dtype=object)[compound[own]]
        if otherwise is not None:
            values[~own] = communities[otherwise].to_numpy(dtype=object)[community[~own]]
        return values

    return gpd.GeoDataFrame(
        {
            "community_code": communities["code"].to_numpy(dtype=object)[community],
            "external_id": chosen("external_id", None),
            "name": chosen("name", "name"),
        },
        geometry=grids.geometry,
    )
