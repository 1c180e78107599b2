"""A browser window that remembers what it asked other hosts for and what it complained of."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Page, Request

SIZES = {"desktop": (1440, 900), "tablet": (820, 1180), "phone": (390, 844)}
# A test judges answers, not how busy the machine is: how long a page may take is judged by nobody.
PATIENCE_MS = 120_000
DRIVER = "GL Driver Message"  # of the software that stands in for a graphics card, not the page's


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

    def forget(self) -> None:
        """Begin anew: what was said before is not of the case that follows."""
        self.foreign.clear()
        self.complaints.clear()

    def resize(self, size: str) -> None:
        width, height = SIZES[size]
        self.page.set_viewport_size({"width": width, "height": height})

    def shoot(self, name: str, *, whole: bool = False) -> None:
        width = self.page.viewport_size["width"] if self.page.viewport_size else 0
        size = next(size for size, (wide, _) in SIZES.items() if wide == width)
        self.page.screenshot(path=self.artefacts / f"{name}-{size}.png", full_page=whole)


OpenWindow = Callable[..., Window]


@contextmanager
def opening(browser: Browser, artefacts: Path) -> Iterator[OpenWindow]:
    """Open windows that may speak to this machine only; they are closed at the end of the block.

    What else they ask for, and what they complain of, is kept.
    """
    contexts = []

    def opened(size: str = "desktop", **options: Any) -> Window:
        width, height = SIZES[size]
        context = browser.new_context(
            viewport={"width": width, "height": height}, reduced_motion="reduce", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        contexts.append(context)
        window = Window(context.new_page(), artefacts)

        def note(request: Request) -> None:
            address = urlsplit(request.url)
            here = address.scheme in ("file", "data", "blob") or address.hostname == "127.0.0.1"
            if not here:
                window.foreign.append(request.url)

        # Not by `context.route`: it turns off the browser's cache and asks here about each request.
        context.on("request", note)
        window.page.on(
            "console",
            lambda message: (
                window.complaints.append(f"{message.text} {message.location['url']}")
                if message.type in ("error", "warning") and DRIVER not in message.text
                else None
            ),
        )
        window.page.on("pageerror", lambda error: window.complaints.append(str(error)))
        return window

    try:
        yield opened
    finally:
        for context in contexts:
            context.close()
