"""What callers are told of figures where a name means another thing than elsewhere."""

from api.coverage_parameters import COVERAGE_FORMS, PICTURED_FORMS
from api.messages import Sentence, Wanted
from geo.errors import CodeError

_PREFIX = Wanted(
    Sentence(
        "应为网格编码或其开头：旗 6 位、乡镇 9 位、社区 12 位、二级网格 15 位，例如 150625100001",
        "it takes the code of a grid or its beginning: 6 digits for the banner, 9 for a town, 12 "
        "for a community, 15 characters for a level-two grid, for example 150625100001",
    ),
    CodeError.code,
)


def _forms(*known: str) -> Wanted:
    return Wanted(Sentence(f"应取其一：{'、'.join(known)}", f"it takes one of: {', '.join(known)}"))


# Of one operation, by its id.
WANTED_OF: dict[tuple[str | None, str], Wanted] = {
    ("coverage", "code"): _PREFIX,
    ("series", "code"): _PREFIX,
    ("incident_counts", "code"): _PREFIX,
    ("coverage", "format"): _forms("json", *COVERAGE_FORMS),
    ("series", "format"): _forms("json", *PICTURED_FORMS),
    ("hotspots", "format"): _forms("json", *PICTURED_FORMS),
    ("hotspots", "of"): Wanted(
        Sentence(
            "应取其一：coverage（走访覆盖）、incidents（事件）",
            "it takes one of: coverage, incidents",
        )
    ),
}
