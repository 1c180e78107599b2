"""What is known of one address before its probabilities are: the place, what lost, and why."""

from typing import Any, NamedTuple

from geo.geocoding.engine.mentions import Found
from geo.geocoding.engine.places import Place
from geo.geocoding.engine.reader import Reading
from geo.geocoding.engine.score import FEATURES, Candidate

NO_FEATURES = [0.0] * (len(FEATURES) - 2)
PLACE_FEATURES = 4


class Rival(NamedTuple):
    """A place that lost.

    Parameters
    ----------
    compound, building, household : int
        Positions, -1 where the level is not reached.
    unit : str or None
    share : float
    why : tuple of str
        Codes of `data/faults.toml`.
    grid_code : str or None
    place : Place or None
    """

    compound: int
    building: int
    household: int
    unit: str | None
    share: float
    why: tuple[str, ...]
    grid_code: str | None
    place: Place | None = None


class Answer(NamedTuple):
    """One address, weighed.

    Parameters
    ----------
    compound : int
        Position, -1 where no compound is meant.
    reading : Reading
    shares : tuple of float, length 5
        Compound, building, unit, household, grid.
    others : list of float
        See `geo.geocoding.engine.score.features`.
    grid_code, community : str or None
    place : Place or None
    place_features : tuple of float, length 4
        By-name, beside it, doorplate not exact, in doubt (several of the name, or a door follows).
    tied : bool
        Several compounds explain the text equally well.
    beside : bool
        The text puts the place beside the compound.
    faults : list of (code, values)
    rivals : list of Rival
    """

    compound: int = -1
    reading: Reading = Reading(0.0)
    shares: tuple[float, float, float, float, float] = (0.0, 0.0, 0.0, 0.0, 0.0)
    others: list[float] = NO_FEATURES
    grid_code: str | None = None
    community: str | None = None
    place: Place | None = None
    place_features: tuple[float, ...] = (0.0,) * PLACE_FEATURES
    tied: bool = False
    beside: bool = False
    faults: tuple[tuple[str, dict[str, Any]], ...] = ()
    rivals: tuple[Rival, ...] = ()


class Weighing(NamedTuple):
    """All that an explanation shows of how an answer came about.

    Parameters
    ----------
    answer : Answer
    found : Found
    weighed : list of Candidate
    text : str
        Folded, junk blanked, spaces within names left out.
    gaps : tuple of int
        Where those spaces were.
    """

    answer: Answer
    found: Found
    weighed: list[Candidate]
    text: str
    gaps: tuple[int, ...] = ()


def nothing(code: str, **values: Any) -> Weighing:
    """Give the answer that there is none, with its reason.

    Parameters
    ----------
    code : str
        Of `data/faults.toml`.
    **values
        What its sentences name.

    Returns
    -------
    Weighing
    """
    return Weighing(Answer(faults=((code, values),)), Found([], [], ""), [], "")
