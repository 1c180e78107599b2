"""One assignment of numbers, looked up in one compound."""

from typing import NamedTuple

from geo.geocoding.engine.belonging import DIRECTIONS
from geo.geocoding.engine.numbers import BELOW, Token
from geo.geocoding.engine.places import Building, Compound
from geo.geocoding.engine.several import Doors
from geo.geocoding.gazetteer import Gazetteer

# What does not fit what is there.
NO_SUCH_BUILDING = 3.2
NO_SUCH_UNIT = 2.4
NO_SUCH_ROOM = 2.0
NOT_REGISTERED = 1.8
OTHER_FLOOR = 2.5
UNIT_LEFT_OUT = 0.3
UNIT_SURPLUS, UNIT_IN_ROW = 0.5, 2.0
SECTION_IGNORED = 0.8
ROW_FOR_BUILDING = 1.2
BUILDING_FOR_ROW = 1.5
SEARCHED, NOT_FOUND = 1.2, 2.2
OTHER_DOOR_UNUSED = 1.5


class Reading(NamedTuple):
    """What the numbers mean in a compound.

    Parameters
    ----------
    penalty : float
        0 where all is as it should be.
    building : int
        Position in the gazetteer, -1 where not known.
    unit : str or None
        As registered, or as written where nobody is registered there.
    household : int
        Position in the gazetteer, -1 where not known.
    faults : tuple of (code, value)
    ways : tuple of int
        The households that it may be, where it may be several.
    room : str
        As read, empty where none is given.
    """

    penalty: float
    building: int = -1
    unit: str | None = None
    household: int = -1
    faults: tuple[tuple[str, str], ...] = ()
    ways: tuple[int, ...] = ()
    room: str = ""


class Numbers(NamedTuple):
    """The filled slots of one assignment."""

    building: str
    row: bool
    unit: str
    floor: str
    room: str
    side: str


def _also(building: Building, room: str) -> bool:
    """Tell whether a room that is listed behind another may be in the same building."""
    return room in building.rooms or bool(building.could_have(room))


