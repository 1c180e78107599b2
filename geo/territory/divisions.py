"""The divisions above the communities: names of the county and its towns, and its outline."""

import re
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from geo.codes import BANNER_DIGITS, COMMUNITY_DIGITS, TOWN_DIGITS
from geo.crs import STORAGE_CRS, to_storage
from geo.errors import FrameError
from geo.files import tables
from geo.files.headings import fold
from geo.files.limits import Limits
from geo.files.table import FileSource
from geo.frames import DIVISIONS, check
from geo.settings import Settings
from geo.territory.files import headings, refuse_file, rename_columns
from geo.territory.kinds import VAGUE, VAGUE_BELOW, find_kind, kind_of_name


def read(
    path: Path,
    outline: gpd.GeoDataFrame | None,
    *,
    settings: Settings,
    encoding: str | None = None,
    columns: dict[str, str] | None = None,
) -> gpd.GeoDataFrame:
    """Read the names of the county and its towns, and take the county's outline where there is one.

    Parameters
    ----------
    path : Path
        Any table: `code`, `name`; `kind`, `name_en`, `aliases` where known. Codes have 6 digits
        (county), 9 (town), or 12 that end in zeros. Rows of what lies above or below are left out.
        A kind that is not said is told by the name's ending.
    outline : GeoDataFrame, optional
        The county's polygons, as `files.read_polygons` gives them.
    settings : Settings
    encoding : str, optional
        Where the guess is not right.
    columns : dict, optional
        See `files.rename_columns`.

    Returns
    -------
    GeoDataFrame
        In EPSG:4490; `kind` is one of `divisions.toml`, or the file's own word where that does not
        know it; only the county has a geometry.

    Raises
    ------
    FileRefusedError, FrameError
        If a file cannot be read, lacks `code` or `name`, has a code of another length or a kind
        that contradicts it, or an outline and not exactly one county.
    """
    refuse_file(path, settings)
    known = {fold(name) for usual in headings("divisions").values() for name in usual}
    known |= {fold(heading) for heading in (columns or {}).values()}
    source = FileSource(path, encoding=encoding)
    table = tables.read(source, known=frozenset(known), limits=Limits.of(settings))
    named = rename_columns(table.cells, "divisions", columns)
    if "kind" not in named.columns:
        named["kind"] = None
    if "code" in named.columns:
        codes = named["code"].astype(object)
        named["code"] = [None if pd.isna(code) else _unfilled(str(code)) for code in codes]
        named = _of_county(named)
    check(named, DIVISIONS)
    _refuse_blank_names(named)
    rows = zip(named["code"], named["kind"], named["name"], strict=True)
    named["kind"] = [_stored_kind(*row) for row in rows]
    made = gpd.GeoDataFrame(named, geometry=gpd.GeoSeries([None] * len(named), crs=STORAGE_CRS))
    if outline is not None:
        county = made["code"].str.len() == BANNER_DIGITS
        if county.sum() != 1:
            raise _refused(
                f"there are {county.sum()} counties, and the outline is that of one; keep one row "
                "with a code of 6 digits",
                f"有 {county.sum()} 个县级区划，而界线只属于其一；请只保留一行 6 位代码",
            )
        whole = to_storage(outline, datum=outline.attrs.get("datum"))
        polygons = shapely.make_valid(whole.geometry.to_numpy(), method="structure")
        made.loc[county, "geometry"] = shapely.union_all(polygons)
    return made


def _unfilled(code: str) -> str:
    code = code.strip().removesuffix(".0")
    for digits in (BANNER_DIGITS, TOWN_DIGITS):
        if re.fullmatch(rf"\d{{{digits}}}0{{{COMMUNITY_DIGITS - digits}}}", code):
            return code[:digits]
    return code


def _refuse_blank_names(named: pd.DataFrame) -> None:
    blank = named["name"].isna()
    if blank.any():
        code = named["code"][blank].iloc[0]
        raise _refused(f"{code} has no name; give it one", f"{code} 没有名称，请补全")


def _of_county(named: pd.DataFrame) -> pd.DataFrame:
    """Leave out provinces, cities with counties of their own, and communities: drawn elsewhere."""
    codes = [str(code) for code in named["code"].astype(object).fillna("")]
    # A city without counties (441900) is itself the county of its towns.
    counties = {code[:BANNER_DIGITS] for code in codes if re.fullmatch(r"\d{9}", code)}
    counties |= {code for code in codes if re.fullmatch(r"\d{6}", code) and code[-2:] != "00"}
    below = {code for code in codes if re.fullmatch(r"\d{12}", code)}
    above = {code for code in codes if re.fullmatch(r"\d{2}|\d{4}|\d{4}00", code)} - counties
    left = [code in below | above for code in codes]
    return named if all(left) else named[[not one for one in left]].reset_index(drop=True)


def _stored_kind(code: str, kind: str | None, name: str) -> str:
    word = "" if pd.isna(kind) else str(kind).strip()
    digits = len(code)
    if digits not in {BANNER_DIGITS, TOWN_DIGITS} or not code.isdecimal():
        raise _refused(
            f"{code} {name} {word}: a county has a code of {BANNER_DIGITS} digits, a town one of "
            f"{TOWN_DIGITS} (or 12 that end in zeros); correct the code",
            f"{code} {name} {word}：县级代码应为 {BANNER_DIGITS} 位数字，乡级 {TOWN_DIGITS} 位"
            "（或以 0 补足的 12 位），请改正代码",
        )
    known = find_kind(word) if word else None
    if word and known is None:
        return word
    if known is None or known.name == VAGUE.get(digits, VAGUE_BELOW):
        return kind_of_name(name, digits=digits).name
    if known.digits not in {None, digits}:
        raise _refused(
            f"{code} is called {word}, whose code has {known.digits} digits; correct one of them",
            f"{code} 的级别为“{word}”，其代码应为 {known.digits} 位数字，请改正其一",
        )
    return known.name


def _refused(problem: str, problem_zh: str) -> FrameError:
    return FrameError(frame="divisions", problem=problem, problem_zh=problem_zh)
