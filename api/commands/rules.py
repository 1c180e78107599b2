"""`bannergrid rules`: who answers for which matter, where: checked, tried, put in force, shown."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from api.cli import settings
from api.commands.days import DAY
from api.commands.language import language, text
from geo.calendar import SITE_TIMEZONE

if TYPE_CHECKING:
    import pandas as pd
    from sqlalchemy.orm import Session

    from geo.routing.model import Category, RuleSet
    from geo.routing.service import Loaded
    from geo.routing.trial import Trial
    from geo.territory.model import Edition

FILE = click.Path(path_type=Path)
LEVELS = {
    "grid": ("网格", "grid"),
    "community": ("社区", "community"),
    "banner": ("区县", "county"),
}


@click.group(
    help=text(
        "派遣规则：哪类事项、在哪里、由哪个单位在多少小时内办理，逾期上报哪一级。",
        "Rules: which organisation answers for which matter, where, how soon, and who is above.",
    ),
    epilog=text(
        "规则文件为 TOML，每条规则一个 [[rule]]，写明 name、category、level、place、department、"
        "limit_h；bannergrid rules show --out 规则.toml 写出现行规则，可作样本。",
        "A file of rules is TOML: a [[rule]] each with name, category, level, place, department, "
        "limit_h. For a pattern write those in force: bannergrid rules show --out rules.toml.",
    ),
)
def command() -> None:
    """Group the commands."""


@command.command(
    help=text(
        "检查规则文件：未知的类别、单位、地点，重复或用不到的规则，无人负责的类别和中断的层级。"
        "有问题时以状态 1 结束，什么都不写入。",
        "Check a file of rules: unknown categories, organisations, places; rules that repeat "
        "others or never hold; categories that nobody answers for. Exits with 1 where there are "
        "faults; writes nothing.",
    )
)
@click.argument("file", type=FILE)
@click.pass_context
def check(ctx: click.Context, file: Path) -> None:
    """Name every fault of a file."""
    from geo.db.engine import open_session
    from geo.routing import proposal, service
    from geo.routing.check import check as find

    proposed = proposal.read(file)
    with open_session(settings(ctx)) as session:
        known = service.known(session)
    rules, findings = find(proposed, known)
    for each in findings:
        click.echo(f"{each.code}  {each.message(language())}")
    if findings:
        count = len(findings)
        click.echo(text(f"共 {count} 处问题", f"{count} faults"), err=True)
        ctx.exit(1)
    click.echo(
        text(
            f"{file.name}：{len(rules)} 条规则，{len(known.categories)} 个类别在 "
            f"{len(known.grids)} 个网格都有人负责，没有问题",
            f"{file.name}: {len(rules)} rules answer for {len(known.categories)} categories in "
            f"{len(known.grids)} grids; no fault",
        )
    )


@command.command(
    help=text(
        "从某一天起启用一套规则，原有规则到前一天为止；有任何问题则全部不载入。"
        "同一套规则再次载入不会改变数据。",
        "Put a set of rules in force from a day on; the one before ends there. All or nothing; "
        "the same set again changes nothing.",
    )
)
@click.argument("file", type=FILE)
@click.option(
    "--from",
    "valid_from",
    type=DAY,
    help=text(
        "从哪一天起生效（默认取文件中的 valid_from，没有则为今天）",
        "First day (default: valid_from of the file, else today)",
    ),
)
@click.option("--dry-run", is_flag=True, help=text("只演练，不写入", "Do everything but write"))
@click.pass_context
def load(ctx: click.Context, file: Path, *, valid_from: datetime | None, dry_run: bool) -> None:
    """Load one set in one transaction."""
    from geo.calendar import today
    from geo.db.engine import open_session
    from geo.routing import proposal
    from geo.workflows.load_rules import load_rules

    chosen = settings(ctx)
    proposed = proposal.read(file)
    first_day = valid_from.date() if valid_from else proposed.valid_from or today()
    with open_session(chosen) as session:
        done, rerouted = load_rules(session, proposed, valid_from=first_day, settings=chosen)
        if dry_run:
            session.rollback()
    _say_loaded(done, len(rerouted), dry_run=dry_run)


def _say_loaded(done: "Loaded", rerouted: int, *, dry_run: bool) -> None:
    made = done.rule_set
    called = text(
        f"第 {made.id} 套规则“{made.title}”，{len(made.rules)} 条，从 {made.valid_from} 起生效",
        f"Rule set {made.id} “{made.title}”: {len(made.rules)} rules, in force from "
        f"{made.valid_from}",
    )
    there = "" if done.is_new else text("（已在其中，没有变化）", " (there already, unchanged)")
    click.echo(called + there)
    if rerouted:
        click.echo(
            text(f"{rerouted} 起未办结事件改派", f"{rerouted} open incidents were routed anew")
        )
    if dry_run:
        click.echo(text("演练：没有写入任何数据", "Dry run: nothing was written"))


@command.command(
    help=text(
        "查看某一天生效的规则；--out 写成可以再次载入的 TOML 文件。",
        "Show the rules in force on a day; --out writes TOML that can be loaded again.",
    )
)
@click.option("--at", type=DAY, help=text("哪一天（默认今天）", "On which day (default: today)"))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=text("写成 TOML 文件", "Write a TOML file"),
)
@click.option("--force", is_flag=True, help=text("覆盖已有文件", "Replace a file"))
@click.pass_context
def show(ctx: click.Context, *, at: datetime | None, out: Path | None, force: bool) -> None:
    """Show one set."""
    from api.commands import tables
    from geo.calendar import today
    from geo.db.engine import open_session
    from geo.files.atomic import OutputThereError, atomic_file
    from geo.routing import proposal, repository, service
    from geo.territory import repository as territory

    if out is not None and out.exists() and not force:
        raise OutputThereError(file=str(out))
    day = at.date() if at else today()
    with open_session(settings(ctx)) as session:
        there = service.in_force(session, on=day)
        known = territory.edition(session)
        departments = repository.departments(session)
        categories = repository.categories(session)
    if out is not None:
        with atomic_file(out) as half:
            half.write_text(_marked(known) + proposal.as_toml(there), encoding="utf-8")
        count = len(there.rules)
        click.echo(text(f"已写出 {count} 条规则：{out}", f"{count} rules written: {out}"))
        return
    click.echo(_called(there, known))
    click.echo(tables.text_of(_rule_table(there, departments, categories)))


@command.command(
    "try",
    help=text(
        "用一套规则重算已有事件，列出会改派给其他单位、会改变时限的数量（按类别和社区）；"
        "不改动任何数据。",
        "Answer stored incidents by a set of rules and show what would go to another organisation "
        "or get another time limit, by category and community. Nothing is moved.",
    ),
)
@click.argument("file", type=FILE)
@click.option("--since", type=DAY, help=text("从哪天上报的事件起", "Reported on this day or later"))
@click.option("--until", type=DAY, help=text("到哪天之前上报的", "Reported before this day"))
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help=text("逐条写成文件（.csv 或 .xlsx）", "Write each such incident (.csv or .xlsx)"),
)
@click.option("--force", is_flag=True, help=text("覆盖已有文件", "Replace a file"))
@click.pass_context
def try_(
    ctx: click.Context,
    file: Path,
    *,
    since: datetime | None,
    until: datetime | None,
    out: Path | None,
    force: bool,
) -> None:
    """Replay stored incidents."""
    from api.commands import tables
    from geo.db.engine import open_session
    from geo.routing import proposal, trial
    from geo.territory import repository as territory
    from geo.territory.files import provenance_columns

    tables.check_out(out, force=force)
    proposed = proposal.read(file)
    days = [each.date() if each else None for each in (since, until)]
    with open_session(settings(ctx)) as session:
        tried = trial.run(session, proposed, since=days[0], until=days[1])
        names = _Names.read(session)
        known = territory.edition(session)
        session.rollback()
    _say_tried(file, tried, names, _synthetic(known))
    if out is not None:
        tables.write(
            names.beside(tried.rows).assign(**provenance_columns(known, language())),
            out,
            sheet="rules",
        )
        count = len(tried.rows)
        click.echo(text(f"已写出 {count} 起事件：{out}", f"{count} incidents written: {out}"))


@dataclass(frozen=True)
class _Names:
    """What codes stand for, in the language of this process."""

    categories: dict[str, str]
    departments: dict[str, str]
    communities: dict[str, str]

    @classmethod
    def read(cls, session: "Session") -> "_Names":
        from geo.calendar import today
        from geo.codes import COMMUNITY_DIGITS
        from geo.routing import repository
        from geo.territory import repository as territory

        grids = territory.names(session, territory.edition(session), today())
        of_community = grids["community"]
        if language() == "en":
            of_community = grids["community_en"].fillna(of_community)
        return cls(
            categories={
                code: text(each.name, each.name_en)
                for code, each in repository.categories(session).items()
            },
            departments=repository.departments(session),
            communities=dict(zip(grids.index.str[:COMMUNITY_DIGITS], of_community, strict=True)),
        )

    def beside(self, rows: "pd.DataFrame") -> "pd.DataFrame":
        """Put names beside the codes of a table, and moments as the banner's clock shows them."""
        known = {
            "category": self.categories,
            "community": self.communities,
            "from_department": self.departments,
            "to_department": self.departments,
        }
        made = rows.copy()
        for column in [name for name in known if name in rows]:
            at = list(made.columns).index(column) + 1
            made.insert(at, f"{column}_name", rows[column].map(known[column]))
        if "reported_at" in made:
            clock = made["reported_at"].dt.tz_convert(SITE_TIMEZONE)
            made["reported_at"] = clock.dt.strftime("%Y-%m-%d %H:%M:%S%z")
        return made


