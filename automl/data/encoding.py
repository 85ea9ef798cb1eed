"""The encoding of a text file: found, and turned into UTF-8."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from automl.data.formats import is_utf16
from automl.errors import DataError

MOSTLY_ALONE = 0.6  # share of bytes beyond ASCII that stand alone: a Latin text rather than Chinese or Korean
MAX_GARBLED = 0.01  # share of broken UTF-8 among accented characters that is still taken for UTF-8


@dataclass(frozen=True)
class Decoded:
    """The text as UTF-8 bytes, and how it was encoded. `garbled` characters could not be read."""

    data: bytes
    encoding: str
    errors: str = "strict"
    garbled: int = 0


def decode(raw: bytes, name: str, encoding: str | None = None, errors: str | None = None) -> Decoded:
    """Find the encoding and return the text as UTF-8.

    Tried in this order: a byte order mark, UTF-16 without one, UTF-8, then the single-byte
    encoding that charset-normalizer finds most plausible (Windows-1252 where several are).
    """
    if encoding:
        try:
            text = raw.decode(encoding, errors or "strict")
        except (UnicodeError, LookupError) as e:
            raise DataError(
                f"'{name}' can't be read with the encoding '{encoding}'. Leave the choice open."
            ) from e
        return Decoded(text.encode("utf-8"), encoding, errors or "strict", 0)
    if raw.startswith(b"\xef\xbb\xbf"):
        marked = decode(raw[3:], name)
        return replace(marked, encoding="utf-8-sig") if marked.encoding == "utf-8" else marked
    wide = is_utf16(raw[:4096])
    if wide:
        try:
            text = raw.decode(wide)
            if b"\n" in raw and b"\x00" not in raw:
                raise DataError(
                    f"'{name}' starts with the mark of {wide.upper()}, but its text is written otherwise. Save it again as UTF-8."
                )
            return Decoded(text.encode("utf-8"), wide)
        except UnicodeError as e:
            raise DataError(f"'{name}' starts as UTF-16 text but is cut short. Upload it again.") from e
    try:
        raw.decode("utf-8")
        return Decoded(raw, "utf-8")
    except UnicodeDecodeError as e:
        first_error = e.start
    text = raw.decode("utf-8", "replace")
    garbled = text.count("\ufffd")
    accented = len(re.findall(r"[^\x00-\x7f\ufffd]", text))
    if garbled <= max(MAX_GARBLED * accented, 1 if first_error >= len(raw) - 3 else 0):
        return Decoded(text.encode("utf-8"), "utf-8", "replace", garbled)
    found = _single_byte(raw)
    return Decoded(raw.decode(found).encode("utf-8"), found)


def _single_byte(raw: bytes) -> str:
    """The most plausible encoding of the lines that are not plain ASCII."""
    from charset_normalizer import from_bytes

    lines, size = [], 0
    for line in re.finditer(rb"[^\n]*[\x80-\xff][^\n]*\n?", raw):
        lines.append(line[0])
        size += len(line[0])
        if size > 50_000:
            break
    if script := _script(b"".join(lines)) or _of_another_system(b"".join(lines)):
        return script
    wanted = ["cp1252", "cp1250", "cp1254", "shift_jis", "gb18030", "big5", "euc_kr"]
    beyond = len(re.findall(rb"[\x80-\xff]", b"".join(lines)))
    alone = len(re.findall(rb"(?<![\x80-\xff])[\xc0-\xff](?![\x80-\xff])", b"".join(lines)))
    if alone >= MOSTLY_ALONE * beyond:  # accents among plain letters
        wanted = wanted[:3]
    elif re.search(r"\b[\xc0-\xff]{2,}\b", b"".join(lines).decode("latin-1")):  # whole words beyond ASCII
        wanted += ["cp1251", "cp1253"]
    guesses = list(from_bytes(b"".join(lines), cp_isolation=wanted))
    calm = {g.encoding: g.chaos for g in guesses}
    best = guesses[0].encoding if guesses else "cp1252"
    if "cp1252" in calm and calm["cp1252"] <= calm[best] + 0.02 and guesses[0].coherence < 0.5:
        best = "cp1252"
    sample = b"".join(lines)
    if sample.decode(best, "replace") == sample.decode("cp1252", "replace"):
        best = "cp1252"
    for encoding in (best, "cp1252"):
        try:
            raw.decode(encoding)
            return encoding
        except UnicodeError:
            continue
    return "latin-1"


COMMON = "äöüßéèàçñåøæÄÖÜÉ"  # letters beyond ASCII that most of a Western text is made of
LETTERS = COMMON + "áâãêëíìîïóòôõúùûýÿÀÁÂÃÇÈÊËÍÎÏÑÓÔÕØÅÆÚ"
TURKISH = (b"\xfd\xdd", b"\xfe\xf0\xde\xd0", "ıİşğŞĞçöüÇÖÜâîû".encode("cp1254"))
TYPED = re.compile(rb"(?<=[A-Za-z])\x85(?![A-Za-z])|(?<![A-Za-z\x80-\xff])\x8a(?=[a-z]{2})")  # of Windows: three dots, Š at the start


def _of_another_system(raw: bytes) -> str | None:
    """DOS and old Mac encodings, whose letters are control characters or quotes elsewhere, and Turkish."""
    beyond = re.findall(rb"[\x80-\xff]", raw)
    if sum(byte in TURKISH[2] for byte in beyond) >= 0.95 * len(beyond) and all(
        any(byte in kind for byte in beyond) for kind in TURKISH[:2]
    ):
        return "cp1254"
    if sum(byte < b"\xa0" for byte in beyond) < 0.5 * len(beyond) or len(TYPED.findall(raw)) == len(beyond):
        return None
    for encoding in ("cp850", "mac_roman"):
        words = re.findall(r"[^\W\d_]*[^\x00-\x7f][^\W\d_]*", raw.decode(encoding, "replace"))
        found = "".join(re.findall(r"[^\x00-\x7f]", "".join(words)))
        plausible = [w for w in words if len(w) > 2 and (w[1:].islower() or w.isupper()) and w[0].isalpha()]
        letters = sum(letter in LETTERS for letter in found)
        if letters >= 0.95 * len(found) and len(plausible) >= 0.9 * len(words) and 2 * sum(c in COMMON for c in found) > len(found):
            return encoding
    return None


SCRIPTS = {
    "cp1251": ("А-яЁёЂ-џҐґ", "оеаинтсрвлкмдпуіы"),
    "koi8_r": ("А-яЁё", "оеаинтсрвлкмдпу"),
    "cp866": ("А-яЁё", "оеаинтсрвлкмдпу"),
    "cp1253": ("Ά-ώ", "αοιετσνηυρπκμλίόάήέύς"),
    "iso8859_7": ("Ά-ώ", "αοιετσνηυρπκμλίόάήέύς"),
    "cp1255": ("א-ת", "יוהלאתרשבמנםדחעקס"),
}  # letters of each encoding's script, and those that most of a text is made of
MIN_COMMON = 0.6  # share of the common letters among the script's, to believe it


def _script(raw: bytes) -> str | None:
    """A single-byte encoding of another script than Latin: words are wholly in it, and of its common letters."""
    best, chosen = MIN_COMMON, None
    for encoding, (letters, common) in SCRIPTS.items():
        try:
            text = raw.decode(encoding)
        except UnicodeError:
            continue
        words = [w for w in re.findall(r"[^\W\d_]{3,}", text) if not w.isascii()]
        pure = [w for w in words if re.fullmatch(f"[{letters}]+", w)]
        if not pure or sum(map(len, pure)) < 0.7 * sum(map(len, words)):
            continue
        found = "".join(pure)
        share = sum(letter in common for letter in found) / len(found)
        if share > best:
            best, chosen = share, encoding
    return chosen
