"""What leaves the page: links, tables for a sheet, and files that the service makes meanwhile."""

import io
import json
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.peopled import FIRST, LATE, SMALL
from tests.browser.services import TOKEN
from tests.browser.viewing import Viewer, faults, opened, ready
from tests.browser.windows import OpenWindow
from tests.browser.world import SEAT

pytestmark = pytest.mark.browser

CLIPBOARD = ["clipboard-read", "clipboard-write"]


@pytest.fixture(scope="module")
def home(peopled_home: str) -> str:
    return peopled_home


def share(page: Page, name: str) -> None:
    """Choose something in the share menu."""
    page.locator("#share summary").click()
    page.locator("#share").get_by_role("button", name=name).click()


def test_the_link_opens_the_same_view_elsewhere(viewer: Viewer, open_window: OpenWindow) -> None:
    choice = f"#month=2026-09&measure=pairing&level=1&place={SEAT}002&tab=table&hidden=1"
    page = viewer.at(f"{choice}&view=14.2/39.8340/108.7300")
    page.context.grant_permissions(CLIPBOARD)
    share(page, "复制链接")
    expect(page.locator("#toast")).to_have_text("链接已复制。")
    link = page.evaluate("navigator.clipboard.readText()")
    assert TOKEN not in link
    other = open_window().page
    other.goto(link.replace("/#", f"/?token={TOKEN}#"))
    ready(other)
    for part in ("#caption", "#now", "#card .code code", "#legend h2", "#rows"):
        expect(other.locator(part)).to_have_text(page.locator(part).inner_text())
    assert other.url.partition("#")[2] == page.url.partition("#")[2]
    viewer.window.assert_quiet()


def test_the_table_pastes_into_a_sheet(viewer: Viewer) -> None:
    page = viewer.at("#tab=table")
    page.context.grant_permissions(CLIPBOARD)
    page.get_by_role("button", name="复制表格").click()
    expect(page.locator("#toast")).to_have_text("已复制 112 行。")
    pasted = page.evaluate("navigator.clipboard.readText()")
    sheet = pd.read_csv(io.StringIO(pasted), sep="\t", dtype=str).set_index("编码")
    assert len(sheet) == 112
    assert (sheet["数据"] == "合成数据").all()
    first = sheet.loc[FIRST]
    assert (first["网格"], first["登记住户"], first["结对干部走访"]) == ("金鼎小区", "20", "19")
    assert float(first["区间下限"]) < float(first["走访覆盖率"]) < float(first["区间上限"])
    late = sheet.loc[f"{LATE}001"]
    assert (late["说明"], late["未走访"], late["未报送"]) == ("未报送", "0", "20")
    assert pd.isna(late["走访覆盖率"])
    small = sheet.loc[SMALL]
    assert small["说明"] == "不公布"
    rates = ["走访覆盖率", "区间下限", "区间上限"]  # why they are blank stands beside them
    assert small[rates].isna().all()
    assert (small.drop([*rates, "网格", "说明", "数据"]) == "不公布").all()
    viewer.window.assert_quiet()


def test_the_table_is_kept_as_excel_with_its_dictionary(viewer: Viewer) -> None:
    page = viewer.at(f"#tab=table&place={SEAT}001")
    with page.expect_download() as waiting:
        page.locator("#excel").click()
    assert waiting.value.suggested_filename == "figures-2026-10-level2.xlsx"
    content = io.BytesIO(Path(waiting.value.path()).read_bytes())
    book = openpyxl.load_workbook(content, read_only=True)
    rows = list(book.worksheets[0].iter_rows(values_only=True))
    assert len(book.worksheets) > 1
    listed = [row for row in rows if str(row[0]).startswith(f"{SEAT}001")]
    assert len(listed) == 16
    said = [
        str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row
    ]
    assert any("合成" in text for text in said)
    # What cannot be had is said.
    page.route("**/v1/coverage*format=xlsx*", lambda route: route.abort())
    page.locator("#excel").click()
    expect(page.locator("#toast")).to_contain_text("Excel 未能取得：无法连接服务")
    assert viewer.window.foreign == []


def forget_reports(page: Page) -> None:
    """Delete what other files of tests had made at the service that they share."""
    page.evaluate(
        """async () => {
          const { reports } = await (await fetch("/v1/reports")).json();
          for (const { id } of reports) await fetch(`/v1/reports/${id}`, { method: "DELETE" });
        }"""
    )


