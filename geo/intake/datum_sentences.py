"""What is said of a guessed datum, in both languages, for callers and on the command line."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from geo.crs import DATUMS
from geo.errors import Language
from geo.files.datums import GROUPS
from geo.intake.datum_guess import UNDECIDED, Guess


@cache
def _facts() -> dict[str, Any]:
    return tomllib.loads(files("geo.intake").joinpath("datums.toml").read_text("utf-8"))


def found(guess: Guess, language: Language) -> str:
    """Say which datum a sample is in, and how sure that is, or why it cannot be told."""
    said = _facts()["said"]
    swapped = str(said["exchanged"][language]) if guess.exchanged else ""
    if guess.datum == UNDECIDED:
        why = "undecided" if guess.places else "far"
        return swapped + str(said[why][language].format(places=guess.places, points=guess.points))
    return swapped + str(said["decided"][language].format(**_of_best(guess, language)))


def warning(guess: Guess, named: str, language: Language) -> str:
    """Say that a sample is in another datum than it is said to be in, and what to do.

    Parameters
    ----------
    guess : Guess
    named : str
        A datum, or the CRS that the file itself states.
    language : {"zh", "en"}
    """
    datum = named if named in DATUMS else GROUPS[0][0]
    (instead,) = (each.in_compounds for each in guess.standings if datum in each.datums)
    values = _of_best(guess, language) | {"named": named, "instead": 100 * instead}
    return str(_facts()["said"]["warning"][language].format(**values))


def _of_best(guess: Guess, language: Language) -> dict[str, Any]:
    best = guess.standings[0]
    return {
        "datum": guess.datum,
        "called": _facts()["called"][guess.datum][language],
        "percent": 100 * best.in_compounds,
        "chance": 100 * best.in_compounds_by_chance,
        "odds": best.odds,
        "places": guess.places,
    }
