"""Tables that commands print."""

import doctest

import pandas as pd

from api.commands import tables


def test_words_stand_left_numbers_right_and_chinese_takes_two_places() -> None:
    frame = pd.DataFrame({"社区": ["建安", "摩林河"], "n": [10, 2.5], "x": ["a", None]})
    assert tables.text_of(frame).splitlines() == ["社区      n  x", "建安     10  a", "摩林河  2.5"]


def test_a_table_without_rows_is_its_headings() -> None:
    assert tables.text_of(pd.DataFrame({"a": [], "b": []})) == "a  b"


def test_the_examples_run() -> None:
    assert doctest.testmod(tables).failed == 0
