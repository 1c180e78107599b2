"""A folder of an office's files, loaded in order: the territory first, then every list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from geo.db import tables as t
from geo.errors import InputError
from geo.files.table import FileSource
from geo.intake.folder.model import Entry, Plan
from geo.intake.kinds import KINDS
from geo.intake.model import Progress, no_progress
from geo.settings import Settings
from geo.territory import registers
from geo.territory import service as boundaries
from geo.territory.model import EditionInfo
from geo.territory.service import Boundaries, silent
from geo.territory.sources import OPTIONS, Reading, Sources, read_boundaries
from geo.workflows.load_file import LoadedFile, load_file
from geo.workflows.publish_edition import Published, publish_edition

_FILES = ("communities", "compounds", "divisions", "outline")


class FolderUnclearError(InputError):
    """A folder cannot be loaded before something was said of it."""

    code = "intake.folder_unclear"
    zh = (
        "有 {count} 处需要说明，未载入任何内容。请执行 bannergrid inspect {folder} 写出映射文件，"
        "按提示修改后再载入：\n{listed_zh}"
    )
    en = (
        "{count} things have to be said first; nothing was loaded. Run bannergrid inspect {folder} "
        "to have the mapping file written, edit it, and load again:\n{listed}"
    )


class HalfTerritoryError(InputError):
    """A folder holds one level of the boundaries without the other."""

    code = "intake.folder_half_territory"
    zh = (
        "文件夹中只有{there_zh}，没有{lacking_zh}，不能划分网格，未载入任何内容。"
        "请补上文件，或写 skip。"
    )
    en = (
        "The folder holds {there} and no {lacking}, so that no grids can be made; nothing was "
        "loaded. Add the file, or skip the other."
    )


@dataclass(frozen=True)
class TerritoryLoaded:
    """What became of the boundaries.

    Parameters
    ----------
    published : Published
    unchanged : bool
        All grids were there already: no edition was made.
    """

    published: Published
    unchanged: bool


class Step(NamedTuple):
    """One of the steps of a folder: its boundaries together (no entry), or one list."""

    entry: Entry | None

    @property
    def name(self) -> str:
        """The key of the list; of boundaries nothing."""
        return "" if self.entry is None else self.entry.part.key


def steps(plan: Plan) -> list[Step]:
    """Give the steps in which a folder is loaded, each a transaction.

    Parameters
    ----------
    plan : Plan

    Returns
    -------
    list of Step
        The boundaries, where there are any, then the lists in the order in which they refer to
        each other.

    Raises
    ------
    FolderUnclearError
        If the plan has a question.
    HalfTerritoryError
        If it has communities without compounds, or compounds without communities.
    """
    if plan.questions:
        raise FolderUnclearError(
            count=len(plan.questions),
            folder=plan.folder,
            listed_zh="\n".join(f"- {each.ask.zh}\n{each.write}" for each in plan.questions),
            listed="\n".join(f"- {each.ask.en}\n{each.write}" for each in plan.questions),
        )
    there = [kind for kind in ("communities", "compounds") if plan.of(kind)]
    if len(there) == 1:
        names = {"communities": ("社区边界", "communities"), "compounds": ("小区边界", "compounds")}
        has, lacks = names[there[0]], next(n for k, n in names.items() if k not in there)
        raise HalfTerritoryError(
            there=has[1], there_zh=has[0], lacking=lacks[1], lacking_zh=lacks[0]
        )
    lists = [each for each in plan.entries if each.kind in KINDS and not each.skip]
    return [*([Step(None)] if there else []), *map(Step, lists)]


def load_list(
    session: Session,
    entry: Entry,
    *,
    settings: Settings,
    progress: Progress = no_progress,
    **how: Any,
) -> LoadedFile:
    """Load one list of a folder, as `load_file` does.

    Parameters
    ----------
    session : Session
        Its transaction takes everything; nothing is committed here.
    entry : Entry
    settings : Settings
    progress : callable, optional
    **how
        What else `load_file` takes.

    Returns
    -------
    LoadedFile

    Raises
    ------
    BannerGridError
        As `load_file` does.
    """
    return load_file(
        session,
        str(entry.kind),
        FileSource(entry.part.path, entry.part.layer, entry.how.get("encoding")),
        settings=settings,
        datum=entry.how.get("datum"),
        mapping=entry.lines or None,
        progress=progress,
        **how,
    )


def read_territory(
    plan: Plan,
    *,
    settings: Settings,
    say: Callable[[str, str], None] = silent,
    **allowed: Any,
) -> Boundaries:
    """Read the boundaries of a folder, as `geo.territory.sources.read_boundaries` does.

    Parameters
    ----------
    plan : Plan
        With one entry of communities and one of compounds.
    settings : Settings
    say : callable, optional
        Told the notes of the files.
    **allowed
        What may be done to them, see `Boundaries`.

    Returns
    -------
    Boundaries

    Raises
    ------
    BannerGridError
        As `read_boundaries` does.
    """
    entries = {name: plan.of(name)[0] for name in _FILES if plan.of(name)}
    given: dict[str, dict[str | None, str]] = {}
    for name, entry in entries.items():
        stated = {**entry.how, **({"layer": entry.part.layer} if entry.part.layer else {})}
        for option in OPTIONS:
            if option in stated:
                given.setdefault(option, {})[name] = stated[option]
    columns = tuple(
        (name, column, str(heading))
        for name, entry in entries.items()
        if name != "outline"
        for column, heading in entry.columns.items()
        if column != "geometry"
    )
    sources = Sources(**{name: entry.part.path for name, entry in entries.items()})
    return read_boundaries(sources, Reading(given, columns), settings=settings, say=say, **allowed)


def load_territory(
    session: Session,
    drawn: Boundaries,
    *,
    info: EditionInfo,
    settings: Settings,
    say: Callable[[str, str], None] = silent,
) -> TerritoryLoaded:
    """Publish boundaries as the next edition, unless all their grids are there already.

    Names of divisions and compounds are taken over in either case.

    Parameters
    ----------
    session : Session
        Its transaction takes everything; nothing is committed here.
    drawn : Boundaries
    info : EditionInfo
        Where an edition begins later than `valid_from` says and nothing has changed, it is not
        asked for.
    settings : Settings
    say : callable, optional

    Returns
    -------
    TerritoryLoaded

    Raises
    ------
    BannerGridError
        As `publish_edition` does.
    """
    latest = session.scalar(select(func.max(t.Edition.valid_from)).where(t.TOOK_EFFECT))
    if latest is None:
        return TerritoryLoaded(
            publish_edition(session, drawn, info=info, settings=settings, say=say),
            unchanged=False,
        )
    tried = session.begin_nested()
    later = EditionInfo(
        info.title, max(latest, info.valid_from), info.synthetic, info.attribution, info.note
    )
    done = publish_edition(session, drawn, info=later, settings=settings, say=say)
    changed = (done.moves.grids["change"] != "unchanged").any()
    tried.rollback()
    if changed:
        # Now by the day that was asked for.
        return TerritoryLoaded(
            publish_edition(session, drawn, info=info, settings=settings, say=silent),
            unchanged=False,
        )
    if drawn.divisions is not None:
        registers.put_divisions(session, drawn.divisions)
    if done.divided is not None:
        boundaries.store_compounds(session, done.divided, valid_from=latest)
    return TerritoryLoaded(done, unchanged=True)
