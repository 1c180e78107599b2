"""Which names an address mentions: exactly, then nearly, and what words are left unexplained."""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Any, NamedTuple

from geo.geocoding.engine.entered import enter_areas, enter_elsewhere, enter_places
from geo.geocoding.engine.lexicon import (
    automaton,
    mentions_of,
    no_entries,
)
from geo.geocoding.engine.mention import (
    COMMUNITY,
    COMPOUND,
    PLACE,
    STREET,
    TOWN,
    Mention,
    around_of,
    holds,
    without_overlaps,
)
from geo.geocoding.engine.names import (
    Form,
    numeral_variants,
    section_at,
    sectioned,
    split,
    word_family,
)
from geo.geocoding.engine.near import (
    DOUBLED,
    HAN,
    HOW,
    NUMBER_AHEAD,
    Behind,
    Named,
    alike,
    behind,
    filler_all,
    filler_end,
    how_score,
    residue_score,
    whole,
)
from geo.geocoding.engine.near_names import NearNames, keep
from geo.geocoding.engine.pieces import NAME_RUN, SHORTEST_SEGMENT, gaps, name_part
from geo.geocoding.engine.similar import spelt
from geo.geocoding.gazetteer import Gazetteer

CONTAINED = -3.5
NO_NUMBER_BEHIND = -3.0
EXACT_ENOUGH = -1.2
SECTION_NAMED = 0.5
SIDE_UNKNOWN = -2.5
NEGLIGIBLE = -5.0  # behind the best name: not worth reading the numbers for
ENDS_A_NAME_TOO = "里"  # 阳光里 is a name, though 里 mostly means within
SHORTEST_SPELT = 3  # characters from which a name is known by its pinyin


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


SIDE_SECTION = re.compile("([东西南北中])[区院]")
_RUN_END = re.compile(f"[{HAN}]+$")
_LATIN = re.compile("[A-Z]{6}")
_STREET_END = re.compile("[街路巷道][东西南北中]?(?:段|侧|头)?$")
_STREET_PART = re.compile("[东西南北中](?:段|侧|头)?")
_NO_NAMES = ("家属", "职工")
_ADMIN_ENDINGS = ("社区", "居委会", "镇", "苏木", "旗", "街道", "社", "区")


