"""The functions and operators of formulas: one line each, with what it takes, gives, and is in pandas."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from automl.data.clean import functions as f

Types = Callable[[list[str]], tuple[list[str], str]]
MOST = 50  # values that a function of any number of them takes
INFIX = {"+": "+", "-": "-", "*": "*", "=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
         "and": "&", "or": "|"}  # fmt: skip


@dataclass(frozen=True)
class Function:
    """`types` turns the types of what it is given into those it needs ("=number": a fixed one) and the one it gives."""

    name: str
    count: tuple[int, int]
    types: Types
    run: Callable[..., Any]
    code: Callable[..., str]
    example: str = ""
    about: str = ""
    fixed: tuple[int, ...] = ()  # places of values that are always constants


def takes(*wanted: str, gives: str) -> Types:
    """As many of `wanted` as there are values, the last one again and again."""

    def types(given: list[str]) -> tuple[list[str], str]:
        return [wanted[min(i, len(wanted) - 1)] for i in range(len(given))], gives

    return types


def _compared(given: list[str]) -> tuple[list[str], str]:
    """Both sides as one of them is: a date, else text, else a number, else true or false."""
    kind = next(k for k in ("date", "text", "number", "flag") if k in given)
    return [kind, kind], "flag"


def _ordered(given: list[str]) -> tuple[list[str], str]:
    kind = "date" if "date" in given else "number"
    return [kind, kind], "flag"


def _one_of(given: list[str]) -> str:
    kinds = set(given)
    return kinds.pop() if len(kinds) == 1 else "text" if "text" in kinds or "date" in kinds else "number"


def _chosen(given: list[str]) -> tuple[list[str], str]:
    kind = _one_of(given[1:])
    return ["flag", kind, kind], kind


def _first(given: list[str]) -> tuple[list[str], str]:
    kind = _one_of(given)
    return [kind] * len(given), kind


def _any(given: list[str]) -> tuple[list[str], str]:
    return list(given), "flag"


def _called(name: str) -> Callable[..., str]:
    return lambda *args: f"{name}({', '.join(args)})"


def _calculated(name: str, key: str, about: str) -> Function:
    return Function(
        name, (1, 1), takes("number", gives="number"), lambda a: f.calculated(key, a),
        lambda a: f"calculated({key!r}, {a})", f"{name}(price)", about,
    )  # fmt: skip


def _part(name: str, about: str) -> Function:
    return Function(
        name, (1, 1), takes("date", gives="number"), lambda a: f.date_part(a, name),
        lambda a: f"date_part({a}, {name!r})", f"{name}(since)", about,
    )  # fmt: skip


def _text(name: str, change: Callable[[Any], Any], method: str, about: str) -> Function:
    return Function(
        name, (1, 1), takes("text", gives="text"), change, lambda a: f"{a}.str.{method}()", f"{name}(city)", about
    )


def _found(name: str, method: str, about: str) -> Function:
    return Function(
        name, (2, 2), takes("text", "=text", gives="flag"),
        lambda a, part: getattr(a.str, method)(part, **_plainly(method)).fillna(False).astype(bool),
        lambda a, part: f"{a}.str.{method}({part}{', regex=False' if method == 'contains' else ''})"
        ".fillna(False).astype(bool)",
        f'{name}(city, "New")', about, (1,),
    )  # fmt: skip


def _plainly(method: str) -> dict[str, bool]:
    return {"regex": False} if method == "contains" else {}


def _whole(n: float) -> int:
    return max(min(int(n), 10_000), 0)


def _code_whole(n: str) -> int:
    return _whole(float(n))


def _digits(n: float) -> int:
    return max(min(int(n), 12), -12)


NUMBERS = takes("number", gives="number")

_ALL = (
    Function("+", (2, 2), NUMBERS, lambda a, b: a + b, _called("+")),
    Function("-", (2, 2), NUMBERS, lambda a, b: a - b, _called("-"), "ended - since", "of two dates: the days between them"),
    Function("*", (2, 2), NUMBERS, lambda a, b: a * b, _called("*")),
    Function("/", (2, 2), NUMBERS, f.divide, _called("divide")),
    Function("%", (2, 2), NUMBERS, f.remainder, _called("remainder"), "number % 10", "what a division leaves over"),
    Function("^", (2, 2), NUMBERS, f.power, _called("power"), "price ^ 2", "to the power of"),
    Function("&", (2, 2), takes("text", gives="text"), f.joined, _called("joined"), 'city & ", " & country', "texts in a row"),
    Function("=", (2, 2), _compared, lambda a, b: a == b, _called("=")),
    Function("!=", (2, 2), _compared, lambda a, b: a != b, _called("!=")),
    Function("<", (2, 2), _ordered, lambda a, b: a < b, _called("<")),
    Function("<=", (2, 2), _ordered, lambda a, b: a <= b, _called("<=")),
    Function(">", (2, 2), _ordered, lambda a, b: a > b, _called(">")),
    Function(">=", (2, 2), _ordered, lambda a, b: a >= b, _called(">=")),
    Function("and", (2, 2), takes("flag", gives="flag"), lambda a, b: a & b, _called("and"), "age > 18 and age < 65", "both are true"),
    Function("or", (2, 2), takes("flag", gives="flag"), lambda a, b: a | b, _called("or"), "calls > 3 or late > 0", "one is true"),
    Function("not", (1, 1), takes("flag", gives="flag"), lambda a: ~a, lambda a: f"(~{a})", "not(late > 0)", "the opposite"),
    Function("if", (3, 3), _chosen, f.choose, _called("choose"), 'if(age >= 65, "senior", "other")', "one value or another"),
    Function("missing", (1, 1), _any, lambda a: a.isna(), lambda a: f"{a}.isna()", "missing(age)", "whether there is no value"),
    Function("first", (2, MOST), _first, f.first_known, _called("first_known"), "first(mobile, phone)", "the first that is not missing"),
    Function("min", (2, MOST), NUMBERS, f.smallest, _called("smallest"), "min(a, b)", "the smallest"),
    Function("max", (2, MOST), NUMBERS, f.largest, _called("largest"), "max(a, b)", "the largest"),
    Function("abs", (1, 1), NUMBERS, lambda a: a.abs(), lambda a: f"{a}.abs()", "abs(change)", "without its sign"),
    Function("round", (1, 2), takes("number", "=number", gives="number"), lambda a, n=0.0: a.round(_digits(n)),
             lambda a, n="0": f"{a}.round({_digits(float(n))})", "round(price, 2)", "to so many decimals", (1,)),
    _calculated("floor", "floor", "the whole number below"),
    _calculated("ceil", "ceil", "the whole number above"),
    _calculated("sqrt", "sqrt", "the square root"),
    _calculated("log", "log", "the natural logarithm"),
    _calculated("log10", "log10", "the logarithm to base 10"),
    _calculated("exp", "exp", "e to the power of"),
    Function("number", (1, 1), lambda given: (list(given), "number"), f.as_number, _called("as_number"), "number(code)", "text read as a number"),
    Function("text", (1, 1), lambda given: (list(given), "text"), f.as_text, _called("as_text"), "text(zip)", "as text"),
    Function("date", (1, 1), takes("text", gives="date"), f.as_date, _called("as_date"), "date(since)", "text such as 2024-01-31 read as a date"),
    Function("length", (1, 1), takes("text", gives="number"), lambda a: a.str.len().astype("float64"),
             lambda a: f'{a}.str.len().astype("float64")', "length(note)", "how many characters"),
    _text("lower", lambda a: a.str.lower(), "lower", "in small letters"),
    _text("upper", lambda a: a.str.upper(), "upper", "in capitals"),
    _text("trim", lambda a: a.str.strip(), "strip", "without spaces around it"),
    _found("contains", "contains", "whether a text is in it"),
    _found("starts", "startswith", "whether it starts with a text"),
    _found("ends", "endswith", "whether it ends with a text"),
    Function("left", (2, 2), takes("text", "=number", gives="text"), lambda a, n: a.str.slice(0, _whole(n)),
             lambda a, n: f"{a}.str.slice(0, {_code_whole(n)})", "left(zip, 2)", "its first characters", (1,)),
    Function("right", (2, 2), takes("text", "=number", gives="text"), lambda a, n: a.str.slice(-_whole(n)) if _whole(n) else a.str.slice(0, 0),
             lambda a, n: f"{a}.str.slice({-_code_whole(n)})" if _code_whole(n) else f"{a}.str.slice(0, 0)",
             "right(zip, 2)", "its last characters", (1,)),
    Function("replace", (3, 3), takes("text", "=text", "=text", gives="text"),
             f.text_replaced, _called("text_replaced"),
             'replace(city, "St.", "Saint")', "one text for another", (1, 2)),
    Function("concat", (2, MOST), takes("text", gives="text"), f.joined, _called("joined"), 'concat(first, " ", last)', "texts in a row"),
    Function("days", (2, 2), takes("date", gives="number"), f.days_between, _called("days_between"), "days(end, start)", "days from the second date to the first"),
    _part("year", "the year of a date"),
    _part("quarter", "the quarter, 1 to 4"),
    _part("month", "the month, 1 to 12"),
    _part("week", "the week of the year"),
    _part("day", "the day of the month"),
    _part("weekday", "the day of the week, Monday is 1"),
    _part("hour", "the hour of the day"),
)  # fmt: skip

FUNCTIONS: dict[str, Function] = {function.name: function for function in _ALL}
