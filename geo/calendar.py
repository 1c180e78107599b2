"""The site's own calendar: which day it is in the banner, whatever the server's clock is set to."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

SITE_TIMEZONE = "Asia/Shanghai"


def today() -> date:
    """Give the day that it is in the banner."""
    return datetime.now(ZoneInfo(SITE_TIMEZONE)).date()


def day_of(moment: datetime) -> date:
    """Give the day that it is in the banner at a moment; `moment` names its offset."""
    return moment.astimezone(ZoneInfo(SITE_TIMEZONE)).date()
