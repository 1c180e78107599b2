"""Names that a piece of text nearly is: retrieved by sound and looks, then laid over it."""

from collections import defaultdict

from geo.geocoding.engine.names import Form, split
from geo.geocoding.engine.near import Named, aligned, bodies
from geo.geocoding.engine.similar import near_syllables
from geo.geocoding.facts import lookalikes

RETRIEVED = 24
LEAST_SHARE = 0.45  # of the characters of a name proper, to look closer
FAR_BEHIND = 0.45  # in that share, behind the likeliest
MOST_PIECES = 50_000


class NearNames:
    """Forms of names, indexed by the sounds of their characters.

    Parameters
    ----------
    forms : list of (compound, Form)
        Positions of compounds in the gazetteer and ways to name them.
    """

    def __init__(self, forms: list[tuple[int, Form]]) -> None:
        self._forms = forms
        owners: dict[str, set[int]] = defaultdict(set)
        for k, (_, form) in enumerate(forms):
            for character in form.stem:
                for sound in near_syllables(character) or {character}:
                    owners[sound].add(k)
        self._by_sound = owners
        self._by_character: dict[str, tuple[tuple[int, float], ...]] = {}
        # What was asked before: names are misspelt in the same ways again and again.
        self._pieces: dict[str, tuple[Named, ...]] = {}

    def enter(self, text: str, start: int, end: int, best: dict[int, Named]) -> bool:
        """Enter the compounds whose names a piece of a text nearly is.

        Parameters
        ----------
        text : str
        start, end : int
            The piece.
        best : dict
            Compound to the best way it is named; gets what is found.

        Returns
        -------
        bool
            Whether anything is near.
        """
        piece = text[start:end]
        near = self._pieces.get(piece)
        if near is None:
            if len(self._pieces) >= MOST_PIECES:
                self._pieces.clear()
            near = self._pieces[piece] = self._near(piece)
        for named in near:
            keep(best, named._replace(start=start + named.start, end=start + named.end))
        return bool(near)

    def _near(self, piece: str) -> tuple[Named, ...]:
        stem, generic = split(piece)
        votes: dict[int, float] = defaultdict(float)
        for character in dict.fromkeys(stem):
            for k, weight in self._votes(character):
                votes[k] += weight
        # A shortened form says nothing that the full one does not, where a generic word follows.
        likely = [
            k
            for k, share in votes.items()
            if share >= LEAST_SHARE and not (generic and self._forms[k][1].how == "short")
        ]
        # A character may vote for several of a short name; of equals the longer name says more.
        likely.sort(key=lambda k: (-round(min(1.0, votes[k]), 6), -len(self._forms[k][1].stem)))
        least = min(1.0, votes[likely[0]]) - FAR_BEHIND if likely else 0.0
        near = []
        for k in likely[:RETRIEVED]:
            if votes[k] < least:
                break
            compound, form = self._forms[k]
            if piece.endswith(bodies()) and not form.text.endswith(bodies()):
                continue
            named = aligned(piece, stem, generic, form)
            # What stands there as it is was judged by its mention.
            as_it_is = named is not None and piece[named.start : named.end] == form.text
            if named is not None and not as_it_is:
                near.append(named._replace(compound=compound))
        return tuple(near)

    def _votes(self, character: str) -> tuple[tuple[int, float], ...]:
        """Give the forms with a character that sounds or looks like one, and its share of each."""
        kept = self._by_character.get(character)
        if kept is None:
            sounds = set(near_syllables(character) or {character})
            for other in lookalikes().get(character, ""):
                sounds |= near_syllables(other)
            found = {k for sound in sounds for k in self._by_sound.get(sound, ())}
            kept = tuple((k, 1.0 / len(self._forms[k][1].stem)) for k in sorted(found))
            self._by_character[character] = kept
        return kept


def keep(best: dict[int, Named], named: Named) -> None:
    """Keep a way of naming a compound if it is better than the one that is known.

    Parameters
    ----------
    best : dict
        Compound to Named.
    named : Named
    """
    known = best.get(named.compound)
    if known is None or named.score > known.score:
        best[named.compound] = named
