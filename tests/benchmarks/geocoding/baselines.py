"""What the matcher is measured beside: rapidfuzz's ratio, and pg_trgm on a real PostgreSQL."""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import psycopg
from rapidfuzz import fuzz, process

from geo.db import cluster
from geo.db.engine import make_engine
from geo.geocoding.engine.normalise import normalise


def by_ratio(texts: list[str], addresses: list[str]) -> np.ndarray:
    """Position of the registered address most like each text, by normalised edit ratio."""
    clean = [normalise(address).text for address in addresses]
    found = np.empty(len(texts), dtype=np.intp)
    for start in range(0, len(texts), 200):
        part = [normalise(text).text for text in texts[start : start + 200]]
        scores = process.cdist(part, clean, scorer=fuzz.ratio, dtype=np.float32, workers=-1)
        found[start : start + 200] = scores.argmax(axis=1)
    return found


def by_trigram(texts: list[str], addresses: list[str]) -> np.ndarray:
    """Position of the registered address most like each text, by pg_trgm's distance."""
    with _database() as url, psycopg.connect(url) as connection:
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE TABLE address (id integer PRIMARY KEY, text text)")
        with connection.cursor().copy("COPY address FROM STDIN") as copy:
            for k, address in enumerate(addresses):
                copy.write_row((k, normalise(address).text))
        connection.execute("CREATE INDEX ON address USING gist (text gist_trgm_ops(siglen=64))")
        connection.execute("ANALYZE address")
        query = "SELECT id FROM address ORDER BY text <-> %s LIMIT 1"
        found = []
        for text in texts:
            clean = normalise(text).text.replace("\x00", " ")
            row = connection.execute(query, (clean,)).fetchone()
            found.append(row[0] if row else -1)
        return np.array(found, dtype=np.intp)


@contextmanager
def _database() -> Iterator[str]:
    """An empty database whose LC_CTYPE knows Chinese: under C, pg_trgm sees no letters."""
    named = os.environ.get("BANNERGRID_TEST_DATABASE_URL")
    if named:
        yield from _in_server(named)
        return
    with TemporaryDirectory(prefix="bannergrid-bench-") as folder:
        Path(folder).chmod(0o711)
        with cluster.running(Path(folder)) as url:
            yield from _in_server(url)


def _in_server(server_url: str) -> Iterator[str]:
    name = f"bench_{uuid.uuid4().hex}"
    url = make_engine(server_url).url.set(drivername="postgresql")
    admin = url.render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(
            f"CREATE DATABASE {name} TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8'"
        )
    try:
        yield url.set(database=name).render_as_string(hide_password=False)
    finally:
        with psycopg.connect(admin, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
