"""Text that programs wrote in their own way, put as the csv module reads it; lines stay lines."""

from __future__ import annotations

import csv
import re

IN_BRACKETS = re.compile(rb' \[\d[^\]"\r\n]* [^\]"\r\n]*\] "')  # times in logs of web servers
MENDS = ("escaped", "delimiters", "braces", "spaced", "formulas", "inner", "other")  # as they are tried
CUTS = ("delimiters", "braces", "other")  # of what is in one cell and looks like several


def mend(data: bytes, how: str, delimiter: str) -> bytes:
    """Quotes as the csv module wants them: `escaped` ones were written \\" , `spaced` ones stand behind a space.

    `marks` of the encoding at the start of lines, as in files put behind one another, are left out. `formulas` such as
    ="007" keep spreadsheets from changing codes; `inner` quotes within quoted cells were not doubled; `brackets` stand for
    quotes, as around times in logs of web servers; `wrapped` rows were quoted whole; `other` quotes are single or typographic ones.
    `padding` is of null bytes behind cells and at the end. `delimiters` within cells stand behind a backslash; `braces` enclose
    cells of JSON. Where nothing is `how`, the data come back.
    """
    mark = re.escape(delimiter.encode())
    match how:
        case "escaped":
            return data.replace(b'\\"', b'""')
        case "spaced":
            return re.sub(rb'(%s) +(?=")' % mark, rb"\1", data)
        case "formulas":
            return re.sub(rb'(?m)(^|%s)=(?="[^"\r\n]*"(?:%s|\r?$))' % (mark, mark), rb"\1", data)
        case "inner":
            return re.sub(rb'(?m)(?<!^)(?<!%s)(?<!")"(?!%s|"|\r?$)' % (mark, mark), b'""', data)
        case "brackets":
            return re.sub(rb'(?m)(^|\s)\[([^\]"\r\n]*)\](?=\s|$)', rb'\1"\2"', data)
        case "marks":
            return re.sub(rb"(?m)^\xef\xbb\xbf", b"", data)
        case "padding":
            return re.sub(rb"\x00+(?=%s|[\r\n]|\Z)" % (mark or b","), b"", data)
        case "wrapped":
            return unwrapped(data.decode()).encode()
        case "other":
            return other_quotes(data.decode(), delimiter).encode()
        case "delimiters":
            return delimiters_in_quotes(data.decode(), delimiter).encode()
        case "braces":
            return braces_in_quotes(data.decode(), delimiter).encode()
        case _:
            return data


def may_be_cut(data: bytes, how: str, delimiter: str) -> bool:
    """Whether a text has what one of `CUTS` mends."""
    if how == "delimiters":
        return b"\\" + delimiter.encode() in data
    if how == "other":
        head = data[:LOOKED_AT]
        return any(begin + quote in head for quote in OPENING for begin in (delimiter.encode(), b"\n")) or head.startswith(OPENING)
    if b"{" not in data and b"[" not in data:
        return False
    return bool(re.search(rb'(?m)(?:^|%s)"?[{\[]' % re.escape(delimiter.encode()), data))


OPENING = (b"'", "\u201c".encode(), "\u201e".encode(), "\u00ab".encode())
LOOKED_AT = 1 << 20  # bytes in which other quotes than double ones are looked for
MOSTLY = 0.9  # share of the lines that are wrapped
_WRAPPED = re.compile(r'"((?:[^"\r\n]|"")*)"[;,\t]*')


def are_wrapped(lines: list[str]) -> bool:
    """Whether whole rows stand in quotes, with several cells in each and in the names.

    >>> are_wrapped(['"id,name"', '"1,x"', '"2,y"']), are_wrapped(['"address"', '"5 Main St, Ulm"', '"x, y"'])
    (True, False)
    """
    lines = [line.strip() for line in lines if line.strip()]
    rows = [found[1].replace('""', '"') for line in lines[1:] if (found := _WRAPPED.fullmatch(line))]
    first = _WRAPPED.fullmatch(lines[0]) if lines else None
    names = first[1].replace('""', '"') if first else lines[0] if lines else ""
    if len(rows) < 2 or len(rows) < MOSTLY * (len(lines) - 1):
        return False
    for mark in ",;\t|":
        widths = [len(row) for row in csv.reader([names, *rows], delimiter=mark)]
        if widths[0] > 1 and widths.count(widths[0]) >= MOSTLY * len(widths) and f"{mark} " not in names:
            return True
    return False


