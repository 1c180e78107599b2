"""What tests of the viewer share: opening it, waiting for its map, looking at what was drawn."""

import io
import math
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


def on_screen(page: Page, longitude: float, latitude: float, *, view: str) -> tuple[float, float]:
    """Give where on the page a spot lies, in a view written as the address has it."""
    zoom, *centre = map(float, view.split("/"))
    box = page.locator("#map canvas").first.bounding_box()
    assert box is not None
    x, y = _mercator(longitude, latitude, zoom)
    middle_x, middle_y = _mercator(centre[1], centre[0], zoom)
    return (
        box["x"] + box["width"] / 2 + x - middle_x,
        box["y"] + box["height"] / 2 + y - middle_y,
    )


def _mercator(longitude: float, latitude: float, zoom: float) -> tuple[float, float]:
    side = 512 * 2**zoom
    north = math.log(math.tan(math.pi / 4 + math.radians(latitude) / 2))
    return (longitude + 180) / 360 * side, (1 - north / math.pi) / 2 * side


def colour_at(page: Page, longitude: float, latitude: float, *, view: str) -> str:
    """Give the colour of the page at a spot of the map, written #rrggbb."""
    x, y = on_screen(page, longitude, latitude, view=view)
    shot = page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    red, green, blue = Image.open(io.BytesIO(shot)).convert("RGB").getpixel((0, 0))
    return f"#{red:02x}{green:02x}{blue:02x}"


def patch(
    page: Page, longitude: float, latitude: float, *, view: str, side: int
) -> npt.NDArray[np.uint8]:
    """Give a square of the page around a spot of the map, as `pixels` does."""
    x, y = on_screen(page, longitude, latitude, view=view)
    shot = page.screenshot(
        clip={"x": x - side / 2, "y": y - side / 2, "width": side, "height": side}
    )
    return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))


def near(colour: str, wanted: str, *, within: int = 6) -> bool:
    """Tell whether two colours written #rrggbb differ by no more than a little in any channel."""
    pairs = ((int(one[at : at + 2], 16) for one in (colour, wanted)) for at in (1, 3, 5))
    return all(abs(first - second) <= within for first, second in pairs)


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
