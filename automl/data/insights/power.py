"""Prediction power: what one column alone knows about the target, from 0 to 1.

A small model learns the target from the column alone on three quarters of the rows and predicts the
last quarter; the four quarters take turns. Its predictions are held against a plain guess:

- classes: 2 × AUC − 1 (Gini, Somers' D) of each class against the others, weighted by how frequent the
  classes are. 0 is a coin, 1 ranks every row right. It does not depend on how rare a class is.
- numbers: 1 − squared error / squared error of the mean (R²), of the values clipped at their 0.5 % and
  99.5 % quantiles or of their ranks, whichever is higher: outliers can't hide a copy.

SageMaker Canvas and Data Wrangler show the same figure (single-feature model, scaled to 0–1, 1 = likely
leak; AUC and R² in Data Wrangler's target leakage analysis); the predictive power score (PPS, Wetschoreck
et al. 2020) is the same idea with a decision tree, four folds and F1 or MAE, which depend on rarity.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from automl.data.insights.grouped import skill_of_groups, told_by_target
from automl.data.insights.outcome import LEAST_ROWS, Outcome
from automl.data.profile import dates_of, numbers_of
from automl.types import Column, ColumnKind

POWER_ROWS = 10_000
TEXT_ROWS = 4_000
FOLDS = 4
WORDS = 2_000  # of the most frequent ones
# Two trees: a coarse one for weak relations, a fine one for relations that are nearly exact.
TREES = ((4, 50), (9, 500))  # (depth, the smallest leaf is this part of the rows)
SMALLEST_LEAF = 5
# Of a table wider than this, numbers and dates are looked at in 16 equal parts first (a tenth of the time), and get
# their trees only where that shows something.
WIDE_COLUMNS, PARTS, PROMISING, IN_PARTS = 400, 16, 0.25, "mean of each sixteenth of its values"
MOST_GROUPS, BY_VALUE = 64, "mean of each value"  # columns with fewer values are judged together
FIRST_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True)
class Power:
    """`score` from 0 to 1, of `rows` that were looked at, `others` of them not of the largest class.

    `gaps` is what missingness alone knows about the target; `told` the other way round, how well the
    target tells where the column is missing: near 1, it is filled in for some outcomes only.
    """

    score: float
    how: str
    gaps: float = 0.0
    told: float = 0.0
    rows: int = 0
    others: int = 0


def prediction_power(frame: pd.DataFrame, columns: tuple[Column, ...], outcome: Outcome) -> dict[str, Power]:
    """The power of every column but the target, from at most 10,000 rows.

    Parameters
    ----------
    frame : DataFrame of shape (rows, columns)
    columns : tuple of Column
        Its profile.
    outcome : Outcome

    Returns
    -------
    dict
        Name → Power; empty where fewer than 20 rows have a target, or it has one value only.

    >>> table = pd.DataFrame({"x": range(200), "y": ["a"] * 100 + ["b"] * 100})
    >>> from automl.data.profile import profile
    >>> prediction_power(table, profile(table), Outcome.of(table, "y", number=False))["x"].score > 0.95
    True
    """
    seen = outcome.sample(frame, POWER_ROWS)
    aims = seen.aims() if len(seen.rows) else np.empty((0, 0))
    if len(seen.rows) < LEAST_ROWS or not aims.shape[1] or not aims.std(axis=0).any():
        return {}
    folds = seen.folds(FOLDS)
    others = 0 if seen.is_number else len(aims) - int(aims.sum(axis=0).max())
    table, found, wide = frame.iloc[seen.rows], {}, len(columns) > WIDE_COLUMNS
    looked = [c for c in columns if c.name != outcome.name and c.name in frame.columns]
    gaps = np.column_stack([table[c.name].isna().to_numpy(dtype=bool) for c in looked]) if looked else np.empty((0, 0))
    some, every = gaps.any(axis=0), gaps.all(axis=0)
    alone, told = np.zeros(len(looked)), np.zeros(len(looked))
    apart = some & ~every
    alone[apart] = skill_of_groups(gaps[:, apart].astype(np.int64), aims, folds, seen)
    told[apart] = told_by_target(gaps[:, apart], seen)
    known = _at_once(table, [c for c, none in zip(looked, every, strict=True) if not none], wide, aims, folds, seen)
    for i, column in enumerate(looked):
        how, score = known.get(column.name, ("no values", 0.0))
        if not every[i] and (how == "no values" or (how == IN_PARTS and score >= PROMISING)):
            how, score = max(_tries(table[column.name], column.kind, aims, folds, seen), key=lambda one: one[1])
        power = float(max(score, alone[i]))
        found[column.name] = Power(power, how, float(alone[i]), float(told[i]), len(seen.rows), others)
    return found


def _at_once(
    table: pd.DataFrame, columns: list[Column], wide: bool, aims: np.ndarray, folds: np.ndarray, outcome: Outcome
) -> dict[str, tuple[str, float]]:
    """Of columns whose rows fall into few groups, which can be judged together: how, and their skill."""
    hows, groups = {}, {}
    for column in columns:
        values = table[column.name]
        if wide and values.dtype.kind in "iufM":
            hows[column.name], groups[column.name] = IN_PARTS, _sixteenth(values)
        elif column.kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
            codes = _codes(values)
            if codes.max() < MOST_GROUPS:
                hows[column.name], groups[column.name] = BY_VALUE, codes
    if not groups:
        return {}
    scores = skill_of_groups(np.column_stack(list(groups.values())), aims, folds, outcome)
    return {name: (how, float(score)) for (name, how), score in zip(hows.items(), scores, strict=True)}


def skill(predicted: np.ndarray, aims: np.ndarray, outcome: Outcome) -> float:
    """How much better than a plain guess predictions are, from 0 to 1; see the top of this file."""
    if outcome.is_number:
        errors = ((aims - predicted) ** 2).sum(axis=0)
        plain = ((aims - aims.mean(axis=0)) ** 2).sum(axis=0)
        left = np.divide(errors, plain, out=np.ones_like(errors), where=plain > 0)
        return float(np.clip(1 - left.min(), 0.0, 1.0))
    ginis = [gini(predicted[:, i], aims[:, i] > 0) for i in range(aims.shape[1])]
    return float(np.clip(np.average(ginis, weights=outcome.shares), 0.0, 1.0))


def gini(scores: np.ndarray, wanted: np.ndarray) -> float:
    """2 × AUC − 1: pairs of a wanted and another row ranked right minus those ranked wrong, as a share.

    >>> gini(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.5
    """
    ones = int(wanted.sum())
    others = len(wanted) - ones
    if not ones or not others:
        return 0.0
    _, where, counts = np.unique(scores, return_inverse=True, return_counts=True)
    places = np.cumsum(counts) - (counts - 1) / 2  # the mean rank of equal scores
    auc = (places[where][wanted].sum() - ones * (ones + 1) / 2) / (ones * others)
    return float(2 * auc - 1)


# -- small models -------------------------------------------------------------------------


def _tries(
    values: pd.Series, kind: ColumnKind, aims: np.ndarray, folds: np.ndarray, outcome: Outcome
) -> list[tuple[str, float]]:
    """Names and skills of the small models that fit a column's kind."""

    def judged(name: str, predicted: np.ndarray) -> tuple[str, float]:
        return name, skill(predicted, aims, outcome)

    if kind is ColumnKind.NUMERIC:
        numbers = numbers_of(values).to_numpy(dtype=np.float64)
        return [judged("decision tree", p) for p in by_trees(ranks(numbers), aims, folds, outcome)]
    if kind is ColumnKind.DATETIME:
        return [judged("decision tree on date parts", p) for p in by_trees(_parts(values), aims, folds, outcome)]
    if kind in (ColumnKind.CATEGORICAL, ColumnKind.BOOLEAN):
        return [(BY_VALUE, _by_value(_codes(values), aims, folds, outcome))]
    tries = []
    if kind is ColumnKind.TEXT:  # trees on what ridge regression says undo its shrinking
        said = _by_words(values, aims, folds)
        tries = [judged("words", p) for p in (said, *by_trees(said, aims, folds, outcome))]
    text = values.astype("str").where(values.notna(), "")
    numbers = np.array([_first_number(v) for v in text])
    shape = np.column_stack([ranks(numbers), text.str.len().to_numpy(dtype=np.float64)])
    tries += [judged("number in it", p) for p in by_trees(shape, aims, folds, outcome)]
    start = text.str.extract(r"^(\D{1,6})", expand=False)
    return [*tries, ("how it begins", _by_value(_codes(start), aims, folds, outcome))]


def _first_number(text: str) -> float:
    found = FIRST_NUMBER.search(text)
    return float(found.group()[:15]) if found else np.nan


def ranks(numbers: np.ndarray) -> np.ndarray:
    """Numbers as their place among the distinct ones, missing and infinite ones apart; shape (rows, 1).

    Trees see only the order, and scikit-learn's keep 24 bits of a number, which stamps and keys exceed.
    """
    known = np.isfinite(numbers)
    out = np.full(len(numbers), -1.0)
    out[known] = np.unique(numbers[known], return_inverse=True)[1]
    return out[:, None]


def _parts(values: pd.Series) -> np.ndarray:
    stamps = pd.Series(dates_of(values)).reset_index(drop=True)
    known = stamps.notna().to_numpy()
    seconds = stamps.to_numpy().astype("datetime64[ns]").astype(np.int64) / 1e9
    parts = [ranks(np.where(known, seconds, np.nan))[:, 0]]
    for name in ("month", "day", "day_of_week", "hour"):
        part = getattr(stamps.dt, name).to_numpy(dtype=np.float64)
        if known.any() and np.ptp(part[known]) > 0:
            parts.append(np.where(known, part, -1.0))
    return np.column_stack(parts)


def _sixteenth(values: pd.Series) -> np.ndarray:
    """In which of 16 equal parts of the distinct numbers or dates each row lies; missing ones apart."""
    numbers = values.to_numpy()
    if numbers.dtype.kind == "M":
        numbers = np.where(values.notna(), numbers.astype("datetime64[ns]").astype(np.int64), np.nan)
    places = ranks(numbers.astype(np.float64))[:, 0]
    return np.where(places < 0, 0, 1 + (places * PARTS) // (places.max() + 1)).astype(np.int64)


def _codes(values: pd.Series) -> np.ndarray:
    return pd.factorize(values, use_na_sentinel=False)[0]


def _by_value(codes: np.ndarray, aims: np.ndarray, folds: np.ndarray, outcome: Outcome) -> float:
    return float(skill_of_groups(codes[:, None], aims, folds, outcome)[0])


def by_trees(x: np.ndarray, aims: np.ndarray, folds: np.ndarray, outcome: Outcome) -> list[np.ndarray]:
    """Predictions of a coarse and of a fine decision tree for rows that they did not learn from."""
    from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

    x, out = x.astype(np.float32), []
    for depth, parts in TREES:
        leaf = max(SMALLEST_LEAF, len(x) // parts)
        predicted = np.zeros_like(aims)
        for fold in range(FOLDS):
            mine = folds == fold
            if outcome.is_number:
                tree = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=leaf, random_state=0)
                predicted[mine] = tree.fit(x[~mine], aims[~mine]).predict(x[mine])
            else:
                tree = DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, random_state=0)
                tree.fit(x[~mine], outcome.codes[~mine])
                predicted[np.ix_(mine, tree.classes_)] = tree.predict_proba(x[mine])
        out.append(predicted)
    return out


def _by_words(values: pd.Series, aims: np.ndarray, folds: np.ndarray) -> np.ndarray:
    """Ridge regression on TF-IDF of the most frequent words (nothing but the words is learned outside folds)."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import Ridge

    predicted = np.tile(aims.mean(axis=0), (len(aims), 1))
    text = values.astype("str").where(values.notna(), "").to_numpy(dtype=object)
    try:
        words = TfidfVectorizer(max_features=WORDS, sublinear_tf=True).fit_transform(text)
    except ValueError:  # no word in any row
        return predicted
    for fold in range(FOLDS):
        mine = folds == fold
        learned = np.flatnonzero(~mine)[:TEXT_ROWS]
        model = Ridge(alpha=1.0, solver="sparse_cg", tol=1e-3, max_iter=60)
        model.fit(words[learned], aims[learned])
        predicted[mine] = np.asarray(model.predict(words[mine])).reshape(mine.sum(), -1)
    return predicted
