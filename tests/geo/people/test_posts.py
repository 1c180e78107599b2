"""Who held which post of a grid on a day, which nobody holds, whose terms run out."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import IntegrityError
from sqlalchemy import text
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.errors import EditionNotFoundError, GridNotFoundError
from geo.people import facts, repository
from geo.people.model import Page, Part
from geo.territory.repository import DayNotCoveredError
from tests.builders import world
from tests.geo.people.terms import hold, shown

MARCH_3 = date(2026, 3, 3)
WHO = ("role", "holder")
Give = Callable[..., Page]


def test_who_answered_for_this_place_on_3_march(banner: Session) -> None:
    hold(
        banner,
        "001001 grid_leader 张三 2025-01-01 2026-03-03",
        "001001 grid_leader 李四 2026-03-03 2026-03-04",
        "001001 grid_leader 王五 2026-03-04",
        "001001 liaison 赵六 2025-01-01",
        "001 grid_leader 钱七 2020-01-01",
    )
    place = ["150625100001001", "150625100001"]
    found = {
        day: shown(repository.holders(banner, on=day, codes=place), *WHO)
        for day in (date(2026, 3, 2), MARCH_3, date(2026, 3, 4))
    }
    community, liaison = "001 grid_leader 钱七", "001001 liaison 赵六"
    assert list(found.values()) == [
        [community, "001001 grid_leader 张三", liaison],
        [community, "001001 grid_leader 李四", liaison],
        [community, "001001 grid_leader 王五", liaison],
    ]


def test_holders_come_by_place_post_and_name_with_their_organisation(banner: Session) -> None:
    hold(
        banner,
        "002001 member 乙 2025-01-01",
        "002001 member 甲 2025-01-01",
        "002001 liaison 丙 2025-01-01",
        "001002 liaison 丁 2025-01-01 2026-03-04",
        "002 rotating_secretary 戊 2026-01-01 2026-07-01",
        "002 first_secretary 己 2025-01-01",
    )
    banner.execute(
        text(
            "UPDATE post_term SET organisation_id = o.id, phone = '0477-0000001'"
            " FROM organisation o WHERE o.external_id = 'O2' AND role = 'liaison'"
        )
    )
    found = repository.holders(banner, on=MARCH_3)
    assert tuple(found.columns) == repository.COLUMNS
    assert shown(found, "role", "holder", "organisation_id", "phone", "valid_to") == [
        "001002 liaison 丁 O2 0477-0000001 2026-03-04",
        "002 first_secretary 己 - - -",
        "002 rotating_secretary 戊 - - 2026-07-01",
        "002001 liaison 丙 O2 0477-0000001 -",
        "002001 member 乙 - - -",
        "002001 member 甲 - - -",
    ]
    assert found["organisation"].dropna().unique().tolist() == ["林草局"]


@pytest.mark.parametrize("role", ["grid_leader", "liaison", "first_secretary", "member"])
def test_the_database_refuses_two_terms_of_one_post_that_overlap(
    banner: Session, role: str
) -> None:
    place = "001001" if role == "member" else "001"
    hold(banner, f"{place} {role} 张三 2025-01-01 2025-07-01")
    hold(banner, f"{place} {role} 张三 2025-07-01")
    with pytest.raises(IntegrityError, match="ex_post_term_grid_role_seat_valid"):
        hold(banner, f"{place} {role} 张三 2025-06-30 2025-07-01")


def test_members_stand_beside_each_other(banner: Session) -> None:
    hold(banner, "001001 member 张三 2025-01-01", "001001 member 李四 2025-01-01")
    assert len(repository.holders(banner, on=MARCH_3)) == 2


@pytest.mark.parametrize(
    "line",
    [
        "001001 first_secretary 张三 2025-01-01",
        "001 member 张三 2025-01-01",
        "001 mayor 张三 2025-01-01",
        "001 liaison 张三 2025-01-01 2025-01-01",
    ],
)
def test_the_database_refuses_what_is_no_term(banner: Session, line: str) -> None:
    with pytest.raises(IntegrityError, match="ck_post_term"):
        hold(banner, line)


def test_the_posts_of_the_facts_are_those_of_the_table(banner: Session) -> None:
    for role, post in facts.posts().items():
        assert post.zh
        assert post.en
        for level in post.levels:
            place = {1: "001", 2: "001001"}[level]
            hold(banner, f"{place} {role} 张三 2025-01-01")
    assert facts.posts()["rotating_secretary"].term_months == 6
    assert [role for role, post in facts.posts().items() if not post.single] == ["member"]


def test_the_list_names_places_and_only_those_of_the_day(banner: Session) -> None:
    world(banner, divisions=[{"code": "150625100", "name": "锡尼镇"}])
    banner.execute(
        text(
            "UPDATE grid_version SET name = '建安社区', name_en = 'Jian an' WHERE code LIKE '%0001'"
        )
    )
    banner.execute(
        text("UPDATE grid_version SET valid = '[2020-01-01,2026-01-01)' WHERE code LIKE '%002002'")
    )
    hold(banner, "001001 liaison 张三 2025-01-01", "002002 liaison 李四 2025-01-01")
    page = repository.listed(banner, on=MARCH_3)
    assert page.more_after is None
    assert tuple(page.rows.columns) == (*repository.PLACE, *repository.TERM)
    assert shown(page.rows, "level", "community", "community_en", "town", "holder") == [
        "001001 2 建安社区 Jian an 锡尼镇 张三"
    ]
    before = repository.listed(banner, on=date(2025, 6, 1))
    assert shown(before.rows, "holder") == ["001001 张三", "002002 李四"]


@pytest.mark.parametrize(
    ("within", "places"),
    [
        ("", ["001", "001001", "001002", "002001"]),
        ("150625", ["001", "001001", "001002", "002001"]),
        ("150625100001", ["001", "001001", "001002"]),
        ("150625100001002", ["001002"]),
    ],
)
def test_a_prefix_keeps_what_lies_within(banner: Session, within: str, places: list[str]) -> None:
    hold(banner, *(f"{place} liaison 张三 2025-01-01" for place in ("001001", "002001", "001")))
    hold(banner, "001002 member 李四 2025-01-01", "001002 member 王五 2025-01-01")
    rows = repository.listed(banner, on=MARCH_3, part=Part(within=within)).rows
    assert list(dict.fromkeys(shown(rows))) == places


def test_pages_hold_whole_grids_and_join_without_seam(banner: Session) -> None:
    places = ("001", "001001", "001002", "002", "002001")
    hold(banner, *(f"{place} liaison 张三 2025-01-01" for place in places))
    hold(banner, *(f"001001 member {name} 2025-01-01" for name in "甲乙丙丁"))
    whole = shown(repository.listed(banner, on=MARCH_3).rows, *WHO)
    joined: list[str] = []
    sizes: list[int] = []
    after: str | None = ""
    while after is not None:
        page = repository.listed(banner, on=MARCH_3, part=Part(after=after, limit=2))
        joined += shown(page.rows, *WHO)
        sizes.append(page.rows["grid_code"].nunique())
        after = page.more_after
    assert joined == whole
    assert sizes == [2, 2, 1]


def ending_in_a_month(session: Session, *, on: date, part: Part = repository.WHOLE) -> Page:
    return repository.ending(session, on=on, days=30, part=part)


LISTS = [repository.listed, repository.vacancies, ending_in_a_month]
every_list = pytest.mark.parametrize("give", LISTS, ids=["listed", "vacancies", "ending"])


@every_list
def test_a_place_or_a_day_without_territory_is_said(banner: Session, give: Give) -> None:
    with pytest.raises(GridNotFoundError, match="no grid 150625109 at 2026-03-03"):
        give(banner, on=MARCH_3, part=Part(within="150625109"))
    with pytest.raises(GridNotFoundError, match="no grid %"):
        give(banner, on=MARCH_3, part=Part(within="%"))
    with pytest.raises(DayNotCoveredError, match="starts on 2020-01-01"):
        give(banner, on=date(2019, 12, 31))


@every_list
def test_without_an_edition_there_are_no_posts(session: Session, give: Give) -> None:
    with pytest.raises(EditionNotFoundError):
        give(session, on=MARCH_3)


@every_list
def test_the_last_day_of_all_is_answered(banner: Session, give: Give) -> None:
    hold(banner, "001 rotating_secretary 张三 2026-01-01")
    assert len(give(banner, on=date.max).rows) > 0


def test_posts_without_a_holder_are_vacant_since_the_last_left(banner: Session) -> None:
    part = Part(within="150625100001")
    everything = repository.vacancies(banner, on=MARCH_3, part=part)
    assert shown(everything.rows, "role", "vacant_since") == [
        "001 grid_leader -",
        "001 liaison -",
        "001 first_secretary -",
        "001 rotating_secretary -",
        "001001 grid_leader -",
        "001001 liaison -",
        "001002 grid_leader -",
        "001002 liaison -",
    ]
    hold(
        banner,
        "001 grid_leader 甲 2025-01-01",
        "001 liaison 甲 2025-01-01 2025-06-01",
        "001 liaison 乙 2025-06-01 2026-03-03",
        "001 first_secretary 丙 2026-03-03 2026-03-04",
        "001 rotating_secretary 丁 2026-03-04",
        "001001 member 戊 2025-01-01",
        "001001 grid_leader 己 2026-03-04",
        "001001 liaison 庚 2025-01-01",
        "001002 grid_leader 庚 2025-01-01",
        "001002 liaison 庚 2025-01-01 2025-02-01",
        "001002 liaison 庚 2027-01-01",
    )
    found = repository.vacancies(banner, on=MARCH_3, part=part).rows
    assert tuple(found.columns) == (*repository.PLACE, "role", "vacant_since", *repository.NEXT)
    assert shown(found, "role", "vacant_since", "next_from", "next_holder") == [
        "001 liaison 2026-03-03 - -",
        "001 rotating_secretary - 2026-03-04 丁",
        "001001 grid_leader - 2026-03-04 己",
        "001002 liaison 2025-02-01 2027-01-01 庚",
    ]


def test_terms_that_end_within_the_days_are_listed_with_who_follows(banner: Session) -> None:
    hold(
        banner,
        "001 grid_leader 甲 2025-01-01 2026-03-04",
        "001 liaison 乙 2025-01-01 2026-04-02",
        "001 first_secretary 丙 2025-01-01 2026-04-03",
        "001001 liaison 丁 2025-01-01",
        "001001 grid_leader 戊 2025-01-01 2026-03-03",
        "001001 member 己 2025-01-01 2026-03-10",
        "001001 member 庚 2025-01-01 2026-03-11",
        "001001 member 庚 2026-04-01",
        "002 liaison 辛 2026-03-04 2026-03-05",
        "002002 liaison 壬 2025-01-01 2026-03-20",
        "002002 liaison 癸 2026-03-20 2026-03-22",
    )
    found = repository.ending(banner, on=MARCH_3, days=30).rows
    ends = ("ends_on", "overdue", *repository.NEXT)
    assert tuple(found.columns) == (*repository.PLACE, *repository.TERM, *ends)
    assert shown(found, "role", "holder", *ends) == [
        "001 grid_leader 甲 2026-03-04 False - -",
        "001 liaison 乙 2026-04-02 False - -",
        "001001 member 己 2026-03-10 False - -",
        "001001 member 庚 2026-03-11 False 2026-04-01 庚",
        "002002 liaison 壬 2026-03-20 False 2026-03-20 癸",
    ]
    assert repository.ending(banner, on=MARCH_3, days=0).rows.empty


def test_half_a_year_is_over_whatever_the_term_says(banner: Session) -> None:
    hold(
        banner,
        "001 rotating_secretary 甲 2025-09-30",
        "002 rotating_secretary 乙 2025-08-31 2026-12-31",
        "001 first_secretary 丙 2020-01-01",
    )
    ends = ("role", "holder", "ends_on", "overdue")
    assert shown(repository.ending(banner, on=MARCH_3, days=30).rows, *ends) == [
        "001 rotating_secretary 甲 2026-03-30 False",
        "002 rotating_secretary 乙 2026-02-28 True",
    ]
    assert shown(repository.ending(banner, on=date(2026, 2, 27), days=0).rows, *ends) == []
    assert shown(repository.ending(banner, on=date(2026, 2, 28), days=0).rows, *ends) == [
        "002 rotating_secretary 乙 2026-02-28 True"
    ]
    kept = repository.listed(banner, on=date(2026, 12, 30)).rows
    assert shown(kept, "holder", "valid_to") == ["001 丙 -", "001 甲 -", "002 乙 2026-12-31"]


DAY_0 = date(2025, 1, 1)
SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=5)


@settings(
    max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(spans=SPANS, day=st.integers(0, 70), days=st.integers(0, 30))
def test_a_post_is_held_or_vacant_never_both(
    banner: Session, spans: list[tuple[int, int]], day: int, days: int
) -> None:
    """Terms laid end to end after gaps: one holder or a vacancy, and an end that is foreseen."""
    on, terms, at = DAY_0 + timedelta(day), [], 0
    for gap, length in spans:
        terms.append((DAY_0 + timedelta(at + gap), DAY_0 + timedelta(at + gap + length)))
        at += gap + length
    with banner.begin_nested() as undone:
        hold(banner, *(f"001001 liaison 张三 {first} {last}" for first, last in terms))
        part = Part(within="150625100001001")
        held = repository.listed(banner, on=on, part=part).rows
        vacant = repository.vacancies(banner, on=on, part=part).rows
        soon = repository.ending(banner, on=on, days=days, part=part).rows
        undone.rollback()
    now = [(first, last) for first, last in terms if first <= on < last]
    assert list(zip(held["valid_from"], held["valid_to"], strict=True)) == now
    assert ("liaison" in set(vacant["role"])) == (not now)
    assert soon["ends_on"].tolist() == [last for _, last in now if (last - on).days <= days]


def test_nobody_is_counted_or_put_in_order_by_more_than_place_post_and_name() -> None:
    words = ("count", "score", "rank", "visits")
    told = {*repository.PLACE, *repository.TERM, *repository.NEXT, *t.PostTerm.__table__.c.keys()}
    assert [name for name in told if any(word in name for word in words)] == []
