"""Answers of `/v1/route` as bytes, put together from pieces that are written once.

What depends on the grid and the category alone is written when it is first asked for and kept;
a further answer is two of those pieces with the coordinates between them.
"""

import math
from functools import lru_cache
from typing import Any

import orjson

from geo.errors import Language
from geo.routing import sentences
from geo.routing.model import Candidate, Decision, Step
from geo.routing.router import Router

# Pieces kept: a banner's grids by the categories that are asked for most. About 3 KB each.
KEPT = 8192
# Candidates that are named; those that follow are summed.
NAMED = 3
COMMUNITY, TOWN = 12, 9  # digits of codes


class Answers:
    """Writes the answers of one router.

    Parameters
    ----------
    router : Router
    """

    def __init__(self, router: Router) -> None:
        self.router = router
        self._inside = lru_cache(maxsize=KEPT)(self._written_inside)
        self._place = lru_cache(maxsize=KEPT)(self._written_place)
        self._stand = _inner(
            {
                "edition": router.edition.id,
                "rule_set": None if router.rule_set is None else router.rule_set.id,
                "at": router.day.isoformat(),
                "synthetic": router.edition.synthetic,
                "attribution": router.edition.attribution,
            }
        )

    def at(
        self, *, longitude: float, latitude: float, category: str | None, language: Language
    ) -> bytes:
        """Answer for a point, fast where a grid covers it.

        Parameters
        ----------
        longitude, latitude : float
            Degrees, EPSG:4490, finite.
        category : str, optional
            A code that the router knows.
        language : {"zh", "en"}

        Returns
        -------
        bytes
            JSON, see `api.schemas.route.RouteAnswer`.
        """
        router = self.router
        found = router.snapshot.index.locate_one(longitude, latitude, router.limit_m)
        code, match, _ = found
        if match == "inside":
            before, after = self._inside(code, category, language)
            return b"%b%.7f%b%.7f%b" % (before, longitude, b',"latitude":', latitude, after)
        decision = router.decide_found(*found, category=category)
        return self.of(
            decision, longitude=longitude, latitude=latitude, category=category, language=language
        )

    def of(
        self,
        decision: Decision,
        *,
        longitude: float,
        latitude: float,
        category: str | None,
        language: Language,
        accuracy_m: float | None = None,
    ) -> bytes:
        """Write the answer of a decision that the router made for a point."""
        reason = sentences.reason(
            self.router, decision, category=category, language=language, accuracy_m=accuracy_m
        )
        before, after = self._written(decision, category, reason)
        return b"%b%.7f%b%.7f%b" % (before, longitude, b',"latitude":', latitude, after)

    def of_address(
        self,
        decision: Decision | None,
        *,
        address: dict[str, Any],
        category: str | None,
        language: Language,
        accept: float,
    ) -> bytes:
        """Write the answer for an address.

        Parameters
        ----------
        decision : Decision, optional
            None where the address is not certain enough to be routed: then the answer names no
            grid but the likely one, in `address`.
        address : dict
            See `api.schemas.route.RoutedAddress`.
        category : str, optional
        language : {"zh", "en"}
        accept : float
            The least probability that is routed by.
        """
        likely = address["likely_grid"]
        reason = sentences.of_address(
            self.router,
            decision,
            category=category,
            language=language,
            likely=None if likely is None else likely["code"],
            probability=address["grid_probability"],
            accept=accept,
        )
        before, after = self._written(decision, category, reason, address)
        spot = orjson.dumps([address.pop("longitude"), address.pop("latitude")])[1:-1].split(b",")
        return b'%b%b,"latitude":%b%b' % (before, spot[0], spot[1], after)

    def named(self, code: str | None) -> dict[str, str | None] | None:
        """Give a level-two grid as code and name."""
        if code is None:
            return None
        return {"code": code, "name": self.router.names(code)[0]}

    def _written_inside(
        self, code: str, category: str | None, language: Language
    ) -> tuple[bytes, bytes]:
        decision = self.router.decide_found(code, "inside", 0.0, category=category)
        reason = sentences.reason(self.router, decision, category=category, language=language)
        return self._written(decision, category, reason)

    def _written(
        self,
        decision: Decision | None,
        category: str | None,
        reason: str,
        address: dict[str, Any] | None = None,
    ) -> tuple[bytes, bytes]:
        """Write an answer but for the coordinates, which go between the two pieces."""
        code = None if decision is None else decision.grid_code
        away_m = None if decision is None else decision.distance_m
        head = {
            "match": None if decision is None else decision.match,
            "distance_m": None if away_m is None else round(away_m, 3),
        }
        duty = self._duty(() if decision is None else decision.steps, category)
        before = (_inner(head), self._place(code), _inner(duty), self._stand)
        shown = None
        if address is not None:
            shown = {k: v for k, v in address.items() if k not in ("longitude", "latitude")}
        after = _inner(
            {
                "candidates": self._candidates(() if decision is None else decision.candidates),
                "address": shown,
                "reason": reason,
            }
        )
        return b'{%b,"longitude":' % b",".join(before), b",%b}" % after

    def _written_place(self, code: str | None) -> bytes:
        if code is None:
            return _inner({"grid": None, "community": None, "town": None, "posts": []})
        grid, community, town = self.router.names(code)
        posts = [
            {
                "level": level,
                "role": each.role,
                "holder": each.holder,
                "phone": each.phone,
                "organisation": each.organisation,
            }
            for level, whose in (("grid", code), ("community", code[:COMMUNITY]))
            for each in self.router.contacts(whose)
        ]
        return _inner(
            {
                "grid": {"code": code, "name": grid},
                "community": {"code": code[:COMMUNITY], "name": community},
                "town": {"code": code[:TOWN], "name": town},
                "posts": posts,
            }
        )

    def _duty(self, steps: tuple[Step, ...], category: str | None) -> dict[str, Any]:
        ladder = [
            {
                "level": step.level,
                "department": {
                    "code": step.department,
                    "name": self.router.departments.get(step.department),
                },
                "limit_h": step.limit_h,
                "rule": step.rule,
            }
            for step in steps
        ]
        first = ladder[0] if ladder else {}
        return {
            "category": category,
            "department": first.get("department"),
            "limit_h": first.get("limit_h"),
            "rule": first.get("rule"),
            "escalation": ladder,
        }

    def _candidates(self, candidates: tuple[Candidate, ...]) -> list[dict[str, Any]] | None:
        if not candidates:
            return None
        return [
            {"grid": self.named(each.grid_code), "probability": round(each.probability, 6)}
            for each in candidates[:NAMED]
        ]


class LiveAnswers:
    """The answers of whichever router is asked: those of the last one are kept."""

    def __init__(self) -> None:
        self._last: Answers | None = None

    def of(self, router: Router) -> Answers:
        """Give the answers of a router; without waiting, from any thread."""
        last = self._last
        if last is None or last.router is not router:
            self._last = last = Answers(router)
        return last


def _inner(fields: dict[str, Any]) -> bytes:
    """Write the inside of a JSON object."""
    return orjson.dumps({k: _finite(v) for k, v in fields.items()})[1:-1]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
