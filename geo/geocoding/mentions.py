"""Which names an address mentions: exactly, then nearly, and what words are left unexplained."""

import re
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from geo.geocoding.facts import elsewhere, words
from geo.geocoding.gazetteer import Gazetteer
from geo.geocoding.mention import (
    BANNER,
    COMMUNITY,
    COMPOUND,
    ELSEWHERE,
    PLACE,
    STREET,
    TOWN,
    Mention,
    around_of,
    holds,
    without_overlaps,
)
from geo.geocoding.names import Form, split, word_family
from geo.geocoding.near import (
    DOUBLED,
    HAN,
    NUMBER_AHEAD,
    RUN,
    Named,
    alike,
    behind,
    filler_all,
    filler_end,
    how_score,
    residue_score,
    whole,
)
from geo.geocoding.near_names import NearNames, keep
from geo.geocoding.numbers import tokens

CONTAINED = -2.5
NO_NUMBER_BEHIND = -3.0
EXACT_ENOUGH = -1.2
SECTION_NAMED = 0.5
NEGLIGIBLE = -5.0  # behind the best name: not worth reading the numbers for
LONGEST_SEGMENT = 16
SHORTEST_SEGMENT = 2


class Found(NamedTuple):
    """All that an address names.

    Parameters
    ----------
    named : list of Named
        Compounds, each once, the best first.
    mentions : list of Mention
        Non-overlapping, in the order of the text.
    unknown : str
        A name that looks like a compound's and is not in the gazetteer, or empty.
    """

    named: list[Named]
    mentions: list[Mention]
    unknown: str


_RUN_END = re.compile(f"[{HAN}]+$")
_NUMERALS = "零一二三四五六七八九十百两幺壹贰叁肆伍陆柒捌玖拾"
_TAIL = re.compile(
    f"[{_NUMERALS}]+(?=号|栋|幢|座|单|排|#|楼|门|层|[ -]|[0-9]|$|[{_NUMERALS}])|第[0-9{_NUMERALS}]"
)
_STREET_END = re.compile("[街路巷道]$")
_SECTION = re.compile("^ ?([0-9A-Z零一二三四五六七八九十]+)(期|区)")
_SECTIONED = re.compile("^(.{2,}?)([0-9A-Z零一二三四五六七八九十]+)(期|区)$")
_NO_NAMES = ("家属", "职工")
_ADMIN_ENDINGS = ("社区", "居委会", "镇", "苏木", "旗", "街道", "社", "区")


