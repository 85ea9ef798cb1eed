"""One contract for all operations: a new one needs a step below and passes, or it is not done."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

from automl.data.clean import OPS, apply_steps, bind, notebook_source, op_of, start, training_row_mask
from automl.data.clean.document import dump, load
from automl.data.profile import profile
from automl.errors import RecipeError
from automl.types import Recipe, Step, from_json, replace, to_json

HOSTILE = ['a"b', "it's", "<b>x</b>", "=1+1", "n" * 300, "table", "a\nb", "{0}", "\\d+", "ключ"]


def table(rows: int = 60) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "city": rng.choice(["Bern", "bern ", "BERN", "Zürich", "n/a", None], rows),
            "price": [f"${i:,.2f}" for i in np.linspace(1, 5000, rows)],
            "size": np.where(rng.random(rows) < 0.1, np.nan, rng.normal(10, 3, rows)),
            "number": rng.integers(0, 9, rows),
            "since": pd.Timestamp("2024-01-31 10:00") + pd.to_timedelta(np.arange(rows), unit="D"),
            "paid": rng.random(rows) < 0.5,
            "nothing": np.nan,
            "note": [f"note {i % 7}  of the day" for i in range(rows)],
        }
    )


# For each operation, the steps that the contract is tried on.
STEPS: dict[str, list[Step]] = {
    "formula": [
        OPS["formula"].new(name="total", formula="size * number / 2 - 1"),
        OPS["formula"].new(name="who", formula='if(size > 10 and not paid, concat(upper(city), "!"), "other")'),
        OPS["formula"].new(name="days", formula='since - "2024-01-01" + month(since)'),
        OPS["formula"].new(name="size", formula="round(log(max(size, 1)), 2) ^ 2"),
        OPS["formula"].new(name="long", formula="length(note) > 5 or contains(city, 'er')"),
        OPS["formula"].new(name="known", formula="first(size, number, 0) + missing(size)"),
    ],
    "replace": [
        OPS["replace"].new(("city", "number"), pairs=[["Bern", "Berne"], ["3", "33"], ["BERN", None]]),
        OPS["replace"].new(("note",), pairs=[["of the", "(.*)+$"]], match="part", case=False),
    ],
    "spelling": [OPS["spelling"].new(spellings={"city": {"bern ": "Bern", "BERN": "Bern"}})],
    "text": [OPS["text"].new(("city", "note"), case=c, accents=True) for c in ("lower", "upper", "title", "keep")],
    "trim": [OPS["trim"].new(("city", "note"), keep={"city": ["n/a"]}), OPS["trim"].new(("city",))],
    "missing": [OPS["missing"].new(("city", "number", "size", "paid"), words=["BERN", "3", "true"])],
    "parse": [OPS["parse"].new(("price",), unit="$")],
    "cast": [OPS["cast"].new(("number", "city"), to=to) for to in ("numeric", "categorical", "boolean", "text", "datetime")],
    "rename": [OPS["rename"].new(names={"city": "town", "size": "how large"})],
    "drop_columns": [OPS["drop_columns"].new(("nothing", "note"))],
    "date_parts": [OPS["date_parts"].new(("since",)), OPS["date_parts"].new(("since",), parts=["week", "hour"], drop=True)],
    "filter_rows": [
        OPS["filter_rows"].new(conditions=[{"column": "size", "test": "at least", "value": 9}]),
        OPS["filter_rows"].new(do="remove", how="any", conditions=[
            {"column": "city", "test": "is one of", "value": ["bern", "Zürich"]},
            {"column": "since", "test": "above", "value": "2024-03-01"},
            {"column": "nothing", "test": "is not missing"},
        ]),
    ],
    "drop_duplicates": [OPS["drop_duplicates"].new(("number",), keep="last"), OPS["drop_duplicates"].new(("paid",), when="here")],
    "drop_near_duplicates": [
        OPS["drop_near_duplicates"].new(("city", "size", "paid")), OPS["drop_near_duplicates"].new(("city",), keep="last"),
    ],
    "remove_outliers": [OPS["remove_outliers"].new(("size",), method=m) for m in ("iqr", "sd", "percentile", "forest")],
    "clip_outliers": [OPS["clip_outliers"].new(("size",))],
    "group_rare": [OPS["group_rare"].new(("city",))],
    "impute": [OPS["impute"].new(("size", "city"), numeric="constant", indicator=True)],
}  # fmt: skip
ALL = [pytest.param(step, id=f"{key}-{n}") for key, steps in STEPS.items() for n, step in enumerate(steps)]
ROW_WISE = [p for p in ALL if not (p.values[0].learned or p.values[0].removes_rows)]


@functools.cache
def kinds_of(names: tuple[str, ...]) -> tuple:
    return profile(table().set_axis(list(names), axis=1))


def settled(step: Step, frame: pd.DataFrame) -> Recipe:
    recipe, issues, _ = bind(Recipe((step,)), start(frame, kinds_of(tuple(frame.columns))))
    assert not [i for i in issues if i.fatal], issues
    return recipe


def same(a: pd.DataFrame, b: pd.DataFrame) -> None:
    pd.testing.assert_frame_equal(a, b, check_dtype=False, check_names=False)


def test_every_operation_is_tried() -> None:
    assert set(STEPS) == set(OPS)
    for op in OPS.values():
        assert op.label[0].isupper() and op.about.endswith(".")
        assert len({p.key for p in op.params}) == len(op.params)


@pytest.mark.parametrize("step", ALL)
def test_a_step_survives_json_and_says_what_it_does(step) -> None:
    recipe = settled(step, table())
    assert from_json(to_json(recipe), Recipe) == recipe
    again = load(dump(recipe, "a name"))
    assert [(s.op, s.columns, s.params) for s in again.steps] == [(s.op, s.columns, s.params) for s in recipe.steps]
    assert step.title and "None" not in step.title
    assert (step.learned, step.removes_rows) == (op_of(step).learned, op_of(step).removes_rows)


@pytest.mark.parametrize("step", ROW_WISE)
def test_a_row_alone_gives_what_it_gives_in_a_batch(step) -> None:
    frame = table()
    before = frame.copy()
    recipe = settled(step, frame)
    batch = apply_steps(frame, recipe)
    pd.testing.assert_frame_equal(frame, before)
    assert len(batch) == len(frame)
    for i in (0, 1, 7, 59):
        same(apply_steps(frame.iloc[[i]], recipe), batch.iloc[[i]])
    assert list(apply_steps(frame.iloc[:0], recipe).columns) == list(batch.columns)


@pytest.mark.parametrize("step", [p for p in ROW_WISE if op_of(p.values[0]).again])
def test_done_twice_it_does_what_it_does_once(step) -> None:
    once = apply_steps(table(), settled(step, table()))
    same(apply_steps(once, settled(step, table())), once)


@pytest.mark.parametrize("step", ALL)
def test_its_source_does_the_same(step) -> None:
    frame = table()
    recipe = settled(step, frame)
    source = notebook_source(recipe)
    assert "automl" not in source
    space = {"table": frame.copy()}
    exec(compile(source, "notebook", "exec"), space)
    pd.testing.assert_frame_equal(space["table"], apply_steps(frame, recipe))
    kept = space.get("kept_for_training", np.ones(len(frame), dtype=bool))
    np.testing.assert_array_equal(kept, training_row_mask(frame, recipe))
    if step.removes_rows and not step.learned:
        assert 0 < kept.sum() < len(frame)


@pytest.mark.parametrize("step", ALL)
def test_the_columns_it_foretells_are_those_it_makes(step) -> None:
    frame = table()
    recipe, _, flows = bind(Recipe((step,)), start(frame, kinds_of(tuple(frame.columns))))
    assert list(flows) == list(apply_steps(frame, recipe).columns)
    for flow in flows.values():
        assert set(flow.sources) <= set(frame.columns)


def with_names(step: Step, names: dict[str, str]) -> Step:
    """The step on columns of other names."""
    params = dict(step.params)
    if "formula" in params:
        return OPS["formula"].new(name="new", formula="[" + names["city"].replace("]", "]]") + "] & '!'")
    if "names" in params:
        params["names"] = {names["city"]: "town"}
    if "spellings" in params:
        params["spellings"] = {names["city"]: {"BERN": "Bern"}}
    if "conditions" in params:
        params["conditions"] = [{"column": names["city"], "test": "is", "value": "bern"}]
    return replace(step, columns=tuple(names[c] for c in step.columns), params=params)


@pytest.mark.parametrize("step", ALL)
def test_hostile_names_are_just_names(step) -> None:
    plain = table(12)
    for hostile in (HOSTILE, HOSTILE[::-1]):
        names = dict(zip(plain.columns, hostile, strict=False))
        frame = plain.rename(columns=names)
        recipe = settled(with_names(step, names), frame)
        made = apply_steps(frame, recipe)
        space = {"table": frame.copy()}
        exec(compile(notebook_source(recipe), "notebook", "exec"), space)
        pd.testing.assert_frame_equal(space["table"], made)


@pytest.mark.parametrize("step", ALL)
def test_a_table_of_missing_values_stays_one(step) -> None:
    frame = table()
    recipe = settled(step, frame)
    empty = pd.DataFrame(np.nan, index=range(5), columns=frame.columns)
    made = apply_steps(empty, recipe)
    assert len(made) == 5
    assert len(training_row_mask(empty, recipe)) == 5
    if step.op != "formula":
        assert made.isna().all(axis=None)


@pytest.mark.parametrize("step", ALL)
def test_what_is_not_there_and_wrong_values_get_a_sentence(step) -> None:
    frame = table()[["nothing"]].rename(columns={"nothing": "else"})
    _, issues, _ = bind(Recipe((step,)), start(frame, profile(frame)))
    assert [i.fatal for i in issues] == [step.op != "drop_columns"]  # what is not there needs no leaving out
    assert issues[0].message.endswith(".")
    pd.testing.assert_frame_equal(apply_steps(frame, Recipe((step,))), frame)
    with pytest.raises(RecipeError, match="no parameter 'surprise'"):
        op_of(step).check(replace(step, params={**step.params, "surprise": 1}))
    for param in op_of(step).params:
        if param.matters(step.params):
            with pytest.raises(RecipeError, match=r"\.$"):
                op_of(step).check(replace(step, params={**step.params, param.key: {"a": object()}}))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (OPS["date_parts"].new(("city",)), "this step is for columns of the kind date"),
        (OPS["clip_outliers"].new(("city",)), "this step is for columns of the kind number"),
        (OPS["rename"].new(names={"city": "note"}), "a column called 'note' already"),
        (OPS["rename"].new(names={"city": "x", "note": "x"}), "Two columns would be called 'x'"),
        (OPS["filter_rows"].new(conditions=[{"column": "size", "test": "above", "value": "2024-01-01"}]), "needs a number"),
        (OPS["filter_rows"].new(conditions=[{"column": "since", "test": "above", "value": 3}]), "needs a date"),
        (OPS["formula"].new(name="x", formula="city * 2"), "'city' holds text"),
        (OPS["spelling"].new(spellings={"city": {"a": "b", "b": "c"}}), "is a spelling to keep and one to change"),
        (OPS["drop_columns"].new(()), "Choose at least one column"),
    ],
    ids=lambda v: v.op if isinstance(v, Step) else "",
)  # fmt: skip
def test_what_does_not_fit_says_why(step, said) -> None:
    _, issues, _ = bind(Recipe((step,)), start(table(), profile(table())))
    assert said in issues[0].message


def test_steps_see_what_steps_before_them_made() -> None:
    steps = (
        OPS["parse"].new(("price",), unit="$"),
        OPS["rename"].new(names={"price": "cost"}),
        OPS["formula"].new(name="twice", formula="cost * 2"),
        OPS["filter_rows"].new(conditions=[{"column": "twice", "test": "below", "value": 100}]),
        OPS["drop_columns"].new(("cost",)),
    )
    frame = table()
    recipe, issues, flows = bind(Recipe(steps), start(frame, profile(frame)))
    assert issues == []
    assert flows["twice"].sources == ("price",) and flows["twice"].kind == "numeric"
    made = apply_steps(frame, recipe)
    assert made["twice"].iloc[0] == 2.0
    np.testing.assert_array_equal(training_row_mask(frame, recipe), made["twice"] < 100)
    space = {"table": frame.copy()}
    exec(compile(notebook_source(recipe), "notebook", "exec"), space)
    np.testing.assert_array_equal(space["kept_for_training"], made["twice"] < 100)


def test_no_step_touches_the_column_to_predict() -> None:
    frame = table()
    flows = start(frame, profile(frame), "paid")
    for step in (
        OPS["formula"].new(name="leak", formula="number + paid"),
        OPS["rename"].new(names={"paid": "x"}),
        OPS["rename"].new(names={"number": "paid"}),
        OPS["drop_columns"].new(("paid",)),
        OPS["formula"].new(name="paid", formula="number + 1"),
    ):
        _, issues, _ = bind(Recipe((step,)), flows, "paid")
        assert issues and issues[0].fatal and "paid" in issues[0].message
    rows = OPS["filter_rows"].new(conditions=[{"column": "paid", "test": "is", "value": "true"}])
    assert bind(Recipe((rows,)), flows, "paid")[1] == []


def test_replacing_has_no_patterns() -> None:
    frame = pd.DataFrame({"a": ["x" * 5_000 + "!", "(x+x+)+y", "a.c", "abc"]})
    step = OPS["replace"].new(("a",), pairs=[["(x+x+)+y", "found"], ["a.c", "dot"]], match="part")
    assert apply_steps(frame, Recipe((step,)))["a"].tolist()[1:] == ["found", "dot", "abc"]
