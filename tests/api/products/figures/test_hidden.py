"""A grid of three households beside large ones: it says nothing, in no form and by no detour."""

import io
import json
import re
from pathlib import Path
from typing import Any

import geopandas as gpd
import httpx
import numpy as np
import openpyxl
import pandas as pd
import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.frames import FIGURES
from layers.pages import compact
from layers.styles import MEASURES
from tests.api.conftest import serving
from tests.geo.coverage import small_world as world
from tests.layers.test_measured import unpacked

HIDDEN = [world.B, world.C, world.D, world.E]
SAID = {"code", "level", "name", "name_en", "month", "hidden"}
MARKS = {"edition", "attribution", "measuring_crs", "data"}


def said_of(rows: pd.DataFrame) -> dict[str, bool]:
    """Tell of each code whether one of its figures is there."""
    figures = [name for name in rows.columns if name in set(FIGURES.columns) - SAID]
    assert len(figures) > 40
    return rows.set_index("code")[figures].notna().any(axis=1).to_dict()


WANTED = {world.A: True, **dict.fromkeys(HIDDEN, False)}


@pytest.mark.parametrize("month", ["2026-09", "2026-10"])
def test_in_json(desk: httpx.Client, month: str) -> None:
    body = desk.get("/v1/coverage", params={"month": month}).json()
    assert said_of(pd.DataFrame(body["figures"])) == WANTED
    assert {row["code"] for row in body["figures"] if row["hidden"]} == set(HIDDEN)


def test_in_csv_excel_and_geopackage(desk: httpx.Client, tmp_path: Path) -> None:
    def body(form: str) -> bytes:
        return desk.get("/v1/coverage", params={"month": "2026-10", "format": form}).content

    assert said_of(pd.read_csv(io.BytesIO(body("csv")), dtype={"code": str})) == WANTED
    book = openpyxl.load_workbook(io.BytesIO(body("xlsx")))
    heads, *rows = book["Level two"].iter_rows(values_only=True)
    assert said_of(pd.DataFrame(rows, columns=list(heads))) == WANTED
    book.close()
    out = tmp_path / "figures.gpkg"
    out.write_bytes(body("gpkg"))
    assert said_of(gpd.read_file(out, layer="level_2", ignore_geometry=True)) == WANTED


def test_in_the_page_of_the_map(desk: httpx.Client) -> None:
    page = desk.get("/v1/maps/coverage", params={"month": "2026-10"}).text
    start = page.index('id="map-data">') + len('id="map-data">')
    data = json.loads(page[start : page.index("</script>", start)])
    level = data["levels"][1]
    for place, code in enumerate(level["rows"]["code"]):
        told = {name: column[place] for name, column in level["figures"].items()}
        assert told.pop("hidden") is (code in HIDDEN)
        assert any(value is not None for value in told.values()) is (code == world.A)


@pytest.mark.parametrize("measure", MEASURES)
def test_in_the_page_of_a_measure(desk: httpx.Client, measure: str) -> None:
    asked = {"month": "2026-10", "format": "html", "measure": measure}
    page = desk.get("/v1/coverage", params=asked).text
    found = re.search(r'id="packed-figures">([^<]*)<', page)
    assert found
    # Value, reach below and above, base: of the two communities, then of the five compounds.
    numbers = np.array(unpacked(found[1], months=1, grids=1)).ravel()[4 * 2 :].reshape(4, 5)
    # Three incidents are closed in A: of so few no share is told, and that is not called no data.
    assert (numbers[0, 0] == compact.HIDDEN) == (measure == "solved_in_grid")
    assert (numbers[0, 1:] == compact.HIDDEN).all()
    assert not numbers[1:, 1:].any()


FEW = ["care", "care_overdue", "solved_in_grid", "median_hours"]


def test_single_figures_of_few_in_every_form(desk: httpx.Client, tmp_path: Path) -> None:
    """One of A needs care and three incidents are closed, however many are registered."""

    def body(form: str) -> bytes:
        return desk.get("/v1/coverage", params={"month": "2026-10", "format": form}).content

    out = tmp_path / "figures.gpkg"
    out.write_bytes(body("gpkg"))
    asked = {"month": "2026-10"}
    one = desk.get("/v1/coverage", params={**asked, "level": 1}).json()
    tables = [
        pd.DataFrame(desk.get("/v1/coverage", params=asked).json()["figures"]),
        pd.DataFrame(one["figures"]),
        pd.DataFrame(desk.get(f"/v1/series/{world.A}").json()["months"][-1:]).assign(code=world.A),
        pd.read_csv(io.BytesIO(body("csv")), dtype={"code": str}),
        pd.read_excel(
            io.BytesIO(body("xlsx")), sheet_name="Level two", dtype={"code": str}, engine="openpyxl"
        ),
        gpd.read_file(out, layer="level_2", ignore_geometry=True),
    ]
    for table in tables:
        row = table.set_index("code").loc[world.ONE if len(table) == 2 else world.A]
        assert row[FEW].isna().all()
        assert set(FEW) <= set(row["withheld"].split(" "))
        assert row["registered"] > 0
        assert "registered" not in row["withheld"].split(" ")
    networks = desk.get("/v1/incidents/counts", params={**asked, "code": world.A}).json()
    assert {one["median_hours"] for one in networks["categories"]} == {None}
    assert sum(one["reported"] for one in networks["categories"]) == 4


