"""Faults that a load refuses: which, where, between whom, and what to do about each."""

import geopandas as gpd
import pandas as pd

from geo.errors import InputError
from geo.territory.check import KINDS, SEPARATOR, is_noise

# Up to this width a gap is a fault of drawing; a wider one is ground that nobody drew.
GAP_WIDTH_M = 20.0
_PLACED = 3
_NAMED = 4
_WHOLE_M2 = 10
_LEVELS = {"communities": "社区", "compounds": "小区"}


class FaultyBoundariesError(InputError):
    """Boundaries have faults, and mending was not asked for or cannot mend them.

    Parameters
    ----------
    what : str
        "communities" or "compounds".
    found : GeoDataFrame
        The faults, see `check.faults`.
    mended_m : float, optional
        They were mended, with gaps up to this width, and these are left.
    """

    code = "territory.faulty"
    zh = "{what_zh}有 {count} 处问题（{listed_zh}），未载入任何内容。{where_zh}。{advice_zh}"
    en = "{what} have {count} faults ({listed}); nothing was loaded. {where}. {advice}"

    def __init__(
        self,
        *,
        what: str,
        found: gpd.GeoDataFrame,
        mended_m: float | None = None,
    ) -> None:
        self.found = found
        kinds = found["kind"].value_counts()
        listed = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
        listed_zh = "，".join(f"{KINDS[str(kind)]} {n}" for kind, n in kinds.items())
        worst = found.sort_values("area_m2", ascending=False).head(_PLACED)
        places = [place(row) for row in worst.itertuples()]
        more = len(found) - len(worst)
        advice_zh, advice = _advice(found, mended_m)
        super().__init__(
            what=what,
            what_zh=_LEVELS[what],
            count=len(found),
            listed=listed,
            listed_zh=listed_zh,
            where="; ".join(en for _, en in places) + (f"; and {more} more" if more else ""),
            where_zh="；".join(zh for zh, _ in places) + (f"；另有 {more} 处" if more else ""),
            advice=advice,
            advice_zh=advice_zh,
        )


def place(fault: object) -> tuple[str, str]:
    """Say in Chinese and English what a row of `faults` is, how large, where, and whose.

    Parameters
    ----------
    fault : namedtuple
        A row of `check.faults`.

    Returns
    -------
    tuple of str
    """
    kind, names = str(getattr(fault, "kind", "")), str(getattr(fault, "polygons", ""))
    area_m2, width_m = getattr(fault, "area_m2", 0.0), getattr(fault, "width_m", 0.0)
    at = f"{getattr(fault, 'longitude', 0.0):.5f}, {getattr(fault, 'latitude', 0.0):.5f}"
    size_zh, size = f"{_short(area_m2)} 平方米", f"{_short(area_m2)} m2"
    if kind == "gap":
        size_zh += f"、约 {_short(width_m)} 米宽"
        size += f", about {_short(width_m)} m wide"
    owners = names.split(SEPARATOR) if names else []
    of_zh, of = "、".join(owners[:_NAMED]), ", ".join(owners[:_NAMED])
    if len(owners) > _NAMED:
        of_zh += f"等 {len(owners)} 个"
        of += f" and {len(owners) - _NAMED} more"
    if kind == "gap":
        # Of one alone it is a hole in it; of several the ground that they leave between them.
        single = len(owners) == 1
        of_zh, of = (
            (f"在{of_zh}之内", f"within {of}") if single else (f"在{of_zh}之间", f"between {of}")
        )
    return f"{KINDS[kind]} {size_zh}，位于 {at}，{of_zh}", f"{kind} of {size}, at {at}, {of}"


def _short(number: float) -> str:
    return f"{number:,.0f}" if number >= _WHOLE_M2 else f"{number:.2g}"


