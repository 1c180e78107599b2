"""What is published or loaded is answered from at once, and no answer mixes two states."""

import threading
from collections.abc import Callable, Iterator
from datetime import date

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from geo.db.engine import make_engine
from geo.errors import EditionNotFoundError
from geo.routing import repository
from geo.routing.live import Routers
from geo.routing.model import Rule, RuleSet
from geo.routing.router import Router
from geo.territory.live import Territories
from geo.territory.repository import DayNotCoveredError
from tests.builders import ORIGIN, SIDE_DEG, publish, square, territory, world
from tests.geo.territory.test_live import closed
from tests.waiting import until

WEST, EAST = "150625100001001", "150625100001002"
COMMUNITY, TOWN = WEST[:12], WEST[:9]
# In the east in odd editions, where the west is narrow; in the west in even ones.
PLACE = {"longitude": ORIGIN[0] + 2 * SIDE_DEG, "latitude": ORIGIN[1] + 0.5 * SIDE_DEG}
HOLDER = {1: EAST, 0: WEST}
START = date(2020, 1, 1)


@pytest.fixture
def engine(own_database_url: str) -> Iterator[Engine]:
    made = make_engine(own_database_url)
    with Session(made) as session, session.begin():
        world(session, organisations=[{"external_id": "D1", "name": "零"}])
    yield made
    made.dispose()


def put_edition(session: Session, number: int, valid_from: date = START) -> None:
    """Publish edition `number`; every name in it is its number."""
    width = 1 if number % 2 else 3
    grids = territory(
        square(WEST, x=0, width=width, name=str(number)),
        square(EAST, x=width, width=4 - width, name=str(number)),
        communities={COMMUNITY: str(number)},
    )
    publish(
        session,
        grids,
        title="test",
        valid_from=valid_from,
        synthetic=True,
        attribution="",
        limit_m=50.0,
    )


def put_names(session: Session, number: int) -> None:
    """Let who holds the posts, and the department, be called by a number too."""
    session.execute(text("DELETE FROM post_term"))
    for code in (COMMUNITY, WEST, EAST):
        put_leader(session, code, str(number))
    session.execute(text("UPDATE organisation SET name = :it"), {"it": str(number)})


def put_leader(
    session: Session, code: str, holder: str, first: date = START, last: date | None = None
) -> None:
    term = {"role": "grid_leader", "holder": holder, "valid": f"[{first},{last or ''})"}
    world(session, posts=[{"grid_code": code, **term}])


def put_rules(session: Session, number: int, limit_h: float, valid_from: date = START) -> None:
    rule = Rule("all", "city", "grid", "150625", "D1", limit_h)
    repository.add_rule_set(session, RuleSet(number, "test", valid_from, None, (rule,)))


def committed(engine: Engine, *work: Callable[[Session], None]) -> None:
    with Session(engine) as session, session.begin():
        for each in work:
            each(session)


def both(engine: Engine, number: int) -> None:
    """Publish an edition and all that goes with it in one transaction."""
    committed(engine, lambda s: put_edition(s, number), lambda s: put_names(s, number))


def following(engine: Engine, territories: Territories, on: date | None = None) -> Routers:
    day = {} if on is None else {"on": lambda: on}
    return Routers(engine, territories, limit_m=50.0, **day)  # type: ignore[arg-type]


def told(router: Router) -> set[str]:
    """What one answer carries, each part by the number of the state that it is of."""
    decision = router.decide(**PLACE, category="city")
    code = str(decision.grid_code)
    grid, community, _ = router.names(code)
    number = router.edition.id
    carried = {str(decision.edition), str(number), str(grid), str(community)}
    carried |= {each.holder for each in router.contacts(code) + router.contacts(code[:12])}
    carried |= {router.departments[step.department] for step in decision.steps}
    return carried | (set() if code == HOLDER[number % 2] else {code})


def leader(router: Router) -> list[str]:
    return [each.holder for each in router.contacts(COMMUNITY)]