class Reader:
    """Looks one assignment up in one compound."""

    __slots__ = (
        "compound",
        "doors",
        "faults",
        "gazetteer",
        "named",
        "numbers",
        "penalty",
        "section",
    )

    def __init__(
        self,
        gazetteer: Gazetteer,
        compound: Compound,
        numbers: Numbers,
        section: Token | None,
        named: int,
        doors: Doors,
    ) -> None:
        self.gazetteer, self.compound, self.numbers = gazetteer, compound, numbers
        self.section, self.named, self.doors = section, named, doors
        self.penalty, self.faults = 0.0, []  # type: tuple[float, list[tuple[str, str]]]
        if doors.several:
            self.faults.append(("DOOR.several", doors.several))

    def reading(self) -> Reading:
        """Give the reading: the best of the buildings that the number may mean."""
        buildings = self._buildings()
        if buildings:
            start, faults = self.penalty, list(self.faults)
            best: Reading | None = None
            for penalty, building in buildings:
                self.penalty, self.faults = start + penalty, list(faults)
                reading = self._in_building(building)
                if best is None or reading.penalty < best.penalty:
                    best = reading
            if best is not None:
                return best
        return self._anywhere()

    def _buildings(self) -> list[tuple[float, Building]]:
        """Find the buildings of the number; faults say where there is none."""
        compound, numbers, all_buildings = self.compound, self.numbers, self.gazetteer.buildings
        if self.named >= 0:
            return [(0.0, all_buildings[self.named])]
        if not numbers.building:
            given = numbers.unit or numbers.room or numbers.floor or numbers.side
            if len(compound.members) == 1 and given:
                return [(0.0, all_buildings[compound.members[0]])]
            self.faults.append(("BUILDING.missing", ""))
            return []
        at: list[int] | None = None
        if self.section is not None:
            at = compound.buildings.get(f"{self.section.value}.{numbers.building}")
            if at is None and self.section.value != compound.section:
                self._fault("SECTION.unknown", self.section.value, SECTION_IGNORED)
        if at is None:
            at = compound.buildings.get(numbers.building)
        if at is None:
            self._fault("BUILDING.notInGazetteer", numbers.building, NO_SUCH_BUILDING)
            return []
        found = [all_buildings[k] for k in at]
        return [(self._row_penalty(building), building) for building in found]

    def _row_penalty(self, building: Building) -> float:
        if building.row and not self.numbers.row:
            return 0.2 if self.compound.rows_only else ROW_FOR_BUILDING
        return BUILDING_FOR_ROW if self.numbers.row and not building.row else 0.0

    def _fault(self, code: str, value: str, penalty: float) -> None:
        self.faults.append((code, value))
        self.penalty += penalty

    def _room_keys(self) -> list[str]:
        """Give the keys under which the room may be registered, the likeliest first."""
        floor, room, side = self.numbers.floor, self.numbers.room, self.numbers.side
        keys = []
        if floor.startswith(BELOW) and room and not room.startswith(BELOW):
            keys.append(BELOW + (room if len(room) > 2 else f"{floor[1:]}{int(room):02d}"))  # noqa: PLR2004
        elif floor and room:
            if len(room) > 2:  # noqa: PLR2004
                keys.append(room)
            elif room.isdigit():
                keys += [f"{floor}{int(room):02d}", f"{floor}.{room}"]
        elif room:
            keys.append(room)
            if len(room) > 2 and room.isdigit():  # noqa: PLR2004
                keys.append(f"{room[:-2]}.{int(room[-2:])}")
        if side:
            alone = (
                [] if room and side not in DIRECTIONS else [f"{floor}.{side}" if floor else side]
            )
            both = [f"{floor}.{side}.{room}", f"{floor}.{room}.{side}"] if floor and room else []
            # A shop is no dwelling of its number: 101商铺 is not 101.
            dwellings = keys if side in DIRECTIONS else []
            keys = (
                alone
                + both
                + [f"{key}.{side}" for key in keys]
                + [f"{side}.{key}" for key in keys]
                + dwellings
            )
        return keys

    def _floor_penalty(self) -> float:
        """Judge a floor beside a room that is on another: 5楼302."""
        floor, room = self.numbers.floor.removeprefix(BELOW), self.numbers.room
        other = floor and len(room) > 2 and room[:-2] != floor  # noqa: PLR2004
        return OTHER_FLOOR if other else 0.0

    def _in_building(self, building: Building) -> Reading:
        keys = self._room_keys()
        unit = building.unit_of(self.numbers.unit)
        self.penalty += self._floor_penalty()
        if unit and not building.unit_names:
            self._fault("UNIT.surplus", unit, UNIT_IN_ROW if building.row else UNIT_SURPLUS)
            unit = ""
        elif unit and not building.has_unit(unit):
            self._fault("UNIT.notInGazetteer", unit, NO_SUCH_UNIT)
            return self._done(building, None, self.numbers.room)
        shown = building.unit_names.get(unit, unit) or None
        if not keys:
            return self._without_room(building, unit, shown)
        if unit or not building.unit_names:
            for key in keys:
                doors = building.doors.get((unit, key))
                if doors:
                    return self._at_door(building, shown, doors, key)
            return self._no_door(building, shown, keys)
        return self._without_unit(building, keys)

    def _without_room(self, building: Building, unit: str, shown: str | None) -> Reading:
        self.faults.append(("ROOM.missing", ""))
        if not unit and len(building.unit_names) > 1:
            self.faults.append(("UNIT.missing", ""))
        elif not unit and building.unit_names:
            shown = next(iter(building.unit_names.values()))
        return self._done(building, shown, "")

    def _at_door(
        self, building: Building, unit: str | None, doors: list[int], room: str
    ) -> Reading:
        listed = self.doors
        floor = listed.room[:-2]
        others = [
            other
            for other in listed.others
            if listed.said or other[:-2] == floor or _also(building, other)
        ]
        if others and self.doors.room == self.numbers.room:
            self.faults.append(("DOOR.several", f"{room}、" + "、".join(others)))
            ways = [k for other in others for _, k in building.rooms.get(other, ())[:1]]
            return self._done(building, unit, "", ways=(doors[0], *ways))
        if self.doors.others:
            self._fault("NUMBER.unused", self.doors.others[0], OTHER_DOOR_UNUSED)
        if len(doors) > 1:
            self.faults.append(("HOUSEHOLD.several", str(len(doors))))
        return self._done(building, unit, room, household=doors[0])

    def _no_door(self, building: Building, unit: str | None, keys: list[str]) -> Reading:
        side = self.numbers.side
        if side and not self.numbers.room:
            return self._by_side(building, unit)
        room = next((key for key in keys if "." not in key), keys[0])
        possible = building.could_have(room)
        if possible is False:
            self._fault("ROOM.notInGazetteer", room, NO_SUCH_ROOM)
        else:
            self._fault("ROOM.notRegistered", room, NOT_REGISTERED)
        return self._done(building, unit, room)

    def _by_side(self, building: Building, unit: str | None) -> Reading:
        """Rooms are numbered here: a side leaves open which, so the floor's rooms are the ways."""
        floor, side = self.numbers.floor, self.numbers.side
        self.faults.append(("ROOM.bySide", (floor + "楼" if floor else "") + side))
        key = next((k for k, name in building.unit_names.items() if name == unit), unit or "")
        ways = [
            doors[0]
            for (own, room), doors in building.doors.items()
            if own == key and floor and room.isdigit() and room[:-2] == floor
        ]
        return self._done(building, unit, "", ways=tuple(ways))

    def _without_unit(self, building: Building, keys: list[str]) -> Reading:
        """Find the room without a unit: it determines the household only if one unit has it."""
        for key in keys:
            found = building.rooms.get(key)
            if not found:
                continue
            units = {unit for unit, _ in found}
            if len(units) > 1:
                self._fault("UNIT.missing", "", UNIT_LEFT_OUT)
                return self._done(building, None, key, ways=tuple(k for _, k in found))
            unit, household = found[0]
            if unit and (building.units > 1 or len(building.unit_names) > 1):
                self._fault("UNIT.inferred", building.unit_names[unit], UNIT_LEFT_OUT)
            return self._done(building, building.unit_names.get(unit), key, household=household)
        only = next(iter(building.unit_names.values())) if len(building.unit_names) == 1 else None
        if only is None:
            self.faults.append(("UNIT.missing", ""))
        return self._no_door(building, only, keys)

    def _anywhere(self) -> Reading:
        """No building is known: a room that only one building of the compound has is that one."""
        numbers = self.numbers
        if not numbers.building and (numbers.unit or numbers.room or numbers.floor):
            self.penalty += NOT_FOUND - SEARCHED
        if numbers.building or not numbers.room or numbers.floor:
            return Reading(self.penalty, faults=tuple(self.faults), room=numbers.room)
        found = [
            (building, unit, household)
            for k in self.compound.members
            for building in [self.gazetteer.buildings[k]]
            for unit, household in building.rooms.get(numbers.room, ())
            if not numbers.unit or unit == numbers.unit
        ]
        if len(found) == 1:
            self.penalty += SEARCHED - (NOT_FOUND - SEARCHED)
            building, unit, household = found[0]
            return self._done(
                building, building.unit_names.get(unit), numbers.room, household=household
            )
        self.penalty += SEARCHED
        return Reading(self.penalty, faults=tuple(self.faults), room=numbers.room)

    def _done(
        self,
        building: Building,
        unit: str | None,
        room: str,
        *,
        household: int = -1,
        ways: tuple[int, ...] = (),
    ) -> Reading:
        return Reading(
            self.penalty, building.index, unit, household, tuple(self.faults), ways, room
        )
