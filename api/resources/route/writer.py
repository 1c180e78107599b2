"""Answers of `/v1/route` as bytes, put together from pieces that are written once.

What depends on the grid and the category alone is written when it is first asked for and kept;
a further answer is two of those pieces with the coordinates between them.
"""

import math
from functools import lru_cache
from typing import Any

import orjson

from api.auth.principal import Principal
from geo.codes import community_of, town_of
from geo.errors import Language
from geo.routing import sentences
from geo.routing.model import Candidate, Decision, Match, Step
from geo.routing.router import Router

# Pieces kept: a banner's grids by the categories that are asked for most. About 3 KB each.
KEPT = 8192
# Candidates that are named; those that follow are summed.
NAMED = 3


class AnswerWriter:
    """Writes the answers of one router.

    Parameters
    ----------
    router : Router
    """

    def __init__(self, router: Router) -> None:
        self.router = router
        self._alike = lru_cache(maxsize=KEPT)(self._write_alike)
        self._duty = lru_cache(maxsize=KEPT)(self._write_duty)
        self._place = lru_cache(maxsize=KEPT)(self._write_place)
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
        self,
        *,
        longitude: float,
        latitude: float,
        category: str | None,
        language: Language,
        accuracy_m: float | None = None,
    ) -> bytes:
        """Answer for a point, in a few microseconds once its grid has been asked for.

        Parameters
        ----------
        longitude, latitude : float
            Degrees, EPSG:4490, finite.
        category : str, optional
            A code that the router knows.
        language : {"zh", "en"}
        accuracy_m : float, optional
            Radius that holds the true place with 68 %; then the grids around count too.

        Returns
        -------
        bytes
            JSON, see `api.resources.route.schemas.RouteAnswer`.
        """
        router = self.router
        if accuracy_m is None:
            found = router.snapshot.index.locate_one(longitude, latitude, router.limit_m)
            code, match, _ = found
            if match != "nearest":
                before, after = self._alike(code, match, category, language)
                return b"%b%.7f%b%.7f%b" % (before, longitude, b',"latitude":', latitude, after)
            decision = router.decide_found(*found, category=category)
        else:
            decision = router.decide(
                longitude=longitude, latitude=latitude, category=category, accuracy_m=accuracy_m
            )
        reason = sentences.reason(
            router, decision, category=category, language=language, accuracy_m=accuracy_m
        )
        before, after = self._write(decision, category, reason)
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
            See `api.resources.route.schemas.RoutedAddress`.
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
        before, after = self._write(decision, category, reason, address)
        spot = orjson.dumps([address.pop("longitude"), address.pop("latitude")])[1:-1].split(b",")
        return b'%b%b,"latitude":%b%b' % (before, spot[0], spot[1], after)

    def named(self, code: str | None) -> dict[str, str | None] | None:
        """Give a level-two grid as code and name."""
        if code is None:
            return None
        return {"code": code, "name": self.router.names(code)[0]}

    def _write_alike(
        self, code: str | None, match: Match | None, category: str | None, language: Language
    ) -> tuple[bytes, bytes]:
        """Write what is the same for all points in a grid, or for all that are in none."""
        decision = self.router.decide_found(code, match, 0.0, category=category)
        reason = sentences.reason(self.router, decision, category=category, language=language)
        return self._write(decision, category, reason)

    def _write(
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
        before = (_inner(head), self._place(code), duty, self._stand)
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

    def _write_place(self, code: str | None) -> bytes:
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
            for level, whose in (("grid", code), ("community", community_of(code)))
            for each in self.router.contacts(whose)
        ]
        return _inner(
            {
                "grid": {"code": code, "name": grid},
                "community": {"code": community_of(code), "name": community},
                "town": {"code": town_of(code), "name": town},
                "posts": posts,
            }
        )

    def _write_duty(self, steps: tuple[Step, ...], category: str | None) -> bytes:
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
        return _inner(
            {
                "category": category,
                "department": first.get("department"),
                "limit_h": first.get("limit_h"),
                "rule": first.get("rule"),
                "escalation": ladder,
            }
        )

    def _candidates(self, candidates: tuple[Candidate, ...]) -> list[dict[str, Any]] | None:
        if not candidates:
            return None
        return [
            {"grid": self.named(each.grid_code), "probability": round(each.probability, 6)}
            for each in candidates[:NAMED]
        ]


class LiveWriters:
    """The writers of whichever router is asked, by who asks: those of the last router are kept."""

    def __init__(self) -> None:
        self._last: tuple[Router | None, dict[Principal, AnswerWriter]] = None, {}

    def of(self, router: Router, principal: Principal) -> AnswerWriter:
        """Give the writer of a router for somebody; without waiting, from any thread."""
        last, writers = self._last
        if last is not router:
            writers = {}
            self._last = router, writers
        writer = writers.get(principal)
        if writer is None:
            writer = writers[principal] = AnswerWriter(router)
        return writer


def _inner(fields: dict[str, Any]) -> bytes:
    """Write the inside of a JSON object."""
    return orjson.dumps({k: _finite(v) for k, v in fields.items()})[1:-1]


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
