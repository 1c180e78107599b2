"""`/v1/maps/heat` and `/v1/maps/grids` in each form."""

import base64
import io
import os
import subprocess
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pypdfium2
import pytest
from PIL import Image

from tests.api.conftest import MAIN

HEAT, GRIDS = "/v1/maps/heat", "/v1/maps/grids"
MEASURES = [
    *("coverage", "pairing", "overdue_days", "workload", "incidents_per_100", "solved_in_grid"),
]


def get(client: httpx.Client, path: str, **query: Any) -> httpx.Response:
    answer = client.get(path, params=query, timeout=120)
    assert answer.status_code == 200, answer.text
    return answer


def test_the_viewers_heat_map(client: httpx.Client) -> None:
    for of in ("visits", "gaps", "incidents"):
        told = get(client, HEAT, of=of, format="json", month="2026-10").json()
        assert {name: told[name] for name in ("month", "of", "bandwidth_m", "cell_m")} == {
            "month": "2026-10",
            "of": of,
            "bandwidth_m": 200,
            "cell_m": 100,
        }
        assert (told["synthetic"], told["edition"], told["min_households"]) == (True, 1, 5)
        assert told["attribution"] == "合成边界"
        (town,) = told["towns"]
        assert (town["code"], town["name"]) == ("150625100", "锡尼镇")
        west, south, east, north = town["bounds"]
        assert west < 108.731 < east
        assert south < 39.8405 < north
        for form in ("density", "ratio"):
            scale = told["forms"][form]
            assert len(scale["colours"]) == len(scale["breaks"]) + 1
            assert scale["words"]["zh"].keys() == scale["words"]["en"].keys()
            with Image.open(io.BytesIO(base64.b64decode(town[form]))) as picture:
                painted = np.array(picture)
                # Colour 0 is nothing at all.
                assert picture.info["transparency"] in (0, b"\x00")
            assert painted.max() <= len(scale["colours"])
            assert (painted == 0).any()
            assert (painted > 0).any()


def test_heat_as_page_sheet_and_raster(client: httpx.Client) -> None:
    page = get(client, HEAT, of="gaps", months=3)
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "script-src 'self' 'unsafe-inline'" in page.headers["Content-Security-Policy"]
    assert "Synthetic" in page.text
    for form in ("density", "ratio"):
        png = get(client, HEAT, of="visits", form=form, format="png", town="150625100")
        with Image.open(io.BytesIO(png.content)) as picture:
            assert picture.size == (2339, 1654)
    sheet = pypdfium2.PdfDocument(get(client, HEAT, format="pdf").content)
    words = sheet[0].get_textpage().get_text_range()
    sheet.close()
    assert "Density of gaps" in words
    assert "Synthetic data" in words
    raster = get(client, HEAT, of="visits", form="ratio", format="tif")
    assert raster.headers["Content-Type"] == "image/tiff"
    assert raster.headers["Content-Disposition"] == 'attachment; filename="heat-visits-2026-10.tif"'
    with Image.open(io.BytesIO(raster.content)) as picture:
        values = np.array(picture)
    # Eight visits to twelve households.
    assert np.nanmean(values) == pytest.approx(8 / 12, abs=1e-3)


def test_heat_is_that_of_the_command_line(
    client: httpx.Client, world_url: str, tmp_path: Path
) -> None:
    out = tmp_path / "gaps.tif"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("BANNERGRID_")}
    done = subprocess.run(
        [*MAIN, "render", "heat", "--of", "gaps", "--language", "en", "--out", str(out)],
        env={**clean, "BANNERGRID_DATABASE_URL": world_url},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert get(client, HEAT, of="gaps", format="tif").content == out.read_bytes()


@pytest.mark.parametrize("measure", MEASURES)
def test_a_measure_as_page_and_sheet(client: httpx.Client, measure: str) -> None:
    page = get(client, GRIDS, measure=measure, level=1)
    assert page.text.count('type="application/json"') >= 1
    assert "Synthetic" in page.text
    png = get(client, GRIDS, measure=measure, format="png")
    assert png.headers["Content-Type"] == "image/png"
    with Image.open(io.BytesIO(png.content)) as picture:
        assert picture.size == (2339, 1654)
    sheet = pypdfium2.PdfDocument(get(client, GRIDS, measure=measure, format="pdf").content)
    words = sheet[0].get_textpage().get_text_range()
    sheet.close()
    for word in ("Synthetic data", "1:", "锡尼镇", "too few", "October 2026"):
        assert word in words, word


@pytest.mark.parametrize(
    ("path", "query"),
    [
        (HEAT, {"format": "json"}),
        (HEAT, {}),
        (HEAT, {"format": "tif"}),
        (HEAT, {"format": "png"}),
        (GRIDS, {}),
        (GRIDS, {"format": "pdf"}),
    ],
)
def test_nothing_is_fetched_twice(client: httpx.Client, path: str, query: dict[str, str]) -> None:
    first, again = get(client, path, **query), get(client, path, **query)
    assert first.content == again.content
    tag = first.headers["ETag"]
    same = client.get(path, params=query, headers={"If-None-Match": tag})
    assert (same.status_code, same.content) == (304, b"")


@pytest.mark.parametrize(
    ("path", "query", "status", "code", "parameter"),
    [
        (HEAT, {"of": "cadres"}, 422, "parameter.invalid", "of"),
        (HEAT, {"format": "gif"}, 422, "parameter.invalid", "format"),
        (HEAT, {"format": "png", "months": "3"}, 422, "map.parameter", "months"),
        (HEAT, {"format": "json", "form": "ratio"}, 422, "map.parameter", "form"),
        (HEAT, {"town": "150625100"}, 422, "map.parameter", "town"),
        (HEAT, {"format": "png", "town": "150625101"}, 404, "heat.town", "town"),
        (HEAT, {"bandwidth_m": "20"}, 422, "heat.bandwidth", "bandwidth_m"),
        (HEAT, {"bandwidth_m": "nan"}, 422, "parameter.invalid", "bandwidth_m"),
        (HEAT, {"month": "2020-01"}, 404, "month.without_data", None),
        (GRIDS, {"measure": "luck"}, 422, "parameter.invalid", "measure"),
        (GRIDS, {"format": "tif"}, 422, "parameter.invalid", "format"),
        (GRIDS, {"month": "2020-01"}, 404, "month.without_data", None),
    ],
)
def test_what_there_is_none_of_is_refused(
    client: httpx.Client,
    path: str,
    query: dict[str, str],
    status: int,
    code: str,
    parameter: str | None,
) -> None:
    answer = client.get(path, params=query)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), answer.text
    named = [each["parameter"] for each in told.get("errors") or []]
    assert named == ([parameter] if parameter else [])
