"""What callers are told, in Chinese and English: facts kept apart from the code that answers.

`WANTED` says for every parameter of the API what it takes; a test compares it with the OpenAPI
document, so that no parameter can be refused without a sentence that helps.
"""

from dataclasses import dataclass
from typing import Any

from geo.changes.rules import CursorError
from geo.errors import CodeError, DatumError, Language, MonthError


@dataclass(frozen=True)
class Sentence:
    """The same sentence in both languages."""

    zh: str
    en: str

    def text(self, language: Language) -> str:
        """Give the sentence in `language`."""
        return self.zh if language == "zh" else self.en

    def filled(self, **values: Any) -> "Sentence":
        """Give the sentence with its placeholders filled in both languages."""
        return Sentence(self.zh.format(**values), self.en.format(**values))


@dataclass(frozen=True)
class Wanted:
    """What a parameter takes, and the code of the error when it is given something else."""

    what: Sentence
    code: str = "parameter.invalid"


_CODE = Sentence(
    "应为网格编码：社区 12 位数字，二级网格再加 3 位，例如 150625100001001",
    "it takes a grid code: 12 digits for a community, 3 more characters for a level-two grid, "
    "for example 150625100001001",
)

_NUMBER = Sentence("应为编号，1 至 2147483647 的整数", "it takes a number, from 1 to 2147483647")

