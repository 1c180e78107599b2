"""What callers are told of the place of a point or an address."""

from api.messages import Sentence

GEOCODED: dict[str, Sentence] = {
    "accepted": Sentence(
        "该地址位于{town}{community}{grid}（{code}），把握 {percent:.0f}%。",
        "The address lies in {grid} ({code}), {community}, {town}; {percent:.0f}% certain.",
    ),
    "uncertain": Sentence(
        "该地址最可能位于{town}{community}{grid}（{code}），"
        "但把握只有 {percent:.0f}%，需要人工核定。",
        "The address most likely lies in {grid} ({code}), {community}, {town}, but only "
        "{percent:.0f}% certain; a person must decide.",
    ),
    "none": Sentence(
        "无法由该地址确定网格，原因见 explanation。",
        "The grid cannot be told from this address; see explanation for why.",
    ),
}

LOCATED: dict[str, Sentence] = {
    "inside": Sentence(
        "该点位于{town}{community}{grid}（{code}）。",
        "The point lies in {grid} ({code}), {community}, {town}.",
    ),
    "nearest": Sentence(
        "该点不在任何网格内，归入最近的{town}{community}{grid}（{code}），"
        "相距 {distance_m:.0f} 米。",
        "The point lies in no grid; it is given to the nearest, {grid} ({code}), {community}, "
        "{town}, {distance_m:.0f} m away.",
    ),
    "outside": Sentence(
        "该点不在任何网格内，{limit_m:.0f} 米内也没有网格。",
        "The point lies in no grid, and there is none within {limit_m:.0f} m.",
    ),
}
