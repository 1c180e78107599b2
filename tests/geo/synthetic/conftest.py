"""One banner for all tests here: made once, changed by none."""

from datetime import date

import pytest

from geo.synthetic import Banner, make

TODAY = date(2026, 10, 15)


@pytest.fixture(scope="session")
def banner() -> Banner:
    return make(today=TODAY)
