"""Each check before training speaks on a planted case, and is silent on a healthy table."""

from __future__ import annotations

import argparse
import shlex

import numpy as np
import pandas as pd
import pytest

from automl.commands import choices
from automl.data.profile import profile
from automl.findings.before import CHECKS, FIXES, PLACES, Table, all_checks, validate
from automl.findings.before.base import leave_out
from automl.findings.before.known_afterwards import by_name
from automl.types import ColumnKind, Recipe, Severity, SplitPlan, from_dict, replace, to_dict
from automl.types import Finding as F
from automl.ui import fixes

N = 800
RNG = np.random.default_rng(5)
DAY = pd.Timestamp("2023-01-01")


def healthy(n: int = N) -> pd.DataFrame:
    """Customers that leave or stay: weak signals only, nothing odd."""
    rng = np.random.default_rng(1)
    usage, plan = rng.normal(50, 10, n), rng.choice(["basic", "pro", "team"], n)
    risk = (usage - 50) / 20 + (plan == "basic") * 0.5 + rng.normal(0, 1, n)
    return pd.DataFrame(
        {
            "usage": usage.round(5),
            "plan": plan,
            "calls": rng.poisson(3, n),
            "left": np.where(risk > 0.7, "yes", "no"),
        }
    )


def found(frame: pd.DataFrame, target: str = "left", *, kinds=None, **options) -> dict[str, list[F]]:
    columns = tuple(replace(c, kind=(kinds or {}).get(c.name, c.kind)) for c in profile(frame))
    out: dict[str, list[F]] = {}
    for finding in validate(Table.of(frame, columns, target, **options)):
        out.setdefault(finding.code, []).append(finding)
    return out


YES = healthy()["left"].to_numpy() == "yes"


def with_(**columns) -> pd.DataFrame:
    return healthy().assign(**columns)


def some_missing(share: float) -> pd.DataFrame:
    frame = healthy()
    frame.loc[: int(share * N), "left"] = None
    return frame


def groups() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    who = rng.integers(0, 80, N)
    level = rng.normal(size=80)[who]
    return pd.DataFrame(
        {
            "customer_id": who + 1000, "city": who % 17, "born": 1950 + who % 40, "x": rng.normal(size=N),
            "y": level + rng.normal(0, 0.3, N),
        }
    )  # fmt: skip


def dated(drift: float) -> pd.DataFrame:
    frame = healthy()
    frame["signed"] = DAY + pd.to_timedelta(np.arange(N), unit="D")
    late = (np.arange(N) > 0.8 * N) & (np.random.default_rng(4).random(N) < drift)
    frame["left"] = np.where(late, "yes", frame["left"])
    return frame


def rare() -> pd.DataFrame:
    frame = healthy()
    frame.loc[:3, "left"] = "perhaps"
    return frame


def gaps() -> pd.DataFrame:
    frame = healthy()
    frame["rest"] = np.where(np.arange(N) % 25 == 0, 1.0, np.nan)
    frame["mostly"] = np.where(np.arange(N) % 25 == 1, 1.0, np.nan)
    return frame


def gaps_everywhere() -> pd.DataFrame:
    frame, at = healthy(), np.arange(N)
    return frame.assign(**{name: frame[name].where(at % 3 != i) for i, name in enumerate(("usage", "plan", "calls"))})


def near_copies() -> pd.DataFrame:
    first = healthy().assign(note=[f"a b c {i}" for i in range(N)], id=[f"K{i}" for i in range(N)])
    again = first.head(60).assign(plan=lambda t: t["plan"].str.upper() + " ", id=[f"Z{i}" for i in range(60)])
    return pd.concat([first, again], ignore_index=True)


