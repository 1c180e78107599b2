"""Whether the service is up, and whether it can answer."""

from typing import Literal

from pydantic import BaseModel, Field


class Health(BaseModel):
    """The process answers."""

    status: Literal["up"]
    database: Literal["away"] | None = Field(
        None, description="Said only while the database does not answer."
    )


class Readiness(BaseModel):
    """Database, schema and territory are in place."""

    status: Literal["ready"]
    migrations: str = Field(description="The schema version of the database.")
    edition: int = Field(description="The edition in force.")
