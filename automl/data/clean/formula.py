"""Formulas for computed columns: read into a small tree of known operations, never run as code.

A formula is cut into tokens here, names and texts become placeholders, and what is left (numbers, operators,
brackets) is given shape by `ast`, of which a dozen kinds of nodes are accepted. `calculate` walks the tree;
`source` writes the same tree as pandas. Both use `data.clean.functions`.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from automl.data.clean import functions as f
from automl.data.clean.formula_table import FUNCTIONS, INFIX, Function
from automl.data.words import listed
from automl.errors import RecipeError, unknown_name

MOST_CHARACTERS = 2_000
MOST_PARTS = 200
TYPE_WORDS = {"number": "a number", "text": "text", "date": "a date", "flag": "true or false"}

TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<column>\[(?:[^\]]|\]\])*\])
    |(?P<text>"(?:[^"]|"")*"|'(?:[^']|'')*')
    |(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    |(?P<name>[^\W\d]\w*)
    |(?P<sign>\*\*|<=|>=|==|!=|<>|[-+*/%^&<>=(),])""",
    re.VERBOSE,
)
SIGNS = {"=": "==", "<>": "!=", "^": "**"}
WORDS = ("and", "or", "not")
UNSEEN = re.compile(r"[\x00-\x1f]")


@dataclass(frozen=True)
class Node:
    """A part of a formula: a constant, a column or a call; `type` is what it gives, `at` where it begins."""

    type: str
    at: int


@dataclass(frozen=True)
class Constant(Node):
    value: Any


@dataclass(frozen=True)
class Column(Node):
    name: str


@dataclass(frozen=True)
class Call(Node):
    name: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class _Token:
    kind: str
    value: Any
    at: int  # in the formula, from 0


def _error(at: int, sentence: str) -> RecipeError:
    return RecipeError(f"Position {at + 1} of the formula: {sentence}")


def columns_of(formula: str) -> tuple[str, ...]:
    """The names of the columns that a formula uses, in the order they come in.

    >>> columns_of("price * [number sold] - price")
    ('price', 'number sold')
    """
    found = [t.value for t in _tokens(formula) if t.kind == "column"]
    return tuple(dict.fromkeys(found))


def check(formula: str) -> None:
    """Raise RecipeError when a formula can't be read, whatever columns there are."""
    _parsed(formula)


def read(formula: str, types: Mapping[str, str]) -> Node:
    """Read a formula.

    Parameters
    ----------
    formula : str
        Such as ``price / [number sold]``, ``if(age >= 65, "senior", "other")``.
    types : mapping of str to str
        What each column of the table holds: number, text, date or flag.

    Raises
    ------
    RecipeError
        It can't be read, names what is not there or does not go together; the sentence says where.

    >>> read("price * 2", {"price": "number"}).type
    'number'
    """
    return _read(formula, tuple(types.items()))


@functools.lru_cache(256)
def _read(formula: str, types: tuple[tuple[str, str], ...]) -> Node:
    tokens, starts, tree = _parsed(formula)
    node = _Reader(tokens, starts, dict(types)).read(tree)
    if not _uses_column(node):
        raise RecipeError("The formula uses no column, so every row would get the same value.")
    return node


def _parsed(formula: str) -> tuple[list[_Token], list[tuple[int, int]], ast.AST]:
    """The tokens, where each is in the text that Python shapes and in the formula, and the shape."""
    tokens = _tokens(formula)
    text, starts = "", []
    for number, token in enumerate(tokens):
        piece = token.value if token.kind in ("sign", "word", "number") else f"_{token.kind[0]}{number}"
        starts.append((len(text), token.at))
        text += f"{piece} "
    try:
        return tokens, starts, ast.parse(text.strip(), mode="eval").body
    except SyntaxError as e:
        raise _error(*_what_is_wrong(tokens, _place(starts, (e.offset or 1) - 1))) from e
    except (ValueError, RecursionError, MemoryError) as e:
        raise RecipeError("The formula has too many brackets within brackets. Use two columns.") from e


