"""Sites to try things in, as the notebooks do: gone, with all their data, once they are closed."""

import os
import shutil
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import SecretStr

from geo import calendar
from geo.db import places
from geo.settings import Settings
from geo.site import Site
from geo.synthetic.banner import make
from geo.synthetic.files import write
from geo.synthetic.loading import load
from geo.territory import repository as territory

# A database to use instead of one of the site's own: never the one that the service works on, for
# what is tried here is published and loaded.
DATABASE = "BANNERGRID_NOTEBOOKS_DATABASE_URL"


def temporary_site() -> Site:
    """Open an empty site in a folder of its own, `site.settings.data`.

    Returns
    -------
    Site
        Its folder and database are removed when it is closed, at the end of the program at the
        latest. A database named by ``BANNERGRID_NOTEBOOKS_DATABASE_URL`` stays.

    Raises
    ------
    UnavailableError
        If the database cannot be run or reached.
    """
    folder = TemporaryDirectory(prefix="bannergrid-")
    data = Path(folder.name).resolve()
    data.chmod(0o711)  # run by root, PostgreSQL works as another account
    remove = ExitStack()
    remove.callback(folder.cleanup)
    named = os.environ.get(DATABASE)
    settings = Settings(data=data, database_url=SecretStr(named) if named else None)
    if not named and (home := places.choose(data).home) != data:
        remove.callback(shutil.rmtree, home, ignore_errors=True)
    try:
        return Site(settings, afterwards=remove.close)
    except BaseException:
        remove.close()
        raise


def demo_site(*, today: date | None = None) -> tuple[Site, dict[str, Path]]:
    """Open a temporary site that holds the demo banner; it takes about a minute to make.

    Parameters
    ----------
    today : date, optional
        The last day that the data know; today where not named.

    Returns
    -------
    Site
        As `temporary_site` gives it.
    dict of str to Path
        The files that were loaded, see `geo.synthetic.write`; removed with the site.
    """
    day = today or calendar.today()
    site = temporary_site()
    written = write(make(today=day), site.settings.data / "files")
    with site.session() as session:
        if not territory.editions(session):  # a named database may hold it already
            load(session, written, settings=site.settings, today=day)
    return site, written
