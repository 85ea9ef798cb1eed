"""More of the hostile corpus: rows that are no cases, and what banks, SAP, statistics packages and web servers write."""

from __future__ import annotations

import bz2
import gzip
import lzma

import pandas as pd

from tests.data.corpus import AB, CASES, NAN, TWO, column, day, no, ok, tarred, workbook, zipped
from tests.data.old_excel import Day, Formula, old_workbook

__all__ = ["CASES"]

RULED_WIDE = "-" * 41 + "\n"

# --- rows without a value, rows that sum up others ---------------------------------------------

FORTY = "a;b;c\n" + "".join(f"{i};x{i};{i},5\n" for i in range(40))
FORTIES = {"a": list(range(40)), "b": [f"x{i}" for i in range(40)], "c": [i + 0.5 for i in range(40)]}
ok("empty rows at the foot, as Excel writes them", FORTY.replace("\n", "\r\n") + ";;\r\n" * 3000, FORTIES, says="3,000 rows without any value at the foot left out, from line 42 on")
ok("empty rows at the foot, one of another width", FORTY + ";;\n;\n;;\n", FORTIES, says="3 rows without any value at the foot")
ok("empty rows at the foot, quoted and of spaces", FORTY + '"";"";""\n ; ; \n', FORTIES, says=("1 row without any value at the foot", "1 row without any value within the table left out, line 42"))
ok("empty quotes at the foot of a short table are cells", 'a,b\n1,x\n"",""\n', {"a": [1.0, NAN], "b": ["x", NAN]}, says="1 row within the table has no value")
ok("an empty row at the foot, then the mark of DOS", FORTY + ";;\n\x1a", FORTIES, says="1 row without any value at the foot left out, line 42")
ok("empty rows at the foot, kept by choice", FORTY + ";;\n;;\n", {"b": [*FORTIES["b"], NAN, NAN]}, blank_rows="kept")
ok("empty rows under a total and a remark", FORTY + "Total;;800\n;;\nSource: SAP;;\n;;\n;;\n", {"b": [*FORTIES["b"], NAN]}, bad=1, says=("looks like a total", "2 rows without any value at the foot left out, from line 45 on"))
ok("empty rows within a table", FORTY.replace("7;x7;", ";;\n7;x7;", 1).replace("20;x20;", ";;\n;;\n20;x20;"), FORTIES, says="3 rows without any value within the table left out, the first in line 9")
ok("empty rows of a short table may be cases", "a,b\n1,x\n,\n3,y\n", {"a": [1.0, NAN, 3.0], "b": ["x", NAN, "y"]}, says="1 row within the table has no value at all and is in it still, line 3")
ok("empty rows of a short table, left out by choice", "a,b\n1,x\n,\n3,y\n5,z\n", AB, says="left out, line 3", blank_rows="aside")
ok("a row of words for missing at the foot is a row", "a,b\n1,x\n3,y\nNA,NA\n", {"a": [1.0, 3.0, NAN], "b": ["x", "y", NAN]})
ok("a workbook with cells of spaces at the foot", lambda: workbook(S=[["a", "b"], [1, "x"], [3, "y"], [5, "z"], [" ", "  "], [" ", None]]), AB)
no("names and separators", "a,b,c\n,,\n,,\n", "no rows")
no("separators only", ";;\n;;\n", "no values, only separators")
NORTH_SOUTH = {"Region": ["North", "North", "South", "South"], "Units": [5, 6, 2, 3]}
ok("subtotals, and a total below", "Region,Product,Units,Sales\nNorth,A,5,50.5\nNorth,B,6,60.5\nSubtotal,,11,111\nSouth,A,2,20\nSouth,B,3,30\nSubtotal,,5,50\nGrand Total,,16,161\n",
   {**NORTH_SOUTH, "Sales": [50.5, 60.5, 20.0, 30.0]}, bad=3, says=("3 rows that sum up rows above were set aside, lines 4, 7, 8", "'Subtotal' and 'Grand Total'", "'Units' and 'Sales' add up"))
ok("subtotals of Excel in German", "Region;Menge;Preis\nNord;5;1,5\nNord;6;2,5\nNord Ergebnis;11;4\nS\u00fcd;2;1\nS\u00fcd;3;2,5\nS\u00fcd Ergebnis;5;3,5\nGesamtergebnis;16;7,5\n", {"Menge": [5, 6, 2, 3]}, bad=3)
ok("a list of SAP with subtotals", RULED_WIDE + "|  |Customer|Material| Qty |  Amount |\n" + RULED_WIDE + "|  |1000    |A-1     |   5 |  50,00  |\n|  |1000    |A-2     |   7 |  70,00  |\n|* |1000    |        |  12 | 120,00  |\n|  |2000    |A-1     |   1 |  10,00  |\n|  |2000    |A-3     |   2 |  25,00- |\n|* |2000    |        |   3 |  15,00- |\n|**|        |        |  15 | 105,00  |\n" + RULED_WIDE,
   {"Customer": [1000, 1000, 2000, 2000], "Qty": [5, 7, 1, 2], "Amount": [50.0, 70.0, 10.0, -25.0]}, bad=3, says="'*' and '**'")