@pytest.mark.parametrize("code", HIDDEN)
def test_in_series_spots_and_counts(desk: httpx.Client, code: str) -> None:
    series = desk.get(f"/v1/series/{code}").json()
    assert series["hidden"]
    assert series["trend"] is None
    for month in series["months"]:
        assert {name for name, value in month.items() if value is not None} <= {"month", "redraw"}
    table = desk.get(f"/v1/series/{code}", params={"format": "csv"}).content
    rows = pd.read_csv(io.BytesIO(table), dtype={"code": str})
    assert set(rows.columns[rows.notna().any()]) <= SAID | MARKS | {"redraw"}
    for of in ("coverage", "incidents"):
        spots = desk.get("/v1/hotspots", params={"of": of}).json()["figures"]
        (spot,) = [row for row in spots if row["code"] == code]
        assert (spot["z"], spot["p"], spot["q"], spot["spot"]) == (None, None, None, "none")
    counts = desk.get("/v1/incidents/counts", params={"code": code, "month": "2026-10"}).json()
    assert (counts["hidden"], counts["categories"]) == (True, [])


def answers(desk: httpx.Client) -> dict[str, Any]:
    """All that is said of October but the community's own figures, which know its grids."""
    level_two = desk.get("/v1/coverage", params={"month": "2026-10"}).json()["figures"]
    return {
        "figures": level_two,
        "series": desk.get(f"/v1/series/{world.A}").json(),
        "coverage": desk.get("/v1/hotspots").json(),
        "incidents": desk.get("/v1/hotspots", params={"of": "incidents"}).json(),
        "counts": desk.get("/v1/incidents/counts", params={"code": world.A}).json(),
    }


def test_what_happens_in_a_hidden_grid_moves_nothing_that_is_said_of_another(
    desk: httpx.Client, counted: Engine
) -> None:
    before = answers(desk)
    with counted.begin() as connection:
        gone = connection.execute(
            text(
                "DELETE FROM visit USING household h "
                "WHERE h.id = household_id AND h.external_id = 'c1'"
            )
        )
        moved = connection.execute(
            text(
                "UPDATE incident SET reported_at = reported_at - interval '20 days', "
                "closed_at = NULL, solved_at_level = NULL WHERE grid_code = :code"
            ),
            {"code": world.C},
        )
        assert (gone.rowcount, moved.rowcount) == (1, 1)
    try:
        assert answers(desk) == before
        one = desk.get("/v1/coverage", params={"month": "2026-10", "level": 1}).json()["figures"]
        assert one[0]["by_paired"] == 6  # the community itself knows
    finally:
        with counted.begin() as connection:
            world.visit(Session(connection), "c1", "K1", "2026-10-25")
            connection.execute(
                text(
                    "UPDATE incident SET reported_at = '2026-10-08 09:00+08', closed_at = "
                    "'2026-10-10 09:00+08', solved_at_level = 'above' WHERE grid_code = :code"
                ),
                {"code": world.C},
            )


def test_totals_leave_out_hidden_communities(counted: Engine) -> None:
    url = counted.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with serving(url, min_households=10) as desk:
        body = desk.get("/v1/coverage", params={"month": "2026-10", "level": 1}).json()
        assert [row["hidden"] for row in body["figures"]] == [False, True]
        assert [total["registered"] for total in body["totals"]] == [20, 20]
        banner = desk.get("/v1/series/150625").json()["months"][-1]
        assert (banner["registered"], banner["by_paired"]) == (20, 7)
        counts = desk.get("/v1/incidents/counts", params={"month": "2026-10"}).json()
        assert sum(one["reported"] for one in counts["categories"]) == 5
    with serving(url, min_households=1000) as desk:
        body = desk.get("/v1/coverage", params={"month": "2026-10"}).json()
        for total in body["totals"]:
            assert total["hidden"]
            assert {name for name, value in total.items() if value is not None} == {
                "code", "name", "name_en", "hidden",
            }  # fmt: skip
        counts = desk.get("/v1/incidents/counts", params={"month": "2026-10"}).json()
        assert (counts["hidden"], counts["categories"]) == (True, [])
