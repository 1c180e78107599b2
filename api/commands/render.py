"""`bannergrid render`: maps and figures of a month, each in a file that opens without a network."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.commands import outputs
from api.commands.language import text
from geo.files.atomic import OutputThereError, refuse_ending

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from api.products.measured import Progress
    from layers.paper.sheet import Paper

_READING = text("读取月份", "Reading the months")
HEAT_ENDINGS = (".html", ".png", ".pdf", ".tif")
GRID_ENDINGS = (".html", ".png", ".pdf")


@click.group(
    help=text(
        "把一个月的地图或数字写成一个文件，不联网也能打开。",
        "Write the maps or figures of a month to one file that opens without a network.",
    )
)
def command() -> None:
    """Group the commands."""


@command.command(
    help=text(
        "走访覆盖率图。--out 的扩展名决定格式：.html、.png、.pdf。",
        "The coverage map. The ending of --out says in what form: .html, .png or .pdf.",
    )
)
@outputs.shared
@click.option(
    "--level",
    type=click.Choice(["1", "2"]),
    default="2",
    show_default=True,
    help=text("网页：先显示的网格层级", "Of a page: level that is shown first"),
)
@click.pass_context
def coverage(ctx: click.Context, /, *, out: Path, level: str, **chosen: Any) -> None:
    """Write the coverage map."""
    from api.products import pictures

    refuse_ending(out, GRID_ENDINGS)
    ending = out.suffix.lower()

    def draw(session: "Session", months: "list[date]", _step: "Progress", **common: Any) -> bytes:
        (month,) = months
        if ending != ".html":
            common["measure"] = "coverage"
            return pictures.grids_picture(session, month=month, kind=ending[1:], **common)
        page = pictures.coverage_page(
            session, month=month, level=int(level), assets="inline", **common
        )
        return page.encode()

    outputs.produce(ctx, draw, label=None, out=out, **chosen)


@command.command(help=text("入户走访热力图（方格计数）", "The map of visits, counted in squares"))
@outputs.shared
@click.pass_context
def visits(ctx: click.Context, /, *, out: Path, **chosen: Any) -> None:
    """Write the map of visits."""
    from api.products import pictures

    refuse_ending(out, (".html",))

    def draw(session: "Session", months: "list[date]", _step: "Progress", **common: Any) -> bytes:
        (month,) = months
        return pictures.visit_page(session, month=month, assets="inline", **common).encode()

    outputs.produce(ctx, draw, label=None, out=out, **chosen)


@command.command(
    help=text(
        "核密度热力图：走访、未走访或事件。--out 的扩展名决定格式："
        ".html（可看多个月的变化）、.png、.pdf、.tif（GeoTIFF）。",
        "A kernel density map of visits, gaps or incidents. The ending of --out says in what "
        "form: .html (also a time-lapse), .png, .pdf or .tif (GeoTIFF).",
    )
)
@outputs.shared
@click.option(
    "--of",
    "quantity",
    type=click.Choice(["visits", "gaps", "incidents"]),
    default="gaps",
    show_default=True,
    help=text("走访、未走访的住户、事件", "Visits, households not visited, incidents"),
)
@click.option(
    "--ratio",
    is_flag=True,
    help=text(
        "图片与栅格：与住户之比，而不是密度",
        "Of a picture or raster: the ratio to households instead of the density",
    ),
)
@click.option(
    "--bandwidth-m",
    type=click.FloatRange(min=1),
    default=200.0,
    show_default=True,
    help=text("高斯核的带宽（标准差），米", "Bandwidth (standard deviation) of the kernel, metres"),
)
@outputs.months_option(1, "网页：截至该月的月数", "Of a page: how many months up to that one")
@click.option(
    "--town",
    metavar="CODE",
    help=text(
        "图片与栅格：乡镇编码（图片默认政府所在地，栅格默认全部）",
        "Of a picture or raster: code of the town (default: the seat; of a raster: all)",
    ),
)
@click.option("--paper", type=click.Choice(["A4", "A3"]), default="A4", show_default=True)
@click.pass_context
def heat(
    ctx: click.Context,
    /,
    *,
    out: Path,
    months: int,
    quantity: str,
    bandwidth_m: float,
    ratio: bool,
    town: str | None,
    paper: "Paper",
    **chosen: Any,
) -> None:
    """Write a heat map."""
    from api.products import heat_pictures

    refuse_ending(out, HEAT_ENDINGS)
    ending = out.suffix.lower()
    of_sheet: dict[str, Any] = {"form": "ratio" if ratio else "density", "town": town}

    def draw(session: "Session", there: "list[date]", step: "Progress", **common: Any) -> bytes:
        cells = heat_pictures.cells_of(session, there, common["settings"], step)
        common |= {"quantity": quantity, "bandwidth_m": bandwidth_m}
        if ending == ".html":
            page = heat_pictures.heat_page(session, cells, assets="inline", **common)
            return page.encode()
        if ending == ".tif":
            return heat_pictures.heat_geotiff(session, cells, **common, **of_sheet)
        return heat_pictures.heat_picture(
            session, cells, kind=ending[1:], paper=paper, **common, **of_sheet
        )

    count = months if ending == ".html" else 1
    outputs.produce(ctx, draw, label=_READING, out=out, months=count, **chosen)


@command.command(
    help=text(
        "单项指标的网格图：覆盖、结对、逾期、工作量、事件、网格内解决。"
        "--out 的扩展名决定格式：.html、.png、.pdf。",
        "One measure by grid: coverage, pairing, days overdue, workload, incidents, solved in the "
        "grid. The ending of --out says in what form: .html, .png or .pdf.",
    )
)
@outputs.shared
@click.option("--measure", metavar="NAME", required=True, help=text("指标名称", "The measure"))
@outputs.months_option(1, "网页：截至该月的月数", "Of a page: how many months up to that one")
@click.pass_context
def grids(ctx: click.Context, /, *, out: Path, measure: str, months: int, **chosen: Any) -> None:
    """Write the map of one measure."""
    from api.products import pictures
    from layers.options import check_option
    from layers.styles import MEASURES

    refuse_ending(out, GRID_ENDINGS)
    check_option("measure", measure, MEASURES)
    ending = out.suffix.lower()

    def draw(session: "Session", there: "list[date]", step: "Progress", **common: Any) -> bytes:
        common["measure"] = measure
        if ending == ".html":
            return pictures.report_page(session, months=there, progress=step, **common).encode()
        return pictures.grids_picture(session, month=there[-1], kind=ending[1:], **common)

    whole = ending == ".html"
    outputs.produce(
        ctx,
        draw,
        label=_READING if whole else None,
        out=out,
        months=months if whole else 1,
        **chosen,
    )


@command.command(
    help=text(
        "全部数字和数据字典。--out 的扩展名决定格式：.xlsx、.csv（字典另存一份）或 .gpkg。",
        "Every figure with a dictionary of the columns. The ending of --out says in what form: "
        ".xlsx, .csv (the dictionary in a file beside it) or .gpkg.",
    )
)
@outputs.shared
@outputs.months_option(1, "截至该月的月数", "How many months up to that one")
@click.pass_context
def figures(ctx: click.Context, /, *, out: Path, force: bool, **chosen: Any) -> None:
    """Write the figures."""
    from api.products import pictures
    from layers.files import exports

    exports.check_ending(out)
    for name in exports.written_to(out):
        if name.exists() and not force:
            raise OutputThereError(file=str(name))

    def draw(session: "Session", there: "list[date]", step: "Progress", **common: Any) -> None:
        table, borders = pictures.figures(session, months=there, progress=step, **common)
        exports.write(table, out, language=common["language"], grids=borders)

    outputs.produce(ctx, draw, label=_READING, out=out, force=force, **chosen)
