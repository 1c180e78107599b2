"""One migrated PostGIS database a worker; everything a test does is undone, even after a commit."""

import os
import shutil
import signal
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import hypothesis
import pytest
from playwright.sync_api import Browser, expect, sync_playwright
from sqlalchemy import Connection, Engine, make_url, text
from sqlalchemy.orm import Session

from geo.db import cluster, migrate
from geo.db.engine import make_engine
from tests.browser import windows
from tests.browser.windows import OpenWindow

# A shell has its background jobs ignore Ctrl-C, and so would every program that a test starts.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# A test judges answers, not the machine that it runs on.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")
# Nor by how busy it is.
expect.set_options(timeout=windows.PATIENCE_MS)

CHROMIUMS = (
    "chromium-headless-shell",  # no window's own page to draw: a third less work
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)

# They start programs: clusters, workers of Dask, the service.
SLOW_FIXTURES = frozenset({"template", "running", "user_of", "bannergrid"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a browser, and what is slow by what it stands on.

    Whoever has a database of their own, not just a transaction that is undone, commits, serves or
    starts programs. What takes long for another reason is marked by hand.
    """
    for item in items:
        used = set(getattr(item, "fixturenames", ()))
        own_database = "server_url" in used and "database_url" not in used
        if "chromium" in used:
            item.add_marker("browser")
        if own_database or used & SLOW_FIXTURES:
            item.add_marker("slow")


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A server to make databases in: one that you named, or an embedded cluster for this run."""
    named = os.environ.get("BANNERGRID_TEST_DATABASE_URL")
    if named:
        yield named
        _drop_templates(named)
        return
    with TemporaryDirectory(prefix="bannergrid-test-") as folder:
        # pytest's own folders are closed, and run by root PostgreSQL runs as another account.
        Path(folder).chmod(0o711)
        with cluster.running(Path(folder)) as url:
            _do_not_wait_for_the_disk(url)
            yield url


def _do_not_wait_for_the_disk(url: str) -> None:
    """Of this run's own cluster nothing has to survive a power cut."""
    admin = make_engine(url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        for name in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {name} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    admin.dispose()


Fill = Callable[[Session], object]
# By server and by what fills it, the database to copy: migrating takes ten times as long.
_TEMPLATES: dict[tuple[str, Fill | None], str] = {}


def _template(admin: Engine, fill: Fill | None) -> str:
    """Name a migrated database, filled once."""
    key = (admin.url.render_as_string(hide_password=False), fill)
    if key not in _TEMPLATES:
        name = f"test_template_{uuid.uuid4().hex[:12]}"
        with admin.connect() as connection:
            like = f'TEMPLATE "{_template(admin, None)}"' if fill else ""
            connection.execute(text(f'CREATE DATABASE "{name}" {like}'))
        engine = make_engine(admin.url.set(database=name).render_as_string(hide_password=False))
        if fill is None:
            migrate.upgrade(engine)
        else:
            with Session(engine) as session, session.begin():
                fill(session)
        engine.dispose()
        _TEMPLATES[key] = name
    return _TEMPLATES[key]


def _drop_templates(server_url: str) -> None:
    admin = make_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    server = admin.url.render_as_string(hide_password=False)
    with admin.connect() as connection:
        for key in [key for key in _TEMPLATES if key[0] == server]:
            connection.execute(text(f'DROP DATABASE "{_TEMPLATES.pop(key)}" WITH (FORCE)'))
    admin.dispose()


@contextmanager
def new_database(
    server_url: str, *, fill: Fill | None = None, like: str | None = None
) -> Iterator[str]:
    """A migrated database that is dropped at the end.

    It is empty, or holds what `fill`, a function of a module, writes: written once, then copied;
    or is a copy of `like`, in which nobody may be.
    """
    name = f"test_{uuid.uuid4().hex}"
    admin = make_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    template = make_url(like).database if like else _template(admin, fill)
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    try:
        yield admin.url.set(database=name).render_as_string(hide_password=False)
    finally:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
        admin.dispose()


@pytest.fixture(scope="session")
def database_url(server_url: str) -> Iterator[str]:
    """The database of this worker's tests that undo what they do."""
    with new_database(server_url) as url:
        yield url


@pytest.fixture
def own_database_url(server_url: str) -> Iterator[str]:
    """A database of this test's own, for commands that commit."""
    with new_database(server_url) as url:
        yield url


@pytest.fixture(scope="session")
def engine(database_url: str) -> Iterator[Engine]:
    engine = make_engine(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        outer = connection.begin()
        yield connection
        outer.rollback()


@pytest.fixture
def session(connection: Connection) -> Iterator[Session]:
    with Session(connection, join_transaction_mode="create_savepoint") as session:
        yield session


@pytest.fixture
def folder() -> Iterator[Path]:
    """A short folder that every account can pass through; pytest's own are closed."""
    with TemporaryDirectory(prefix="bg-") as made:
        path = Path(made).resolve()
        path.chmod(0o711)
        yield path


@pytest.fixture(scope="session")
def artefacts() -> Path:
    """Where screenshots of this run are kept; not in git."""
    folder = Path(__file__).parent / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """A real browser; one a worker, for Playwright runs one loop a process."""
    program = next(filter(None, map(shutil.which, CHROMIUMS)), None)
    assert program, f"none of {', '.join(CHROMIUMS)} is installed; run `make test`"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            # Maps are drawn by WebGL, and a test machine has no graphics card.
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--use-angle=swiftshader",
                "--enable-unsafe-swiftshader",
                # All but the map is put together sooner without imitating a card.
                "--disable-gpu-compositing",
                # Nothing but this machine can be found, whatever a page asks for.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        yield browser
        browser.close()


@pytest.fixture
def open_window(chromium: Browser, artefacts: Path) -> Iterator[OpenWindow]:
    """Opens windows that may speak to this machine only; what else they ask is kept and fails."""
    with windows.opening(chromium, artefacts) as opened:
        yield opened