WANTED: dict[str, Wanted] = {
    "month": Wanted(
        Sentence(
            "应为“年-月”，例如 2026-10", "it takes a month as year-month, for example 2026-10"
        ),
        MonthError.code,
    ),
    "code": Wanted(_CODE, CodeError.code),
    "after": Wanted(_CODE, CodeError.code),
    "datum": Wanted(
        Sentence(
            "应写明坐标基准，取其一：cgcs2000（国家 2000）、wgs84（GPS）、"
            "gcj02（高德、腾讯、微信）、bd09（百度）",
            "it names what the coordinates are in, one of: cgcs2000, wgs84 (GPS), "
            "gcj02 (Amap, Tencent, WeChat), bd09 (Baidu)",
        ),
        DatumError.code,
    ),
    "longitude": Wanted(
        Sentence(
            "应为经度（度），-180 至 180，例如 108.7363",
            "it takes degrees east, from -180 to 180, for example 108.7363",
        )
    ),
    "latitude": Wanted(
        Sentence(
            "应为纬度（度），-90 至 90，例如 39.8336",
            "it takes degrees north, from -90 to 90, for example 39.8336",
        )
    ),
    "accuracy_m": Wanted(
        Sentence(
            "应为定位精度（米），0 至 10000，例如 30",
            "it takes an accuracy in metres, from 0 to 10000, for example 30",
        )
    ),
    "category": Wanted(
        Sentence(
            "应为事项类别编码，例如 city.heating；/v1/categories 列出全部",
            "it takes the code of a category, for example city.heating; /v1/categories lists them",
        ),
        "category.invalid",
    ),
    "days": Wanted(
        Sentence(
            "应为天数，0 至 3660 的整数，例如 30", "it takes days, from 0 to 3660, for example 30"
        )
    ),
    "address": Wanted(
        Sentence(
            "应为文字地址，例如 锡尼镇金鼎小区3号楼2单元501",
            "it takes an address, for example 锡尼镇金鼎小区3号楼2单元501",
        )
    ),
    "at": Wanted(
        Sentence("应为日期“年-月-日”，例如 2026-11-01", "it takes a day, for example 2026-11-01")
    ),
    "edition": Wanted(
        Sentence(
            "应为版本号，1 至 2147483647 的整数；/v1/editions 列出已发布的版本",
            "it takes the number of an edition, from 1 to 2147483647; /v1/editions lists them",
        )
    ),
    "level": Wanted(
        Sentence(
            "应为 1（社区）或 2（居民小区）",
            "it takes 1 (communities) or 2 (residential compounds)",
        )
    ),
    "of": Wanted(
        Sentence(
            "应取其一：coverage（走访覆盖）、incidents（事件）",
            "it takes one of: coverage, incidents",
        )
    ),
    "format": Wanted(
        Sentence("应为 /openapi.json 所列的格式之一", "it takes a form that /openapi.json lists")
    ),
    "measure": Wanted(
        Sentence(
            "应取其一：coverage（走访覆盖）、pairing（结对）、overdue_days（逾期）、workload（工作量）、"
            "incidents_per_100（事件）、solved_in_grid（网格内解决）",
            "it takes one of: coverage, pairing, overdue_days, workload, incidents_per_100, "
            "solved_in_grid",
        )
    ),
    "fields": Wanted(
        Sentence(
            "应为以逗号分隔的列名，例如 coverage,known；不写则给出全部列",
            "it takes names of columns, separated by commas, for example coverage,known; all "
            "where it is left out",
        )
    ),
    "bbox": Wanted(
        Sentence(
            "应为“西,南,东,北”四个以逗号分隔的度数，西小于东、南小于北，例如 108.6,39.7,108.9,39.9",
            "it takes west,south,east,north in degrees, west below east and south below north, "
            "for example 108.6,39.7,108.9,39.9",
        )
    ),
    "limit": Wanted(
        Sentence("应为 1 至 1000 的整数", "it takes a whole number from 1 to 1000"),
    ),
    "language": Wanted(Sentence("应为 zh 或 en", "it takes zh or en")),
    "q": Wanted(
        Sentence(
            "应为文字，例如 锡尼镇金鼎小区3号楼2单元501 或 jdxq",
            "it takes a text, for example 锡尼镇金鼎小区3号楼2单元501 or jdxq",
        )
    ),
    "number": Wanted(_NUMBER),
    "after_number": Wanted(_NUMBER),
    "state": Wanted(
        Sentence(
            "应取其一：open（待核）、accept、pick、unknown、not_in_banner、settled",
            "it takes one of: open, accept, pick, unknown, not_in_banner, settled",
        )
    ),
    "standing": Wanted(
        Sentence(
            "应取其一：proposed（待确认）、confirmed、withdrawn、dismissed",
            "it takes one of: proposed, confirmed, withdrawn, dismissed",
        )
    ),
    "actor": Wanted(
        Sentence(
            "应写明由谁判定：1 至 100 字，首尾不为空格，不含控制字符，例如 王某（建安社区）",
            "it names who decides: 1 to 100 characters, no blank at either end and no control "
            "character, for example Wang, Jian'an community",
        )
    ),
    "action": Wanted(
        Sentence(
            "应取其一：accept（接受）、pick（选定一处）、unknown（无法确定）、not_in_banner（不在本旗）",
            "it takes one of: accept, pick, unknown, not_in_banner",
        )
    ),
    "target_kind": Wanted(
        Sentence(
            "选定一处（pick）时应写明类别：household、building、compound、landmark、"
            "organisation、grid；其他判定不写",
            "with pick it takes one of: household, building, compound, landmark, organisation, "
            "grid; it is left out otherwise",
        )
    ),
    "target_id": Wanted(
        Sentence(
            "选定一处（pick）时应写明其编号（网格为编码），1 至 100 字；其他判定不写",
            "with pick it takes the number of the place (a grid's code), 1 to 100 characters; it "
            "is left out otherwise",
        )
    ),
    "cursor": Wanted(
        Sentence(
            "应原样写上次答复中的 next；latest 为当前末尾；从头开始则不写",
            "it takes the `next` of the answer before, as it came, or latest; none to begin at "
            "the beginning",
        ),
        CursorError.code,
    ),
    "Last-Event-ID": Wanted(
        Sentence("应为上一个事件的 id，原样写", "it takes the id of the last event, as it came"),
        CursorError.code,
    ),
    "kind": Wanted(
        Sentence(
            "应取其一或以逗号分隔的几个：edition、household、incident、post、rules、categories",
            "it takes one or more of: edition, household, incident, post, rules, categories, "
            "separated by commas",
        )
    ),
    "since": Wanted(
        Sentence(
            "应为日期“年-月-日”，例如 2026-11-01，只列这天起上报的",
            "it takes a day, for example 2026-11-01: reported on it or later",
        )
    ),
    "external_id": Wanted(
        Sentence(
            "应为编号：1 至 100 字，首尾不为空格，不含控制字符，例如 E0000017",
            "it takes a number: 1 to 100 characters, no blank at either end and no control "
            "character, for example E0000017",
        )
    ),
    "Idempotency-Key": Wanted(
        Sentence(
            "应为这一次上报的键：1 至 200 个 ASCII 可见字符，首尾不为空格，例如一个 UUID；"
            "重发同一份上报时写同一个键",
            "it names this report: 1 to 200 visible ASCII characters, no blank at either end, for "
            "example a UUID; the same report sent again has the same key",
        ),
        "incident.key",
    ),
    "If-Match": Wanted(
        Sentence(
            "应原样写所见事件的 ETag；无论现状如何都要改则写 *",
            "it takes the ETag of the incident that you saw, as it came; * whatever it is now",
        ),
        "incident.version",
    ),
    "reported_at": Wanted(
        Sentence(
            "应为带时区的时间，例如 2026-11-25T08:30:00+08:00；不写则为收到的时刻",
            "it takes a moment with its offset, for example 2026-11-25T08:30:00+08:00; the moment "
            "of arrival where it is left out",
        )
    ),
    "position": Wanted(
        Sentence(
            "应为 longitude、latitude、datum 三项，另可写 accuracy_m（米）；不写则按 address 定位",
            "it takes longitude, latitude and datum, and accuracy_m in metres where it is known; "
            "without it the address is read",
        )
    ),
    "description": Wanted(
        Sentence(
            "应为文字，至多 4000 字，不含控制字符（换行除外）",
            "it takes a text of at most 4000 characters, without control characters but for new "
            "lines",
        )
    ),
    "note": Wanted(
        Sentence(
            "应为文字，1 至 1000 字，不含控制字符（换行除外）",
            "it takes a text of 1 to 1000 characters, without control characters but for new lines",
        )
    ),
    "solved_at_level": Wanted(
        Sentence(
            "结案时取其一：grid（网格）、community（社区）、above（社区以上）",
            "with the state closed it takes one of: grid, community, above",
        )
    ),
    "form": Wanted(
        Sentence("应为 density（密度）或 ratio（与住户之比）", "it takes density or ratio")
    ),
    "town": Wanted(
        Sentence(
            "应为乡镇编码，9 位数字，例如 150625100",
            "it takes the code of a town, 9 digits, for example 150625100",
        )
    ),
    "bandwidth_m": Wanted(
        Sentence(
            "应为带宽（米），1 至 5000，例如 200",
            "it takes a bandwidth in metres, from 1 to 5000, for example 200",
        )
    ),
    "id": Wanted(
        Sentence(
            "应为报告编号，16 位十六进制小写字符；/v1/reports 列出全部",
            "it takes the id of a report, 16 hexadecimal digits; /v1/reports lists them",
        )
    ),
    "months": Wanted(
        Sentence("应为月数，1 至 24 的整数", "it takes a number of months, from 1 to 24")
    ),
    "paper": Wanted(Sentence("应为 A4 或 A3", "it takes A4 or A3")),
    "body": Wanted(
        Sentence(
            "请求体应为 /openapi.json 所写的 JSON（Content-Type: application/json），没有其他字段",
            "it takes the JSON that /openapi.json describes, as application/json, and no other "
            "fields",
        ),
        "body.invalid",
    ),
}

