"""Whether the process is up, and whether it can answer."""

from fastapi import APIRouter, Request

from api import problems
from api.deps import ReadSession
from api.errors import NotReadyError
from api.messages import Sentence
from api.openapi import example, problem_responses
from api.problems import Finding
from api.schemas.health import Health, Readiness
from geo.db import migrate
from geo.errors import EditionNotFoundError, UnavailableError
from geo.territory import repository

router = APIRouter(tags=["health"])


@router.get(
    "/healthz",
    operation_id="health",
    summary="Whether the process is up",
    responses={**example({"status": "up"}), **problem_responses(422, 500)},
)
def health() -> Health:
    """Answer as long as the process does; nothing else is looked at."""
    return Health(status="up")


@router.get(
    "/readyz",
    operation_id="readiness",
    summary="Whether the service can answer: database, schema, territory",
    responses={
        **example({"status": "ready", "migrations": "0002", "edition": 1}),
        **problem_responses(422, 500, 503),
    },
)
def readiness(request: Request, session: ReadSession) -> Readiness:
    """Name what is missing and the command that mends it."""
    try:
        migrate.ready(request.app.state.engine)
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
