"""The one shape of every error (RFC 9457)."""

from pydantic import BaseModel, ConfigDict, Field

REFUSAL = "参数 month 的值“2026-13”无法使用：应为“年-月”，例如 2026-10。"


class Fault(BaseModel):
    """One thing that is wrong with the request, or missing from the service."""

    parameter: str = Field(description="Which parameter, or which part of the service.")
    message: str = Field(description="What is wrong and what to do, in the caller's language.")
    value: str | None = Field(description="What was given; null where nothing was.")
    code: str = Field(description="For machines; does not change with the language.")


class Problem(BaseModel):
    """Why a request was not answered, and what to do."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "type": "urn:bannergrid:problem:month.invalid",
                    "title": "请求中有无法使用的内容",
                    "status": 422,
                    "detail": REFUSAL,
                    "code": "month.invalid",
                    "instance": "urn:uuid:0b7f3c1e-52d4-4f0c-8d4e-6f1f4c1b8a55",
                    "request_id": "0b7f3c1e-52d4-4f0c-8d4e-6f1f4c1b8a55",
                    "errors": [
                        {
                            "parameter": "month",
                            "message": REFUSAL,
                            "value": "2026-13",
                            "code": "month.invalid",
                        }
                    ],
                }
            ]
        }
    )

    type: str = Field(description="Names the kind of problem; made of `code`.")
    title: str = Field(description="The kind of problem, in the caller's language.")
    status: int = Field(description="The HTTP status, again.")
    detail: str = Field(description="What was wrong, with which value, and what to do.")
    code: str = Field(description="For machines; does not change with the language.")
    instance: str = Field(description="This one occurrence.")
    request_id: str = Field(description="Stands in the log and in X-Request-ID too.")
    errors: list[Fault] | None = Field(
        default=None, description="Where several things are wrong, each of them."
    )
    successors: list[str] | None = Field(
        default=None,
        description="Of a grid that is no more: the codes that its ground has now, the one with "
        "most of its households first.",
    )
