"""What a file really is, by its content: names are given by people, and are often wrong.

Every door that reads a file of rows asks here; what is no table is named, with the way out.
"""

import mmap
import re
import zipfile
from pathlib import Path
from typing import Literal

from geo.errors import FileRefusedError
from geo.files.model import refused

# "markup" is a web page, or XML of Excel 2003, that was named .xls.
Content = Literal["text", "workbook", "markup", "parquet", "geopackage", "json"]

_HEAD_BYTES = 4096
OLE = bytes.fromhex("d0cf11e0a1b11ae1")
SQLITE = b"SQLite format 3\x00"
SHAPEFILE = b"\x00\x00\x27\x0a"
_MARK = b"\xef\xbb\xbf"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_PARQUET = b"PAR1"
_OLE_SLOT = 128  # of an entry of the directory, which begins with its name
# What no rows can be read from: how it begins, and what it is.
_OTHERS: tuple[tuple[bytes, str, str], ...] = (
    (b"%PDF", "a PDF", "PDF 文件"),
    (b"\x1f\x8b", "packed with gzip", "gzip 压缩文件"),
    (b"Rar!", "a RAR archive", "RAR 压缩包"),
    (b"7z\xbc\xaf", "a 7z archive", "7z 压缩包"),
    (b"BZh", "packed with bzip2", "bzip2 压缩文件"),
    (b"\xfd7zXZ", "packed with xz", "xz 压缩文件"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", "zstd 压缩文件"),
    (b"\x89PNG", "a picture", "图片"),
    (b"\xff\xd8\xff", "a picture", "图片"),
    (b"GIF8", "a picture", "图片"),
    (b"{\\rtf", "a Word document (RTF)", "Word 文档（RTF）"),
    (b"\x7fELF", "a program", "程序"),
    (b"MZ\x90", "a program", "程序"),
)
# What a file is called that was to be one of features: text in which GDAL finds a program, too.
_LABELS = (
    (rb"<OGRVRT|<VRTDataset", "VRT"),
    (rb"gdal_streamed_alg", "GDALG"),
    (rb"<(OGR)?WFS|<OGRWFS", "WFS"),
    (rb"<kml|<\w*:?FeatureCollection|<gml", "KML/GML"),
    (rb"\A\s*(?:\xef\xbb\xbf)?\s*<", "XML/HTML"),
    (rb"\APK\x03\x04", "ZIP/XLSX"),
    (rb"\ASQLite format 3", "SQLite/GeoPackage"),
    (rb"\A\x00\x00\x27\x0a", "Shapefile"),
    (rb"\APAR1", "Parquet"),
    (rb"\A\s*(?:\xef\xbb\xbf)?\s*[\[{]", "JSON"),
)
_OLE_OTHERS = (
    ("WordDocument", "a Word document", "Word 文档"),
    ("PowerPoint Document", "a presentation", "演示文稿"),
)
_ZIP_OTHERS = (
    (r"^word/", "a Word document", "Word 文档"),
    (r"^ppt/", "a presentation", "演示文稿"),
    (r"(^|/)Index(/.*\.iwa|\.zip)$", "a Numbers document of Apple", "苹果 Numbers 文档"),
    (r"^doc\.kml$", "a KMZ map", "KMZ 地图"),
)
_ZIP_WORKBOOK = r"^(xl/workbook\.(xml|bin)|content\.xml)$"
_TEXT_BYTES = bytes([*b"\t\n\x0b\x0c\r\x1a\x1e", *range(32, 256)])
_PAGE = re.compile(
    rb"^(<!doctype html|<(html|head|meta|body|table|style|div|center)\b)", re.IGNORECASE
)
_OFFICE_XML = b"urn:schemas-microsoft-com:office:spreadsheet"
_JSON = re.compile(rb'^\x1e?\s*(\{\s*["}]|\[\s*[\[{\]])')


def content_of(path: Path) -> Content:
    """Tell what a file is by how it begins.

    Parameters
    ----------
    path : Path
        There, and not empty.

    Returns
    -------
    {"text", "workbook", "markup", "parquet", "geopackage", "json"}
        Text is whatever is nothing else.

    Raises
    ------
    FileRefusedError
        If it is a workbook under a password, cut off, or no table at all; says what it is.
    """
    head = head_of(path)
    if head.startswith(OLE):
        return _ole(path)
    if head.startswith(_ZIP):
        return _zip(path)
    if head.startswith(_PARQUET):
        return "parquet"
    if head.startswith(SQLITE):
        return "geopackage"
    for magic, what, what_zh in _OTHERS:
        if head.startswith(magic):
            raise _no_table(path, what, what_zh)
    return _text(path, head)


def head_of(path: Path) -> bytes:
    """Give the first bytes of a file, by which it is known."""
    with path.open("rb") as file:
        return file.read(_HEAD_BYTES)


def start_of(head: bytes) -> bytes:
    """Give where text begins in the first bytes, behind a mark and blanks."""
    return head.removeprefix(_MARK).lstrip()


def label_of(head: bytes) -> tuple[str, str]:
    """Name in English and Chinese what first bytes are those of."""
    for sign, label in _LABELS:
        if re.search(sign, head, re.IGNORECASE):
            return label, label
    for magic, what, what_zh in _OTHERS:
        if head.startswith(magic):
            return what, what_zh
    return "something else", "其他格式"


def is_text(path: Path) -> bool:
    """Tell whether a file begins as text does."""
    return not _eight_bit(head_of(path)).translate(None, _TEXT_BYTES)


def damaged(path: Path) -> FileRefusedError:
    """Make the error that says that a file is neither what it is called nor text."""
    return refused(
        path,
        f"it is no {path.suffix.lower()} file, nor text: it is damaged; export or send it anew",
        f"不是有效的 {path.suffix.lower()} 文件，也不是文本，可能已损坏，请重新导出或发送",
    )


def _text(path: Path, head: bytes) -> Content:
    start = start_of(_eight_bit(head))
    if start[:5].lower() == b"<?xml":
        if _OFFICE_XML in start:
            return "markup"
        start = start.partition(b"?>")[2].lstrip()
        if not _PAGE.match(start):
            raise _no_table(path, "XML", "XML 文件")
    if _PAGE.match(start):
        return "markup"
    return "json" if _JSON.match(start) else "text"


def _eight_bit(head: bytes) -> bytes:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="replace").encode()
    return head


