"""What a file is, told by its first bytes and never by its name."""

from __future__ import annotations

import csv
import re
from enum import StrEnum
from pathlib import Path

import numpy as np

from automl.errors import DataError

HEAD_BYTES = 4096
ADVICE = "Use CSV, TSV, Excel, Parquet or JSON lines."


class Format(StrEnum):
    """What can be read. The last ones are wrappings, with a file of another format inside."""

    TEXT = "text"
    PARQUET = "parquet"
    EXCEL = "excel"
    SHEETS_XML = "sheets_xml"
    PAGE = "page"
    JSON = "json"
    ARROW = "arrow"
    GZIP = "gzip"
    BZIP2 = "bzip2"
    XZ = "xz"
    ZSTD = "zstd"
    ZIP = "zip"


PACKED = ((b"\x1f\x8b", Format.GZIP), (b"BZh", Format.BZIP2), (b"\xfd7zXZ\x00", Format.XZ), (b"(\xb5/\xfd", Format.ZSTD))

_ARROW = (b"ARROW1\x00\x00", b"\xff\xff\xff\xff")
SPREADSHEET = b"urn:schemas-microsoft-com:office:spreadsheet"  # in workbooks of XML
PAGE_HEAD, LEAST_ROWS = 1 << 20, 3  # bytes of a web page that are looked at for rows of a table, and how many there have to be

