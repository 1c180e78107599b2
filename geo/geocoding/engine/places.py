"""What a gazetteer holds: buildings with their doors, compounds, landmarks, areas."""

from dataclasses import dataclass, field

from geo.geocoding.engine.names import Form

UNIT_LETTERS = ("甲乙丙丁戊", "ABCDE")


@dataclass(frozen=True, slots=True)
class Building:
    """A building and the doors in it.

    Parameters
    ----------
    index, compound : int
        Positions in the gazetteer.
    name, number, section : str
        `number` and `section` as `geo.geocoding.engine.numbers.building_key` gives them.
    row, literal : bool
        A row of bungalows; a building without a number.
    units, floors, rooms_per_floor : int
        What stands there, inhabited or not; 0 where not known.
    doors : dict
        (unit, room) to the positions of the households there; an empty unit where there is none.
    rooms : dict
        Room to the (unit, household) pairs that have it.
    unit_names : dict
        Unit's key to the unit as registered.
    grid_code : str or None
        The grid of most of its households, else of its compound.
    """

    index: int
    compound: int
    name: str
    number: str
    section: str
    row: bool
    literal: bool
    units: int
    floors: int
    rooms_per_floor: int
    grid_code: str | None
    doors: dict[tuple[str, str], list[int]] = field(default_factory=dict)
    rooms: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    unit_names: dict[str, str] = field(default_factory=dict)

    def could_have(self, room: str) -> bool | None:
        """Tell whether its floors and flats allow a room; None where that is not known."""
        if self.row:
            return room.isdigit() and 0 < int(room) <= self.units if self.units else None
        if not (self.floors and self.rooms_per_floor and room.isdigit()):
            return None
        floor, flat = divmod(int(room), 100)
        return 0 < floor <= self.floors and 0 < flat <= self.rooms_per_floor

    def unit_of(self, written: str) -> str:
        """Give the key of a unit that is counted otherwise: 甲单元 and A单元 are unit 1.

        What is no unit here, however it is counted, comes back as written.
        """
        if not written or self.has_unit(written):
            return written
        for letters in UNIT_LETTERS:
            if written in letters:
                counted = str(letters.index(written) + 1)
                return counted if self.has_unit(counted) else written
            if written.isdigit() and 0 < int(written) <= len(letters):
                letter = letters[int(written) - 1]
                if letter in self.unit_names:
                    return letter
        return written

    def has_unit(self, unit: str) -> bool:
        """Tell whether it has a unit, inhabited or not."""
        if unit in self.unit_names:
            return True
        return not self.row and unit.isdigit() and 0 < int(unit) <= self.units


@dataclass(frozen=True, slots=True)
class Compound:
    """A compound, its names and its buildings.

    Parameters
    ----------
    index : int
    code, name, kind : str
    forms : tuple of Form
    grid_code : str or None
    community, town : str
        Codes, empty where the compound has no grid.
    section : str
        The part of a larger compound that it is, by its name: 2 of 锦绣华庭二期; empty for none.
    buildings : dict
        Number, or section.number, to positions of buildings.
    literal : tuple of (name, position)
        Buildings that have a name in place of a number.
    rows_only, has_rows : bool
    members : list of int
        All its buildings.
    prior : float
        Logarithm of its share of the households.
    """

    index: int
    code: str
    name: str
    kind: str
    forms: tuple[Form, ...]
    grid_code: str | None
    community: str
    town: str
    section: str
    rows_only: bool
    has_rows: bool
    prior: float
    buildings: dict[str, list[int]] = field(default_factory=dict)
    literal: list[tuple[str, int]] = field(default_factory=list)
    members: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Place:
    """A landmark or an organisation.

    Parameters
    ----------
    code, name, kind, address : str
        `kind` is the landmark's, or "organisation".
    names : tuple of str
        Folded.
    grid_code : str or None
    longitude, latitude : float
        EPSG:4490.
    """

    code: str
    name: str
    kind: str
    address: str
    names: tuple[str, ...]
    grid_code: str | None
    longitude: float
    latitude: float


@dataclass(frozen=True, slots=True)
class Area:
    """A town or a community.

    Parameters
    ----------
    code, name : str
    names : tuple of str
        Folded; the full name first.
    """

    code: str
    name: str
    names: tuple[str, ...]
