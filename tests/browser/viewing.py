"""What tests of the viewer share: opening it, waiting for its map, looking at what was drawn."""

import io
import math
import re
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image
from playwright.sync_api import Page

from tests.browser.services import TOKEN
from tests.browser.windows import Window

PATIENCE_S = 120
AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"


# What the address does not hold: menus, dialogs, what was typed, played or said in passing.
TIDY = """(theme) => {
  const find = (part) => document.querySelector(part);
  const put = (part, value) => {
    if (find(part).value === value) return;
    find(part).value = value;
    find(part).dispatchEvent(new Event("input", { bubbles: true }));
  };
  find("#reports").close();
  find("#share").open = false;
  if (find("#play").ariaPressed === "true") find("#play").click();
  if (document.documentElement.dataset.theme !== theme) find("#theme").click();
  put("#asked", "");
  put("#filter", "");
  put("#divide", "50");
  find("#toast").hidden = true;
  find("#toast").textContent = "";
  document.activeElement?.blur();
  scrollTo(0, 0);
}"""
# The state is taken when the address has changed; the map draws it in the frames after that.
TURN = """(choice) => new Promise((done) => {
  location.hash = choice;
  setTimeout(() => requestAnimationFrame(() => requestAnimationFrame(done)));
})"""


class Viewer:
    """One page of the map that the cases of a file look at, each by a state in the address."""

    def __init__(self, window: Window, home: str) -> None:
        self.window = window
        self.home = home
        self.usable = False

    def at(
        self, choice: str = "", *, size: str = "desktop", theme: str = "light", fresh: bool = False
    ) -> Page:
        """Show a state; what the case before has left is put back.

        `fresh` loads the page anew, as who opens a link does: then the map goes to the place, and
        nothing is here yet.
        """
        page = self.window.page
        page.unroute_all()
        self.window.resize(size)
        fresh = fresh or not self.usable
        self.usable = False
        if fresh:
            if page.url.startswith(self.home):
                page.evaluate("localStorage.clear(); sessionStorage.clear()")
            page.goto("about:blank")
        self.window.forget()
        if fresh:
            page.goto(f"{self.home}/?token={TOKEN}{choice}")
            ready(page)
        page.evaluate(TIDY, theme)
        self.usable = True
        return self.turn(choice)

    def turn(self, choice: str) -> Page:
        """Change the state of the page that is open, and nothing else."""
        self.window.page.evaluate(TURN, choice)
        ready(self.window.page)
        return self.window.page

    def turn_theme(self) -> None:
        """Make a light room dark, or a dark one light."""
        self.window.page.get_by_role("button", name=THEME).click()
        settled(self.window.page)

    def spoil(self) -> None:
        """Have the next case load the page anew: this one leaves what cannot be put back."""
        self.usable = False


THEME = re.compile("深色／浅色|Dark or light")


def settled(page: Page) -> None:
    """Wait until nothing is asked for and the map shows it."""
    page.wait_for_selector("body:not(.waiting)")
    page.wait_for_load_state("networkidle")
    drawn(page)


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


def until(page: Page, holds: Callable[[], bool]) -> None:
    """Wait until something is so; how long that takes is judged by nobody."""
    limit = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < limit, "it did not come about"
        page.wait_for_timeout(100)


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
