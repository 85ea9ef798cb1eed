"""A corpus of hostile files, made by code: each with the table it holds, or the sentence that refuses it."""

from __future__ import annotations

import datetime
import gzip
import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

NAN = None  # a missing cell
LONG_NAME = "n" * 3000
HOSTILE_NAMES = (
    "<script>alert(1)</script>", "'; DROP TABLE x; --", 'say ""hi""', "../../etc/passwd", "=1+1", "@SUM(A1)",
    "😀", "שלום", "a\x07b", "{braces}", "%s", "a\\nb", "__init__", "class", "0", "$x$", "*bold*",
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A file and what has to come of it: `table` holds each column's values, `refused` a part of the sentence."""

    name: str
    content: Callable[[], bytes]
    table: dict[str, list[Any]] | None = None
    width: int | None = None  # columns, where `table` has not all
    says: tuple[str, ...] = ()
    bad: int = 0
    refused: str = ""
    options: dict[str, Any] = field(default_factory=dict)


CASES: list[Case] = []


def ok(
    name: str, content: Any, table: dict[str, list[Any]], *, width: int | None = None, says: Any = (), bad: int = 0, **options: Any
) -> None:
    says = (says,) if isinstance(says, str) else tuple(says)
    CASES.append(Case(name, _content(content), table, width, says, bad, "", options))


def no(name: str, content: Any, refused: str, **options: Any) -> None:
    CASES.append(Case(name, _content(content), refused=refused, options=options))


def _content(content: Any) -> Callable[[], bytes]:
    if callable(content):
        return content
    raw = content.encode() if isinstance(content, str) else content
    return lambda: raw


def day(text: str) -> pd.Timestamp:
    return pd.Timestamp(text)


def zipped(files: dict[str, bytes]) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return raw.getvalue()


def workbook(hidden: str = "", **sheets: list[list[Any]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        sheet.sheet_state = "hidden" if name == hidden else "visible"
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def merged_workbook() -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    for row in (["Region", 2023, None, 2024, None], [None, "sold", "price", "sold", "price"], *([f"r{i}", i, i + 0.5, i * 2, i * 2 + 0.5] for i in range(3))):
        sheet.append(row)
    for cells in ("B1:C1", "D1:E1", "A1:A2"):
        sheet.merge_cells(cells)
    raw = io.BytesIO()
    book.save(raw)
    return raw.getvalue()


def uncalculated() -> bytes:
    """A workbook as some libraries write it: 0 for every formula, to be calculated when it is opened."""
    raw = zipfile.ZipFile(io.BytesIO(workbook(S=[["a", "twice"], [1, "=A2*2"], [3, "=A3*2"]])))
    files = {name: raw.read(name) for name in raw.namelist()}
    files["xl/worksheets/sheet1.xml"] = files["xl/worksheets/sheet1.xml"].replace(b"<v />", b"<v>0</v>").replace(b"<v></v>", b"<v>0</v>")
    return zipped(files)


def parquet(table: Any, **more: Any) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    raw = io.BytesIO()
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(table), raw, **more)
    return raw.getvalue()


# --- delimiters, quoting, line ends -------------------------------------------------------

AB = {"a": [1, 3, 5], "b": ["x", "y", "z"]}
for mark, word in ((",", "commas"), (";", "semicolons"), ("\t", "tabs"), ("|", "vertical bars"), ("~", "tildes"), ("^", "carets")):
    ok(f"separated by {word}", f"a{mark}b\n1{mark}x\n3{mark}y\n5{mark}z\n", AB, says=word)
ok("separated by several spaces", "a    b\n1    x\n3  y\n5     z\n", AB, says="spaces")
ok("separated by two characters", "a||b||c\n1||x||2.5\n3||y||3.5\n5||z||4.5\n", {**AB, "c": [2.5, 3.5, 4.5]})
ok("windows line ends", "a,b\r\n1,x\r\n3,y\r\n5,z\r\n", AB)
ok("old mac line ends", "a,b\r1,x\r3,y\r5,z\r", AB)
ok("mixed line ends", "a,b\r\n1,x\n3,y\r\n5,z\n", AB)
ok("no line end at the end", "a,b\n1,x\n3,y\n5,z", AB)
ok("blank lines", "\n\na,b\n\n1,x\n\n3,y\n5,z\n\n\n", AB, says="blank line")
ok("lines of spaces", "a,b\n1,x\n   \n3,y\n5,z\n  \n", AB, says="blank line")
ok("excel's sep line", "sep=;\na;b\n1;x\n3;y\n5;z\n", AB)
ok("trailing separators", "a,b,\n1,x,\n3,y,\n5,z,\n", AB, says="without a name or a value")
ok("trailing separators in rows only", "a,b\n1,x,\n3,y,\n5,z,\n", AB)
ok("quoted everything", '"a","b"\n"1","x"\n"3","y"\n"5","z"\n', AB)
ok("quoted with all inside", 'a,b\n1,"x, ""y""\nz"\n2,"plain"\n', {"a": [1, 2], "b": ['x, "y"\nz', "plain"]})
ok("backslash-escaped quotes", 'a,b\n1,"say \\"hi\\""\n2,"x"\n3,"y"\n', {"a": [1, 2, 3]})
ok("single-quoted cells", "a,b\n1,'x'\n2,'y'\n", {"a": [1, 2], "b": ["'x'", "'y'"]})
ok("spaces behind separators", 'a, b, c\n1, "x, y", 2.5\n2, "z", 3.5\n', {"a": [1, 2], "b": ["x, y", "z"], "c": [2.5, 3.5]})
ok("inch marks", 'size,n\n5" pipe,1\n6" pipe,2\n7" pipe,3\n', {"size": ['5" pipe', '6" pipe', '7" pipe'], "n": [1, 2, 3]})
ok("quotes within a value", 'a,b\nthe "big" one,1\nthe "small" one,2\n', {"a": ['the "big" one', 'the "small" one'], "b": [1, 2]})
ok("a delimiter inside quotes more common than the real one",
   'a;b\n"x,y,z,w";1\n"p,q,r,s";2\n"k,l,m,n";3\n', {"a": ["x,y,z,w", "p,q,r,s", "k,l,m,n"], "b": [1, 2, 3]})
ok("one column of numbers", "n\n1\n2\n3\n", {"n": [1, 2, 3]})
ok("one column of decimal commas", "n\n1,5\n2,5\n3,25\n", {"n": [1.5, 2.5, 3.25]})
ok("one column of text with commas", "remark\nwell, yes\nno\nperhaps, but, later\nfine\n",
   {"remark": ["well, yes", "no", "perhaps, but, later", "fine"]})
ok("one row", "a,b\n1,x\n", {"a": [1], "b": ["x"]})
ok("many columns", ",".join(f"c{i}" for i in range(120)) + "\n" + ",".join("7" for _ in range(120)) + "\n", {"c0": [7], "c119": [7]}, width=120)
ok("a very long cell", "a,b\n1," + "x" * 200_000 + "\n2,y\n", {"a": [1, 2], "b": ["x" * 200_000, "y"]})
ok("separated by the unit separator", "a\x1fb\n1\x1fx\n3\x1fy\n5\x1fz\n", AB)
ok("line ends of three kinds", "a,b\r\n1,x\r3,y\n5,z\r\n", AB)
ok("line separators of unicode in cells", "a,b\n1,x\u2028y\n2,z\u0085w\n", {"a": [1, 2], "b": ["x\u2028y", "z\u0085w"]})
ok("null bytes in text", b"a,b\n1,x\x00y\n2,z\n3,w\n" + b"4,v\n" * 60, {"a": [1, 2, 3] + [4] * 60})
ok("an end-of-file mark of DOS", b"a,b\n1,x\n3,y\n5,z\n\x1a", AB)
ok("times with colons", "at;n\n10:30;1\n11:45;2\n12:00;3\n", {"at": ["10:30", "11:45", "12:00"], "n": [1, 2, 3]})
ok("a comma file with semicolons in its text", "a,b\n1,x; y\n2,z; w\n3,v; u\n", {"a": [1, 2, 3], "b": ["x; y", "z; w", "v; u"]})
ok("semicolons with decimal commas", "a;b;c\n1,5;2,5;x\n2,25;3,5;y\n", {"a": [1.5, 2.25], "b": [2.5, 3.5], "c": ["x", "y"]})
ok("tabs with decimal commas", "a\tb\n1,5\t2,5\n2,5\t3,5\n", {"a": [1.5, 2.5], "b": [2.5, 3.5]})
ok("a table of markdown", "| a | b |\n|---|---|\n| 1 | x |\n| 3 | y |\n| 5 | z |\n", AB)

ok("semicolons under a title, decimal commas, rows that do not fit", "Price list 2024\n\nid;name;price;share\n" + "".join(
    f"{i};item;{i},5 €;{i},25 %\n" for i in range(40)) + "7;too short\n41;\"never closed;1,5 €;1,5 %\n",
   {"id": list(range(40)), "name": ["item"] * 40, "price": [i + 0.5 for i in range(40)], "share": [i + 0.25 for i in range(40)]}, bad=2)
ok("names, and a comma in every value", "name;born\n" + "".join(f"Doe{i}, Ann;200{i}\n" for i in range(9)), {"name": [f"Doe{i}, Ann" for i in range(9)], "born": list(range(2000, 2009))})

# --- encodings ---------------------------------------------------------------------------

CITY = "id,city\n1,Köln\n2,São Paulo\n3,Málaga\n4,Besançon\n"
CITIES = {"id": [1, 2, 3, 4], "city": ["Köln", "São Paulo", "Málaga", "Besançon"]}
for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252", "latin-1"):
    ok(f"encoded as {encoding}", CITY.encode(encoding), CITIES)
ok("utf-16 big-endian with a mark", b"\xfe\xff" + CITY.encode("utf-16-be"), CITIES)
ok("windows-1252 with euro and quotes", "id,price\n1,5 €\n2,“seven”\n3,n°9…\n".encode("cp1252"), {"price": ["5 €", "“seven”", "n°9…"]})
ok("windows-1250 polish", (
    "id,miasto\n1,Łódź\n2,Gdańsk\n3,Kraków\n4,Wrocław\n5,Częstochowa\n6,Świętochłowice\n7,Zażółć gęślą jaźń\n"
).encode("cp1250"), {"miasto": ["Łódź", "Gdańsk", "Kraków", "Wrocław", "Częstochowa", "Świętochłowice", "Zażółć gęślą jaźń"]})
ok("windows-1251 russian", (
    "номер,город\n1,Москва\n2,Санкт-Петербург\n3,Новосибирск\n4,Екатеринбург\n5,Казань\n"
).encode("cp1251"), {"номер": [1, 2, 3, 4, 5], "город": ["Москва", "Санкт-Петербург", "Новосибирск", "Екатеринбург", "Казань"]})
ok("windows-1253 greek", (
    "α/α,πόλη\n1,Αθήνα\n2,Θεσσαλονίκη\n3,Πάτρα\n4,Ηράκλειο\n5,Λάρισα\n"
).encode("cp1253"), {"πόλη": ["Αθήνα", "Θεσσαλονίκη", "Πάτρα", "Ηράκλειο", "Λάρισα"]})
ok("shift-jis", (
    "番号,都市\n1,東京都\n2,大阪市\n3,名古屋市\n4,札幌市\n5,福岡市のテスト\n6,ひらがなとカタカナ\n"
).encode("shift_jis"), {"番号": [1, 2, 3, 4, 5, 6], "都市": ["東京都", "大阪市", "名古屋市", "札幌市", "福岡市のテスト", "ひらがなとカタカナ"]})
ok("gb18030", "编号,城市\n1,北京市\n2,上海市\n3,广州市\n4,深圳市\n5,这是一个测试\n".encode("gb18030"), {"编号": [1, 2, 3, 4, 5], "城市": ["北京市", "上海市", "广州市", "深圳市", "这是一个测试"]})
ok("a late accent", b"id,city\n" + b"1,Ulm\n" * 3000 + "2,Köln\n".encode("cp1252"), {"id": [1] * 3000 + [2], "city": ["Ulm"] * 3000 + ["Köln"]})
ok("emoji", "a,b\n1,😀\n2,👩‍👩‍👧\n", {"a": [1, 2], "b": ["😀", "👩‍👩‍👧"]})
ok("right-to-left text", "a,שם\n1,שלום\n2,עולם\n", {"a": [1, 2], "שם": ["שלום", "עולם"]})
ok("one broken byte in utf-8", b"id,city\n" + "1,Köln\n2,Málaga\n".encode() * 80 + b"3,K\xf6ln\n", {"id": [1, 2] * 80 + [3], "city": ["Köln", "Málaga"] * 80 + ["Köln"]}, says="1 place is no UTF-8 and was read as a letter of Windows-1252")
ok("a byte order mark before quotes", '\ufeff"a","b"\n"1","x"\n"3","y"\n"5","z"\n', AB)

# --- header, preamble, trailer ------------------------------------------------------------

ok("no header", "1,2.5,x\n2,3.5,y\n3,4.5,x\n4,5.5,y\n", {"column_1": [1, 2, 3, 4], "column_2": [2.5, 3.5, 4.5, 5.5], "column_3": ["x", "y", "x", "y"]}, says="column_1 to column_3")
ok("no header, dates", "2024-01-01,5\n2024-01-02,6\n2024-01-03,7\n", {"column_1": [day("2024-01-01"), day("2024-01-02"), day("2024-01-03")], "column_2": [5, 6, 7]})
ok("a title above", "Sales report 2024\nAll regions\n\nregion,sales\nnorth,5\nsouth,7\n", {"region": ["north", "south"], "sales": [5, 7]}, says=("Sales report 2024", "2 lines above"))
ok("comments above", "# made by X\n# on 2024-01-01, by me\na,b\n1,x\n3,y\n5,z\n", AB, says="made by X")
ok("a title with separators", "Report,,\nMade,2024-01-01,\n,,\na,b,c\n1,2,x\n3,4,y\n5,6,z\n", {"a": [1, 3, 5], "b": [2, 4, 6], "c": ["x", "y", "z"]})
ok("names that span columns, over names", "Region,2023,,2024,\n,sold,price,sold,price\nnorth,5,1.5,7,2.5\nsouth,6,1.5,8,2.5\n",
   {"Region": ["north", "south"], "2023 sold": [5, 6], "2023 price": [1.5, 1.5], "2024 sold": [7, 8], "2024 price": [2.5, 2.5]}, says="two rows")
ok("a name that is missing, over words", "name,,city\nAnn,x,Ulm\nBob,y,Bonn\nCy,z,Ulm\n", {"name": ["Ann", "Bob", "Cy"], "column_2": ["x", "y", "z"]})
ok("units below the header, above too few rows to tell", "t,v\ns,m/s\n1,2.5\n2,3.5\n", {"t": ["s", "1", "2"]})
ok("units below the header", "t,v\ns,m/s\n1,2.5\n2,3.5\n3,4.5\n", {"t": [1, 2, 3], "v": [2.5, 3.5, 4.5]}, bad=1, says="line 2, says what numbers are in ('s' and 'm/s')")
ok("units below some names", "time;speed;who\n[s];[m/s];\n1;2,5;x\n2;3,5;y\n3;4,5;z\n", {"time": [1, 2, 3], "speed": [2.5, 3.5, 4.5], "who": ["x", "y", "z"]}, bad=1)
ok("a first row without a value", "a;b\n?;unknown\n1;2,5\n2;3,5\n3;4,5\n", {"b": ["unknown", "2,5", "3,5", "4,5"]})
ok("a statement of a bank", "Konto:;DE12 3456;\nInhaber:;Ann Lee;\nSaldo:;1.234,56 EUR;\n\nTag;Zweck;Betrag\n31.01.2024;\"Miete; Jan\";-1.200,00\n01.02.2024;Gehalt;2.500,00\n"
   "05.12.2024;Kauf;-12,50\n\nKontostand;;1.300,00\n", {"Tag": [day("2024-01-31"), day("2024-02-01"), day("2024-12-05")], "Zweck": ["Miete; Jan", "Gehalt", "Kauf"], "Betrag": [-1200.0, 2500.0, -12.5]},
   bad=1, says=("3 lines above the table", "Line 10 below the table ('Kontostand')"))
ok("a total below", "region,sales,cost\nnorth,5,1\nsouth,7,2\neast,6,3\n\nTotal: 3 regions\n", {"region": ["north", "south", "east"], "sales": [5, 7, 6], "cost": [1, 2, 3]}, bad=1)
ok("remarks below, padded", "region;sales;cost\n" + "".join(f"r{i};{i};{i}\n" for i in range(9)) + "Total;36;36\n;;\nSource: SAP;;\nMade by X;;\n",
   {"region": [*(f"r{i}" for i in range(9)), "Total"], "sales": [*range(9), 36]}, bad=2, says=("line 11, looks like a total", "2 with too few"))
ok("rows with their first cell only, no remarks", "region;sales;cost\n" + "".join(f"r{i};{i};{i}\n" for i in range(9)) + "r9;;\nr10;;\n", {"region": [f"r{i}" for i in range(11)]})
ok("a footer below", "a,b\n1,x\n3,y\n5,z\n\n# rows: 3\n", AB, bad=1)
ok("repeated names", "a,a,b,a\n1,2,3,4\n5,6,7,8\n", {"a": [1, 5], "a (2)": [2, 6], "b": [3, 7], "a (3)": [4, 8]}, says="is called 'a (2)'")
ok("empty names", "a,,c\n1,2,3\n4,5,6\n", {"a": [1, 4], "column_2": [2, 5], "c": [3, 6]}, says="'column_2'")
ok("spaces around names", " a , b \n1,x\n3,y\n5,z\n", AB)
ok("an index of pandas", ",a,b\n0,1,x\n1,3,y\n2,5,z\n", {"column_1": [0, 1, 2], **AB})
ok("row names without a header", "a,b\nr1,1,x\nr2,3,y\nr3,5,z\n", {"column_1": ["r1", "r2", "r3"], **AB})
ok("names in capitals and small", "a,A\n1,2\n3,4\n", {"a": [1, 3], "A": [2, 4]})
ok("a very long name", f"{LONG_NAME},b\n1,x\n3,y\n", {LONG_NAME: [1, 3], "b": ["x", "y"]})
ok("a line break in a name", '"a\nb",c\n1,x\n3,y\n', {"a\nb": [1, 3], "c": ["x", "y"]})
ok("hostile names", (",".join(f'"{n}"' for n in HOSTILE_NAMES) + "\n" + ",".join(str(i) for i in range(len(HOSTILE_NAMES))) + "\n"), {n.replace('""', '"'): [i] for i, n in enumerate(HOSTILE_NAMES)})
ok("a tag as the first name", "<script>alert(1)</script>,<b>,c\n1,x,2\n3,y,4\n", {"<script>alert(1)</script>": [1, 3], "<b>": ["x", "y"], "c": [2, 4]})
ok("years as names", "country,2020,2021,2022\nA,1,2,3\nB,4,5,6\n", {"country": ["A", "B"], "2020": [1, 4], "2022": [3, 6]})
ok("a first row with gaps, no header", '"True","",""\n"False","0.5","1.5"\n"True","",""\n"False","0.25","2.5"\n', {"column_1": [True, False, True, False], "column_2": [NAN, 0.5, NAN, 0.25]}, header=False)
ok("only words", "name,city\nAnn,Ulm\nBob,Bonn\nCy,Ulm\n", {"name": ["Ann", "Bob", "Cy"], "city": ["Ulm", "Bonn", "Ulm"]})

# --- numbers -----------------------------------------------------------------------------


def column(values: list[str], name: str = "v") -> str:
    return f"{name}\tn\n" + "".join(f"{v}\t{i}\n" for i, v in enumerate(values))


for label, cells, numbers in (
    ("thousands with commas", ["1,234.50", "2,000,000.25", "3.5"], [1234.5, 2000000.25, 3.5]),
    ("thousands with points", ["1.234,50", "2.000.000,25", "3,5"], [1234.5, 2000000.25, 3.5]),
    ("thousands with spaces", ["1 234,50", "2 000 000,25", "3,5"], [1234.5, 2000000.25, 3.5]),
    ("thousands with no-break spaces", ["1\u00a0234,50", "2\u00a0000\u00a0000,25", "3,5"], [1234.5, 2000000.25, 3.5]),
    ("thousands with narrow spaces", ["1\u202f234", "2\u202f000\u202f000", "3"], [1234, 2000000, 3]),
    ("thousands with apostrophes", ["1'234.50", "2'000'000.25", "3.5"], [1234.5, 2000000.25, 3.5]),
    ("thousands with typographic apostrophes", ["1’234.50", "2’000’000.25", "3.5"], [1234.5, 2000000.25, 3.5]),
    ("thousands of whole numbers", ["1,234", "2,000,000", "35"], [1234, 2000000, 35]),
    ("thousands the indian way", ["1,23,456", "12,34,567.50", "99"], [123456.0, 1234567.5, 99.0]),
    ("dollars", ["$1,234.50", "$5.00", "-$3.25"], [1234.5, 5.0, -3.25]),
    ("euros behind", ["1.234,50 €", "5,00 €", "-3,25 €"], [1234.5, 5.0, -3.25]),
    ("euros before", ["€ 12.50", "€ 5.00", "€ 3.25"], [12.5, 5.0, 3.25]),
    ("pounds", ["£1,000", "£25", "£3,500"], [1000, 25, 3500]),
    ("codes of currencies", ["USD 12.50", "USD 5.00", "USD 3.25"], [12.5, 5.0, 3.25]),
    ("percent", ["12.5%", "5%", "-3.25%"], [12.5, 5.0, -3.25]),
    ("percent after a space", ["12,5 %", "5,0 %", "100,0 %"], [12.5, 5.0, 100.0]),
    ("negative in brackets", ["(1,234.50)", "5.00", "(3.25)"], [-1234.5, 5.0, -3.25]),
    ("dollars negative in brackets", ["($1,234.50)", "$5.00", "($3.25)"], [-1234.5, 5.0, -3.25]),
    ("minus behind", ["1234.50-", "5.00", "3.25-"], [-1234.5, 5.0, -3.25]),
    ("typographic minus", ["−1.5", "2.5", "−3.25"], [-1.5, 2.5, -3.25]),
    ("plus signs", ["+1.5", "-2.5", "+3.25"], [1.5, -2.5, 3.25]),
    ("exponents", ["1.5e3", "2E-2", "3.25e+1"], [1500.0, 0.02, 32.5]),
    ("bare points", [".5", "1.", "-.25"], [0.5, 1.0, -0.25]),
    ("units", ["12 kg", "5 kg", "3.25 kg"], ["12 kg", "5 kg", "3.25 kg"]),
    ("infinite and not a number", ["inf", "-Infinity", "1.5", "nan"], [NAN, NAN, 1.5, NAN]),
    ("whole numbers of 64 bits", ["9223372036854775807", "-9223372036854775808", "1"], [9223372036854775807, -9223372036854775808, 1]),
    ("whole numbers past 64 bits", ["18446744073709551616", "99999999999999999999", "1"], ["18446744073709551616", "99999999999999999999", "1"]),
    ("whole numbers of 17 digits", ["12345678901234567", "12345678901234568", "1"], [12345678901234567, 12345678901234568, 1]),
    ("leading zeros", ["007", "010", "123"], ["007", "010", "123"]),
    ("zero and decimals", ["0", "0.5", "00.5"], ["0", "0.5", "00.5"]),
    ("phone numbers", ["+49 171 1234567", "+49 30 1234", "+1 555 0100"], ["+49 171 1234567", "+49 30 1234", "+1 555 0100"]),
    ("postcodes with a letter", ["01067", "D-80331", "10115"], ["01067", "D-80331", "10115"]),
    ("hexadecimal", ["0x1F", "0x2A", "0x00"], ["0x1F", "0x2A", "0x00"]),
    ("fractions", ["1/2", "3/4", "1/4"], ["1/2", "3/4", "1/4"]),
    ("versions", ["1.2.3", "1.10.0", "2.0.1"], ["1.2.3", "1.10.0", "2.0.1"]),
    ("ip addresses", ["10.0.0.1", "192.168.0.1", "8.8.8.8"], ["10.0.0.1", "192.168.0.1", "8.8.8.8"]),
    ("underscores", ["1_000", "2_000", "3"], ["1_000", "2_000", "3"]),
    ("arabic digits", ["١٢", "٣٤", "٥٦"], [12, 34, 56]),
    ("arabic digits with marks", ["١٬٢٣٤٫٥", "٣٫٢٥", "-٥"], [1234.5, 3.25, -5.0]),
    ("digits of thailand and of full width", ["๑๒", "３４", "56"], [12, 34, 56]),
    ("digits of another script among words", ["١٢", "٣٤", "غير معروف"], ["١٢", "٣٤", "غير معروف"]),
    ("percent and currency mixed", ["12%", "$5.00", "3%"], ["12%", "$5.00", "3%"]),
    ("yes and no in several languages", ["ja", "nein", "oui", "нет"], ["ja", "nein", "oui", "нет"]),
    ("ratios", ["1:1", "2:5", "10:3"], ["1:1", "2:5", "10:3"]),
    ("numbers among words", ["1.5", "2.5", "unknown"], ["1.5", "2.5", "unknown"]),
    ("zero and one", ["0", "1", "1", "0"], [0, 1, 1, 0]),
    ("yes and no", ["yes", "no", "yes"], ["yes", "no", "yes"]),
    ("true and false", ["TRUE", "false", "True"], [True, False, True]),
    ("true, false and gaps", ["true", "", "false"], ["True", NAN, "False"]),
    ("numbers with spaces around", ["  1.5 ", "2.5", " 3.25"], [1.5, 2.5, 3.25]),
):
    ok(label, column(cells), {"v": numbers, "n": list(range(len(cells)))})
ok("decimal commas in quotes between commas", 'a,b\n"1,5",x\n"2,25",y\n"3,5",z\n', {"a": [1.5, 2.25, 3.5]})
ok("points between thousands only, in a file with semicolons", "shop;sold\n" + "".join(f"s{i};{i * 700:,}\n".replace(",", ".") for i in range(12)),
   {"sold": [i * 700 for i in range(12)]}, says="the values alone allow both readings")
ok("three digits behind every point stay decimals", "a;b\n1.234;x\n2.345;y\n0.125;z\n", {"a": [1.234, 2.345, 0.125]})
ok("an undecided comma follows the others", "a;b\n1,234;1,5\n2,345;2,25\n", {"a": [1.234, 2.345], "b": [1.5, 2.25]})
ok("whole numbers with gaps", "a,b\n1,x\n,y\n3,z\n", {"a": [1.0, NAN, 3.0]})
ok("words for missing", column(["1", "NA", "n/a", "NULL", "?", "-", "#N/A", "nan", "None", "(null)", "--", "."]), {"v": [1.0] + [NAN] * 11}, says="count as missing")
ok("missing in dates", column(["2024-01-31", "", "n/a", "2024-02-01"]), {"v": [day("2024-01-31"), NAN, NAN, day("2024-02-01")]})
ok("an empty column", "a,b,c\n1,,x\n2,,y\n", {"a": [1, 2], "b": [NAN, NAN], "c": ["x", "y"]})
ok("Namibia is a value", "country,n\nDE,1\nFR,2\nNA,3\n", {"country": ["DE", "FR", NAN]}, says="'na'")
ok("none is a level", "garage,n\n" + "none,1\nbrick,2\nwood,3\n" * 10, {"garage": ["none", "brick", "wood"] * 10}, says="'none'")

# --- dates -------------------------------------------------------------------------------

TWO = [day("2024-01-31"), day("2024-02-01"), day("2024-12-05")]
for label, cells, dates in (
    ("iso dates", ["2024-01-31", "2024-02-01", "2024-12-05"], TWO),
    ("dates with slashes, year first", ["2024/01/31", "2024/02/01", "2024/12/05"], TWO),
    ("day first by its values", ["31/01/2024", "01/02/2024", "05/12/2024"], TWO),
    ("month first by its values", ["01/31/2024", "02/01/2024", "12/05/2024"], TWO),
    ("german dates", ["31.01.2024", "01.02.2024", "05.12.2024"], TWO),
    ("german dates, short", ["31.1.24", "1.2.24", "5.12.24"], TWO),
    ("two-digit years with dashes", ["31-01-24", "01-02-24", "05-12-24"], TWO),
    ("months as words", ["31 Jan 2024", "1 Feb 2024", "5 Dec 2024"], TWO),
    ("months as words with dashes", ["31-Jan-2024", "01-Feb-2024", "05-Dec-2024"], TWO),
    ("long months, american", ["January 31, 2024", "February 1, 2024", "December 5, 2024"], TWO),
    ("with weekdays", ["Wed, 31 Jan 2024", "Thu, 01 Feb 2024", "Thu, 05 Dec 2024"], TWO),
    ("of a mail header", ["Wed, 31 Jan 2024 08:30:00 +0000", "Thu, 01 Feb 2024 08:30:00 +0000", "Thu, 05 Dec 2024 08:30:00 +0000"], [d + pd.Timedelta("8h30min") for d in TWO]),
    ("iso with times", ["2024-01-31T08:30:00", "2024-02-01T08:30:00", "2024-12-05T08:30:00"], [d + pd.Timedelta("8h30min") for d in TWO]),
    ("iso with zones", ["2024-01-31T08:30:00Z", "2024-02-01T09:30:00+01:00", "2024-12-05T03:30:00-05:00"], [d + pd.Timedelta("8h30min") for d in TWO]),
    ("times of the afternoon", ["01/31/2024 2:30 PM", "02/01/2024 12:00 AM", "12/05/2024 12:15 PM"], [day("2024-01-31 14:30"), day("2024-02-01"), day("2024-12-05 12:15")]),
    ("fractions of seconds", ["2024-01-31 08:30:00.250", "2024-02-01 00:00:00.5", "2024-12-05 00:00:00"], [day("2024-01-31 08:30:00.25"), day("2024-02-01 00:00:00.5"), day("2024-12-05")]),
    ("mixed ways", ["2024-01-31", "01/02/2024", "5 Dec 2024", "31/12/2024"], [*TWO, day("2024-12-31")]),
    ("dates before 1970", ["1899-12-31", "1950-06-15", "2024-01-31"], [day("1899-12-31"), day("1950-06-15"), TWO[0]]),
    ("a date that does not exist", ["31/01/2024", "31/02/2024", *(f"{i:02}/05/2024" for i in range(1, 31))], [TWO[0], NAN, *pd.date_range("2024-05-01", periods=30)]),
    ("months in german", ["31. Januar 2024", "1. Februar 2024", "5. Dezember 2024"], TWO),
    ("months in french", ["31 janvier 2024", "1 février 2024", "5 déc. 2024"], TWO),
    ("months in spanish", ["31 de enero de 2024", "1 de febrero de 2024", "5 de diciembre de 2024"], TWO),
    ("words with years that are no months", ["Satz 2019", "Band 2020", "Teil 2021"], ["Satz 2019", "Band 2020", "Teil 2021"]),
    ("dates of japan", ["2024年1月31日", "2024年02月01日", "2024年12月5日"], TWO),
    ("year and month", ["2024-01", "2024-02", "2024-12"], [day("2024-01-01"), day("2024-02-01"), day("2024-12-01")]),
    ("years alone", ["2022", "2023", "2024"], [2022, 2023, 2024]),
    ("quarters", ["2024Q1", "2024Q2", "2024Q3"], ["2024Q1", "2024Q2", "2024Q3"]),
    ("durations", ["01:30:00", "02:15:00", "26:00:00"], ["01:30:00", "02:15:00", "26:00:00"]),
    ("sentinel dates", ["2024-01-31", "9999-12-31", "2024-02-01"], [TWO[0], NAN, TWO[1]]),
):
    ok(label, column(cells), {"v": dates})
ok("undecided days in order", "d,n\n11/02/2024,1\n12/02/2024,2\n01/03/2024,3\n04/03/2024,4\n", {"d": [day("2024-02-11"), day("2024-02-12"), day("2024-03-01"), day("2024-03-04")]}, says="only so do the rows come in order")
ok("eight digits under a name of a date", "order_date,n\n20240131,1\n20240201,2\n", {"order_date": [day("2024-01-31"), day("2024-02-01")]})
ok("day first by choice", column(["01/02/2024", "03/04/2024", "02/01/2024"]), {"v": [day("2024-02-01"), day("2024-04-03"), day("2024-01-02")]}, day_first=True)
ok("month first by choice", column(["01/02/2024", "03/04/2024", "02/01/2024"]), {"v": [day("2024-01-02"), day("2024-03-04"), day("2024-02-01")]}, day_first=False)

# --- rows that do not fit -----------------------------------------------------------------

ok("a row with too few cells", "a,b,c\n1,x,2\n3,y\n5,z,6\n7,w,8\n", {"a": [1, 5, 7], "b": ["x", "z", "w"], "c": [2, 6, 8]}, bad=1, says="line 3")
ok("a row with too many cells", "a,b,c\n1,x,2\n3,y,4,9\n5,z,6\n7,w,8\n", {"a": [1, 5, 7], "b": ["x", "z", "w"], "c": [2, 6, 8]}, bad=1, says="line 3")
ok("a stray quote near the end that another one seems to close",
   'id,name,x\n' + "".join(f'{i},"n{i}",{i}.5\n' for i in range(30)) + '30,"never closed,7.5\n31,n,8.5\n32,"m",9.5\n',
   {"id": [*range(30), 31, 32], "name": [*(f"n{i}" for i in range(30)), "n", "m"]}, bad=1, says="line 32")
ok("the same row again and again", "a,b\n" * 30, {"column_1": ["a"] * 30, "column_2": ["b"] * 30})
ok("files with marks put behind one another", "\ufeffa,b\n1,x\n3,y\n\ufeffa,b\n5,z\n", AB, bad=1, says=("Marks of the encoding", "repeats the column names"))
ok("a total with a title above and a remark below", "Report of sales\nMade 2024-04-01\n\nshop,sold,price\n" + "".join(
    f"s{i},{i},{i}.25\n" for i in range(20)) + "Total,190,195\n\nEnd of report\n", {"sold": [*range(20), 190]}, bad=1, says="line 25, looks like a total")
ok("a total with a title above and a remark below, set aside", "Report of sales\nMade 2024-04-01\n\nshop,sold,price\n" + "".join(
    f"s{i},{i},{i}.25\n" for i in range(20)) + "Total,190,195\n\nEnd of report\n", {"sold": list(range(20))}, bad=2, says="line 25, holds totals", total_row="aside")
ok("a stray quote", 'a,b,c\n1,"x,2\n3,y,4\n5,z,6\n7,w,8\n', {"a": [3, 5, 7], "b": ["y", "z", "w"], "c": [4, 6, 8]}, bad=1, says="line 2")
ok("line numbers behind line breaks in cells", 'a,b\n1,"x\ny\nz"\n2\n3,w\n4,v\n', {"a": [1, 3, 4], "b": ["x\ny\nz", "w", "v"]}, bad=1, says="line 5")
ok("rows cut off at the end", "a,b,c\n1,x,2\n3,y,4\n5,z", {"a": [1, 3], "b": ["x", "y"], "c": [2, 4]}, bad=1)
ok("a header again in the middle", "a,b\n1,x\n3,y\na,b\n5,z\n", AB, bad=1, says="1 that repeats the column names")
no("mostly bad rows", "a,b,c\n" + "1,2\n" * 30 + "1,2,3\n" * 20 + "4\n" * 30, "is no table")
ok("prose is one column", "It was a dark, stormy night; the rain fell.\nExcept, at times, it did not.\nFor the wind\nblew, hard, from; the | north,,\nand no\none, cared; at all\n", {"It was a dark, stormy night; the rain fell.": ["Except, at times, it did not.", "For the wind", "blew, hard, from; the | north,,", "and no", "one, cared; at all"]})

# --- columns that are lined up with spaces, frames of dashes ---------------------------------

PEOPLE = {"id": [1, 2, 3, 4], "name": ["Ann Lee", "Bob", "Cy von Ah", "Dora"], "city": ["New York", "Ulm", NAN, "Los Angeles"], "pay": [12.5, 3.25, 100.0, 7.5]}
LINED_UP = "id  name        city             pay\n" + "".join(
    f"{i:<4}{n:<12}{c or '':<14}{p:>6.2f}\n" for i, n, c, p in zip(*PEOPLE.values(), strict=True))
PAID = "name            born    pay\n" + "".join(f"{n:<16}{b}{p:>7.2f}\n" for n, b, p in (("Doe, Ann", 1990, 12.5), ("Roe, Bob", 1980, 3.25), ("Poe, Cy", 1970, 100)))
PAYS = {"name": ["Doe, Ann", "Roe, Bob", "Poe, Cy"], "born": [1990, 1980, 1970], "pay": [12.5, 3.25, 100.0]}
SHOWN = {"id": [1, 2, 3], "name": ["Ann Lee", "Bob", "Cy"], "v": [1.5, 2.5, 3.5]}
ok("lined up with spaces", LINED_UP, PEOPLE, says="separated by spaces that line columns up")
ok("lined up with spaces, windows line ends", LINED_UP.replace("\n", "\r\n"), PEOPLE)
ok("lined up with spaces, utf-16", LINED_UP.replace("Lee", "Lée").encode("utf-16"), {**PEOPLE, "name": ["Ann Lée", *PEOPLE["name"][1:]]})
ok("lined up with spaces, commas in names", PAID, PAYS)
ok("lined up with spaces, a title and a remark", f"Payroll report   March 2024\n\n{PAID}\nEnd of report\n", PAYS, bad=1, says="Payroll report")
ok("lined up with spaces, a line that runs through", PAID + "this line runs through all of the columns\n" + PAID.split("\n", 1)[1] * 7, {k: v * 8 for k, v in PAYS.items()}, bad=1, says="line 5")
ok("lined up with spaces, two words above one name", " age   income     city left\n  62 29128.68 New York  yes\n  51 23570.15     Oslo  yes\n  45 38641.31     Oslo   no\n  23  1200.50     Rome   no\n",
   {"age": [62, 51, 45, 23], "income": [29128.68, 23570.15, 38641.31, 1200.5], "city": ["New York", "Oslo", "Oslo", "Rome"], "left": ["yes", "yes", "no", "no"]})
ok("lined up with spaces, by choice as one column", LINED_UP, {"id  name        city             pay": LINED_UP.splitlines()[1:]}, delimiter="|")
ok("lined up with spaces, without names", "".join(f"{i:05d} {n:<10} {p:>8.2f}\n" for i, (n, p) in enumerate([("Ann Lee", 5), ("Bob", 6.5), ("Cy", 7)] * 5)),
   {"column_1": [f"{i:05d}" for i in range(15)], "column_2": ["Ann Lee", "Bob", "Cy"] * 5, "column_3": [5.0, 6.5, 7.0] * 5})
ok("a listing of SAS", "                    The SAS System                  1\n\n  Obs    name       height    weight\n\n    1    Alfred      69.0      112.5\n"
   "    2    Alice       56.5       84.0\n    3    Barbara     65.3       98.0\n    4    Carol       62.8         .\n",
   {"Obs": [1, 2, 3, 4], "name": ["Alfred", "Alice", "Barbara", "Carol"], "height": [69.0, 56.5, 65.3, 62.8], "weight": [112.5, 84.0, 98.0, NAN]}, says="The SAS System")
ok("a printed data frame", "   id     name    v\n0   1  Ann Lee  1.5\n1   2      Bob  2.5\n2   3       Cy  3.5\n", {"column_1": [0, 1, 2], **SHOWN})
ok("a query's answer, ruled", "id          name                 v\n----------- -------------------- -----------\n          1 Ann Lee                     1.50\n"
   "          2 Bob                         2.50\n          3 Cy                          3.50\n\n(3 rows affected)\n", SHOWN, bad=1, says="line 7")
ok("a query's answer in a frame", "+----+---------+-----+\n| id | name    | v   |\n+----+---------+-----+\n|  1 | Ann Lee | 1.5 |\n|  2 | Bob     | 2.5 |\n|  3 | Cy      | 3.5 |\n+----+---------+-----+\n", SHOWN)
ok("a query's answer in a frame, cells to the left", "+----+---------+-----+\n| id | name    | v   |\n+----+---------+-----+\n| 1  | Ann Lee | 1.5 |\n| 2  | Bob     | 2.5 |\n| 3  | Cy      | 3.5 |\n" + "| 4  | Di      | 4.5 |\n" * 60 + "+----+---------+-----+\n63 rows in set (0.00 sec)\n",
   {"id": [1, 2, 3] + [4] * 60, "name": ["Ann Lee", "Bob", "Cy"] + ["Di"] * 60, "v": [1.5, 2.5, 3.5] + [4.5] * 60}, bad=1, says="line 68")
ok("a query's answer with bars", " id |  name   |  v  \n----+---------+-----\n  1 | Ann Lee | 1.5\n  2 | Bob     | 2.5\n  3 | Cy      | 3.5\n(3 rows)\n", SHOWN, bad=1, says="line 6")
ok("a table of reStructuredText", "=====  =======  ===\nid     name     v\n=====  =======  ===\n1      Ann Lee  1.5\n2      Bob      2.5\n3      Cy       3.5\n=====  =======  ===\n", SHOWN)
RULED = "-" * 29 + "\n"
ok("a list of SAP", "31.01.2024      Dynamic List Display        1\n" + RULED + "|Material|Plant|  Qty     |\n" + RULED + "|A-100   |1000 |   1.234,5|\n|A-200   |1000 |     7,25-|\n" + RULED + "|A-300   |1000 |      12,0|\n" + RULED,
   {"Material": ["A-100", "A-200", "A-300"], "Plant": [1000] * 3, "Qty": [1234.5, -7.25, 12.0]}, says="Dynamic List Display")
ok("a table of markdown between paragraphs", "# Results\n\n| a | b |\n|:--|--:|\n| 1 | x |\n| 3 | y |\n| 5 | z |\n\nAs we see, all is well.\n", AB, bad=1)
ok("lines of a log are no times apart", "2024-01-01 10:00:01 INFO  start of it\n2024-01-01 10:00:02 WARN  something odd here\n2024-01-01 10:00:05 ERROR it broke\n",
   {"2024-01-01 10:00:01 INFO  start of it": ["2024-01-01 10:00:02 WARN  something odd here", "2024-01-01 10:00:05 ERROR it broke"]})
ok("prose in lines of one length", "Once upon a time there was a king\nwho had three sons and one day he\nsaid to them go out into the world\nand see what you can find there for\n",
   {"Once upon a time there was a king": ["who had three sons and one day he", "said to them go out into the world", "and see what you can find there for"]})
ok("lined up with spaces, nothing but words", "Name      City       Colour\nAnn Lee   Ulm        red\nBob       Bad Ems    blue\nCy        Bonn       dark green\n",
   {"Name": ["Ann Lee", "Bob", "Cy"], "City": ["Ulm", "Bad Ems", "Bonn"], "Colour": ["red", "blue", "dark green"]})
ok("lined up with spaces, amounts", "Date        Description             Amount\n01/31/2024  Rent January         -1,200.00\n02/01/2024  Salary ACME           2,500.00\n12/05/2024  Shop on the corner      -12.50\n",
   {"Date": TWO, "Description": ["Rent January", "Salary ACME", "Shop on the corner"], "Amount": [-1200.0, 2500.0, -12.5]})
CARS = ["chevrolet malibu", "buick skylark", "plymouth satellite", "amc rebel sst", "ford torino", "ford galaxie", "pontiac catalina"]
ok("spaces and a tab between cells", "".join(f'{18 + i}.0   8   {300 + i}.0\t"{car}"\n' for i, car in enumerate(CARS)),
   {"column_1": [18.0 + i for i in range(7)], "column_2": [8] * 7, "column_4": CARS})
ok("tabs, and spaces in text", "a\tb\nfirst  one\t1\nsecond  one\t2\nthird  one\t3\n", {"a": ["first  one", "second  one", "third  one"], "b": [1, 2, 3]})
no("lined up by choice where nothing is", "a,b\n1,x\n3,y\n", "no columns that are lined up", delimiter="fixed")

# --- two tables in a file ------------------------------------------------------------------

SIX = "a,b,c\n" + "".join(f"{i},x{i},{i}.5\n" for i in range(6))
SIXES = {"a": list(range(6)), "b": [f"x{i}" for i in range(6)], "c": [i + 0.5 for i in range(6)]}
ok("another table below", f"{SIX}\nregion,total\nnorth,5\nsouth,6\n", SIXES, bad=3, says="Below this table, from line 9, stands another one with the columns 'region' and 'total': its 3 lines were set aside")
ok("another table below, as wide", f"{SIX}\n\nregion,n,share\nnorth,5,0.5\nsouth,6,0.5\n", SIXES, bad=3, says="from line 10")
ok("another table below, wider, with a title", f"{SIX}\nBy region\nregion,n,share,rank,first\nnorth,5,0.5,1,2024-01-01\n", SIXES, bad=3, says="'region', 'n', 'share' and 2 more")
ok("another table below, padded", "a;b;c\n" + "".join(f"{i};x{i};{i},5\n" for i in range(6)) + ";;\nregion;total;\nnorth;5;\nsouth;6;\n", SIXES, bad=3)
ok("a small table above", f"metric,value\nrows,6\nsum,15\n\n{SIX}", SIXES, bad=3, says="Above this table, from line 1")
ok("three tables", f"{SIX}\nregion,total\nnorth,5\n\nk,v,w,x\np,1,2,3\n", SIXES, bad=4, says=("from line 9", "from line 12"))
ok("two tables on a sheet", lambda: workbook(S=[["a", "b", "c"], *([i, f"x{i}", i + 0.5] for i in range(6)), [], ["region", "total"], ["north", 5], ["south", 6]]), SIXES, bad=3)
ok("another table below, as wide and of words", "a,b\n1,2.5\n2,3.5\n3,4.5\n\nname,city\nAnn,Ulm\nBob,Bonn\n", {"a": [1, 2, 3], "b": [2.5, 3.5, 4.5]}, bad=3, says="'name' and 'city'")
ok("two tables side by side on a sheet", lambda: workbook(S=[["a", "b", None, "region", "total"], [1, "x", None, "north", 5], [3, "y", None, "south", 6], [5, "z"]]),
   {**AB, "region": ["north", "south", NAN]}, says="between 'b' and 'region', so if these are two tables side by side")
ok("an export of a survey", 'StartDate,Q1,Q2\nStart Date,How old are you?,"Where, exactly?"\n"{""ImportId"":""startDate""}","{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\n'
   "2024-01-31,30,Ulm\n2024-02-01,41,Bonn\n2024-12-05,22,Ulm\n", {"StartDate": TWO, "Q1": [30, 41, 22], "Q2": ["Ulm", "Bonn", "Ulm"]}, bad=2, says="Lines 2 to 3 under the names")
ok("a title above names over two rows", lambda: workbook(S=[["Sales"], ["2023", None, "2024", None], ["sold", "price", "sold", "price"], [1, 1.5, 2, 2.5], [3, 3.5, 4, 4.5], [5, 5.5, 6, 6.5]]),
   {"2023 sold": [1, 3, 5], "2024 price": [2.5, 4.5, 6.5]}, says="two rows")
ok("the same table again below a blank line", f"{SIX}\na,b,c\n6,x6,6.5\n", {"a": list(range(7))}, bad=1, says="repeats the column names")
ok("blank lines between groups of rows", "name;city;pay\nAnn;Ulm;5\nBob;Bonn;6\n\nCy;Ulm;unknown\nDi;Ulm;7\n\nEd;Bonn;8\n",
   {"name": ["Ann", "Bob", "Cy", "Di", "Ed"], "pay": ["5", "6", "unknown", "7", "8"]}, says="2 blank lines")

# --- packed, workbooks, JSON, Parquet ------------------------------------------------------

PLAIN = b"a,b\n1,x\n3,y\n5,z\n"
ok("gzip", gzip.compress(PLAIN), AB)
ok("gzip of two members", gzip.compress(b"a,b\n1,x\n") + gzip.compress(b"3,y\n5,z\n"), AB)
ok("zip", zipped({"t.csv": PLAIN}), AB)
ok("zip with a folder and leftovers of a Mac", zipped({"f/t.csv": PLAIN, "__MACOSX/f/._t.csv": b"x", "f/.DS_Store": b"y"}), AB)
ok("zip of a workbook", lambda: zipped({"t.xlsx": workbook(S=[["a", "b"], [1, "x"], [3, "y"], [5, "z"]])}), AB)
ok("zip of several, one chosen", zipped({"one.csv": PLAIN, "two.csv": b"c\n1\n"}), AB, member="one.csv")
ok("zip with a path that climbs", zipped({"../../evil.csv": PLAIN}), AB)
no("zip of several", zipped({"one.csv": PLAIN, "two.csv": b"c\n1\n"}), "'one.csv' and 'two.csv'")
no("zip in a zip", zipped({"in.zip": zipped({"t.csv": PLAIN})}), "another archive")
no("zip without a table", zipped({"readme.md": b"x", "a.png": b"\x89PNG"}), "without a table")
no("a zip cut short", zipped({"t.csv": PLAIN * 50})[:-30], "damaged or cut short")
no("gzip cut short", gzip.compress(b"a,b\n" + b"".join(b"%d,x\n" % i for i in range(5000)))[:-100], "damaged or cut short")
no("gzip with a broken body", lambda: (raw := bytearray(gzip.compress(PLAIN * 300))) and bytes(raw[:30] + b"\xff\xff\xff" + raw[33:]), "can't be unpacked")
no("a bomb", lambda: gzip.compress(b"1,2\n" * 1_500_000, 1), "unpacks to more than")
no("a bomb in a zip", lambda: zipped({"t.csv": b"1,2\n" * 1_500_000}), "unpacks to more than")
ok("a workbook", lambda: workbook(S=[["a", "b"], [1, "x"], [3, "y"], [5, "z"]]), AB)
ok("a workbook with merged names", lambda: merged_workbook(), {"Region": ["r0", "r1", "r2"], "2023 sold": [0, 1, 2], "2024 price": [0.5, 2.5, 4.5]}, width=5)
ok("a workbook, the first sheet hidden", lambda: workbook(Notes=[["internal"]], Data=[["a", "b"], [1, "x"], [3, "y"], [5, "z"]], hidden="Notes"), AB)
ok("a workbook with dates before 1900", lambda: workbook(S=[["id", "born"], [1, "1851-05-02"], [2, datetime.date(1950, 1, 1)]]),
   {"born": [day("1851-05-02"), day("1950-01-01")]})
ok("a workbook, the second sheet", lambda: workbook(First=[["q"], [1]], Second=[["a", "b"], [1, "x"], [3, "y"], [5, "z"]]), AB, sheet="Second")
ok("a workbook with dates, codes and gaps", lambda: workbook(S=[
    ["code", "d", "t", "x", "ok"], ["007", datetime.date(2024, 1, 31), datetime.time(8, 30), 1.5, True],
    ["010", datetime.date(2024, 2, 1), datetime.time(9, 0), None, False]]),
   {"code": ["007", "010"], "d": TWO[:2], "x": [1.5, NAN], "ok": [True, False]})
ok("a workbook with a title and empty columns", lambda: workbook(S=[["Report"], [], [None, "a", "b"], [None, 1, "x"], [None, 3, "y"], [None, 5, "z"]]), AB)
ok("a workbook with a remark below", lambda: workbook(S=[["a", "b", "c"], *([i, f"x{i}", i / 2] for i in range(6)), [], ["Source: the office"]]),
   {"a": list(range(6)), "b": [f"x{i}" for i in range(6)], "c": [i / 2 for i in range(6)]}, bad=1)
ok("a workbook with formulas and errors", lambda: workbook(S=[["a", "b"], [1, "#N/A"], [2, "#DIV/0!"], [3, "x"]]), {"a": [1, 2, 3], "b": [NAN, NAN, "x"]})
ok("a workbook with formulas that were never calculated", lambda: workbook(S=[["a", "b", "sum"], [1, "x", "=A2*2"], [3, "y", "=A3*2"], [5, "z", "=A4*2"]]), {**AB, "sum": [NAN] * 3},
   says="Formulas without a stored result are read as empty cells: sum (3). Open the workbook")
ok("a workbook with formulas that all give 0", lambda: uncalculated(), {"a": [1, 3], "twice": [0, 0]}, says="twice (2)")
ok("a workbook with units below its names", lambda: workbook(S=[["t", "v"], ["s", "m/s"], [1, 2.5], [2, 3.5], [3, 4.5]]), {"t": [1, 2, 3], "v": [2.5, 3.5, 4.5]}, bad=1)
no("a workbook of formulas only", lambda: workbook(S=[["a", "b"], ["=1+1", "=2+2"], ["=3+3", "=A2"]]), "4 formulas without a stored result")
ok("a workbook with a wide number", lambda: workbook(S=[["id", "x"], [123456789012, 0.1], [5, 0.2]]), {"id": [123456789012, 5], "x": [0.1, 0.2]})
no("gzip of nothing", gzip.compress(b""), "is empty")
no("gzip of blank lines", gzip.compress(b"\n\n"), "blank lines")
no("an empty workbook", lambda: workbook(S=[]), "without values")
no("a workbook with names only", lambda: workbook(S=[["a", "b"]]), "no rows")
no("a workbook cut short", lambda: workbook(S=[["a"], [1]])[:-400], "damaged")
no("a workbook with a password", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504), "can't be opened")
ok("json lines", '{"a": 1, "b": "x"}\n{"a": 3, "b": "y"}\n{"a": 5, "b": "z"}\n', AB)
ok("json, a list", '[{"a": 1, "b": "x"}, {"a": 3, "b": "y"}, {"a": 5, "b": "z"}]', AB)
ok("json, an object around", '{"meta": {"n": 3}, "data": [{"a": 1, "b": "x"}, {"a": 3, "b": "y"}, {"a": 5, "b": "z"}]}', AB)
ok("json, columns and rows apart", '{"columns": ["a", "b"], "index": [0, 1, 2], "data": [[1, "x"], [3, "y"], [5, "z"]]}', AB)
ok("json, names and rows apart under other words", '{"fields": ["a", "b"], "total": 3, "rows": [[1, "x"], [3, "y"], [5, "z"]]}', AB)
ok("json, a list a line", "".join(f'[{i}, "x"]\n' for i in range(5)), {"column_1": list(range(5)), "column_2": ["x"] * 5})
ok("json, a list a line under names", '["a", "b"]\n[1, "x"]\n[3, "y"]\n[5, "z"]\n', AB)
ok("json, a list a line, one too short", '["a", "b"]\n[1, "x"]\n[3]\n[3, "y"]\n[5, "z"]\n', AB, bad=1, says="line 3")
ok("json, rows in a list", '[[1, "x"], [3, "y"], [5, "z"]]', {"column_1": [1, 3, 5], "column_2": ["x", "y", "z"]})
ok("json, rows in a list under names, one too long", '[["a", "b"], [1, "x"], [3, "y"], [4, "y", 9], [5, "z"]]', AB, bad=1, says="row 4")
ok("json, a value among objects", '[{"a": 1, "b": "x"}, 7, {"a": 3, "b": "y"}, {"a": 5, "b": "z"}]', AB, bad=1, says="row 2")
no("json, lists of all lengths", "[1]\n[1, 2]\n[1, 2, 3]\n[1, 2, 3, 4]\n[]\n", "no lists with as many values")
ok("json lines with lists in objects", '{"id": 1, "who": {"name": "Ann", "tags": [1]}}\n{"id": 2, "who": {"name": "Bob", "tags": []}}\n', {"id": [1, 2], "who.name": ["Ann", "Bob"]}, says="'who.tags' holds lists")
ok("json, columns", '{"a": [1, 3, 5], "b": ["x", "y", "z"]}', AB)
ok("json, objects inside", '{"id": 1, "who": {"name": "Ann", "age": 5}}\n{"id": 2, "who": {"name": "Bob", "age": 6}}\n', {"id": [1, 2], "who.name": ["Ann", "Bob"], "who.age": [5, 6]})
ok("json with lists inside", '{"id": 1, "tags": ["x", "y"]}\n{"id": 2, "tags": []}\n', {"id": [1, 2]}, says="set aside")
ok("json with gaps and nulls", '{"a": 1, "b": null}\n{"b": 2.5}\n{"a": 3}\n', {"a": [1.0, NAN, 3.0], "b": [NAN, 2.5, NAN]})
ok("json of mixed kinds", '{"a": 1}\n{"a": "x"}\n{"a": true}\n', {"a": ["1", "x", "True"]})
ok("json, a broken line", '{"a": 1}\n{"a": 2\n{"a": 3}\n{"a": 4}\n', {"a": [1, 3, 4]}, bad=1, says="line 2")
ok("json, large whole numbers", '{"a": 9007199254740993}\n{"a": 2}\n', {"a": [9007199254740993, 2]})
ok("json, whole numbers past 64 bits", '{"a": 18446744073709551616}\n{"a": 2}\n', {"a": ["18446744073709551616", "2"]})
ok("json in utf-16", '{"a": 1, "b": "x"}\n{"a": 3, "b": "y"}\n{"a": 5, "b": "z"}\n'.encode("utf-16"), AB)
ok("json, NaN and Infinity", '[{"a": NaN}, {"a": 1.5}, {"a": Infinity}]', {"a": [NAN, 1.5, NAN]})
ok("json, half a character", '[{"a": 1, "b": "x\\ud800"}, {"a": 3, "b": "\\ud83d\\ude00"}]', {"a": [1, 3], "b": ["x\ufffd", "\U0001f600"]})
no("json, lists a hundred thousand deep", "[" * 100_000, "thousands deep")
no("json, records five thousand deep", '{"a":' * 5_000 + "1" + "}" * 5_000, "thousands deep")
no("json without records", '{"a": 1', "")
no("json, an empty list", "[]", "no list of records")
no("json, one number", "[1, 2, 3]", "no list of records")
ok("parquet", lambda: parquet({"a": [1, 3, 5], "b": ["x", "y", "z"]}), AB)
ok("parquet, zstd and many groups", lambda: parquet({"a": [1, 3, 5], "b": ["x", "y", "z"]}, compression="zstd", row_group_size=1), AB)
ok("parquet, gaps in whole numbers", lambda: parquet({"a": [1, None, 5]}), {"a": [1.0, NAN, 5.0]})


def _rich_parquet() -> bytes:
    import pyarrow as pa

    return parquet(pa.table({
        "n": pa.array([1, 2], pa.int8()), "u": pa.array([2**63, 5], pa.uint64()), "d": pa.array([datetime.date(2024, 1, 31), None]),
        "t": pa.array([day("2024-01-31 08:30"), day("2024-02-01")], pa.timestamp("us", tz="Europe/Berlin")),
        "dec": pa.array([__import__("decimal").Decimal("1.25"), None], pa.decimal128(10, 2)),
        "cat": pa.array(["x", "y"]).dictionary_encode(), "flag": pa.array([True, False]),
        "list": pa.array([[1, 2], []]), "rec": pa.array([{"q": 1}, {"q": 2}]), "raw": pa.array([b"x", b"y"]),
        "half": pa.array(np.array([0.5, 1.5], np.float16)), "null": pa.nulls(2), "dur": pa.array([5, 6], pa.duration("s")),
    }))  # fmt: skip


ok("parquet of all types", _rich_parquet, {
    "n": [1, 2], "u": [float(2**63), 5.0], "d": [day("2024-01-31"), NAN], "t": [day("2024-01-31 08:30"), day("2024-02-01")], "dec": [1.25, NAN],
    "cat": ["x", "y"], "flag": [True, False], "half": [0.5, 1.5], "null": [NAN, NAN], "dur": [5.0, 6.0],
}, says=("'list' holds lists", "'rec' holds lists", "'raw'"))  # fmt: skip
no("parquet with lists only", lambda: parquet({"a": [[1], [2]]}), "no column that can be used")
no("parquet with a name twice", lambda: parquet(__import__("pyarrow").table([[1, 2], [3, 4]], names=["a", "a"])), "more than one column 'a'")
no("parquet without rows", lambda: parquet({"a": np.array([], dtype="int64")}), "no rows")
no("parquet cut short", lambda: parquet({"a": list(range(1000))})[:-50], "damaged or cut short")
no("parquet, the first bytes", b"PAR1", "damaged or cut short")
no("parquet with a broken middle", lambda: (raw := bytearray(parquet({"a": [f"text {i}" for i in range(3000)]}, compression="snappy"))) and bytes(raw[:40] + bytes(600) + raw[640:]), "damaged or cut short")

# --- no tables ---------------------------------------------------------------------------

no("nothing", b"", "is empty")
no("blank lines only", b"\n\n  \n", "blank lines")
no("a byte order mark alone", b"\xef\xbb\xbf", "")
no("utf-16 mark alone", b"\xff\xfe", "")
no("names only", "a,b,c\n", "no rows")
no("names only, twice quoted", '"a","b"\n\n\n', "no rows")
no("an image", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "PNG image")
no("a photo", b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(200), "JPEG image")
no("a PDF", b"%PDF-1.7\n1 0 obj\n<<>>\n", "PDF")
no("a web page", "<!DOCTYPE html>\n<html><body>404 Not Found</body></html>", "web page")
no("a web page in capitals", "\n\n<HTML><HEAD><TITLE>Error, 500</TITLE></HEAD></HTML>", "web page")
no("a web page with a table", "<table><tr><td>1</td></tr></table>", "web page")
no("XML", '<?xml version="1.0"?><rows><row a="1"/></rows>', "XML")
no("an answer of a server in JSON", '{"error": {"code": 403, "message": "Forbidden"}}', "")
no("an SQL script", "-- dump\nINSERT INTO t (a, b) VALUES (1, 'x');\n" * 20, "SQL script")
no("an SQL script with a table", "/* made\nby x */\nCREATE TABLE t (\n  a int,\n  b text\n);\n", "SQL script")
no("utf-8 under the mark of utf-16", b"\xff\xfe" + b"a,b\n1,x\n3,y\n", "starts with the mark of UTF-16")
no("a database", b"SQLite format 3\x00" + bytes(200), "SQLite")
no("a program", b"\x7fELF" + bytes(200), "program")
no("noise", lambda: np.random.default_rng(0).bytes(5000), "neither text nor")
no("zeros", bytes(5000), "")
no("a pickle", b"\x80\x04\x95" + bytes(30) + b"pandas.core.frame" + bytes(60), "")
no("a document", lambda: zipped({"word/document.xml": b"<w/>", "[Content_Types].xml": b"x"}), "Office document")
no("a feather file", b"ARROW1\x00\x00" + bytes(100), "Arrow file")
no("a 7z archive", b"7z\xbc\xaf\x27\x1c" + bytes(60), "7z archive")
no("a tar archive", lambda: tarred(), "")
no("a git LFS pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 12345\n", "")
no("an encoding that does not fit", "a,b\n1,ä\n".encode("cp1252"), "can't be read with the encoding", encoding="utf-8")
no("a sheet that is not there", lambda: workbook(Sales=[["a"], [1]]), "Did you mean 'Sales'?", sheet="Sale")
no("a member that is not there", zipped({"one.csv": PLAIN}), "Did you mean 'one.csv'?", member="on.csv")


def tarred() -> bytes:
    import tarfile

    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        info = tarfile.TarInfo("t.csv")
        info.size = len(PLAIN)
        archive.addfile(info, io.BytesIO(PLAIN))
    return raw.getvalue()
