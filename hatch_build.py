"""Has the browser assets there before a wheel, an sdist or an editable install is built."""

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BrowserAssets(BuildHookInterface[Any]):
    """A build without the assets would draw no map: they are fetched, or the build stops."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002 - hatch
        """Fetch the assets where they are not there yet; an sdist brings them along."""
        runpy.run_path(str(Path(self.root) / "browser_assets.py"), run_name="__main__")
