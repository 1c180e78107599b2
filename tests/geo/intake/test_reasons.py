"""Every reason for which a row is not taken, once."""

import tomllib

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from sqlalchemy.orm import Session

from geo.intake import facts
from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.geo.intake import world

GOOD = {
    "external_id": "A1",
    "building_id": "",
    "residents": "3",
    "needs_care": "否",
    "registered_from": "2024-01-01",
    "registered_to": "",
    "longitude": "108.005",
    "latitude": "40.005",
}
VISIT = {"household_id": "H1", "cadre_id": "C1", "visited_on": "2026-10-03"}
INCIDENT = {
    "external_id": "E1",
    "category": "噪声",
    "reported_at": "2026-10-03 08:00",
    "closed_at": "",
    "state": "办理",
    "longitude": "",
    "latitude": "",
}


def loaded(session: Session, settings: Settings, kind: str, *given: dict[str, str]) -> Summary:
    frame = pd.DataFrame(list(given))
    return load(session, kind, frame, settings=settings, datum="wgs84", today=world.TODAY)


@pytest.mark.parametrize(
    ("code", "kind", "base", "change", "said"),
    [
        ("KEY.missing", "households", GOOD, {"external_id": " "}, "external_id is blank"),
        ("VALUE.missing", "incidents", INCIDENT, {"state": ""}, "state is blank"),
        ("VALUE.invalid", "households", GOOD, {"residents": "三"}, "residents is '三'"),
        ("VALUE.invalid", "visits", VISIT, {"visited_on": "昨天"}, "a date such as"),
        ("DATE.future", "visits", VISIT, {"visited_on": "2026-10-21"}, "2026-10-21, later than"),
        ("DATE.future", "incidents", INCIDENT, {"reported_at": "2026-10-20T17:00Z"}, "2026-10-21"),
        ("DATE.order", "households", GOOD, {"registered_to": "2024-01-01"}, "must come after"),
        ("DATE.order", "incidents", INCIDENT, {"closed_at": "2026-10-03 07:59"}, "closed_at"),
        ("COORDINATE.missing", "households", GOOD, {"latitude": ""}, "no coordinate"),
        (
            "COORDINATE.swapped",
            "households",
            GOOD,
            {"longitude": "40.005", "latitude": "108.005"},
            "exchanged (40.005, 108.005)",
        ),
        ("COORDINATE.invalid", "households", GOOD, {"longitude": "NaN"}, "'NaN, 40.005'"),
        ("COORDINATE.invalid", "households", GOOD, {"longitude": "4429000"}, "in degrees"),
        ("PLACE.outsideBanner", "households", GOOD, {"longitude": "109"}, "82.0 km"),
        ("PLACE.noGrid", "households", GOOD, {"longitude": "108.1"}, "5.1 km"),
        ("BUILDING.unknown", "households", GOOD, {"building_id": "B7"}, "no building 'B7'"),
        ("HOUSEHOLD.unknown", "visits", VISIT, {"household_id": "H9"}, "no household 'H9'"),
        ("CADRE.unknown", "visits", VISIT, {"cadre_id": "C9"}, "no cadre 'C9'"),
        (
            "ORGANISATION.unknown",
            "cadres",
            {"external_id": "C8", "organisation_id": "O1", "name": "x", "party_member": "1"},
            {"external_id": "C9", "organisation_id": "O9"},
            "no organisation 'O9'",
        ),
        (
            "COMPOUND.unknown",
            "compound_pairings",
            {"organisation_id": "O1", "compound_id": "X1", "valid_from": "2025-01-01"},
            {"compound_id": "X9"},
            "no compound 'X9'",
        ),
        (
            "PAIRING.overlap",
            "pairings",
            {"household_id": "H1", "cadre_id": "C1", "valid_from": "2025-01-01"}
            | {"valid_to": "2025-07-01"},
            {"valid_from": "2025-06-01", "valid_to": ""},
            "from 2025-01-01 to 2025-07-01",
        ),
    ],
)
def test_a_bad_row_is_rejected_with_its_reason_and_the_good_one_loads(
    banner: Session,
    settings: Settings,
    code: str,
    kind: str,
    base: dict[str, str],
    change: dict[str, str],
    said: str,
) -> None:
    key = {"external_id": base["external_id"] + "b"} if "external_id" in base else {}
    done = loaded(banner, settings, kind, base, {**base, **key, **change})
    assert done.rejected == {code: 1}
    assert (done.read, done.new) == (2, 1)
    [row] = done.rejects.to_dict("records")
    assert (row["reject_line"], row["reject_code"]) == (2, code)
    assert said in row["reject_reason"]
    assert {name: row[name] for name in base} == {**base, **key, **change}