ok("subtotals on a sheet", lambda: workbook(S=[["Region", "Product", "Units"], ["North", "A", 5], ["North", "B", 6], ["North Total", None, 11], ["South", "A", 2], ["South", "B", 3], ["South Total", None, 5], ["Grand Total", None, 16]]), NORTH_SOUTH, bad=3)
ok("subtotals kept by choice", "Region,Units\nNorth,5\nNorth,6\nSubtotal,11\nSouth,2\nSouth,3\nSubtotal,5\n", {"Units": [5, 6, 11, 2, 3, 5]}, subtotals="kept")
ok("words for totals whose numbers do not add up", "item,n\nTotal care,5\nSoap,6\nTotal wash,9\nBrush,2\nTotal clean,4\nComb,3\n", {"n": [5, 6, 9, 2, 4, 3]})
ok("stars that say how sure a number is", "name,coef,stars\na,1.5,*\nb,2.5,**\nc,0.5,\nd,4.0,*\ne,1.0,**\nf,3.0,\n", {"coef": [1.5, 2.5, 0.5, 4.0, 1.0, 3.0]})

# --- exports of banks, statistics packages, web servers ------------------------------------------

ok("a statement whose commas are in quotes", '"Konto";"DE12"\n""\n"Stand vom 31.01.2024:";"1.234,56 €"\n""\n"Tag";"Status";"Wer";"Betrag (€)"\n' + "".join(f'"{i + 10}.01.24";"Gebucht";"n{i}";"-{i}23,4"\n' for i in range(1, 16)),
   {"Tag": [day(f"2024-01-{i + 10}") for i in range(1, 16)], "Betrag (€)": [-(i * 100 + 23.4) for i in range(1, 16)]}, says="2 lines above the table")
ok("an export of web statistics, comments above, another table below", "# -----\n# All Data\n# 20240101-20240131\n# -----\n\nPage,Views,Rate\n/,\"1,234\",45.5%\n/a,567,50%\n/b,89,33.25%\n/c,77,43.5%\n\nDay,Views\n1/1/24,100\n1/2/24,120\n",
   {"Page": ["/", "/a", "/b", "/c"], "Views": [1234, 567, 89, 77], "Rate": [45.5, 50.0, 33.25, 43.5]}, bad=3, says=("All Data", "'Day' and 'Views'"))
ok("more comments above than rows", "# ----\n# A\n# B\n# C\n# D\nsource,n\nx,1\ny,2\n", {"source": ["x", "y"], "n": [1, 2]}, says="# A")
ok("a log of a web server", "".join(f'10.0.0.{i} - {"ann" if i % 2 else "-"} [{i:02d}/Jan/2024:08:30:00 +0100] "GET /p/{i}?q=a,b HTTP/1.1" {200 if i % 3 else 404} {i}00 "https://x.org/{i}" "Mozilla/5.0 (X11; Linux, like Gecko) {i}"\n' for i in range(1, 21)),
   {"column_4": [day(f"2024-01-{i:02d} 07:30") for i in range(1, 21)], "column_6": [200 if i % 3 else 404 for i in range(1, 21)], "column_7": [i * 100 for i in range(1, 21)]}, width=9, says="Square brackets")
ok("write.table of R", '"id" "name" "pay"\n' + "".join(f'"{i}" {i} "Ann {i}" {i}.5\n' for i in range(1, 7)), {"column_1": list(range(1, 7)), "id": list(range(1, 7)), "name": [f"Ann {i}" for i in range(1, 7)], "pay": [i + 0.5 for i in range(1, 7)]})
ok("codes as formulas", 'id;code;n\n1;="007";"x"\n2;="010";"y"\n3;="123";"z"\n', {"code": ["007", "010", "123"], "n": ["x", "y", "z"]}, says='written ="…"')
ok("quotes within quoted cells, not doubled", 'id,"title",n\n' + "".join(f'{i},"The "big" one, part {i}",{i}\n' for i in range(9)), {"id": list(range(9)), "title": [f'The "big" one, part {i}' for i in range(9)], "n": list(range(9))}, says="not doubled here")
ok("an unconverted list of SAP", ("01.02.2024\t\t\tDynamic List\t\t\t1\n\n\tCo\tCustomer\tName\tAmount\t\n\n" + "".join(f"\t1000\t{i:010d}\tn{i}\t{i}.234,50-\t\n" for i in range(1, 7))).encode("utf-16"),
   {"Customer": [f"{i:010d}" for i in range(1, 7)], "Amount": [-(i * 1000 + 234.5) for i in range(1, 7)]}, width=4, says="Dynamic List")
