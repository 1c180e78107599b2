"""`bannergrid posts` as somebody at the banner runs it."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text
from sqlalchemy.orm import Session

from api.cli import group
from geo.db.engine import make_engine
from geo.errors import BannerGridError
from geo.intake.service import load
from tests.conftest import new_database
from tests.geo.intake import world
from tests.geo.people.terms import hold

DAY = "2026-03-03"
TERMS = (
    "001 grid_leader 钱某 2025-01-01",
    "001 rotating_secretary 孙某 2025-08-01",
    "001001 grid_leader 张某 2025-01-01 2026-03-20",
    "001001 grid_leader 李某 2026-03-20",
    "001001 member 乙某 2025-01-01",
    "002001 liaison 周某 2025-01-01 2026-02-01",
)


@pytest.fixture(scope="module")
def url(server_url: str) -> Iterator[str]:
    with new_database(server_url) as made:
        engine = make_engine(made)
        with Session(engine) as session, session.begin():
            world.build(session)
            world.populate(session)
            hold(session, *TERMS)
            session.execute(
                text(
                    "UPDATE post_term SET phone = '0477-0001', organisation_id = o.id FROM "
                    "organisation o WHERE o.external_id = 'O1' AND role = 'grid_leader'"
                )
            )
            session.execute(
                text(
                    "UPDATE post_term SET cadre_id = c.id, seat = 'C1' FROM cadre c "
                    "WHERE c.external_id = 'C1' AND role = 'member'"
                )
            )
        engine.dispose()
        yield made


def run(url: str, *words: object, language: str = "zh", **more: str) -> Result:
    env = {"BANNERGRID_LANGUAGE": language, "BANNERGRID_DATABASE_URL": url, **more}
    return CliRunner(env=env).invoke(group, ["posts", *map(str, words)])


def lines(result: Result) -> list[list[str]]:
    """What was printed, a list of words a line, without the line that says of which day."""
    assert result.exit_code == 0, result.output
    return [line.split() for line in result.stdout.splitlines()[1:]]


def test_who_answered_for_this_place_on_3_march(url: str) -> None:
    result = run(url, "list", "--at", DAY, "--code", "150625100001001")
    assert result.stdout.startswith(f"{DAY}，第 1 版网格，合成数据\n")
    place = ["150625100001001", "150625100001", "150625100001001"]
    assert lines(result) == [
        ["编码", "地点", "岗位", "姓名", "电话", "单位", "任期起", "任期止"],
        [*place, "网格长", "张某", "0477-0001", "财政局", "2025-01-01", "2026-03-20"],
        [*place, "网格员", "乙某", "2025-01-01"],
    ]
    later = run(url, "list", "--at", "2026-03-20", "--code", "150625100001001", language="en")
    assert lines(later)[1][3:6] == ["Grid", "leader", "李某"]
    assert later.stdout.startswith("2026-03-20, edition 1, synthetic\n")


def test_columns_stand_below_each_other_also_in_chinese(url: str) -> None:
    head, *rows = run(url, "list", "--at", DAY).stdout.splitlines()[1:]

    def at(line: str, word: str) -> int:
        return sum(2 if letter > "⺀" else 1 for letter in line[: line.index(word)])

    assert {at(row, "2025-") for row in rows} == {at(head, "任期起")}


def test_vacancies_are_listed_with_who_comes(url: str) -> None:
    result = run(url, "vacancies", "--at", DAY, "--code", "150625100002")
    assert [row[:1] + row[-2:] for row in lines(result)[1:]] == [
        ["150625100002", "150625100002", "网格长"],
        ["150625100002", "150625100002", "联络员"],
        ["150625100002", "150625100002", "第一书记"],
        ["150625100002", "150625100002", "轮值书记"],
        ["150625100002001", "150625100002001", "网格长"],
        ["150625100002001", "联络员", "2026-02-01"],
        ["150625100002002", "150625100002002", "网格长"],
        ["150625100002002", "150625100002002", "联络员"],
    ]


def test_terms_that_run_out_within_the_site_s_days_or_those_named(url: str) -> None:
    overdue = ["轮值书记", "孙某", "2026-02-01", "是"]
    soon = ["网格长", "张某", "财政局", "2026-03-20", "2026-03-20", "李某"]
    for words, more, wanted in (
        ((), {}, [overdue, soon]),
        (("--days", 16), {}, [overdue]),
        ((), {"BANNERGRID_TERM_NOTICE_DAYS": "16"}, [overdue]),
    ):
        result = run(url, "ending", "--at", DAY, *words, **more)
        rows = lines(result)[1:]
        assert [
            row[row.index(row[0], 1) :][-len(each) :]
            for row, each in zip(rows, wanted, strict=True)
        ] == wanted
    assert run(url, "ending", "--days", -1).exit_code == 2
    assert run(url, "ending", BANNERGRID_TERM_NOTICE_DAYS="-1").exit_code == 2


def test_nothing_to_list_is_said(url: str) -> None:
    result = run(url, "ending", "--at", "2025-01-02", "--code", "150625100002002")
    assert result.stdout == "2025-01-02，第 1 版网格，合成数据：30 天内没有到期的任期\n"
    nobody = run(url, "list", "--at", "2024-01-01", language="en")
    assert nobody.stdout == "2024-01-01, edition 1, synthetic: nobody holds a post\n"


def test_a_file_holds_every_column_the_synthetic_mark_and_can_be_loaded_again(
    url: str, tmp_path: Path
) -> None:
    for name in ("岗位.csv", "岗位.xlsx"):
        out = tmp_path / name
        result = run(url, "list", "--at", DAY, "--out", out)
        assert result.stdout == f"已写出 4 行：{out}\n"
        frame = pd.read_csv(out) if name.endswith("csv") else pd.read_excel(out, engine="calamine")
        assert set(frame["data"]) == {"合成数据"}
        assert frame["holder"].tolist() == ["钱某", "孙某", "张某", "乙某"]
        assert frame["cadre_id"].dropna().tolist() == ["C1"]
        engine = make_engine(url)
        with Session(engine) as session:
            done = load(session, "posts", out, settings=world.settings(tmp_path))
            assert (done.unchanged, done.new, done.changed, done.rejected) == (4, 0, 0, {})
        engine.dispose()
    again = run(url, "list", "--at", DAY, "--out", tmp_path / "岗位.csv")
    assert isinstance(again.exception, BannerGridError)
    assert "--force" in again.exception.message("zh")
    assert run(url, "list", "--out", tmp_path / "岗位.csv", "--force").exit_code == 0


def test_an_empty_list_is_a_file_with_its_headings(url: str, tmp_path: Path) -> None:
    out = tmp_path / "到期.xlsx"
    run(url, "ending", "--at", "2025-01-02", "--code", "150625100002002", "--out", out)
    sheet = openpyxl.load_workbook(out).active
    assert sheet.max_row == 1
    assert sheet["A1"].value == "grid_code"
    assert sheet.title == "posts"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--code", "150625109"), "没有编码为 150625109 的网格"),
        (("list", "--at", "2019-01-01"), "2019-01-01 尚无网格"),
        (("vacancies", "--out", "岗位.pdf"), "扩展名应为：.csv .xlsx"),
        (("vacancies", "--out", "nowhere/岗位.csv"), "无法写入文件夹 nowhere"),
    ],
)
def test_what_cannot_be_given_is_said_with_what_to_do(
    url: str, words: tuple[str, ...], said: str
) -> None:
    result = run(url, *words)
    assert isinstance(result.exception, BannerGridError)
    assert said in result.exception.message("zh")


def test_a_day_that_is_none_is_a_usage_error(url: str) -> None:
    assert run(url, "list", "--at", "2026-02-30").exit_code == 2
