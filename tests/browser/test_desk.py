"""The review desk: texts that no machine could place, decided one key at a time."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from tests.browser import services
from tests.browser.services import TOKEN
from tests.browser.viewing import drawn, faults
from tests.browser.windows import OpenWindow, Window
from tests.browser.world import SEAT, World

pytestmark = pytest.mark.browser

COMPOUNDS = (
    ("C1", "幸福小区", f"{SEAT}001001"),
    ("C2", "幸福小区", f"{SEAT}002001"),
    ("C3", "金鼎花园", f"{SEAT}003001"),
)
# One name of two compounds, one that nobody knows, one elsewhere, one in the wrong community.
TEXTS = (
    "幸福小区8号楼1单元",
    "北门老院1号楼101",
    "包头市昆区阿尔丁大街12号",
    "团结社区金鼎花园3号楼",
)


@pytest.fixture(scope="module")
def filled(server_url: str, world: World) -> Iterator[Engine]:
    with services.empty_database(server_url) as engine:
        with Session(engine) as session, session.begin():
            services.fill(session, world)
            for number, name, code in COMPOUNDS:
                session.execute(
                    text(
                        "INSERT INTO compound (external_id, name, kind, grid_code, geom) SELECT "
                        ":number, :name, 'compound', code, geom FROM grid_version "
                        "WHERE code = :code"
                    ),
                    {"number": number, "name": name, "code": code},
                )
        yield engine


@pytest.fixture(scope="module")
def desk(filled: Engine) -> Iterator[str]:
    """A desk at which the texts wait, until the last case decides them."""
    with services.served(filled) as address:
        yield address


def _opened(window: Window, desk: str, choice: str = "") -> Page:
    page = window.page
    # Handed in once: the keys of the requests are the same each time.
    for number, address in enumerate(TEXTS):
        answer = page.request.post(
            f"{desk}/v1/incidents",
            headers={"Authorization": f"Bearer {TOKEN}", "Idempotency-Key": f"k{number}"},
            data={
                "external_id": f"E{number}",
                "category": "city.heating",
                "reported_at": "2026-10-20T10:00:00+08:00",
                "address": address,
            },
        )
        assert answer.ok, answer.text()
    page.goto(f"{desk}/review?token={TOKEN}{choice}")
    page.wait_for_selector('body[data-state="ready"]')
    drawn(page)
    return page


def _text(page: Page, number: int) -> None:
    page.locator("#queue button", has_text=TEXTS[number]).click()
    expect(page.locator("#case h2")).to_have_text(TEXTS[number])


def test_a_text_is_shown_with_its_faults_and_places_and_in_english_keeps_nobody_out(
    open_window: OpenWindow, desk: str
) -> None:
    window = open_window()
    page = _opened(window, desk)
    expect(page.locator("#waiting")).to_have_text("待核对 4 条")
    _text(page, 0)
    expect(page.locator(".faults")).to_contain_text("幸福小区")
    expect(page.locator(".option")).to_have_count(2)
    expect(page.locator(".flag")).to_have_text(["1", "2"])
    window.shoot("desk")
    page.get_by_role("button", name="English").click()
    expect(page.locator("#waiting")).to_have_text("4 waiting")
    expect(page.locator(".option button").first).to_contain_text("Choose")
    for size in ("desktop", "phone"):
        window.resize(size)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert faults(page) == []
        window.shoot("desk-en", whole=size == "phone")
    # The address opens it in English too.
    page.reload()
    page.wait_for_selector('body[data-state="ready"]')
    expect(page.locator("#waiting")).to_have_text("4 waiting")
    window.assert_quiet()


def test_one_key_decides_and_the_next_one_is_there(open_window: OpenWindow, desk: str) -> None:
    window = open_window()
    page = _opened(window, desk)
    _text(page, 0)
    page.locator(".option").nth(1).wait_for()
    page.keyboard.press("1")
    # A decision is kept with who made it.
    expect(page.locator("#toast")).to_contain_text("请先填写核对人")
    expect(page.locator("#actor")).to_be_focused()
    page.keyboard.type("王某")
    page.keyboard.press("Escape")
    chosen = page.locator(".option").first.locator("small").first.inner_text()
    page.keyboard.press("1")
    expect(page.locator("#waiting")).to_have_text("待核对 3 条")
    expect(page.locator("#toast")).to_contain_text("已选定")
    answer = page.request.get(f"{desk}/v1/incidents/E0")
    assert answer.json()["grid"]["code"] in chosen
    page.keyboard.press("z")
    expect(page.locator("#waiting")).to_have_text("待核对 4 条")
    expect(page.locator("#case h2")).to_have_text(TEXTS[0])
    _text(page, 3)
    page.locator(".option").first.wait_for()
    page.keyboard.press("a")
    expect(page.locator("#waiting")).to_have_text("待核对 3 条")
    answer = page.request.get(f"{desk}/v1/incidents/E3")
    assert answer.json()["grid"]["code"] == f"{SEAT}003001"
    _text(page, 2)
    page.locator(".refuse").wait_for()
    page.keyboard.press("n")
    expect(page.locator("#waiting")).to_have_text("待核对 2 条")
    _text(page, 1)
    page.locator(".elsewhere input").fill("xfxq")
    page.locator(".hits button").first.click()
    expect(page.locator("#case h2")).to_have_text(TEXTS[0])
    page.locator(".refuse").wait_for()
    page.keyboard.press("u")
    page.wait_for_selector('body[data-state="done"]')
    window.shoot("desk-done")
    window.assert_quiet()
