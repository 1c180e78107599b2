"""Tianditu (天地图), the state's own map: a geocoder in CGCS2000.

References
----------
Tianditu Web service API, "Geocoding query V1.0": parameters `ds` (JSON with `keyWord`) and `tk`;
the answer's `status` is "0" where it found a place and "101" where it found none.
"""

import json
from typing import Any, ClassVar

from geo.geocoding.providers.base import BANNER_NAME, Found, Provider

FOUND, NONE_FOUND = "0", "101"


class Tianditu(Provider):
    """Asks Tianditu."""

    name: ClassVar[str] = "tianditu"
    setting: ClassVar[str] = "TIANDITU_URL"
    datum: ClassVar[str] = "cgcs2000"

    def _query(self, name: str) -> dict[str, str]:
        # It takes no district of its own: the banner's name in front keeps it at home.
        words = json.dumps({"keyWord": f"{BANNER_NAME}{name}"}, ensure_ascii=False)
        return {"ds": words, "tk": self._key}

    def _read(self, answer: dict[str, Any]) -> Found | None:
        status = str(answer["status"])
        if status == NONE_FOUND:
            return None
        if status != FOUND:
            said = str(answer.get("msg", status))
            raise self._failed(f"it says: {said}", f"对方答复：{said}")
        place = answer["location"]
        if not place:
            return None
        return Found(
            name=str(place["keyWord"]).removeprefix(BANNER_NAME),
            longitude=float(place["lon"]),
            latitude=float(place["lat"]),
        )