def test_all_that_an_answer_carries_is_followed(engine: Engine) -> None:
    with Territories(engine) as territories, following(engine, territories) as live:
        assert live.ready() is None
        with pytest.raises(EditionNotFoundError):
            live.today()
        both(engine, 1)
        until(lambda: live.ready() is not None and told(live.today()) == {"1"})
        assert live.today().rule_set is None
        committed(engine, lambda s: put_rules(s, 1, 24))
        until(lambda: live.today().rule_set is not None)
        assert live.today().decide(**PLACE, category="city").steps[0].limit_h == 24
        assert told(live.today()) == {"1"}
        committed(engine, lambda s: s.execute(text("UPDATE post_term SET holder = '新'")))
        until(lambda: leader(live.today()) == ["新"])
        committed(engine, lambda s: s.execute(text("UPDATE organisation SET name = '新'")))
        until(lambda: live.today().departments["D1"] == "新")
        committed(engine, lambda s: world(s, divisions=[{"code": TOWN, "name": "新"}]))
        until(lambda: live.today().names(WEST)[2] == "新")
        rename = "UPDATE category SET name = '新' WHERE code = 'city'"
        committed(engine, lambda s: s.execute(text(rename)))
        until(lambda: live.today().categories["city"].name == "新")
        both(engine, 2)
        until(lambda: live.today().edition.id == 2)
        assert told(live.today()) == {"2"}
        # What answers need not know of changes nothing.
        now = live.today()
        committed(engine, lambda s: s.execute(text("NOTIFY version, 'gazetteer'")))
        assert live.today() is now


def test_no_answer_mixes_two_states(engine: Engine) -> None:
    both(engine, 1)
    committed(engine, lambda s: put_rules(s, 1, 24))
    wrong: list[set[str]] = []
    seen: set[str] = set()
    done = threading.Event()
    reading = engine.execution_options(isolation_level="REPEATABLE READ")
    day = date.max

    def ask(live: Routers) -> None:
        while not done.is_set():
            carried = told(live.today())
            seen.update(carried)
            with Session(reading) as session:
                others = [told(live.on(session, day)), told(live.on(session, date(2026, 1, 1), 1))]
            ready = live.ready()
            others += [] if ready is None else [told(ready)]
            wrong.extend(each for each in (carried, *others[:1], *others[2:]) if len(each) != 1)
            # An older edition is what it was; its posts are those of the day as known now.
            wrong.extend([others[1]] if not {"1"} <= others[1] else [])

    with Territories(engine) as territories, following(engine, territories) as live:
        askers = [threading.Thread(target=ask, args=(live,)) for _ in range(3)]
        for one in askers:
            one.start()
        for number in range(2, 8):
            both(engine, number)
            until(lambda number=number: str(number) in seen)
        done.set()
        for one in askers:
            one.join()
    assert wrong == []
    assert seen == set("1234567")


def test_posts_of_an_edition_wait_for_its_territory(engine: Engine) -> None:
    """The territory is held by another thread, which may hear of an edition a moment later."""
    both(engine, 1)
    territories = Territories(engine)  # which listens to nothing
    with following(engine, territories) as live, Session(engine) as session:
        now = live.today()
        both(engine, 2)
        # Twice: when it hears of the second, it has done what it does on hearing of the first.
        for _ in range(2):
            past = live.on(session, date(2024, 3, 3), 1)
            committed(engine, lambda s: s.execute(text("NOTIFY version, 'people'")))
            until(lambda past=past: live.on(session, date(2024, 3, 3), 1) is not past)
        assert live.today() is now
        assert told(now) == {"1"}
        # Who has no router yet is given one that is whole all the same.
        assert told(following(engine, territories).today()) == {"2"}


def test_a_new_day_brings_its_posts_rules_and_territory(engine: Engine) -> None:
    last, first = date(2026, 11, 30), date(2026, 12, 1)
    committed(
        engine,
        lambda s: put_edition(s, 1),
        lambda s: put_edition(s, 2, valid_from=first),
        lambda s: put_leader(s, COMMUNITY, "旧", START, first),
        lambda s: put_leader(s, COMMUNITY, "新", first),
        lambda s: put_rules(s, 1, 24),
        lambda s: put_rules(s, 2, 48, valid_from=first),
    )
    days = [last]
    with (
        Territories(engine, on=lambda: days[-1]) as territories,
        Routers(engine, territories, limit_m=50.0, on=lambda: days[-1]) as live,
    ):
        before = live.today()
        assert (before.day, leader(before)) == (last, ["旧"])
        assert before.decide(**PLACE, category="city").steps[0].limit_h == 24
        assert before.decide(**PLACE).grid_code == EAST
        days.append(first)
        assert live.ready() is None
        after = live.today()
        assert (after.day, leader(after)) == (first, ["新"])
        assert after.decide(**PLACE, category="city").steps[0].limit_h == 48
        assert after.decide(**PLACE).grid_code == WEST
        days.append(date(2026, 12, 2))
        # Nobody asks, and it is there all the same.
        until(lambda: live.ready() is not None)
        assert live.today().snapshot is after.snapshot


