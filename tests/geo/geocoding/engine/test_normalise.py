import pytest
from hypothesis import given
from hypothesis import strategies as st

from geo.geocoding.engine.normalise import fold, normalise


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("３號樓－２單元", "3号楼-2单元"),
        ("⻄环⻓⻔⻢", "西环长门马"),
        ("金鼎\u180b小区\ufe0f", "金鼎小区"),
        ("③号楼Ⅲ单元", "3号楼3单元"),
        ("3·2／501", "3-2-501"),
        ("〇零○", "零零零"),
        ("ab😀\x00", "AB  "),
    ],
)
def test_folding(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    "junk",
    ["13847712345", "138 4771 2345", "0477-6621234", "2026-11-23 08:30", "王先生收", "电话:张三"],
)
def test_junk_is_blanked_and_nothing_moves(junk: str) -> None:
    clean = normalise(f"金鼎小区3号楼 {junk}")
    assert clean.text.rstrip() == "金鼎小区3号楼"
    assert len(clean.text) == len(clean.folded)
    assert [clean.folded[a:b] for a, b in clean.junk()]


@given(st.text(max_size=60))
def test_every_position_maps_back_in_order(text: str) -> None:
    clean = normalise(text)
    positions = clean.positions()
    assert len(positions) == len(clean.text) + 1
    assert positions == sorted(positions)
    assert positions[-1] == len(text)


@given(st.text(alphabet="金鼎小区号楼單元①３2-五零", max_size=20))
def test_folding_twice_changes_nothing(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("锦 绣 华 庭 3 号 楼 2 单 元 501 室", "锦绣华庭3号楼2单元 501 室"),
        ("金鼎小区 3 2 501", "金鼎小区 3 2 501"),
        ("五 零 一", "五 零 一"),
        ("jin ding xiao qu 3-2-501", "JINDINGXIAOQU 3-2-501"),
        ("金鼎小区3号楼2单元20|", "金鼎小区3号楼2单元201"),
        ("金鼎小区3|2|501", "金鼎小区3-2-501"),
    ],
)
def test_what_was_set_apart_is_closed_up(text: str, clean: str) -> None:
    read = normalise(text)
    assert read.text == clean
    assert [text[at] for at in read.positions()[:-1]] == [
        c for at, c in enumerate(text) if at in read.positions()
    ]


def test_a_telephone_that_touches_the_room_is_no_part_of_it() -> None:
    assert normalise("金鼎小区3-2-50113947712345").text.rstrip() == "金鼎小区3-2-501"
