"""Amap (高德): a geocoder in GCJ-02.

References
----------
Amap Web service API, "Geocoding/regeocoding", `/v3/geocode/geo`: parameters `address`, `city` (a
district's code) and `key`; the answer's `status` is "1" where the question was understood, its
`geocodes` hold `location` as "longitude,latitude".
"""

from typing import Any, ClassVar

from geo.geocoding.providers.base import BANNER_CODE, Found, Provider

UNDERSTOOD = "1"


class Amap(Provider):
    """Asks Amap."""

    name: ClassVar[str] = "amap"
    setting: ClassVar[str] = "AMAP_URL"
    datum: ClassVar[str] = "gcj02"

    def _query(self, name: str) -> dict[str, str]:
        return {"address": f"杭锦旗{name}", "city": BANNER_CODE, "output": "JSON", "key": self._key}

    def _read(self, answer: dict[str, Any]) -> Found | None:
        if str(answer["status"]) != UNDERSTOOD:
            said = str(answer.get("info", answer["status"]))
            raise self._failed(f"it says: {said}", f"对方答复：{said}")
        # It answers with the best place of a wider area where the district has none.
        here = [place for place in answer["geocodes"] if place["adcode"] == BANNER_CODE]
        if not here:
            return None
        longitude, latitude = map(float, str(here[0]["location"]).split(","))
        return Found(name=str(here[0]["formatted_address"]), longitude=longitude, latitude=latitude)
