"""JSON lines: what is a row, and what is none."""

import pytest

from geo.files import lines


@pytest.mark.parametrize(
    "line",
    [
        b'{"longitude": 1, "longitude": 2}',
        b'{"longitude": 1, "longitude": 1}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": {"b": 1, "b": 2}}',
        b'{"a": [{"b": 1, "b": 2}]}',
        b'{"a": "x:y", "a": "x:y"}',
        b"[1]",
        b"null",
        b'{"a": NaN}',
        b'{"a": 1',
        b"[" * 100_000,
    ],
)
def test_what_is_no_object_or_has_a_field_twice_is_no_row(line: bytes) -> None:
    assert lines.parsed(line) is None


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (b'{"a": "08:30:00", "b": 1}', {"a": "08:30:00", "b": 1}),
        (b'{"a": {"a": 1}, "b": {"a": 2}}', {"a": {"a": 1}, "b": {"a": 2}}),
        (b'{"a:b": 1, "a:c": 2}', {"a:b": 1, "a:c": 2}),
        (b"{}", {}),
    ],
)
def test_a_row_is_read_as_it_stands(line: bytes, row: dict[str, object]) -> None:
    assert lines.parsed(line) == row
