"""Maps on the wire: an example of what the viewer's heat map is made of."""

from typing import Any

_COLOURS = ["#fbe6bf", "#f6c583", "#ea9a57", "#cf6640", "#a03a38", "#641f37"]
_CLASSES = {
    "class_first": "不足 {upper}",
    "class_middle": "{lower}–{upper}",
    "class_last": "{lower} 及以上",
}
_DENSITY: dict[str, Any] = {
    "breaks": [1, 3, 6, 12, 24],
    "colours": _COLOURS,
    "words": {"zh": {"title": "未走访密度", "unit": "户/公顷", **_CLASSES}},
}
_RATIO: dict[str, Any] = {
    "breaks": [10, 20, 30, 40, 60],
    "colours": _COLOURS,
    "words": {"zh": {"title": "未走访比例", "unit": "户/百户", **_CLASSES}},
}
HEAT: dict[str, Any] = {
    "month": "2026-10",
    "of": "gaps",
    "bandwidth_m": 200.0,
    "cell_m": 100.0,
    "min_households": 5,
    "edition": 1,
    "synthetic": True,
    "attribution": "合成示范数据 · Synthetic demo data",
    "forms": {"density": _DENSITY, "ratio": _RATIO},
    "towns": [
        {
            "code": "150625100",
            "name": "锡尼镇",
            "bounds": [108.723, 39.824, 108.754, 39.841],
            "density": "iVBORw0KGgo…",
            "ratio": "iVBORw0KGgo…",
        }
    ],
}
