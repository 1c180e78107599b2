import pytest

from geo.geocoding.engine.normalise import fold
from geo.geocoding.engine.numbers import building_key, room_key, tokens, unit_key


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("3号楼2单元501", ["3", "2", "501"]),
        ("三号楼二单元五零一", ["3", "2", "501"]),
        ("叁幢贰单元伍零壹", ["3", "2", "501"]),
        ("3栋两单元五百零一室", ["3", "2", "501"]),
        ("十二号楼三单元十二零一", ["12", "3", "1201"]),
        ("三号楼二单元 五 零 幺", ["3", "2", "501"]),
        ("3 2 501", ["3", "2", "501"]),
        ("3号楼2单元5O1", ["3", "2", "501"]),
        ("3号搂Z单无SOl", ["3", "2", "501"]),
        ("3一2一501", ["3", "2", "501"]),
        ("楼号:3 单元:2 房号:501", ["3", "2", "501"]),
        ("楼3单元2室501", ["3", "2", "501"]),
        ("3号楼2单元0501", ["3", "2", "501"]),
        ("第3栋第2单元102楼道灯", ["3", "2", "102"]),
        ("5楼东户", ["5", "东"]),
        ("一楼商铺", ["1", "铺"]),
        ("SQL SELECT", []),
    ],
)
def test_values(text: str, values: list[str]) -> None:
    assert [token.value for token in tokens(fold(text))] == values


def test_hints_say_what_a_number_may_be() -> None:
    assert [token.slots for token in tokens("3排5号2单元1层501室6楼")] == [
        "W",
        "BRU",
        "U",
        "F",
        "R",
        "BF",
    ]


def test_a_letter_is_a_building_first_and_a_misread_digit_second() -> None:
    token = tokens("B座")[0]
    assert (token.value, token.other) == ("B", ("8",))


@pytest.mark.parametrize(
    ("room", "key"),
    [
        ("0501", "501"),
        ("501室", "501"),
        ("5-1", "5.1"),
        ("东户", "东"),
        ("5楼西户", "5.西"),
        ("一楼商铺", "1.铺"),
        ("阁楼", "阁楼"),
    ],
)
def test_room_keys(room: str, key: str) -> None:
    assert room_key(fold(room)) == key


def test_building_and_unit_keys() -> None:
    assert building_key("A区3号楼")[:3] == ("3", "A", False)
    assert building_key("2排")[:3] == ("2", "", True)
    assert building_key("综合楼").literal
    assert unit_key("二单元") == unit_key("2") == "2"
