"""Every setting with its default, read once at the entry point from `BANNERGRID_*`.

What each means stands in `settings.toml`, in both languages; `bannergrid guide` lists them.
"""

import ipaddress
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a site may choose. Frozen: whoever needs another value makes another `Settings`."""

    model_config = SettingsConfigDict(env_prefix="BANNERGRID_", frozen=True, extra="ignore")

    data: Path = Field(default_factory=lambda: user_data_path("bannergrid"))
    database_url: SecretStr | None = Field(default=None)
    language: Literal["zh", "en"] = Field(default="zh")
    host: str = Field(default="127.0.0.1")
    port: int = Field(default=8000, ge=0, le=65535)
    token: SecretStr | None = Field(default=None)
    wrong_tokens: int = Field(default=20, ge=1)
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9._~-]+(:[0-9]{1,5})?$|^https?://\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?$",
    )
    trusted_proxies: str = Field(default="")
    run_as: str | None = Field(default=None)
    log_format: Literal["json", "text"] = Field(default="text")
    log_level: Literal["debug", "info", "warning", "error"] = Field(default="info")
    measuring_crs: str | None = Field(default=None, pattern=r"^EPSG:[0-9]{4,6}$")
    nearest_limit_m: float = Field(default=200.0, ge=0)
    max_file_mb: int = Field(default=1024, gt=0)
    max_columns: int = Field(default=2_000, gt=0)
    max_rows: int = Field(default=100_000_000, gt=0)
    max_cells: int = Field(default=20_000_000, gt=0)
    file_memory_mb: int = Field(default=2_048, ge=256)
    max_vertices: int = Field(default=500_000, gt=0)
    min_households: int = Field(default=5, ge=5)
    month_first_day: int = Field(default=1, ge=1, le=28)
    visit_interval_days: int = Field(default=31, ge=1)
    care_interval_days: int = Field(default=14, ge=1)
    coverage_target: float = Field(default=0.95, gt=0, le=1)
    hotspot_permutations: int = Field(default=9_999, ge=99)
    heat_cell_m: float = Field(default=100.0, gt=0)
    geocode_accept: float = Field(default=0.98, ge=0.5, le=1)
    address_far_m: float = Field(default=1000.0, gt=0)
    address_checks: int = Field(default=500, ge=0)
    large_change_share: float = Field(default=0.2, ge=0, le=1)
    geocode_batch_limit: int = Field(default=5000, ge=1)
    max_connections: int = Field(default=2000, ge=1)
    head_kb: int = Field(default=64, ge=1)
    head_limit_s: float = Field(default=10.0, gt=0)
    max_headers: int = Field(default=100, ge=10)
    url_kb: int = Field(default=16, ge=1)
    body_stall_s: float = Field(default=120.0, gt=0)
    body_bytes_per_s: int = Field(default=1024, ge=1)
    send_stall_s: float = Field(default=120.0, gt=0)
    keep_alive_s: float = Field(default=75.0, gt=0)
    requests_at_once: int = Field(default=12, ge=1, le=64)
    drawings_at_once: int = Field(default=3, ge=1, le=64)
    requests_waiting: int = Field(default=1000, ge=0)
    wait_limit_s: float = Field(default=60.0, gt=0)
    waiting_bodies_mb: int = Field(default=256, ge=1)
    pool_wait_s: float = Field(default=5.0, gt=0)
    query_limit_s: float = Field(default=120.0, gt=0)
    max_body_mb: int = Field(default=16, ge=1)
    route_batch_mb: int = Field(default=1024, ge=1)
    route_batches: int = Field(default=2, ge=1)
    route_batch_stall_s: float = Field(default=120.0, gt=0)
    reports_at_once: int = Field(default=1, ge=1)
    reports_waiting: int = Field(default=8, ge=1)
    report_limit_s: float = Field(default=1800.0, gt=0)
    report_memory_mb: int = Field(default=4_096, ge=512)
    report_kept_hours: float = Field(default=24.0, gt=0)
    reports_kept: int = Field(default=50, ge=1)
    reverse_limit_m: float = Field(default=500.0, gt=0)
    duplicate_radius_m: float = Field(default=100.0, ge=0)
    duplicate_hours: float = Field(default=72.0, ge=0)
    term_notice_days: int = Field(default=30, ge=0, le=3660)
    changes_kept_days: int = Field(default=400, ge=1)
    max_followers: int = Field(default=200, ge=1)
    datum_odds: float = Field(default=1000.0, gt=1)
    datum_guess_limit: int = Field(default=10_000, ge=1)
    tianditu_key: SecretStr | None = Field(default=None)
    tianditu_url: str = Field(default="https://api.tianditu.gov.cn/geocoder")
    tianditu_map_key: SecretStr | None = Field(default=None)
    tianditu_map_url: str = Field(
        default="https://t{s}.tianditu.gov.cn", pattern=r"^https?://[\w.{}-]+(:\d+)?(/[\w./-]*)?$"
    )
    amap_key: SecretStr | None = Field(default=None)
    amap_url: str = Field(default="https://restapi.amap.com/v3/geocode/geo")
    provider_timeout_s: float = Field(default=3.0, gt=0)
    provider_pause_s: float = Field(default=30.0, ge=0)
    provider_rate_per_s: float = Field(default=3.0, gt=0)

    @field_validator("public_url", mode="before")
    @classmethod
    def _without_slash(cls, given: object) -> object:
        return given.removesuffix("/") if isinstance(given, str) else given

    @field_validator("trusted_proxies")
    @classmethod
    def _are_networks(cls, given: str) -> str:
        for each in filter(None, map(str.strip, given.split(","))):
            ipaddress.ip_network(each, strict=False)
        return given
