"""In what coordinates a boundary file is: what it states, what its reader says, whether that fits.

A statement of the file counts before an option; where both differ somebody is wrong, and nothing
is read until it is known who. A CRS that the coordinates cannot be in is no statement.
"""

import re
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
from pyproj.exceptions import CRSError, ProjError

from geo.crs import DATUMS, STORAGE_CRS, axes_swapped
from geo.errors import CrsError, DatumError, FileRefusedError
from geo.files.vector.reading import Vector

# Northings of China in metres, wider than any easting within a zone.
CHINA_NORTHING_M = (1.6e6, 6.0e6)
# A Gauss-Kruger easting this far from the false easting is not of that zone.
MOST_FROM_FALSE_EASTING_M = 1.0e6
ZONE_M = 1_000_000
# EPSG codes of Gauss-Kruger CRS: of the first zone, by datum, zones' width in degrees, and whether
# the easting begins with the zone. Zones are 13 to 23 (6 degrees) and 25 to 45 (3 degrees).
ZONES = {6: range(13, 24), 3: range(25, 46)}
EPSG_OF_FIRST_ZONE = {
    ("CGCS2000", 6): (4491, 4502),
    ("CGCS2000", 3): (4513, 4534),
    ("Xian 1980", 6): (2327, 2338),
    ("Xian 1980", 3): (2349, 2370),
    ("Beijing 1954", 6): (21413, 21453),
    ("Beijing 1954", 3): (2401, 2422),
}
_DATUM_WORDS = {
    "gcj02": re.compile(r"gcj[\W_]*0?2|火星|高德|amap|mars", re.IGNORECASE),
    "bd09": re.compile(r"bd[\W_]*0?9|百度|baidu", re.IGNORECASE),
}


class Note(NamedTuple):
    """What whoever loads a file should know of it; a doubt may mean that it is wrong."""

    zh: str
    en: str
    doubt: bool


def datum_in(text: str | None) -> str | None:
    """Give the datum that a name speaks of; none where it is none or two.

    >>> datum_in("小区_GCJ-02.geojson"), datum_in("gcj02_to_bd09"), datum_in("EPSG:4490")
    ('gcj02', None, None)
    """
    found = [datum for datum, word in _DATUM_WORDS.items() if text and word.search(text)]
    return found[0] if len(found) == 1 else None


def settle(
    vector: Vector, path: Path, *, crs: str | None, datum: str | None, insist: bool, called: str
) -> gpd.GeoDataFrame:
    """Give a frame the CRS that it is in; `attrs` with its `datum` and the `notes`.

    Parameters
    ----------
    vector : Vector
        With a geometry.
    path : Path
        For messages.
    crs, datum : str, optional
        What its reader says.
    insist : bool
        Whether the reader says it of this very file, so that a contradiction is refused; else
        `crs` is for files that state none, and another is passed over with a note.
    called : str
        The file's and the layer's names, which may speak of a datum.

    Raises
    ------
    CrsError, DatumError, FileRefusedError
        If nothing says what the coordinates are in, two things say different, what is said is not
        known, or the coordinates cannot be in it.
    """
    if datum is not None and datum not in DATUMS:
        raise DatumError(got=datum, known=", ".join(DATUMS))
    frame = gpd.GeoDataFrame(vector.frame)
    said = frame.attrs.pop("warnings", [])
    notes = [
        Note(
            f"{path.name}：GDAL 读取时提示：{each}", f"{path.name}: GDAL says: {each}", doubt=False
        )
        for each in said
    ]
    named = datum_in(vector.crs_name) or (frame.crs and datum_in(frame.crs.name))
    datum = _settled_datum(path, named, datum, crs)
    if named is not None:
        notes.append(_converted(path, named))
        frame, vector = (
            frame.set_crs(STORAGE_CRS, allow_override=True),
            vector._replace(stated=True),
        )
    elif crs is not None:
        frame, more = _in_given_crs(vector, path, crs, insist=insist)
        notes += more
    elif vector.crs_name is not None:
        raise CrsError(got=vector.crs_name, wanted="a name that PROJ knows, or --crs EPSG:…")
    if frame.crs is None:
        if datum is None:
            hint = _fitting_epsg(frame.total_bounds, None)
            wanted = f"a CRS in the file, --crs {hint or 'EPSG:…'}, or --datum {'|'.join(DATUMS)}"
            raise CrsError(got="unstated", wanted=wanted)
        frame = frame.set_crs(STORAGE_CRS)
    spoken = datum_in(called)
    if spoken and datum is None and frame.crs.is_geographic:
        raise FileRefusedError(
            file=path.name,
            problem=f"its name says {spoken}; add --datum {spoken}, or --datum cgcs2000 if it has "
            "been converted since",
            problem_zh=f"名称中写有 {spoken}，请加 --datum {spoken}；"
            "若已转换过，请加 --datum cgcs2000",
        )
    if datum in ("gcj02", "bd09") and not frame.crs.is_geographic:
        raise CrsError(got=frame.crs.to_string(), wanted=f"degrees ({datum})")
    if datum in ("gcj02", "bd09") and vector.stated and named is None:
        notes.append(_datum_over_statement(path, frame, datum))
    frame.attrs["datum"] = datum if datum in ("gcj02", "bd09") else None
    frame.attrs["notes"] = notes
    return frame


