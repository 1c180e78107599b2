"""Every state and every move; what comes with a closure; one hand at a time."""

import itertools

import pytest
from sqlalchemy.orm import Session

from geo.incidents import rules, service
from geo.incidents.model import Correction, Detail
from geo.incidents.rules import MoveError, SolvedLevelError
from geo.incidents.service import Desk, IncidentChangedError, IncidentNotFoundError
from tests.geo.incidents import world

STATES = tuple(rules.states())
MOVES = [
    (one, other)
    for one, other in itertools.product(STATES, STATES)
    if one != other and other in rules.states()[one].next
]
REFUSED = [
    (one, other)
    for one, other in itertools.product(STATES, STATES)
    if one != other and other not in rules.states()[one].next
]


def correct(session: Session, desk: Desk, number: str, **wanted: str) -> Detail:
    seen = service.look(session, desk, number).incident.version
    change = Correction(**wanted)  # type: ignore[arg-type]
    return service.correct(session, desk, number, change, seen=[seen])


def brought_to(session: Session, desk: Desk, state: str) -> str:
    """Report an incident and lead it into a state along the flow."""
    number = service.report(session, desk, world.told(), key=state).detail.incident.external_id
    path = shortest(state)
    for step in path:
        level = {"solved_at_level": "grid"} if step == "closed" else {}
        correct(session, desk, number, state=step, **level)
    return number


def shortest(state: str) -> tuple[str, ...]:
    paths: list[tuple[str, ...]] = [()]
    while True:
        for path in paths:
            if (path[-1] if path else rules.FIRST) == state:
                return path
        paths = [
            (*path, step)
            for path in paths
            for step in rules.states()[path[-1] if path else rules.FIRST].next
        ]


def test_every_state_can_be_reached_and_only_two_have_ended() -> None:
    assert STATES[0] == rules.FIRST
    assert {code for code in STATES if rules.states()[code].ended} == {"closed", "evaluated"}
    assert all(shortest(code) or code == rules.FIRST for code in STATES)
    for state in rules.states().values():
        assert state.name != state.name_en
        assert set(state.next) <= set(STATES) - {state.code}


def test_a_word_means_one_state() -> None:
    words = [word for state in rules.states().values() for word in state.words]
    assert len(words) == len(set(words))
    found = rules.state_of(" 已结案 ")
    assert found is not None
    assert found.code == "closed"
    assert rules.state_of("天知道") is None


@pytest.mark.parametrize(("now", "wanted"), MOVES)
def test_every_move_that_follows_is_made_and_kept(
    banner: Session, desk: Desk, now: str, wanted: str
) -> None:
    number = brought_to(banner, desk, now)
    level = {"solved_at_level": "above"} if wanted == "closed" else {}
    moved = correct(banner, desk, number, state=wanted, note=f"to {wanted}", **level)
    incident = moved.incident
    assert incident.state == wanted
    assert (moved.moves[0].state, moved.moves[0].note) == (wanted, f"to {wanted}")
    assert (incident.closed_at is not None) is rules.states()[wanted].ended
    if wanted == "closed":
        assert incident.solved_at_level == "above"
    elif wanted == "evaluated":
        assert incident.solved_at_level == "grid"
    else:
        assert incident.solved_at_level is None


@pytest.mark.parametrize(("now", "wanted"), REFUSED)
def test_every_other_move_is_refused_and_changes_nothing(
    banner: Session, desk: Desk, now: str, wanted: str
) -> None:
    number = brought_to(banner, desk, now)
    before = service.look(banner, desk, number)
    level = {"solved_at_level": "grid"} if wanted == "closed" else {}
    with pytest.raises(MoveError) as refused:
        correct(banner, desk, number, state=wanted, **level)
    assert rules.states()[now].name in refused.value.message("zh")
    assert all(each in refused.value.message("en") for each in rules.states()[now].next)
    assert service.look(banner, desk, number) == before


def test_the_state_that_it_is_in_is_no_move_but_may_carry_a_note(
    banner: Session, desk: Desk
) -> None:
    number = brought_to(banner, desk, "filed")
    before = service.look(banner, desk, number)
    assert correct(banner, desk, number, state="filed") == before
    noted = correct(banner, desk, number, note="电话无人接听")
    assert [each.note for each in noted.moves] == ["电话无人接听", None, None]
    assert noted.incident.version != before.incident.version


def test_a_level_can_be_put_right_after_the_closure(banner: Session, desk: Desk) -> None:
    number = brought_to(banner, desk, "closed")
    closed = service.look(banner, desk, number).incident
    put = correct(banner, desk, number, state="closed", solved_at_level="community").incident
    assert (put.solved_at_level, put.closed_at) == ("community", closed.closed_at)


@pytest.mark.parametrize(
    "wanted", [{"state": "closed"}, {"state": "filed", "solved_at_level": "grid"}]
)
def test_who_solved_it_is_told_with_the_closure_and_only_then(
    banner: Session, desk: Desk, wanted: dict[str, str]
) -> None:
    number = brought_to(banner, desk, "collected")
    with pytest.raises(SolvedLevelError) as refused:
        correct(banner, desk, number, **wanted)
    assert "solved_at_level" in refused.value.message("zh")


def test_from_a_word_that_nobody_knows_every_state_follows(banner: Session, desk: Desk) -> None:
    number = brought_to(banner, desk, "collected")
    world.rows(
        banner,
        "UPDATE incident SET state = '天知道' WHERE external_id = :number RETURNING id",
        number=number,
    )
    assert rules.may_become("天知道") == STATES
    assert correct(banner, desk, number, state="evaluated").incident.closed_at is not None


def test_a_version_seen_before_a_change_is_stale(banner: Session, desk: Desk) -> None:
    number = brought_to(banner, desk, "collected")
    seen = service.look(banner, desk, number).incident.version
    correct(banner, desk, number, state="filed")
    with pytest.raises(IncidentChangedError):
        service.correct(banner, desk, number, Correction(state="handled"), seen=[seen])
    with pytest.raises(IncidentNotFoundError):
        service.correct(banner, desk, "nobody", Correction(state="handled"), seen=[service.ANY])
