"""What commands say of an edition that was published, or would be."""

from typing import TYPE_CHECKING

import click

from api.commands.language import text

if TYPE_CHECKING:
    from geo.workflows.publish_edition import Published

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
    return {
        **{name: int(changes.get(name, 0)) for name in ("new", "changed", "gone", "unchanged")},
        "households": len(done.moves.households),
        "incidents": len(done.moves.incidents),
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
    names = dict(zip(done.grids["code"], done.grids["name"], strict=True))
    for change in ("new", "changed", "gone"):
        codes = done.moves.grids.loc[done.moves.grids["change"] == change, "code"]
        # The first edition is new as a whole.
        if 0 < len(codes) < len(done.moves.grids):
            click.echo(_say_changed(change, list(codes), names))


def _say_changed(change: str, codes: list[str], names: dict[str, str]) -> str:
    """Name the first grids of a change, and count the others."""
    some = [f"{names.get(code) or ''} {code}".strip() for code in codes[:LISTED_GRIDS]]
    more = len(codes) - len(some)
    chinese = f"  {COUNTS_ZH[change]}：{'、'.join(some)}"
    english = f"  {change}: {', '.join(some)}"
    if more:
        chinese, english = f"{chinese}，另有 {more} 个", f"{english} and {more} more"
    return text(chinese, english)