ok("a query's answer, ruled, and when it was done", "id          name       pay\n----------- ---------- ---------\n1           Ann Lee         1.50\n2           Bob             2.50\n3           Cy              3.50\n\n(3 rows affected)\n\n\nCompletion time: 2024-03-01T10:22:33.1234567+01:00\n",
   {"id": [1, 2, 3], "name": ["Ann Lee", "Bob", "Cy"], "pay": [1.5, 2.5, 3.5]}, bad=2)
UMLAUTS = "id,city\n" + "".join(f"{i},{c}\n" for i, c in enumerate(["Köln", "München", "Düsseldorf", "Ulm", "Nürnberg"]))
for encoding in ("cp437", "cp850", "mac_roman"):
    ok(f"encoded as {encoding}", UMLAUTS.encode(encoding), {"city": ["Köln", "München", "Düsseldorf", "Ulm", "Nürnberg"]})
ok("windows-1254 turkish", "no,şehir\n1,İstanbul\n2,İzmir\n3,Eskişehir\n4,Muğla\n5,Balıkesir\n".encode("cp1254"), {"şehir": ["İstanbul", "İzmir", "Eskişehir", "Muğla", "Balıkesir"]})
for label, cells, values in (
    ("accounting, as spreadsheets show it", [" $ 1,234.50 ", " $ (2,000.00)", " $ -   "], [1234.5, -2000.0, 0.0]),
    ("a minus, then a space", ["- 5", "7", "- 3"], [-5, 7, -3]),
    ("a dash for a minus", ["–1.5", "7.0", "–3.25"], [-1.5, 7.0, -3.25]),
    ("a list with dashes is no list of numbers", ["- 5 apples", "- 7 pears", "- 3"], ["- 5 apples", "- 7 pears", "- 3"]),
    ("dates of SAS", ["31JAN2024", "01FEB2024", "05DEC2024"], TWO),
    ("dates with times of SAS", ["31JAN2024:08:30:00", "01FEB2024:08:30:00", "05DEC2024:08:30:00"], [d + pd.Timedelta("8h30min") for d in TWO]),
    ("times with zones of PostgreSQL", ["2024-01-31 08:30:00+01", "2024-02-01 09:30:00.5+02", "2024-12-05 00:00:00-05"], [day("2024-01-31 07:30"), day("2024-02-01 07:30:00.5"), day("2024-12-05 05:00")]),
    ("dates of Oracle with times", ["31-JAN-24 08.30.00.000000 AM", "01-FEB-24 12.30.00.000000 AM", "05-DEC-24 01.00.00.000000 PM"], [day("2024-01-31 08:30"), day("2024-02-01 00:30"), day("2024-12-05 13:00")]),
    ("dates without marks", ["20240131T083000Z", "20240201T083000Z", "20241205T083000Z"], [d + pd.Timedelta("8h30min") for d in TWO]),
    ("dates of C", ["Wed Jan 31 08:30:00 2024", "Thu Feb  1 08:30:00 2024", "Thu Dec  5 08:30:00 2024"], [d + pd.Timedelta("8h30min") for d in TWO]),
    ("dates of messages", ["Wed Jan 31 08:30:00 +0000 2024", "Thu Feb 01 08:30:00 +0000 2024", "Thu Dec 05 08:30:00 +0000 2024"], [d + pd.Timedelta("8h30min") for d in TWO]),
    ("weekdays in german", ["Mittwoch, 31. Januar 2024", "Donnerstag, 1. Februar 2024", "Donnerstag, 5. Dezember 2024"], TWO),
    ("weekdays in french, the first", ["mercredi 31 janvier 2024", "jeudi 1er février 2024", "jeudi 5 décembre 2024"], TWO),
    ("german dates with weekdays and Uhr", ["Mi, 31.01.2024, 08:30 Uhr", "Do, 01.02.2024, 08:30 Uhr", "Do, 05.12.2024, 08:30 Uhr"], [d + pd.Timedelta("8h30min") for d in TWO]),
    ("spanish months with dashes", ["31-ene-2024", "01-feb-2024", "05-dic-2024"], TWO),
    ("english ordinals", ["January 31st, 2024", "February 1st, 2024", "December 5th, 2024"], TWO),
    ("no dates of MySQL", ["2024-01-31", "0000-00-00", "2024-02-01"], [TWO[0], NAN, TWO[1]]),
    ("no dates with times of MySQL", ["2024-01-31 08:30:00", "0000-00-00 00:00:00"], [day("2024-01-31 08:30"), NAN]),
    ("words for missing of statistical offices and databases", ["1.5", "..", "...", "[NULL]", "#NV", "2.5"], [1.5, NAN, NAN, NAN, NAN, 2.5]),
):
    ok(label, column(cells), {"v": values})
