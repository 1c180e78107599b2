"""Places as somebody types: by characters, by full pinyin, by initials."""

from bisect import bisect_left
from collections.abc import Iterable
from typing import Any, NamedTuple

from geo.geocoding.engine.normalise import fold
from geo.geocoding.gazetteer import Gazetteer

KINDS = ("compound", "community", "landmark", "organisation")
MOST_SCANNED = 3_000  # keys with one beginning; a single letter has thousands
AFTER_LAST = "\U0010ffff"


class Suggestion(NamedTuple):
    """A place that a beginning may mean.

    Parameters
    ----------
    kind : {"compound", "community", "landmark", "organisation"}
    code : str
        The compound's, landmark's or organisation's external_id; a community's code.
    label : str
        What to show: the name, a compound's with its community.
    grid_code : str or None
    longitude, latitude : float or None
        EPSG:4490; None for a community.
    """

    kind: str
    code: str
    label: str
    grid_code: str | None
    longitude: float | None
    latitude: float | None


class Suggester:
    """Completes names of a gazetteer.

    Parameters
    ----------
    gazetteer : Gazetteer
    """

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._entries: list[Suggestion] = []
        keys: set[tuple[str, int, int]] = set()
        for suggestion, names in _entries(gazetteer):
            at = len(self._entries)
            self._entries.append(suggestion)
            for nth, name in enumerate(names):
                keys |= {(key, start + 100 * (nth > 0), at) for key, start in _keys(name)}
        self._keys = sorted(keys)

    def suggest(self, prefix: str, limit: int = 10) -> list[Suggestion]:
        """Give the places whose names begin, or go on, as typed.

        Names that begin so come before those that have it within, full names before by-names,
        compounds before communities, landmarks and organisations, shorter labels before longer.

        Parameters
        ----------
        prefix : str
            Characters, pinyin without tones or initials, in any case: "金鼎", "jinding", "jdxq".
        limit : int, default 10
            At most so many; 0 or less gives none.

        Returns
        -------
        list of Suggestion
            Each place once; empty for an empty prefix.
        """
        typed = fold(prefix[:64]).replace(" ", "").replace("-", "").replace("'", "")
        if not typed or limit <= 0:
            return []
        first = bisect_left(self._keys, (typed, -1, -1))
        last = bisect_left(self._keys, (typed + AFTER_LAST, -1, -1), lo=first)
        best: dict[int, tuple[int, int]] = {}
        for key, start, at in self._keys[first : min(last, first + MOST_SCANNED)]:
            rank = (start, len(key))
            if at not in best or rank < best[at]:
                best[at] = rank
        order = sorted(best, key=lambda at: (best[at][0] > 0, self._rank(at), best[at], at))
        return [self._entries[at] for at in order[:limit]]

    def _rank(self, at: int) -> tuple[int, int]:
        entry = self._entries[at]
        return KINDS.index(entry.kind), len(entry.label)


def _entries(gazetteer: Gazetteer) -> Iterable[tuple[Suggestion, tuple[str, ...]]]:
    for compound in gazetteer.compounds:
        longitude, latitude = gazetteer.compound_points[compound.index].tolist()
        community = gazetteer.community_names.get(compound.community, "")
        label = f"{compound.name}（{community}）" if community else compound.name
        names = tuple(form.text for form in compound.forms if form.how != "short")
        yield (
            Suggestion("compound", compound.code, label, compound.grid_code, longitude, latitude),
            names,
        )
    for area in gazetteer.communities:
        yield Suggestion("community", area.code, area.name, area.code, None, None), area.names
    for kind, places in (
        ("landmark", gazetteer.landmarks),
        ("organisation", gazetteer.organisations),
    ):
        for place in places:
            yield (
                Suggestion(
                    kind, place.code, place.name, place.grid_code, place.longitude, place.latitude
                ),
                place.names,
            )


def _keys(name: str) -> Iterable[tuple[str, int]]:
    """Give what a name can be found by, from each of its characters on, and where that is."""
    from pypinyin import lazy_pinyin  # noqa: PLC0415  (late: --help must not wait for it)

    sounds: list[Any] = [s.upper().replace("Ü", "V") for s in lazy_pinyin(list(name))]
    whole = [s.upper().replace("Ü", "V") for s in lazy_pinyin(name)]
    if len(whole) == len(sounds):
        # Read as a word, a character with several readings gets the right one: 长青 is CHANGQING.
        sounds = whole
    for start in range(len(name)):
        yield name[start:], start
        yield "".join(sounds[start:]), start
        yield "".join(sound[:1] for sound in sounds[start:]), start