def _say_tried(file: Path, tried: "Trial", names: _Names, synthetic: str) -> None:
    from api.commands import tables

    counts = [int(each["incidents"].sum()) for each in (tried.moves, tried.limits, tried.ladders)]
    moved, hurried, climbing = counts
    click.echo(
        text(
            f"{file.name}：试算 {tried.tried} 起有网格的事件{synthetic}，{moved} 起会改派，"
            f"{hurried} 起会改变时限，{climbing} 起仅逾期上报有变；没有改动任何数据",
            f"{file.name}: of {tried.tried} incidents in grids{synthetic}, {moved} would go to "
            f"another organisation, {hurried} get another time limit, {climbing} other steps above "
            "only; nothing was moved",
        )
    )
    for title, counted in (
        (text("改派：", "To another organisation:"), tried.moves),
        (text("改变时限（小时）：", "Another time limit, in hours:"), tried.limits),
        (
            text("首先由谁办理不变，逾期上报有变：", "The same at first, other steps above:"),
            tried.ladders,
        ),
    ):
        if len(counted):
            click.echo(f"\n{title}")
            click.echo(tables.text_of(_readable(names.beside(counted))))


def _readable(counted: "pd.DataFrame") -> "pd.DataFrame":
    """Show names in place of codes, where there are any."""
    headings = {
        "category": ("类别", "category"),
        "community": ("社区", "community"),
        "from_department": ("现由", "from"),
        "to_department": ("改由", "to"),
        "from_limit_h": ("现限", "from"),
        "to_limit_h": ("改限", "to"),
        "incidents": ("事件", "incidents"),
        "open": ("未办结", "open"),
    }
    made = counted.copy()
    for column in [name for name in made if str(name).endswith("_name")]:
        code = str(column).removesuffix("_name")
        named = made[column].fillna(made[code])
        # Communities of two towns may have one name.
        is_place = code == "community"
        made[code] = made[code] + " " + made[column].fillna("") if is_place else named
    kept = [name for name in headings if name in made]
    return made[kept].set_axis([text(*headings[name]) for name in kept], axis="columns")