PICKLE = "a pickle of Python, which could run code and is never opened"
_NOT_TABLES = (
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF8", "a GIF image"),
    (b"BM", "a bitmap image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"RIFF", "an image, sound or video"),
    (b"%PDF", "a PDF document"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"SQLite format 3", "an SQLite database"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
    (b"ORC", "an ORC file"),
    (b"Obj\x01", "an Avro file"),
    (b"FEA1", "a Feather file of the first version"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"\x80\x02", PICKLE), (b"\x80\x03", PICKLE), (b"\x80\x04", PICKLE), (b"\x80\x05", PICKLE),
    (b"\x89HDF", "an HDF5 file"),
    (b"{\\rtf", "a Rich Text document"),
    (b"version https://git-lfs", "a pointer to a file that Git LFS holds"),
)
_TEXTS = (
    (rb"(?:%[^\n]*\n|\s)*@relation\s", "a file of Weka (ARFF)"),
    (rb"(?:[+-]?\d+(?:\.\d+)?(?: \d+:[-+.\deE]+)+ *\r?\n){2}", "in the LIBSVM format"),
    (rb"\s*\\(?:begin\{|documentclass)", "LaTeX"),
    (rb"(?:---\s*\n)?(?:- \w+: .*\r?\n(?:  \w+: .*\r?\n)+){2}", "YAML"),
    (rb"\s*\[?\s*\{\s*'?[A-Za-z_]\w*'?\s*:\s", "JSON whose names are not in double quotation marks"),
    (rb"<svg[\s>]", "an image (SVG)"),
)
_ARCHIVES = ("archive",)


def recognise(path: Path, name: str) -> Format:
    """Tell the format of a file.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file in sentences.

    Raises
    ------
    DataError
        With one sentence for a missing file, a folder, an empty file, an image, a web page ….
    """
    if not path.exists():
        raise DataError(f"There is no file '{name}'. Check the path.")
    if path.is_dir():
        raise DataError(f"'{name}' is a folder, not a file. {ADVICE}")
    try:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
    except OSError as e:
        raise DataError(f"'{name}' can't be opened ({e.strerror}). Check who may read it.") from e
    if not head:
        raise DataError(f"'{name}' is empty (0 bytes). Export it again or choose another file.")
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if head.startswith(_ARROW):
        return Format.ARROW
    for magic, format in PACKED:
        if head.startswith(magic) and (format is not Format.BZIP2 or head[4:10] in (b"1AY&SY", b"\x17rE8P\x90")):
            return format
    if head[257:262] == b"ustar":
        raise DataError(f"'{name}' is a tar archive, not a table. Unpack it and use the table inside.")
    if re.match(rb"(mime-version|message-id|from|return-path|received):[^\n]*\n", head, re.IGNORECASE) and b"\ncontent-type:" in head.lower():
        if b"multipart/related" in head.lower():
            raise DataError(f"'{name}' is a web page saved as one file (MHTML), not a table. Open it in Excel or LibreOffice, save it as .xlsx, and use that.")
        raise DataError(f"'{name}' is an e-mail, not a table. {ADVICE}")
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _kind_of_zip(path, name)
    if head.startswith(b"\xd0\xcf\x11\xe0"):  # a compound file: old Office, or a new one with a password
        return Format.EXCEL
    _refuse(head, name)
    wide = is_utf16(head)
    text = head.decode(wide, "ignore").lstrip("\ufeff").encode() if wide else head
    start = text.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if not start and path.stat().st_size <= len(head):
        raise DataError(f"'{name}' holds nothing but blank lines. Export it again or choose another file.")
    if re.match(rb"<(!doctype|html|\?xml|head|body|svg|table|rss|script|!--)", start) and not _in_columns(start):
        if SPREADSHEET in start and b"<workbook" in start:
            return Format.SHEETS_XML
        if not start.startswith((b"<?xml", b"<svg", b"<rss")) and _rows_of_a_page(path, wide) >= LEAST_ROWS:
            return Format.PAGE
        what = "an XML file" if start.startswith(b"<?xml") else "a web page (HTML)"
        sheet = name.lower().endswith((".xls", ".xlsx")) or b"urn:schemas-microsoft-com:office" in start
        advice = "Open it in Excel or LibreOffice, save it as .xlsx, and use that." if sheet else ADVICE
        raise DataError(f"'{name}' is {what}, not a table. {advice}")
    if re.match(rb"(--[^\n]*\n\s*|/\*(?:(?!\*/).)*\*/;?\s*|drop [^\n;]*;\s*|set [^\n]*;\s*)*(insert\s+into\s+\S+\s*(\(|values)|create\s+table\s+\S+\s*\(|-- (postgresql|mysql|mariadb)[^\n]* dump)", start, re.DOTALL):
        raise DataError(f"'{name}' is an SQL script, not a table. {ADVICE}")
    if _is_json(start):
        return Format.JSON
    if name.lower().endswith(".json") and re.fullmatch(rb'(null|true|false|-?[\d.]+([eE][+-]?\d+)?|"[^"]*")\s*', start):
        raise DataError(f"'{name}' holds one JSON value, not a table. Use one object a line: {{\"a\": 1}}.")
    if not wide and _binary_share(_without_padding(head)) > 0.02:
        raise DataError(f"'{name}' is neither text nor a known kind of table. {ADVICE}")
    return Format.TEXT


def _rows_of_a_page(path: Path, wide: str | None) -> int:
    """How many rows of tables with several cells a web page has in its head."""
    with path.open("rb") as file:
        head = file.read(PAGE_HEAD)
    text = head.decode(wide, "ignore").encode() if wide else head
    return min(len(re.findall(rb"<tr[\s>]", text, re.IGNORECASE)), len(re.findall(rb"<t[dh][\s>]", text, re.IGNORECASE)) // 2)


def _in_columns(start: bytes) -> bool:
    """Whether lines have cells, all as many: a tag may be a column's name."""
    lines = [line for line in start.splitlines()[:4] if line.strip()]
    lines = lines[:-1] if len(lines) > 3 else lines
    return len(lines) > 1 and any(
        len({len(row) for row in csv.reader((line.decode("utf-8", "replace") for line in lines), delimiter=mark)} - {1}) == 1
        and all(mark.encode() in line for line in lines)
        for mark in ",;\t|"
    )


def _refuse(head: bytes, name: str) -> None:
    if head[4:8] == b"ftyp":
        raise DataError(f"'{name}' is an image or a video, not a table. {ADVICE}")
    if re.match(rb"[(\]}]?(?:[dl]p\d+|c[\w.]+)\r?\n", head) and b"." in head[-4:]:
        raise DataError(f"'{name}' is {PICKLE}, not a table. {ADVICE}")
    for start, what in _TEXTS:
        if re.match(start, head.removeprefix(b"\xef\xbb\xbf"), re.IGNORECASE):
            raise DataError(f"'{name}' is {what}, not a table of rows and columns. {ADVICE}")
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"%PDF-"):
        raise DataError(f"'{name}' is a PDF document, not a table. {ADVICE}")
    for magic, what in _NOT_TABLES:
        if head.startswith(magic) and (len(magic) > 2 or b"\x00" in head):
            advice = "Unpack it and use the table inside." if what.endswith(_ARCHIVES) else ADVICE
            raise DataError(f"'{name}' is {what}, not a table. {advice}")


def _is_json(start: bytes) -> bool:
    """An object or a list of objects; `[a];[b]` is a header, `{"a"` in the first of several cells is not."""
    return bool(re.match(rb'(\{\s*"(?:[^"\\]|\\.)*"\s*:|\{\s*\}|\[\s*([{]\s*["}]|\[|\]|"|-?\d[\d.]*\s*[,\]]|$))', start))


def _kind_of_zip(path: Path, name: str) -> Format:
    import zipfile
    import zlib

    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            kind = archive.read("mimetype") if "mimetype" in names and archive.getinfo("mimetype").file_size < 200 else b""
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError, zlib.error) as e:
        raise DataError(f"'{name}' is a ZIP archive but damaged or cut short. Upload it again.") from e
    if any(n.startswith("xl/") for n in names) or b"opendocument.spreadsheet" in kind or ("content.xml" in names and not kind):
        return Format.EXCEL
    if "Index/Document.iwa" in names or any(n.startswith("Index/Tables/") for n in names):
        raise DataError(f"'{name}' is a document of Apple Numbers, Pages or Keynote. Export it as CSV or Excel and use that.")
    if any(n.startswith(("word/", "ppt/")) for n in names) or kind:
        raise DataError(f"'{name}' is an Office document, not a table. {ADVICE}")
    return Format.ZIP


def _without_padding(head: bytes) -> bytes:
    """The bytes without null ones behind cells and at the end, unless hardly anything else is there."""
    bare = re.sub(rb"\x00+(?=[,;\t|\r\n]|\Z)", b"", head) if b"\x00" in head else head
    return bare if b"\n" in bare or b"\r" in bare else head


def _binary_share(head: bytes) -> float:
    body = np.frombuffer(head, dtype=np.uint8)
    return float(((body < 32) & ~np.isin(body, (9, 10, 11, 12, 13, 26, 27, 1, 31))).mean())


def is_utf16(head: bytes) -> str | None:
    """The kind of UTF-16 that the first bytes of a text are in."""
    if head.startswith((b"\xff\xfe\x00\x00", b"\x00\x00\xfe\xff")):
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    body = np.frombuffer(head[: len(head) // 2 * 2], dtype=np.uint8)
    if len(body) < 8:
        return None
    even, odd = (body[0::2] == 0).mean(), (body[1::2] == 0).mean()
    if odd > 0.4 and even < 0.05:
        return "utf-16-le"
    return "utf-16-be" if even > 0.4 and odd < 0.05 else None
