"""`bannergrid territory`: boundaries in, checked, shown, out."""

import sys
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from api.cli import settings
from api.commands import published
from api.commands.boundary_options import read, reading_options, say_below
from api.commands.days import DAY
from api.commands.language import language, text

if TYPE_CHECKING:
    import geopandas as gpd
    import pandas as pd

    from geo.territory.coordinates import Note
    from geo.territory.model import Edition
    from geo.territory.sources import Reading

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
LISTED_FAULTS = 20
SHOWN_TOWNS = 5


@click.group(
    help=text("网格边界：检查、载入、查看、导出。", "Boundaries: check, load, show, export.")
)
def command() -> None:
    """Group the commands."""


@command.command(
    help=text(
        "检查边界文件：列出每处缝隙、重叠、越界、碎屑及其位置和面积。"
        "有载入时会拒绝的问题则退出码为 1。",
        "List each gap, overlap, escape and sliver with place and area; exit status 1 if there is "
        "one that a load refuses.",
    )
)
@click.argument("file", type=FILE)
@click.option(
    "--within", type=FILE, help=text("应位于其内的边界文件", "File whose polygons must hold these")
)
@click.option("--no-gaps", is_flag=True, help=text("不检查缝隙（小区之间有街道）", "Gaps are fine"))
@click.option("--out", type=click.Path(path_type=Path), help=text("问题输出为 GeoJSON", "GeoJSON"))
@reading_options("file", "within")
@click.pass_context
def check(
    ctx: click.Context,
    file: Path,
    within: Path | None,
    *,
    no_gaps: bool,
    out: Path | None,
    reading: "Reading",
) -> None:
    """List the faults of a boundary file."""
    from geo.crs import to_storage
    from geo.files.vector.reading import write
    from geo.territory.check import faults, is_noise

    chosen, notes = settings(ctx), list["Note"]()
    polygons = read(file, "file", reading, chosen, notes)
    named = next((c for c in ("name", "名称", "NAME") if c in polygons.columns), "name")
    columns = {column: heading for _, column, heading in reading.columns}
    outline = None
    if within:
        raw = read(within, "within", reading, chosen)
        outline = to_storage(raw, datum=raw.attrs["datum"])
    found = faults(polygons, name=columns.get("name", named), gaps=not no_gaps, within=outline)
    if out is not None:
        write(found, out)
    if found.empty:
        if any(note.doubt for note in notes):
            ctx.exit(1)
        click.echo(
            text(
                f"{file.name}：{len(polygons)} 个多边形，没有问题",
                f"{len(polygons)} polygons, no fault",
            )
        )
        return
    click.echo(_fault_table(found))
    _say_where(found, out)
    if not is_noise(found).all() or any(note.doubt for note in notes):
        ctx.exit(1)


def _fault_table(found: "gpd.GeoDataFrame") -> str:
    listed = found.drop(columns="geometry").head(LISTED_FAULTS)
    table: str = listed.to_string(
        index=False,
        formatters={
            "area_m2": "{:,.4g}".format,
            "width_m": "{:,.3g}".format,
            "longitude": "{:.6f}".format,
            "latitude": "{:.6f}".format,
        },
    )
    return table


def _say_where(found: "gpd.GeoDataFrame", out: Path | None) -> None:
    from geo.territory.check import KINDS, NOISE_M2, is_noise

    counts = found["kind"].value_counts()
    english = ", ".join(f"{kind} {n}" for kind, n in counts.items())
    chinese = "，".join(f"{kind} {n}（{KINDS[str(kind)]}）" for kind, n in counts.items())
    more = len(found) - LISTED_FAULTS
    if more > 0:
        click.echo(text(f"… 另有 {more} 处", f"… and {more} more"))
    click.echo(
        text(f"共 {len(found)} 处问题：{chinese}", f"{len(found)} faults: {english}"), err=True
    )
    noise = int(is_noise(found).sum())
    if noise:
        size = f"{NOISE_M2:g}"
        click.echo(
            text(
                f"其中 {noise} 处小于 {size} 平方米或不足 1 毫米宽，是计算误差，载入时自动清理",
                f"{noise} of them are under {size} m2 or narrower than 1 mm: noise of arithmetic "
                "that a load cleans by itself",
            ),
            err=True,
        )
    if out is None:
        hint = text("加 --out 问题.geojson 可在地图上查看", "Add --out faults.geojson to map them")
        click.echo(hint, err=True)


