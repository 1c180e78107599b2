"""The categories of incidents that every database has: this version's list, as rows of a table.

The list is a fact of the product, so it comes with the tables and is brought up to date with them.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, or_
from sqlalchemy.dialects.postgresql import insert

from geo.db.tables import Category

OWN = "own"


@cache
def standard() -> tuple[dict[str, Any], ...]:
    """Give the list as rows of the table `category`, each network before its matters."""
    path = Path(__file__).with_name("categories.toml")
    return tuple(_rows(tomllib.loads(path.read_text(encoding="utf-8"))["network"]))


def _rows(networks: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for network in networks:
        yield _row(network, network["code"], None)
        for matter in network["matters"]:
            yield _row(matter, f"{network['code']}.{matter['code']}", network["code"])


def _row(facts: dict[str, Any], code: str, parent: str | None) -> dict[str, Any]:
    return {
        "code": code,
        "parent": parent,
        "name": facts["zh"],
        "name_en": facts["en"],
        "aliases": facts["aliases"],
        "source": facts.get("source", OWN),
    }


def write(connection: Connection) -> None:
    """Put the list into the table; rows that are so already are not touched.

    Categories are never taken away: incidents and rules may hold them.
    """
    adding = insert(Category)
    told = ("parent", "name", "name_en", "aliases", "source")
    new = {name: adding.excluded[name] for name in told}
    differs = or_(*(getattr(Category, name).is_distinct_from(new[name]) for name in told))
    statement = adding.on_conflict_do_update(index_elements=["code"], set_=new, where=differs)
    connection.execute(statement.values(list(standard())))
