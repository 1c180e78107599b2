"""Terms of posts: one holder at a time, members beside each other, words for roles and bodies."""

import pandas as pd
import pytest
from psycopg import IntegrityError
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.intake.model import Summary
from geo.intake.service import load
from geo.settings import Settings
from tests.builders import world

COMMUNITY, GRID = "150625100001", "150625100001001"
NAMES = ["网格编码", "职务", "姓名", "起", "止", "单位", "电话"]


def posted(session: Session, settings: Settings, *rows: str) -> Summary:
    """Load rows written as "grid role holder from to organisation phone"; - is blank."""
    cells = [([*row.replace("-|", "|").split("|"), *[""] * 7])[:7] for row in rows]
    frame = pd.DataFrame(cells, columns=NAMES)
    return load(session, "posts", frame, settings=settings)


def stored(session: Session) -> list[str]:
    query = text(
        "SELECT concat_ws(' ', grid_code, role, holder, lower(valid), upper(valid)) FROM post_term"
        " ORDER BY grid_code, role, seat, valid"
    )
    return list(session.scalars(query))


def test_a_later_holder_ends_the_open_term_and_the_same_file_changes_nothing(
    banner: Session, settings: Settings
) -> None:
    first = (f"{GRID}|网格长|张三|2025-01-01", f"{COMMUNITY}|第一书记|李四|2025-01-01|2025-07-01")
    assert posted(banner, settings, *first).new == 2
    later = posted(banner, settings, f"{GRID}|网格长|王五|2026-01-01")
    assert (later.new, later.closed) == (1, 1)
    again = posted(banner, settings, *first)
    assert (again.new, again.changed, again.unchanged) == (0, 0, 2)
    assert stored(banner) == [
        f"{COMMUNITY} first_secretary 李四 2025-01-01 2025-07-01",
        f"{GRID} grid_leader 张三 2025-01-01 2026-01-01",
        f"{GRID} grid_leader 王五 2026-01-01",
    ]


def test_overlaps_of_one_post_are_named_by_line(banner: Session, settings: Settings) -> None:
    posted(banner, settings, f"{GRID}|联络员|张三|2025-01-01|2026-01-01")
    done = posted(
        banner,
        settings,
        f"{GRID}|网格员|赵六|2025-01-01",
        f"{GRID}|联络员|李四|2025-06-01|2025-09-01",
        f"{GRID}|网格员|钱七|2025-02-01",
    )
    assert done.rejected == {"POST.overlap": 1}
    assert done.rejects["reject_line"].tolist() == [2]
    assert "held from 2025-01-01 to 2026-01-01" in done.rejects["reject_reason"][0]
    assert done.new == 2  # members stand beside each other


def test_the_database_itself_refuses_two_holders_of_one_post(banner: Session) -> None:
    term = {"grid_code": GRID, "role": "grid_leader", "valid": "[2025-01-01,)"}
    world(banner, posts=[{**term, "holder": "张三"}])
    with pytest.raises(IntegrityError, match="ex_post_term_grid_role_seat_valid"):
        world(banner, posts=[{**term, "holder": "李四"}])


@pytest.mark.parametrize(
    ("row", "code", "said"),
    [
        (f"{GRID}|轮值书记|张三|2025-01-01", "POST.level", "no post 'Rotating secretary', only:"),
        (f"{COMMUNITY}|网格员|张三|2025-01-01", "POST.level", "a community has no post"),
        ("150625100009001|网格长|张三|2025-01-01", "GRID.unknown", "no grid '150625100009001'"),
        (f"{GRID}|楼长|张三|2025-01-01", "VALUE.invalid", "职务 is '楼长'"),
        (f"{GRID}|网格长||2025-01-01", "VALUE.missing", "姓名 is blank"),
        (
            f"{GRID}|网格长|张三|2025-01-01||卫健局",
            "ORGANISATION.unknown",
            "no organisation '卫健局'",
        ),
        (f"{GRID}|网格长|张三|2025-01-01|2025-01-01", "DATE.order", "must come after"),
    ],
)
def test_what_cannot_be_a_term_is_refused_with_its_reason(
    banner: Session, settings: Settings, row: str, code: str, said: str
) -> None:
    done = posted(banner, settings, row)
    assert done.rejected == {code: 1}
    assert said in done.rejects["reject_reason"][0]


def test_an_organisation_may_be_named(banner: Session, settings: Settings) -> None:
    posted(banner, settings, f"{GRID}|联络员|张三|2025-01-01||财政局|13800000000")
    query = text(
        "SELECT o.external_id, phone FROM post_term JOIN organisation o ON o.id = organisation_id"
    )
    assert banner.execute(query).all() == [("O1", "13800000000")]