late_refund = DAY + pd.to_timedelta(np.arange(N) % 300, unit="D")
CASES: dict[str, tuple[pd.DataFrame, str, dict, Severity, str]] = {
    # name: table, code, options, severity, action of the fix
    "unique text": (with_(left=[f"case {i}" for i in range(N)]), "target_refused", {}, Severity.HIGH, "choose_target"),
    "dates": (with_(left=late_refund), "target_refused", {}, Severity.HIGH, "target_part"),
    "texts with numbers": (
        with_(left=[f"about {i % 399}.{i % 7} kg of {i}" for i in range(N)]), "target_refused", {}, Severity.HIGH, "target_part",
    ),
    "one value": (with_(left="yes"), "target_refused", {}, Severity.HIGH, "choose_target"),
    "nothing to learn from": (
        pd.DataFrame({"left": YES, "ref": [f"R{i:05d}" for i in RNG.permutation(N)], "land": "NL"}),
        "target_refused", {}, Severity.HIGH, "keep_columns",
    ),
    "alone": (pd.DataFrame({"left": YES}), "target_refused", {}, Severity.HIGH, "join_table"),
    "wrong choice": (healthy(), "target_refused", {"task": "regression"}, Severity.HIGH, "reset_choices"),
    "mixed target": (
        with_(left=[str(i % 90) if i % 5 else f"n.k. {i % 9}" for i in range(N)]), "target_mixed", {}, Severity.WARNING, "change_kind",
    ),
    "words in a target of numbers": (
        with_(left=[str(i / 7) if i % 5 else "n.k." for i in range(N)]), "target_mixed", {}, Severity.WARNING, "show_rows",
    ),
    "words among few numbers": (
        with_(left=[str(i % 9) if i % 8 else "n.k." for i in range(N)]), "target_mixed",
        {"kinds": {"left": ColumnKind.NUMERIC}}, Severity.WARNING, "change_kind",
    ),
    "missing target": (some_missing(0.3), "target_missing", {}, Severity.WARNING, "count_missing"),
    "some missing": (some_missing(0.05), "target_missing", {}, Severity.INFO, "count_missing"),
    "missing amounts": (some_missing(0.3).assign(left=lambda t: t["usage"].where(t["left"].notna())), "target_missing", {}, Severity.WARNING, "count_missing"),
    "three missing": (some_missing(0.003), "target_missing", {}, Severity.INFO, "show_rows"),
    "stars": (
        with_(left=RNG.integers(1, 6, N)), "wrong_model_type", {}, Severity.INFO, "choose_task",
    ),
    "copy": (with_(again=np.where(YES, "YES", "No ")), "target_copy", {}, Severity.HIGH, "exclude_columns"),
    "recoded": (with_(code=np.where(YES, 17, 4)), "target_copy", {}, Severity.HIGH, "exclude_columns"),
    "noisy copy": (
        with_(score=YES * 10 + RNG.normal(size=N)), "target_leakage", {}, Severity.HIGH, "exclude_columns",
    ),
    "missing iff": (
        with_(paid=np.where(YES, RNG.normal(size=N), np.nan)), "target_leakage", {}, Severity.HIGH, "exclude_columns",
    ),
    "strong": (
        with_(score=YES * 2.6 + RNG.normal(size=N)), "target_leakage", {}, Severity.WARNING, "exclude_columns",
    ),
    "by name": (
        with_(refund_sum=YES * 0.8 + RNG.normal(size=N)), "known_afterwards", {}, Severity.WARNING, "exclude_columns",
    ),
    "by date": (
        with_(opened=late_refund, ticket=late_refund + pd.to_timedelta(RNG.integers(5, 40, N) + 20 * YES, unit="D")),
        "known_afterwards", {}, Severity.WARNING, "exclude_columns",
    ),
    "labels": (with_(left=RNG.choice([f"l{i}" for i in range(60)], N)), "too_many_labels", {}, Severity.WARNING, "group_labels"),
    "labels that are numbers": (
        with_(left=RNG.integers(0, 60, N)), "too_many_labels", {"task": "multiclass"}, Severity.WARNING, "choose_task",
    ),
    "labels of five rows": (with_(left=[f"l{i % 160}" for i in range(N)]), "too_many_labels", {}, Severity.WARNING, "append_rows"),
    "rare": (rare(), "rare_classes", {}, Severity.WARNING, "choose_metric"),
    "several rare": (rare().assign(left=lambda t: [w if i > 15 else f"odd {i % 3}" for i, w in enumerate(t["left"])]), "rare_classes", {}, Severity.WARNING, "choose_metric"),
    "rare, scored alike": (rare(), "rare_classes", {"metric": "balanced_accuracy"}, Severity.INFO, "drop_labels"),
    "imbalance": (with_(left=np.where(np.arange(N) % 40 == 0, "yes", "no")), "class_imbalance", {}, Severity.INFO, "choose_metric"),
    "few rows": (healthy(300), "few_rows", {}, Severity.WARNING, "append_rows"),
    "gaps": (gaps(), "no_complete_row", {}, Severity.WARNING, "exclude_columns"),
    "gaps everywhere": (gaps_everywhere(), "no_complete_row", {}, Severity.WARNING, "switch_step_on"),
    "groups": (groups().rename(columns={"y": "left"}), "groups_repeat", {}, Severity.WARNING, "split_group"),
    "dated": (dated(0), "time_order", {}, Severity.INFO, "split_time"),
    "drift": (dated(0.6), "time_order", {}, Severity.WARNING, "split_time"),
    "copies": (pd.concat([healthy()] * 2, ignore_index=True), "duplicate_rows", {}, Severity.WARNING, "switch_step_on"),
    "few copies": (pd.concat([healthy(), healthy().head(9)], ignore_index=True), "duplicate_rows", {}, Severity.INFO, "switch_step_off"),
    "near copies": (near_copies(), "duplicate_rows", {}, Severity.WARNING, "switch_step_on"),
    "mixed": (
        with_(size=[str(i % 70) if i % 4 else f"large {i % 7}" for i in range(N)]), "mixed_types", {}, Severity.WARNING, "change_kind",
    ),
    "identifier": (with_(ref=[f"R{i:05d}" for i in RNG.permutation(N)]), "identifiers", {}, Severity.INFO, "keep_columns"),
    "nearly": (
        with_(town=[f"t{i}" for i in RNG.integers(0, 2000, N)]), "identifiers",
        {"kinds": {"town": ColumnKind.CATEGORICAL}}, Severity.WARNING, "exclude_columns",
    ),
    "constant": (with_(land="NL"), "constants", {}, Severity.INFO, "keep_columns"),
    "nearly constant": (with_(land=["NL"] * (N - 2) + ["BE", "DE"]), "constants", {}, Severity.INFO, "exclude_columns"),
}  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_planted_case_is_found_with_its_fix(case) -> None:
    frame, code, options, severity, action = CASES[case]
    finding = found(frame, **options)[code][0]
    assert finding.severity is severity
    assert (finding.fix.action if finding.fix else "") == action
    assert from_dict(to_dict(finding), F) == finding


