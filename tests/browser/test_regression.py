"""The map looks as it did: compared with kept pictures, pixel by pixel, with a tolerance.

Fonts differ between machines, so what lies under a name is masked. Where the map is meant to look
otherwise, `BANNERGRID_WRITE_REFERENCES=1` writes the pictures anew; look at them before they go in.
"""

import io
import json
import os
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image
from playwright.sync_api import Page, Route

from layers.places import label_points
from tests.browser.viewing import Viewer, drawn, on_screen, opened, settled
from tests.browser.world import World

pytestmark = pytest.mark.browser

REFERENCES = Path(__file__).parent / "references"
WRITE = os.environ.get("BANNERGRID_WRITE_REFERENCES") == "1"
# So near that communities have names and compounds none.
VIEW = "13.5/39.836/108.742"
SIZE = (480, 360)
NAME = (120, 40)  # room of a name, in pixels
NEAR = 24  # in each channel: antialiasing is not the same everywhere
TOLERATED = 0.01  # share of pixels that may differ by more
PICTURES = {
    "coverage": "",
    "communities": "level=1",
    "incidents": "measure=incidents_per_100",
    "spots": "spots=coverage.incidents",
}
SHOW = """(visibility) => document.querySelectorAll(
  '.corner, .tools-of-map, .maplibregl-control-container, .credits'
).forEach((panel) => { panel.style.visibility = visibility; })"""
Pixels = npt.NDArray[np.int16]


@pytest.fixture(scope="module")
def home(lively_home: str) -> str:
    return lively_home


def picture(page: Page) -> Pixels:
    """Give the middle of the map without what lies on it."""
    settled(page)
    page.evaluate(SHOW, "hidden")
    drawn(page)
    box = page.locator("#map canvas").first.bounding_box()
    assert box is not None
    shot = page.screenshot(
        clip={
            "x": box["x"] + (box["width"] - SIZE[0]) / 2,
            "y": box["y"] + (box["height"] - SIZE[1]) / 2,
            "width": SIZE[0],
            "height": SIZE[1],
        }
    )
    page.evaluate(SHOW, "")
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB")).astype(np.int16)


def names(page: Page, world: World) -> npt.NDArray[np.bool_]:
    """Tell which pixels a name may cover."""
    covered = np.zeros((SIZE[1], SIZE[0]), dtype=bool)
    box = page.locator("#map canvas").first.bounding_box()
    assert box is not None
    left = box["x"] + (box["width"] - SIZE[0]) / 2
    top = box["y"] + (box["height"] - SIZE[1]) / 2
    communities = world.grids.loc[world.grids["level"] == 1]
    for latitude, longitude, _ in label_points(communities.geometry):
        x, y = on_screen(page, longitude, latitude, view=VIEW)
        across = slice(max(0, int(x - left - NAME[0] / 2)), max(0, int(x - left + NAME[0] / 2)))
        down = slice(max(0, int(y - top - NAME[1] / 2)), max(0, int(y - top + NAME[1] / 2)))
        covered[down, across] = True
    return covered


def apart(seen: Pixels, kept: Pixels, covered: npt.NDArray[np.bool_]) -> float:
    """Give the share of pixels, names aside, that differ."""
    return float((np.abs(seen - kept).max(axis=2) > NEAR)[~covered].mean())


def reference(name: str) -> Pixels:
    kept = Image.open(REFERENCES / f"{name}.png").convert("RGB")
    return np.asarray(kept).astype(np.int16)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_map_looks_as_it_did(viewer: Viewer, world: World, artefacts: Path, theme: str) -> None:
    for name, choice in PICTURES.items():
        page = viewer.at(f"#view={VIEW}&month=2026-10&{choice}", theme=theme)
        seen = picture(page)
        image = Image.fromarray(seen.astype(np.uint8))
        image.save(artefacts / f"regression-{name}-{theme}.png")
        if WRITE:
            # A hundred colours are far nearer than what is tolerated, and a quarter of the bytes.
            image.quantize(100).save(REFERENCES / f"{name}-{theme}.png", optimize=True)
        covered = names(page, world)
        assert covered.mean() < 0.3
        assert apart(seen, reference(f"{name}-{theme}"), covered) <= TOLERATED, name
    viewer.window.assert_quiet()


def test_another_colour_of_one_class_is_seen(viewer: Viewer, world: World) -> None:
    """The comparison is worth something only if a real change does not pass."""

    def repainted(route: Route) -> None:
        measures = json.loads(route.fetch().text())
        # One step of six: as a slip in a style file would do it.
        measures[0]["colours"][3] = "#7fb35b"
        route.fulfill(json=measures)

    page = viewer.window.page
    page.route("**/measures.json", repainted)
    page = opened(viewer.window, viewer.home, f"#view={VIEW}&month=2026-10")
    viewer.spoil()
    seen = picture(page)
    assert apart(seen, reference("coverage-light"), names(page, world)) > 4 * TOLERATED


def test_a_border_that_is_not_drawn_is_seen(viewer: Viewer, world: World) -> None:
    """A thin line lost is no more than a few pixels, and still more than is tolerated."""
    page = viewer.at(f"#view={VIEW}&month=2026-10")
    seen = picture(page)
    # The light line between compounds takes the colour of what lies beside it.
    thin = np.abs(seen - 255).max(axis=2) < 40
    seen[thin] = np.roll(seen, 3, axis=1)[thin]
    assert apart(seen, reference("coverage-light"), names(page, world)) > TOLERATED
