"""Address to place: a table in, a table out, and one address explained."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from geo.errors import Language
from geo.geocoding import facts
from geo.geocoding.engine.answers import answer
from geo.geocoding.engine.calibrate import probability
from geo.geocoding.engine.explain import explain
from geo.geocoding.engine.mentions import Names
from geo.geocoding.engine.normalise import MAX_LENGTH, normalise
from geo.geocoding.engine.outcome import NO_FEATURES, PLACE_FEATURES, Answer, Rival
from geo.geocoding.faults import sentence
from geo.geocoding.gazetteer import Gazetteer

COLUMNS = (
    "compound_code",
    "building",
    "unit",
    "room",
    "household_id",
    "grid_code",
    "level",
    "probability",
    "grid_probability",
    "faults",
    "candidates",
    "longitude",
    "latitude",
)
LEVELS = ("household", "unit", "building", "compound", "place", "community", "none")
CLAIM = 0.5  # a level is claimed where it is more probable than not
BESIDE = 0.7  # what is beside a compound is mostly, but not surely, in its grid
GUESS = 0.2  # a compound, the likeliest of several, is named as a guess from here on
COMMUNITY_CLEAR, COMMUNITY_BESIDE_UNKNOWN = 0.98, 0.96

Floats = npt.NDArray[np.float64]
Faults = tuple[tuple[str, dict[str, Any]], ...]


class Geocoder:
    """Finds the places that addresses mean in one gazetteer.

    Safe to share between threads: it changes nothing but its own caches.

    Parameters
    ----------
    gazetteer : Gazetteer
    calibration : mapping, optional
        Coefficients by level; those that ship by default.
    """

    def __init__(self, gazetteer: Gazetteer, calibration: Mapping[str, Any] | None = None) -> None:
        self.gazetteer = gazetteer
        self._names = Names(gazetteer)
        self._coefficients = facts.calibration() if calibration is None else calibration

    def geocode(self, texts: Sequence[str | None]) -> pd.DataFrame:
        """Find the place of each address.

        Parameters
        ----------
        texts : sequence of str or None, length n
            Anything: what is no address gets the level "none" and a fault that says why.

        Returns
        -------
        DataFrame, shape (n, 13)
            One row for each text, in order, on a fresh index. `level` says how far the place is
            known: household, unit, building, compound, place (a landmark, an organisation or a
            doorplate), community or none; columns beyond it are missing. `probability` is that of
            the place at this level, 0 for none. `grid_code` is the level-two grid, for a community
            its 12-digit level-one code; `grid_probability` adds up all candidates in that grid.
            `faults` is a list of codes, `candidates` a list of dicts of places that lost, with
            `probability` and `why`. Coordinates are EPSG:4490.
        """
        return self.table(self.answers(texts))

    def answers(self, texts: Sequence[str | None]) -> list[Answer]:
        """Weigh each address; `table` turns the answers into columns.

        Parameters
        ----------
        texts : sequence of str or None, length n

        Returns
        -------
        list of Answer, length n
        """
        names = self._names
        return [answer(names, text).answer for text in texts]

    def table(self, answers: list[Answer]) -> pd.DataFrame:
        """Give answers their probabilities and levels.

        Parameters
        ----------
        answers : list of Answer, length n

        Returns
        -------
        DataFrame, shape (n, 13)
            See `geocode`.
        """
        chances = self._probabilities(answers)
        level = _levels(answers, chances)
        compound, building, household = self._positions(answers)
        at_household = level == LEVELS.index("household")
        at_unit = level <= LEVELS.index("unit")
        at_building = level <= LEVELS.index("building")
        at_compound = level <= LEVELS.index("compound")
        gazetteer = self.gazetteer
        units = np.array([a.reading.unit for a in answers], dtype=object)
        read_rooms = np.array([a.reading.room or None for a in answers], dtype=object)
        own_room = _take(gazetteer.household_rooms, household)
        frame = pd.DataFrame(
            {
                "compound_code": _where(at_compound, self._compound_codes(compound)),
                "building": _where(at_building, self._building_names(building)),
                "unit": _where(at_unit, np.where(household >= 0, self._units(household), units)),
                "room": _where(at_unit, np.where(household >= 0, own_room, read_rooms)),
                "household_id": _where(at_household, _take(gazetteer.household_codes, household)),
            }
        )
        frame["grid_code"] = self._grids(answers, level)
        frame["level"] = np.array(LEVELS, dtype=object)[level]
        frame["probability"] = chances["level"]
        frame["grid_probability"] = chances["grid_of_level"]
        frame["faults"] = [
            [code for code, _ in reasons(a, none=at == LEVELS.index("none"))]
            for a, at in zip(answers, level.tolist(), strict=True)
        ]
        losers: list[Any] = [
            self._losers(a, p) if a.rivals or (a.compound >= 0 and not p) else []
            for a, p in zip(answers, chances["level"].tolist(), strict=True)
        ]
        frame["candidates"] = losers
        points = self._points(answers, level, compound, building, household)
        frame["longitude"], frame["latitude"] = points[:, 0], points[:, 1]
        return frame

    def explain(self, text: str | None, language: Language = "zh") -> dict[str, Any]:
        """Say how an address was understood.

        Parameters
        ----------
        text : str or None
        language : {"zh", "en"}, default "zh"

        Returns
        -------
        dict
            `original`; `normalised`, with `positions` of its characters in the original; `mentions`
            and `numbers` with their spans in the original; `readings`; `result`, the row of
            `geocode`; `faults` and `candidates` with sentences.
        """
        weighing = answer(self._names, text)
        shown = text if isinstance(text, str) and len(text) <= MAX_LENGTH else ""
        row = self.table([weighing.answer]).iloc[0].to_dict()
        return explain(
            weighing,
            normalise(shown).without(weighing.gaps),
            row=row,
            faults=self.sentences(weighing.answer, language, none=row["level"] == "none"),
            gazetteer=self.gazetteer,
            language=language,
        )

    def _probabilities(self, answers: list[Answer]) -> dict[str, Floats]:
        """Calibrate every level; a smaller place is never more probable than the one it is in."""
        shares = np.array([a.shares for a in answers], dtype=np.float64).reshape(-1, 5)
        others = np.array([a.others for a in answers], dtype=np.float64)
        others = others.reshape(len(answers), len(NO_FEATURES))
        chances = {
            level: probability(shares[:, k], others, self._coefficients[level])
            for k, level in enumerate(("compound", "building", "unit", "household", "grid"))
        }
        for outer, inner in (("compound", "building"), ("building", "household")):
            chances[inner] = np.minimum(chances[inner], chances[outer])
        chances["unit"] = np.minimum(chances["unit"], chances["building"])
        in_compound = shares[:, 0] > 0
        chances["grid"] = np.where(in_compound, np.maximum(chances["grid"], chances["compound"]), 0)
        place = np.array([a.place_features for a in answers], dtype=np.float64)
        place = place.reshape(len(answers), PLACE_FEATURES)
        for level in ("place", "place_grid"):
            weights = np.asarray(self._coefficients[level])
            linear = np.column_stack([np.ones(len(place)), place]) @ weights
            given = np.array([a.place is not None for a in answers], dtype=bool)
            chances[level] = np.where(given, 1 / (1 + np.exp(-linear)), 0.0)
        return chances

    def _positions(self, answers: list[Answer]) -> tuple[npt.NDArray[np.intp], ...]:
        rows = [(a.compound, a.reading.building, a.reading.household) for a in answers]
        table = np.array(rows, dtype=np.intp).reshape(-1, 3)
        return table[:, 0], table[:, 1], table[:, 2]

    @cached_property
    def _compound_code_list(self) -> list[str]:
        return [compound.code for compound in self.gazetteer.compounds]

    @cached_property
    def _building_name_list(self) -> list[str]:
        return [building.name for building in self.gazetteer.buildings]

    def _compound_codes(self, at: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
        return _take(self._compound_code_list, at)

    def _building_names(self, at: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
        return _take(self._building_name_list, at)

    def _units(self, at: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
        units = _take(self.gazetteer.household_units, at)
        units[units == ""] = None
        return units

    def _grids(self, answers: list[Answer], level: npt.NDArray[np.intp]) -> list[str | None]:
        community, none = LEVELS.index("community"), LEVELS.index("none")
        return [
            None if at == none else (a.community if at == community else a.grid_code)
            for a, at in zip(answers, level.tolist(), strict=True)
        ]

    def _points(
        self,
        answers: list[Answer],
        level: npt.NDArray[np.intp],
        compound: npt.NDArray[np.intp],
        building: npt.NDArray[np.intp],
        household: npt.NDArray[np.intp],
    ) -> Floats:
        points = np.full((len(answers), 2), np.nan)
        gazetteer = self.gazetteer
        for sources, at, levels in (
            (gazetteer.compound_points, compound, (3,)),
            (gazetteer.building_points, building, (1, 2)),
            (gazetteer.household_points, household, (0,)),
        ):
            rows = np.isin(level, levels) & (at >= 0)
            points[rows] = sources[at[rows]]
        for k in np.flatnonzero(level == LEVELS.index("place")):
            place = answers[k].place
            if place is not None:
                points[k] = place.longitude, place.latitude
        return points

    def _losers(self, given: Answer, chance: float) -> list[dict[str, Any]]:
        """Share what the chosen place leaves over among those that lost, by their weight."""
        rivals = given.rivals
        if not chance and given.compound >= 0:
            # No place is claimed: what would have been is a candidate like the others.
            rivals = (_unclaimed(given), *rivals)
        total = sum(rival.share for rival in rivals)
        left = 1.0 - chance if chance else 0.0
        ties = "LOST.tie" in rivals[0].why and given.reading.ways
        scale = (chance / total) if ties and total else min(1.0, left / total if total else 0.0)
        return [
            {
                "place": self.label(rival),
                "compound_code": self._code(rival),
                "household_id": self.gazetteer.household_codes[rival.household]
                if rival.household >= 0
                else None,
                "grid_code": rival.grid_code,
                "probability": round(rival.share * scale, 4),
                "why": list(rival.why),
            }
            for rival in rivals
        ]

    def _code(self, rival: Rival) -> str | None:
        return self._compound_code_list[rival.compound] if rival.compound >= 0 else None

    def label(self, rival: Rival) -> str:
        """Give a place as a person would write it, its community first.

        Parameters
        ----------
        rival : Rival

        Returns
        -------
        str
        """
        gazetteer = self.gazetteer
        if rival.place is not None:
            return rival.place.name
        compound = gazetteer.compounds[rival.compound]
        parts = [gazetteer.community_names.get(compound.community, ""), compound.name]
        if rival.building >= 0:
            parts.append(self._building_name_list[rival.building])
        if rival.unit:
            parts.append(f"{rival.unit}单元")
        if rival.household >= 0:
            parts.append(gazetteer.household_rooms[rival.household])
        return "".join(parts)

    def sentences(
        self, given: Answer, language: Language, *, none: bool = False
    ) -> list[dict[str, str]]:
        """Give the faults of an answer as sentences.

        Parameters
        ----------
        given : Answer
        language : {"zh", "en"}
        none : bool, default False
            No place is claimed.

        Returns
        -------
        list of dict
            `code` and `sentence`.
        """
        return [
            {"code": code, "sentence": sentence(code, values, language)}
            for code, values in reasons(given, none=none)
        ]


def _unclaimed(given: Answer) -> Rival:
    """Give the place that an answer would have claimed, had it been more certain."""
    why = tuple(code for code, _ in given.faults) or ("COMPOUND.uncertain",)
    reading = given.reading
    share = given.shares[0]
    return Rival(given.compound, reading.building, -1, reading.unit, share, why, given.grid_code)


def reasons(given: Answer, *, none: bool) -> Faults:
    """Give the faults of an answer; where no place is claimed there is always one.

    Parameters
    ----------
    given : Answer
    none : bool
        No place is claimed.

    Returns
    -------
    tuple of (code, values)
    """
    return given.faults or ((("COMPOUND.uncertain", {}),) if none else ())


def _levels(answers: list[Answer], chances: dict[str, Floats]) -> npt.NDArray[np.intp]:
    """Claim for each answer the smallest place that is more probable than not.

    Adds "level" and "grid_of_level" to `chances`: the probabilities at the level claimed.
    """
    tied = np.array([a.tied for a in answers], dtype=bool)
    beside = np.array([a.beside and a.reading.building < 0 for a in answers], dtype=bool)
    chances["compound"] = np.where(beside, chances["compound"] * BESIDE, chances["compound"])
    chances["grid"] = np.where(beside, chances["grid"] * BESIDE, chances["grid"])
    # A landmark that is doubted says nothing of the community that it is in.
    community = np.array(
        [bool(a.community) and not a.tied and a.place is None for a in answers], dtype=bool
    )
    unknown = np.array(
        [any(code == "COMPOUND.notInGazetteer" for code, _ in a.faults) for a in answers],
        dtype=bool,
    )
    claims = [
        (chances["household"] >= CLAIM) & ~tied,
        (chances["unit"] >= CLAIM) & ~tied,
        (chances["building"] >= CLAIM) & ~tied,
        chances["compound"] >= GUESS,
        chances["place"] >= CLAIM / 2,
        community & np.array([a.compound < 0 for a in answers], dtype=bool),
    ]
    none = LEVELS.index("none")
    level: npt.NDArray[np.intp] = np.select(claims, range(none), default=none).astype(np.intp)
    clear = np.where(unknown, COMMUNITY_BESIDE_UNKNOWN, COMMUNITY_CLEAR)
    names = ("household", "unit", "building", "compound", "place")
    chances["level"] = np.choose(
        level, [*(chances[name] for name in names), clear, np.zeros(len(level))]
    )
    grids = [chances["grid"]] * 4 + [chances["place_grid"], clear, np.zeros(len(level))]
    chances["grid_of_level"] = np.choose(level, grids)
    return level


def _take(values: Sequence[Any] | npt.NDArray[Any], at: npt.NDArray[np.intp]) -> npt.NDArray[Any]:
    """Take values by position; None where the position is -1."""
    listed = np.empty(len(values) + 1, dtype=object)
    listed[: len(values)] = values
    taken: npt.NDArray[Any] = listed[at]
    return taken


def _where(keep: npt.NDArray[np.bool_], values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    kept = values.astype(object)
    kept[~keep] = None
    return kept
