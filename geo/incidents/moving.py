"""An incident from state to state, and what comes with it: when it ended, who solved it."""

from typing import Any

from sqlalchemy.orm import Session

from geo.incidents import repository, rules
from geo.incidents.model import Correction, Incident


def move(session: Session, incident: Incident, wanted: Correction) -> bool:
    """Bring an incident into the state that is wanted, with its note.

    The state that it is in is no move: then a note stands with it, and a level that solved it is
    put right.

    Parameters
    ----------
    session : Session
    incident : Incident
        Held, see `repository.lock`.
    wanted : Correction
        `state`, `solved_at_level` and `note` count here.

    Returns
    -------
    bool
        Whether it had ended and is open again.

    Raises
    ------
    MoveError, SolvedLevelError
        See `geo.incidents.rules`.
    """
    rules.check_solved(wanted.state, wanted.solved_at_level)
    now = rules.state_of(incident.state)
    is_now = incident.state if now is None else now.code
    if wanted.state is None or wanted.state == is_now:
        if wanted.note is not None:
            repository.add_move(session, incident.number, is_now, wanted.note)
        if wanted.solved_at_level is not None:
            level = {"solved_at_level": wanted.solved_at_level}
            repository.change(session, incident.number, level)
        return False
    rules.check_move(incident.state, wanted.state)
    ends = rules.states()[wanted.state].ended
    values: dict[str, Any] = {"state": wanted.state}
    if ends and (wanted.state == rules.CLOSED or incident.closed_at is None):
        # What was reported for later today ends no earlier than that.
        values["closed_at"] = max(repository.now(session), incident.reported_at)
    if wanted.state == rules.CLOSED:
        values["solved_at_level"] = wanted.solved_at_level
    elif not ends:
        values |= {"closed_at": None, "solved_at_level": None}
    repository.change(session, incident.number, values)
    repository.add_move(session, incident.number, wanted.state, wanted.note)
    return rules.has_ended(incident.state, incident.closed_at) and not ends
