"""Reports say what the bundle holds, as text that stays text, in one file that loads nothing."""

from __future__ import annotations

import dataclasses
import re
import shutil

import numpy as np
import pytest

from automl import bundle as bundles
from automl import insight
from automl.choices import Choices, Payoff, save
from automl.engine import doubt
from automl.evaluate import evaluate, learning
from automl.report import drawing, html, pdf
from automl.report.document import (
    Advice,
    Bars,
    Bullets,
    Columns,
    Document,
    Lines,
    Matrix,
    Numbers,
    Section,
    Series,
    Table,
    Text,
)
from automl.report.model import model_report, training_report
from automl.types import Problem, Task, Trial, TrialState

HOSTILE = "<script>alert(1)</script> & $x$ \x01 漢 🎉 " + "w" * 300
EVERY = (
    Text(HOSTILE),
    Text(HOSTILE, quiet=True),
    Bullets((HOSTILE,)),
    Numbers(((HOSTILE, "0.9", "detail"),) * 5),
    Table((HOSTILE, "n"), ((HOSTILE, "1"),) * 70, right=(1,)),
    Advice("high", HOSTILE, HOSTILE),
    Bars(HOSTILE, (HOSTILE, "b"), (0.5, -0.1), ("50 %", "-10 %"), (0.1, 0.1), marks=(0,)),
    Lines(HOSTILE, HOSTILE, "y", (Series("a", (0.0, 1.0), (0.0, 1.0)), Series(HOSTILE, (0.0,), (1.0,), points=True))),
    Columns(HOSTILE, HOSTILE, (0.0, 1.0, 2.0), (3.0, 4.0)),
    Matrix(HOSTILE, ("a", HOSTILE), ((1, 0), (0, 0))),
)


@pytest.fixture(scope="module")
def hostile():
    return Document(HOSTILE, HOSTILE, (Section(HOSTILE, EVERY),))


@pytest.fixture(scope="module")
def plain(churn_bundle):
    """The report of the small model, with nothing chosen later."""
    return model_report(churn_bundle, "Leaving")


def test_nothing_in_a_report_is_markup(hostile):
    page = html.render(hostile)
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 10
    assert not re.findall(r"<(?:img|link|iframe)|(?:src|href)=[\"'](?!#)", re.sub(r"<svg.*?</svg>", "", page, flags=re.DOTALL))
    assert "and 10 more" in page


def test_a_report_is_a_pdf_whatever_it_says(hostile):
    first = pdf.render(hostile)
    assert first.startswith(b"%PDF-") and first.rstrip().endswith(b"%%EOF")
    assert len(first) > 20_000


def test_the_same_report_has_the_same_bytes():
    document = Document("T", "s", (Section("a", (*EVERY[:2], EVERY[6])),))
    assert pdf.render(document) == pdf.render(document)
    assert html.render(document) == html.render(document)


def test_the_report_of_a_model_says_what_it_is_worth(churn_bundle):
    document = model_report(churn_bundle, "Leaving", version=2, date="2024-01-01", data="learned from customers.csv")
    page = html.render(document)
    found = churn_bundle.evaluation
    assert "Version 2 · 2 category prediction · predicts churn · learned from customers.csv · 2024-01-01" in page
    for text in (found["headline"]["value"], found["impact"][0]["column"], "ROC curve: area", "Definitions"):
        assert text in page
    for trial in churn_bundle.leaderboard:
        assert trial.candidate in page
    for note in churn_bundle.ledger:
        assert html.escape(note["message"]) in page
    assert [s.title for s in document.sections][:2] == ["How good it is", "Worth knowing"]
    assert html.escape(found["gain"]["sentence"]) in page
    for line in doubt.said(churn_bundle.leaderboard):
        assert html.escape(line) in page
    words = re.sub(r"<svg.*?</svg>|<style.*?</style>", "", page, flags=re.DOTALL)
    assert not re.search(r"\d\.\d{7,}|\bnan\b|\de-\d", words)


def test_the_report_explains_what_moves_a_prediction(churn_bundle, plain):
    blocks = next(s for s in plain.sections if s.title == "What moves a prediction").blocks
    found, _, _ = insight.column_influence(churn_bundle)
    first = max(found, key=lambda f: f.size[1])
    size = f"{100 * first.size[1]:.1f} points"
    assert blocks[0].text == f"{first.column} moves the chance of churn = yes most: by {size} on average."
    assert blocks[1].rows[0][:2] == (first.column, f"{size} ± {100 * first.error[1]:.1f}")
    said, drawn = blocks[3], blocks[4]
    effect = insight.column_effect(churn_bundle, first.column)
    assert said.lines[0] == insight.effect_title(churn_bundle.spec.problem, effect, 1)
    y = drawn.values if isinstance(drawn, Bars) else drawn.series[0].y
    assert y == pytest.approx(effect.mean(1))
    curves = next(s for s in plain.sections if s.title == "Curves").blocks
    gain, calibration = (next(b for b in curves if b.title.startswith(t)) for t in ("Gain", "Calibration"))
    assert gain.series[0].y == tuple(churn_bundle.evaluation["curves"]["yes"]["gain"]["found"])
    assert calibration.series[0].x == tuple(churn_bundle.evaluation["curves"]["yes"]["calibration"]["predicted"])


