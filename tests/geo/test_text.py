"""What counts of a text, and what does not."""

import pyarrow as pa
import pytest

from geo.text import is_ascii, name_key, one_name, plain, squeeze, visible

UNSEEN = [
    *map(chr, range(0x200B, 0x2010)),
    *map(chr, range(0x202A, 0x202F)),
    *map(chr, range(0x2060, 0x2065)),
    *map(chr, range(0x2066, 0x206A)),
    *"\ufeff\xad\u180e\u061c\u3164\ufe0f\x00\x07\x7f\x9f\U000e0001",
]


@pytest.mark.parametrize("unseen", UNSEEN, ids=ascii)
def test_what_nobody_sees_does_not_count(unseen: str) -> None:
    for written in (f"{unseen}H{unseen}1{unseen}", f" {unseen} H1"):
        assert plain(written) == visible(written) == "H1"
    assert squeeze(f"户{unseen}号") == "户号"
    assert name_key(f"张{unseen}三") == "张三"
    assert not is_ascii_of(f"H1{unseen}")


def is_ascii_of(text: str) -> bool:
    return is_ascii(pa.array([text], pa.large_string()))


@pytest.mark.parametrize(
    "written",
    [
        '="H0000001"',
        '= "H0000001"',
        '=T("H0000001")',
        "'H0000001",
        "＇H0000001",
        "’H0000001",
        '＝"H0000001"',
        "\tH0000001",
        "Ｈ００００００１",
        "\u3000H0000001\xa0",
        "'Ｈ000000１",
        '="\u200bH0000001"',
    ],
)
def test_guards_and_wide_letters_do_not_count_in_codes(written: str) -> None:
    assert plain(written) == "H0000001"


def test_codes_that_look_different_stay_different() -> None:
    assert plain("3①") == "3①"
    assert plain("Ｂ½") == "B½"


@pytest.mark.parametrize("dot", "·•・‧･∙⋅")
def test_a_name_has_one_dot_and_is_known_by_any(dot: str) -> None:
    for written in (f"巴特尔{dot}孟和", f"巴特尔 {dot} 孟和", f"巴特尔{dot}孟和\u202e"):
        assert one_name(written) == "巴特尔·孟和"
        assert name_key(written) == name_key("巴特尔 孟和") == name_key("巴特尔.孟和")


def test_names_keep_what_tells_them_apart() -> None:
    assert one_name("张　三") == one_name("张 三") == "张三"
    assert one_name("Li  Ming") == "Li Ming"
    assert one_name("1号楼 2单元") == "1号楼 2单元"
    assert name_key("city.noise") != name_key("citynoise")
    assert name_key("ＬＩ Ming") == name_key("li ming")
    # In Mongolian script these choose a letter's form.
    assert visible("\u182e\u180b\u182d") == "\u182e\u180b\u182d"
