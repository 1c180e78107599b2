"""Which collections there are, with their names and extents, and the connections that read them."""

import asyncio
import time
import tomllib
from dataclasses import dataclass
from importlib.resources import files
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy import Engine
from tipg.collections import Catalog, Collection, CollectionList, pg_get_collection_index
from tipg.database import connection_factory
from tipg.dependencies import CollectionsParams
from tipg.settings import DatabaseSettings

from api.http.problems import echo, language_of
from geo.db.failures import SchemaMissingError
from geo.db.published import SCHEMA
from geo.db.readers import Readers, open_readers
from geo.errors import Language, NotFoundError
from geo.settings import Settings

# Extents grow with a new month or edition; the rows themselves are never older than the request.
FRESH_S = 60


class CollectionNotFoundError(NotFoundError):
    """No collection of that name."""

    code = "ogc.collection"
    zh = "没有名为“{got}”的数据集。/ogc/collections 列出现有数据集。"
    en = "There is no collection {got!r}. /ogc/collections lists those there are."


@dataclass(frozen=True)
class Words:
    """What a collection is called and what it is, in both languages."""

    zh: str
    en: str
    about_zh: str
    about_en: str

    def title(self, language: Language) -> str:
        """Give the name."""
        return self.zh if language == "zh" else self.en

    def about(self, language: Language) -> str:
        """Give what a reader has to know."""
        return self.about_zh if language == "zh" else self.about_en


WORDS = {
    name: Words(**words)
    for name, words in tomllib.loads(
        (files(__package__) / "collections.toml").read_text(encoding="utf-8")
    ).items()
}


class Published:
    """The collections, read when somebody first asks and again when they may have grown.

    Nothing is opened before: a service whose database is away, or lacks the reading role, starts
    and does all the rest.

    Parameters
    ----------
    engine : Engine
        Of the database.
    settings : Settings
        `min_households`.
    """

    def __init__(self, engine: Engine, settings: Settings) -> None:
        self.engine = engine
        self._settings = settings
        self._lock = asyncio.Lock()
        self._readers: Readers | None = None
        self._catalog: Catalog | None = None
        self._fresh_until = 0.0

    async def load(self, request: Request) -> Catalog:
        """Give the collections; tipg finds them and the connections in the application's state.

        Raises
        ------
        PublishedRoleError, SchemaMissingError
            If the database has no role to read with, or shows it not all of the views.
        OSError, asyncpg.PostgresError
            If the database does not answer.
        """
        async with self._lock:
            if self._catalog is None or time.monotonic() > self._fresh_until:
                self._catalog = await self._read()
                self._fresh_until = time.monotonic() + FRESH_S
            request.app.state.pool = self._readers
            request.app.state.collection_catalog = self._catalog
            return self._catalog

    async def close(self) -> None:
        """Close the connections, if there are any."""
        if self._readers is not None:
            await self._readers.close()
            self._readers = None

    async def _read(self) -> Catalog:
        if self._readers is None:
            self._readers = await open_readers(
                self.engine,
                min_households=self._settings.min_households,
                prepare=connection_factory(schemas=[SCHEMA], tipg_schema="pg_temp"),
            )
        async with self._readers.acquire() as connection:
            found = await pg_get_collection_index(
                connection,
                DatabaseSettings(
                    schemas=[SCHEMA],
                    application_schema="pg_temp",
                    tables=[f"{SCHEMA}.{name}" for name in WORDS],
                    # No function is a collection.
                    functions=[],
                ),
            )
        if {each.table for each in found} != set(WORDS):
            raise SchemaMissingError  # or its rights: the same command gives both
        named = {each.table: each.model_copy(update={"id": each.table}) for each in found}
        return cast("Catalog", {"collections": {name: named[name] for name in WORDS}})


def published(request: Request) -> Published:
    """Give the catalogue of the application that answers."""
    return cast("Published", request.app.state.published)


async def loaded(
    request: Request, there: Annotated[Published, Depends(published)]
) -> dict[str, Collection]:
    """Give the collections by name."""
    return (await there.load(request))["collections"]


def one(
    request: Request,
    collectionId: str,  # noqa: N803 - the standard's name
    there: Annotated[dict[str, Collection], Depends(loaded)],
) -> Collection:
    """Give the collection that the address names, in the caller's language.

    Raises
    ------
    CollectionNotFoundError
        If there is none of that name.
    """
    if collectionId not in there:
        raise CollectionNotFoundError(got=echo(collectionId))
    words, language = WORDS[collectionId], language_of(request)
    return there[collectionId].model_copy(
        update={"title": words.title(language), "description": words.about(language)}
    )


def several(
    _: Annotated[dict[str, Collection], Depends(loaded)],
    found: Annotated[CollectionList, Depends(CollectionsParams)],
) -> CollectionList:
    """Give the collections that the caller's conditions leave."""
    return found