def _tokens(formula: str) -> list[_Token]:
    if not formula.strip():
        raise RecipeError("The formula is empty. Write one, such as price * 2.")
    if len(formula) > MOST_CHARACTERS:
        raise RecipeError(f"The formula has {len(formula):,} characters; at most {MOST_CHARACTERS:,} are read.")
    found, at = [], 0
    while at < len(formula):
        match = TOKEN.match(formula, at)
        if match is None:
            raise _error(at, _strange(formula[at]))
        kind, text = str(match.lastgroup), match.group()
        if kind == "column":
            found.append(_Token("column", text[1:-1].replace("]]", "]"), at))
        elif kind == "text":
            mark = text[0]
            found.append(_Token("text", text[1:-1].replace(mark * 2, mark), at))
        elif kind == "name":
            found.append(_name(formula, match, found))
        elif kind == "sign":
            found.append(_Token("sign", SIGNS.get(text, text), at))
        elif kind == "number":
            found.append(_Token("number", _plain_number(text), at))
        at = match.end()
    if len(found) > MOST_PARTS * 2:
        raise RecipeError(f"The formula has more than {MOST_PARTS * 2} parts. Use two columns.")
    return found


def _plain_number(text: str) -> str:
    return repr(float(text)) if abs(float(text)) < 1e300 else "1e300"


def _strange(character: str) -> str:
    if character in "\"'":
        return "this text is not closed. Put the same mark at its end."
    if character == "[":
        return "this column's name is not closed. Put a ] at its end."
    return f"{character!r} can't be used in a formula."


def _name(formula: str, match: re.Match[str], before: list[_Token]) -> _Token:
    text, at = match.group(), match.start()
    called = formula[match.end() :].lstrip().startswith("(")
    operand = bool(before) and (before[-1].kind in ("column", "text", "number") or before[-1].value == ")")
    if text.lower() in WORDS and (operand or not called or text.lower() == "not"):
        return _Token("word", text.lower(), at)
    if called:
        return _Token("function", text.lower(), at)
    if text.lower() in ("true", "false"):
        return _Token("boolean", text.lower() == "true", at)
    return _Token("column", text, at)


def _place(starts: list[tuple[int, int]], column: int) -> int:
    """Where in the formula a column of the rewritten text is."""
    return max((at for start, at in starts if start <= column), default=0)


def _what_is_wrong(tokens: list[_Token], at: int) -> tuple[int, str]:
    """Where, and what; `at` is where reading came to its end."""
    opened = sum(t.value == "(" for t in tokens) - sum(t.value == ")" for t in tokens)
    if opened > 0:
        return at, f"{opened} bracket{'s are' if opened > 1 else ' is'} not closed. Add a )."
    if opened < 0:
        return at, "there is a ) without its (."
    if len(tokens) and tokens[-1].kind in ("sign", "word") and tokens[-1].value != ")":
        return tokens[-1].at, f"something is missing after '{tokens[-1].value}'."
    return at, (
        "an operator such as + or * is missing here, or there is one too many. "
        "A column with spaces in its name stands in brackets: [Day Minutes]."
    )