def _ole(path: Path) -> Content:
    """Look into the directory of an Office file of before 2007, or of one under a password."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as body:
        if _has_stream(body, "EncryptedPackage"):
            raise refused(
                path,
                "it is a workbook under a password; open it, take the password off and save it",
                "是设有密码的工作簿，请在 Excel 或 WPS 中取消密码后另存",
            )
        for stream, what, what_zh in _OLE_OTHERS:
            if _has_stream(body, stream):
                raise _no_table(path, what, what_zh)
        if _has_stream(body, "Workbook") or _has_stream(body, "Book"):
            return "workbook"
    raise _no_table(
        path, "an Office file without a sheet, or damaged", "没有工作表或已损坏的 Office 文件"
    )


def _has_stream(body: mmap.mmap, name: str) -> bool:
    wanted, at = (name + "\0").encode("utf-16-le"), -1
    while (at := body.find(wanted, at + 1)) >= 0:
        if at % _OLE_SLOT == 0:
            return True
    return False


def _zip(path: Path) -> Content:
    try:
        with zipfile.ZipFile(path) as there:
            names = there.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise refused(
            path,
            "it is a workbook or another packed file, and damaged or cut off; send it again",
            "是工作簿或压缩文件，但已损坏或不完整，请重新发送",
        ) from error
    if any(re.match(_ZIP_WORKBOOK, name, re.IGNORECASE) for name in names):
        return "workbook"
    for pattern, what, what_zh in _ZIP_OTHERS:
        if any(re.search(pattern, name) for name in names):
            raise _no_table(path, what, what_zh)
    listed = ", ".join(names[:3])
    raise _no_table(
        path, f"a ZIP archive ({listed}); unpack it", f"ZIP 压缩包（{listed}），请先解压"
    )


def _no_table(path: Path, what: str, what_zh: str) -> Exception:
    return refused(
        path,
        f"it is really {what}, whatever it is called; export a table as .xlsx or CSV",
        f"实际是{what_zh}（与扩展名无关），请导出为 .xlsx 或 CSV 表格",
    )
