"""The wheel of a fresh clone carries all that the service needs, and works from site-packages."""

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

# Of `make wheel`: it installs packages, and nothing else that is tested does.
pytestmark = pytest.mark.wheel

ROOT = Path(__file__).parents[1]
CARRIED = [
    "geo/db/migrations/versions/0015_tables.py",
    "geo/db/schema/published.sql",
    "geo/db/migrations/script.py.mako",
    "geo/synthetic/boundaries/banner.geojson",
    "geo/synthetic/boundaries/sources.toml",
    "geo/territory/columns.toml",
    "geo/territory/sql/locate.sql",
    "layers/assets/fflate/browser.js",
    "layers/assets/fonts/NotoSansSC-Regular.ttf",
    "layers/assets/leaflet/images/layers.png",
    "layers/assets/leaflet/leaflet.js",
    "layers/assets/pmtiles/index.js",
    "layers/assets/maplibre-gl/maplibre-gl.mjs",
    "layers/assets/terra-draw/terra-draw.modern.js",
    "layers/viewer/index.html",
    "layers/viewer/map/map.js",
    "layers/viewer/words/words.js",
    "geo/intake/kinds/households.toml",
    "geo/intake/reasons.toml",
    "geo/synthetic/facts/towns.toml",
]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Open to the account that PostgreSQL runs as where root runs the tests.
    with TemporaryDirectory(prefix="bannergrid-wheel-") as name:
        Path(name).chmod(0o711)
        yield Path(name)


@pytest.fixture(scope="module")
def clone(folder: Path) -> Path:
    """The sources as a fresh clone has them: nothing from npm yet."""
    place = folder / "clone"
    place.mkdir()
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, place)
    no_source = shutil.ignore_patterns("assets", "__pycache__")
    for name in ("geo", "api", "layers", "data"):
        shutil.copytree(ROOT / name, place / name, ignore=no_source)
    return place


def build(source: Path, out: Path, path: str | None = None) -> "subprocess.CompletedProcess[str]":
    """An sdist, and out of that a wheel."""
    words = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(out), str(source)]
    env = os.environ | ({} if path is None else {"PATH": path})
    return subprocess.run(words, check=False, capture_output=True, text=True, env=env)


@pytest.fixture(scope="module")
def wheel(folder: Path, clone: Path) -> Path:
    done = build(clone, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def bannergrid(folder: Path, wheel: Path) -> Path:
    """The console script of an empty virtual environment with nothing but the wheel's needs."""
    place = folder / "venv"
    venv.create(place, with_pip=True)
    pip = [place / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--require-hashes", "-r", ROOT / "requirements.txt"], check=True)
    subprocess.run([*pip, "--no-deps", wheel], check=True)
    return place / "bin" / "bannergrid"


def run(program: Path, *words: str | Path) -> str:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("BANNERGRID_", "PYTHON"))}
    done = subprocess.run(
        [program, *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=program.parent,
        env=env | {"BANNERGRID_LANGUAGE": "en"},
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_build_without_npm_says_what_to_install(clone: Path, folder: Path) -> None:
    shutil.rmtree(clone / "layers" / "assets", ignore_errors=True)
    done = build(clone, folder / "none", path=str(folder))
    assert done.returncode != 0
    assert "come from npm, which is not on this machine" in done.stdout + done.stderr
    assert not list(folder.glob("none/*"))


def test_the_wheel_carries_migrations_data_styles_and_assets(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    assert [name for name in CARRIED if name not in names] == []
    assert any(name.startswith("layers/styles/") and name.endswith(".toml") for name in names)
    assert not [name for name in names if name.startswith(("tests", "notebooks", ".ci"))]


def test_demo_and_render_from_site_packages(bannergrid: Path, folder: Path) -> None:
    data = folder / "data"
    assert "loaded" in run(bannergrid, "--data", data, "demo", "--today", "2026-11-23")
    assert "edition 1" in run(bannergrid, "--data", data, "demo")  # the second time does nothing
    out = folder / "coverage.html"
    run(bannergrid, "--data", data, "render", "coverage", "--month", "2026-10", "--out", out)
    assert "leaflet" in out.read_text(encoding="utf-8").lower()
