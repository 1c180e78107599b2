"""One migrated PostGIS database a worker; everything a test does is undone, even after a commit."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

import hypothesis
import pytest
from playwright.sync_api import Browser, Request, sync_playwright
from sqlalchemy import Connection, Engine, text
from sqlalchemy.orm import Session

from geo.db import cluster, migrate
from geo.db.engine import make_engine
from tests.browser.windows import SIZES, OpenWindow, Window

# A test judges answers, not the machine that it runs on.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

DRIVER = "GL Driver Message"  # of the software that stands in for a graphics card, not the page's
CHROMIUMS = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """A server to make databases in: one that you named, or an embedded cluster for this run."""
    named = os.environ.get("BANNERGRID_TEST_DATABASE_URL")
    if named:
        yield named
        _drop_template(named)
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


_TEMPLATES: dict[str, str] = {}


def _template(admin: Engine) -> str:
    """Name a migrated database to copy, made once: migrating takes ten times as long."""
    server = admin.url.render_as_string(hide_password=False)
    if server not in _TEMPLATES:
        name = f"test_template_{uuid.uuid4().hex[:12]}"
        with admin.connect() as connection:
            connection.execute(text(f'CREATE DATABASE "{name}"'))
        engine = make_engine(admin.url.set(database=name).render_as_string(hide_password=False))
        migrate.upgrade(engine)
        engine.dispose()
        _TEMPLATES[server] = name
    return _TEMPLATES[server]


def _drop_template(server_url: str) -> None:
    admin = make_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    name = _TEMPLATES.pop(admin.url.render_as_string(hide_password=False), None)
    if name:
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


@contextmanager
def new_database(server_url: str) -> Iterator[str]:
    """An empty, migrated database that is dropped at the end."""
    name = f"test_{uuid.uuid4().hex}"
    admin = make_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    template = _template(admin)
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
    contexts = []

    def opened(size: str = "desktop", **options: Any) -> Window:
        width, height = SIZES[size]
        context = chromium.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        window = Window(context.new_page(), artefacts)

        def note(request: Request) -> None:
            address = urlsplit(request.url)
            here = address.scheme in ("file", "data", "blob") or address.hostname == "127.0.0.1"
            if not here:
                window.foreign.append(request.url)

        # Not by `context.route`: it turns off the browser's cache and asks here about each request.
        context.on("request", note)
        window.page.on(
            "console",
            lambda message: (
                window.complaints.append(f"{message.text} {message.location['url']}")
                if message.type in ("error", "warning") and DRIVER not in message.text
                else None
            ),
        )
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        return window

    yield opened
    for context in contexts:
        context.close()