class Names:
    """All names of a gazetteer, ready to be found in texts.

    Parameters
    ----------
    gazetteer : Gazetteer
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        import ahocorasick  # noqa: PLC0415  (late: the command line's --help must not wait)

        self.gazetteer = gazetteer
        entries: dict[str, dict[int, list[tuple[Any, Any]]]] = defaultdict(
            lambda: defaultdict(list)
        )
        self._forms: list[tuple[int, Form]] = []
        self._sections: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._enter_compounds(entries)
        self._enter_areas(entries)
        self.doorplates = self._enter_places(entries)
        self._enter_elsewhere(entries)
        self._automaton = ahocorasick.Automaton()
        for name, kinds in entries.items():
            value = tuple((kind, tuple(targets)) for kind, targets in kinds.items())
            self._automaton.add_word(name, (len(name), value))
        self._automaton.make_automaton()
        self._near = NearNames(self._forms)
        self._admin = [
            (name, kind, code)
            for kind, areas in ((COMMUNITY, gazetteer.communities), (TOWN, gazetteer.towns))
            for area in areas
            for name, code in [(area.names[0], area.code)]
        ]

    def _enter_compounds(self, entries: Any) -> None:
        for compound in self.gazetteer.compounds:
            for form in compound.forms:
                for text in _numeral_variants(form.text):
                    entries[text][COMPOUND].append((compound.index, form))
                self._forms.append((compound.index, form))
                sectioned = _SECTIONED.match(form.text)
                if sectioned:
                    value = tokens(sectioned[2] + sectioned[3])
                    if value:
                        self._sections[sectioned[1], value[0].value].append(compound.index)

    def _enter_areas(self, entries: Any) -> None:
        for kind, areas in ((COMMUNITY, self.gazetteer.communities), (TOWN, self.gazetteer.towns)):
            for area in areas:
                for name in area.names:
                    entries[name][kind].append((area.code, name))
        for name in words()["filler"]["banner"]:
            entries[name][BANNER].append(("", name))

    def _enter_places(self, entries: Any) -> dict[str, list[tuple[int, int, str]]]:
        """Enter landmarks, organisations and streets; give the doorplates of each street."""
        doorplates: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
        town_names = sorted(
            ((name, area.code) for area in self.gazetteer.towns for name in area.names),
            key=lambda pair: -len(pair[0]),
        )
        places = (*self.gazetteer.landmarks, *self.gazetteer.organisations)
        for k, place in enumerate(places):
            for name in _place_names(place.names, [name for name, _ in town_names]):
                entries[name][PLACE].append((k, name))
            found = re.match(r"(.+?(?:街|路|大道|巷))([0-9]+)号", place.address)
            if found:
                town = next((pair for pair in town_names if found[1].startswith(pair[0])), ("", ""))
                street = found[1].removeprefix(town[0])
                doorplates[street].append((int(found[2]), k, town[1]))
        for street in doorplates:
            entries[street][STREET].append((street, street))
        return doorplates

    def _enter_elsewhere(self, entries: Any) -> None:
        own = {name for area in self.gazetteer.towns for name in area.names}
        within = dict(elsewhere())
        for name, place in within.items():
            if name not in own:
                entries[name][ELSEWHERE].append((name, place))
        for short, name in words()["filler"]["neighbours"].items():
            entries[short][ELSEWHERE].append((name, within.get(name, "")))

    def find(self, text: str) -> Found:
        """Find what a text names.

        Parameters
        ----------
        text : str
            Folded, junk blanked.

        Returns
        -------
        Found
        """
        matches = self._matches(text)
        mentions = without_overlaps(matches)
        mentions = [mention for mention in mentions if holds(text, mention)]
        best: dict[int, Named] = {}
        for mention in matches:
            if mention.kind == COMPOUND:
                for named in self._of_mention(text, mention, mentions):
                    keep(best, named)
        unknown = ""
        if not best or max(named.score for named in best.values()) < EXACT_ENOUGH:
            unknown = self._nearly(text, mentions, best)
        ranked = sorted(best.values(), key=lambda one: -one.score)
        if ranked:
            least = ranked[0].score + NEGLIGIBLE
            ranked = [one for one in ranked if one.score >= least]
        return Found(ranked, mentions, unknown)

    def rivals(self, text: str, named: Named) -> list[Named]:
        """Give compounds whose names are nearly what a compound was found by.

        Parameters
        ----------
        text : str
        named : Named
            Found in the text.

        Returns
        -------
        list of Named
            Without the compound itself.
        """
        best: dict[int, Named] = {}
        self._near.enter(text, named.start, named.end, best)
        return [one for one in best.values() if one.compound != named.compound]

    def _matches(self, text: str) -> list[Mention]:
        return [
            Mention(kind, end + 1 - length, end + 1, targets)
            for end, (length, kinds) in self._automaton.iter(text)
            for kind, targets in kinds
        ]

    def _of_mention(self, text: str, mention: Mention, mentions: list[Mention]) -> Iterable[Named]:
        """Score the compounds of a mention by what stands around it."""
        start, end = mention.start, mention.end
        around = around_of(mention, mentions)
        if around is None:
            return
        base = CONTAINED if around.longer else 0.0
        residue = self._left_residue(text, around.before, around.touching, mentions)
        extra: tuple[tuple[str, str], ...] = ()
        if residue:
            words_before = residue_score(residue, text[start])
            base += words_before
            doubled = words_before == DOUBLED
            extra = (("COMPOUND.misspelt" if doubled else "COMPOUND.extraWords", residue),)
        for k, form in mention.targets:
            if k in around.longer:
                continue
            score, stop, faults = behind(text, end, form)
            # 一中 or 旗政府 alone is the body, not the dwellings named after it.
            named_after = form.how == "short" and word_family(form.generic) != "estate"
            alone = stop == end and not NUMBER_AHEAD.match(text, stop)
            if alone and (around.shared or named_after):
                score += NO_NUMBER_BEHIND
            score += base + how_score(form)
            yield Named(k, score, start, stop, extra + faults, form.how, 0.0)
            yield from self._of_section(text, start, end, form, base, extra)

    def _of_section(
        self,
        text: str,
        start: int,
        end: int,
        form: Form,
        base: float,
        extra: tuple[tuple[str, str], ...],
    ) -> Iterable[Named]:
        """Give the compounds that a name with a section is another name of: 金鼎小区二期."""
        section = _SECTION.match(text[end : end + 6])
        value = tokens(section.group()) if section else ()
        if section and value:
            stop = end + section.end()
            faults = (*extra, ("COMPOUND.alias", text[start:stop]))
            for k in self._sections.get((form.stem, value[0].value), ()):
                yield Named(k, base + SECTION_NAMED, start, stop, faults, "alias", 0.0)

    def _left_residue(self, text: str, before: int, start: int, mentions: list[Mention]) -> str:
        """Give the words that touch a mention from the left and that nothing explains."""
        found = _RUN_END.search(text[before:start])
        if not found:
            return ""
        run = found.group()
        at = before + found.start()
        if at and text[at - 1].isdigit():
            return ""
        if filler_end().search(run) or _STREET_END.search(run):
            return ""
        touching = [m for m in mentions if m.end == at]
        previous = next(
            (m for m in touching if m.kind in {COMMUNITY, TOWN}), next(iter(touching), None)
        )
        if previous is None:
            return "" if self._admin_in(run) else run
        # 团结杜区: a stem, then its ending with a slip in it.
        bare = previous.kind in {COMMUNITY, TOWN} and text[previous.end - 1] not in "区镇木"
        return "" if bare and any(alike(run, ending) for ending in _ADMIN_ENDINGS) else run

    def _admin_in(self, run: str) -> tuple[int, str, str] | None:
        """Find the community or town that a run of words nearly is."""
        for name, kind, code in self._admin:
            piece = run[-len(name) - 1 :]
            for cut in (piece[-len(name) :], piece, piece[2:]):
                if len(cut) + 1 >= len(name) >= 3 and whole(cut, name) <= 1.0:  # noqa: PLR2004
                    return kind, code, name
        return None

    def _nearly(self, text: str, mentions: list[Mention], best: dict[int, Named]) -> str:
        """Find names that the text nearly has; give what looks like a name and is near none."""
        blank = list(text)
        spans = {(m.start, m.end) for m in mentions if m.kind == COMPOUND}
        for mention in mentions:
            if mention.kind != COMPOUND and (mention.start, mention.end) not in spans:
                blank[mention.start : mention.end] = " " * (mention.end - mention.start)
        unknown = ""
        for found in RUN.finditer("".join(blank)):
            start, end = _name_part(text, *found.span())
            if end - start < SHORTEST_SEGMENT:
                continue
            near = self._near.enter(text, start, end, best)
            filler = filler_all().match(text, start, end)
            start = filler.end() if filler else start
            own_name = split(text[start:end])
            if not near and own_name[1] and own_name[0] not in _NO_NAMES:
                unknown = unknown or text[start:end]
        return unknown


def _name_part(text: str, start: int, end: int) -> tuple[int, int]:
    """Cut a run of characters down to what may be a name; nothing where it is a number's hint."""
    if start and text[start - 1].isdigit():
        return start, start
    tail = _TAIL.search(text, start, end)
    if tail and tail.start() > start:
        end = tail.start()
    elif tail and tail.end() - tail.start() > 1:
        return start, start
    if text[end - 1] == "第":
        end -= 1
    trailing = filler_end().search(text[start:end])
    if trailing:
        end -= len(trailing.group())
    return max(start, end - LONGEST_SEGMENT), end


def _numeral_variants(name: str) -> tuple[str, ...]:
    """Give a name with its section in Chinese and in Arabic numerals: 棚改一期, 棚改1期."""
    found = _SECTIONED.match(name)
    if not found:
        return (name,)
    value = tokens(found[2] + found[3])
    if not value or not value[0].value.isdigit() or int(value[0].value) > 9:  # noqa: PLR2004
        return (name,)
    number = int(value[0].value)
    return tuple(
        {found[1] + numeral + found[3] for numeral in (str(number), "零一二三四五六七八九"[number])}
    )


def _place_names(names: Iterable[str], towns: list[str]) -> set[str]:
    """Give the names of a place, and those without the banner's or town's name in them."""
    listed = set(names)
    for name in names:
        for prefix in ("杭锦旗", *towns):
            first, found, rest = name.partition(prefix)
            if found and len(first + rest) > 3:  # noqa: PLR2004
                listed.add(first + rest)
            if found and len(first) > 3:  # noqa: PLR2004
                # 中国农业银行锡尼镇支行 is 中国农业银行, or 农业银行, to those who live there.
                listed |= {first, first.removeprefix("中国")}
    return {name for name in listed if len(name) > 1}
