"""Everything is touched in an order that nobody planned; no page says that something went wrong."""

import pytest
from playwright.sync_api import Page

from tests.browser.services import TOKEN
from tests.browser.windows import OpenWindow, Window

pytestmark = pytest.mark.browser

STEPS = 150
# A day before all grids is entered too: the service says so, and the browser logs that.
NO_SUCH_DAY = "/v1/tiles?at=2020-01-01"
# What is hidden is touched too: a panel may have closed between the decision and the touch.
MONKEY = """async ([seed, steps]) => {
  const DAYS = ["2026-05-31", "2020-01-01", ""];
  const TYPED = ["jd", "", "39.8, 108.7", "<b>x"];
  const KEYS = ["Escape", "Enter", "ArrowDown", "ArrowUp", "ArrowLeft", "ArrowRight", "Home"];
  let state = seed;
  const any = (most) => {
    state = (state * 1664525 + 1013904223) >>> 0;
    return Math.floor(state / 65536) % Math.max(1, most);
  };
  const one = (list) => list[any(list.length)];
  const say = (part, name) => part.dispatchEvent(new Event(name, { bubbles: true }));
  const touch = (part) => {
    part.focus?.();
    if (part.matches("select")) {
      part.selectedIndex = any(part.options.length);
      say(part, "change");
    } else if (part.matches("input") && !["checkbox", "radio"].includes(part.type)) {
      const typed = part.type === "date" ? DAYS : TYPED;
      part.value = part.type === "range" ? String(any(100)) : one(typed);
      say(part, "input");
      say(part, "change");
    } else if (any(5)) part.click?.();
    else {
      const key = one(KEYS);
      part.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    }
  };
  window.print = () => {};
  const addresses = [location.hash];
  for (let step = 0; step < steps; step += 1) {
    const parts = [...document.querySelectorAll(
      "button, select, input, summary, a[href^='#'], [role=option], [tabindex], canvas")];
    if (parts.length) touch(one(parts));
    addresses.push(location.hash);
    if (!any(12)) location.hash = one(addresses);
    if (!any(3)) await new Promise((done) => setTimeout(done, one([0, 10, 60, 200])));
  }
}"""


@pytest.fixture(scope="module")
def home(peopled_home: str) -> str:
    return peopled_home


def play(page: Page, seed: int) -> None:
    # From the first button on: nothing has been asked for yet.
    page.wait_for_selector("button", state="attached")
    page.evaluate(MONKEY, [seed, STEPS])
    page.wait_for_selector("body:not(.waiting)")


def complaints(window: Window) -> list[str]:
    return [
        each
        for each in window.complaints
        if not ("404 (Not Found)" in each and each.endswith(NO_SUCH_DAY))
    ]


@pytest.mark.parametrize("seed", [11, 12])
def test_the_map_survives_whatever_is_touched(
    open_window: OpenWindow, home: str, seed: int
) -> None:
    window = open_window(accept_downloads=True)
    window.page.goto(f"{home}/?token={TOKEN}", wait_until="commit")
    play(window.page, seed)
    assert (complaints(window), window.foreign) == ([], [])


def test_the_desk_survives_whatever_is_touched(open_window: OpenWindow, home: str) -> None:
    window = open_window()
    window.page.goto(f"{home}/?token={TOKEN}", wait_until="commit")
    window.page.goto(f"{home}/review", wait_until="commit")
    play(window.page, 13)
    assert (window.complaints, window.foreign) == ([], [])


def test_the_table_copies_and_keeps_nothing_before_it_is_there(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    window.page.goto(f"{home}/?token={TOKEN}")
    page = window.page
    for button in ("#copy", "#export"):
        assert page.locator(button).is_disabled()
        page.evaluate(f"document.querySelector('{button}').click()")
    page.locator("#tab-table").click()
    page.locator("#copy:enabled").wait_for()
    assert (window.complaints, window.foreign) == ([], [])