REFUSED = Sentence(
    "参数 {parameter} 的值“{value}”无法使用：{what}。",
    "Parameter {parameter} cannot be {value!r}: {what}.",
)
MISSING = Sentence("缺少参数 {parameter}：{what}。", "Parameter {parameter} is missing: {what}.")
UNKNOWN = Sentence(
    "没有名为“{parameter}”的参数；此处可用：{known}。",
    "There is no parameter {parameter!r} here; there are: {known}.",
)
REPEATED = Sentence(
    "参数 {parameter} 出现多次，请只保留一个。",
    "Parameter {parameter} is given more than once; keep one.",
)
CONTROL = Sentence(
    "参数 {parameter} 含有不可见的控制字符，请删除后再试。",
    "Parameter {parameter} holds a control character; remove it.",
)
SWAPPED = Sentence(
    "纬度 {latitude}、经度 {longitude}：两者很可能写反了，请对调后再试。",
    "latitude {latitude} and longitude {longitude}: you probably exchanged them; swap the two.",
)

TITLES: dict[int, Sentence] = {
    400: Sentence("请求有误", "The request is malformed"),
    401: Sentence("需要访问令牌", "An access token is needed"),
    404: Sentence("没有找到", "Not found"),
    405: Sentence("不支持该方法", "Method not allowed"),
    409: Sentence("与现有数据冲突", "It contradicts what is there"),
    410: Sentence("已不再保存", "It is kept no longer"),
    412: Sentence("数据已被他人修改", "It has changed since it was read"),
    413: Sentence("请求体过大", "The body is too large"),
    415: Sentence("不支持这种请求体", "A body of this type is not taken"),
    422: Sentence("请求中有无法使用的内容", "Something in the request cannot be used"),
    428: Sentence("须写明所见的版本", "Say which state you saw"),
    500: Sentence("内部错误", "Internal error"),
    503: Sentence("服务尚未就绪", "The service is not ready"),
}

UNAUTHORISED = Sentence(
    "此地址需要访问令牌：请打开 bannergrid serve 打印的链接，"
    "或在请求头中写 Authorization: Bearer 令牌。",
    "This address needs the access token: open the link that bannergrid serve printed, or send "
    "the header Authorization: Bearer TOKEN.",
)
NO_ROUTE = Sentence(
    "没有这个地址。/openapi.json 列出全部接口。",
    "There is nothing at this address. /openapi.json lists all there is.",
)
NO_METHOD = Sentence(
    "此地址不支持 {method}，请使用 {allowed}。",
    "This address does not take {method}; use {allowed}.",
)
TOO_LARGE = Sentence(
    "请求体过大，请分批发送；管理员可调高 BANNERGRID_MAX_BODY_MB"
    "（批量文件为 BANNERGRID_ROUTE_BATCH_MB）。",
    "The body is too large; send it in parts. Administrators: BANNERGRID_MAX_BODY_MB, and for "
    "files of points BANNERGRID_ROUTE_BATCH_MB.",
)
MEDIA_TYPE = Sentence(
    "请用 Content-Type 写明文件类型，取其一：text/csv、application/x-ndjson、"
    "application/vnd.apache.parquet。",
    "Say by Content-Type what the file is, one of: text/csv, application/x-ndjson, "
    "application/vnd.apache.parquet.",
)
UNREADABLE = Sentence(
    "请求体不是 UTF-8 编码的 JSON，请检查后再发。",
    "The body is not JSON in UTF-8; check it and send it again.",
)
INTERNAL = Sentence(
    "服务出错，已记录。请把编号 {request_id} 告诉管理员。",
    "The service failed; it is logged. Tell your administrator the id {request_id}.",
)
OTHER = Sentence("请求未能完成（{status}）。", "The request could not be answered ({status}).")