def draft_of(options: dict) -> dict:
    kinds = {name: kind.value for name, kind in options.get("kinds", {}).items()}
    return {"target": "left", **{k: v for k, v in options.items() if k != "kinds"}, **({"kinds": kinds} if kinds else {})}


def looked(frame: pd.DataFrame, draft: dict) -> list[F]:
    """What is found in a draft's data, as the build page and the shell look at it."""
    kinds = {name: ColumnKind(kind) for name, kind in draft.get("kinds", {}).items()}
    columns = tuple(replace(c, kind=kinds[c.name], kind_by_user=True) if c.name in kinds else c for c in profile(frame))
    return validate(Table.of(frame, columns, draft["target"], steps=fixes.steps(draft), **fixes.choices(draft)))


def said_in_the_shell(flags: list[str], frame: pd.DataFrame, target: str) -> tuple:
    """What a command makes of flags: target, kinds, choices, steps."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--target", default=target)
    choices.arguments(parser)
    args = parser.parse_args(flags)
    columns = choices.with_kinds(args, profile(frame))
    kinds = {c.name: c.kind.value for c in columns if c.kind_by_user}
    about = choices.of_problem(args)
    about["split"] = SplitPlan(about["split"], column=about["split_column"]) if about["split"] else None
    return args.target, kinds, {k: v for k, v in about.items() if k != "split_column"}, choices.of_steps(args)


@pytest.mark.parametrize("case", CASES)
def test_every_way_to_mend_it_does_and_can_be_taken_back(case) -> None:
    frame, code, options, _, _ = CASES[case]
    draft = draft_of(options)
    finding = next(f for f in looked(frame, draft) if f.code == code)
    assert finding.fixes, "every finding can be mended, or leads to where it can be"
    for fix in finding.fixes:
        assert fix.action in (*FIXES, *PLACES) and len(fix.label) <= 40
        mended = fixes.apply(draft, finding, fix)
        if fix.action in PLACES:
            assert mended == draft
            continue
        left = [f for f in looked(frame, mended) if f.code == code and f.columns == finding.columns]
        assert all(f.severity is Severity.INFO for f in left), (fix, left)
        assert not any(fix in f.fixes for f in left)
        assert "target_refused" not in {f.code for f in looked(frame, mended)}
        assert fixes.apply(mended, finding, fix) == mended  # pressed twice
        (record,) = mended["mended"]
        assert fixes.is_in_force(mended, record) and fixes.said(record)
        assert fixes.undo(mended, 0) == draft
        if fix.action == "reset_choices":
            continue
        target, kinds, about, steps = said_in_the_shell(shlex.split(choices.flag_of(fix)), frame, "left")
        kinds = {**draft.get("kinds", {}), **kinds} if target == "left" else kinds
        assert (target, kinds, steps) == (mended["target"], mended.get("kinds", {}), fixes.steps(mended))
        assert about == {**fixes.choices(mended), **{k: None for k in ("task", "metric") if k in options and not about[k]}}


def test_what_was_mended_is_forgotten_where_it_was_chosen_otherwise() -> None:
    frame = with_(left=RNG.choice([f"l{i}" for i in range(60)], N), land="NL")
    draft = {"target": "left"}
    many = next(f for f in looked(frame, draft) if f.code == "too_many_labels")
    draft = fixes.with_least_rows(fixes.apply(draft, many), 16)
    assert fixes.said(draft["mended"][0]) == "Labels with fewer than 16 rows count as other"
    assert not fixes.is_in_force({**draft, "task": "regression"}, draft["mended"][0])  # a number has no labels
    land = next(f for f in looked(frame, draft) if f.code == "constants")
    both = fixes.apply(draft, land)
    assert [fixes.is_in_force({**both, "kept": []}, r) for r in both["mended"]] == [True, False]
    assert fixes.undo(fixes.undo(both, 0), 0) == {"target": "left"}


def test_the_plan_has_the_step_that_sets_near_copies_aside() -> None:
    from automl.data.clean import propose, training_row_mask
    from automl.spec import step_key

    frame = near_copies()
    fix = found(frame)["duplicate_rows"][0].fix
    (step,) = [s for s in propose(frame, profile(frame), "left").steps if s.op == "drop_near_duplicates"]
    assert (step_key(step), step.enabled, step.effect) == (fix.value, False, {"rows": 60})
    mask = training_row_mask(frame, Recipe((replace(step, enabled=True),)))
    assert mask.tolist() == [True] * N + [False] * 60


def test_every_check_has_a_case() -> None:
    assert {c.code for c in all_checks()} == {code for _, code, *_ in CASES.values()}
    assert len(all_checks()) == len(CHECKS) == len({c.code for c in all_checks()})


def test_a_healthy_table_is_met_with_silence() -> None:
    assert found(healthy()) == {}


def test_what_the_user_left_out_is_not_spoken_of() -> None:
    frame = with_(again=YES, ref=range(N))
    assert "target_copy" in found(frame)
    assert "target_copy" not in found(frame, excluded=["again"])


def test_a_split_that_was_chosen_is_not_suggested_again() -> None:
    from automl.types import SplitKind, SplitPlan

    frame = groups()
    assert "groups_repeat" in found(frame, "y")
    assert "groups_repeat" not in found(frame, "y", split=SplitPlan(SplitKind.GROUP, column="customer_id"))


def test_a_column_left_out_still_says_which_rows_belong_together() -> None:
    from automl.types import SplitKind, SplitPlan

    alike = found(groups(), "y", excluded=["customer_id"])["groups_repeat"][0]
    assert alike.fix.columns == ("customer_id",)
    assert "it alone knows the target" in alike.message
    assert found(dated(0.6), excluded=["signed"])["time_order"][0].fix.columns == ("signed",)
    assert "time_order" not in found(dated(0.6), excluded=["signed"], split=SplitPlan(SplitKind.TIME, column="signed"))
    told = with_(paid=DAY + pd.to_timedelta(YES * 400 + np.arange(N) % 300, unit="D"))
    assert "time_order" not in found(told, excluded=["paid"])  # its order is that of the outcomes


def test_the_sentences_hold_the_numbers() -> None:
    gap = found(with_(paid=np.where(YES, RNG.normal(size=N), np.nan)))["target_leakage"][0]
    assert "it is filled in 100 % of the rows with 'yes' and 0 % of those with 'no'" in gap.message
    missing = found(some_missing(0.3))["target_missing"][0]
    assert "241 of 800 rows (30.1 %)" in missing.message
    group = found(groups(), "y")["groups_repeat"][0]
    assert group.fix.columns == ("customer_id",)
    assert "Each of the 80 values of 'customer_id' has about 10 rows" in group.message


def test_of_few_rows_a_strong_column_is_no_alarm() -> None:
    frame = with_(score=YES * 10.0 + RNG.normal(size=N)).head(60)
    assert found(frame)["target_leakage"][0].severity is Severity.WARNING


def test_an_identifier_in_the_order_of_the_target_is_told() -> None:
    frame = healthy().sort_values("left", ignore_index=True).assign(id=range(N))
    finding = found(frame)["target_leakage"][0]
    assert (finding.severity, finding.columns, finding.fix) == (Severity.WARNING, ("id",), leave_out("id"))


def test_of_a_sample_the_whole_is_spoken_of() -> None:
    frame = healthy()
    columns = tuple(replace(c, missing=c.missing * 10) for c in profile(frame))
    table = Table.of(frame, columns, "left", rows=8000)
    assert sum(table.class_counts.values()) == 8000
    assert not [f for f in validate(table) if f.code == "few_rows"]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("refund_amount", "'refund'"), ("ChurnReason", "the target 'churn'"), ("churn_date", "the target 'churn'"),
        ("city", ""), ("finality", ""), ("closedAt", "'closed'"), ("", ""), ("<b>", ""),
    ],
)  # fmt: skip
def test_names_that_speak_of_afterwards(name, said) -> None:
    assert by_name(name, "churn") == said


def test_a_check_that_fails_is_passed_over(monkeypatch) -> None:
    from automl.findings.before.few_rows import FewRows

    monkeypatch.setattr(FewRows, "look", lambda self, table: 1 / 0)
    assert found(with_(land="NL"))["constants"]


@pytest.mark.parametrize("target", ["a", "b", "c"])
def test_odd_tables_pass(target) -> None:
    frame = pd.DataFrame({"a": [np.inf, 1.0, None, 2.0] * 15, "b": ["<b>", "=1", None, "x"] * 15, "c": [None] * 60})
    for part in (frame, frame.head(1), frame.head(6)):
        assert isinstance(found(part, target), dict)
