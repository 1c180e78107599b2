"""Chinese first, English by a switch: the language that the command line speaks."""

import os
from typing import cast

from geo.errors import Language


def language() -> Language:
    """Give the language of this process: `BANNERGRID_LANGUAGE`, else Chinese."""
    chosen = os.environ.get("BANNERGRID_LANGUAGE", "zh")
    return cast("Language", chosen if chosen in ("zh", "en") else "zh")


def text(zh: str, en: str) -> str:
    """Give the one of two sentences that this process speaks."""
    return zh if language() == "zh" else en
