"""Decisions: kept, undone, one text once; and the names that two people teach."""

import pandas as pd
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.geocoding import aliases, learning, queue, repository, review
from geo.geocoding.called import called
from geo.geocoding.service import load, located
from geo.intake.service import load as intake
from geo.settings import Settings
from tests.geo.geocoding.delivery import town

# Each test writes a town and reads it as a gazetteer: half a second.
pytestmark = pytest.mark.slow

TEXTS = {
    "E1": "北门老院1号楼101",
    "E2": "北门老院1号楼201",
    "E3": "北门老院1号楼201",
    "E4": "南门新院2号楼1单元102",
}
K3 = ("building", "K3-1")


@pytest.fixture
def asked(banner: Session, settings: Settings) -> Session:
    """The town with four incidents whose addresses nobody has heard of."""
    rows = [
        {
            "external_id": number,
            "address": address,
            "category": "噪声",
            "reported_at": "2026-10-03 08:00",
            "state": "办理",
        }
        for number, address in TEXTS.items()
    ]
    done = intake(banner, "incidents", pd.DataFrame(rows), settings=settings, today=town.TODAY)
    assert done.unplaced == {"ADDRESS.uncertain": 4}
    return banner


def number_of(session: Session, incident: str) -> int:
    found = {each.text: each.id for each in queue.page(session, state=None, limit=100)}
    return found[TEXTS[incident]]


def decide(
    session: Session,
    settings: Settings,
    incident: str,
    action: review.Action = "pick",
    target: tuple[str, str] | None = K3,
    *,
    actor: str = "A",
) -> t.GeocodeReview:
    return review.decide(
        session,
        number_of(session, incident),
        actor=actor,
        action=action,
        target=target if action == "pick" else None,
        places=repository.places(session, edition=1, day=town.TODAY, limit_m=200),
        settings=settings,
    )


def where(session: Session) -> dict[str, str]:
    """Grid of each incident, or the reason why it has none."""
    rows = session.execute(
        text("SELECT external_id, coalesce(grid_code, unplaced_reason) FROM incident ORDER BY 1")
    )
    return {row[0]: row[1] for row in rows}


UNCERTAIN = "ADDRESS.uncertain"


@pytest.mark.parametrize(
    ("target", "grid"),
    [
        (K3, town.THIRD),
        (("compound", "K2"), town.SECOND),
        (("household", town.HOME_ID), town.FIRST),
        (("landmark", "P1"), town.SECOND),
        (("grid", town.THIRD), town.THIRD),
    ],
)
def test_a_pick_places_every_incident_with_the_text(
    asked: Session, settings: Settings, target: tuple[str, str], grid: str
) -> None:
    done = decide(asked, settings, "E2", target=target)
    assert (done.state, done.affects) == ("pick", 2)
    assert where(asked) == {"E1": UNCERTAIN, "E2": grid, "E3": grid, "E4": UNCERTAIN}


@pytest.mark.parametrize(
    ("action", "reason"),
    [("unknown", "ADDRESS.unknown"), ("not_in_banner", "ADDRESS.notInBanner")],
)
def test_what_cannot_be_placed_says_so(
    asked: Session, settings: Settings, action: review.Action, reason: str
) -> None:
    assert decide(asked, settings, "E2", action).state == action
    assert where(asked)["E3"] == reason


def test_undoing_lets_text_and_incidents_wait_again(asked: Session, settings: Settings) -> None:
    before = where(asked)
    decide(asked, settings, "E2")
    done = review.undo(asked, number_of(asked, "E2"), actor="B")
    assert done.state == "open"
    assert where(asked) == before
    (kept,) = queue.decisions(asked, done.id)
    asked.refresh(kept)
    assert (kept.actor, kept.undone_by) == ("A", "B")
    assert kept.undone_at is not None
    with pytest.raises(review.NotDecidedError):
        review.undo(asked, done.id, actor="B")
    # And it can be decided anew, by the same person too.
    assert decide(asked, settings, "E2", "unknown").state == "unknown"


def test_who_says_otherwise_must_undo_first(asked: Session, settings: Settings) -> None:
    decide(asked, settings, "E2")
    for action, target in (("pick", ("compound", "K1")), ("unknown", None)):
        with pytest.raises(review.AlreadyDecidedError) as caught:
            decide(asked, settings, "E2", action, target, actor="B")
        assert "K3-1" in caught.value.message("zh")
    assert where(asked)["E2"] == town.THIRD


def test_the_same_again_changes_nothing(asked: Session, settings: Settings) -> None:
    decide(asked, settings, "E2")
    decide(asked, settings, "E2")
    assert len(queue.decisions(asked, number_of(asked, "E2"))) == 1


def test_accepting_takes_the_best_answer_and_needs_one(asked: Session, settings: Settings) -> None:
    with pytest.raises(review.NothingToAcceptError):
        decide(asked, settings, "E2", "accept")
    best = {"compound_code": "K1", "building": "1号楼", "household_id": None}
    asked.execute(
        t.GeocodeReview.__table__.update()
        .where(t.GeocodeReview.id == number_of(asked, "E2"))
        .values(best=best)
    )
    asked.expire_all()
    decide(asked, settings, "E2", "accept")
    assert where(asked)["E2"] == town.FIRST
    (kept,) = queue.active_decisions(asked, number_of(asked, "E2"))
    assert (kept.target_kind, kept.target_id) == ("building", "K1-1")


