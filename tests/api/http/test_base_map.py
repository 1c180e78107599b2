"""The hosts of a base map that a site switched on: the page's policy and `/v1/tiles` name them."""

import pytest
from pydantic import SecretStr, ValidationError

from geo.settings import Settings
from tests.api.conftest import serving

KEY = "a-key-of-tianditu"


def test_tianditus_own_hosts_are_the_default(world_url: str) -> None:
    with serving(world_url, tianditu_map_key=SecretStr(KEY)) as client:
        policy = client.get("/").headers["content-security-policy"]
        for number in range(8):
            assert policy.count(f"https://t{number}.tianditu.gov.cn") == 2  # pictures, connections
        told = client.get("/v1/tiles").json()["base"]
        assert len(told["ground"]) == len(told["names"]) == 8
        assert told["ground"][3].startswith("https://t3.tianditu.gov.cn/vec_w/wmts?SERVICE=WMTS&")


@pytest.mark.parametrize("address", ["https://host; script-src *", "ftp://host", "host", ""])
def test_an_address_that_would_open_the_policy_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="tianditu_map_url"):
        Settings(tianditu_map_url=address)
