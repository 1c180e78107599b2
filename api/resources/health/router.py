"""Whether the process is up, and whether it can answer."""

import asyncio
from typing import cast

from fastapi import APIRouter, Request
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool

from api.auth.principal import NOBODY, session_info
from api.http import problems
from api.http.deps import limit_queries, translate_db_errors
from api.http.errors import NotReadyError
from api.http.openapi import example, problem_responses
from api.http.problems import Finding
from api.resources.health.schemas import Health, Readiness
from api.sentences import Sentence
from geo.db import migrate
from geo.errors import EditionNotFoundError, UnavailableError
from geo.territory import repository

router = APIRouter(tags=["health"])

# Whoever watches over the service does not wait longer.
LOOK_LIMIT_S = 5.0


@router.get(
    "/healthz",
    operation_id="health",
    summary="Whether the process is up",
    response_model_exclude_none=True,
    responses={**example({"status": "up"}), **problem_responses(422, 500)},
)
async def health(request: Request) -> Health:
    """Answer as long as the process does, from memory; tells also that the database is away."""
    away = request.app.state.feed.is_cut_off
    return Health(status="up", database="away" if away else None)


@router.get(
    "/readyz",
    operation_id="readiness",
    summary="Whether the service can answer: database, schema, territory",
    responses={
        **example({"status": "ready", "migrations": "0002", "edition": 1}),
        **problem_responses(422, 500, 503),
    },
)
async def readiness(request: Request) -> Readiness:
    """Name what is missing and the command that mends it."""
    return await cast("ReadinessCheck", request.app.state.readiness).result()


class ReadinessCheck:
    """Looks whether the service can answer, once for all who ask meanwhile.

    Everybody may ask, without a token: so many as do hold one thread and one connection.

    Parameters
    ----------
    engine : Engine
        That requests read with.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._running: asyncio.Future[Readiness] | None = None

    async def result(self) -> Readiness:
        """Give what is found.

        Raises
        ------
        NotReadyError
            Naming what is missing.
        DatabaseAwayError, SchemaMissingError
            As `api.http.deps.translate_db_errors` says.
        """
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(run_in_threadpool(self._look))
        # Whoever goes does not end it for the others.
        return await asyncio.shield(self._running)

    def _look(self) -> Readiness:
        with translate_db_errors(), Session(self._engine, info=session_info(NOBODY)) as session:
            limit_queries(session, LOOK_LIMIT_S)
            try:
                migrate.ready(self._engine)
            except UnavailableError as error:
                raise NotReadyError([_finding("migrations", error, error.code)]) from error
            try:
                edition = repository.edition(session).id
            except EditionNotFoundError as error:
                message = Sentence(
                    "尚无已发布的网格，请执行 bannergrid territory load（或 bannergrid demo）。",
                    "No edition is published; run bannergrid territory load (or bannergrid demo).",
                )
                finding = Finding("edition", message, None, error.code)
                raise NotReadyError([finding]) from error
            return Readiness(status="ready", migrations=migrate.newest(), edition=edition)


def _finding(part: str, error: UnavailableError, code: str) -> Finding:
    return Finding(part, problems.sentence_of(error), None, code)