def _marked(known: "Edition") -> str:
    attribution = " ".join(known.attribution.split())
    return f"# {attribution}{_synthetic(known)}\n"


def _synthetic(known: "Edition") -> str:
    return text("，合成数据", ", synthetic") if known.synthetic else ""


def _called(there: "RuleSet", known: "Edition") -> str:
    until = (
        text("起", " on") if there.valid_to is None else text("至 ", " to ") + str(there.valid_to)
    )
    return text(
        f"第 {there.id} 套规则“{there.title}”，{there.valid_from} {until}{_synthetic(known)}",
        f"Rule set {there.id} “{there.title}”, from {there.valid_from}{until}{_synthetic(known)}",
    )


def _rule_table(
    there: "RuleSet", departments: dict[str, str], categories: "dict[str, Category]"
) -> "pd.DataFrame":
    import pandas as pd

    headings = [
        text("规则", "rule"),
        text("类别", "category"),
        text("名称", "named"),
        text("层级", "level"),
        text("地点", "place"),
        text("单位", "department"),
        text("时限（小时）", "hours"),
    ]
    rows = [
        (
            each.name,
            each.category,
            _name_of(categories, each.category),
            text(*LEVELS[each.level]),
            each.place,
            departments.get(each.department, each.department),
            f"{each.limit_h:g}",
        )
        for each in there.rules
    ]
    return pd.DataFrame(rows, columns=headings)


def _name_of(categories: "dict[str, Category]", code: str) -> str:
    known = categories.get(code)
    return code if known is None else text(known.name, known.name_en)