@pytest.mark.parametrize(
    "target", [("compound", "K99"), ("grid", "150625100"), ("cadre", "C1"), ("household", "' OR 1")]
)
def test_a_place_that_is_not_there_is_refused(
    asked: Session, settings: Settings, target: tuple[str, str]
) -> None:
    with pytest.raises(review.TargetError) as caught:
        decide(asked, settings, "E2", target=target)
    assert target[1] in caught.value.message("en")
    assert where(asked)["E2"] == UNCERTAIN


def test_a_review_that_is_not_there(banner: Session) -> None:
    with pytest.raises(review.ReviewNotFoundError):
        review.undo(banner, 12345, actor="A")


def proposed(session: Session) -> list[tuple[str, str]]:
    found = aliases.page(session, state="proposed", limit=100, after=None)
    return [(each.alias, each.target_id) for each in found]


def test_two_people_who_agree_propose_a_name_and_one_twice_does_not(
    asked: Session, settings: Settings
) -> None:
    decide(asked, settings, "E1", actor="A")
    decide(asked, settings, "E2", actor="A")
    assert proposed(asked) == []
    # Of another text or of the same: what counts is that they are two.
    decide(asked, settings, "E2", actor="B")
    assert proposed(asked) == [("北门老院", "K3")]


def test_two_who_disagree_propose_nothing(asked: Session, settings: Settings) -> None:
    decide(asked, settings, "E1", actor="A")
    decide(asked, settings, "E2", target=("compound", "K2"), actor="B")
    assert proposed(asked) == []


def test_a_proposal_falls_with_one_of_its_decisions(asked: Session, settings: Settings) -> None:
    decide(asked, settings, "E1", actor="A")
    decide(asked, settings, "E2", actor="B")
    review.undo(asked, number_of(asked, "E2"), actor="C")
    assert proposed(asked) == []


def taught(session: Session, settings: Settings) -> int:
    """Let two people teach 北门老院; give the proposed alias."""
    decide(session, settings, "E1", actor="A")
    decide(session, settings, "E1", actor="B")
    (alias,) = aliases.page(session, state="proposed", limit=2, after=None)
    return alias.id


def test_a_confirmed_name_is_read_with_and_settles_what_holds_it(
    asked: Session, settings: Settings
) -> None:
    number = taught(asked, settings)
    assert where(asked)["E2"] == UNCERTAIN
    alias, texts = learning.confirm(asked, number, actor="C", settings=settings)
    assert texts == 1
    assert where(asked) == {
        "E1": town.THIRD,
        "E2": town.THIRD,
        "E3": town.THIRD,
        "E4": UNCERTAIN,
    }
    assert (alias.state, alias.confirmed_by) == ("confirmed", "C")
    assert alias.valid.upper is None
    found = located(load(asked, settings=settings), ["北门老院1号楼302"], settings=settings)
    assert found["household_id"].tolist() == ["K3-1-302"]
    with pytest.raises(learning.AliasStateError):
        learning.confirm(asked, number, actor="C", settings=settings)


def test_a_withdrawn_name_is_read_no_longer_and_lets_wait_what_it_had_placed(
    asked: Session, settings: Settings
) -> None:
    number = taught(asked, settings)
    learning.confirm(asked, number, actor="C", settings=settings)
    later = {"external_id": "E9", "address": "北门老院1号楼102", "category": "噪声"}
    rows = pd.DataFrame([{**later, "reported_at": "2026-10-03", "state": "x"}])
    done = intake(asked, "incidents", rows, settings=settings, today=town.TODAY)
    assert done.unplaced == {}
    alias, texts = learning.withdraw(asked, number, actor="D", settings=settings)
    assert (alias.state, alias.ended_by) == ("withdrawn", "D")
    assert texts == 2
    # What two people decided stays decided; what only the name had placed waits.
    assert where(asked) == {
        "E1": town.THIRD,
        "E2": UNCERTAIN,
        "E3": UNCERTAIN,
        "E4": UNCERTAIN,
        "E9": UNCERTAIN,
    }
    assert {each.text for each in queue.page(asked, state="open", limit=9)} >= {TEXTS["E2"]}
    again, texts = learning.confirm(asked, number, actor="E", settings=settings)
    assert (again.state, texts) == ("confirmed", 2)
    assert where(asked)["E9"] == town.THIRD


def test_a_dismissed_name_is_not_proposed_again(asked: Session, settings: Settings) -> None:
    number = taught(asked, settings)
    alias, _ = learning.withdraw(asked, number, actor="C", settings=settings)
    assert alias.state == "dismissed"
    decide(asked, settings, "E2", actor="B")
    assert proposed(asked) == []
    with pytest.raises(learning.AliasStateError):
        learning.withdraw(asked, number, actor="C", settings=settings)
    with pytest.raises(learning.AliasNotFoundError):
        learning.withdraw(asked, number + 1, actor="C", settings=settings)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("锡尼镇团结社区北门老院1号楼101", "北门老院"),
        ("我住在北门老院二单元五零一", "北门老院"),
        ("杭锦旗 锡尼镇 北门老院 3-2-501 13800001111", "北门老院"),
        ("二轻家属楼2-301", "二轻家属楼"),
        ("金鼎小区3号楼", None),
        ("金鼎3-2-501", None),
        ("北门老院对面", None),
        ("3-2-501", None),
        ("锡尼镇建安社区", None),
        ("", None),
        ("😀", None),
    ],
)
def test_what_a_text_calls_its_compound(banner: Session, written: str, name: str | None) -> None:
    places = repository.places(banner, edition=1, day=town.TODAY, limit_m=200)
    assert called(written, places) == name
