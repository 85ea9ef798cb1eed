"""Still more of the hostile corpus: encodings of all scripts, long and rare separators, other quotes, words and flags beside numbers."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pandas as pd

from tests.data.corpus import NAN, day, no, ok, workbook
from tests.data.corpus_exports import CASES
from tests.data.other_books import binary_workbook, open_workbook, page, xml_row, xml_workbook

__all__ = ["CASES"]

R = range(1, 25)
LIST, HALVES, XS = list(R), [i + 0.5 for i in R], [f"x{i}" for i in R]


def file(names: str, row: Callable[[int], str], encoding: str = "utf-8", end: str = "\n") -> bytes:
    return "".join([names + end, *(row(i) + end for i in R)]).encode(encoding)


def cells(label: str, written: list[str], values: list, *, name: str = "v", says: str = "", **options) -> None:
    raw = f"id;{name};y\n" + "".join(f"{i};{cell};{'ab'[i % 2]}\n" for i, cell in enumerate(written))
    ok(label, raw, {"id": list(range(len(written))), name: values}, says=says, **options)


# --- encodings -----------------------------------------------------------------------------

RUSSIAN = "номер;город;цена", ["Москва", "Казань", "Самара", "Омск", "Пермь", "Уфа"]
CHINESE = "编号;城市;价格", ["北京市", "上海市", "广州市", "深圳市", "成都市", "杭州市"]
JAPANESE = "番号;都市;値", ["東京都", "大阪府", "ひらがな", "カタカナ", "表示能力"]
for encoding, (names, words) in {
    "utf-16-le": RUSSIAN, "utf-16-be": CHINESE, "koi8_r": RUSSIAN, "cp866": RUSSIAN, "iso8859_5": RUSSIAN, "mac_cyrillic": RUSSIAN,
    "gbk": CHINESE, "euc_jp": JAPANESE, "iso2022_jp": JAPANESE, "cp932": ("番号;都市;値", ["東京都", "表示能力", "ソニー㈱", "予定①"]),
    "big5": ("編號;城市;價格", ["臺北市", "高雄市", "許功蓋", "臺中市"]), "cp949": ("번호;도시;값", ["서울특별시", "부산광역시", "대구광역시"]),
    "cp1255": ("מספר;עיר;מחיר", ["תל אביב", "ירושלים", "חיפה", "באר שבע"]), "cp1256": ("رقم;مدينة;سعر", ["القاهرة", "الرياض", "بغداد", "دمشق"]),
    "cp874": ("ลำดับ;เมือง;ราคา", ["กรุงเทพ", "เชียงใหม่", "ภูเก็ต", "ขอนแก่น"]), "cp1257": ("id;miestas;v", ["Šiauliai", "Klaipėda", "Panevėžys", "Kėdainiai"]),
    "iso8859_2": ("číslo;město;cena", ["Plzeň", "Říčany", "Děčín", "Žďár", "Ústí", "Český Těšín"]), "iso8859_15": ("id;mot;v", ["5 €", "Œuvre", "Cœur", "été"]),
    "cp1250": ("szám;város;ár", ["Győr", "Székesfehérvár", "Kőszeg", "Gyöngyös"]), "cp1254": ("no;şehir;değer", ["İstanbul", "Eskişehir", "Muğla", "Iğdır"]),
}.items():  # fmt: skip
    number, city, price = names.split(";")
    raw = file(names, lambda i, words=words: f"{i};{words[i % len(words)]};{i},5", encoding, "\r\n")
    ok(f"encoded as {encoding}, told by its letters", raw, {number: LIST, city: [words[i % len(words)] for i in R], price: HALVES})
TOWNS = ["Köln", "Málaga"]
MIXED = b"".join([b"id;town\n", *(f"{i};{TOWNS[i % 2]}\n".encode("cp1252" if i > 12 else "utf-8") for i in R)])
ok("utf-8 with lines of windows in it", MIXED, {"town": [TOWNS[i % 2] for i in R]}, says="12 places are no UTF-8")
ok("two byte order marks", b"\xef\xbb\xbf" * 2 + file("a,b", lambda i: f"{i},x{i}"), {"a": LIST, "b": XS})
ok("a byte order mark, then sep=", "sep=;\r\na;b\r\n".encode("utf-8-sig") + b"".join(b"%d;x\r\n" % i for i in R), {"a": LIST})
ok("null bytes at the end", file("a,b", lambda i: f"{i},x{i}") + bytes(5000), {"a": LIST, "b": XS}, says="Null bytes")
ok("null bytes behind cells", b"a,b,c\n" + b"".join(b"%d,x%d\0\0\0\0,%d.5\n" % (i, i, i) for i in R), {"a": LIST, "b": XS, "c": HALVES})
no("null bytes between cells", b"".join(b"%d\0x%d\0%d.5\n" % (i, i, i) for i in R), "neither text nor")
ok("cut within a letter", file("a,b", lambda i: f"{i},Köln") + b"25,K\xc3", {"a": [*LIST, 25]}, says="could not be read")
ok("line ends of a program that wrote them twice", file("a,b", lambda i: f"{i},x{i}", end="\r\r\n"), {"a": LIST, "b": XS})
ok("cells of no-break spaces", file("a,b,c", lambda i: f"{i},\u00a0,\u3000{i}.5\u2009"), {"a": LIST, "b": [NAN] * 24, "c": HALVES})

# --- separators ------------------------------------------------------------------------------

for mark in ("||", ";;", "|~|", "##", "@@", "\t|\t", "¦", "§", "\x01", "^", "~"):
    text = "x | y" if mark == "||" else "x, y and z"
    raw = file(mark.join(("id", "name", "v")), lambda i, mark=mark, text=text: mark.join((str(i), f"{text} {i}", f"{i}.5")))
    ok(f"separated by {mark!r}, other marks in text", raw, {"id": LIST, "name": [f"{text} {i}" for i in R], "v": HALVES}, width=3)
ok("separated by a broken bar of latin-1", file("id¦name¦v", lambda i: f"{i}¦x{i}¦{i}.5", "latin-1"), {"id": LIST, "name": XS, "v": HALVES})
ok("two colons, no names", "".join(f"{i}::{i * 7}::{i % 5}::{978300760 + i}\n" for i in R), {"column_1": LIST, "column_2": [i * 7 for i in R]}, width=4)
ok("two bars, quoted cells with them, a row too wide", file("id||name||v", lambda i: f'{i}||"x||{i}"||{i}.5' + ("||7" if i == 9 else "")),
   {"id": [i for i in R if i != 9], "name": [f"x||{i}" for i in R if i != 9]}, bad=1, says="line 10")
ok("two bars by choice", file("id||name", lambda i: f"{i}||x{i}"), {"id": LIST, "name": XS}, delimiter="||")
ok("a file of Hive without names", "".join(f"{i}\x01x{i}\x01{i}.5\x01\\N\n" for i in R), {"column_1": LIST, "column_2": XS, "column_3": HALVES}, width=4)
ok("users of Unix", "".join(f"u{i}:x:{1000 + i}:{100 + i % 3}:User {i}:/home/u{i}:/bin/sh\n" for i in R), {"column_1": [f"u{i}" for i in R], "column_3": [1000 + i for i in R]}, width=7)
ok("tabs and spaces between cells", file("id  name\tv", lambda i: f"{i} \t x{i}   {i}.5"), {"id": LIST, "name": XS, "v": HALVES}, says="spaces")
ok("names between commas, rows between semicolons", file("id,name,v", lambda i: f"{i};x{i};{i},5"), {"id": LIST, "name": XS, "v": HALVES}, says="separated otherwise")
ok("double colons in names of C++ between commas", file("name,n", lambda i: f"std::v{i},{i}"), {"name": [f"std::v{i}" for i in R], "n": LIST}, width=2)
ok("addresses of pages in one column", "url\n" + "".join(f"https://x.org/{i}\n" for i in R), {"url": [f"https://x.org/{i}" for i in R]})

# --- quotes ------------------------------------------------------------------------------------

NAMED = {"id": LIST, "name": [f"x, {i}" for i in R], "v": HALVES}
ok("rows wholly in quotes", '"id,name,v"\n' + "".join(f'"{i},""x, {i}"",{i}.5"\n' for i in R), NAMED, says="Whole rows stand in quotation marks")
ok("rows in quotes, names not, separators behind", "id,name,v;;\n" + "".join(f'"{i},""x, {i}"",{i}.5";;\n' for i in R), {"id": LIST, "name": NAMED["name"]})
ok("one column of quoted text with commas", "address\n" + "".join(f'"{i} Main St, Ulm"\n' for i in R), {"address": [f"{i} Main St, Ulm" for i in R]}, width=1)
ok("single quotes around commas", file("id,name,v", lambda i: f"{i},'x, {i}',{i}.5"), NAMED, says="Single or typographic")
ok("single quotes around names too", file("'id','name','v'", lambda i: f"'{i}','x{i}','{i}.5'"), {"id": LIST, "name": XS, "v": HALVES})
ok("single quotes doubled within", file("id,name,v", lambda i: f"{i},'O''Neil, {i}',{i}.5"), {"name": [f"O'Neil, {i}" for i in R], "v": HALVES})
ok("typographic quotes around commas", file("id,name,v", lambda i: f"{i},“x, {i}”,{i}.5"), NAMED)
ok("apostrophes in text", file("id,name,v", lambda i: f"{i},it's {i},{i}.5"), {"name": [f"it's {i}" for i in R], "v": HALVES})
LATE = [f'{i},"line one\nline two, {i}",{i}.5\n' for i in range(1, 200)]
LATE[150] = '151,"never closed,151.5\n'
ok("a quote that is never closed, late among cells with line ends", "id,note,v\n" + "".join(LATE), {"id": [i for i in range(1, 200) if i != 151]}, bad=1)

# --- names -------------------------------------------------------------------------------------

WORDS = [(["Ann", "Bob", "Cy"][i % 3], ["red", "blue"][i % 2], ["Ulm", "Bonn"][i // 2 % 2]) for i in R]
ok("words only, no names", "".join(",".join(row) + "\n" for row in WORDS), {f"column_{j + 1}": [row[j] for row in WORDS] for j in range(3)})
ok("days as names", file("store,2024-01-01,2024-02-01", lambda i: f"s{i},{i},{i + 1}"), {"store": [f"s{i}" for i in R], "2024-02-01": [i + 1 for i in R]})
ok("sixty lines of notes above", "".join(f"# line {i}, of notes, here\n" for i in range(60)).encode() + file("id,name,v", lambda i: f"{i},x{i},{i}.5"), {"id": LIST, "v": HALVES})
ok("forty lines of prose above", "".join(f"This is line {i} of the notes.\n" for i in range(40)).encode() + b"\n" + file("id,name,v", lambda i: f"{i},x{i},{i}.5"), {"id": LIST, "v": HALVES})

# --- words and flags beside numbers ----------------------------------------------------------------

cells("missing values of Stata", [".", ".a", ".z", "1.5", "2"] * 5, [NAN, NAN, NAN, 1.5, 2.0] * 5, says="'.a' and '.z' count as missing, since all else is numbers")
cells("flags of Eurostat", ["12.3 b", "12.4", ":", ": c", "12.5 e", "11", "10.5 bp"] * 4, [12.3, 12.4, NAN, NAN, 12.5, 11.0, 10.5] * 4, says="without the flags behind some, 'b', 'bp' and 'e'")
cells("marks of footnotes", ["12.3*", "12.4", "13.1†", "11"] * 6, [12.3, 12.4, 13.1, 11.0] * 6, says="'*' and '†'")
cells("units are no flags", ["5 s", "7 s", "9 s"] * 8, ["5 s", "7 s", "9 s"] * 8)
cells("flags kept by choice", ["12.3*", "12.4", "11"] * 8, ["12.3*", "12.4", "11"] * 8, columns={"v": {"type": "text"}})
for word in ("n.a.", "N.A.", "missing", "(blank)", "---", "not available", "n/d", "k.A.", "*"):
    cells(f"{word} among numbers", ["1.5", word, "2.5"] * 8, [1.5, NAN, 2.5] * 8, says="as missing")
cells("missing among dates", ["2024-01-31", "missing"] * 12, [day("2024-01-31"), NAN] * 12, says="since all else is dates")
cells("missing among words", ["red", "missing", "blue"] * 8, ["red", "missing", "blue"] * 8)
cells("no dates of Access", ["00/00/0000", "31/01/2024", "01/02/2024"] * 8, [NAN, day("2024-01-31"), day("2024-02-01")] * 8)
cells("thousands with thin spaces", [f"{i}\u2009{i:03},50" for i in R], [i * 1000 + i + 0.5 for i in R])
cells("times with a comma before the fraction", [f"2024-01-{i:02} 08:30:00,250" for i in R], [day(f"2024-01-{i:02} 08:30:00.25") for i in R])
cells("fourteen digits under a time", [f"202401{i:02}083000" for i in R], [day(f"2024-01-{i:02} 08:30") for i in R], name="created_at")

# --- numbers that count from a day on ----------------------------------------------------------------

DAYS, AS_DATE = [day("2024-01-01") + pd.Timedelta(days=i) for i in R], {"type": "date", "day_first": True}
for way, name, first, step in (
    ("days since 1899-12-30, as spreadsheets", "order_date", 45292, 1), ("seconds since 1970", "timestamp", 1704067200, 86400),
    ("milliseconds since 1970", "created_at", 1704067200000, 86400000), ("microseconds since 1970", "updatedAt", 1704067200 * 10**6, 86400 * 10**6),
):  # fmt: skip
    numbers = [first + i * step for i in R]
    cells(f"{way}, with a hint", list(map(str, numbers)), numbers, name=name, says=f"'{name}' looks like {way}")
    cells(f"{way}, as dates by choice", list(map(str, numbers)), DAYS, name=name, columns={name: AS_DATE})
cells("numbers of the size of dates under another name", [str(45000 + i) for i in R], [45000 + i for i in R], name="price")
ok("json, milliseconds as dates by choice", "".join(f'{{"at": {1704067200000 + i * 86400000}}}\n' for i in R), {"at": DAYS}, columns={"at": AS_DATE})

# --- workbooks of other kinds, pages that pass for such, Arrow ---------------------------------------------

ROWS = [["id", "name", "v"], *([i, f"x{i}", i + 0.5] for i in R)]
BOOK = {"id": LIST, "name": XS, "v": HALVES}
ok("a binary workbook", lambda: binary_workbook(ROWS), BOOK)
ok("a workbook of LibreOffice", lambda: open_workbook(ROWS), BOOK)
ok("a workbook of XML with gaps, dates and a title", lambda: xml_workbook(Data=xml_row("Report") + xml_row("id", "when", "ok", "v", index=3) + "".join(
    xml_row(i, ("DateTime", f"2024-01-{i:02}T00:00:00.000"), i % 2 == 0, i + 0.5 if i % 5 else None) for i in R), Notes=xml_row("x")),
   {"id": LIST, "when": [day(f"2024-01-{i:02}") for i in R], "ok": [i % 2 == 0 for i in R], "v": [i + 0.5 if i % 5 else NAN for i in R]}, says=("of a workbook in XML; the workbook also has 'Notes'", "Report"))
ok("a workbook of XML, the other sheet", lambda: xml_workbook(One=xml_row("x"), Two="".join(xml_row(*row) for row in ROWS)), BOOK, sheet="Two")
no("a workbook of XML, cut short", lambda: xml_workbook(S="".join(xml_row(*row) for row in ROWS))[:-300], "damaged or cut short")
no("a workbook of XML that declares things", lambda: xml_workbook(S="".join(xml_row(*row) for row in ROWS)).replace(b"<Workbook", b'<!DOCTYPE x [<!ENTITY a "aaaaaaaa">]>\n<Workbook', 1), "declares things")
ok("a page that passes for a workbook", lambda: page([["id", "name & co", "v"], *([i, f"<x>{i}", f"1.{i:03},50 €"] for i in R)]),
   {"id": LIST, "name & co": [f"<x>{i}" for i in R], "v": [1000 + i + 0.5 for i in R]}, says="from the table of a web page")
ok("a page with several tables", lambda: page([["menu"], ["x"]], [["k", "n"], ["a", 1], ["b", 2]], ROWS, before="<h1>Report</h1>"), BOOK, says="'table 3', the largest")
ok("a page with several tables, one chosen", lambda: page(ROWS, [["k", "n"], ["a", 1], ["b", 2]]), {"k": ["a", "b"], "n": [1, 2]}, sheet="table 2")
ok("a page whose cells are never closed", "<TABLE>\n<TR><TH>id<TH>group<TH>v\n" + "".join(f"<TR><TD>{i}{'<TD rowspan=4>g' + str(i) if i % 4 == 1 else ''}<TD>{i}.5<br>\n" for i in R) + "</TABLE>",
   {"id": LIST, "group": [f"g{i - (i - 1) % 4}" for i in R], "v": HALVES})
ok("a page in windows-1252 that says so", page([["id", "town"], *([i, "Köln"] for i in R)]).decode().replace("utf-8", "windows-1252").encode("cp1252"), {"town": ["Köln"] * 24})
no("a page with a form in a table", "<html><table><tr><td>User</td><td><input></td></tr><tr><td>Password</td><td><input></td></tr></table></html>", "web page")
no("a page of mere layout", "<html><table>" + "<tr><td colspan=2>Sorry, something went wrong</td></tr>" * 5 + "</table></html>", "web page")
ok("a workbook with a cover", lambda: workbook(Cover=[["Report 2024"], ["made by X"], [], ["see the sheet Data"]], Data=ROWS), BOOK, says="from sheet 'Data', the first with several columns; the workbook also has 'Cover'")
ok("a workbook whose first sheet is one column", lambda: workbook(Codes=[["code"], *([f"c{i}"] for i in R)], Data=[["a", "b"], [1, 2], [3, 4]]), {"code": [f"c{i}" for i in R]}, width=1)


def arrow(kind: str) -> bytes:
    import pyarrow as pa

    table = pa.table({"id": LIST, "name": pa.array(XS).dictionary_encode(), "v": HALVES, "when": pa.array([DAYS[0]] * 24, pa.timestamp("us", "UTC")), "tags": [[1]] * 24})
    out = pa.BufferOutputStream()
    with getattr(pa.ipc, f"new_{kind}")(out, table.schema) as writer:
        writer.write_table(table)
    return out.getvalue().to_pybytes()


for kind in ("file", "stream"):
    ok(f"arrow, a {kind}", lambda kind=kind: arrow(kind), {**BOOK, "when": [DAYS[0]] * 24}, width=4, says=("from Arrow", "'tags' holds lists"))
    no(f"arrow, a {kind} cut short", lambda kind=kind: arrow(kind)[:600], "damaged or cut short")
    ok(f"arrow, a {kind} in gzip", lambda kind=kind: gzip.compress(arrow(kind)), BOOK)
ok("eurostat's own table", "freq,unit,geo\\TIME_PERIOD\t2019 \t2020 \t2021 \n" + "".join(f"A,PC,{'DFIEPS'[i % 6]}{i}\t{i}.5 b\t: \t{i}.1 \n" for i in R),
   {"2019": HALVES, "2020": [NAN] * 24, "2021": [i + 0.1 for i in R]}, says="without the flags behind some, 'b'")
ok("json with a comma too many", '[{"a": 1, "b": ",]"}, {"a": 3, "b": "y"},]', {"a": [1, 3], "b": [",]", "y"]})
