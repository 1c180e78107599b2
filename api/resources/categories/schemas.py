"""Categories of incidents on the wire."""

from typing import Any

from pydantic import BaseModel, Field

CATEGORIES: dict[str, Any] = {
    "categories": [
        {
            "code": "city",
            "name": "城市服务",
            "name_en": "City services",
            "aliases": ["城市管理", "城管"],
            "source": "own",
            "matters": [
                {
                    "code": "city.heating",
                    "name": "供热问题",
                    "name_en": "Heating",
                    "aliases": ["供热", "暖气不热"],
                    "source": "own",
                }
            ],
        }
    ]
}


class Matter(BaseModel):
    """What an incident may be about, within a network."""

    code: str
    name: str
    name_en: str
    aliases: list[str] = Field(description="Words that mean it in files.")
    source: str = Field(description="A standard that lists it, or own.")


class Network(Matter):
    """A network, and its matters."""

    matters: list[Matter]


class Categories(BaseModel):
    """Every category, in two levels, by code."""

    categories: list[Network]
