"""The mapping file that is written for somebody to look through and edit."""

from collections.abc import Callable

from geo.calendar import today
from geo.errors import Language
from geo.intake.folder.checks import called
from geo.intake.folder.model import ROLES, Entry, Plan, Say
from geo.intake.folder.said import toml
from geo.intake.kinds import KINDS

_HEAD = Say(
    "# 由 bannergrid inspect 写出，请核对后用 bannergrid load-folder 载入。\n"
    "# 以 # 开头的列名行已自动识别；识别有误时去掉 # 并改正。等号左边是标准列名，右边是表头。\n"
    '# 也可写：列 = { join = ["小区", "楼号"] }、{ value = "常量" }、{ heading = "政治面貌", '
    'values = { "中共党员" = "是" } }\n'
    '# 不载入某个文件：skip = true；坐标：datum = "gcj02"；边界未注明坐标系：crs = "EPSG:4528"',
    "# Written by bannergrid inspect: look it through, then load with bannergrid load-folder.\n"
    "# Lines of columns that begin with # were recognised; where one is wrong take the # away and "
    "correct it.\n"
    '# There are also: column = { join = ["Block", "Flat"] }, { value = "constant" }, '
    '{ heading = "Party", values = { "member" = "yes" } }\n'
    '# To leave a file out: skip = true; coordinates: datum = "wgs84"; boundaries that state no '
    'CRS: crs = "EPSG:32725"',
)
_TERRITORY = Say(
    "# 版本名称、生效日期（默认：首次载入为最早走访所在的月，以后为今天）、是否修补缝隙与重叠\n"
    '# title = ""\n# valid_from = {day}\n# mend = true',
    "# Title and first day of the edition (by default of the first one the month of the earliest "
    "visit, then today); whether gaps and overlaps are mended\n"
    '# title = ""\n# valid_from = {day}\n# mend = true',
)
_TO_LOAD = Say(
    "# 要载入它：删去 skip 一行，去掉下面各行的 #，写明它是哪一种（{kinds}）和各列的表头\n"
    '# kind = ""\n# [file.{key}.columns]\n# {column} = "{heading}"',
    "# To load it: take out the line of skip, take the # off these lines, and say of which kind it "
    'is ({kinds}) and the heading of each column\n# kind = ""\n# [file.{key}.columns]\n'
    '# {column} = "{heading}"',
)
_TO_FILL_IN = Say(
    "没有相近的类别：请填写编码并去掉 #（清单见 bannergrid categories list），否则其行会被退回",
    "Nothing is near these: fill in a code and take the # away (see bannergrid categories list), "
    "or their rows are rejected",
)


def draft(plan: Plan, language: Language) -> str:
    """Write a plan as a mapping file; what is not known stands there as a comment to complete.

    Parameters
    ----------
    plan : Plan
    language : {"zh", "en"}
        Of the comments.

    Returns
    -------
    str
        TOML that `said.read` reads.
    """

    def say(each: Say) -> str:
        return each.zh if language == "zh" else each.en

    unsure = {key for each in plan.questions for key in each.unsure}
    blocks = [say(_HEAD)]
    if plan.of("communities") or plan.of("compounds"):
        day = plan.first_month or today().replace(day=1)
        blocks.append("[territory]\n" + say(_TERRITORY).format(day=day))
    for entry in plan.entries:
        lines = _block(entry, say, unsure=entry.part.key in unsure)
        asked = [
            each
            for each in plan.questions
            if not each.answered and toml(entry.part.key) in each.write
        ]
        for each in asked:
            lines += [f"# {say(Say('待定：', 'to be said: '))}{_one_line(say(each.ask))}"]
            lines += [f"#   {line}" for line in each.write.splitlines() if not line.startswith("[")]
        lines += _tables_of_words(entry, say)
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks) + "\n"


def _block(entry: Entry, say: Callable[[Say], str], *, unsure: bool) -> list[str]:
    key = toml(entry.part.key)
    kind = entry.kind or "?"
    name = say(called(kind)) if entry.kind else say(Say("未识别", "not recognised"))
    rows = len(entry.part.table.cells)
    lines = [f"[file.{key}]", f"# {name}，{rows} {say(Say('行', 'rows'))}"]
    lines += [f"# {_one_line(say(each))}" for each in entry.why]
    if entry.kind is not None:
        lines.append(f"{'# ' if unsure else ''}kind = {toml(kind)}")
    if entry.skip and not unsure:
        lines.append("skip = true")
    if entry.kind is None:
        cells = entry.part.table.cells
        first = toml(str(cells.columns[0]))[1:-1] if len(cells.columns) else ""
        kinds = ", ".join(each for each in ROLES if each in ("communities", "compounds", *KINDS))
        lines.append(
            say(_TO_LOAD).format(kinds=kinds, key=key, column="external_id", heading=first)
        )
    lines += [f"{name} = {toml(value)}" for name, value in entry.how.items()]
    if entry.personal:
        private = say(Say("个人信息，不读取", "private, not read"))
        lines.append(f"# {private}：{_listed(entry.personal)}")
    if entry.unused:
        lines.append(f"# {say(Say('没有用到', 'not used'))}：{_listed(entry.unused)}")
    if entry.kind is not None and not entry.skip and entry.columns:
        lines.append(f"[file.{key}.columns]")
        for column, heading in entry.columns.items():
            if _has_words(heading):
                continue
            certain = isinstance(heading, str) and column not in entry.proposed
            look = say(Say("请核对", "please check")) if column in entry.proposed else ""
            lines.append(
                f"{'# ' if certain else ''}{column} = {toml(heading)}"
                + (f"    # {look}" if look else "")
            )
    return lines


def _has_words(line: object) -> bool:
    return isinstance(line, dict) and "values" in line


def _tables_of_words(entry: Entry, say: Callable[[Say], str]) -> list[str]:
    """Write the columns whose words have meanings as tables, a line a word; they come last."""
    lines: list[str] = []
    for column, line in entry.columns.items():
        if entry.skip or not _has_words(line) or not isinstance(line, dict):
            continue
        table = f"file.{toml(entry.part.key)}.columns.{column}"
        lines.append(f"[{table}]")
        lines += [f"{name} = {toml(each)}" for name, each in line.items() if name != "values"]
        lines.append(f"[{table}.values]")
        lines += [f"{toml(word)} = {toml(each)}" for word, each in line["values"].items()]
        if entry.unknown_words:
            lines.append(f"# {say(_TO_FILL_IN)}")
            lines += [f'# {toml(word)} = ""' for word in entry.unknown_words]
    return lines


def _listed(headings: tuple[str, ...]) -> str:
    return "、".join(_one_line(each) for each in headings)


def _one_line(text: str) -> str:
    return " ".join(text.split())
