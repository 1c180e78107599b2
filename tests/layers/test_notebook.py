"""A map in a cell: the page for whoever runs it, a small picture for whoever reads it."""

import io

from PIL import Image

from layers.notebook import MOST_PICTURE_BYTES, Shown
from layers.paper import sheet


def drawn(boxes: int) -> bytes:
    body, pen = sheet.start(paper="A4", title="t", subject="s")
    for each in range(boxes):
        box = sheet.Box(each * 37 % 800, each * 91 % 560, 9, 9)
        pen.rect(box, fill=f"#{each * 40503 % 0xFFFFFF:06x}")
    pen.canvas.save()
    return body.getvalue()


def test_a_cell_shows_the_page_and_stores_the_picture() -> None:
    shown = Shown('<p title="a">网格 & 图</p>', drawn(3))._repr_mimebundle_()
    assert 'srcdoc="&lt;p title=&quot;a&quot;&gt;网格 &amp; 图&lt;/p&gt;"' in shown["text/html"]
    assert Image.open(io.BytesIO(shown["image/png"])).size > (1000, 700)


def test_a_busy_sheet_is_drawn_smaller() -> None:
    picture = Shown("", drawn(6000)).picture
    assert len(picture) < MOST_PICTURE_BYTES
    assert Image.open(io.BytesIO(picture)).width > 300
