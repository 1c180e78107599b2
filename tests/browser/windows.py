"""A browser window that remembers what it asked other hosts for and what it complained of."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Page

SIZES = {"desktop": (1440, 900), "tablet": (820, 1180), "phone": (390, 844)}


@dataclass
class Window:
    """A page, and all that it asked for or complained of."""

    page: Page
    artefacts: Path
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def assert_quiet(self) -> None:
        assert self.foreign == []
        assert self.complaints == []

    def shoot(self, name: str, *, whole: bool = False) -> None:
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        size = next(size for size, (wide, _) in SIZES.items() if wide == width)
        self.page.screenshot(path=self.artefacts / f"{name}-{size}.png", full_page=whole)


OpenWindow = Callable[..., Window]
