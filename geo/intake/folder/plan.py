"""A folder, looked through: what each file is, what is loaded first, what is to be said."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from geo.errors import BannerGridError
from geo.files.limits import Limits
from geo.intake.folder import boundaries, checks, days, parts, recognition, wording
from geo.intake.folder.model import (
    TERRITORY,
    Candidate,
    Entry,
    Part,
    Plan,
    Question,
    Say,
    Unread,
)
from geo.intake.folder.said import Said, toml
from geo.intake.kinds import KINDS
from geo.intake.personal import is_personal_heading
from geo.settings import Settings

ORDER = (*TERRITORY, *KINDS)
# Of each of these a folder has one.
# Lines of a mapping file that are of no column, see `geo.intake.mapping.Mapping`.
FILE_LINES = ("fill_down", "sheet", "year")
SINGLE = ("outline", "divisions", "communities", "compounds")
_SHOWN = 3


def silent(_name: str) -> None:
    """Tell nobody."""


def look(
    folder: Path,
    *,
    settings: Settings,
    said: Said = Said(),  # noqa: B008 - frozen
    datum: str | None = None,
    tell: Callable[[str], None] = silent,
) -> Plan:
    """Look through a folder; nothing is loaded, and no database is asked.

    What the mapping file says counts; what it does not say is proposed. Where a proposal is not
    certain a question stands in the plan, and the folder is not to be loaded before it is answered.

    Parameters
    ----------
    folder : Path
    settings : Settings
        Limits of files.
    said : Said, optional
        The mapping file.
    datum : str, optional
        Of lists of coordinates whose file does not say it.
    tell : callable, optional
        Told the name of each file before it is read.

    Returns
    -------
    Plan

    Raises
    ------
    FileRefusedError
        If there is no such folder.
    """
    found, unread = parts.read_folder(
        folder, limits=Limits.of(settings), encodings=said.encodings, tell=tell
    )
    entries, questions = _entries(found, said)
    entries, more = checks.settle_doubles(entries, said)
    questions += more
    entries, more = checks.settle_coordinates(entries, datum=datum, settings=settings)
    questions += more
    first = days.first_month(entries)
    entries = days.settle_pairings(entries, first)
    questions += checks.ask_columns(entries)
    entries, more = wording.settle_categories(entries)
    questions += more
    questions += _two_of_one(entries)
    missing = checks.missing(entries)
    entries.sort(key=_place)
    named = {*(each.part.key for each in entries), *(each.part.path.name for each in entries)}
    unread += [
        Unread(
            key,
            Say("映射文件写到了它，但文件夹中没有", "the mapping file names it; it is not there"),
        )
        for key in said.files
        if key not in named and key not in {each.name for each in unread}
    ]
    return Plan(folder, tuple(entries), tuple(unread), tuple(questions), tuple(missing), first)


def _place(entry: Entry) -> tuple[int, int]:
    known = ORDER.index(entry.kind) if entry.kind in ORDER else len(ORDER)
    return int(entry.skip or entry.kind not in ORDER), known


def _entries(found: list[Part], said: Said) -> tuple[list[Entry], list[Question]]:
    told = {
        part.key: str(said.of(part.key)["kind"]) for part in found if "kind" in said.of(part.key)
    }
    # Those of which it was said what they are help to tell the others apart.
    layers = [
        layer
        for part in found
        if not said.of(part.key).get("skip") and (layer := boundaries.layer_of(part)) is not None
    ]
    roles = boundaries.assign_roles(layers, told)
    others = [key for key, each in roles.chosen.items() if each.kind == "other"]
    chosen = {key: each for key, each in roles.chosen.items() if key not in others}
    entries, questions = [], []
    for part in found:
        own = said.of(part.key)
        if part.key in told:
            entries.append(_told(part, told[part.key], said, chosen.get(part.key)))
        elif own.get("skip"):
            entries.append(Entry(part, None, skip=True))
        elif part.key in chosen:
            entry = _proposed(part, chosen[part.key], said)
            entries.append(entry)
            if part.key in roles.unsure:
                questions.append(_which(part, roles.unsure[part.key]))
        else:
            candidates = recognition.recognise(part)
            entry = _proposed(part, candidates[0], said) if candidates else Entry(part, None)
            if not candidates:
                entry = replace(entry, why=(_unknown(part),), skip=True)
            elif not recognition.leads(candidates):
                questions.append(_which(part, [each.kind for each in candidates[:_SHOWN]]))
            entries.append(entry)
    return entries, questions


def _told(part: Part, kind: str, said: Said, drawn: Candidate | None) -> Entry:
    if drawn is not None and drawn.kind == kind:
        return replace(_proposed(part, drawn, said), skip=bool(said.of(part.key).get("skip")))
    headings = list(map(str, part.table.cells.columns))
    columns, proposed = recognition.find_columns(
        headings, kind, cut_by=part.table.cut_by, has_geometry=part.table.geometry is not None
    )
    made = _proposed(part, Candidate(kind, 0.0, columns, proposed), said)
    return replace(made, skip=bool(said.of(part.key).get("skip")))


def _proposed(part: Part, candidate: Candidate, said: Said) -> Entry:
    own = said.of(part.key)
    lines = said.lines(candidate.kind, part.key)
    columns: dict[str, Any] = {**candidate.columns, **lines}
    columns = {name: each for name, each in columns.items() if name not in FILE_LINES}
    headings = list(map(str, part.table.cells.columns))
    used = _headings_in(columns.values())
    left = [each for each in headings if each not in used and not each.startswith("?")]
    return Entry(
        part=part,
        kind=candidate.kind,
        columns=columns,
        said=lines,
        proposed=candidate.proposed - set(lines),
        how={name: str(own[name]) for name in ("datum", "crs", "encoding") if name in own},
        personal=tuple(each for each in left if is_personal_heading(each)),
        unused=tuple(each for each in left if not is_personal_heading(each)),
    )


def _headings_in(lines: Iterable[object]) -> set[str]:
    found: set[str] = set()
    for line in lines:
        if isinstance(line, str):
            found.add(line)
        elif isinstance(line, dict):
            found |= {str(line["heading"])} if "heading" in line else set()
            found |= set(map(str, line.get("join", [])))
    return found


def _unknown(part: Part) -> Say:
    listed = ", ".join(list(map(str, part.table.cells.columns))[:12])
    return Say(
        f"没有一类数据与它的表头相符：{listed}",
        f"its headings are of no kind of list: {listed}",
    )


def _which(part: Part, kinds: list[str]) -> Question:
    return Question(
        Say(
            f"{part.key} 可能是：{'、'.join(checks.called(kind).zh for kind in kinds)}，请写明",
            f"{part.key} could be {' or '.join(checks.called(kind).en for kind in kinds)}; say "
            "which",
        ),
        f'[file.{toml(part.key)}]\nkind = "{kinds[0]}"    # {" | ".join(kinds[1:])}',
        unsure=(part.key,),
    )


def _two_of_one(entries: list[Entry]) -> list[Question]:
    questions = []
    for kind in SINGLE:
        several = [each.part.key for each in entries if each.kind == kind and not each.skip]
        if len(several) > 1:
            name = checks.called(kind)
            questions.append(
                Question(
                    Say(
                        f"{'、'.join(several)} 都像是{name.zh}，只能载入一个；请对其余的写 skip",
                        f"{', '.join(several)} all look like {name.en}, and one is loaded; skip "
                        "the others",
                    ),
                    "\n".join(f"[file.{toml(key)}]\nskip = true" for key in several[1:]),
                    unsure=tuple(several),
                )
            )
    return questions


def explain(error: BannerGridError) -> Say:
    """Give an error's sentence in both languages."""
    return Say(error.message("zh"), error.message("en"))