class _Reader:
    """From Python's tree to ours; only what is listed here gets through."""

    OPERATORS = {
        ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.Mod: "%", ast.Pow: "^", ast.BitAnd: "&",
        ast.Eq: "=", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    }  # fmt: skip

    def __init__(self, tokens: list[_Token], starts: list[tuple[int, int]], types: dict[str, str]) -> None:
        self.tokens, self.starts, self.types, self.parts = tokens, starts, types, 0

    def read(self, node: ast.AST) -> Node:
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise RecipeError(f"The formula has more than {MOST_PARTS} parts. Use two columns.")
        at = _place(self.starts, getattr(node, "col_offset", 0))
        match node:
            case ast.Name(id=name) if name[0] == "_":
                return self._named(self.tokens[int(name[2:])])
            case ast.Constant(value=float(value)):
                return Constant("number", at, value)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self._call("-", at, [Constant("number", at, 0.0), self.read(operand)])
            case ast.UnaryOp(op=ast.UAdd(), operand=operand):
                return self.read(operand)
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return self._call("not", at, [self.read(operand)])
            case ast.BinOp(left=left, op=op, right=right) if type(op) in self.OPERATORS:
                return self._call(self.OPERATORS[type(op)], self._between(left, right), [self.read(left), self.read(right)])
            case ast.BoolOp(op=op, values=values):
                name, nodes = "and" if isinstance(op, ast.And) else "or", [self.read(v) for v in values]
                return functools.reduce(lambda a, b: self._call(name, b.at, [a, b]), nodes)
            case ast.Compare(left=left, ops=ops, comparators=others) if all(type(o) in self.OPERATORS for o in ops):
                sides = [left, *others]
                made = [
                    self._call(self.OPERATORS[type(o)], self._between(a, b), [self.read(a), self.read(b)])
                    for a, o, b in zip(sides, ops, others, strict=False)
                ]
                return functools.reduce(lambda a, b: self._call("and", b.at, [a, b]), made)
            case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name[:2] == "_f":
                token = self.tokens[int(name[2:])]
                return self._call(token.value, token.at, [self.read(a) for a in args])
            case _:
                raise _error(at, "this can't be used in a formula.")

    def _between(self, left: ast.AST, right: ast.AST) -> int:
        """Where the operator between two parts is."""
        end, start = getattr(left, "end_col_offset", 0), getattr(right, "col_offset", 0)
        marks = [at for offset, at in self.starts if end <= offset < start]
        signs = [t.at for t in self.tokens if t.kind == "sign" and t.at in marks and t.value not in ("(", ")")]
        return signs[0] if signs else _place(self.starts, start)

    def _named(self, token: _Token) -> Node:
        match token.kind:
            case "column":
                if token.value not in self.types:
                    hint = unknown_name("column", token.value, self.types)
                    raise _error(token.at, f"{hint[0].lower()}{hint[1:]}")
                return Column(self.types[token.value], token.at, token.value)
            case "text":
                return Constant("text", token.at, token.value)
            case "boolean":
                return Constant("flag", token.at, token.value)
            case _:
                raise _error(token.at, f"'{token.value}' is a function: write its values in brackets behind it.")

    def _call(self, name: str, at: int, args: list[Node]) -> Node:
        if name == "-" and any(a.type == "date" for a in args):
            name = "days"
        function = FUNCTIONS.get(name)
        if function is None:
            known = [n for n in FUNCTIONS if n[0].isalpha()]
            hint = unknown_name("function", name, known)
            raise _error(at, f"{hint[0].lower()}{hint[1:]}")
        least, most = function.count
        if not least <= len(args) <= most:
            wanted = str(least) if least == most else f"{least} to {most}" if most < 50 else f"{least} or more"
            raise _error(at, f"{name} needs {wanted} values in its brackets, not {len(args)}: {function.example}.")
        types, result = function.types([a.type for a in args])
        args = [self._fitted(a, wanted, function, at, i) for i, (a, wanted) in enumerate(zip(args, types, strict=True))]
        node = Call(result, at, function.name, tuple(args))
        return node if _uses_column(node) else _folded(node)

    def _fitted(self, node: Node, wanted: str, function: Function, at: int, place: int) -> Node:
        """The node as the type that a function needs, or the sentence that it is not."""
        if wanted.startswith("="):  # a constant
            wanted = wanted[1:]
            if not isinstance(node, Constant):
                raise _error(node.at, f"{function.name} needs a fixed {wanted} here, no column: {function.example}.")
        if node.type == wanted or (wanted == "text" and node.type in ("number", "flag")):
            return node if node.type == wanted else Call("text", node.at, "text", (node,)) if _uses_column(node) else (
                Constant("text", node.at, f.word_of(node.value))
            )  # fmt: skip
        if wanted == "number" and node.type == "flag":
            return Call("number", node.at, "number", (node,))
        if wanted == "date" and isinstance(node, Constant) and node.type == "text":
            date = pd.to_datetime(node.value, format="ISO8601", errors="coerce")
            if date is pd.NaT or date.tzinfo is not None:
                raise _error(node.at, f"'{node.value}' is no date. Write it as year-month-day, such as 2024-01-31.")
            return Constant("date", node.at, date)
        name = f"'{node.name}' holds {_plain_type(node.type)}" if isinstance(node, Column) else (
            f"this gives {TYPE_WORDS[node.type]}"
        )  # fmt: skip
        remedy = {
            ("number", "text"): " Use number(…) to read numbers from text.",
            ("date", "text"): " Use date(…) to read dates from text.",
        }.get((wanted, node.type), "")
        where = node.at if function.name[0].isalpha() else at
        raise _error(where, f"{name}; {function.name} needs {TYPE_WORDS[wanted]} here.{remedy}")