def test_a_threshold_of_money_says_what_it_brings(churn_bundle, plain, tmp_path):
    assert not re.search("per 1,000|1,000 rows that brings", html.render(plain))
    shutil.copytree(churn_bundle.folder, tmp_path / "model")
    loaded = bundles.load(tmp_path / "model")
    chosen = Choices(0.3, Payoff(hit=100.0, false_alarm=-10.0))
    save(loaded.folder, loaded.spec.problem, chosen)
    loaded = bundles.load(tmp_path / "model")
    held = loaded.test_rows()
    called = held.values[:, 1] >= 0.3
    profit = 1_000 * (100 * (called & (held.y == 1)).sum() - 10 * (called & (held.y == 0)).sum()) / len(held.y)
    page = html.render(model_report(loaded, "Leaving"))
    assert f"Of every 1,000 rows that brings {profit:,.0f} €" in page
    assert "rightly called 100, false alarm -10" in page


def test_the_training_report_has_every_curve(churn_bundle):
    titles = [getattr(b, "title", "") for s in training_report(churn_bundle, "Leaving").sections for b in s.blocks]
    assert "LightGBM" in titles
    assert any(t.startswith("Where ") for t in titles)


def test_two_small_charts_stand_beside_each_other():
    lines = [Lines(f"c{i}", "step", "score", (Series("a", (1.0, 2.0, 3.0), (0.1, 0.2, 0.3)),), across=3) for i in range(13)]
    pages = lambda blocks: pdf._written(Document("T", "", (Section("a", tuple(blocks)),)), 1.0)[1]  # noqa: E731
    assert pages(lines) < pages(dataclasses.replace(line, across=1) for line in lines) == 5
    assert html.render(Document("T", "", (Section("a", tuple(lines)),))).count('<figure class="across3"') == 13


def test_the_last_page_is_not_left_nearly_empty():
    line = Lines("c", "step", "score", (Series("a", (1.0, 2.0, 3.0), (0.1, 0.2, 0.3)),))
    document = Document("T", "", (Section("a", (line,) * 7),))  # three on a page, and one left over
    _, pages, filled = pdf._written(document, 1.0)
    assert (pages, filled < pdf.LEAST_FILLED) == (3, True)
    assert pdf.render(document).count(b"/Type /Page\n") == 2
    more = Document("T", "", (Section("a", (line,) * 8),))  # two of three: nothing to mend
    assert pdf.render(more) == pdf._written(more, 1.0)[0]


def test_candidates_that_had_no_time_are_one_line_of_the_report(churn_bundle, tmp_path):
    shutil.copytree(churn_bundle.folder, tmp_path / "model")
    loaded = bundles.load(tmp_path / "model")
    late = [Trial(f"Late {i}", "linear", TrialState.SKIPPED, "roc_auc", reason="no time was left") for i in range(4)]
    loaded.leaderboard = [*churn_bundle.leaderboard, *late]
    page, training = html.render(model_report(loaded, "Leaving")), html.render(training_report(loaded, "Leaving"))
    assert "4 more candidates" in page and "Late 2" not in page
    assert "4 more candidates" not in training and "Late 2" in training


def test_steps_are_whole_numbers():
    chart = Lines("c", "step", "score", (Series("a", (1.0, 2.0, 3.0), (0.1, 0.2, 0.3)),))
    assert all(float(t).is_integer() for t in drawing._draw(chart).axes[0].get_xticks())


def test_the_report_says_whether_more_rows_would_help(churn_bundle, tmp_path):
    shutil.copytree(churn_bundle.folder, tmp_path / "model")
    course = learning.describe(
        "Linear", "roc_auc", np.array([100, 200, 400, 800]), np.array([[.7, .75, .8, .85], [.71, .75, .81, .85]])
    )  # fmt: skip
    learning.keep(tmp_path / "model", course)
    page = html.render(model_report(bundles.load(tmp_path / "model"), "Leaving"))
    assert "Would more rows help?" in page and "twice the rows would gain about 0.05" in page


def test_the_report_of_values_shows_how_far_off_they_are():
    from automl.report import model as reports

    y = np.arange(100.0)
    problem = Problem("price", Task.REGRESSION, "rmse", ("size",))
    found = evaluate(problem, y, y + 1, baseline_prediction=np.full(100, 50.0))

    class Stand:
        spec = type("Spec", (), {"problem": problem})

        def test_rows(self):
            return None

    blocks = reports._errs(Stand(), found).blocks
    assert blocks[0].title.startswith("Predicted against actual") and blocks[0].series[0].points
    assert sum(blocks[1].counts) + sum(found["regression"]["residual_histogram"][k] for k in ("below", "above")) == 100


def test_a_threshold_that_was_chosen_later_counts(churn_bundle, tmp_path):
    from automl import bundle, choices

    folder = tmp_path / "bundle"
    shutil.copytree(churn_bundle.folder, folder)
    choices.save(folder, churn_bundle.spec.problem, choices.Choices(0.05))
    changed = bundle.load(folder)
    page = html.render(model_report(changed, "Leaving"))
    assert "from a probability of 5.0 % on" in page or "from a probability of 5.0% on" in page
    held = changed.test_rows()
    right = float((held.called(0.05) == held.y).mean())
    assert right != float((held.called(None) == held.y).mean())
    assert f"Right for {round(100 * right)} of 100" in page