def _advice(found: gpd.GeoDataFrame, mended_m: float | None) -> tuple[str, str]:
    """Say what to do about faults; what was asked for already is not advised."""
    width_m = GAP_WIDTH_M if mended_m is None else mended_m
    wide = found["kind"] == "gap"
    if mended_m is None:
        wide &= found["width_m"] > width_m
    said_zh, said = [], []
    if mended_m is not None:
        said_zh.append("其余已按 --mend 修补，这些修补不了：")
        said.append("The others were mended as asked; these --mend leaves:")
    if not wide.all():
        which = "请在源文件中改正（bannergrid territory check 列出每处的位置）"
        said_zh.append(f"{which}，或加 --mend 自动修补。" if mended_m is None else f"{which}。")
        correct = "correct the source (bannergrid territory check lists each place)"
        said.append(f"{correct}, or add --mend." if mended_m is None else f"{correct}.")
    if wide.any():
        said_zh.append(
            f"宽于 {width_m:g} 米（--gap-width-m）的缝隙没有画进任何社区，--mend 不填：请在源文件中"
            "把相邻社区画到岸边或界线，或为它补画一个多边形；确为湖面、海湾等不属任何社区的，"
            "加 --leave-holes（文件夹的映射文件：[territory] leave_holes = true）。"
        )
        said.append(
            f"a gap wider than {width_m:g} m (--gap-width-m) is ground that no community was drawn "
            "on, which --mend does not fill: draw the neighbours up to the shore or the border, or "
            "draw a polygon for it; if it is water or else of no community, add --leave-holes (in "
            "a folder's mapping file: leave_holes = true under [territory])."
        )
    english = " ".join(said)
    return "".join(said_zh), english[:1].upper() + english[1:]


def is_hole(found: gpd.GeoDataFrame, *, mended_m: float | None) -> pd.Series:
    """Tell which faults are ground that may be left to no community.

    Parameters
    ----------
    found : GeoDataFrame
        See `check.faults`.
    mended_m : float, optional
        All gaps up to this width that were to be filled are filled.

    Returns
    -------
    Series of bool
        Gaps within a single polygon, or wider than a fault of drawing; never noise.
    """
    gap: pd.Series = (found["kind"] == "gap") & ~is_noise(found)
    if mended_m is not None:
        return gap
    single = ~found["polygons"].str.contains(SEPARATOR, regex=False)
    gap &= single | (found["width_m"] > GAP_WIDTH_M)
    return gap


def left_sentence(left: gpd.GeoDataFrame) -> tuple[str, str]:
    """Say in Chinese and English which ground is left to no community."""
    places = [place(row) for row in left.head(_PLACED).itertuples()]
    more = len(left) - len(places)
    area = _short(float(left["area_m2"].sum()))
    return (
        f"按要求保留 {len(left)} 处空地（共 {area} 平方米，不属任何社区）："
        + "；".join(zh for zh, _ in places)
        + (f"；另有 {more} 处" if more else ""),
        f"{len(left)} holes are left as asked ({area} m2 of no community): "
        + "; ".join(en for _, en in places)
        + (f"; and {more} more" if more else ""),
    )


def cut_sentence(found: gpd.GeoDataFrame) -> tuple[str, str]:
    """Say in Chinese and English which footprints were cut at their community's border."""
    area = _short(float(found["area_m2"].sum()))
    names = found["polygons"].astype("str").tolist()
    more = len(names) - _NAMED
    return (
        f"小区：{len(found)} 处伸出所属社区，已沿社区界线裁去（共 {area} 平方米）："
        + "、".join(names[:_NAMED])
        + (f"等 {len(names)} 个" if more > 0 else ""),
        f"compounds: {len(found)} reached out of their community and were cut at its border "
        f"({area} m2 in all): "
        + ", ".join(names[:_NAMED])
        + (f" and {more} more" if more > 0 else ""),
    )


def mended_sentence(
    what: str, before: gpd.GeoDataFrame, after: gpd.GeoDataFrame, moved: pd.DataFrame
) -> tuple[str, str]:
    """Say in Chinese and English what mending did to the faults of a level.

    Parameters
    ----------
    what : str
        "communities" or "compounds".
    before, after : GeoDataFrame
        Faults, see `check.faults`.
    moved : DataFrame
        See `mend.mend`.

    Returns
    -------
    tuple of str
    """
    counts = before["kind"].value_counts()
    less = counts.sub(after["kind"].value_counts(), fill_value=0).astype(int)
    done = {kind: int(less[kind]) for kind in KINDS if less.get(kind, 0) > 0}
    level = _LEVELS[what]
    if not done:
        return f"{level}：没有要修补的", f"{what}: nothing to mend"
    list_zh = "、".join(f"{KINDS[kind]} {n} 处" for kind, n in done.items())
    listed = ", ".join(f"{n} {kind}" for kind, n in done.items())
    area = _short(float(moved["moved_m2"].sum())) if len(moved) else "0"
    return (
        f"{level}：已修补{list_zh}，{len(moved)} 个多边形共移动 {area} 平方米",
        f"{what}: mended {listed}; {len(moved)} polygons moved by {area} m2 in all",
    )