def _plain_type(type_: str) -> str:
    return {"number": "numbers", "text": "text", "date": "dates", "flag": "true or false"}[type_]


def _uses_column(node: Node) -> bool:
    return isinstance(node, Column) or (isinstance(node, Call) and any(map(_uses_column, node.args)))


def _folded(node: Call) -> Constant:
    """A call on constants only, as the constant that it gives."""
    one = pd.DataFrame(index=[0])
    args = [pd.Series([a.value]) if isinstance(a, Constant) else calculate(a, one) for a in node.args]
    fixed = FUNCTIONS[node.name].fixed
    args = [node.args[i].value if i in fixed else arg for i, arg in enumerate(args)]
    value = FUNCTIONS[node.name].run(*args).iloc[0]
    if pd.isna(value):
        raise _error(node.at, f"{node.name} has no value here.")
    return Constant(node.type, node.at, value.item() if hasattr(value, "item") else value)


# -- carrying it out ------------------------------------------------------------------------

READERS = {"number": "as_number", "text": "as_text", "date": "as_date", "flag": "as_flag"}


def calculate(node: Node, table: pd.DataFrame) -> Any:
    """The column that a formula gives, one value a row; a constant stays one."""
    match node:
        case Constant(value=value):
            return value
        case Column(name=name, type=type_):
            return getattr(f, READERS[type_])(table[name])
        case Call(name=name, args=args):
            return FUNCTIONS[name].run(*(calculate(a, table) for a in args))
    raise TypeError(type(node).__name__)


def source(node: Node) -> str:
    """The same as Python source on `table`."""
    text = _source(node)
    return text[1:-1] if text.startswith("(") and _closes_at_end(text) else text


def _closes_at_end(text: str) -> bool:
    depth = 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth == 0:
            return at == len(text) - 1
    return False


def _source(node: Node) -> str:
    match node:
        case Constant(value=pd.Timestamp() as value):
            return f"pd.Timestamp({str(value)!r})"
        case Constant(value=value):
            return repr(value)
        case Column(name=name, type=type_):
            return f"{READERS[type_]}(table[{name!r}])"
        case Call(name=name, args=args):
            parts = [_source(a) for a in args]
            if name in INFIX:
                return f"({parts[0]} {INFIX[name]} {parts[1]})"
            return FUNCTIONS[name].code(*parts)
    raise TypeError(type(node).__name__)


def used(node: Node) -> tuple[str, ...]:
    """The columns of a tree."""
    if isinstance(node, Column):
        return (node.name,)
    return tuple(dict.fromkeys(n for a in getattr(node, "args", ()) for n in used(a)))


def help_lines() -> list[tuple[str, str]]:
    """Every function with its example and what it gives, for the page."""
    return [(fn.example, fn.about) for fn in FUNCTIONS.values() if fn.about]


def spoken(names: list[str]) -> str:
    """Column names as they are written in formulas.

    >>> spoken(["price", "number sold"])
    "'price' and '[number sold]'"
    """
    plain = re.compile(r"[^\W\d]\w*")
    return listed([n if plain.fullmatch(n) else "[" + n.replace("]", "]]") + "]" for n in names], 6)
