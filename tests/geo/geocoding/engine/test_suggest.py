import pytest

from geo.geocoding.suggest import Suggester
from tests.geo.geocoding.engine.world import gazetteer


@pytest.fixture(scope="module")
def suggester() -> Suggester:
    return Suggester(gazetteer())


@pytest.mark.parametrize("typed", ["金鼎", "jinding", "JinDing X", "jdxq", "ＪＤＸＱ", "金鼎小"])
def test_characters_pinyin_and_initials(suggester: Suggester, typed: str) -> None:
    first = suggester.suggest(typed)[0]
    assert (first.kind, first.code, first.label) == ("compound", "C1", "金鼎小区（团结社区）")
    assert first.longitude is not None


def test_beginnings_come_first_and_each_place_once(suggester: Suggester) -> None:
    found = suggester.suggest("x", limit=50)
    assert [s.code for s in found[:3]] == ["C4", "C5", "C6"]
    assert len({(s.kind, s.code) for s in found}) == len(found)


def test_all_kinds(suggester: Suggester) -> None:
    kinds = {suggester.suggest(typed)[0].kind for typed in ("沙漠", "团结", "中国银行", "swj")}
    assert kinds == {"compound", "community", "landmark", "organisation"}


@pytest.mark.parametrize("typed", ["", " ", "😀", "\x00", "没有", "x" * 10_000])
def test_nothing_for_nothing(suggester: Suggester, typed: str) -> None:
    assert suggester.suggest(typed) == []


def test_no_more_than_asked(suggester: Suggester) -> None:
    assert len(suggester.suggest("x", limit=2)) == 2
    assert suggester.suggest("x", limit=0) == []
