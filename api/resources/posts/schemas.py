"""Posts of the grids on the wire: by place, post and name; nobody is counted or scored."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Role = Literal["grid_leader", "liaison", "member", "first_secretary", "rotating_secretary"]

_PLACE: dict[str, Any] = {
    "code": "150625100001001",
    "level": 2,
    "name": "金鼎小区",
    "name_en": "Jinding Compound",
    "community": "建安社区",
    "community_en": "Jian'an Community",
    "town": "锡尼镇",
    "town_en": "Xini",
}
_POST: dict[str, Any] = {**_PLACE, "role": "liaison", "post": "联络员", "post_en": "Liaison"}
_HELD: dict[str, Any] = {
    **_POST,
    "holder": "王某",
    "phone": "0477-0000000",
    "organisation": "杭锦旗发展和改革委员会",
    "organisation_id": "O00017",
    "valid_from": "2025-01-01",
    "valid_to": None,
}
_FROM: dict[str, Any] = {
    "at": "2026-03-03",
    "edition": 1,
    "synthetic": True,
    "attribution": "合成边界",
    "next": None,
}
_FOLLOWED: dict[str, Any] = {"next_from": "2026-03-20", "next_holder": "李某"}
POSTS: dict[str, Any] = {**_FROM, "posts": [_HELD]}
VACANCIES: dict[str, Any] = {
    **_FROM,
    "vacancies": [{**_POST, "vacant_since": "2026-02-15", **_FOLLOWED}],
}
ENDING: dict[str, Any] = {
    **_FROM,
    "days": 30,
    "terms": [
        {
            **_HELD,
            "valid_to": "2026-03-20",
            "ends_on": "2026-03-20",
            "overdue": False,
            **_FOLLOWED,
        }
    ],
}


class PostOfGrid(BaseModel):
    """A post, and the grid that it is of."""

    model_config = ConfigDict(extra="ignore")

    code: str
    level: int = Field(description="1 communities, 2 residential compounds.")
    name: str
    name_en: str | None
    community: str | None = Field(description="The community it lies in, or is.")
    community_en: str | None
    town: str | None
    town_en: str | None
    role: Role
    post: str = Field(description="What the post is called.")
    post_en: str


class HeldPost(PostOfGrid):
    """Who holds a post, and for how long."""

    holder: str
    phone: str | None
    organisation: str | None
    organisation_id: str | None
    valid_from: date
    valid_to: date | None = Field(description="The first day without; null while it is open.")


class VacantPost(PostOfGrid):
    """A post for one holder, and nobody holds it."""

    vacant_since: date | None = Field(description="Null where nobody held it before.")
    next_from: date | None = Field(description="From when somebody will; null while none is named.")
    next_holder: str | None


class EndingTerm(HeldPost):
    """A term that runs out, and who comes next."""

    ends_on: date = Field(
        description="The first day without: valid_to, or earlier where the length of a term is "
        "laid down and it is longer."
    )
    overdue: bool = Field(description="Held beyond the length that is laid down.")
    next_from: date | None
    next_holder: str | None = Field(description="Null while nobody is named.")


class PostPage(BaseModel):
    """Of which day and territory a page is; `next` is the address of the one that follows."""

    at: date
    edition: int = Field(description="Edition of the grids.")
    synthetic: bool = Field(description="Whether the data are made up for demonstration.")
    attribution: str
    next: str | None


class Posts(PostPage):
    """Who holds the posts of the grids, by place, post and name."""

    posts: list[HeldPost]


class Vacancies(PostPage):
    """Posts that nobody holds, by place and post."""

    vacancies: list[VacantPost]


class EndingTerms(PostPage):
    """Terms that run out, by place, post and name."""

    days: int
    terms: list[EndingTerm]
