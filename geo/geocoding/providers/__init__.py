"""Geocoders of others, as a second opinion on which compound a text means; off by default.

A site switches one on by giving its key. No household leaves the site: only the name of a compound
is asked for, never a building, a room or a person.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

from sqlalchemy.orm import Session

from geo.calendar import today
from geo.errors import BannerGridError
from geo.geocoding import repository
from geo.geocoding.providers.amap import Amap
from geo.geocoding.providers.base import Found, Provider
from geo.geocoding.providers.tianditu import Tianditu
from geo.settings import Settings

# A provider's point is seldom inside the footprint; the next compound is farther away than this.
COMPOUND_LIMIT_M = 80.0


@dataclass(frozen=True)
class SecondOpinion:
    """What one provider makes of a name.

    Parameters
    ----------
    provider : str
    name : str, optional
        What it calls the place it found; None where it found none, or failed.
    longitude, latitude : float, optional
        Degrees in EPSG:4490.
    compound_id : str, optional
        The compound of ours at that point, None where none is near.
    problem : BannerGridError, optional
        Why there is no answer.
    """

    provider: str
    name: str | None = None
    longitude: float | None = None
    latitude: float | None = None
    compound_id: str | None = None
    problem: BannerGridError | None = None


def enabled(settings: Settings) -> list[Provider]:
    """Give the providers that the site has a key for, Tianditu first; none by default."""
    limits = (
        settings.provider_timeout_s,
        settings.provider_rate_per_s,
        settings.provider_pause_s,
    )
    made: list[Provider] = []
    if settings.tianditu_key is not None:
        key = settings.tianditu_key.get_secret_value()
        made.append(_provider(Tianditu, settings.tianditu_url, key, *limits))
    if settings.amap_key is not None:
        key = settings.amap_key.get_secret_value()
        made.append(_provider(Amap, settings.amap_url, key, *limits))
    return made


@cache
def _provider(
    kind: type[Provider], url: str, key: str, timeout_s: float, rate_per_s: float, pause_s: float
) -> Provider:
    """Make a provider once a process: its turns and its pause are those of all requests."""
    return kind(url, key, timeout_s=timeout_s, rate_per_s=rate_per_s, pause_s=pause_s)


def second_opinions(
    session: Session, providers: list[Provider], name: str | None
) -> list[SecondOpinion]:
    """Ask each provider for a compound by name; one that fails says why and stops nobody.

    Parameters
    ----------
    session : Session
    providers : list of Provider
    name : str, optional
        What a text calls the compound; without one nobody is asked.

    Returns
    -------
    list of SecondOpinion
        One for each provider, in their order.
    """
    return placed(session, ask(providers, name))


@dataclass(frozen=True)
class Answer:
    """What a provider said: a place, none, or why it said nothing."""

    provider: str
    found: Found | None = None
    problem: BannerGridError | None = None


def ask(providers: list[Provider], name: str | None) -> list[Answer]:
    """Ask each provider for a compound by name, all at once.

    No session is needed, so that none is held while somebody else thinks.
    """
    if not (name and providers):
        return []
    with ThreadPoolExecutor(len(providers)) as threads:
        return list(threads.map(lambda each: _asked(each, name), providers))


def placed(session: Session, answers: list[Answer]) -> list[SecondOpinion]:
    """Say which compound of ours lies at each answer."""
    return [_opinion(session, each) for each in answers]


def _asked(provider: Provider, name: str) -> Answer:
    try:
        return Answer(provider.name, found=provider.ask(name))
    except BannerGridError as error:
        return Answer(provider.name, problem=error)


def _opinion(session: Session, answer: Answer) -> SecondOpinion:
    found = answer.found
    if found is None:
        return SecondOpinion(answer.provider, problem=answer.problem)
    near = repository.nearest(
        session,
        longitude=found.longitude,
        latitude=found.latitude,
        day=today(),
        limit_m=COMPOUND_LIMIT_M,
    )
    compound = near.get("compound")
    return SecondOpinion(
        answer.provider,
        name=found.name,
        longitude=found.longitude,
        latitude=found.latitude,
        compound_id=None if compound is None else compound["external_id"],
    )
