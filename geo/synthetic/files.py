"""A demo banner as files: GeoJSON for ground, CSV for registers, Parquet for what is long.

The rules of who answers come as the TOML that `bannergrid rules` takes.
"""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet
import shapely

from geo.synthetic.banner import Banner
from geo.synthetic.facts import text
from geo.synthetic.places import Places

GROUND = ("communities", "compounds", "buildings", "streets", "places")
REGISTERS = (
    "organisations",
    "cadres",
    "compound_pairings",
    "households",
    "pairings",
    "incidents",
    "posts",
    "deliveries",
    "household_statuses",
    "occupancies",
)
LONG = ("visits",)
ATTRIBUTION_ZH = "合成示范数据，非实际边界、建筑或人员"
ATTRIBUTION_EN = "Synthetic demo data: no real boundary, building or person"


def write(banner: Banner, folder: Path) -> dict[str, Path]:
    """Write every frame of a demo banner to a folder.

    Parameters
    ----------
    banner : Banner
    folder : Path
        Made where it is missing; files of the same names are replaced.

    Returns
    -------
    dict of str to Path
        By the name of the frame, and "rules". Pairings are Parquet when the banner's size is above
        1, else CSV.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = write_ground(banner, folder)
    for name in (*REGISTERS, *LONG):
        frame: pd.DataFrame = getattr(banner, name)
        long = name in LONG or (name == "pairings" and banner.size > 1)
        written[name] = folder / f"{name}.{'parquet' if long else 'csv'}"
        if long:
            _write_parquet(frame, written[name])
        else:
            _write_csv(frame, written[name])
    written["rules"] = folder / "rules.toml"
    written["rules"].write_text(text("rules"), encoding="utf-8")
    return written


def write_ground(ground: Banner | Places, folder: Path) -> dict[str, Path]:
    """Write the five GeoJSON files of the ground.

    Parameters
    ----------
    ground : Banner or Places
    folder : Path
        Must be there.

    Returns
    -------
    dict of str to Path
        By the name of the frame.

    Raises
    ------
    OSError
        If the folder cannot be written.
    """
    written = {}
    for name in GROUND:
        written[name] = folder / f"{name}.geojson"
        written[name].write_text(geojson(getattr(ground, name), name), encoding="utf-8")
    return written


def geojson(frame: gpd.GeoDataFrame, name: str) -> str:
    """Write a synthetic frame as GeoJSON, one feature a line, marked as synthetic.

    Parameters
    ----------
    frame : GeoDataFrame
        In EPSG:4490, which the file names: without that readers assume WGS-84.
    name : str
        Of the collection.

    Returns
    -------
    str

    References
    ----------
    RFC 7946, section 6.1 (further members) ; GeoJSON 2008, section 3 (the member "crs").
    """
    head = {
        "type": "FeatureCollection",
        "name": name,
        "synthetic": True,
        "attribution": ATTRIBUTION_EN,
        "attribution_zh": ATTRIBUTION_ZH,
        "crs": {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}},
    }
    shapes = shapely.to_geojson(frame.geometry.to_numpy())
    properties = frame.drop(columns=frame.active_geometry_name).to_dict(orient="records")
    features = ",\n".join(
        f'{{"type": "Feature", "properties": {json.dumps(row, ensure_ascii=False)}, '
        f'"geometry": {shape}}}'
        for row, shape in zip(properties, shapes, strict=True)
    )
    opened = json.dumps(head, ensure_ascii=False)[:-1]
    return f'{opened}, "features": [\n{features}\n]}}\n'


def _write_csv(frame: pd.DataFrame, path: Path) -> None:
    columns = {str(name): _text(frame[name]) for name in frame.columns}
    options = pyarrow.csv.WriteOptions(quoting_style="needed")
    pyarrow.csv.write_csv(pa.table(columns), path, options)


def _text(values: pd.Series) -> Any:
    """Write days as 2026-11-01 and moments as 2026-11-01T08:30:00+08:00; the rest as it is."""
    if isinstance(values.dtype, pd.DatetimeTZDtype):
        local = values.dt.tz_localize(None).to_numpy().astype("datetime64[s]")
        written = np.char.add(np.datetime_as_string(local), "+08:00")
        return pa.array(written, mask=np.isnat(local))
    if values.dtype.kind == "M":
        return pa.array(values.to_numpy().astype("datetime64[D]"), from_pandas=True)
    return pa.array(values, from_pandas=True)


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    # No pandas metadata: its version would change the bytes.
    columns = {str(name): _text(frame[name]) for name in frame.columns}
    pyarrow.parquet.write_table(pa.table(columns), path, compression="zstd")