ok("json, objects behind one another", '{"a": 1, "b": "x"}{"a": 3, "b": "y"} {"a": 5, "b": "z"}', AB)
ok("json, objects over several lines", '{\n "a": 1,\n "b": "x"\n}\n{\n "a": 3,\n "b": "y"\n}\n{\n "a": 5,\n "b": "z"\n}\n', AB)
ok("json, records by their keys", '{"p": {"a": 1, "b": "x"}, "q": {"a": 3, "b": "y"}, "r": {"a": 5, "b": "z"}}', {"key": ["p", "q", "r"], **AB})
no("inserts without columns", "INSERT INTO people VALUES(1,'Ann');\nINSERT INTO people VALUES(2,'Bob');\n", "SQL script")
no("a dump of a database", "--\n-- PostgreSQL database dump\n--\n\nSET x = 0;\nCOPY p (a) FROM stdin;\n1\n", "SQL script")
no("a sheet as XML", '<?xml version="1.0"?>\n<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><Table/></Workbook>', "without values")

# --- workbooks of Excel 97 to 2003 ------------------------------------------------------------

ok("an old workbook with dates, formulas and errors", lambda: old_workbook([
    ["id", "when", "ratio", "twice", "note", "ok"], [1, Day(45322), Formula(0.5), Formula(2.0), "x", True],
    [2, Day(45323), Formula("#DIV/0!"), Formula(4.0), "#N/A", False], [3, Day(45631), Formula(1.5), Formula(6.0), "Köln", True]]),
   {"id": [1, 2, 3], "when": TWO, "ratio": [0.5, NAN, 1.5], "twice": [2, 4, 6], "note": ["x", NAN, "Köln"], "ok": [True, False, True]})  # fmt: skip
ok("an old workbook with codes, times of day and a title", lambda: old_workbook([
    ["Report"], [None], ["code", "at"], ["007", Day(45322.5)], ["010", Day(45323.25)]]),
   {"code": ["007", "010"], "at": [day("2024-01-31 12:00"), day("2024-02-01 06:00")]}, says="Report")  # fmt: skip
ok("an old workbook with subtotals as formulas", lambda: old_workbook([
    ["Region", "Units"], ["North", 5], ["North", 6], ["North Total", Formula(11.0)], ["South", 2], ["South", 3], ["South Total", Formula(5.0)]]),
   {"Units": [5, 6, 2, 3]}, bad=2)  # fmt: skip

# --- commas that are no separators ---------------------------------------------------------------

no("decimal commas between commas", "name,amount\nx,1,5\ny,2,75\nz,13,5\nx,2,5\n", "2 column names but 3 cells in line 2, 'x,1,5', as where numbers with a decimal comma")
no("two columns of decimal commas between commas", "price,weight\n" + "".join(f"{i % 7},5,{i % 3},25\n" for i in range(20)), "2 column names but 4 cells")
ok("rows that are counted, whole numbers", "a,b\n" + "".join(f"{i},{i % 4},{i % 3}\n" for i in range(1, 9)), {"column_1": list(range(1, 9)), "a": [i % 4 for i in range(1, 9)], "b": [i % 3 for i in range(1, 9)]}, says="the first column has none")
ok("write.table of R without quotes", "mpg cyl\nMazda 21.5 6\nDatsun 22.8 4\nHornet 21.4 6\n", {"column_1": ["Mazda", "Datsun", "Hornet"], "mpg": [21.5, 22.8, 21.4], "cyl": [6, 4, 6]})
ok("row names of R in quotes, whole numbers", '"a","b"\n"x",1,2\n"y",3,4\n"z",5,4\n', {"column_1": ["x", "y", "z"], "a": [1, 3, 5], "b": [2, 4, 4]})
ok("separators at the ends of rows of whole numbers, none behind the names", "a,b,c\n1,2,3,\n4,5,6,\n7,8,9,\n4,4,1,\n", {"a": [1, 4, 7, 4], "b": [2, 5, 8, 4], "c": [3, 6, 9, 1]}, width=3)
no("decimal commas between commas, separators at the ends of rows", "name,amount\nx,1,5,\ny,2,75,\nz,13,5,\n", "as where numbers with a decimal comma")

# --- what is easily taken for something else -----------------------------------------------------

