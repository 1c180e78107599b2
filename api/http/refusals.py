"""What is said to whoever asks for what cannot be answered; parameters say what they take."""

from api.sentences import Sentence

TOO_MANY_TRIES = Sentence(
    "此地址发来的错误令牌太多，请 {wait_s} 秒后再试；正确的令牌随时有效。",
    "Too many wrong tokens came from this address; wait {wait_s} s. The right one is taken any "
    "time.",
)
WRONG_HOST = Sentence(
    "本服务不以主机名“{host}”对外。请用 serve 打印的地址；"
    "若经由其他名称访问，请设置 BANNERGRID_PUBLIC_URL。",
    "This service is not called {host!r}. Use the address that serve printed; where it has another "
    "name, set BANNERGRID_PUBLIC_URL.",
)
# What is said before a request is read, by status: a code for machines, and the sentence.
CONNECTION: dict[int, tuple[str, Sentence]] = {
    400: (
        "request.unreadable",
        Sentence("收到的内容不是 HTTP 请求。", "What came is no HTTP request."),
    ),
    408: (
        "request.slow",
        Sentence(
            "请求未在规定时间内到齐，请检查网络后重试。",
            "The request did not come in time; check the network and try again.",
        ),
    ),
    414: (
        "request.url_too_long",
        Sentence(
            "地址过长，上限见 BANNERGRID_URL_KB。",
            "The address is too long; BANNERGRID_URL_KB is the limit.",
        ),
    ),
    431: (
        "request.head_too_large",
        Sentence(
            "请求头过大或过多，上限见 BANNERGRID_HEAD_KB 和 BANNERGRID_MAX_HEADERS。",
            "The head is too large or has too many headers; BANNERGRID_HEAD_KB and "
            "BANNERGRID_MAX_HEADERS are the limits.",
        ),
    ),
    503: (
        "service.connections",
        Sentence("连接数已满，请稍后重试。", "All connections are taken; try again in a moment."),
    ),
}
BUSY = Sentence(
    "服务正忙，排队已满或等候过久，请稍后重试。",
    "The service is busy: too many wait, or the wait took too long; try again in a moment.",
)

REFUSED = Sentence(
    "参数 {parameter} 的值“{value}”无法使用：{what}。",
    "Parameter {parameter} cannot be {value!r}: {what}.",
)
MISSING = Sentence("缺少参数 {parameter}：{what}。", "Parameter {parameter} is missing: {what}.")
UNKNOWN = Sentence(
    "没有名为“{parameter}”的参数；此处可用：{known}。",
    "There is no parameter {parameter!r} here; there are: {known}.",
)
UNKNOWN_FIELD = Sentence(
    "没有名为“{parameter}”的字段；此处可用：{known}。",
    "There is no field {parameter!r} here; there are: {known}.",
)
MEANT = Sentence("可能应为 {meant}。", "Probably {meant} was meant.")
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
    408: Sentence("请求来得太慢", "The request came too slowly"),
    409: Sentence("与现有数据冲突", "It contradicts what is there"),
    410: Sentence("已不再保存", "It is kept no longer"),
    412: Sentence("数据已被他人修改", "It has changed since it was read"),
    413: Sentence("请求体过大", "The body is too large"),
    414: Sentence("地址过长", "The address is too long"),
    415: Sentence("不支持这种请求体", "A body of this type is not taken"),
    422: Sentence("请求中有无法使用的内容", "Something in the request cannot be used"),
    421: Sentence("主机名不是本服务的", "The host is not this service"),
    428: Sentence("须写明所见的版本", "Say which state you saw"),
    429: Sentence("错误的令牌太多", "Too many wrong tokens"),
    431: Sentence("请求头过大", "The head of the request is too large"),
    500: Sentence("内部错误", "Internal error"),
    503: Sentence("服务尚未就绪", "The service is not ready"),
    507: Sentence("磁盘已满", "The disk is full"),
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
