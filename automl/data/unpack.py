"""Compressed files: the one table inside, unpacked to a temporary file within a limit."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from automl import config
from automl.data.formats import Format, recognise
from automl.data.words import listed
from automl.errors import DataError, unknown_name

BLOCK = 1 << 20
# What a table may grow to: many times its packed size where it is small, and no more than so many
# times the largest upload. Real tables shrink to a tenth or, with many repeats, a fiftieth.
MAX_RATIO = 200
SMALL_BYTES = 64 << 20
WRAPPINGS = (Format.GZIP, Format.BZIP2, Format.XZ, Format.ZSTD, Format.ZIP)
_BY_THE_WAY = ("__MACOSX/", ".", "Thumbs.db", "desktop.ini")
_DOCUMENTS = (".md", ".html", ".htm", ".pdf", ".docx", ".rtf", ".png", ".jpg", ".jpeg", ".gif", ".svg", ".xml")


class SeveralTables(DataError):
    """An archive holds several files that may be the table: one of `members` has to be chosen."""

    def __init__(self, message: str, members: list[str]) -> None:
        super().__init__(message)
        self.members = members


@dataclass(frozen=True)
class Unpacked:
    """A file as it lies there, or taken out of its wrapping; `member` is its name inside an archive."""

    path: Path
    format: Format
    wrapping: dict[str, Any] | None = None


@contextmanager
def unpacked(path: Path, name: str, member: str | None = None) -> Iterator[Unpacked]:
    """The table in a file, for as long as it is read.

    Parameters
    ----------
    path : Path
    name : str
        What to call the file in sentences.
    member : str, optional
        Which file of a ZIP archive; needed where it holds several tables.

    Raises
    ------
    DataError
        For what is no table, damaged, encrypted, packed twice, or would become too large.
    """
    format = recognise(path, name)
    if format not in WRAPPINGS:
        if format is Format.EXCEL:
            _check_workbook(path, name)
        yield Unpacked(path, format)
        return
    with tempfile.TemporaryDirectory(prefix="foretable-") as folder:
        target = Path(folder) / "table"
        try:
            if format is not Format.ZIP:
                wrapping = {"kind": format.value}
                with _opened(path, format) as packed:
                    _copy(packed, target, path.stat().st_size, name)
            else:
                with zipfile.ZipFile(path) as archive:
                    info = _choose(archive, name, member)
                    wrapping = {"kind": "zip", "member": info.filename}
                    with archive.open(info) as packed:
                        _copy(packed, target, max(info.compress_size, 1), name)
        except (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError, OSError) as e:
            raise DataError(f"'{name}' is damaged or cut short: it can't be unpacked. Upload it again.") from e
        except (RuntimeError, NotImplementedError) as e:  # encrypted, or a method that Python lacks
            raise DataError(
                f"'{name}' is protected by a password or packed in an unusual way. Unpack it first."
            ) from e
        inner = recognise(target, name)
        if inner in WRAPPINGS:
            raise DataError(f"'{name}' holds another archive. Unpack it and use the table inside.")
        if inner is Format.EXCEL:
            _check_workbook(target, name)
        yield Unpacked(target, inner, wrapping)


def _opened(path: Path, format: Format) -> Any:
    """A compressed file as the bytes inside."""
    match format:
        case Format.GZIP:
            return gzip.open(path)
        case Format.BZIP2:
            return bz2.open(path)
        case Format.XZ:
            return lzma.open(path)
        case _:
            import pyarrow as pa

            return pa.input_stream(str(path), compression="zstd")


def _check_workbook(path: Path, name: str) -> None:
    """Refuse a workbook whose sheets unpack to more than a table may have."""
    if not zipfile.is_zipfile(path):
        return
    packed = path.stat().st_size
    with zipfile.ZipFile(path) as book:
        size = sum(info.file_size for info in book.infolist())
    if size > most_bytes(packed):
        raise DataError(
            f"'{name}' unpacks to {size >> 20:,} MB, {size // max(packed, 1):,} times its size, and is not read: that is hardly a table. "
            "Save it as CSV and use that if it is."
        )


def most_bytes(packed: int) -> int:
    """How large a table may become that was `packed` bytes small."""
    largest = config.max_upload_mb() * (1 << 20)
    return min(max(MAX_RATIO * packed, SMALL_BYTES), 20 * largest)


def _copy(packed: IO[bytes], target: Path, packed_bytes: int, name: str) -> None:
    most, size = most_bytes(packed_bytes), 0
    with target.open("wb") as out:
        while block := packed.read(BLOCK):
            size += len(block)
            if size > most:
                raise DataError(
                    f"'{name}' unpacks to more than {most >> 20:,} MB, {size // max(packed_bytes, 1):,} times its "
                    "size, and is not read: that is hardly a table. Unpack it yourself if it is."
                )
            out.write(block)


def tables_in(path: Path) -> list[str]:
    """The names of what may be tables in a ZIP archive."""
    with zipfile.ZipFile(path) as archive:
        return [info.filename for info in _tables(_files(archive))]


def _files(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [
        info
        for info in archive.infolist()
        if not info.is_dir()
        and not info.filename.startswith("__MACOSX/")
        and not Path(info.filename).name.startswith(_BY_THE_WAY)
    ]


def _tables(files: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    tables = [f for f in files if not f.filename.lower().endswith(_DOCUMENTS)]
    return [f for f in tables if not Path(f.filename).stem.lower().startswith(("readme", "license"))] or tables


def members(path: Path, name: str) -> list[str]:
    """The files of a ZIP archive that may be the table; empty where there is nothing to choose from.

    Raises
    ------
    DataError
        The file is none that could be read.
    """
    if recognise(path, name) is not Format.ZIP:
        return []
    with zipfile.ZipFile(path) as archive:
        found = [info.filename for info in _tables(_files(archive))]
    return found if len(found) > 1 else []


def _choose(archive: zipfile.ZipFile, name: str, member: str | None) -> zipfile.ZipInfo:
    files = _files(archive)
    if member is not None:
        for info in files:
            if info.filename == member:
                return info
        raise DataError(unknown_name("file", member, [f.filename for f in files], f"in '{name}'"))
    tables = _tables(files)
    if not tables:
        raise DataError(f"'{name}' is a ZIP archive without a table inside.")
    if len(tables) > 1:
        names = listed([f.filename for f in tables])
        raise SeveralTables(
            f"'{name}' holds {len(tables)} files: {names}. Choose one (in the shell with --member), or unpack it.",
            [f.filename for f in tables],
        )
    return tables[0]
