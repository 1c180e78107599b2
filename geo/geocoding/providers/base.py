"""What all providers share: one question a turn, a limit of time, a pause, one shape of answer."""

import json
import math
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPException
from typing import Any, ClassVar
from urllib.error import HTTPError
from urllib.parse import urlencode, urlsplit

from geo.crs import to_cgcs2000
from geo.errors import InputError, UnavailableError
from geo.geocoding.providers.asking import TooLongError, get

# The banner's code and full name, by which answers from elsewhere are kept out.
BANNER_CODE = "150625"
BANNER_NAME = "内蒙古自治区鄂尔多斯市杭锦旗"


class ProviderError(UnavailableError):
    """A provider did not answer, or not with what it should."""

    code = "provider.failed"
    zh = "{provider} 未能给出第二意见（{reason_zh}）；本机结果不受影响。"
    en = "{provider} gave no second opinion ({reason}); our own answer stands."


class ProviderAddressError(InputError):
    """A provider's address is none that can be asked."""

    code = "provider.address"
    zh = "{provider} 的服务地址“{got}”不是 http 或 https 地址，请更正 BANNERGRID_{setting}。"
    en = "{got!r} is no http or https address for {provider}; correct BANNERGRID_{setting}."


@dataclass(frozen=True)
class Found:
    """A place as a provider found it.

    Parameters
    ----------
    name : str
        What the provider calls it.
    longitude, latitude : float
        Degrees, in the provider's datum as it answers, in EPSG:4490 as `Provider.ask` gives it.
    """

    name: str
    longitude: float
    latitude: float


class Turns:
    """Lets callers through at most `rate_per_s` a second, in whatever threads they are.

    Parameters
    ----------
    rate_per_s : float
    clock, wait : callable
        Seconds now, and how to wait for some; the machine's by default.
    """

    def __init__(
        self,
        rate_per_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval_s = 1 / rate_per_s
        self._clock = clock
        self._wait = wait
        self._lock = threading.Lock()
        self._next = clock()

    def take(self, *, patience_s: float) -> bool:
        """Wait for a turn; False, at once, where it would come later than `patience_s`."""
        with self._lock:
            now = self._clock()
            due = max(self._next, now)
            if due - now > patience_s:
                return False
            self._next = due + self._interval_s
        self._wait(due - now)
        return True


class Pause:
    """Keeps callers from somebody who does not answer, for a while after the last try.

    Parameters
    ----------
    length_s : float
    clock : callable
        Seconds now; the machine's by default.
    """

    def __init__(self, length_s: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._length_s = length_s
        self._clock = clock
        self._until = clock()

    def begin(self) -> None:
        """Begin anew."""
        self._until = self._clock() + self._length_s

    def left_s(self) -> float:
        """Give the seconds until it is over; 0 where it is."""
        return max(self._until - self._clock(), 0.0)


class Provider(ABC):
    """One geocoder of somebody else's.

    Parameters
    ----------
    url : str
        http or https address of its geocoding service.
    key : str
        The site's key; it is in no message.
    timeout_s : float
        Longest wait for a whole answer, the turn included.
    rate_per_s : float
        Most questions a second.
    pause_s : float
        How long nobody is asked after an answer that did not come.

    Raises
    ------
    ProviderAddressError
        If `url` is none.
    """

    name: ClassVar[str]
    setting: ClassVar[str]
    datum: ClassVar[str]

    def __init__(
        self, url: str, key: str, *, timeout_s: float, rate_per_s: float, pause_s: float
    ) -> None:
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ProviderAddressError(provider=self.name, got=url, setting=self.setting)
        self._url = url
        self._key = key
        self._timeout_s = timeout_s
        self._turns = Turns(rate_per_s)
        self._pause = Pause(pause_s)

    def ask(self, name: str) -> Found | None:
        """Ask where a compound of the banner lies.

        Parameters
        ----------
        name : str
            Of the compound; no building, room or person.

        Returns
        -------
        Found or None
            In EPSG:4490; None where the provider knows no such place in the banner.

        Raises
        ------
        ProviderError
            If it does not answer in time, or did not a moment ago, refuses the key, or answers
            what cannot be read.
        """
        over_at = time.monotonic() + self._timeout_s
        if left_s := self._pause.left_s():
            seconds = math.ceil(left_s)
            raise self._failed(
                f"it did not answer; it is asked again in {seconds} s",
                f"此前没有回答，{seconds} 秒后再问",
            )
        if not self._turns.take(patience_s=self._timeout_s):
            raise self._failed("too many questions at once; ask again", "提问过于频繁，请稍后再试")
        answer = self._get(self._query(name), limit_s=over_at - time.monotonic())
        try:
            found = self._read(answer)
        except (KeyError, IndexError, TypeError, ValueError) as error:
            raise self._failed(
                f"its answer lacks {error}", f"回答的格式无法识别：{error}"
            ) from error
        if found is None:
            return None
        x, y = to_cgcs2000(longitude=[found.longitude], latitude=[found.latitude], datum=self.datum)
        return Found(name=found.name, longitude=float(x[0]), latitude=float(y[0]))

    @abstractmethod
    def _query(self, name: str) -> dict[str, str]:
        """Give the parameters that ask for a name, the key among them."""

    @abstractmethod
    def _read(self, answer: dict[str, Any]) -> Found | None:
        """Read an answer; KeyError, IndexError, TypeError or ValueError if it is not one."""

    def _failed(self, reason: str, reason_zh: str) -> ProviderError:
        return ProviderError(provider=self.name, reason=reason, reason_zh=reason_zh)

    def _get(self, query: dict[str, str], *, limit_s: float) -> dict[str, Any]:
        try:
            body = get(f"{self._url}?{urlencode(query)}", limit_s=limit_s)
        except HTTPError as error:
            # The error is an answer too, and holds its connection until it is closed.
            error.close()
            raise self._failed(f"HTTP status {error.code}", f"HTTP 状态 {error.code}") from None
        except TooLongError:
            raise self._failed("its answer is too long", "回答过长") from None
        except (OSError, HTTPException) as error:
            # Whoever asks next is not made to wait for the same.
            self._pause.begin()
            # Its own words may hold the address and with it the key: only the kind is told.
            kind = type(getattr(error, "reason", error)).__name__
            raise self._failed(f"no answer: {kind}", f"没有回答：{kind}") from None
        try:
            answer = json.loads(body)
        except ValueError as error:
            raise self._failed("its answer is not JSON", "回答不是 JSON") from error
        if not isinstance(answer, dict):
            raise self._failed("its answer is no JSON object", "回答不是 JSON 对象")
        return answer
