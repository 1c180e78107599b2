import re

import pytest

from geo import codes

GRID = "150625100001001"


@pytest.mark.parametrize(
    ("code", "level"), [(GRID, 1 + 1), (GRID[:12], 1), (GRID[:9], None), (GRID[:6], None)]
)
def test_the_digits_of_a_code_tell_its_level(code: str, level: int | None) -> None:
    assert codes.level(code) == level


def test_each_place_begins_with_what_it_is_part_of() -> None:
    assert codes.lineage(GRID) == (GRID, GRID[:12], GRID[:9], GRID[:6])
    assert codes.lineage(GRID[:9]) == (GRID[:9], GRID[:6])
    assert (codes.community_of(GRID), codes.town_of(GRID)) == (GRID[:12], GRID[:9])


def test_the_patterns_agree_with_the_digits() -> None:
    for code in (GRID, GRID[:12] + "0A1"):
        assert [len(one) for one in codes.lineage(code)] == list(codes.ALL_DIGITS)
        for one in codes.lineage(code):
            assert re.fullmatch(codes.PLACE_CODE, one)
            assert bool(re.fullmatch(codes.GRID_CODE, one)) is (codes.level(one) is not None)
            assert bool(re.fullmatch(codes.COMMUNITY_CODE, one)) is (len(one) == 12)
            assert bool(re.fullmatch(codes.TOWN_CODE, one)) is (len(one) == 9)
    for wrong in (GRID[:7], GRID[:13], GRID + "1", GRID[:12] + "0a1", "15062A"):
        assert re.fullmatch(codes.PLACE_CODE, wrong) is None