def unwrapped(text: str) -> str:
    """Rows that were quoted whole, without those quotes. Notebooks hold this function as it stands here.

    >>> unwrapped('"1,""x, y"",2"')
    '1,"x, y",2'
    """
    return re.sub(r'(?m)^"((?:[^"\r\n]|"")*)"[;,\t]*(?=\r?$)', lambda row: row[1].replace('""', '"'), text)


def names_in_other_quotes(data: bytes, delimiter: str) -> bool:
    """Whether all names in the first line stand in quotes that are not double."""
    first = data[: data.find(b"\n") + 1].decode("utf-8", "replace").strip()
    cells = other_quotes(first, delimiter).split(delimiter)
    return len(cells) > 1 and '"' not in first and all(cell.strip().startswith('"') for cell in cells)


def other_quotes(text: str, delimiter: str) -> str:
    """Cells in single or typographic quotes in double ones instead. Notebooks hold this function as it stands here.

    >>> other_quotes("1,'x, y',2", ",")
    '1,"x, y",2'
    """
    mark = re.escape(delimiter)
    cell = rf"(?m)(^|{mark}) *(?:'((?:[^'\r\n]|'')*)'|[\u201c\u201e]([^\u201c\u201d\r\n]*)[\u201c\u201d]|\u00ab([^\u00bb\r\n]*)\u00bb) *(?={mark}|\r?$)"

    def quoted(found):
        inside = found[2].replace("''", "'") if found[2] is not None else found[3] or found[4] or ""
        doubled = inside.replace('"', '""')
        return f'{found[1]}"{doubled}"'

    return re.sub(cell, quoted, text)


def delimiters_in_quotes(text: str, delimiter: str) -> str:
    """Cells in which delimiters stand behind a backslash in quotes instead. Notebooks hold this function as it stands here.

    >>> delimiters_in_quotes("1,Main St\\\\, Ulm,x", ",")
    '1,"Main St, Ulm",x'
    """
    mark = re.escape(delimiter)
    cell = re.compile(rf'(?:^|(?<={mark}))(?:"(?:[^"]|"")*"|(?:[^{mark}"\\]|\\.)*)(?={mark}|$)')

    def quoted(found):
        whole = found[0]
        return whole if whole[:1] == '"' or "\\" + delimiter not in whole else f'"{whole.replace(chr(92) + delimiter, delimiter)}"'

    return re.sub(rf"(?m)^[^\r\n]*\\{mark}[^\r\n]*", lambda line: cell.sub(quoted, line[0]), text)


def braces_in_quotes(text: str, delimiter: str) -> str:
    """Cells of JSON in quotes, their own doubled; such a cell ends where its braces are closed. Notebooks hold this too.

    >>> braces_in_quotes('1,{"a": 1, "b": 2},x', ",")
    '1,"{""a"": 1, ""b"": 2}",x'
    """
    in_quotes = re.compile('"(?:[^"]|"")*"')

    def closed(line, at):
        depth, inside = 0, False
        while at < len(line):
            if line[at] == "\\":
                at += 1
            elif line[at] == '"':
                inside = not inside
            elif not inside and line[at] in "{[":
                depth += 1
            elif not inside and line[at] in "}]":
                depth -= 1
                if depth == 0:
                    return at + 1
            at += 1
        return 0

    def mended(found):
        line, out, at = found[0], [], 0
        while at < len(line):
            whole = in_quotes.match(line, at)
            stop = whole.end() if whole else 0
            if not stop or (stop < len(line) and line[stop] != delimiter):  # no cell in quotes by the book
                wrapped = line.startswith(('"{', '"['), at)
                begin = at + wrapped
                end = closed(line, begin) if line[begin] in "{[" else 0
                stop = end + wrapped if end and (not wrapped or line[end : end + 1] == '"') else 0
                if stop and (stop == len(line) or line[stop] == delimiter):
                    cell = line[begin:end].replace('"', '""')
                    out.append(f'"{cell}"')
                    at = stop
                    whole = None
                else:
                    stop = line.find(delimiter, at)
                    stop = len(line) if stop < 0 else stop
            out.append(line[at:stop])
            at = stop
            if at < len(line):
                out.append(delimiter)
                at += 1
        return "".join(out)

    return re.sub(r"(?m)^[^\r\n]*[{\[][^\r\n]*", mended, text)
