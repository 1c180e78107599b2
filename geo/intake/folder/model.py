"""What is found in a folder: parts of files, what each seems to be, and what is to be asked."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import NamedTuple

from geo.files.table import Table
from geo.intake.kinds import KINDS

# What only the territory is made of, in the order in which it is spoken of.
TERRITORY = ("outline", "divisions", "communities", "compounds")
# Boundaries that are recognised, and that nothing is loaded from.
OTHER = ("towns",)
ROLES = (*TERRITORY, *OTHER, *KINDS)


class Say(NamedTuple):
    """A sentence in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class Part:
    """A file, or one sheet or layer of it, as a table.

    Parameters
    ----------
    path : Path
    layer : str, optional
        The sheet or layer, where the file has several that are not one list.
    table : Table
    """

    path: Path
    layer: str | None
    table: Table

    @property
    def key(self) -> str:
        """What the mapping file calls it: `file`, or `file!layer`."""
        return self.path.name if self.layer is None else f"{self.path.name}!{self.layer}"


@dataclass(frozen=True)
class Unread:
    """A file that cannot be read, or is none of ours, with the reason."""

    name: str
    why: Say


@dataclass(frozen=True)
class Candidate:
    """A kind that a part may be.

    Parameters
    ----------
    kind : str
        One of `ROLES`.
    score : float
        How much speaks for it.
    columns : dict of str to str
        Canonical column to heading.
    proposed : frozenset of str
        Of those, which our own synonyms do not name: somebody should look at them.
    """

    kind: str
    score: float
    columns: dict[str, str] = field(default_factory=dict)
    proposed: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Entry:
    """What is to be done with a part.

    Parameters
    ----------
    part : Part
    kind : str, optional
        None where it is not known.
    columns : dict
        Canonical column to heading, or to what the mapping file says of it.
    proposed : frozenset of str
        Columns that nobody confirmed and our synonyms do not name.
    said : dict
        What the mapping file says of columns, see `geo.intake.mapping`.
    how : dict of str to str
        `datum`, `crs`, `encoding` as the mapping file or the proposal says.
    skip : bool
        It is not loaded.
    why : tuple of Say
        What speaks for this, and what is to be known of it.
    personal, unused : tuple of str
        Headings of what is private, and others that no column is read from.
    unknown_words : tuple of str
        Words of its column of categories that mean none.
    """

    part: Part
    kind: str | None
    columns: dict[str, object] = field(default_factory=dict)
    proposed: frozenset[str] = frozenset()
    said: dict[str, object] = field(default_factory=dict)
    how: dict[str, str] = field(default_factory=dict)
    skip: bool = False
    why: tuple[Say, ...] = ()
    personal: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()
    unknown_words: tuple[str, ...] = ()

    @property
    def lines(self) -> dict[str, object]:
        """What a load is told of the columns: what was said, and what only was proposed.

        The rest it finds itself.
        """
        return {name: self.columns[name] for name in sorted(self.proposed)} | self.said


@dataclass(frozen=True)
class Question:
    """What has to be said before anything is loaded.

    Parameters
    ----------
    ask : Say
    write : str
        What to write in the mapping file.
    answered : bool
        An answer is proposed, and stands in the mapping file that `inspect` writes.
    unsure : tuple of str
        Keys of the parts of which it is not known what they are.
    """

    ask: Say
    write: str
    answered: bool = False
    unsure: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A folder, looked through.

    Parameters
    ----------
    folder : Path
    entries : tuple of Entry
        In the order in which they are loaded; those that are not loaded come last.
    unread : tuple of Unread
    questions : tuple of Question
    missing : tuple of Say
        What is not there, and what follows from that.
    first_month : date, optional
        First day of the month of the earliest visit: from then on a site's first grids hold,
        if nobody says otherwise.
    """

    folder: Path
    entries: tuple[Entry, ...]
    unread: tuple[Unread, ...] = ()
    questions: tuple[Question, ...] = ()
    missing: tuple[Say, ...] = ()
    first_month: date | None = None

    def of(self, kind: str) -> tuple[Entry, ...]:
        """Give the entries of a kind that are to be loaded."""
        return tuple(each for each in self.entries if each.kind == kind and not each.skip)
