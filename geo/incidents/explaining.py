"""Why an incident is where it is, with whom, or with nobody: one sentence of each language."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from sqlalchemy.orm import Session

from geo.errors import Language
from geo.incidents import deciding, repository, routers
from geo.incidents.model import Decision, Incident
from geo.intake import facts
from geo.intake.addresses import SHOWN_CHARACTERS
from geo.routing import sentences
from geo.routing.router import Router
from geo.territory.live import Territories

# What a sentence names and is not known any more.
UNKNOWN = "…"


def waiting(
    session: Session, incidents: Sequence[Incident], router: Router, *, language: Language
) -> dict[int, str]:
    """Say why incidents without a grid have none.

    Parameters
    ----------
    session : Session
    incidents : sequence of Incident
        Those that have a grid are passed over.
    router : Router
        Today's: how far away the nearest grid is is measured by it.
    language : {"zh", "en"}

    Returns
    -------
    dict of int to str
        By number: intake's sentence of the reason.
    """
    there = [each for each in incidents if each.unplaced_reason is not None]
    asked = repository.faults(session, [each.external_id for each in there])
    x = np.array([np.nan if each.longitude is None else each.longitude for each in there])
    y = np.array([np.nan if each.latitude is None else each.latitude for each in there])
    away_m = router.snapshot.index.find(x, y, router.limit_m).distance_m if there else x
    said = {}
    for each, metres in zip(there, away_m.tolist(), strict=True):
        chance, faults = asked.get(each.external_id, (None, []))
        values = {
            "value": _shown(each),
            "distance_km": UNKNOWN if np.isnan(metres) else f"{metres / 1000:.1f}",
            "limit_m": f"{router.limit_m:g}",
            "percent": UNKNOWN if chance is None else f"{100 * chance:.0f}",
            "faults": ", ".join(faults) or UNKNOWN,
        }
        sentence = facts.sentence(str(each.unplaced_reason), language)
        said[each.number] = sentence.format_map(defaultdict(lambda: UNKNOWN, values))
    return said


def _shown(incident: Incident) -> str:
    code = str(incident.unplaced_reason)
    if code.startswith("ADDRESS"):
        return (incident.address or "")[:SHOWN_CHARACTERS]
    if incident.longitude is None or incident.latitude is None:
        return UNKNOWN
    return f"{incident.longitude:.6f}, {incident.latitude:.6f}"


def reason(
    session: Session,
    territories: Territories,
    decision: Decision,
    router: Router,
    *,
    language: Language,
) -> str:
    """Say where a decision found an incident and who answers there, and by what.

    Parameters
    ----------
    session : Session
    territories : Territories
    decision : Decision
        That names a grid.
    router : Router
        Today's; used where it is the one that decided, else that one is made again.
    language : {"zh", "en"}
    """
    by = router
    if routers.basis_of(router) != decision.basis:
        by = routers.as_of(session, territories, decision.basis)
    return sentences.reason(
        by,
        deciding.as_routed(decision),
        category=decision.category,
        language=language,
        accuracy_m=decision.accuracy_m,
    )