def test_any_day_as_any_edition_knows_it(engine: Engine) -> None:
    change, later = date(2026, 3, 1), date(2026, 5, 1)
    committed(
        engine,
        lambda s: put_edition(s, 1),
        lambda s: put_leader(s, COMMUNITY, "旧", START, change),
        lambda s: put_leader(s, COMMUNITY, "新", change),
        lambda s: put_rules(s, 1, 24, valid_from=change),
    )
    committed(engine, lambda s: put_edition(s, 2, valid_from=later))
    territories = Territories(engine)
    live = following(engine, territories, on=later)
    with Session(engine) as session:

        def on(day: date, edition: int | None = None) -> tuple[object, ...]:
            router = live.on(session, day, edition)
            decision = router.decide(**PLACE, category="city")
            return decision.grid_code, decision.edition, leader(router), len(decision.steps)

        assert on(date(2026, 2, 28)) == (EAST, 2, ["旧"], 0)
        assert on(date(2026, 3, 3)) == (EAST, 2, ["新"], 1)
        assert on(later) == (WEST, 2, ["新"], 1)
        assert on(later, 1) == (EAST, 1, ["新"], 1)
        # The same once more is the same object, and a day of today's is today's.
        assert live.on(session, change) is live.on(session, change)
        with pytest.raises(DayNotCoveredError, match="2020-01-01"):
            live.on(session, date(2019, 12, 31))
        with pytest.raises(EditionNotFoundError):
            live.on(session, later, 3)
        now = live.today()
        assert live.on(session, later) is now
        assert live.on(session, later, 2) is now


def test_past_days_are_forgotten_when_posts_change(engine: Engine) -> None:
    both(engine, 1)
    day = date(2024, 3, 3)
    with Territories(engine) as territories, following(engine, territories) as live:

        def on_that_day() -> list[str]:
            with Session(engine) as session:
                return leader(live.on(session, day))

        assert on_that_day() == ["1"]
        committed(engine, lambda s: s.execute(text("UPDATE post_term SET holder = '改正'")))
        until(lambda: on_that_day() == ["改正"])


def test_only_so_many_past_days_are_kept(engine: Engine) -> None:
    both(engine, 1)
    live = Routers(engine, Territories(engine), limit_m=50.0, size=2)
    with Session(engine) as session:
        first, *_ = made = [live.on(session, date(2024, 3, day)) for day in (1, 2, 3)]
        assert live.on(session, date(2024, 3, 3)) is made[2]
        assert live.on(session, date(2024, 3, 1)) is not first


def test_many_days_at_once_know_rules_and_no_posts(engine: Engine) -> None:
    change = date(2026, 3, 1)
    committed(
        engine,
        lambda s: put_edition(s, 1),
        lambda s: put_names(s, 1),
        lambda s: put_rules(s, 1, 24, valid_from=change),
        lambda s: put_rules(s, 2, 48, valid_from=date(2026, 4, 1)),
    )
    days = [date(2026, 4, 2), date(2019, 1, 1), date(2026, 3, 1), date(2026, 2, 28)]
    with Session(engine) as session:
        found = following(engine, Territories(engine)).on_days(session, [*days, days[0]])
    assert list(found) == sorted(days)[1:]
    sets = [None if each.rule_set is None else each.rule_set.id for each in found.values()]
    assert sets == [None, 1, 2]
    assert all(leader(each) == [] for each in found.values())


def test_it_answers_while_the_database_is_away(own_database_url: str, engine: Engine) -> None:
    both(engine, 1)
    with Territories(engine) as territories, following(engine, territories) as live:
        now = live.today()
        closed(own_database_url, now=True)
        assert live.today() is now
        assert live.ready() is now
        closed(own_database_url, now=False)
        both(engine, 2)
        until(lambda: live.today().edition.id == 2)
        until(lambda: told(live.today()) == {"2"})


def test_its_listener_ends_with_it(engine: Engine) -> None:
    # A service that another test has running in this process has listeners too.
    others = set(threading.enumerate())
    with following(engine, Territories(engine)):
        ours = set(threading.enumerate()) - others
        assert "listener" in {one.name for one in ours}
    assert not any(one.is_alive() for one in ours if one.name == "listener")