def test_a_report_is_made_with_progress_and_kept(viewer: Viewer) -> None:
    page = viewer.at("#month=2026-09")
    forget_reports(page)
    share(page, "单页报告")
    box = page.locator("#reports")
    expect(box.locator("[name=kind]")).to_have_value("report")
    expect(box.locator("[name=month]")).to_have_value("2026-09")
    expect(box.locator("[name=paper]")).to_be_hidden()
    assert faults(page) == []
    box.locator("[name=months]").select_option("1")
    box.locator("[name=language]").select_option("en")
    viewer.window.shoot("share-reports")
    with page.expect_download() as waiting:
        box.get_by_role("button", name="开始制作").click()
        expect(box.locator("li progress, li.done").first).to_be_visible()
    html = Path(waiting.value.path()).read_text(encoding="utf-8")
    assert waiting.value.suggested_filename.endswith(".html")
    assert "September 2026" in html
    expect(box.locator("li.done").first).to_contain_text("单页报告 · 2026年9月")
    expect(page.locator("#toast")).to_contain_text("已下载")
    # It is there for later, and goes when it is deleted.
    with page.expect_download() as again:
        box.get_by_role("button", name="下载").first.click()
    assert Path(again.value.path()).read_bytes() == Path(waiting.value.path()).read_bytes()
    box.locator("li.done").first.get_by_role("button", name="删除").click()
    expect(box.locator("li")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(box).to_be_hidden()
    viewer.window.assert_quiet()


def test_all_figures_are_made_as_one_archive(viewer: Viewer) -> None:
    page = viewer.at()
    share(page, "全部数字")
    box = page.locator("#reports")
    box.locator("[name=months]").select_option("1")
    box.locator("[name=format]").select_option("csv")
    with page.expect_download() as waiting:
        box.get_by_role("button", name="开始制作").click()
    names = zipfile.ZipFile(waiting.value.path()).namelist()
    assert len(names) == 2
    assert all(name.endswith(".csv") for name in names)
    viewer.window.assert_quiet()


JOB = {
    "id": "0123456789abcdef",
    "kind": "book",
    "month": "2026-10",
    "months": 1,
    "language": "zh",
    "paper": "A3",
    "format": "pdf",
    "edition": 1,
    "state": "running",
    "done": 2,
    "of": 8,
    "doing": "正在绘制",
    "problem": None,
    "file": None,
    "name": "网格地图册_2026-10.pdf",
    "size": None,
}


class Desk:
    """Answers for the service, so that a job goes as slowly as a test looks."""

    def __init__(self, page: Page) -> None:
        self.jobs: list[dict[str, object]] = []
        self.asked: list[object] = []
        page.route("**/v1/reports", self.all)
        page.route("**/v1/reports/*", self.one)
        page.route("**/v1/reports/*/file", lambda route: route.fulfill(body=b"%PDF-1.7 map"))

    def all(self, route: Route) -> None:
        if route.request.method == "POST":
            self.asked.append(json.loads(route.request.post_data or ""))
            self.jobs = [dict(JOB)]
            route.fulfill(status=202, json=self.jobs[0])
        else:
            route.fulfill(json={"reports": self.jobs})

    def one(self, route: Route) -> None:
        self.jobs = []
        route.fulfill(json={**JOB, "state": "stopped"})


def test_a_map_book_survives_a_reload_and_is_kept_when_it_is_done(
    open_window: OpenWindow, home: str
) -> None:
    window = open_window()
    desk = Desk(window.page)
    page = opened(window, home)
    share(page, "地图册")
    box = page.locator("#reports")
    expect(box.locator("[name=months]")).to_be_hidden()
    box.locator("[name=paper]").select_option("A3")
    box.get_by_role("button", name="开始制作").click()
    expect(box.locator("progress")).to_have_attribute("value", "2")
    expect(box.locator("li small")).to_have_text("正在绘制 2 / 8")
    assert desk.asked == [{"kind": "book", "month": "2026-10", "language": "zh", "paper": "A3"}]
    window.shoot("share-book")
    page.reload()
    ready(page)
    expect(page.locator("#share")).to_have_attribute("data-busy", "1")
    with page.expect_download() as waiting:
        done = {"state": "done", "done": 8, "file": f"/v1/reports/{JOB['id']}/file", "size": 9}
        desk.jobs = [{**JOB, **done}]
    assert waiting.value.suggested_filename == JOB["name"]
    expect(page.locator("#share")).to_have_attribute("data-busy", "")
    # Another reload does not keep it again.
    page.reload()
    ready(page)
    assert page.evaluate("sessionStorage.getItem('reports')") == ""
    window.assert_quiet()


def test_a_job_is_stopped_and_one_that_fails_says_why(viewer: Viewer) -> None:
    page = viewer.at()
    desk = Desk(page)
    share(page, "地图册")
    box = page.locator("#reports")
    box.get_by_role("button", name="开始制作").click()
    box.get_by_role("button", name="停止").click()
    expect(box.locator("li")).to_have_count(0)
    expect(box.locator(".none")).to_have_text("目前没有文件。")
    box.get_by_role("button", name="开始制作").click()
    expect(box.locator("progress")).to_be_visible()
    problem = {"code": "report.failed", "detail": "制作时出错，已记录。"}
    desk.jobs = [{**JOB, "state": "failed", "problem": problem}]
    expect(box.locator("li.failed small")).to_have_text("制作时出错，已记录。")
    expect(page.locator("#toast")).to_contain_text("文件未能完成：制作时出错")
    # A wish that is refused is answered in the dialog.
    page.route(
        "**/v1/reports",
        lambda route: route.fulfill(status=422, json={"detail": "没有这个月。", "code": "m"}),
    )
    box.get_by_role("button", name="开始制作").click()
    expect(box.locator(".problem")).to_have_text("没有这个月。")
    assert viewer.window.foreign == []
