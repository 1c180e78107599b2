"""Parameters that say where: codes of grids, levels, boxes, points and their datum, addresses."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Path, Query
from pydantic import WithJsonSchema

from api.parameters.definition import Usage, angle, choice, define
from api.parameters.parsers import (
    MAX_ACCURACY_M,
    bbox_of,
    code_of,
    metres,
    place_of,
    whole_number,
)
from geo.codes import GRID_CODE, PLACE_CODE
from geo.crs import DATUMS
from geo.errors import CodeError, DatumError

CODE_USAGE = Usage(
    "应为网格编码：社区 12 位数字，二级网格再加 3 位，例如 150625100001001",
    "it takes a grid code: 12 digits for a community, 3 more characters for a level-two grid, "
    "for example 150625100001001",
    CodeError.code,
)
PREFIX_USAGE = Usage(
    "应为网格编码或其开头：县级 6 位、乡镇 9 位、社区 12 位、二级网格 15 位，例如 150625100001",
    "it takes the code of a grid or its beginning: 6 digits for the county, 9 for a town, 12 "
    "for a community, 15 characters for a level-two grid, for example 150625100001",
    CodeError.code,
)
LONGITUDE = Usage(
    "应为经度（度），-180 至 180，例如 108.7363",
    "it takes degrees east, from -180 to 180, for example 108.7363",
)
LATITUDE = Usage(
    "应为纬度（度），-90 至 90，例如 39.8336",
    "it takes degrees north, from -90 to 90, for example 39.8336",
)
DATUM = Usage(
    "应写明坐标基准，取其一：cgcs2000（国家 2000）、wgs84（GPS）、"
    "gcj02（高德、腾讯、微信）、bd09（百度）",
    "it names what the coordinates are in, one of: cgcs2000, wgs84 (GPS), "
    "gcj02 (Amap, Tencent, WeChat), bd09 (Baidu)",
    DatumError.code,
)
ACCURACY_M = Usage(
    "应为定位精度（米），0 至 10000，例如 30",
    "it takes an accuracy in metres, from 0 to 10000, for example 30",
)
POSITION = Usage(
    "应为 longitude、latitude、datum 三项，另可写 accuracy_m（米）；不写则按 address 定位",
    "it takes longitude, latitude and datum, and accuracy_m in metres where it is known; "
    "without it the address is read",
)

GridCode = Annotated[
    str,
    *define(
        code_of, CODE_USAGE, type="string", pattern=f"^{GRID_CODE}$", examples=["150625100001001"]
    ),
    Path(description="Code of a grid of either level."),
]
After = Annotated[
    str | None,
    *define(
        code_of, CODE_USAGE, type="string", pattern=f"^{GRID_CODE}$", examples=["150625100001"]
    ),
    Query(description="Only grids whose code sorts after this one."),
]
_WITHIN = Query(
    description="Only grids within this one: a level-two grid, a community with its grids, or "
    "the first nine or six digits for a town or the banner."
)
WithinCode = Annotated[
    str | None,
    *define(
        place_of, CODE_USAGE, type="string", pattern=f"^{PLACE_CODE}$", examples=["150625100001"]
    ),
    _WITHIN,
]
# Of operations that know towns and the banner, and say so to whoever writes another code.
WithinPlace = Annotated[
    str | None,
    *define(
        place_of, PREFIX_USAGE, type="string", pattern=f"^{PLACE_CODE}$", examples=["150625100001"]
    ),
    _WITHIN,
]
PlaceCode = Annotated[
    str,
    *define(
        place_of,
        PREFIX_USAGE,
        type="string",
        pattern=f"^{PLACE_CODE}$",
        examples=["150625100001001"],
    ),
    Path(description="Code of a grid of either level, or the digits of a town or the banner."),
]
_LEVEL = define(
    lambda text: whole_number(text, least=1, most=2),
    Usage(
        "应为 1（社区）或 2（居民小区）", "it takes 1 (communities) or 2 (residential compounds)"
    ),
    type="integer",
    enum=[1, 2],
    examples=[2],
)
Level = Annotated[
    int | None,
    *_LEVEL,
    Query(description="1 communities, 2 residential compounds; both where none."),
]
MapLevel = Annotated[
    int | None,
    *_LEVEL,
    Query(description="1 communities, 2 residential compounds; 2 where none."),
]
# A text here, read again by the router: FastAPI takes a tuple for a parameter given many times.
Box = Annotated[
    str | None,
    *define(
        lambda text: text if bbox_of(text) else None,
        Usage(
            "应为“西,南,东,北”四个以逗号分隔的度数，西小于东、南小于北，例如 108.6,39.7,108.9,39.9",
            "it takes west,south,east,north in degrees, west below east and south below north, "
            "for example 108.6,39.7,108.9,39.9",
        ),
        type="string",
        pattern=r"^-?[0-9.]+,-?[0-9.]+,-?[0-9.]+,-?[0-9.]+$",
        examples=["108.6,39.7,108.9,39.9"],
    ),
    Query(
        description="west,south,east,north in degrees: grids that touch it. West lies below east, "
        "south below north."
    ),
]

_EAST = angle(180, LONGITUDE, examples=[108.7363])
_NORTH = angle(90, LATITUDE, examples=[39.8336])
_DATUM = choice(DATUM, *DATUMS, examples=["gcj02"])
Longitude = Annotated[float, *_EAST, Query(description="Degrees east, in `datum`.")]
Latitude = Annotated[float, *_NORTH, Query(description="Degrees north, in `datum`.")]
DatumName = Annotated[
    str,
    *_DATUM,
    Query(
        description="What the coordinates are in. Phones give wgs84 or gcj02; here the two lie "
        "about 500 m apart, so it has to be said."
    ),
]
OptionalLongitude = Annotated[float | None, *_EAST, Query(description="Degrees east, in `datum`.")]
OptionalLatitude = Annotated[float | None, *_NORTH, Query(description="Degrees north, in `datum`.")]
OptionalDatum = Annotated[
    str | None,
    *_DATUM,
    Query(description="What the coordinates are in; has to be named with a point."),
]
AccuracyM = Annotated[
    float | None,
    *define(metres, ACCURACY_M, type="number", minimum=0, maximum=MAX_ACCURACY_M, examples=[30]),
    Query(
        description="Radius in metres that holds the true place with 68 %, as a phone states it: "
        "then the answer gives the probabilities of the grids around."
    ),
]
RouteAddress = Annotated[
    str | None,
    WithJsonSchema({"type": "string", "examples": ["锡尼镇金鼎小区3号楼2单元501"]}),
    Usage(
        "应为文字地址，例如 锡尼镇金鼎小区3号楼2单元501",
        "it takes an address, for example 锡尼镇金鼎小区3号楼2单元501",
    ),
    Query(description="An address as people write it, in place of a point."),
]


@dataclass(frozen=True)
class Position:
    """The point that is asked about, in the datum that the caller names."""

    longitude: Longitude
    latitude: Latitude
    datum: DatumName
