"""The encoding of a text file: found, and turned into UTF-8."""

from __future__ import annotations

import codecs
import itertools
import re
from dataclasses import dataclass

from automl.data.formats import is_utf16
from automl.errors import DataError

MOST_LINES = 100_000  # that are looked at
MOSTLY_ALONE = 0.6  # share of bytes beyond ASCII that stand alone: a Latin text rather than Chinese or Korean
MIXED = 0.2  # share of the lines beyond ASCII that are UTF-8, from which on the others are taken for lines of Windows in it
MARK = b"\xef\xbb\xbf"
WINDOWS = "windows"  # how errors of such a text are dealt with
JAPANESE_ESCAPES = re.compile(rb"\x1b(?:\$[@B]|\([BJ])")


def windows_letters(error: UnicodeError) -> tuple[str, int]:
    """What is no UTF-8 as letters of Windows-1252; notebooks hold this function as it stands here."""
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(WINDOWS, windows_letters)


@dataclass(frozen=True)
class Decoded:
    """The text as UTF-8 bytes, and how it was encoded. `garbled` characters could not be read, or not as UTF-8."""

    data: bytes
    encoding: str
    errors: str = "strict"
    garbled: int = 0


def decode(raw: bytes, name: str, encoding: str | None = None, errors: str | None = None) -> Decoded:
    """Find the encoding and return the text as UTF-8.

    Tried in this order: a byte order mark, UTF-16 without one, UTF-8 (with lines of Windows-1252 in it, perhaps), then the
    encoding that the letters tell of, or that charset-normalizer finds most plausible (Windows-1252 where several are).
    """
    if encoding:
        try:
            text = raw.decode(encoding, errors or "strict")
        except (UnicodeError, LookupError) as e:
            raise DataError(
                f"'{name}' can't be read with the encoding '{encoding}'. Leave the choice open."
            ) from e
        return Decoded(text.encode("utf-8"), encoding, errors or "strict", 0)
    if raw.startswith(MARK):
        try:
            raw[3:].decode("utf-8")
            return Decoded(raw[3:], "utf-8-sig")
        except UnicodeDecodeError:
            return _with_windows(raw[3:], "utf-8-sig")
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
    if b"\x1b" in raw and JAPANESE_ESCAPES.search(raw):
        try:
            return Decoded(raw.decode("iso2022_jp").encode("utf-8"), "iso2022_jp")
        except UnicodeDecodeError:
            pass
    try:
        raw.decode("utf-8")
        return Decoded(raw, "utf-8")
    except UnicodeDecodeError as e:
        first_error = e.start
    if first_error >= len(raw) - 3:  # cut within a letter
        return Decoded(raw.decode("utf-8", "replace").encode("utf-8"), "utf-8", "replace", 1)
    if _is_mixed(raw):
        return _with_windows(raw, "utf-8")
    found = _single_byte(raw)
    return Decoded(raw.decode(found).encode("utf-8"), found)


def _with_windows(raw: bytes, encoding: str) -> Decoded:
    """UTF-8 with some bytes that are none, read as Windows-1252."""
    how, broken = windows_counted()
    text = raw.decode("utf-8", how)
    return Decoded(text.encode("utf-8"), encoding, WINDOWS, len(broken))


def windows_counted() -> tuple[str, list[int]]:
    """A way to deal with errors as `WINDOWS` is, and where it found some so far."""
    broken: list[int] = []

    def counted(error: UnicodeError) -> tuple[str, int]:
        broken.append(error.start)
        return windows_letters(error)

    codecs.register_error(f"{WINDOWS}, counted", counted)
    return f"{WINDOWS}, counted", broken


def _is_mixed(raw: bytes) -> bool:
    """Whether many lines beyond ASCII are UTF-8, which other encodings hardly ever are by chance."""
    lines, whole = 0, 0
    for line in itertools.islice(re.finditer(rb"[^\n]*[\x80-\xff][^\n]*", raw), MOST_LINES):
        lines += 1
        try:
            line[0].decode("utf-8")
            whole += 1
        except UnicodeDecodeError:
            continue
    return whole >= max(MIXED * lines, 1)


def _single_byte(raw: bytes) -> str:
    """The most plausible encoding of the lines that are not plain ASCII."""
    from charset_normalizer import from_bytes

    lines, size = [], 0
    for line in re.finditer(rb"[^\n]*[\x80-\xff][^\n]*\n?", raw):
        lines.append(line[0])
        size += len(line[0])
        if size > 50_000:
            break
    found = _japanese(raw, b"".join(lines)) or _thai(b"".join(lines)) or _script(b"".join(lines)) or _of_another_system(b"".join(lines))
    if found := found or _of_a_language(b"".join(lines)) or _shift_jis(raw, b"".join(lines)):
        return found
    wanted = ["cp1252", "cp1250", "cp1254", "cp932", "gb18030", "big5", "cp949"]
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


