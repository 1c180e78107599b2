"""A picture as a page that carries it, its figures as a table below: no script, no other host."""

import base64
from collections.abc import Sequence

from geo.errors import Language
from layers.pages.page import template


def picture_page(  # noqa: PLR0913 - one keyword for each thing that stands on the page
    picture: bytes,
    *,
    title: str,
    alt: str,
    heading: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[str]],
    nothing: str,
    credits: Sequence[str],  # noqa: A002 - what it is called in print
    synthetic: str,
    language: Language,
) -> str:
    """Write a page around a picture.

    Parameters
    ----------
    picture : bytes
        PNG.
    title, alt, heading : str
        Of the page; what the picture shows, in words; above the table.
    columns : sequence of str
    rows : sequence of sequence of str
        As they are read. Where there are none, `nothing` says so.
    credits : sequence of str
        Empty ones are left out.
    synthetic : str
        The mark of synthetic data; empty where they are real.
    language : {"zh", "en"}

    Returns
    -------
    str
        HTML; the same for the same.
    """
    return template("picture.html").render(
        picture=base64.b64encode(picture).decode(),
        title=title,
        alt=alt,
        heading=heading,
        columns=columns,
        rows=rows,
        nothing=nothing,
        credits=" · ".join(filter(None, credits)),
        synthetic=synthetic,
        language=language,
    )
