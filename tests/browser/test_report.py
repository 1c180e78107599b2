"""The one-file report in a real browser with the network off: a leader's questions answered."""

import pytest

from layers.pages.report import report
from tests.browser.viewing import until
from tests.browser.windows import SIZES, OpenWindow, Window
from tests.browser.world import EMPTY, UNKNOWN, World
from tests.builders import MONTH
from tests.layers.figures import MONTHS, measured_of

pytestmark = pytest.mark.browser

LOW, WIDE = "150625100001005", "150625100001006"


@pytest.fixture(scope="module")
def files(world: World, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The addresses of the report in each language."""
    figures = measured_of(
        world.grids, months=MONTHS, hidden=[EMPTY], unknown=[UNKNOWN], wide=[WIDE]
    )
    low = (figures["code"] == LOW) & (figures["measure"] == "coverage")
    figures.loc[low, ["value", "low", "high"]] = [0.4, 0.38, 0.43]
    earlier = figures["month"] == MONTHS[0]
    figures.loc[earlier, "value"] = figures.loc[earlier, "low"]
    folder = tmp_path_factory.mktemp("report")
    for language in ("zh", "en"):
        html = report(
            world.grids,
            figures,
            month=MONTH,
            attribution="测试用合成边界",
            synthetic=True,
            edition="第 1 版网格",
            outline=world.outline,
            streets=world.streets,
            language=language,
        )
        (folder / f"{language}.html").write_text(html, encoding="utf-8")
    return {path.stem: path.as_uri() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def window(module_window: OpenWindow) -> Window:
    return module_window(offline=True)


@pytest.fixture
def opened(window: Window, files: dict[str, str]) -> Window:
    """The report in Chinese, loaded anew."""
    return loaded(window, files["zh"])


def loaded(window: Window, address: str) -> Window:
    window.resize("desktop")
    window.forget()
    window.page.goto(address)
    window.page.wait_for_selector("body[data-ready]")
    return window


def row(window: Window, name: str) -> list[str]:
    window.page.get_by_label("筛选").fill(name)
    texts: list[str] = (
        window.page.locator(".figures tbody tr").first.locator("th, td").all_inner_texts()
    )
    return texts


def test_it_opens_on_the_month_with_sources_and_stamp(opened: Window) -> None:
    assert "2026年10月" in opened.page.locator("h1").inner_text()
    assert opened.page.locator(".headline b").inner_text() == "80.0%"
    said = opened.page.locator(".credits").inner_text()
    assert "测试用合成边界" in said
    assert "合成数据，仅供演示" in said
    assert "量测坐标系 EPSG:4545。" in said
    assert opened.page.locator(".stamp").inner_text() == "合成数据 · Synthetic data"
    assert opened.page.locator(".notes").inner_text() == "第 1 版网格"
    opened.assert_quiet()


def test_the_table_says_what_the_map_shows(opened: Window) -> None:
    assert row(opened, LOW)[1:4] == ["40.0%", "38.0% 至 43.0%", "100"]
    assert row(opened, EMPTY)[1:4] == ["不公布", "–", "–"]
    assert row(opened, UNKNOWN)[1:4] == ["–", "–", "–"]
    opened.assert_quiet()


def test_each_measure_level_and_month_can_be_chosen(opened: Window) -> None:
    for label, value in (("结对率", "97.0%"), ("逾期天数", "6.2"), ("户/干部", "5.5")):
        opened.page.get_by_label(label, exact=True).check()
        assert row(opened, "150625100001001")[1] == value
        assert label in opened.page.locator(".legend h2").inner_text()
        assert opened.page.locator(".headline b").inner_text() == value
    opened.page.get_by_label("走访覆盖率", exact=True).check()
    opened.page.get_by_label("一级网格").check()
    opened.page.get_by_label("筛选").fill("")
    assert opened.page.locator(".figures tbody tr").count() == 7
    opened.page.locator("#month").focus()
    opened.page.keyboard.press("Home")
    assert "2026年8月" in opened.page.locator("#figures-title").inner_text()
    assert opened.page.locator(".headline b").inner_text() == "78.4%"
    opened.assert_quiet()


def test_the_table_sorts_by_keyboard_and_unknown_rows_stay_last(opened: Window) -> None:
    head = opened.page.locator('.figures thead button[data-column="value"]')
    head.focus()
    opened.page.keyboard.press("Enter")
    first = opened.page.locator(".figures tbody tr").first
    assert LOW in first.inner_text()
    assert opened.page.locator("th[aria-sort=ascending]").inner_text().startswith("走访覆盖率")
    opened.page.keyboard.press("Enter")  # the focus stays on the heading
    assert opened.page.locator("th[aria-sort=descending]").count() == 1
    while opened.page.get_by_role("button", name="下一页").is_enabled():
        opened.page.get_by_role("button", name="下一页").click()
    last = opened.page.locator(".figures tbody tr").all_inner_texts()[-3:]
    assert LOW in last[0]
    assert {EMPTY in text or UNKNOWN in text for text in last[1:]} == {True}
    opened.assert_quiet()


def test_a_row_leads_to_its_place_and_its_months(opened: Window) -> None:
    opened.page.get_by_label("筛选").fill(LOW)
    opened.page.locator(".figures tbody button").first.press("Enter")
    card = opened.page.locator(".leaflet-popup .card")
    card.wait_for()
    assert LOW in card.inner_text()
    assert "40.0%" in card.inner_text()
    assert card.locator("svg.trend .band").count() == len(MONTHS)
    opened.page.get_by_label("上一个月").click()
    assert "2026年9月" in opened.page.locator("h1").inner_text()
    assert card.is_visible()
    opened.assert_quiet()


def test_the_map_is_filled_and_what_is_uncertain_is_hatched(opened: Window) -> None:
    def colours() -> int:
        found: int = opened.page.evaluate(
            """() => {
              const canvas = document.querySelector(".leaflet-fills-pane canvas");
              const pen = canvas.getContext("2d");
              const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
              const seen = new Set();
              for (let i = 0; i < data.length; i += 4) {
                const [r, g, b, alpha] = data.slice(i, i + 4);
                if (alpha === 255) seen.add((r << 16) | (g << 8) | b);
              }
              const classes = ["56a3ab", "f4e8bd"].filter((one) => seen.has(parseInt(one, 16)));
              return classes.length * 1000 + Math.min(seen.size, 999);
            }"""
        )
        return found

    hatched = colours()
    assert hatched // 1000 == 2  # 80 % and 40 % in the colours of their classes
    opened.page.get_by_label("不确定性").uncheck()
    until(opened.page, lambda: colours() != hatched)
    # Reading a canvas back, as this test does, is all that the browser minds.
    assert [said for said in opened.complaints if "willReadFrequently" not in said] == []


def test_a_place_on_the_map_answers_a_click(opened: Window) -> None:
    box = opened.page.locator("main").bounding_box()
    assert box is not None
    opened.page.mouse.click(box["x"] + box["width"] / 2 - 40, box["y"] + box["height"] / 2 - 30)
    opened.page.locator(".leaflet-popup .card").wait_for()
    opened.assert_quiet()


def test_a_browser_that_cannot_unpack_says_so(
    open_window: OpenWindow, files: dict[str, str]
) -> None:
    window = open_window(offline=True)
    window.page.add_init_script("delete window.DecompressionStream")
    window.page.goto(files["zh"])
    window.page.locator(".empty").wait_for()
    assert "此浏览器过旧" in window.page.locator("main .empty").inner_text()


def test_it_fits_every_screen(window: Window, files: dict[str, str]) -> None:
    for language, address in files.items():
        loaded(window, address)
        for size in SIZES:
            window.resize(size)
            window.shoot(f"report.{language}", whole=True)
            assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    # Who opens it on a phone gets no other page than who makes the window small.
    window.page.reload()
    window.page.wait_for_selector("body[data-ready]")
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    window.assert_quiet()