# Letters beyond ASCII of languages in Latin script, and the encodings they are written in. Where several are possible, the first one is.
WESTERN = ("cp1252", "iso8859_15")
EASTERN = ("cp1250", "iso8859_2")
LANGUAGES = (
    (WESTERN, "äöüß"), (WESTERN, "àâæçéèêëîïôœùûüÿ"), (WESTERN, "áéíóúñüªº"), (WESTERN, "ãáàâçéêíõóôúüªº"), (WESTERN, "àèéìíîòóùúº"),
    (WESTERN, "åäöæøéü"), (WESTERN, "áéíóúýþæðö"), (WESTERN, "éëïóöüèê"), (WESTERN, "àèéíïóòúüç"), (WESTERN, "šžõäöü"),
    (EASTERN, "ąćęłńóśźż"), (EASTERN, "áčďéěíňóřšťúůýž"), (EASTERN, "áäčďéíĺľňóôŕšťúýž"), (EASTERN, "áéíóöőúüű"), (EASTERN, "čćđšž"),
    (("cp1257", "iso8859_13"), "ąčęėįšųūž"), (("cp1257", "iso8859_13"), "āčēģīķļņšūž"), (("cp1250", "iso8859_2", "iso8859_16"), "ăâîșțşţ"),
    (("cp1254",), "çğıöşüâîû"),
)  # fmt: skip
MARKS = set("\u2018\u2019\u201a\u201c\u201d\u201e\u2013\u2014\u2026\u20ac\u00a0\u00a3\u00a5\u00a7\u00a9\u00ab\u00ae\u00b0\u00b1\u00b2\u00b3\u00b4\u00b5\u00b7\u00bb\u00bf\u00a1\u00ba\u00aa\u2022\u2030\u2122\u00d7\u00a6\u00ac\u00b6")
_IN_WORDS = re.compile("[\u00ae\u00b9\u00b2\u00b3\u00bc-\u00be\u00b1\u00bb](?=[^\\W\\d_])")  # no such thing stands before a letter


PARTLY_ALONE = 0.2  # share of bytes beyond ASCII that stand alone in a language with many accents


def _of_a_language(raw: bytes) -> str | None:
    """The encoding in which all letters beyond ASCII are those of one language; None where none is."""
    beyond = len(re.findall(rb"[\x80-\xff]", raw))
    if len(re.findall(rb"(?<![\x80-\xff])[\x80-\xff](?![\x80-\xff])", raw)) < PARTLY_ALONE * beyond:
        return None
    if set(re.findall(r"[^\x00-\x7f]", raw.decode("cp1252", "replace"))) <= MARKS:
        return "cp1252"
    for encodings, letters in LANGUAGES:
        for encoding in encodings:
            text = raw.decode(encoding, "replace")
            found = set(re.findall(r"[^\x00-\x7f]", text))
            own = {letter for letter in found if letter.lower() in letters}
            if own and found <= own | MARKS and not _IN_WORDS.search(text) and ("\u00a4" not in text):
                return encoding
    return None


def _japanese(raw: bytes, lines: bytes) -> str | None:
    """EUC-JP, where its kana are: in other encodings of East Asia hardly anything is written with those two bytes."""
    pairs = re.findall(rb"[\xa1-\xfe]{2}", lines)
    kana = sum(pair[:1] in (b"\xa4", b"\xa5") for pair in pairs)
    if kana < LEAST_KANA * len(pairs) or 2 * len(pairs) < 0.9 * len(re.findall(rb"[\x80-\xff]", lines)):
        return None
    try:
        raw.decode("euc_jp")
        return "euc_jp"
    except UnicodeDecodeError:
        return None


def _shift_jis(raw: bytes, lines: bytes) -> str | None:
    """Shift-JIS, where kana and characters of full width stand beside each other rather than in words of other letters."""
    try:
        text = lines.decode("cp932")
        raw.decode("cp932")
    except UnicodeDecodeError:
        return None
    beyond = re.findall(r"[^\x00-\x7f]", text)
    full = len(re.findall(r"[\u3000-\u30ff\u3200-\u33ff\u4e00-\u9fff\uff01-\uff60\u2460-\u24ff]", text))
    in_words = len(re.findall(r"[A-Za-z][^\x00-\x7f]|[^\x00-\x7f][A-Za-z]", text))
    return "cp932" if full >= 0.9 * len(beyond) and in_words <= 0.1 * len(beyond) else None


LEAST_KANA = 0.2  # share of the characters of a Japanese text
LEAST_SIGNS = 0.1  # share of vowels and tones above and below letters in a Thai one


def _thai(raw: bytes) -> str | None:
    """TIS-620, where signs stand behind letters that can carry them."""
    beyond = len(re.findall(rb"[\x80-\xff]", raw))
    letters, signs = len(re.findall(rb"[\xa1-\xda\xdf-\xfb]", raw)), len(re.findall(rb"[\xd1\xd4-\xda\xe7-\xee]", raw))
    carried = len(re.findall(rb"(?<=[\xa1-\xce\xd1\xd4-\xda\xe7-\xee])[\xd1\xd4-\xda\xe7-\xee]", raw))
    before = len(re.findall(rb"[\xe0-\xe4](?![\xa1-\xce])", raw))  # vowels that are written before a letter
    return "cp874" if letters >= 0.98 * beyond and signs >= LEAST_SIGNS * beyond and carried >= 0.98 * signs and before <= 0.01 * beyond else None


SCRIPTS = {
    "cp1251": ("А-яЁёЂ-џҐґ", "оеаинтсрвлкмдпуіы"),
    "koi8_r": ("А-яЁё", "оеаинтсрвлкмдпу"),
    "cp866": ("А-яЁё", "оеаинтсрвлкмдпу"),
    "cp1253": ("Ά-ώ", "αοιετσνηυρπκμλίόάήέύς"),
    "iso8859_7": ("Ά-ώ", "αοιετσνηυρπκμλίόάήέύς"),
    "iso8859_5": ("А-яЁё", "оеаинтсрвлкмдпу"),
    "mac_cyrillic": ("А-яЁё", "оеаинтсрвлкмдпу"),
    "cp1255": ("א-ת", "יוהלאתרשבמנםדחעקס"),
    "cp1256": ("ء-ي", "اليمونرتبةعدسه"),
    "iso8859_6": ("ء-ي", "اليمونرتبةعدسه"),
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
        found = "".join(w if w[1:].islower() == w[1:].isupper() else w.lower() if w[1:].islower() or w.isupper() else w for w in pure)
        share = sum(letter in common for letter in found) / len(found)
        if share > best:
            best, chosen = share, encoding
    return chosen
