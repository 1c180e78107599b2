"""Every setting with its default, read once at the entry point from `BANNERGRID_*`."""

import ipaddress
from pathlib import Path
from typing import Literal

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a site may choose. Frozen: whoever needs another value makes another `Settings`."""

    model_config = SettingsConfigDict(env_prefix="BANNERGRID_", frozen=True, extra="ignore")

    data: Path = Field(
        default_factory=lambda: user_data_path("bannergrid"),
        description="Folder of the embedded database, its backups and rejects.",
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="postgresql://… of a server of your own; without it the service runs its own.",
    )
    language: Literal["zh", "en"] = Field(
        default="zh", description="Language of messages where the caller names none."
    )
    host: str = Field(default="127.0.0.1", description="Address that serve listens on.")
    port: int = Field(default=8000, ge=0, le=65535, description="Port; 0 takes a free one.")
    token: SecretStr | None = Field(
        default=None, description="Fixed access token; without it serve makes a new one each time."
    )
    wrong_tokens: int = Field(
        default=20,
        ge=1,
        description="Wrong tokens that an address may send before each costs a wait that doubles.",
    )
    public_url: str | None = Field(
        default=None,
        pattern=r"^https?://[A-Za-z0-9._~-]+(:[0-9]{1,5})?$|^https?://\[[0-9A-Fa-f:.]+\](:[0-9]{1,5})?$",
        description="Address by which people reach the service, as https://grid.example.cn: links "
        "are made with it, its host is taken, cookies are Secure where it is https.",
    )
    trusted_proxies: str = Field(
        default="",
        description="Addresses and networks, by commas, of reverse proxies whose X-Forwarded-For "
        "and X-Forwarded-Proto are believed.",
    )
    run_as: str | None = Field(
        default=None,
        description="Account that serve goes on as when root starts it; without it that of the "
        "database where it can reach the program and the data, else root. root stays root.",
    )
    log_format: Literal["json", "text"] = Field(
        default="text", description="json for a log collector, text for people."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    nearest_limit_m: float = Field(
        default=200.0, ge=0, description="How far outside a grid a point is still given to it."
    )
    max_file_mb: int = Field(
        default=1024,
        gt=0,
        description="Largest input file, in MiB, that a command reads; of one that is packed "
        "(workbooks, Parquet) also unpacked.",
    )
    max_columns: int = Field(
        default=2_000, gt=0, description="Most columns that a file of rows may have."
    )
    max_rows: int = Field(default=100_000_000, gt=0, description="Most rows that a file may have.")
    max_cells: int = Field(
        default=20_000_000,
        gt=0,
        description="Most cells of a sheet, or of a Parquet file that is loaded, gaps included.",
    )
    file_memory_mb: int = Field(
        default=2_048,
        ge=256,
        description="Most memory, in MiB, of a process that reads a workbook or routes a file for "
        "/v1/route/batch.",
    )
    max_vertices: int = Field(
        default=500_000, gt=0, description="Most vertices that one polygon of an input may have."
    )
    min_households: int = Field(
        default=5,
        ge=5,
        description="Places with fewer households show no figures (k-anonymity), nor what would "
        "tell them by subtraction.",
    )
    month_first_day: int = Field(
        default=1,
        ge=1,
        le=28,
        description="Day on which a month begins; one from the 16th on is called after the month "
        "in which it ends.",
    )
    visit_interval_days: int = Field(
        default=31, ge=1, description="Days after which a household without a visit is overdue."
    )
    care_interval_days: int = Field(
        default=14, ge=1, description="The same for households that need care."
    )
    coverage_target: float = Field(
        default=0.95, gt=0, le=1, description="Share of eligible households to be visited a month."
    )
    hotspot_permutations: int = Field(
        default=9_999,
        ge=99,
        description="Draws by which hot and cold spots are told from chance; fewer are faster.",
    )
    heat_cell_m: float = Field(
        default=100.0, gt=0, description="Side of the square cells of a heat map, in metres."
    )
    geocode_accept: float = Field(
        default=0.98,
        ge=0.5,
        le=1,
        description="A row without coordinates gets the grid of its address from this probability "
        "on; below it waits for a person.",
    )
    address_far_m: float = Field(
        default=1000.0,
        gt=0,
        description="How far a row's address may lie from its coordinate before a load says so.",
    )
    address_checks: int = Field(
        default=500,
        ge=0,
        description="Most addresses of a file that a load compares with their coordinates, taken "
        "evenly; 0 compares none.",
    )
    geocode_batch_limit: int = Field(
        default=5000, ge=1, description="Most addresses in one request of /v1/geocode/batch."
    )
    max_connections: int = Field(
        default=2000,
        ge=1,
        description="Most connections at a time, fewer where the system lends too few descriptors; "
        "beyond, the one that has said nothing for longest gives way, else 503.",
    )
    head_kb: int = Field(
        default=64, ge=1, description="Largest head, in KiB, that a request may have."
    )
    head_limit_s: float = Field(
        default=10.0, gt=0, description="How long the head of a request may take to come."
    )
    max_headers: int = Field(default=100, ge=10, description="Most headers of a request.")
    url_kb: int = Field(
        default=16, ge=1, description="Longest address, in KiB, that a request may have."
    )
    body_stall_s: float = Field(
        default=120.0,
        gt=0,
        description="How long a body may keep the service waiting, beside what body_bytes_per_s "
        "gives it.",
    )
    body_bytes_per_s: int = Field(
        default=1024, ge=1, description="How fast a body has to come on the average, at least."
    )
    send_stall_s: float = Field(
        default=120.0, gt=0, description="How long a client may take nothing of its answer."
    )
    keep_alive_s: float = Field(
        default=75.0, gt=0, description="How long a connection stays open between two requests."
    )
    requests_at_once: int = Field(
        default=12,
        ge=1,
        le=64,
        description="Most requests of a kind (from memory, of the database, of /ogc) that are "
        "worked on at a time; others wait.",
    )
    drawings_at_once: int = Field(
        default=3,
        ge=1,
        le=64,
        description="Most maps, pictures, workbooks and lists of addresses worked on at a time.",
    )
    requests_waiting: int = Field(
        default=1000, ge=0, description="Most requests of a kind that wait; then 503."
    )
    wait_limit_s: float = Field(
        default=60.0, gt=0, description="How long a request waits for its turn; then 503."
    )
    waiting_bodies_mb: int = Field(
        default=256, ge=1, description="Most MiB of bodies held for requests that wait; then 503."
    )
    pool_wait_s: float = Field(
        default=5.0, gt=0, description="How long a request waits for a database connection."
    )
    query_limit_s: float = Field(
        default=120.0, gt=0, description="How long one query of a request may take."
    )
    max_body_mb: int = Field(
        default=16, ge=1, description="Largest body, in MiB, that a request may have."
    )
    route_batch_mb: int = Field(
        default=1024,
        ge=1,
        description="Largest file, in MiB, that /v1/route/batch takes, unpacked too.",
    )
    route_batches: int = Field(
        default=2, ge=1, description="Most files that /v1/route/batch works on at a time."
    )
    route_batch_stall_s: float = Field(
        default=120.0,
        gt=0,
        description="How long whoever sends a file to /v1/route/batch, or takes its answer, may "
        "do nothing.",
    )
    reports_at_once: int = Field(
        default=1, ge=1, description="Most reports that are made at a time, each by a process."
    )
    reports_waiting: int = Field(
        default=8, ge=1, description="Most reports that wait to be made; then 503."
    )
    report_limit_s: float = Field(
        default=1800.0, gt=0, description="How long the making of one report may take."
    )
    report_memory_mb: int = Field(
        default=4_096, ge=512, description="Most memory, in MiB, that the making of one may take."
    )
    report_kept_hours: float = Field(
        default=24.0, gt=0, description="How long a report's file is kept after it was made."
    )
    reports_kept: int = Field(
        default=50, ge=1, description="Most reports that are kept; the oldest go first."
    )
    reverse_limit_m: float = Field(
        default=500.0, gt=0, description="How far away /v1/reverse looks for a household."
    )
    duplicate_radius_m: float = Field(
        default=100.0,
        ge=0,
        description="How near two incidents of a network lie that may be the same.",
    )
    duplicate_hours: float = Field(
        default=72.0, ge=0, description="How long apart two such incidents may be reported."
    )
    term_notice_days: int = Field(
        default=30, ge=0, le=3660, description="How many days ahead the end of a term is announced."
    )
    changes_kept_days: int = Field(
        default=400, ge=1, description="Days for which /v1/changes keeps what happened."
    )
    max_followers: int = Field(
        default=200, ge=1, description="Most streams of /v1/changes open at a time."
    )
    datum_odds: float = Field(
        default=1000.0,
        gt=1,
        description="So many to one must the odds be before a datum is guessed, or a load warns of "
        "the one that was named.",
    )
    datum_guess_limit: int = Field(
        default=10_000, ge=1, description="Most points in one request of /v1/datum/guess."
    )
    tianditu_key: SecretStr | None = Field(
        default=None, description="Key of Tianditu; with it, it is asked for second opinions."
    )
    tianditu_url: str = Field(
        default="https://api.tianditu.gov.cn/geocoder", description="Its geocoder's address."
    )
    tianditu_map_key: SecretStr | None = Field(
        default=None,
        description="Key of Tianditu for browsers (tianditu_key is a server's); with it the "
        "viewer's base map is Tianditu, and browsers ask its hosts for tiles.",
    )
    tianditu_map_url: str = Field(
        default="https://t{s}.tianditu.gov.cn",
        pattern=r"^https?://[\w.{}-]+(:\d+)?(/[\w./-]*)?$",
        description="Address of its tile servers; {s} is 0 to 7.",
    )
    amap_key: SecretStr | None = Field(
        default=None, description="Key of Amap; with it, it is asked for second opinions."
    )
    amap_url: str = Field(
        default="https://restapi.amap.com/v3/geocode/geo", description="Its geocoder's address."
    )
    provider_timeout_s: float = Field(
        default=3.0,
        gt=0,
        description="How long an outside geocoder may take for a whole answer, to its last byte.",
    )
    provider_pause_s: float = Field(
        default=30.0,
        ge=0,
        description="How long an outside geocoder that did not answer is not asked again.",
    )
    provider_rate_per_s: float = Field(
        default=3.0, gt=0, description="Most questions a second to one outside geocoder."
    )

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
