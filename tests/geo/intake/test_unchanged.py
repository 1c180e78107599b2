"""What is stored and comes again as it is, is unchanged, whatever today's rules say of it."""

from datetime import date
from typing import Any

import pandas as pd
from shapely import Point
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.builders import world as write
from tests.geo.intake import world

# Where the county reached to before it was redrawn: in no grid now, the last two outside it too.
BEFORE = {"A1": (108.3, 40.3), "A2": (108.9, 40.3), "A3": (108.9, 40.3)}


def counted(done: Summary) -> tuple[int, int, int, dict[str, int]]:
    return done.new, done.changed, done.unchanged, done.rejected


def listed(**changes: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {
            "external_id": number,
            "residents": 3,
            "needs_care": "否",
            "registered_from": "2024-01-01",
            "address": f"{number}号",
            "longitude": x,
            "latitude": y,
        }
        | changes.get(number, {})
        for number, (x, y) in BEFORE.items()
    ]
    return pd.DataFrame(rows)


def settle(session: Session) -> None:
    write(
        session,
        households=[
            {
                "external_id": number,
                "residents": 3,
                "registered_from": date(2024, 1, 1),
                "address": f"{number}号",
                "grid_code": "150625100001001",
                "geom": Point(at),
            }
            for number, at in BEFORE.items()
        ],
    )


def stored(session: Session) -> list[Any]:
    query = text("SELECT h.*, h.xmin::text FROM household h ORDER BY external_id")
    return list(session.execute(query).all())


def households(session: Session, settings: Settings, rows: pd.DataFrame) -> Summary:
    return load(session, "households", rows, settings=settings, datum="cgcs2000", today=world.TODAY)


def test_households_outside_after_a_redraw_stay_as_they_are(
    banner: Session, settings: Settings
) -> None:
    settle(banner)
    before = stored(banner)
    done = households(banner, settings, listed())
    assert counted(done) == (0, 0, 3, {})
    assert done.rejects.empty
    assert not done.keys["rejected"].any()
    assert stored(banner) == before


def test_one_that_differs_in_a_column_or_its_place_is_rejected(
    banner: Session, settings: Settings
) -> None:
    settle(banner)
    before = stored(banner)
    rows = listed(A1={"residents": 4}, A3={"longitude": 108.91})
    done = households(banner, settings, rows)
    assert counted(done) == (0, 0, 1, {"PLACE.noGrid": 1, "PLACE.outsideBanner": 1})
    assert len(done.rejects) == 2
    assert stored(banner) == before


def test_one_that_is_not_stored_or_cannot_be_read_is_rejected(
    banner: Session, settings: Settings
) -> None:
    settle(banner)
    new = listed().tail(1).assign(external_id="A4")
    rows = pd.concat([listed(A2={"interval_days": "?"}), new], ignore_index=True)
    done = households(banner, settings, rows)
    assert counted(done) == (0, 0, 2, {"PLACE.outsideBanner": 1, "VALUE.invalid": 1})


def test_of_two_rows_of_one_key_the_first_is_unchanged(banner: Session, settings: Settings) -> None:
    settle(banner)
    done = households(banner, settings, pd.concat([listed(), listed().head(1)], ignore_index=True))
    assert counted(done) == (0, 0, 3, {"PLACE.noGrid": 1})


def test_columns_that_the_file_lacks_are_not_compared(banner: Session, settings: Settings) -> None:
    settle(banner)
    rows = listed()[["external_id", "longitude", "latitude"]]
    assert counted(households(banner, settings, rows)) == (0, 0, 3, {})


def test_a_visit_of_a_day_that_counts_as_the_future_now(
    banner: Session, settings: Settings
) -> None:
    rows = pd.DataFrame(
        {
            "household_id": ["H1", "H2"],
            "cadre_id": "C1",
            "visited_on": "2026-10-20",
            "purpose": ["走访", "慰问"],
        }
    )
    load(banner, "visits", rows, settings=settings, today=world.TODAY)
    rows.loc[1, "purpose"] = "回访"
    done = load(banner, "visits", rows, settings=settings, today=date(2026, 10, 19))
    assert counted(done) == (0, 0, 1, {"DATE.future": 1})


def test_a_stored_pairing_that_a_new_row_of_the_file_reaches_into(
    banner: Session, settings: Settings
) -> None:
    names = ["household_id", "cadre_id", "valid_from", "valid_to"]
    first = [["H1", "C1", "2025-06-01", "2025-09-01"], ["H1", "C2", "2025-09-01", ""]]
    load(banner, "pairings", pd.DataFrame(first, columns=names), settings=settings)
    both = pd.DataFrame([["H1", "C3", "2025-03-01", "2025-10-01"], *first], columns=names)
    done = load(banner, "pairings", both, settings=settings)
    assert counted(done) == (0, 0, 2, {"PAIRING.overlap": 1})
    assert done.rejects["cadre_id"].tolist() == ["C3"]
