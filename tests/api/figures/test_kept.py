"""Answers made once: as long as nothing changed, for the day, and within bounds."""

from datetime import date

import pytest
from sqlalchemy.orm import Session

from api import kept
from api.conditional import Kept
from api.kept import Answers
from geo.coverage.repository import NoMonthError
from geo.settings import Settings
from tests.geo.coverage import small_world as world


@pytest.fixture
def small(session: Session) -> Session:
    world.build(session)
    return session


def arrive_late(session: Session) -> None:
    """A visit of September, by a transaction of its own as far as a row can tell."""
    with session.begin_nested():
        world.visit(session, "a2", "K2", "2026-09-15")


class Asked:
    """Counts how often an answer was made."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> Kept:
        self.times += 1
        return Kept(b"x" * 40, media_type="text/plain")


def test_an_answer_is_made_once_for_a_question_and_anew_when_the_data_changed(
    small: Session,
) -> None:
    answers, asked = Answers(Settings()), Asked()
    for _ in range(3):
        answers.get(small, ("a",), asked)
    assert asked.times == 1
    answers.get(small, ("b",), asked)
    assert asked.times == 2
    arrive_late(small)
    answers.get(small, ("a",), asked)
    assert asked.times == 3


def test_the_next_day_is_another_state(small: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    answers, asked = Answers(Settings()), Asked()
    for day in (20, 20, 21):
        monkeypatch.setattr(kept, "today", lambda day=day: date(2026, 11, day))
        answers.get(small, ("a",), asked)
    assert asked.times == 2


def test_months_and_hidden_places_are_read_once_for_a_state(small: Session) -> None:
    answers = Answers(Settings())
    assert answers.hidden(small) is answers.hidden(small)
    assert answers.hidden(small) == {world.B, world.C, world.D, world.E}
    first = answers.months(small)
    assert answers.months(small) is first
    arrive_late(small)
    assert answers.months(small) is not first


def test_what_was_asked_for_longest_ago_gives_way(
    small: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept, "MOST_BYTES", 100)
    answers, asked = Answers(Settings()), Asked()
    for key in ("a", "b", "a", "c", "a", "c", "b"):
        answers.get(small, (key,), asked)
    # Two have room: a, b; c drives b out, and b then a.
    assert asked.times == 4


def test_without_any_month_there_is_nothing_to_keep(session: Session) -> None:
    with pytest.raises(NoMonthError):
        Answers(Settings()).months(session)
