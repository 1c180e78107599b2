"""Fault codes as sentences."""

from collections.abc import Mapping
from typing import Any

from geo.errors import Language
from geo.geocoding.facts import faults


class _Blank(dict[str, Any]):
    """Leaves a placeholder that nothing fills as a dash."""

    def __missing__(self, key: str) -> str:
        return "—"


def sentence(code: str, values: Mapping[str, Any], language: Language) -> str:
    """Say a fault in words.

    Parameters
    ----------
    code : str
        Such as "UNIT.missing"; `data/faults.toml` lists them.
    values : mapping
        What the sentence names.
    language : {"zh", "en"}

    Returns
    -------
    str

    Raises
    ------
    KeyError
        If there is no such code.

    Examples
    --------
    >>> sentence("UNIT.missing", {}, "en")
    'There is no unit although the building has units. Add the unit.'
    """
    return faults()[code][language].format_map(_Blank(values))
