"""A town whose households have addresses, and what a written one settles."""

import random
import re
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd
from pypinyin import lazy_pinyin

from geo.geocoding.engine.names import split
from tests.benchmarks.geocoding.town import Town

_BUILDING = re.compile("(?:号楼|#楼|栋|幢|座|排)$")
HELD_OUT_EACH = 10  # of so many compounds one is held out


@dataclass(frozen=True)
class Home:
    """A household with the words of its address."""

    household: str
    compound: str
    compound_name: str
    aliases: tuple[str, ...]
    community: str
    community_code: str
    town: str
    building_id: str
    building: str
    row: bool
    unit: str
    room: str
    grid: str


@dataclass(frozen=True)
class Query:
    """A text and its truth.

    Parameters
    ----------
    determined : str
        How far the text settles the place: household, building, compound, place, community or none;
        "open" where nobody knows whether the compound is right, but the household is not.
    source : str
        The compound that the text was made of, also where it settles none: a guess is right there.
    """

    text: str
    family: str
    determined: str
    compound: str = ""
    building: str = ""
    household: str = ""
    grid: str = ""
    held_out: bool = False
    source: str = ""


@dataclass(frozen=True)
class Words:
    """What is written of a home: each piece may be noisy or left out."""

    town: str
    community: str
    name: str
    numbers: str
    before: str = ""
    after: str = ""

    def text(self) -> str:
        return f"{self.before}{self.town}{self.community}{self.name}{self.numbers}{self.after}"


DIGITS = "零一二三四五六七八九"