def _settled_datum(path: Path, named: str | None, datum: str | None, crs: str | None) -> str | None:
    if named is None or (datum in (None, named) and crs is None):
        return named or datum
    given = f"--datum {datum}" if datum not in (None, named) else f"--crs {crs}"
    raise FileRefusedError(
        file=path.name,
        problem=f"it states {named}, the option says {given}; leave the option out, or correct "
        "the file",
        problem_zh=f"文件写明为 {named}，选项却是 {given}；请去掉该选项，或改正文件",
    )


def _converted(path: Path, named: str) -> Note:
    return Note(
        f"{path.name} 写明坐标为 {named}，已按此换算",
        f"{path.name} states {named}; it is converted from that",
        doubt=False,
    )


def _datum_over_statement(path: Path, frame: gpd.GeoDataFrame, datum: str) -> Note:
    stated = frame.crs.to_string()
    return Note(
        f"{path.name} 写明为 {stated}，按选项当作 {datum} 换算",
        f"{path.name} states {stated}; it is taken as {datum}, as the option says",
        doubt=False,
    )


def _in_given_crs(
    vector: Vector, path: Path, crs: str, *, insist: bool
) -> tuple[gpd.GeoDataFrame, list[Note]]:
    frame = gpd.GeoDataFrame(vector.frame)
    try:
        given = pyproj.CRS.from_user_input(crs)
    except CRSError as error:
        raise CrsError(got=crs, wanted="a CRS that PROJ knows, such as EPSG:4490") from error
    stated = frame.crs if vector.stated else None
    if stated is None or stated == given:
        return frame.set_crs(given, allow_override=True), []
    name = stated.to_string()
    if why_not(frame.total_bounds, stated) is not None:
        note = Note(
            f"{path.name} 写明为 {name}，与坐标不符，按选项当作 {crs}",
            f"{path.name} states {name}, which its coordinates are not in; it is taken as {crs}",
            doubt=False,
        )
        return frame.set_crs(given, allow_override=True), [note]
    if insist:
        raise FileRefusedError(
            file=path.name,
            problem=f"it states {name}, the option says {crs}; leave the option out, or correct "
            "what the file states",
            problem_zh=f"文件写明坐标系为 {name}，选项却是 {crs}；请去掉该选项，或改正文件",
        )
    note = Note(
        f"{path.name} 自己写明为 {name}，--crs {crs} 未用于它",
        f"{path.name} states {name} itself; --crs {crs} was not used for it",
        doubt=False,
    )
    return frame, [note]


def refuse_misplaced(frame: gpd.GeoDataFrame, path: Path) -> None:
    """Refuse coordinates that cannot be in their CRS; note those far outside its area of use.

    Raises
    ------
    FileRefusedError
        With the EPSG code that fits, where there is one.
    CrsError
        If PROJ cannot bring the CRS to EPSG:4490.
    """
    bounds, crs = frame.total_bounds, frame.crs
    reason = why_not(bounds, crs)
    if reason is not None:
        raise FileRefusedError(file=path.name, problem=reason.en, problem_zh=reason.zh)
    try:
        to_storage = pyproj.Transformer.from_crs(crs, STORAGE_CRS, always_xy=True)
        west, south, east, north = to_storage.transform_bounds(*bounds)
    except (CRSError, ProjError) as error:
        wanted = "a CRS on the Earth that PROJ can bring to EPSG:4490"
        raise CrsError(got=crs.to_string()[:80], wanted=wanted) from error
    if not np.isfinite([west, south, east, north]).all():
        name = crs.to_string()[:80]
        raise FileRefusedError(
            file=path.name,
            problem=f"its coordinates (x {bounds[0]:.0f}, y {bounds[1]:.0f}) are nowhere in {name};"
            " state the right CRS with --crs EPSG:…",
            problem_zh=f"坐标（x {bounds[0]:.0f}，y {bounds[1]:.0f}）不在 {name} 的范围内，"
            "请用 --crs EPSG:… 指明正确的坐标系",
        )
    if _datum_family(crs) != "CGCS2000":
        frame.attrs["notes"].append(_old_datum(path, _datum_family(crs)))
    area = crs.area_of_use
    outside = area and (
        east < area.west or west > area.east or north < area.south or south > area.north
    )
    if outside and not crs.is_geographic:
        frame.attrs["notes"].append(_outside_its_area(path, crs, (west, south), area))


def _old_datum(path: Path, datum: str) -> Note:
    return Note(
        f"{path.name} 为 {datum} 坐标，到 CGCS2000 没有公开的精确转换，"
        "可能偏差百米以上；请先用本地参数转换",
        f"{path.name} is in {datum}, of which no exact conversion to CGCS2000 is public: it may be "
        "100 m and more off; convert it with local parameters first",
        doubt=True,
    )