ok("flags beside small numbers are no subtotals", "name,rate,sig\n" + "".join(f"g{i},0.00{i % 7 + 1},{'' if i % 3 else '*'}\n" for i in range(1, 13)), {"rate": [(i % 7 + 1) / 1000 for i in range(1, 13)]})
ok("totals of which hardly any add up are values", "area,sex,n\n" + "".join(f"{i},Male,{i}\n{i},Female,{i + 1}\n{i},Total,{2 * i + (1 if i < 3 else 5)}\n" for i in range(1, 9)), {"sex": ["Male", "Female", "Total"] * 8})
ok("a total above empty quotes, set aside by choice", "a;b;c\n" + "".join(f"{i};x{i};2\n" for i in range(40)) + 'Total;;80\n"";"";""\n', {"b": [f"x{i}" for i in range(40)], "c": [2] * 40}, bad=1, says="line 42, holds totals", total_row="aside")
ok("closing lines that run over lines", "day,amount,text\n" + "".join(f"2024-01-0{i},{i},x\n" for i in range(1, 6)) + '\nBalance,"1,5",\n"Note\nthat runs\nover lines",,\n', {"day": [day(f"2024-01-0{i}") for i in range(1, 6)], "amount": [1, 2, 3, 4, 5]}, bad=2, says="Lines 8 to 11 below the table")
ok("three dots of Windows", b"id,text\n" + b"".join(b"%d,and so on\x85\n" % i for i in range(9)), {"text": ["and so on\u2026"] * 9})
ok("a letter of Windows at the start of words", b"id,make\n1,\x8akoda\n2,Seat\n3,\x8akoda\n", {"make": ["\u0160koda", "Seat", "\u0160koda"]})
ok("many comments that begin like those of SQL", "".join(f"/* remark {i} */\n" for i in range(40)), {"/* remark 0 */": [f"/* remark {i} */" for i in range(1, 40)]})
ok("names and cells that all run over lines", '"a\nb",c\n' + "".join(f'"x\nor y, {i}",{i}\n' for i in range(9)), {"c": list(range(9))}, width=2)
ok("names and cells that all run over three lines", '"a\nor\nb";c\n' + "".join(f'"x\nor, as it is,\ny, {i}";{i}\n' for i in range(9)), {"c": list(range(9))}, width=2)
no("decimal commas between commas, rows that are counted", "id,price\n1,4,50\n2,3,05\n3,12,99\n", "as where numbers with a decimal comma")
ok("json, records by their keys that have a key", '{"p": {"key": 1, "b": "x"}, "q": {"key": 3, "b": "y"}, "r": {"key": 5, "b": "z"}}', {"key_": ["p", "q", "r"], "key": [1, 3, 5], "b": ["x", "y", "z"]})

# --- rows that have more cells than there are names --------------------------------------------------

PLACES = ["12 Main St, Springfield", "5 Oak Rd, Salem", "9 Elm Av, Troy", "1 Ash Ct, Rome"]
ok("separators behind a backslash", "id,name,n\n" + "".join(f"{i},Doe\\, Ann {i},{i}.5\n" for i in range(1, 7)), {"id": list(range(1, 7)), "name": [f"Doe, Ann {i}" for i in range(1, 7)], "n": [i + 0.5 for i in range(1, 7)]}, says="Where a backslash stands before it, ',' is")
ok("separators behind a backslash in some rows, quotes in others", 'id,path,n\n1,a\\, b,5\n2,"c, d",6\n3,C:\\x\\y,7\n4,e,8\n', {"path": ["a, b", "c, d", "C:\\x\\y", "e"], "n": [5, 6, 7, 8]}, width=3)
ok("paths that end with a backslash", "id,path,n\n1,C:\\x\\,5\n2,C:\\y\\,6\n3,C:\\z\\,7\n", {"path": ["C:\\x\\", "C:\\y\\", "C:\\z\\"], "n": [5, 6, 7]})
ok("json in cells", "id,about,n\n" + "".join(f'{i},{{"a": {i}, "b": [1, {{"c": "x, y"}}]}},{i}\n' for i in range(1, 7)), {"about": [f'{{"a": {i}, "b": [1, {{"c": "x, y"}}]}}' for i in range(1, 7)], "n": list(range(1, 7))}, says="JSON in cells")
ok("json in cells between quotes that are not doubled", "id,about,n\n" + "".join(f'{i},"{{"a":{i},"b":2}}",{i}\n' for i in range(1, 7)), {"about": [f'{{"a":{i},"b":2}}' for i in range(1, 7)], "n": list(range(1, 7))})
ok("json of all lengths in cells", "id;about;n\n" + "".join(f'{i};{{{", ".join(chr(34) + "k" + str(j) + chr(34) + ":" + str(j) for j in range(i))}}};{i}\n' for i in range(1, 7)), {"n": list(range(1, 7))}, width=3)
ok("lists of numbers in cells", "id,point,n\n1,[1, 2],5\n2,[3, 4],6\n3,[5, 6],7\n", {"point": ["[1, 2]", "[3, 4]", "[5, 6]"], "n": [5, 6, 7]})
no("a comma in each address", "id,address,n\n" + "".join(f"{i},{place},{i}\n" for i, place in enumerate(PLACES)), "3 column names but 4 cells in line 2 and those below: 0,12 Main St, Springfield,0. Values would")
no("a comma in each address, no space behind it", "id,address,city\n" + "".join(f"{i},{place.replace(', ', ',')},x\n" for i, place in enumerate(PLACES)), "Values would stand under wrong names")
no("two commas in each address", "name,address,n\n" + "".join(f"n{i},{place}, IL,{i}\n" for i, place in enumerate(PLACES)), "names for the columns without")
no("a comma in each name of a person", "person,city,team\n" + "".join(f"Doe{i},Ann,Ulm,{'ab'[i % 2]}\n" for i in range(6)), "Values would stand under wrong names")
no("a comma in a name of a column", "id,price, EUR,who\n1,5.5,Ann\n2,6.5,Bob\n3,7.5,Cy\n", "4 column names but 3 cells in line 2")
ok("a comma in each address, by choice", "address,n\n" + "".join(f"{place},{i}\n" for i, place in enumerate(PLACES)), {"column_1": ["12 Main St", "5 Oak Rd", "9 Elm Av", "1 Ash Ct"]}, width=3, nameless="first")
ok("a comma in most addresses", "id,address,n\n" + "".join(f"{i},{PLACES[i % 4]},{i}\n" if i % 3 == 0 else f"{i},Ulm,{i}\n" for i in range(12)), {"id": [i for i in range(12) if i % 3]}, bad=4)
ok("cars of R", "mpg,cyl\nMazda RX4,21.0,6\nDatsun 710,22.8,4\nValiant,18.1,6\n", {"column_1": ["Mazda RX4", "Datsun 710", "Valiant"], "mpg": [21.0, 22.8, 18.1]}, says="the first column has none")

