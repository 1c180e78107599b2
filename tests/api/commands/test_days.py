"""Days as options of commands."""

from datetime import datetime

import click
import pytest

from api.commands.days import DAY


@pytest.mark.parametrize("written", ["2026-10-05", "2026年10月5日", "20261005", "2026–10–05"])
def test_a_day_is_read_as_in_files(written: str) -> None:
    assert DAY.convert(written, None, None) == datetime(2026, 10, 5)  # noqa: DTZ001


@pytest.mark.parametrize("written", ["5/10/2026", "昨天", "2026-02-30", ""])
def test_what_is_no_day_is_refused_with_a_pattern(written: str) -> None:
    with pytest.raises(click.BadParameter, match="2026-10-05"):
        DAY.convert(written, None, None)