@command.command(
    help=text(
        "由社区多边形和小区范围生成两级网格，发布为新版本。",
        "Build the two levels from communities and compound footprints; publish an edition.",
    )
)
@click.argument("communities", type=FILE)
@click.argument("compounds", type=FILE)
@click.option(
    "--divisions",
    type=FILE,
    help=text("县和乡镇、街道的名称（表格）", "Names of county and towns, a table"),
)
@click.option("--outline", type=FILE, help=text("县界文件", "Outline of the county"))
@click.option("--title", help=text("版本名称", "Title of the edition"))
@click.option("--attribution", default="", help=text("数据来源说明", "Attribution shown on maps"))
@click.option("--synthetic", is_flag=True, help=text("数据为合成", "The boundaries are made up"))
@click.option(
    "--valid-from", type=DAY, help=text("生效日期（默认今天）", "First day (default: today)")
)
@click.option("--mend", is_flag=True, help=text("自动修补缝隙与重叠", "Mend gaps and overlaps"))
@click.option(
    "--gap-width-m",
    default=20.0,
    show_default=True,
    help=text("修补时填充的最大缝宽（米）", "Widest gap that --mend fills, in metres"),
)
@click.option(
    "--leave-holes",
    is_flag=True,
    help=text(
        "保留空地：社区内的洞（湖面等），以及比最大缝宽更宽的缝隙",
        "Leave ground of no community: holes within one, and gaps wider than --gap-width-m",
    ),
)
@click.option("--dry-run", is_flag=True, help=text("只演练，不写入", "Do everything but write"))
@click.option(
    "--retire",
    is_flag=True,
    help=text("允许某社区的网格编码全部停用", "Let all codes of a community be retired"),
)
@reading_options("communities", "compounds", "outline", "divisions")
@click.pass_context
def load(  # noqa: PLR0913 - click hands over each option
    ctx: click.Context,
    communities: Path,
    compounds: Path,
    divisions: Path | None,
    outline: Path | None,
    title: str | None,
    attribution: str,
    *,
    synthetic: bool,
    valid_from: datetime | None,
    mend: bool,
    gap_width_m: float,
    leave_holes: bool,
    dry_run: bool,
    retire: bool,
    reading: "Reading",
) -> None:
    """Publish boundary files as the next edition."""
    from geo.calendar import today
    from geo.db.engine import open_session
    from geo.territory.model import EditionInfo
    from geo.territory.retirement import CodesRetiredError
    from geo.territory.sources import Sources, read_boundaries
    from geo.workflows.publish_edition import publish_edition

    chosen = settings(ctx)
    first_day = valid_from.date() if valid_from else today()
    info = EditionInfo(
        title=title or text(f"{first_day} 版", f"Edition of {first_day}"),
        valid_from=first_day,
        synthetic=synthetic,
        attribution=attribution,
        measuring_crs=chosen.measuring_crs,
    )
    drawn = read_boundaries(
        Sources(communities, compounds, divisions, outline),
        reading,
        settings=chosen,
        say=say_below,
        mend_gaps_m=gap_width_m if mend else None,
        leave_holes=leave_holes,
        retire=retire or dry_run,
    )
    with open_session(chosen) as session:
        publish = partial(
            publish_edition,
            session,
            info=info,
            settings=chosen,
            say=say_below,
        )
        try:
            done = publish(drawn)
        except CodesRetiredError as error:
            if not sys.stdin.isatty():
                raise
            click.confirm(error.message(language()), abort=True)
            session.rollback()
            done = publish(replace(drawn, retire=True))
        if dry_run:
            session.rollback()
    published.say_published(done, dry_run=dry_run)


def _which(command: Any) -> Any:
    for option in (
        click.option("--level", type=click.IntRange(1, 2), help=text("一级或二级", "1 or 2")),
        click.option("--at", type=DAY, help=text("查看哪一天（默认今天）", "On which day")),
        click.option(
            "--edition", type=click.IntRange(1), help=text("按哪一版", "As which edition")
        ),
    ):
        command = option(command)
    return command


