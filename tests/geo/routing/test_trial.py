"""A proposal tried on stored incidents: what would go elsewhere, and nothing moves."""

from datetime import date

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.routing import service, trial
from geo.routing.service import RulesRefusedError
from tests.builders import world
from tests.geo.routing.sets import build, stored, whole

FIRST, SECOND, THIRD = "150625100001001", "150625100001002", "150625100002001"
NEAR, FAR = FIRST[:12], THIRD[:12]
# Number, category, grid, reported at, closed or not.
INCIDENTS = (
    ("E1", "city.heating", FIRST, "2026-10-01 00:30+08", None),
    ("E2", "city.heating", SECOND, "2026-10-02 23:30+08", "2026-10-05 08:00+08"),
    ("E3", "city.heating", THIRD, "2026-10-03 08:00+08", None),
    ("E4", "city.noise", FIRST, "2026-10-03 08:00+08", None),
    ("E5", "dispute", FIRST, "2026-10-04 08:00+08", None),
    ("E6", "city.heating", None, "2026-10-04 08:00+08", None),
    ("E7", "gossip", FIRST, "2026-10-04 08:00+08", None),
)


@pytest.fixture
def banner(session: Session) -> Session:
    build(session)
    world(
        session,
        incidents=[
            {
                "external_id": number,
                "category": category,
                "reported_at": reported_at,
                "closed_at": closed_at,
                "grid_code": code,
                "match": code and "inside",
                "distance_m": code and 0,
                "unplaced_reason": None if code else "PLACE.noGrid",
            }
            for number, category, code, reported_at, closed_at in INCIDENTS
        ],
    )
    service.load(session, whole(), valid_from=date(2026, 1, 1))
    return session


def rows(frame: pd.DataFrame) -> list[str]:
    return [" ".join(map(str, row)) for row in frame.itertuples(index=False)]


PROPOSED = whole(
    f"heating city.heating grid {NEAR} O2 4",
    "noise city.noise grid 150625 O1 12",
    title="新",
)


def test_what_would_go_elsewhere_is_shown_by_incident_and_counted_by_place(
    banner: Session,
) -> None:
    tried = trial.run(banner, PROPOSED)
    assert tried.tried == 6
    assert list(tried.rows.columns) == [
        *("external_id", "category", "reported_at", "grid_code", "community", "open"),
        *("from_rule", "from_department", "from_limit_h"),
        *("to_rule", "to_department", "to_limit_h"),
    ]
    kept = tried.rows.drop(columns="reported_at")
    assert rows(kept) == [
        f"E1 city.heating {FIRST} {NEAR} True city-grid O1 24.0 heating O2 4.0",
        f"E2 city.heating {SECOND} {NEAR} False city-grid O1 24.0 heating O2 4.0",
        f"E4 city.noise {FIRST} {NEAR} True city-grid O1 24.0 noise O1 12.0",
    ]
    assert list(tried.moves.columns) == [
        *("category", "community", "from_department", "to_department", "incidents", "open")
    ]
    assert rows(tried.moves) == [f"city.heating {NEAR} O1 O2 2 1"]
    assert rows(tried.limits) == [f"city.noise {NEAR} 24.0 12.0 1 1"]


def test_a_trial_moves_nothing(banner: Session) -> None:
    before = stored(banner)
    trial.run(banner, PROPOSED)
    banner.flush()
    assert stored(banner) == before


def test_the_rules_in_force_change_nothing(banner: Session) -> None:
    tried = trial.run(banner, whole())
    assert tried.tried == 6
    for frame in (tried.rows, tried.moves, tried.limits, tried.ladders):
        assert len(frame) == 0


def test_what_changes_above_the_first_step_is_counted_apart(banner: Session) -> None:
    proposed = whole(
        f"above city.heating banner {NEAR} O2 24",
        "later city.noise community 150625 O1 36",
        "named city.roads grid 150625 O1 24",
        title="新",
    )
    tried = trial.run(banner, proposed)
    assert len(tried.rows) == len(tried.moves) == len(tried.limits) == 0
    assert list(tried.ladders.columns) == ["category", "community", "incidents", "open"]
    assert rows(tried.ladders) == [f"city.heating {NEAR} 2 1", f"city.noise {NEAR} 1 1"]


def test_without_rules_in_force_everything_that_is_answered_for_comes_from_nobody(
    banner: Session,
) -> None:
    banner.execute(text("DELETE FROM rule"))
    banner.execute(text("DELETE FROM rule_set"))
    tried = trial.run(banner, PROPOSED)
    assert tried.rows["external_id"].tolist() == ["E1", "E2", "E3", "E4", "E5"]
    assert rows(tried.moves.fillna({"from_department": "-"})) == [
        f"city.heating {NEAR} - O2 2 1",
        f"city.heating {FAR} - O1 1 1",
        f"city.noise {NEAR} - O1 1 1",
        f"dispute {NEAR} - O1 1 1",
    ]
    assert len(tried.limits) == 0


@pytest.mark.parametrize(
    ("since", "until", "numbers"),
    [
        (date(2026, 10, 1), None, ["E1", "E2", "E4"]),
        (date(2026, 10, 2), None, ["E2", "E4"]),
        (None, date(2026, 10, 2), ["E1"]),
        (date(2026, 10, 2), date(2026, 10, 3), ["E2"]),
        (date(2027, 1, 1), None, []),
    ],
)
def test_days_of_the_report_are_days_in_the_banner(
    banner: Session, since: date | None, until: date | None, numbers: list[str]
) -> None:
    tried = trial.run(banner, PROPOSED, since=since, until=until)
    assert tried.rows["external_id"].tolist() == numbers
    assert tried.moves["incidents"].sum() + tried.limits["incidents"].sum() == len(numbers)


def test_a_proposal_with_faults_is_not_tried(banner: Session) -> None:
    with pytest.raises(RulesRefusedError, match=r"Faults in 规则\.toml: 1; no rule"):
        trial.run(banner, whole("a city.heating grid 150625 O9 4"))
