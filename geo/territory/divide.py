"""Communities and compound footprints -> level-two grids that tile the communities.

Footprints leave streets between them. Each community is divided among its compounds: every place
goes to the nearest footprint. The borders are drawn as linework, noded once for the whole
territory at the storage resolution and polygonised, so that neighbours share every vertex.
"""

from itertools import pairwise

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from geo.crs import GRID_SIZE_DEG, STORAGE_CRS, to_degrees, to_metric
from geo.errors import InputError
from geo.frames import COMMUNITIES, COMPOUNDS, check

# Footprint outlines are sampled this densely; borders are then smoothed by SIMPLIFY_M.
SAMPLE_M = 4.0
SIMPLIFY_M = 2.0
# Footprints that touch are drawn in, so that each keeps points of its own.
INSET_M = 0.5

Geometries = npt.NDArray[np.object_]


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
    outlines = to_metric(communities.geometry.to_numpy())
    footprints = to_metric(compounds.geometry.to_numpy())
    seeds, lines = [], [shapely.boundary(outlines)]
    for row in range(len(communities)):
        mine = np.flatnonzero(owner == row)
        cells = _cells(outlines[row], footprints[mine])
        seeds.append(pd.DataFrame({"community": row, "compound": mine, "cell": cells}))
        lines.append(shapely.intersection(shapely.boundary(cells), outlines[row]))
        if not len(mine):
            whole = {"community": [row], "compound": [-1], "cell": [outlines[row]]}
            seeds.append(pd.DataFrame(whole))
    cells_of = pd.concat(seeds, ignore_index=True)
    faces = _faces(np.concatenate(lines))
    label = _label(faces, outlines, cells_of)
    grids = _joined(faces[label >= 0], label[label >= 0], cells_of)
    return _named(grids, cells_of, communities, compounds)


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


def _cells(outline: shapely.Geometry, footprints: Geometries) -> Geometries:
    """Voronoi cells of whole footprints, metric, smoothed; not yet clipped to the outline."""
    if len(footprints) <= 1:
        return np.array([outline] * len(footprints), dtype=object)
    inset = shapely.buffer(footprints, -INSET_M)
    inset = np.where(shapely.is_empty(inset), footprints, inset)
    coordinates, owner = shapely.get_coordinates(
        shapely.segmentize(shapely.boundary(inset), SAMPLE_M), return_index=True
    )
    coordinates, first = np.unique(coordinates, axis=0, return_index=True)
    cells = shapely.get_parts(
        shapely.voronoi_polygons(
            shapely.multipoints(coordinates), extend_to=outline.envelope, ordered=True
        )
    )
    ordered = np.argsort(owner[first], kind="stable")
    bounds = np.searchsorted(owner[first][ordered], np.arange(len(footprints) + 1))
    merged = [
        shapely.coverage_union_all(cells[ordered[start:end]]) for start, end in pairwise(bounds)
    ]
    simple: Geometries = shapely.coverage_simplify(np.array(merged, dtype=object), SIMPLIFY_M)
    return simple


def _faces(lines: Geometries) -> Geometries:
    noded = shapely.union_all(to_degrees(lines), grid_size=GRID_SIZE_DEG)
    faces: Geometries = shapely.get_parts(shapely.polygonize([noded]))
    return faces


def _label(faces: Geometries, outlines: Geometries, cells: pd.DataFrame) -> npt.NDArray[np.int64]:
    """Position in `cells` of each face's grid; -1 for ground of no community."""
    place = to_metric(shapely.point_on_surface(faces))
    face, community = shapely.STRtree(outlines).query(place, predicate="intersects")
    of_face = np.full(len(faces), -1)
    of_face[face[::-1]] = community[::-1]
    tree = shapely.STRtree(cells["cell"].to_numpy(dtype=object))
    face, cell = tree.query(place, predicate="intersects")
    same = cells["community"].to_numpy()[cell] == of_face[face]
    label = np.full(len(faces), -1)
    label[face[same][::-1]] = cell[same][::-1]
    return label


def _joined(
    faces: Geometries, label: npt.NDArray[np.int64], cells: pd.DataFrame
) -> gpd.GeoDataFrame:
    """Faces of one grid as one polygon; cut-off pieces go to the neighbour they border on most."""
    grids = _dissolved(faces, label)
    pieces, owner = shapely.get_parts(grids.geometry.to_numpy(), return_index=True)
    size = pd.Series(shapely.area(pieces))
    main = size.groupby(owner).idxmax()
    cut_off = np.setdiff1d(np.arange(len(pieces)), main)
    if not cut_off.size:
        return grids
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
