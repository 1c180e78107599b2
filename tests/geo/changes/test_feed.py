"""The feed: one order, no gaps, no repeats, whoever writes and however long it takes."""

import random
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from geo.changes import live, repository
from geo.changes.live import Feed, TooManyFollowersError, take_numbers
from geo.changes.model import Change, Page
from geo.changes.repository import CursorGoneError
from geo.changes.rules import START, Cursor, CursorError, cursor_at, cursor_of
from geo.db import tables as t
from geo.db.engine import make_engine
from tests.builders import world
from tests.conftest import new_database

LETTERS = "abcdefghij"


@pytest.fixture(scope="module")
def feed_engine(server_url: str) -> Iterator[Engine]:
    with new_database(server_url) as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def empty(feed_engine: Engine) -> Engine:
    """A database whose feed is empty."""
    with feed_engine.begin() as connection:
        connection.execute(text("TRUNCATE change, category, rule_set CASCADE"))
    return feed_engine


def network(number: int) -> str:
    """A category's code of its own for every number."""
    return "n_" + "".join(LETTERS[int(digit)] for digit in str(number))


def add(session: Session, number: int) -> None:
    world(session, categories=[{"code": network(number), "name": "x", "name_en": "x"}])


def write(engine: Engine, *numbers: int) -> None:
    with Session(engine) as session, session.begin():
        for number in numbers:
            add(session, number)


def read(
    engine: Engine, cursor: Cursor | None = None, *, limit: int = 1000, kinds: tuple[str, ...] = ()
) -> Page:
    take_numbers(engine)
    with Session(engine) as session:
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return repository.after(session, cursor, limit=limit, kinds=kinds)


def codes(changes: tuple[Change, ...] | list[Change]) -> list[str]:
    return [code for each in changes for code in each.body["categories"]]


def test_an_empty_feed_has_a_beginning_to_follow_from(empty: Engine) -> None:
    page = read(empty)
    assert page == Page((), "0", more=False)
    write(empty, 1)
    assert codes(read(empty, cursor_of(page.next)).changes) == [network(1)]


def test_changes_come_in_the_order_in_which_one_follows_from_the_other(empty: Engine) -> None:
    for number in range(5):
        write(empty, number)
    page = read(empty)
    assert codes(page.changes) == [network(number) for number in range(5)]
    assert [each.number for each in page.changes] == [1, 2, 3, 4, 5]
    assert read(empty, cursor_of(page.next)) == Page((), page.next, more=False)


def test_a_long_transaction_is_told_when_it_ends_and_above_what_was_read(empty: Engine) -> None:
    with Session(empty) as slow:
        add(slow, 1)  # its change has the lower id
        write(empty, 2)
        before = read(empty)
        assert codes(before.changes) == [network(2)]
        slow.commit()
    after = read(empty, cursor_of(before.next))
    assert codes(after.changes) == [network(1)]
    assert after.changes[0].number == 2


def test_what_is_undone_leaves_no_gap(empty: Engine) -> None:
    write(empty, 1)
    with Session(empty) as session:
        add(session, 2)
        session.rollback()
    write(empty, 3)
    assert [each.number for each in read(empty).changes] == [1, 2]


def test_pages_join_without_seam(empty: Engine) -> None:
    write(empty, *range(25))
    seen: list[Change] = []
    cursor, more = None, True
    while more:
        page = read(empty, cursor, limit=10)
        seen, cursor, more = [*seen, *page.changes], cursor_of(page.next), page.more
    assert codes(seen) == [network(number) for number in range(25)]


def test_more_are_waiting_than_are_numbered_at_once(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repository, "BATCH", 4)
    write(empty, *range(10))
    page = read(empty)
    assert (len(page.changes), page.more) == (4, True)
    rest = read(empty, cursor_of(page.next))
    assert codes(rest.changes) == [network(number) for number in range(4, 8)]


def rules(engine: Engine, number: int) -> None:
    first, last = date(2000 + number, 1, 1), date(2001 + number, 1, 1)
    with Session(engine) as session, session.begin():
        session.add(t.RuleSet(id=number, title="x", valid=Range(first, last)))


def test_only_the_kinds_that_are_wanted_and_no_second_look_at_the_others(empty: Engine) -> None:
    write(empty, 1)
    rules(empty, 1)
    write(empty, 2, 3)
    page = read(empty, kinds=("rules",))
    assert [each.body["rule_set"] for each in page.changes] == [1]
    assert page.next.startswith("4-")
    assert codes(read(empty, limit=2, kinds=("categories",)).changes) == [network(1), network(2)]


@pytest.mark.parametrize("text", ["", "1", "0-", "01-00000000", "1-xyz", "-1", "1-ABCDEF01", "９"])
def test_a_cursor_that_nobody_gave_is_refused(text: str) -> None:
    with pytest.raises(CursorError) as refused:
        cursor_of(text)
    assert repr(text) in refused.value.message("en")
    with pytest.raises(CursorError):
        cursor_of("9999999999-00000000")


def test_cursors_survive_being_written() -> None:
    assert cursor_of(str(Cursor(12, "0a1b2c3d"))) == Cursor(12, "0a1b2c3d")
    assert cursor_of(str(START)) == START


