"""The schema `published`: what it shows, what it hides, and who sees it."""

import uuid
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from geo.coverage.measures import measures
from geo.db import backup, migrate, restore
from geo.db.engine import make_engine
from geo.db.published import ROLE, grant
from geo.db.readers import PublishedRoleError, Reader, open_readers
from tests import builders
from tests.api.conftest import FIRST, SECOND, THIRD
from tests.api.ogc.world import FORMER, HIDDEN, VERSIONS, told
from tests.coroutines import run
from tests.databases import drop_everything

VIEWS = ["communities", "coverage", "grids", "grids_by_edition", "incidents"]
OURS = (
    "SELECT c.oid::regclass::text FROM pg_class AS c JOIN pg_namespace AS n "
    "ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'v', 'm', 'p', 'S', 'f') "
    "AND n.nspname !~ '^pg_' AND n.nspname NOT IN ('information_schema', 'published') "
    "AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')"
)
# What a person or a household would be known by.
NAMING = {"external_id", "holder", "phone", "address", "description", "cadre", "residents"}


@pytest.fixture
def world(session: Session) -> Connection:
    told(session)
    return session.connection()


def rows(connection: Connection, query: str, **bound: Any) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text(query), bound)]


def refused(connection: Connection, statement: str) -> bool:
    try:
        with connection.begin_nested():
            connection.execute(text(statement))
    except ProgrammingError as error:
        return "permission denied" in str(error.orig)
    return False


def test_the_role_sees_the_views_and_nothing_else(world: Connection) -> None:
    tables = [name for (name,) in rows(world, OURS)]
    assert {"household", "visit", "incident", "grid_version", "schema_version"} <= set(tables)
    world.execute(text(f"SET LOCAL ROLE {ROLE}"))
    assert [name for name in tables if not refused(world, f"SELECT FROM {name}")] == []
    for view in VIEWS:
        assert rows(world, f"SELECT count(*) > 0 FROM published.{view}") == [(True,)]  # noqa: S608
        writing = "has_table_privilege(:view, 'INSERT, UPDATE, DELETE, TRUNCATE')"
        assert rows(world, f"SELECT {writing}", view=f"published.{view}") == [(False,)]
    assert refused(world, "CREATE TABLE published.mine (id int)")
    world.execute(text("RESET ROLE"))


def test_the_views_name_no_person_and_no_household(world: Connection) -> None:
    columns = rows(
        world,
        "SELECT table_name, array_agg(column_name::text) FROM information_schema.columns "
        "WHERE table_schema = 'published' GROUP BY table_name ORDER BY table_name",
    )
    assert [view for view, _ in columns] == VIEWS
    for view, names in columns:
        assert NAMING.isdisjoint(names)
        assert {"id", "edition", "attribution", "synthetic", "geom"} <= set(names)
        assert rows(world, f"SELECT count(*) - count(DISTINCT id) FROM published.{view}") == [(0,)]  # noqa: S608


def test_current_grids_are_those_of_the_newest_edition(world: Connection) -> None:
    query = "SELECT code, name, community, edition FROM published.grids ORDER BY code"
    assert rows(world, query) == [
        (FIRST, "金鼎新村", "建安社区", 2),
        (SECOND, "鑫园小区", "建安社区", 2),
        (THIRD, "新园小区", "团结社区", 2),
    ]
    assert rows(world, "SELECT code FROM published.communities ORDER BY code") == [
        (FIRST[:12],),
        (THIRD[:12],),
    ]


def test_every_edition_tells_what_it_knew(world: Connection) -> None:
    query = (
        "SELECT edition, name, valid_from::text, valid_to::text FROM published.grids_by_edition "
        "WHERE code = :code ORDER BY id"
    )
    assert rows(world, query, code=FIRST) == [
        (1, "金鼎小区", "2024-01-01", None),
        (2, "金鼎小区", "2024-01-01", "2026-01-01"),
        (2, "金鼎新村", "2026-01-01", None),
    ]
    assert rows(world, "SELECT count(*) FROM published.grids_by_edition") == [(VERSIONS,)]


def test_coverage_is_that_of_the_product_but_for_hidden_cells(
    world: Connection, session: Session
) -> None:
    columns = [
        *("registered", "paired", "visited_paired", "visited_any", "by_paired", "eligible"),
        *("known", "unknown", "rate", "rate_registered"),
    ]
    wanted = measures(session, target=0.95).set_index("code")
    seen = rows(world, f"SELECT code, hidden, {', '.join(columns)} FROM published.coverage")  # noqa: S608
    assert {code for code, hidden, *_ in seen if hidden} == HIDDEN
    assert len(seen) == len(wanted)
    for code, hidden, *figures in seen:
        row = wanted.loc[code, columns].tolist()
        shown = [None if hidden or value != value else value for value in row]  # noqa: PLR0124 - NaN
        assert figures == shown, code


