"""Wrong tokens by address: after a few, each costs a wait that doubles.

The right token is always taken, also from an address that others try doors from: many share one
behind a proxy. What keeps it from being found by trying is its length (`api.auth.tokens`); the wait
keeps those who try from costing anything, and is there to be seen.
"""

import hashlib
import ipaddress
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

MOST_ADDRESSES = 10_000
LONGEST_S = 300
FORGOTTEN_S = 600.0
# Of cookies that an address sent: a browser with one of an earlier start sends it many times.
COOKIES_KNOWN = 32
IPV6_SITE = 64  # bits; whoever has one address of such a block has them all


@dataclass
class _Tries:
    count: int = 0
    last_s: float = 0.0
    until_s: float = 0.0
    cookies: set[bytes] = field(default_factory=set)


class Attempts:
    """Counts wrong tokens.

    Parameters
    ----------
    free : int
        How many an address has before it has to wait.
    clock : callable, optional
        Seconds.
    """

    def __init__(self, free: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = free
        self._clock = clock
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def wrong(self, address: str | None, *, cookie: str | None = None) -> int | None:
        """Count a wrong token.

        Parameters
        ----------
        address : str, optional
            Where it came from.
        cookie : str, optional
            It came as this cookie: the same one again is no other try.

        Returns
        -------
        int or None
            Seconds to wait; None while the address has tries left.
        """
        now_s = self._clock()
        tries = self._of(_site(address), now_s)
        if cookie is not None:
            digest = hashlib.sha256(cookie.encode()).digest()
            if digest in tries.cookies:
                return None
            if len(tries.cookies) < COOKIES_KNOWN:
                tries.cookies.add(digest)
        tries.count += 1
        tries.last_s = now_s
        over = tries.count - self._free
        if over <= 0:
            return None
        tries.until_s = max(tries.until_s, now_s + min(2.0 ** min(over - 1, 30), LONGEST_S))
        return math.ceil(tries.until_s - now_s)

    def _of(self, site: str, now_s: float) -> _Tries:
        tries = self._tries.pop(site, None)
        if tries is None or now_s - tries.last_s > FORGOTTEN_S:
            tries = _Tries()
        self._tries[site] = tries
        if len(self._tries) > MOST_ADDRESSES:
            self._tries.popitem(last=False)
        return tries


def _site(address: str | None) -> str:
    try:
        known = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if known.version == 6:  # noqa: PLR2004 - of the protocol
        return str(ipaddress.ip_network((known, IPV6_SITE), strict=False))
    return str(known)