# --- tables that go on below others -------------------------------------------------------------------

A_ROWS, B_ROWS = "".join(f"{i},x{i},{i}.5\n" for i in range(5)), "".join(f"2024-01-0{i},{i}\n" for i in range(1, 4))
GOES_ON = {"a": [0, 1, 2, 3, 4] * 2, "b": [f"x{i}" for i in range(5)] * 2, "c": [i + 0.5 for i in range(5)] * 2}
ok("a table that goes on below another, without names", f"a,b,c\n{A_ROWS}\nday,n\n{B_ROWS}\n{A_ROWS}", GOES_ON, bad=4, says="'day' and 'n': its 4 lines were")
ok("a table that goes on below another, under its names", f"a,b,c\n{A_ROWS}\nday,n\n{B_ROWS}\na,b,c\n{A_ROWS}", GOES_ON, bad=5, says="'day' and 'n': its 4 lines were")
ok("a table that goes on below another, and that one too", f"a,b,c\n{A_ROWS}\nday,n\n{B_ROWS}\na,b,c\n{A_ROWS}\nday,n\n{B_ROWS}", GOES_ON, bad=9, says="'day' and 'n': its 8 lines were")
ok("a table that goes on below another, padded", f"a,b,c\n{A_ROWS},,\nday,n,\n" + B_ROWS.replace("\n", ",\n") + f",,\n{A_ROWS}", GOES_ON, bad=4, says="'day' and 'n': its 4 lines were")

# --- more ways of packing ------------------------------------------------------------------------------

PACKED_AB = b"a,b\n1,x\n3,y\n5,z\n"


def in_zstd(raw: bytes) -> bytes:
    import pyarrow as pa

    packed = pa.BufferOutputStream()
    with pa.CompressedOutputStream(packed, "zstd") as out:
        out.write(raw)
    return packed.getvalue().to_pybytes()


for label, pack in (("bzip2", bz2.compress), ("xz", lzma.compress), ("zstd", in_zstd)):
    ok(f"packed with {label}", lambda pack=pack: pack(PACKED_AB), AB)
    ok(f"packed with {label}, json", lambda pack=pack: pack(b'{"a": 1}\n{"a": 3}\n'), {"a": [1, 3]})
    no(f"packed with {label}, cut short", lambda pack=pack: pack(bytes(range(256)) * 40 + PACKED_AB)[:-12], "damaged or cut short")
    no(f"a bomb of {label}", lambda pack=pack: pack(b"0" * (8 << 20)), "hardly a table")
    no(f"packed with {label}, a zip inside", lambda pack=pack: pack(zipped({"t.csv": PACKED_AB})), "another archive")