def chinese(number: str) -> str:
    n = int(number)
    if n < 10:
        return DIGITS[n]
    if n < 20:
        return "十" + (DIGITS[n % 10] if n % 10 else "")
    if n < 100:
        return DIGITS[n // 10] + "十" + (DIGITS[n % 10] if n % 10 else "")
    return "".join(DIGITS[int(c)] for c in number)


class World:
    """The demo town with what its names leave open."""

    def __init__(self, town: Town, seed: int = 7) -> None:
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311  (noise, no secret)
        frames = town.frames
        communities = frames["communities"].set_index("code")["name"].to_dict()
        towns = frames["towns"].set_index("code")["name"].to_dict()
        compounds = frames["compounds"].set_index("external_id")
        buildings = frames["buildings"].set_index("external_id")
        households = frames["households"]
        self.homes: list[Home] = []
        self.rooms: dict[tuple[str, str], list[Home]] = defaultdict(list)
        self.doors: dict[tuple[str, str, str, str], str] = {}
        self.by_name: dict[str, set[str]] = defaultdict(set)
        self.compounds = compounds
        self.names = {name: code for code, name in compounds["name"].items()}
        self.frames = frames
        self.held_out = set(compounds.index[HELD_OUT_EACH // 2 :: HELD_OUT_EACH])
        for code, row in compounds.iterrows():
            for form in self.written_forms(row["name"], row["aliases"]):
                self.by_name[form].add(str(code))
        for row in households.itertuples():
            building = buildings.loc[row.building_id]
            compound = compounds.loc[building["compound_id"]]
            home = Home(
                row.external_id,
                building["compound_id"],
                compound["name"],
                tuple(a for a in str(compound["aliases"] or "").split("|") if a),
                communities[compound["community_code"]],
                compound["community_code"],
                towns[compound["community_code"][:9]],
                row.building_id,
                _BUILDING.sub("", building["name"]),
                building["name"].endswith("排"),
                "" if pd.isna(row.unit) else str(row.unit),
                str(row.room),
                row.grid_code,
            )
            self.homes.append(home)
            self.rooms[home.building_id, home.room].append(home)
            self.doors[home.compound, home.building + "R" * home.row, home.unit, home.room] = (
                home.household
            )
        self.homes_of: dict[str, list[Home]] = defaultdict(list)
        for home in self.homes:
            self.homes_of[home.compound].append(home)
        self.community_names = list(communities.values())
        self.sounds = {name: " ".join(lazy_pinyin(split(name)[0])) for name in self.by_name}

    @staticmethod
    def written_forms(name: str, aliases: str) -> set[str]:
        forms = {name, *(a for a in str(aliases or "").split("|") if a)}
        return forms | {split(name)[0]}

    def sharers(self, home: Home, written: str) -> set[str]:
        """Compounds that the written name may mean: the same words, or the same sounds."""
        exact = self.by_name.get(written)
        if exact:
            full = {c for c in exact if self.compounds.loc[c, "name"] == written}
            return full or exact
        stem, generic = split(written)
        sound = " ".join(lazy_pinyin(stem))
        near = {
            c
            for name, s in self.sounds.items()
            if s == sound and generic in {"", split(name)[1]}
            for c in self.by_name[name]
        }
        return near | {home.compound}

    def determined(
        self, home: Home, written: Words, *, unit: bool = True, room: bool = True
    ) -> str:
        """Say how far the pieces settle the place."""
        share = self.sharers(home, written.name)
        if written.community:
            of = {
                c for c in share if self.compounds.loc[c, "community_code"] == home.community_code
            }
            if written.community.startswith(home.community[:2]):
                share = of or share
        elif written.town:
            of = {
                c
                for c in share
                if self.compounds.loc[c, "community_code"][:9] == home.community_code[:9]
            }
            share = of or share
        key = home.building + "R" * home.row
        if room and unit:
            share = {
                c
                for c in share
                if c == home.compound or (c, key, home.unit, home.room) in self.doors
            }
        if len(share) > 1 or home.compound not in share:
            return "none"
        if not room:
            return "building"
        if not unit and home.unit and len(self.rooms[home.building_id, home.room]) > 1:
            return "building"
        return "household"

    def query(
        self,
        family: str,
        home: Home,
        words: Words,
        *,
        unit: bool = True,
        room: bool = True,
        text: str | None = None,
    ) -> Query:
        level = self.determined(home, words, unit=unit, room=room)
        return Query(
            words.text() if text is None else text,
            family,
            level,
            home.compound if level != "none" else "",
            home.building_id if level != "none" else "",
            home.household if level == "household" else "",
            home.grid if level != "none" else "",
            home.compound in self.held_out,
            home.compound,
        )

    def absent(self, home: Home, name: str, family: str) -> Query | None:
        """Put a compound that is not in the gazetteer in place of a home's; None where it is."""
        if name in self.by_name or len(self.sharers(home, name)) > 1 or name[0] == name[1]:
            return None
        stem, generic = split(name)
        if " ".join(lazy_pinyin(stem)) in self.sounds.values() and (
            generic == split(home.compound_name)[1]
        ):
            return None
        words = replace(self.plain(home), name=name)
        return Query(words.text(), family, "none", held_out=home.compound in self.held_out)

    # -- pieces ----------------------------------------------------------------------------------

    def area(self, home: Home) -> tuple[str, str]:
        """Town and community, in the ways they are written or left out."""
        r = self.rng.random()
        if r < 0.4:
            return home.town, home.community
        if r < 0.65:
            return "", home.community
        if r < 0.75:
            return "杭锦旗" + home.town, home.community
        if r < 0.82:
            return "内蒙古鄂尔多斯市杭锦旗" + home.town, home.community
        if r < 0.9:
            return home.town, ""
        return "", ""

    def numbers(self, home: Home, *, unit: bool = True) -> str:
        """A format that people use, of a home's own kind."""
        b, u, r = home.building, home.unit, home.room
        pick = self.rng.choice
        if home.row:
            return pick([f"{b}排{r}号", f"{b}排{r}户", f"第{b}排{r}号", f"{b}-{r}", f"{b}排{r}"])
        building = pick(["号楼"] * 4 + ["幢"] * 4 + ["栋"] * 4 + ["#", "#楼", "座", "号", "号"])
        if not (unit and u):
            return pick(
                [f"{b}{building}{r}", f"{b}-{r}", f"{b}{building}{r}室", f"{b}{building} {r}"]
            )
        return pick(
            [f"{b}{building}{u}单元{r}"] * 5
            + [f"{b}{building}{u}单元{r}室"] * 3
            + [f"{b}-{u}-{r}"] * 4
            + [
                f"{b}/{u}/{r}",
                f"{b}#{u}-{r}",
                f"{b}{building}{u}-{r}",
                f"{b} {u} {r}",
                f"{b}#{u}#{r}",
            ]
            + [f"{b}{building}{u}门{r}", f"第{b}栋第{u}单元{r}号", f"{b}—{u}—{r}", f"{b}·{u}·{r}"]
            + [f"{b}{building}{u}单元{int(r) // 100}楼{r}", f"{b}{building}{u}单元0{r}"]
        )

    def plain(self, home: Home, *, unit: bool = True) -> Words:
        town, community = self.area(home)
        return Words(town, community, home.compound_name, self.numbers(home, unit=unit))

    def noisy_name(self, name: str, make: Callable[[str], str | None]) -> str | None:
        """One slip in the name proper."""
        stem, generic = split(name)
        order = list(range(len(stem)))
        self.rng.shuffle(order)
        for at in order:
            changed = make(stem[at])
            if changed and changed != stem[at]:
                return stem[:at] + changed + stem[at + 1 :] + generic
        return None