def test_two_small_grids_do_not_hide_their_community(world: Connection) -> None:
    # Six households together are a cell of six, whoever subtracts.
    world.execute(
        text("DELETE FROM visit; DELETE FROM pairing"),
    )
    world.execute(text("DELETE FROM household WHERE right(external_id, 1) > '3'"))
    homes = world.scalars(text("SELECT external_id FROM household")).all()
    pairs = product(homes, world.scalars(text("SELECT external_id FROM cadre")).all())
    late = [{"household": h, "cadre": c, "visited_on": "2026-10-09"} for h, c in pairs]
    builders.world(Session(world), visits=late)
    hidden = {code for (code,) in rows(world, "SELECT code FROM published.coverage WHERE hidden")}
    assert hidden == {FIRST, SECOND, THIRD, THIRD[:12]}
    hidden = {code for (code,) in rows(world, "SELECT code FROM published.incidents WHERE hidden")}
    assert hidden == {FIRST, SECOND, THIRD, THIRD[:12]}


@pytest.mark.parametrize(("asked", "hidden"), [("1", HIDDEN), ("7", {FIRST, SECOND} | HIDDEN)])
def test_a_site_may_ask_for_more_than_five_and_nobody_for_fewer(
    world: Connection, asked: str, hidden: set[str]
) -> None:
    world.execute(text("SELECT set_config('bannergrid.min_households', :k, true)"), {"k": asked})
    for view in ("coverage", "incidents"):
        seen = rows(world, f"SELECT code FROM published.{view} WHERE hidden")  # noqa: S608
        assert {code for (code,) in seen} == hidden


def test_incidents_are_counted_in_the_banners_months_and_none_is_lost(world: Connection) -> None:
    query = (
        "SELECT code, reported, closed, solved_in_grid, solved_in_community, solved_above, current "
        "FROM published.incidents WHERE month = CAST(:month AS date) ORDER BY code"
    )
    assert rows(world, query, month="2026-10-01") == [
        (FIRST[:12], 3, 2, 1, 0, 1, True),
        (FIRST, 2, 1, 1, 0, 0, True),
        (SECOND, 1, 1, 0, 0, 1, True),
        (THIRD[:12], None, None, None, None, None, True),
        (THIRD, None, None, None, None, None, True),
    ]
    former = [row for row in rows(world, query, month="2024-12-01") if row[1]]
    assert former == [(FIRST[:12], 1, 1, 0, 1, 0, True), (FORMER, 1, 1, 0, 1, 0, False)]


@pytest.fixture
def own(own_database_url: str) -> Iterator[Engine]:
    engine = make_engine(own_database_url)
    with Session(engine) as session, session.begin():
        told(session)
    yield engine
    engine.dispose()


async def _nothing(_: Reader) -> None:
    return None


async def _asked(engine: Engine, query: str) -> Any:
    async with await open_readers(engine, min_households=5, prepare=_nothing) as readers:
        return await readers.fetchval(query)


def test_readers_cannot_write_and_reset_to_the_role(own: Engine) -> None:
    async def ask() -> list[str]:
        readers = await open_readers(own, min_households=9, prepare=_nothing)
        async with readers, readers.acquire() as connection:
            await connection.execute("RESET ALL; RESET ROLE")
            names = "default_transaction_read_only", "bannergrid.min_households", "role"
            return [await connection.fetchval(f"SHOW {name}") for name in names]

    assert run(ask()) == ["on", "9", ROLE]


def test_a_restore_brings_the_views_and_who_may_see_them(own: Engine, folder: Path) -> None:
    backup.write(own, folder / "b")
    restore.restore(own, folder / "b", replace=True)
    assert run(_asked(own, "SELECT count(*) FROM published.grids")) == 3
    with own.begin() as connection:
        connection.execute(text(f"SET LOCAL ROLE {ROLE}"))
        assert refused(connection, "SELECT FROM household")


def test_without_the_right_to_make_roles_all_else_works(own: Engine) -> None:
    user = f"plain_{uuid.uuid4().hex[:12]}"
    with own.begin() as connection:
        connection.execute(text(f"CREATE ROLE {user} LOGIN"))
        connection.execute(text(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {user}"))
    query = {name: value for name, value in own.url.query.items() if name != "user"}
    url = own.url.set(username=user, query=query)
    plain = make_engine(url.render_as_string(hide_password=False))
    try:
        migrate.upgrade(plain)  # finds nothing to do, and no right to grant
        with pytest.raises(PublishedRoleError) as caught:
            run(_asked(plain, "SELECT 1"))
        for language in ("zh", "en"):
            sentence = caught.value.message(language)
            assert f"CREATE ROLE {ROLE} NOLOGIN; GRANT {ROLE} TO {user};" in sentence
        with own.begin() as connection:
            connection.execute(text(f"GRANT {ROLE} TO {user}"))
        assert run(_asked(plain, "SELECT count(*) FROM published.grids")) == 3
    finally:
        plain.dispose()
        with own.begin() as connection:
            connection.execute(text(f"DROP OWNED BY {user}; DROP ROLE {user}"))


def test_granting_again_changes_nothing_and_needs_no_schema(own: Engine) -> None:
    with own.begin() as connection:
        grant(connection)
        grant(connection)
    drop_everything(own)
    with own.begin() as connection:
        grant(connection)
