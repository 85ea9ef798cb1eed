"""Text that programs wrote in their own way, put as the csv module reads it; lines stay lines."""

from __future__ import annotations

import re

IN_BRACKETS = re.compile(rb' \[\d[^\]"\r\n]* [^\]"\r\n]*\] "')  # times in logs of web servers
MENDS = ("escaped", "delimiters", "braces", "spaced", "formulas", "inner")  # as they are tried
CUTS = ("delimiters", "braces")  # of what is in one cell and looks like several


def mend(data: bytes, how: str, delimiter: str) -> bytes:
    """Quotes as the csv module wants them: `escaped` ones were written \\" , `spaced` ones stand behind a space.

    `marks` of the encoding at the start of lines, as in files put behind one another, are left out. `formulas` such as
    ="007" keep spreadsheets from changing codes; `inner` quotes within quoted cells were not doubled; `brackets` stand for
    quotes, as around times in logs of web servers. `delimiters` within cells stand behind a backslash; `braces` enclose
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
    return bool(re.search(rb'(?m)(?:^|%s)"?[{\[]' % re.escape(delimiter.encode()), data))


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