def test_the_first_good_row_of_a_key_is_taken(banner: Session, settings: Settings) -> None:
    bad = GOOD | {"building_id": "B7"}
    done = loaded(banner, settings, "households", bad, GOOD, GOOD | {"residents": "5"})
    assert done.rejected == {"BUILDING.unknown": 1, "KEY.duplicate": 1}
    assert done.new == 1
    assert done.rejects["reject_line"].tolist() == [1, 3]
    assert "the same as line 2" in done.rejects["reject_reason"][1]


def test_a_row_says_everything_that_is_wrong_with_it(banner: Session, settings: Settings) -> None:
    row = GOOD | {"residents": "三", "longitude": "109", "needs_care": "?"}
    done = loaded(banner, settings, "households", row)
    assert done.rejected == {"VALUE.invalid": 1}
    reason = done.rejects["reject_reason"][0]
    assert "residents is '三'" in reason
    assert "needs_care is '?'" in reason
    assert "outside the county" in reason


def test_reasons_are_in_the_language_of_the_site(banner: Session, settings: Settings) -> None:
    chinese = settings.model_copy(update={"language": "zh"})
    done = loaded(banner, chinese, "visits", VISIT | {"cadre_id": "C9"})
    assert "没有编号或名称为“C9”的干部" in done.rejects["reject_reason"][0]


def test_a_half_coordinate_and_a_far_one_of_an_organisation(
    banner: Session, settings: Settings
) -> None:
    base = {"external_id": "O8", "name": "x", "longitude": "", "latitude": ""}
    half = base | {"external_id": "O9", "longitude": "108.1"}
    far = base | {"external_id": "O7", "longitude": "116.4", "latitude": "39.9"}
    done = loaded(banner, settings, "organisations", base, half, far)
    assert done.new == 1
    assert done.rejected == {"COORDINATE.missing": 1, "PLACE.outsideBanner": 1}


def test_shapes_that_are_no_footprint(banner: Session, settings: Settings) -> None:
    bow = shapely.Polygon([(108, 40), (108.001, 40.001), (108.001, 40), (108, 40.001)])
    fine = shapely.Point(108.005, 40.005).buffer(0.001, quad_segs=64)
    far = shapely.box(109, 40, 109.001, 40.001)
    swapped = shapely.box(40, 108, 40.001, 108.001)
    shapes = [shapely.box(108, 40, 108.001, 40.001), bow, fine, shapely.Point(108, 40)]
    shapes += [far, swapped, None]
    frame = gpd.GeoDataFrame(
        {"external_id": [f"B{at}" for at in range(7)], "compound_id": "X1", "name": "x"}
        | {"units": 1, "floors": 1, "rooms_per_floor": 1},
        geometry=shapes,
        crs="EPSG:4490",
    )
    small = settings.model_copy(update={"max_vertices": 100})
    done = load(banner, "buildings", frame, settings=small, today=world.TODAY)
    # A building needs none.
    assert done.new == 2
    assert done.rejects["reject_code"].tolist() == [
        "GEOMETRY.invalid",
        "GEOMETRY.vertices",
        "GEOMETRY.type",
        "PLACE.outsideBanner",
        "COORDINATE.swapped",
    ]


def test_surplus_cells_are_not_guessed_at(banner: Session, settings: Settings) -> None:
    path = settings.data / "v.csv"
    path.write_text(
        "户号,干部编号,走访日期\nH1,C1,2026-10-03\nH2,C1,2026-10-03,谈心,了解\n", "utf-8"
    )
    done = load(banner, "visits", path, settings=settings, today=world.TODAY)
    assert done.rejected == {"ROW.cells": 1}
    assert "surplus: 谈心 了解" in done.rejects["reject_reason"][0]


def test_without_an_outline_the_grids_bounds_are_the_banner(
    session: Session, settings: Settings
) -> None:
    world.build(session, banner=False)
    rows = [GOOD, GOOD | {"external_id": "A2", "longitude": "108.1"}]
    done = loaded(session, settings, "households", *rows)
    assert done.rejected == {"PLACE.outsideBanner": 1}


def test_every_reason_says_what_to_do() -> None:
    reasons = tomllib.loads(facts.HERE.joinpath("reasons.toml").read_text("utf-8"))
    assert [code for code, said in reasons.items() if "请" not in said["zh"]] == []
    # In English it stands behind a semicolon or a colon.
    assert [code for code, said in reasons.items() if not set(";:,.") & set(said["en"])] == []


def test_a_household_without_a_place_is_told_what_to_add(
    banner: Session, settings: Settings
) -> None:
    chinese = settings.model_copy(update={"language": "zh"})
    done = loaded(banner, chinese, "households", GOOD | {"longitude": "", "latitude": ""})
    reason = done.rejects["reject_reason"][0]
    assert "填写地址" in reason
    assert "join" in reason