class Names:
    """All names of a gazetteer, ready to be found in texts.

    Parameters
    ----------
    gazetteer : Gazetteer
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        entries = no_entries()
        self._forms: list[tuple[int, Form]] = []
        self._sections: dict[tuple[str, str], list[int]] = defaultdict(list)
        self._enter_compounds(entries)
        enter_areas(gazetteer, entries)
        self.doorplates = enter_places(gazetteer, entries)
        enter_elsewhere(gazetteer, entries)
        self._automaton = automaton(entries)
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
                for text in numeral_variants(form.text):
                    entries[text][COMPOUND].append((compound.index, form))
                self._enter_section(compound.index, form)
                if form.how != "base":
                    self._forms.append((compound.index, form))
        self._enter_stems(entries)

    def _enter_stems(self, entries: Any) -> None:
        """Enter what a name begins with where it is the stem of another: 阳光里 is 阳光 too."""
        compounds = self.gazetteer.compounds
        stems = {f.text for c in compounds for f in c.forms if f.how in {"short", "base"}}
        for compound in compounds:
            name = compound.forms[0].text
            known = {form.text for form in compound.forms}
            for length in (len(name) - 2, len(name) - 1):
                stem = name[:length]
                if length > 1 and stem in stems - known:
                    form = Form(stem, stem, "short", name[length:])
                    entries[stem][COMPOUND].append((compound.index, form))

    def _enter_section(self, compound: int, form: Form) -> None:
        section = sectioned(form.text)
        if section is not None:
            self._sections[section.name, section.value].append(compound)
            stem, generic = split(section.name)
            if word_family(generic) == "estate":
                self._sections[stem, section.value].append(compound)

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
        # 锡尼镇政府家属楼 is 锡尼镇 + 政府家属楼 as much as 锡尼 + 镇政府家属楼.
        area_ends = {m.end for m in matches if m.kind in {COMMUNITY, TOWN}}
        for mention in matches:
            if mention.kind == COMPOUND:
                for named in self._of_mention(text, mention, mentions, area_ends):
                    keep(best, named)
        unknown = ""
        if not best or max(named.score for named in best.values()) < EXACT_ENOUGH:
            unknown = self._nearly(text, mentions, best)
        ranked = sorted(best.values(), key=lambda one: -one.score)
        if ranked:
            least = ranked[0].score + NEGLIGIBLE
            ranked = [one for one in ranked if one.score >= least]
        return Found(ranked, mentions, unknown)

    def gaps(self, text: str) -> tuple[int, ...]:
        """Find the spaces that stand within a name, as scanners and line breaks put them.

        Parameters
        ----------
        text : str
            Folded, junk blanked.

        Returns
        -------
        tuple of int
            Their positions: 金 鼎小区, 团结社 区.
        """
        return gaps(self._automaton, text)

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
        return [
            one
            for one in best.values()
            if one.compound != named.compound
            and not any(code == "COMPOUND.suffix" for code, _ in one.faults)
        ]

    def _matches(self, text: str) -> list[Mention]:
        matches = mentions_of(self._automaton, text)
        return matches + mentions_of(self._spelt, text) if _LATIN.search(text) else matches

    @cached_property
    def _spelt(self) -> Any:
        """Names in pinyin; made when a text first has a word in Latin letters, as few have."""
        entries = no_entries()
        for compound in self.gazetteer.compounds:
            for form in compound.forms:
                if form.how in {"name", "alias"} and len(form.text) >= SHORTEST_SPELT:
                    sound = spelt(form.text)
                    target = (compound.index, Form(sound, sound, "sound", ""))
                    entries[sound][COMPOUND].append(target)
        for kind, areas in ((COMMUNITY, self.gazetteer.communities), (TOWN, self.gazetteer.towns)):
            for area in areas:
                for name in area.names:
                    if len(name) >= SHORTEST_SPELT:
                        entries[spelt(name)][kind].append((area.code, name))
        return automaton(entries)

    def _of_mention(
        self, text: str, mention: Mention, mentions: list[Mention], area_ends: set[int]
    ) -> Iterable[Named]:
        """Score the compounds of a mention by what stands around it."""
        start, end = mention.start, mention.end
        around = around_of(mention, mentions)
        if around is None:
            return
        parted = start in area_ends and around.touching < start
        base = CONTAINED if around.longer and not parted else 0.0
        residue = self._left_residue(text, around.before, around.touching, mentions)
        extra: tuple[tuple[str, str], ...] = ()
        if residue:
            words_before = residue_score(residue, text[start])
            base += words_before
            doubled = words_before == DOUBLED
            extra = (("COMPOUND.misspelt" if doubled else "COMPOUND.extraWords", residue),)
        section = section_at(text, end)
        parts = self._sections.get((text[start:end], section.value), []) if section else []
        whole_name = any(form.how in {"name", "alias"} for _, form in mention.targets)
        bare = around.shared and not NUMBER_AHEAD.match(text, end)
        for k, form in mention.targets:
            if k in around.longer:
                continue
            if form.how == "base":
                rarer = (NO_NUMBER_BEHIND if bare else 0.0) + (CONTAINED if whole_name else 0.0)
                rarer = 0.0 if k in parts else rarer
                yield from self._of_base(text, (start, end), (k, form), base + rarer, extra)
                continue
            score, stop, faults = self._of_side(k, text, behind(text, end, form))
            if parts and k not in parts:
                score += CONTAINED  # 温馨家园北区 is not 温馨家园, where there is such a section
            # 一中 or 旗政府 alone is the body, not the dwellings named after it.
            named_after = form.how == "short" and word_family(form.generic) != "estate"
            alone = stop == end and not NUMBER_AHEAD.match(text, stop)
            if alone and (around.shared or named_after):
                score += NO_NUMBER_BEHIND
            score += base + how_score(form)
            yield Named(k, score, start, stop, extra + faults, form.how, 0.0)
            yield from self._of_section(text, start, end, form, base, extra)

    def _of_side(self, compound: int, text: str, judged: Behind) -> Behind:
        """Judge a side named behind a name, 南区 or 北院, where the compound has none."""
        found = SIDE_SECTION.match(text, judged[1])
        if found is None:
            return judged
        buildings = self.gazetteer.compounds[compound].buildings
        if any(key.startswith(f"{found[1]}.") for key in buildings):
            return judged
        score, stop, faults = judged
        return score + SIDE_UNKNOWN, stop, (*faults, ("SECTION.unknown", found.group()))

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
        section = section_at(text, end)
        if section is not None:
            faults = (*extra, ("COMPOUND.alias", text[start : section.end]))
            for k in self._sections.get((form.stem, section.value), ()):
                yield Named(k, base + SECTION_NAMED, start, section.end, faults, "alias", 0.0)

    def _of_base(
        self,
        text: str,
        span: tuple[int, int],
        target: tuple[int, Form],
        base: float,
        extra: tuple[tuple[str, str], ...],
    ) -> Iterable[Named]:
        """Give a compound that is a section of what is named: the one of 金穗小区A区 is A区."""
        (start, end), (k, form) = span, target
        section = section_at(text, end)
        if section is None and form.text == form.stem:
            score, end, _ = behind(text, end, form._replace(how="short"))
            base, section = base + score, section_at(text, end)
        stop = end if section is None else section.end
        section = section or section_at(text, end, anywhere=True)
        if section is None:
            faults = (*extra, ("COMPOUND.short", form.text))
            yield Named(k, base + HOW["short"], start, end, faults, "short", 0.0)
        elif k in self._sections.get((form.text, section.value), ()):
            yield Named(k, base, start, stop, extra, "name", 0.0)

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
        if previous.kind == STREET and _STREET_PART.fullmatch(run):
            return ""
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
        bodies = {(m.start, m.end) for m in mentions if m.kind == PLACE}
        for mention in mentions:
            if mention.kind != COMPOUND and (mention.start, mention.end) not in spans:
                blank[mention.start : mention.end] = " " * (mention.end - mention.start)
        unknown = ""
        for found in NAME_RUN.finditer("".join(blank)):
            start, end = name_part(text, *found.span())
            # 一中 is the school; the dwellings that are called after it were looked at already.
            if end - start < SHORTEST_SEGMENT or (start, end) in bodies:
                continue
            near = self._near.enter(text, start, end, best)
            if end < found.end() and text[end] in ENDS_A_NAME_TOO:
                near = self._near.enter(text, start, end + 1, best) or near
            filler = filler_all().match(text, start, end)
            start = filler.end() if filler else start
            own_name = split(text[start:end])
            if not near and own_name[1] and own_name[0] not in _NO_NAMES:
                unknown = unknown or text[start:end]
        return unknown
