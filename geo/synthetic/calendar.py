"""Which months and days the demo banner's people were busy: weekends, National Day, New Year."""

from datetime import date

import numpy as np
import numpy.typing as npt

MONTHS = 24
SATURDAY, OCTOBER = 5, 9  # counted from Monday, from January
WEEKEND = 0.2  # of a weekday's visits
HOLIDAY = 0.05
MONTH_END_RUSH = 0.7  # more visits on a month's last day than on its first

# First day of the lunar year, from the published calendar (GB/T 33661); days off run from its eve.
NEW_YEARS = (
    "2022-02-01",
    "2023-01-22",
    "2024-02-10",
    "2025-01-29",
    "2026-02-17",
    "2027-02-06",
    "2028-01-26",
    "2029-02-13",
    "2030-02-03",
    "2031-01-23",
)
NEW_YEAR_DAYS = 8
NATIONAL_DAYS = 7

Dates = npt.NDArray[np.datetime64]


def months(today: date) -> Dates:
    """List the months that the data cover.

    Parameters
    ----------
    today : date

    Returns
    -------
    ndarray of datetime64[M], shape (24,)
        The last is the month of `today`, which is therefore partial.
    """
    this = np.datetime64(today, "M")
    return np.arange(this - MONTHS + 1, this + 1)


def day_weights(days: Dates) -> npt.NDArray[np.float64]:
    """Say how busy days are.

    Working weekends that make up for holidays are left out: they move by decree every year.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n,)

    Returns
    -------
    ndarray of float, shape (n,)
        1 on a weekday at the start of a month.
    """
    month = days.astype("datetime64[M]")
    day = (days - month.astype("datetime64[D]")).astype(int)
    weekday = (days.astype(int) + 3) % 7  # day 0 of datetime64 was a Thursday
    weight = 1 + MONTH_END_RUSH * (day / 30) ** 3
    weight = np.where(weekday >= SATURDAY, weight * WEEKEND, weight)
    return np.where(holidays(days), HOLIDAY, weight)


def holidays(days: Dates) -> npt.NDArray[np.bool_]:
    """Say which days are National Day or Spring Festival holidays.

    Parameters
    ----------
    days : ndarray of datetime64[D], shape (n,)
        Spring Festivals are known from 2022 to 2031.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    month = days.astype("datetime64[M]")
    day = (days - month.astype("datetime64[D]")).astype(int)
    national = (month.astype(int) % 12 == OCTOBER) & (day < NATIONAL_DAYS)
    eves = np.array(NEW_YEARS, dtype="datetime64[D]") - 1
    off = (eves[:, None] + np.arange(NEW_YEAR_DAYS)).ravel()
    holiday: npt.NDArray[np.bool_] = national | np.isin(days, off)
    return holiday
