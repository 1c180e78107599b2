"""What the words of a list's categories may mean, where ours are others."""

from dataclasses import replace

from geo.db.categories import standard
from geo.files.values import as_text
from geo.intake import facts, named
from geo.intake.categories import Named, propose
from geo.intake.folder.model import Entry, Question, Say
from geo.intake.folder.said import toml
from geo.intake.kinds import KINDS
from geo.text import name_key

_SHOWN = 5


def settle_categories(entries: list[Entry]) -> tuple[list[Entry], list[Question]]:
    """Propose for each word of a category what it means, by the categories of the product.

    A site's own are in its database, which is not asked: what a mapping file says counts.
    """
    made, questions = [], []
    for entry in entries:
        settled, asked = _settled(entry)
        made.append(settled)
        questions += asked
    return made, questions


def _named_by() -> Named:
    return [
        (row["code"], (row["code"], row["name"], row["name_en"], *row["aliases"]))
        for row in standard()
    ]


def _settled(entry: Entry) -> tuple[Entry, list[Question]]:
    if entry.skip or entry.kind not in KINDS:
        return entry, []
    for column in facts.kind(str(entry.kind)).columns.values():
        heading = entry.columns.get(column.name)
        if column.type != "category" or not isinstance(heading, str):
            continue
        cells = as_text(entry.part.table.cells[heading]).dropna()
        known = named.meanings(_named_by())
        words = [word for word in cells.unique() if name_key(word) not in known]
        if not words:
            continue
        meant = propose(words, _named_by())
        values = {word: code for word, code in meant.items() if code is not None}
        lost = [word for word, code in meant.items() if code is None]
        return _with_values(entry, column.name, heading, values, lost)
    return entry, []


def _with_values(
    entry: Entry, name: str, heading: str, values: dict[str, str], lost: list[str]
) -> tuple[Entry, list[Question]]:
    why = entry.why
    if lost:
        shown = "、".join(lost[:_SHOWN])
        why = (
            *why,
            Say(
                f"{len(lost)} 种“{heading}”不知是哪一类，其行会被退回：{shown}",
                f"{len(lost)} words of {heading!r} mean no category that is known, and their rows "
                f"will be rejected: {shown}",
            ),
        )
    line = {"heading": heading, "values": values}
    key = entry.part.key
    made = replace(
        entry,
        columns={**entry.columns, name: line},
        proposed=entry.proposed | {name},
        why=why,
        unknown_words=tuple(lost),
    )
    if not values:
        return made, []
    some = "、".join(f"{word} = {code}" for word, code in list(values.items())[:_SHOWN])
    ask = Say(
        f"{key} 中 {len(values)} 种“{heading}”的含义是否正确：{some}…",
        f"{key}: are the meanings of {len(values)} words of {heading!r} right: {some} …",
    )
    written = "\n".join(f"{toml(word)} = {toml(code)}" for word, code in values.items())
    where = f"[file.{toml(key)}.columns.{name}]\nheading = {toml(heading)}"
    values_at = f"[file.{toml(key)}.columns.{name}.values]"
    return made, [Question(ask, f"{where}\n{values_at}\n{written}", answered=True)]