def test_a_cursor_of_another_feed_is_told_to_begin_anew(empty: Engine) -> None:
    write(empty, 1, 2)
    last = cursor_of(read(empty).next)
    with pytest.raises(CursorGoneError):
        read(empty, Cursor(9, last.mark))
    # A backup of before the second change, and then another one.
    with empty.begin() as connection:
        connection.execute(text("DELETE FROM change WHERE number = 2"))
    write(empty, 3)
    with pytest.raises(CursorGoneError) as gone:
        read(empty, last)
    assert str(last) in gone.value.message("zh")
    assert "latest" in gone.value.message("zh")


def test_old_changes_go_and_the_numbers_go_on(empty: Engine) -> None:
    write(empty, 1)
    first = cursor_of(read(empty).next)
    write(empty, 2)
    second = cursor_of(read(empty).next)
    write(empty, 3)
    read(empty)
    with empty.begin() as connection:
        old = "UPDATE change SET happened_at = now() - interval '401 days' WHERE number <= 2"
        connection.execute(text(old))
    with Session(empty) as session, session.begin():
        before = datetime.now(UTC) - timedelta(days=400)
        assert repository.forget(session, before=before) == 2
    for cursor in (START, first, second):
        with pytest.raises(CursorGoneError):
            read(empty, cursor)
    assert [each.number for each in read(empty).changes] == [3]
    with Session(empty) as session, session.begin():
        assert repository.forget(session, before=datetime.now(UTC) + timedelta(days=1)) == 0
    write(empty, 4)
    assert [each.number for each in read(empty).changes] == [3, 4]


def writer(engine: Engine, first: int, many: int, seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test's
    at = first
    while at < first + many:
        size = min(chance.choice([1, 1, 2, 7]), first + many - at)
        with Session(engine) as session, session.begin():
            for number in range(at, at + size):
                add(session, number)
                time.sleep(chance.choice([0, 0, 0.002, 0.02]))
            if chance.random() < 0.2:
                session.rollback()
                continue
        at += size


def written_by_four(engine: Engine, meanwhile: Callable[[], None]) -> None:
    writers = [threading.Thread(target=writer, args=(engine, 1000 * k, 60, k)) for k in range(1, 5)]
    for each in writers:
        each.start()
    while any(each.is_alive() for each in writers):
        meanwhile()
    for each in writers:
        each.join()
    meanwhile()


WRITTEN = sorted(network(1000 * k + n) for k in range(1, 5) for n in range(60))


def test_readers_beside_four_writers_see_every_change_once_and_in_one_order(
    empty: Engine,
) -> None:
    seen: dict[str, list[Change]] = {"one": [], "two": []}
    done = threading.Event()

    def follow(name: str) -> None:
        cursor = None
        while True:
            last = done.is_set()
            page = read(empty, cursor, limit=7)
            seen[name] += page.changes
            cursor = cursor_of(page.next)
            if last and not page.more:
                return

    readers = [threading.Thread(target=follow, args=(name,)) for name in seen]
    for each in readers:
        each.start()
    written_by_four(empty, lambda: time.sleep(0.01))
    done.set()
    for each in readers:
        each.join()
    assert seen["one"] == seen["two"] == list(read(empty).changes)
    assert [each.number for each in seen["one"]] == list(range(1, len(WRITTEN) + 1))
    assert sorted(codes(seen["one"])) == WRITTEN


def test_the_end_in_memory_is_the_feed_and_wakes_who_waits(
    empty: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "KEPT", 50)
    write(empty, 1)
    cursor = cursor_of(read(empty).next)
    seen: list[Change] = []
    woken = threading.Event()
    with (
        Feed(empty, kept_days=400, max_followers=2) as feed,
        feed.following(woken.set),
    ):

        def take() -> None:
            nonlocal cursor
            woken.wait(0.5)
            woken.clear()
            found = feed.recent(cursor)
            if found is None:  # too far behind what is kept
                found = read(empty, cursor).changes
            if found:
                seen.extend(found)
                cursor = cursor_at(found[-1])

        written_by_four(empty, take)
        while len(seen) < len(WRITTEN):
            take()
        assert feed.recent(Cursor(seen[-1].number, "00000000")) is None
        assert feed.recent(START) is None
        assert len(feed.recent(cursor_at(seen[-51])) or ()) == 50
        assert feed.recent(cursor_at(seen[-52])) is None
    assert feed.closed
    assert sorted(codes(seen)) == WRITTEN
    assert [each.number for each in seen] == list(range(2, len(WRITTEN) + 2))


def test_no_more_follow_than_may(empty: Engine) -> None:
    feed = Feed(empty, kept_days=400, max_followers=1)
    feed.check_room()
    with feed.following(lambda: None), pytest.raises(TooManyFollowersError) as refused:
        feed.check_room()
    assert "1" in refused.value.message("zh")
    feed.check_room()


def test_the_feed_drops_what_is_too_old(empty: Engine) -> None:
    write(empty, 1, 2)
    read(empty)
    with empty.begin() as connection:
        old = "UPDATE change SET happened_at = now() - interval '31 days' WHERE number = 1"
        connection.execute(text(old))
    with Feed(empty, kept_days=30, max_followers=1):
        pass
    assert [each.number for each in read(empty).changes] == [2]
