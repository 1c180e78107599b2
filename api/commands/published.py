"""What commands say of an edition that was published, or would be."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from api.commands.language import text

if TYPE_CHECKING:
    from geo.workflows.publish_edition import Moves, Published

LISTED_MOVES = 20
LISTED_GRIDS = 5
COUNTS_ZH = {
    "new": "新增",
    "changed": "变更",
    "gone": "停用",
    "unchanged": "未变",
    "households": "换网格的住户",
    "incidents": "换网格的事件",
    "rerouted": "重新派遣的事件",
    "hidden": "不再显示数字的网格",
    "shown_again": "重新显示数字的网格",
}


def _counts(done: "Published") -> dict[str, int]:
    changes = done.moves.grids["change"].value_counts()
    found = {
        **{name: int(changes.get(name, 0)) for name in ("new", "changed", "gone", "unchanged")},
        "households": len(done.moves.households),
        "incidents": len(done.moves.incidents),
    }
    if not done.in_force:
        return found  # who answers then, and what is hidden, is decided on its day
    return found | {
        "rerouted": len(done.rerouted),
        "hidden": len(done.hiding.few) + len(done.hiding.redrawn),
        "shown_again": len(done.hiding.shown),
    }


def say_published(done: "Published", *, dry_run: bool) -> None:
    """Say what is new of an edition."""
    divided = done.divided
    if divided is not None and len(divided.moved):
        click.echo(text("修补移动的面积（平方米）：", "What mending moved (m2):"))
        click.echo(
            divided.moved.head(LISTED_MOVES).to_string(index=False, float_format="{:,.2f}".format)
        )
    if divided is not None and divided.retired is not None:
        codes = divided.retired.values["listed"]
        click.echo(text(f"停用网格编码：{codes}", f"Codes retired: {codes}"), err=True)
    levels, numbers = done.grids["level"].value_counts(), _counts(done)
    counts = text(
        "，".join(f"{COUNTS_ZH[name]} {n}" for name, n in numbers.items()),
        ", ".join(f"{name} {n}" for name, n in numbers.items()),
    )
    head = text(
        f"第 {done.edition} 版：一级网格 {levels.get(1, 0)} 个，二级网格 {levels.get(2, 0)} 个",
        f"Edition {done.edition}: {levels.get(1, 0)} level-one, {levels.get(2, 0)} level-two grids",
    )
    tail = text("（演练，未写入）", " (dry run, nothing written)") if dry_run else ""
    click.echo(f"{head}{tail}\n  {counts}")
    _say_day(done)
    for zh, en in [*_succession(done.moves), *_rules(done.moves)]:
        click.echo(text(zh, en), err=True)
    names = dict(zip(done.grids["code"], done.grids["name"], strict=True))
    for change in ("new", "changed", "gone"):
        codes = done.moves.grids.loc[done.moves.grids["change"] == change, "code"]
        # The first edition is new as a whole.
        if 0 < len(codes) < len(done.moves.grids):
            click.echo(_say_changed(change, list(codes), names))


def _say_day(done: "Published") -> None:
    """Say when an edition takes effect that does not yet, and what follows it."""
    if not done.in_force:
        click.echo(
            text(
                f"  {done.valid_from} 起生效；在此之前一切照旧，以上为届时的变动",
                f"  takes effect on {done.valid_from}; until then nothing changes, and these are "
                "the changes of that day",
            )
        )
    for before, number in done.repeated.items():
        click.echo(
            text(
                f"  已排定的第 {before} 版不含本次改动，改为第 {number} 版继续等待生效。"
                "如应包含，请重新绘制并以同一日期载入",
                f"  edition {before}, which is planned for a later day, does not contain these "
                f"changes; it follows as edition {number}. If it should contain them, draw it anew "
                "and load it for the same day",
            )
        )


def _succession(moves: "Moves") -> Iterator[tuple[str, str]]:
    """Say who goes on elsewhere of those who held a post of a grid that is gone, and who ends."""
    from geo.people.facts import posts

    alike = ["role", "grid_code", "successor", "goes_on"]
    found = moves.succession.groupby(alike, dropna=False, sort=False).size().reset_index(name="n")
    for role, code, to, goes_on, count in zip(
        *(found[name] for name in (*alike, "n")), strict=True
    ):
        zh, en = (posts()[role].zh, posts()[role].en) if role else ("结对单位", "Organisation")
        many_zh, many_en = (f"（{count} 个）", f" ({count})") if count > 1 else ("", "")
        zh, en = f"  {code} 的{zh}{many_zh}", f"  {en}{many_en} of {code}"
        if goes_on:
            yield f"{zh}转到 {to}", f"{en} goes on at {to}"
        elif not isinstance(to, str):
            yield f"{zh}随网格停用而终止", f"{en} ends with the grid"
        else:
            yield f"{zh}终止：{to} 已有", f"{en} ends: {to} has one already"


def _rules(moves: "Moves") -> Iterator[tuple[str, str]]:
    """Say which rules go on for which grids, and where another rule holds from now on."""
    rows = moves.rules
    for rule, code, to, goes_on in zip(
        rows["rule"], rows["grid_code"], rows["successor"], rows["goes_on"], strict=True
    ):
        zh, en = f"  规则“{rule}”（{code}）", f"  rule {rule} of {code}"
        if goes_on:
            yield f"{zh}也适用于 {to}", f"{en} holds for {to} too"
            continue
        zh_there, en_there = (f"归 {to}", f"is {to}'s") if to else ("不属任何网格", "is no grid's")
        hint_zh = "如应不同，请修改规则表后执行 bannergrid rules load"
        hint_en = (
            "if another rule should hold there, change the table and run bannergrid rules load"
        )
        yield (
            f"{zh}不再适用：地块{zh_there}。{hint_zh}",
            f"{en} ends: its ground {en_there}; {hint_en}",
        )


def _say_changed(change: str, codes: list[str], names: dict[str, str]) -> str:
    """Name the first grids of a change, and count the others."""
    some = [f"{names.get(code) or ''} {code}".strip() for code in codes[:LISTED_GRIDS]]
    more = len(codes) - len(some)
    chinese = f"  {COUNTS_ZH[change]}：{'、'.join(some)}"
    english = f"  {change}: {', '.join(some)}"
    if more:
        chinese, english = f"{chinese}，另有 {more} 个", f"{english} and {more} more"
    return text(chinese, english)
