"""What callers are told of incidents where it is another thing than elsewhere."""

from api.messages import Sentence, Wanted

_STATES = "collected、filed、dispatched、handled、reported、closed、evaluated"
_INCIDENT_ADDRESS = Wanted(
    Sentence(
        "应为文字地址，1 至 500 字，首尾不为空格，不含控制字符，例如 锡尼镇金鼎小区3号楼",
        "it takes an address of 1 to 500 characters, no blank at either end and no control "
        "character, for example 锡尼镇金鼎小区3号楼",
    )
)
# Of one operation, by its id, where a name means another thing than elsewhere.
WANTED_OF: dict[tuple[str | None, str], Wanted] = {
    ("incidents", "state"): Wanted(
        Sentence(
            f"应取其一：{_STATES}，或 unplaced（没有网格、待定位）",
            f"it takes one of: {_STATES.replace('、', ', ')}; or unplaced: those that wait for a "
            "grid",
        )
    ),
    ("incidents", "after"): Wanted(
        Sentence(
            "应为上一页最后一个事件的编号，照 next 书写即可",
            "it takes the number of the last incident of the page before; `next` has it",
        )
    ),
    ("correct_incident", "state"): Wanted(
        Sentence(f"应取其一：{_STATES}", f"it takes one of: {_STATES.replace('、', ', ')}")
    ),
    ("report_incident", "address"): _INCIDENT_ADDRESS,
    ("correct_incident", "address"): _INCIDENT_ADDRESS,
}
# The parameter that an error of the domain is about, by the error's code.
PARAMETER_OF: dict[str, str] = {
    "category.unknown": "category",
    "incident.changed": "If-Match",
    "incident.key_taken": "Idempotency-Key",
    "incident.move": "state",
    "incident.reported_at": "reported_at",
    "incident.solved_at_level": "solved_at_level",
    "incident.there": "external_id",
    "incident.version_missing": "If-Match",
}
