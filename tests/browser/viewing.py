"""What tests of the viewer share: opening it, waiting for its map, looking at what was drawn."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Page

from tests.browser.services import TOKEN
from tests.browser.windows import Window

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


def opened(window: Window, home: str, choice: str = "") -> Page:
    """Open the map by the link that the service prints, with a state behind it."""
    window.page.goto(f"{home}/?token={TOKEN}{choice}")
    ready(window.page)
    return window.page


def ready(page: Page) -> None:
    """Wait until figures are there and the map is drawn."""
    page.wait_for_selector('body[data-state="ready"]:not(.waiting)')
    drawn(page)


def drawn(page: Page) -> None:
    """Wait until the map shows what it should."""
    page.wait_for_selector('#map[data-drawn="yes"]')


def pixels(page: Page, selector: str = "#map canvas") -> npt.NDArray[np.uint8]:
    """Give what an element looks like, as height by width by red, green, blue."""
    shot = page.locator(selector).first.screenshot()
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def share_of(seen: npt.NDArray[np.uint8], colour: str, *, near: int = 14) -> float:
    """Give the share of pixels that are near a colour written #rrggbb."""
    wanted = np.array([int(colour[at : at + 2], 16) for at in (1, 3, 5)])
    return float((np.abs(seen.astype(int) - wanted).max(axis=2) <= near).mean())


def faults(page: Page) -> list[str]:
    """Let axe-core look for what keeps people out; gives what is serious or worse."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {node['target']} {node.get('failureSummary', '')}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]
