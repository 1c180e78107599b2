"""Days as options of commands, written as people write them."""

from datetime import datetime
from typing import Any

import click

from api.commands.language import text


class Day(click.DateTime):
    """A day: 2026-10-05, and every other form that files are read in (2026年10月5日)."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d"])

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        """Read a day, at its midnight; what is none is refused with a pattern."""
        try:
            day: datetime = super().convert(value, param, ctx)
        except click.BadParameter:
            day = self._written(str(value), param, ctx)
        return day

    def _written(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> datetime:
        import pandas as pd

        from geo.intake import values
        from geo.intake.model import Column

        found = values.read(pd.Series([value], dtype="str"), Column("day", "date")).iloc[0]
        if pd.isna(found):
            self.fail(
                text(
                    f"“{value}”不是日期，应为 2026-10-05 的形式",
                    f"{value!r} is no day; write it as 2026-10-05",
                ),
                param,
                ctx,
            )
        return datetime(found.year, found.month, found.day)  # noqa: DTZ001 - a day has no zone


DAY = Day()
