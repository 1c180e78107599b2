"""Fetches what the browser loads from npm into `layers/assets`, the one recipe for it.

Run by `make`, and by the build of a wheel or an sdist (`hatch_build.py`); run by hand it mends a
checkout. Needs Python and npm alone, and does nothing where all is there already.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ASSETS = ROOT / "layers" / "assets"
# Which versions lie there; written last, so that what stopped half way is no whole.
VERSIONS = ASSETS / "versions.json"
NPM_FILES = ("package.json", "package-lock.json", ".npmrc")

# Folder of the assets -> files and folders of npm packages; a pair gives the file another name.
COPIES: dict[str, tuple[str | tuple[str, str], ...]] = {
    "leaflet": (
        "leaflet/dist/leaflet.js",
        "leaflet/dist/leaflet.css",
        "leaflet/dist/images",
        "leaflet/LICENSE",
    ),
    "fonts": (
        (
            "@expo-google-fonts/noto-sans-sc/400Regular/NotoSansSC_400Regular.ttf",
            "NotoSansSC-Regular.ttf",
        ),
        ("@expo-google-fonts/noto-sans-sc/LICENSE_FONT", "LICENSE"),
    ),
    "maplibre-gl": (
        "maplibre-gl/dist/maplibre-gl.mjs",
        "maplibre-gl/dist/maplibre-gl-worker.mjs",
        "maplibre-gl/dist/maplibre-gl.css",
        "maplibre-gl/LICENSE.txt",
    ),
    "pmtiles": ("pmtiles/dist/esm/index.js",),
    "fflate": ("fflate/esm/browser.js", "fflate/LICENSE"),
    "terra-draw": (
        "terra-draw/dist/terra-draw.modern.js",
        "terra-draw/package.json",
        "terra-draw-maplibre-gl-adapter/dist/terra-draw-maplibre-gl-adapter.modern.js",
    ),
}


def named(copy: str | tuple[str, str]) -> tuple[str, str]:
    """Give the path within `node_modules` and the name that the copy gets."""
    return (copy, copy.rpartition("/")[2]) if isinstance(copy, str) else copy


def wanted_versions() -> str:
    """Give the pinned versions as they are written beside the assets."""
    pinned = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    return json.dumps(pinned, indent=2, sort_keys=True) + "\n"


def is_complete() -> bool:
    """Tell whether every asset is there in the version that `package.json` names."""
    return (
        VERSIONS.is_file()
        and VERSIONS.read_text(encoding="utf-8") == wanted_versions()
        and all(
            (ASSETS / folder / named(copy)[1]).exists()
            for folder, copies in COPIES.items()
            for copy in copies
        )
    )


def fetch() -> None:
    """Fetch the packages beside the checkout, and put what is needed into the folder of assets.

    Raises
    ------
    SystemExit
        If npm is missing or fails; says what to do.
    """
    npm = shutil.which("npm")
    if npm is None:
        sys.exit(
            "The browser assets (maps, fonts) come from npm, which is not on this machine. Install "
            "it (apt-get install npm; brew install node), then run the same command again."
        )
    print("Fetching the browser assets from npm", flush=True)  # noqa: T201 - a script of the build
    # Not in the checkout: its node_modules may hold what the linters need as well.
    with tempfile.TemporaryDirectory(prefix="bannergrid-npm-") as made:
        for name in NPM_FILES:
            shutil.copy(ROOT / name, made)
        options = ["ci", "--omit=dev", "--ignore-scripts", "--loglevel=error"]
        done = subprocess.run([npm, *options], cwd=made, check=False)  # noqa: S603 - npm itself
        if done.returncode != 0:
            sys.exit(
                "npm could not fetch the browser assets; its reason stands above. Check the "
                "network (npm config get registry names the server), then run the same command "
                "again."
            )
        _put(Path(made) / "node_modules")


def _put(modules: Path) -> None:
    shutil.rmtree(ASSETS, ignore_errors=True)
    for folder, copies in COPIES.items():
        (ASSETS / folder).mkdir(parents=True)
        for path, name in map(named, copies):
            source, target = modules / path, ASSETS / folder / name
            if source.is_dir():
                shutil.copytree(source, target)
            else:
                shutil.copyfile(source, target)
    VERSIONS.write_text(wanted_versions(), encoding="utf-8")


if __name__ == "__main__":
    if not is_complete():
        fetch()
    VERSIONS.touch()  # make compares its time with that of package.json
