"""Sets of rules in: whole or not at all; each ends the one before; the same changes nothing."""

import threading
from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.errors import EditionNotFoundError
from geo.routing import repository, service
from geo.routing.model import LADDER, Rule, RuleSet
from geo.routing.service import RulesRefusedError, RulesTooEarlyError
from geo.territory.repository import DayNotCoveredError
from tests.geo.routing.sets import NETWORKS, build, stored, whole

SPRING, SUMMER, AUTUMN = date(2026, 3, 1), date(2026, 6, 1), date(2026, 9, 1)
HEATING = "heating city.heating grid 150625100001 O2 4.5"


@pytest.fixture
def banner(session: Session) -> Session:
    build(session)
    return session


@pytest.fixture
def own(own_database_url: str) -> Iterator[Engine]:
    engine = make_engine(own_database_url)
    with Session(engine) as session, session.begin():
        build(session)
    yield engine
    engine.dispose()


def test_a_set_is_stored_by_code_and_number_and_read_back(banner: Session) -> None:
    proposal = whole("heating 暖气不热 grid 150625100001 林草局 4.5", title="冬季")
    done = service.load(banner, proposal, valid_from=SPRING)
    assert done.is_new
    assert (done.rule_set.id, done.rule_set.valid_from, done.rule_set.valid_to) == (1, SPRING, None)
    there = repository.rule_set(banner, on=SPRING)
    assert there is not None
    assert (there.id, there.title) == (1, "冬季")
    assert set(there.rules) == set(done.rule_set.rules)
    assert Rule("heating", "city.heating", "grid", "150625100001", "O2", 4.5) in there.rules
    assert len(there.rules) == 3 * len(NETWORKS) + 1
    assert repository.rule_set_by_id(banner, 1) == there
    assert repository.rule_set_by_id(banner, 2) is None


def test_rules_are_read_by_category_level_and_place(banner: Session) -> None:
    service.load(banner, whole(HEATING), valid_from=SPRING)
    there = repository.rule_set(banner, on=SPRING)
    assert there is not None
    keys = [(each.category, LADDER.index(each.level), each.place) for each in there.rules]
    assert keys == sorted(keys)


def test_a_set_ends_the_one_before_and_each_day_has_one(banner: Session) -> None:
    for day, line in ((SPRING, ()), (SUMMER, (HEATING,)), (AUTUMN, ())):
        service.load(banner, whole(*line), valid_from=day)
    days = [date(2026, 2, 28), SPRING, date(2026, 5, 31), SUMMER, AUTUMN, date(2030, 1, 1)]
    found = [repository.rule_set(banner, on=day) for day in days]
    assert [each and each.id for each in found] == [None, 1, 1, 2, 3, 3]
    ends = [repository.rule_set_by_id(banner, number) for number in (1, 2, 3)]
    assert [each and each.valid_to for each in ends] == [SUMMER, AUTUMN, None]


def test_the_newest_set_once_more_changes_nothing(banner: Session) -> None:
    service.load(banner, whole(HEATING), valid_from=SPRING)
    before = stored(banner)
    for day in (SPRING, date(2025, 1, 1), AUTUMN):
        again = service.load(banner, whole(HEATING), valid_from=day)
        assert not again.is_new
        assert (again.rule_set.id, again.rule_set.valid_from) == (1, SPRING)
    assert stored(banner) == before


def test_another_title_or_an_older_set_is_a_new_set(banner: Session) -> None:
    service.load(banner, whole(), valid_from=SPRING)
    assert service.load(banner, whole(title="新"), valid_from=SUMMER).rule_set.id == 2
    assert service.load(banner, whole(), valid_from=AUTUMN).rule_set.id == 3


@pytest.mark.parametrize("day", [SUMMER, SPRING])
def test_a_set_may_not_start_before_the_newest_or_with_it(banner: Session, day: date) -> None:
    service.load(banner, whole(), valid_from=SUMMER)
    before = stored(banner)
    with pytest.raises(RulesTooEarlyError) as refused:
        service.load(banner, whole(HEATING), valid_from=day)
    assert f"must start later, not {day}" in refused.value.message("en")
    assert "从 2026-06-01 起生效" in refused.value.message("zh")
    assert stored(banner) == before


def test_one_fault_refuses_the_whole_set_and_all_are_named(banner: Session) -> None:
    before = stored(banner)
    broken = whole(
        "a city.heating grid 150625100001 O9 4",
        "b city.nothing grid 150625100001 O1 4",
        "c city.noise grid 150625999 O1 4",
    )
    with pytest.raises(RulesRefusedError) as refused:
        service.load(banner, broken, valid_from=SPRING)
    assert [each.values["rule"] for each in refused.value.findings] == ["a", "b", "c"]
    said, said_zh = refused.value.message("en"), refused.value.message("zh")
    assert said.startswith(
        "Faults in 规则.toml: 3; no rule was loaded:\n  rules.unknown_department"
    )
    assert said_zh.startswith("规则.toml 有 3 处问题，未载入任何规则：\n")
    assert all(code in said_zh for code in ("unknown_category", "unknown_place"))
    assert stored(banner) == before


def test_rules_may_speak_of_what_the_database_knows(banner: Session) -> None:
    known = service.known(banner)
    assert known.departments == {"O1": ("财政局",), "O2": ("林草局",)}
    assert "暖气不热" in known.categories["city.heating"]
    assert known.grids == tuple(
        f"150625100{place}" for place in ("001001", "001002", "002001", "002002")
    )


def test_without_a_territory_there_are_no_places_for_rules(session: Session) -> None:
    with pytest.raises(EditionNotFoundError):
        service.load(session, whole(), valid_from=SPRING)


def test_a_territory_of_another_day_is_none_for_today(
    banner: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "today", lambda: date(2019, 1, 1))
    with pytest.raises(DayNotCoveredError):
        service.known(banner)


def test_the_database_holds_one_set_a_day(banner: Session) -> None:
    rules = service.load(banner, whole(), valid_from=SUMMER).rule_set.rules
    earlier = RuleSet(2, "旧", SPRING, AUTUMN, rules)
    with pytest.raises(IntegrityError, match="ex_rule_set_valid"):
        repository.add_rule_set(banner, earlier)


def test_two_who_load_at_once_wait_for_each_other(own: Engine) -> None:
    start, done = threading.Barrier(2), []

    def load(title: str) -> None:
        with Session(own) as session, session.begin():
            start.wait(60)
            try:
                done.append(service.load(session, whole(title=title), valid_from=SPRING).rule_set)
            except RulesTooEarlyError as error:
                done.append(error)

    threads = [threading.Thread(target=load, args=(title,)) for title in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(type(each).__name__ for each in done) == ["RuleSet", "RulesTooEarlyError"]
