"""`load households|incidents`: rows without coordinates are placed by their address, or wait."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.geocoding import queue, repository, review
from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.builders import ORIGIN, SIDE_DEG
from tests.geo.geocoding.delivery import town

# Each test writes a town and reads it as a gazetteer: half a second.
pytestmark = pytest.mark.slow

INCIDENT = {"category": "噪声", "reported_at": "2026-10-03 08:00", "state": "办理"}
HOUSEHOLD = {"residents": "3", "needs_care": "否", "registered_from": "2024-01-01"}


def incidents(
    session: Session, settings: Settings, addresses: Mapping[str, str], **more: str
) -> Summary:
    rows = [
        {"external_id": number, "address": address, **INCIDENT, **more}
        for number, address in addresses.items()
    ]
    return load(
        session,
        "incidents",
        pd.DataFrame(rows),
        settings=settings,
        datum="cgcs2000",
        today=town.TODAY,
    )


def households(
    session: Session, settings: Settings, addresses: Mapping[str, str], **more: str
) -> Summary:
    rows = [
        {"external_id": number, "address": address, **HOUSEHOLD, **more}
        for number, address in addresses.items()
    ]
    return load(session, "households", pd.DataFrame(rows), settings=settings, today=town.TODAY)


def stored(session: Session, number: str, table: str = "incident") -> dict[str, Any]:
    row = session.execute(
        text(f"SELECT * FROM {table} WHERE external_id = :number"),  # noqa: S608 - our own
        {"number": number},
    ).mappings()
    return dict(row.one())


def waiting(session: Session) -> dict[str, int]:
    return {each.text: each.affects for each in queue.page(session, state="open", limit=100)}


def test_a_certain_address_places_an_incident_and_an_uncertain_one_waits(
    banner: Session, settings: Settings
) -> None:
    done = incidents(banner, settings, {"E1": town.HOME, "E2": town.UNHEARD, "E3": ""})
    assert done.new == 3
    assert done.unplaced == {"ADDRESS.uncertain": 1, "COORDINATE.missing": 1}
    placed = stored(banner, "E1")
    assert (placed["grid_code"], placed["match"]) == (town.FIRST, "inside")
    assert placed["geom"] is not None
    assert stored(banner, "E2")["unplaced_reason"] == "ADDRESS.uncertain"
    assert waiting(banner) == {town.UNHEARD: 1}


def test_a_household_without_a_certain_address_comes_back_with_the_reason(
    banner: Session, settings: Settings
) -> None:
    done = households(banner, settings, {"N1": town.HOME, "N2": town.UNHEARD, "N3": ""})
    assert (done.new, done.rejected) == (1, {"ADDRESS.uncertain": 1, "COORDINATE.missing": 1})
    assert stored(banner, "N1", "household")["grid_code"] == town.FIRST
    reason = done.rejects.set_index("external_id").loc["N2", "reject_reason"]
    assert town.UNHEARD in reason
    assert "COMPOUND.notInGazetteer" in reason
    assert "{" not in reason
    assert waiting(banner) == {town.UNHEARD: 1}


def test_a_text_stands_once_before_a_person_however_many_rows_hold_it(
    banner: Session, settings: Settings
) -> None:
    given = {"E1": town.UNHEARD, "E2": f" {town.UNHEARD}", "E3": town.UNHEARD, "E4": "西门旧楼3号"}
    for _ in range(2):  # loading again asks nobody again
        incidents(banner, settings, given)
    assert sorted(waiting(banner).values()) == [1, 3]
    first, *_ = queue.page(banner, state="open", limit=10)
    assert first.affects == 3


def test_what_affects_more_comes_first_page_by_page(banner: Session, settings: Settings) -> None:
    given = {f"E{nth}": f"没听说过{'甲' * (nth % 4 + 1)}院1号" for nth in range(10)}
    incidents(banner, settings, given)
    everything = [each.id for each in queue.page(banner, state="open", limit=100)]
    affects = [each.affects for each in queue.page(banner, state="open", limit=100)]
    assert affects == sorted(affects, reverse=True)
    pages, after = [], None
    while found := queue.page(banner, state="open", limit=1, after=after):
        after = found[0].id
        pages.append(after)
    assert pages == everything


def test_a_row_that_gets_its_own_coordinates_waits_no_longer(
    banner: Session, settings: Settings
) -> None:
    incidents(banner, settings, {"E1": town.UNHEARD, "E2": town.UNHEARD})
    own = {"longitude": str(ORIGIN[0] + 1.5 * SIDE_DEG), "latitude": str(ORIGIN[1] + 0.0005)}
    incidents(banner, settings, {"E1": town.UNHEARD}, **own)
    assert stored(banner, "E1")["grid_code"] == town.SECOND
    assert waiting(banner) == {town.UNHEARD: 1}


def test_coordinates_go_before_addresses_and_are_kept_against_them(
    banner: Session, settings: Settings
) -> None:
    own = {"longitude": str(ORIGIN[0] + 1.5 * SIDE_DEG), "latitude": str(ORIGIN[1] + 0.0005)}
    done = incidents(banner, settings, {"E1": town.HOME}, **own)
    assert done.new == 1
    assert stored(banner, "E1")["grid_code"] == town.SECOND
    again = incidents(banner, settings, {"E1": town.HOME})
    assert (again.unchanged, again.changed) == (1, 0)
    assert stored(banner, "E1")["grid_code"] == town.SECOND


def test_an_incident_moves_with_its_address(banner: Session, settings: Settings) -> None:
    incidents(banner, settings, {"E1": town.HOME})
    moved = incidents(banner, settings, {"E1": "锡尼镇建安社区鑫园小区1号楼1单元101"})
    assert moved.changed == 1
    assert stored(banner, "E1")["grid_code"] == town.SECOND


def test_half_a_coordinate_is_not_filled_from_the_address(
    banner: Session, settings: Settings
) -> None:
    done = incidents(banner, settings, {"E1": town.HOME}, longitude="108.73", latitude="")
    assert done.unplaced == {"COORDINATE.missing": 1}


def test_what_a_person_decided_places_later_rows(banner: Session, settings: Settings) -> None:
    incidents(banner, settings, {"E1": town.UNHEARD})
    number = queue.page(banner, state="open", limit=1)[0].id
    decide(banner, settings, number, "pick", ("building", "K2-1"))
    done = households(banner, settings, {"N1": town.UNHEARD})
    assert done.new == 1
    assert stored(banner, "N1", "household")["grid_code"] == town.SECOND
    assert waiting(banner) == {}
    review.undo(banner, number, actor="A")
    decide(banner, settings, number, "not_in_banner")
    refused = households(banner, settings, {"N2": town.UNHEARD})
    assert refused.rejected == {"ADDRESS.notInBanner": 1}


def decide(
    session: Session,
    settings: Settings,
    number: int,
    action: review.Action,
    target: tuple[str, str] | None = None,
) -> None:
    review.decide(
        session,
        number,
        actor="A",
        action=action,
        target=target,
        places=repository.places(session, edition=1, day=town.TODAY, limit_m=200),
        settings=settings,
    )


@pytest.mark.parametrize("strange", ["😀", "'; DROP TABLE incident; --", "?!", "宽" * 2000])
def test_strange_texts_wait_and_stop_nothing(
    banner: Session, settings: Settings, strange: str
) -> None:
    # Of the last nothing is seen: it is no address.
    done = incidents(banner, settings, {"E1": strange, "E2": town.HOME, "E3": "\u0001\u200b"})
    assert done.new == 3
    assert stored(banner, "E3")["unplaced_reason"] == "COORDINATE.missing"
    assert stored(banner, "E2")["grid_code"] == town.FIRST
    assert stored(banner, "E1")["unplaced_reason"] == "ADDRESS.uncertain"
    assert all(len(waiting_text) <= 500 for waiting_text in waiting(banner))


def test_a_lower_threshold_accepts_more(banner: Session, settings: Settings) -> None:
    never = settings.model_copy(update={"geocode_accept": 1.0})
    assert incidents(banner, never, {"E1": town.HOME}).unplaced == {"ADDRESS.uncertain": 1}