def _grids(
    ctx: click.Context, level: int | None, at: datetime | None, edition: int | None
) -> "tuple[Edition, gpd.GeoDataFrame, list[Edition]]":
    from geo.db.engine import open_session
    from geo.territory import repository

    with open_session(settings(ctx)) as session:
        day = at.date() if at else None
        grids = repository.grids(session, level=level, at=day, edition=edition)
        known = repository.edition(session, edition, at=day)
        return known, grids, repository.planned(session)


@command.command(help=text("列出网格。", "List the grids."))
@_which
@click.pass_context
def show(ctx: click.Context, level: int | None, at: datetime | None, edition: int | None) -> None:
    """List the grids of a day."""
    known, grids, planned = _grids(ctx, level, at, edition)
    click.echo(
        text(
            f"第 {known.id} 版“{known.title}”，{known.valid_from} 起"
            f"{'，合成数据' if known.synthetic else ''}",
            f"Edition {known.id} “{known.title}”, from {known.valid_from}"
            f"{', synthetic' if known.synthetic else ''}",
        )
    )
    for each in planned:
        click.echo(
            text(
                f"已排定：第 {each.id} 版“{each.title}”，{each.valid_from} 起生效"
                f"（查看：--at {each.valid_from}）",
                f"Planned: edition {each.id} “{each.title}” takes effect on {each.valid_from} "
                f"(see it with --at {each.valid_from})",
            )
        )
    click.echo(_measured_in(known.measuring_crs, grids))
    click.echo(_grid_table(grids))
    _say_nameless(grids)


def _say_nameless(grids: "gpd.GeoDataFrame") -> None:
    """Say which towns have no name, and what to load."""
    from geo.codes import TOWN_DIGITS

    codes = sorted(set(grids.loc[grids["town"].isna(), "code"].str[:TOWN_DIGITS]))
    if not codes:
        return
    shown = ", ".join([*codes[:SHOWN_TOWNS], *["…"] * (len(codes) > SHOWN_TOWNS)])
    click.echo(
        text(
            f"{len(codes)} 个乡镇、街道没有名称（{shown}）：请准备区划表，三列为代码、级别、名称，"
            "与边界文件一起载入：bannergrid territory load 社区 小区 --divisions 区划表，"
            "或与边界放在同一文件夹用 bannergrid load-folder",
            f"{len(codes)} towns have no name ({shown}): make a table of three columns, code, kind "
            "and name, and load it with the boundaries: bannergrid territory load COMMUNITIES "
            "COMPOUNDS --divisions TABLE, or bannergrid load-folder with all in one folder",
        )
    )


def _measured_in(crs: str, grids: "gpd.GeoDataFrame") -> str:
    from geo.measuring import scale_error, words_of

    zh, en = words_of(crs)
    error = scale_error(crs, tuple(grids.total_bounds))
    return text(
        f"{zh}；境内长度误差至多 {error:.4%}，面积误差至多 {2 * error:.4%}",
        f"{en[0].upper()}{en[1:]}; here lengths are off by at most {error:.4%}, "
        f"areas by {2 * error:.4%}",
    )


def _grid_table(grids: "pd.DataFrame") -> str:
    listed = grids[["code", "level", "town", "community", "name", "area_m2"]]
    return listed.to_string(index=False, formatters={"area_m2": "{:,.0f}".format}, na_rep="")


@command.command(
    help=text(
        "导出网格为 GeoJSON、GeoPackage、Shapefile、GeoParquet 或 CSV（按扩展名）。",
        "Write the grids as GeoJSON, GeoPackage, Shapefile, GeoParquet or CSV, by file ending.",
    )
)
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help=text("覆盖已有文件", "Overwrite an existing file"))
@_which
@click.pass_context
def export(
    ctx: click.Context,
    file: Path,
    level: int | None,
    at: datetime | None,
    edition: int | None,
    *,
    force: bool,
) -> None:
    """Write the grids of a day to a file."""
    from geo.territory.files import write_grids

    if file.exists() and not force:
        raise click.UsageError(
            text(f"{file} 已存在，加 --force 覆盖", f"{file} exists; add --force to overwrite it")
        )
    known, grids, _ = _grids(ctx, level, at, edition)
    write_grids(grids, file, edition=known, language=language())
    click.echo(text(f"已写出 {len(grids)} 个网格：{file}", f"{len(grids)} grids written: {file}"))
