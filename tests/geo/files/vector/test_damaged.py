"""Damaged files, 880 of them, through what reads one: read, or a sentence, never a traceback."""

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pytest
from sqlalchemy.orm import Session

from geo.errors import BannerGridError
from geo.files.limits import Limits
from geo.files.table import FileSource
from geo.files.tables import read as read_table
from geo.settings import Settings
from geo.territory import divisions, wellknown
from geo.territory.check import faults
from geo.territory.files import read_polygons, rename_columns
from geo.territory.model import EditionInfo
from geo.territory.service import Boundaries
from geo.workflows.publish_edition import publish_edition
from tests.geo.files.vector.mutations import mutated
from tests.geo.territory.raw import FIVE, TWO

SETTINGS = Settings()
ENDINGS = ("geojson", "gpkg", "shp", "parquet", "csv")
EACH = 160
# Every so many of those that can be read are loaded too, with and without mending.
LOADED = 16
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")
DETAILED = FIVE.assign(built_year=2005, kind="小区", aliases="甲|乙", name_en="x")


def write(frame: gpd.GeoDataFrame, path: Path) -> dict[str, bytes]:
    """Write a boundary file; give its parts by ending."""
    match path.suffix:
        case ".csv":
            wellknown.write(frame.assign(edition=1, attribution="", data=""), path)
        case ".parquet":
            frame.to_parquet(path)
        case ".shp":
            frame.rename(columns={"external_id": "id"}).to_file(path, encoding="GB18030")
        case _:
            frame.to_file(path)
    endings = PARTS if path.suffix == ".shp" else (path.suffix,)
    return {ending: path.with_suffix(ending).read_bytes() for ending in endings}


def attempt(act: Callable[..., Any], *given: object, **named: object) -> Any:
    """Give what comes of it; nothing where it is refused, which must be said in both languages."""
    try:
        return act(*given, **named)
    except BannerGridError as error:
        if not (error.message("zh") and error.message("en")):
            raise
        return None


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_damaged_boundary_file_is_read_or_refused(
    tmp_path: Path, session: Session, ending: str
) -> None:
    path = tmp_path / f"damaged.{ending}"
    info = EditionInfo("t", date(2026, 1, 1), synthetic=True, attribution="sketch")
    whole = {"communities": write(TWO, path), "compounds": write(DETAILED, path)}
    refused = readable = 0
    for seed in range(EACH):
        rng = np.random.default_rng(seed)
        kind = ("communities", "compounds")[seed % 2]
        hit = list(whole[kind])[int(rng.integers(len(whole[kind])))]
        for part, body in whole[kind].items():
            path.with_suffix(part).write_bytes(mutated(body, rng) if part == hit else body)
        if ending not in ("csv", "parquet"):
            attempt(read_table, FileSource(path), limits=Limits(file_mb=1))
        read = attempt(read_polygons, path, settings=SETTINGS)
        if read is None:
            refused += 1
            continue
        readable += 1
        attempt(faults, read)
        raw = attempt(rename_columns, read, kind)
        if raw is None or readable % LOADED:
            continue
        both = {"communities": TWO, "compounds": FIVE} | {kind: raw}
        for mend in (None, 20.0):
            with session.begin_nested() as undone:
                drawn = Boundaries(**both, mend_gaps_m=mend)
                attempt(publish_edition, session, drawn, info=info, settings=SETTINGS)
                undone.rollback()
    assert refused
    assert readable


def test_damaged_divisions_are_read_or_refused(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    rows = "代码,级别,名称,别名\n330523,县,安吉县,\n330523001,街道,递铺街道,a|b\n"
    done = [0, 0]
    for seed in range(80):
        rng = np.random.default_rng(seed)
        path.write_bytes(mutated(rows.encode(("utf-8", "gb18030")[seed % 2]), rng))
        done[attempt(divisions.read, path, None, settings=SETTINGS) is None] += 1
    assert all(done)