def _outside_its_area(
    path: Path, crs: pyproj.CRS, corner: tuple[float, float], area: pyproj.aoi.AreaOfUse
) -> Note:
    where = f"{corner[0]:.2f}, {corner[1]:.2f}"
    name = crs.to_string()[:80]
    return Note(
        f"{path.name} 全部位于 {name} 适用范围（东经 {area.west:g}–{area.east:g}）之外，"
        f"西南角在 {where}；带号可能有误，请核对",
        f"{path.name} lies wholly outside the area of {name} ({area.west:g} to {area.east:g} E): "
        f"its corner is at {where}; the zone may be wrong",
        doubt=True,
    )


class Reason(NamedTuple):
    """Why coordinates cannot be in a CRS."""

    en: str
    zh: str


def why_not(bounds: np.ndarray, crs: pyproj.CRS) -> Reason | None:
    """Say why coordinates cannot be in a CRS, with the EPSG code that fits; none where they can."""
    fits = _fitting_epsg(bounds, crs)
    if crs.is_geographic:
        return _why_not_degrees(bounds, fits)
    false_easting = _false_easting(crs)
    west, south, east, north = bounds
    if false_easting is None or (
        max(abs(west - false_easting), abs(east - false_easting)) < MOST_FROM_FALSE_EASTING_M
    ):
        return None
    if _within(west, east, CHINA_NORTHING_M) and not _within(south, north, CHINA_NORTHING_M):
        return _swapped(west, south)
    begins = fits is not None and west >= ZONE_M
    zone = f" begins with the zone {west // ZONE_M:.0f}" if begins else ""
    zone_zh = f"以带号 {west // ZONE_M:.0f} 开头，" if begins else ""
    use = f": --crs {fits} fits" if fits else "; state the right CRS with --crs"
    use_zh = f"应为 --crs {fits}" if fits else "请用 --crs 指明正确的坐标系"
    name = crs.to_string()[:80]
    return Reason(
        en=f"x = {west:,.0f}{zone} and cannot be in {name}{use}",
        zh=f"x = {west:,.0f} {zone_zh}不可能是 {name}，{use_zh}",
    )


def _why_not_degrees(bounds: np.ndarray, fits: str | None) -> Reason | None:
    west, south, east, north = bounds
    if axes_swapped(west, south) and axes_swapped(east, north):
        return _swapped(west, south)
    if west >= -180 and east <= 180 and south >= -90 and north <= 90:  # noqa: PLR2004 - degrees
        return None
    wanted = f"--crs {fits or 'EPSG:…'}"
    return Reason(
        en=f"its CRS says degrees, its coordinates (x {west:.0f}, y {south:.0f}) are not; "
        f"state the right one with {wanted}",
        zh=f"坐标参考系标为经纬度，而坐标（x {west:.0f}，y {south:.0f}）不是度，请用 {wanted} 指明",
    )


def _swapped(west: float, south: float) -> Reason:
    return Reason(
        en=f"x and y, longitude and latitude, are exchanged (x {west:.3f}, y {south:.3f}); "
        "export it with longitude or easting first",
        zh=f"经纬度（横纵坐标）颠倒（x {west:.3f}，y {south:.3f}），请按“经度、东坐标在前”重新导出",
    )


def _within(low: float, high: float, limits: tuple[float, float]) -> bool:
    return bool(limits[0] <= low and high <= limits[1])


def _false_easting(crs: pyproj.CRS) -> float | None:
    """Give the false easting of a Transverse Mercator CRS in metres; none of any other."""
    projected = next((one for one in crs.sub_crs_list if one.is_projected), crs)
    operation = projected.coordinate_operation
    if operation is None or "Transverse Mercator" not in operation.method_name:
        return None
    values = {one.name: float(one.value) * one.unit_conversion_factor for one in operation.params}
    return values.get("False easting")


def _fitting_epsg(bounds: np.ndarray, crs: pyproj.CRS | None) -> str | None:
    """Give the Gauss-Kruger CRS whose eastings these are, of the datum of `crs`."""
    west, _, east, _ = bounds
    datum = _datum_family(crs)
    zone = west // ZONE_M
    prefixed = zone == east // ZONE_M and zone > 0
    if not prefixed:
        # The zone is only in the CRS: eastings of its sibling by the central meridian.
        false_easting = _false_easting(crs) if crs is not None and not crs.is_geographic else None
        if false_easting is None or not 0 < west <= east < ZONE_M:
            return None
        zone = false_easting // ZONE_M
    for width, zones in ZONES.items():
        if zone in zones:
            first = EPSG_OF_FIRST_ZONE[datum, width][0 if prefixed else 1]
            return f"EPSG:{first + int(zone) - zones[0]}"
    return None


def _datum_family(crs: pyproj.CRS | None) -> str:
    name = "" if crs is None or crs.geodetic_crs is None else crs.geodetic_crs.name
    year = re.search(r"Xian.?1980|Beijing.?1954", name, re.IGNORECASE)
    if year is None:
        return "CGCS2000"
    return "Xian 1980" if "xian" in year[0].lower() else "Beijing 1954"
