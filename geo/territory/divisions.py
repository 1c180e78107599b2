"""The divisions above the communities: names of the county and its towns, and its outline."""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from geo.codes import BANNER_DIGITS, COMMUNITY_DIGITS, TOWN_DIGITS
from geo.crs import STORAGE_CRS, to_storage
from geo.errors import FrameError
from geo.frames import DIVISIONS, check
from geo.settings import Settings
from geo.territory import wellknown
from geo.territory.files import refuse_file, rename_columns


@cache
def _levels() -> dict[str, tuple[int, str]]:
    """Give digits and stored word of each kind's word."""
    path = Path(__file__).with_name("divisions.toml")
    levels: dict[str, dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))
    return {
        word: (level["digits"], level["stored"])
        for level in levels.values()
        for word in level["words"]
    }


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
        CSV: `code`, `kind`, `name`; `name_en`, `aliases` where known. Kinds are those of
        `divisions.toml`; codes have 6 digits (county), 9 (town), or 12 that end in zeros.
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
        In EPSG:4490; `kind` is banner (any county-level division), town or sumu; only the county
        has a geometry.

    Raises
    ------
    FileRefusedError, FrameError
        If a file cannot be read, lacks `code`, `kind` or `name`, has a kind or code that is not
        known, or an outline and not exactly one county.
    """
    refuse_file(path, settings)
    named = rename_columns(wellknown.rows(path, encoding=encoding), "divisions", columns)
    if "code" in named.columns:
        named["code"] = named["code"].str.removesuffix(".0").map(_unfilled, na_action="ignore")
    check(named, DIVISIONS)
    _refuse_blank_names(named)
    named["kind"] = [_stored_kind(*row) for row in zip(named["code"], named["kind"], strict=True)]
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
    code = code.strip()
    for digits in (BANNER_DIGITS, TOWN_DIGITS):
        if re.fullmatch(rf"\d{{{digits}}}0{{{COMMUNITY_DIGITS - digits}}}", code):
            return code[:digits]
    return code


def _refuse_blank_names(named: pd.DataFrame) -> None:
    blank = named["name"].isna()
    if blank.any():
        code = named["code"][blank].iloc[0]
        raise _refused(f"{code} has no name; give it one", f"{code} 没有名称，请补全")


def _stored_kind(code: str, kind: str | None) -> str:
    word = "" if pd.isna(kind) else str(kind).strip().lower()
    known = _levels()
    if word not in known:
        raise _refused(
            f"{code}: kind {word!r} is not known; county-level are 县 区 市 旗 自治县, below are "
            "镇 街道 乡 民族乡 苏木; keep only those rows",
            f"{code} 的级别“{word}”不认识；县级可用 县、区、市、旗、自治县 等，"
            "乡级可用 镇、街道、乡、民族乡、苏木 等；请只保留这两级",
        )
    digits, stored = known[word]
    if not re.fullmatch(rf"\d{{{digits}}}", code):
        raise _refused(
            f"{code} is called {word}, whose code has {digits} digits; correct one of them",
            f"{code} 的级别为“{word}”，其代码应为 {digits} 位数字，请改正其一",
        )
    return stored


def _refused(problem: str, problem_zh: str) -> FrameError:
    return FrameError(frame="divisions", problem=problem, problem_zh=problem_zh)