no("a tar archive, packed", lambda: gzip.compress(tarred()), "a tar archive")
no("a workbook that is a bomb", lambda: zipped({"xl/workbook.xml": b"", "xl/worksheets/sheet1.xml": b" " * (8 << 20)}), "hardly a table")
no("an open document of text", lambda: zipped({"mimetype": b"application/vnd.oasis.opendocument.text", "content.xml": b"<a/>"}), "Office document")
no("a document of Numbers", lambda: zipped({"Index/Document.iwa": b"x", "preview.jpg": b"x"}), "Apple Numbers")
no("a page in one file", b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n<table><tr><td>a,b</td></tr></table>", "MHTML")

# --- rows under the names, comments between rows, what is easily cut wrongly -------------------------------

TEN = range(10)
ok("prices of Yahoo", "Price,Close,High,Volume\nTicker,AAPL,AAPL,AAPL\nDate,,,\n" + "".join(f"2024-01-{i + 10},{i}.5,{i}.75,{i + 1}000\n" for i in TEN), {"Date": [day(f"2024-01-{i + 10}") for i in TEN], "Close": [i + 0.5 for i in TEN], "Volume": [i * 1000 + 1000 for i in TEN]}, bad=1, says=("a row of its own", "Line 2 under the names says what columns are"))
ok("prices of Yahoo, two of them", "Price,Close,Close,Volume\nTicker,AAPL,MSFT,AAPL\nDate,,,\n" + "".join(f"2024-01-{i + 10},{i}.5,{i}.75,7\n" for i in TEN), {"Date": [day(f"2024-01-{i + 10}") for i in TEN], "Close AAPL": [i + 0.5 for i in TEN], "Close MSFT": [i + 0.75 for i in TEN]}, says="two rows")
ok("a pivot of pandas", ",sales,sales,cost\n,2023,2024,2023\nregion,,,\n" + "".join(f"r{i},{i},{i + 1},{i * 2}\n" for i in TEN), {"region": [f"r{i}" for i in TEN], "sales 2023": list(TEN), "cost 2023": [i * 2 for i in TEN]})
ok("an index of pandas with a name of its own", ",a,b\nwho,,\n" + "".join(f"r{i},{i},{i + 1}\n" for i in TEN), {"who": [f"r{i}" for i in TEN], "a": list(TEN)})
ok("labels under the names", "v1,v2,v3,y\nAge in full years,Income per month,Children,Owns a car\n" + "".join(f"{i + 20},{i},{i % 4},{'ab'[i % 2]}\n" for i in TEN), {"v1": [i + 20 for i in TEN], "y": ["a", "b"] * 5}, bad=1, says="says what columns are")
ok("labels under the names, kept by choice", "v1,v2\nAge,Income\n" + "".join(f"{i},{i}\n" for i in TEN), {"v1": ["Age", *map(str, TEN)]}, under_names="kept")
ok("kinds under the names", "id,n,day,y\nint,float,date,string\n" + "".join(f"{i},{i}.5,2024-01-{i + 10},x\n" for i in TEN), {"id": list(TEN), "n": [i + 0.5 for i in TEN]}, bad=1)
ok("a logger's units and kinds under the names", "TOA5,CR1000,CR1000,1234\nTIMESTAMP,RECORD,Batt,Air\nTS,RN,Volts,Deg C\n,,Min,Avg\n" + "".join(f'"2024-01-{i + 10} 10:00:00",{i},12.{i},{i}.5\n' for i in TEN), {"TIMESTAMP": [day(f"2024-01-{i + 10} 10:00") for i in TEN], "Batt": [float(f"12.{i}") for i in TEN]}, bad=2)
ok("an export of a survey with options", "Respondent,When,Age?,Own?,,\n,,Response,Car,Bike,18-24\n" + "".join(f"{i},2024-01-{i + 10},{i + 20},{'Car' if i % 2 else ''},{'Bike' if i % 3 else ''},x\n" for i in TEN), {"Respondent": list(TEN), "Age?": [i + 20 for i in TEN], "Own? Car": ["Car" if i % 2 else NAN for i in TEN], "Own? 18-24": ["x"] * 10})
ok("the names again in other letters", "A,B,Y\na,b,y\n" + "".join(f"{i},x,z\n" for i in TEN), {"A": list(TEN)}, bad=1)
ok("a first row of words above a column of numbers", "name,n,city\nAnn,unknown,Ulm\n" + "".join(f"B{i},{i},Bonn\n" for i in TEN), {"n": ["unknown", *map(str, TEN)]})
ok("comments as wide as rows", "a,b,y\n" + "".join(f"{i},x{i},z\n" + ("# note, a, b\n" if i in (3, 7) else "") for i in TEN), {"a": list(TEN)}, bad=2, says="2 lines are comments, no rows, and set aside: lines 6, 11")
ok("comments kept by choice", "a,b,y\n" + "".join(f"{i},x{i},z\n" + ("# note, a, b\n" if i in (3, 7) else "") for i in TEN), {"a": ["0", "1", "2", "3", "# note", "4", "5", "6", "7", "# note", "8", "9"]}, comments="kept")
ok("names behind a number sign", "# a,b,y\n" + "".join(f"{i},x{i},z\n" for i in TEN), {"a": list(TEN)}, says="behind a number sign")
ok("references with a number sign", "ref,b\n" + "".join(f"#{i},x{i}\n" for i in TEN), {"ref": [f"#{i}" for i in TEN]})
ok("some words with a number sign", "tag,n\n#a,1\nb,2\nc,3\nd,4\n", {"tag": ["#a", "b", "c", "d"]})
ok("errors of Excel in the first column", "a,b\n1,2\n#N/A,3\n4,5\n6,7\n", {"a": [1.0, NAN, 4.0, 6.0]})
ok("what was typed at a prompt", 'SQL> select a, b from t;\n\n"ID","NAME"\n' + "".join(f'{i},"Ann {i}"\n' for i in TEN) + "\n10 rows selected.\n\nSQL> select a, b from t;\nSQL> spool off\n", {"ID": list(TEN)}, bad=4)
ok("a statement with a decimal comma in every line", ("Compte : 0001;;;\nSolde au 31/01/2024;1 234,56;;\n\nDate;Libellé;Débit;Crédit;\n" + "".join(f"{i + 10}/01/2024;CB n°{i};{f'-{i},50' if i % 2 else ''};{'' if i % 2 else f'{i},00'};\n" for i in TEN)).encode("latin-1"), {"Date": [day(f"2024-01-{i + 10}") for i in TEN], "Libellé": [f"CB n°{i}" for i in TEN]}, width=4)
ok("quotes that open and never close", "a\tb\ty\n" + "".join(f'{i}\t"open {i}\tz\n' for i in TEN), {"a": list(TEN), "b": [f'"open {i}' for i in TEN]})
no("rows with fewer cells than names", "a,b,y\n" + "".join(f"{i},line\\\nbreak,z\n" for i in TEN), "3 column names but 2 cells in line 2")
ok("rows with fewer cells than names, by choice", "a,b,y\n" + "".join(f"{i},x\n" for i in TEN), {"a": list(TEN)}, width=2, nameless="last")
ok("a grand total that counts records", '"name","n","stage"\n' + "".join(f'"d{i}","{i}","won"\n' for i in TEN) + '"Grand Totals (10 records)","45",""\n', {"n": [*TEN, 45]}, says="looks like a total")
ok("json, records two levels down", '{"meta": {"n": 1}, "data": {"items": [{"a": 1}, {"a": 3}]}}', {"a": [1, 3]})
no("json cut short", '[{"a": 1}, {"a": 2}, {"a"', "damaged or cut short: in line 1, at character 26, it ends there")
for label, raw, said in (
    ("a file of Weka", "% c\n@relation x\n@attribute a numeric\n@data\n1\n", "Weka"), ("LIBSVM", "1 1:0.5 2:1\n0 1:2 3:4\n", "LIBSVM"),
    ("LaTeX", "\\begin{tabular}{ll}\na & b \\\\\n1 & x \\\\\n\\end{tabular}\n", "LaTeX"), ("a pickle of Python 2", "(dp0\nVa\np1\nI1\ns.", "pickle"),
    ("a pickle of today", b"\x80\x04\x95" + bytes(20), "pickle"), ("an array of NumPy", b"\x93NUMPY\x01\x00" + bytes(60), "NumPy"),
    ("an e-mail", "From: a@b\nContent-Type: text/plain\n\nhello, world\n", "e-mail"), ("a photo of a phone", b"\x00\x00\x00\x18ftypheic" + bytes(60), "image"),
    ("JSON of JavaScript", "[{a: 1, b: 'x'}, {a: 2, b: 'y'}]", "not in double quotation marks"), ("YAML", "- a: 1\n  b: x\n- a: 2\n  b: y\n", "YAML"),
):  # fmt: skip
    no(label, raw, said)
ok("names that look alike", "caf\u00e9,cafe\u0301,\u200b,a\u200b,a\n1,2,3,4,5\n6,7,8,9,10\n", {"caf\u00e9": [1, 6], "cafe\u0301 (2)": [2, 7], "column_3": [3, 8], "a (2)": [5, 10]})
ok("dates before 1677 stay text", "born\tn\n1610-01-01\t1\n1620-01-01\t2\n", {"born": ["1610-01-01", "1620-01-01"]})
ok("a first row of words with a gap behind it", "id,n\nwz,0.5\nwy,\nwx,1.5\nww,2.5\nwv,3.5\n", {"id": ["wz", "wy", "wx", "ww", "wv"]})
