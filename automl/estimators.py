"""AutoMLClassifier and AutoMLRegressor: the engine as scikit-learn estimators.

>>> import pandas as pd
>>> from automl import AutoMLClassifier
>>> X = pd.DataFrame({"minutes": range(40), "plan": ["basic", "pro"] * 20})
>>> y = (X["minutes"] > 20).map({True: "stays", False: "leaves"})
>>> model = AutoMLClassifier(time_limit=20, max_candidates=1, families=["linear"], random_state=0).fit(X, y)
>>> str(model.predict(pd.DataFrame({"minutes": [2], "plan": ["pro"]}))[0])
'leaves'
"""

from __future__ import annotations

import io
import shutil
import tempfile
import time
import warnings
import weakref
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pandas.api.types import is_object_dtype
from scipy.sparse import issparse
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.validation import check_is_fitted

from automl import bundle as bundles
from automl import config, memory
from automl.data import profile
from automl.data.parse import to_plain
from automl.data.read import safe_names
from automl.data.words import count, shorten
from automl.errors import BundleError, DataError, ProblemError
from automl.problem import MIN_ROWS
from automl.spec import budget_of, looking_until, order
from automl.types import BuildSpec, Column, Recipe, SplitKind, Task, replace, standings

if TYPE_CHECKING:
    from sklearn.utils import Tags


ODD_TYPES = (pd.CategoricalDtype, pd.PeriodDtype, pd.IntervalDtype)


class _AutoML(BaseEstimator):
    """What both estimators share; see their docstrings."""

    def __init__(
        self,
        *,
        preset: str = "quick",
        time_limit: float | None = None,
        max_candidates: int | None = None,
        metric: str | None = None,
        families: list[str] | None = None,
        memory_limit: int | None = None,
        predict_limit: float | None = None,
        n_jobs: int | None = None,
        test_size: float | None = None,
        threshold: float | None = None,
        recipe: Any = None,
        random_state: int | None = None,
    ) -> None:
        self.preset = preset
        self.time_limit = time_limit
        self.max_candidates = max_candidates
        self.metric = metric
        self.families = families
        self.memory_limit = memory_limit
        self.predict_limit = predict_limit
        self.n_jobs = n_jobs
        self.test_size = test_size
        self.threshold = threshold
        self.recipe = recipe
        self.random_state = random_state

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.allow_nan = True
        tags.non_deterministic = self.max_candidates is None  # what the time allows differs
        return tags

    def _task(self, y: pd.Series) -> Task:
        raise TypeError("Use AutoMLClassifier or AutoMLRegressor.")

    @memory.few_collections()
    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> _AutoML:
        """Build a model within the time limit, which counts from this call to its return.

        Parameters
        ----------
        X : DataFrame or array of shape (rows, columns)
            Raw and dirty is fine: text, dates, categories, missing values, numbers in text.
        y : array of shape (rows,)
            Labels or values; rows without one are set aside.
        sample_weight : array of shape (rows,), optional
            Non-negative weights; rows of weight 0 are left out.
        groups : array of shape (rows,), optional
            Rows of one group are never in training and validation at once.

        Raises
        ------
        DataError, ProblemError
            There is nothing to learn: one class, no rows, an unknown metric or family.
        """
        started = time.monotonic()
        from automl.build import Processes
        from automl.build import fit as build

        frame, target = self._table(X, y)
        weight = _weights(sample_weight, len(frame))
        groups = _one_a_row("groups", groups, len(frame))
        if weight is not None and (counts := weight > 0).sum() < len(frame):
            frame, weight = frame[counts].reset_index(drop=True), weight[counts]
            groups = None if groups is None else groups[counts]
        budget = {
            "preset": self.preset,
            "seconds": self.time_limit,
            "candidates": self.max_candidates,
            "threads": _threads(self.n_jobs),
            "memory_mb": self.memory_limit,
            "predict_us": self.predict_limit,
            "max_rows": "preset" if self.time_limit is None else None,
        }
        allowed = budget_of(**budget)
        folder = Path(tempfile.mkdtemp(prefix="foretable-"))
        weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        families = tuple(self.families or ())
        with Processes(allowed, families, folder / "work") as processes:
            pool = processes.start(len(frame), frame.shape[1] - 1)
            began = time.monotonic()
            # a recipe of one's own counts on every column as it is
            until = looking_until(began, allowed) if self.recipe is None else None
            columns = profile.profile(frame, until=until, whole=(target,))
            spec = self._spec(frame, target, columns, budget, groups)
            sealed = build(
                frame,
                spec,
                target=folder / "bundle",
                scratch=folder / "work",
                hold_out=self.test_size is not None,
                sample_weight=weight,
                groups=groups,
                started=started,
                pool=pool,
                describing=time.monotonic() - began if self.recipe is None else 0.0,
            )
        self._adopt(bundles.load(sealed, verify=False))
        self.n_features_in_ = frame.shape[1] - 1
        if isinstance(X, pd.DataFrame) and all(isinstance(c, str) for c in X.columns):
            self.feature_names_in_ = np.array(X.columns, dtype=object)
        return self

    def _spec(
        self, frame: pd.DataFrame, target: str, columns: tuple[Column, ...], budget: dict[str, Any], groups: Any
    ) -> BuildSpec:
        """The order of the build."""
        spec = order(
            frame,
            columns,
            target,
            metric=self.metric,
            task=self._task(frame[target]),
            families=tuple(self.families or ()),
            threshold=self.threshold,
            recipe=_recipe(self.recipe),
            seed=self.random_state or 0,
            **budget,
        )
        split = spec.problem.split
        if self.test_size is not None:
            split = replace(split, test_share=self.test_size)
        if groups is not None:
            split = replace(split, kind=SplitKind.GROUP)
        return replace(spec, problem=replace(spec.problem, split=split))

    def _table(self, X: Any, y: Any) -> tuple[pd.DataFrame, str]:
        frame = _frame(X).reset_index(drop=True)
        if y is None:
            raise ProblemError(f"{type(self).__name__} requires y to be passed, but the target y is None.")
        values = y.to_numpy() if hasattr(y, "to_numpy") else np.asarray(y)
        if values.ndim == 2 and values.shape[1] == 1:
            warnings.warn(
                "A column-vector y was passed when a 1d array was expected. Pass y.ravel() instead.",
                DataConversionWarning,
                stacklevel=3,
            )
            values = values[:, 0]
        if values.ndim != 1 or len(values) != len(frame):
            raise ProblemError(
                f"X has {len(frame)} rows, y has the shape {values.shape}: give one target value a row."
            )
        if len(frame) < MIN_ROWS:
            raise ProblemError(
                f"X has {count(len(frame), 'sample')}, at least {MIN_ROWS} are needed. Add rows."
            )
        target = getattr(y, "name", None)
        target = str(target) if target is not None else "target"
        while target in frame.columns:
            target += "_"
        series = y.reset_index(drop=True) if isinstance(y, pd.Series) else pd.Series(values)
        if not isinstance(series.dtype, np.dtype):
            series = to_plain(series)  # categories, nullable types
        if series.dtype.kind == "c":
            raise ProblemError("Complex data not supported: y holds complex numbers. Pass real ones.")
        if series.isin([np.inf, -np.inf]).any():
            raise ProblemError("y contains infinity. Replace it by a number, or by NaN to set its row aside.")
        # put beside it, not into it: a table of many parts would be complained of
        return pd.concat([frame, series.rename(target)], axis=1), target

    def _inputs(self, X: Any) -> pd.DataFrame:
        """Rows to predict: columns by name where they have one that is known, else by position."""
        frame, spec = _frame(X), self.bundle_.spec
        names = [c.name for c in spec.columns if c.name != spec.problem.target]
        if isinstance(X, pd.DataFrame) and not set(names).isdisjoint(frame.columns):
            return frame
        if frame.shape[1] != self.n_features_in_:
            raise DataError(
                f"X has {frame.shape[1]} features, but {type(self).__name__} is expecting "
                f"{self.n_features_in_} features as input."
            )
        return frame.set_axis(names, axis=1)

    def _adopt(self, loaded: bundles.Bundle) -> None:
        self.bundle_ = loaded
        self.leaderboard_ = leaderboard_frame(loaded)
        self.problem_ = loaded.spec.problem
        model = loaded.model  # read from its files now: the first prediction must not wait for it
        if self.problem_.has_probabilities:
            self.classes_ = model.classes

    def _values(self, X: Any) -> np.ndarray:
        from automl.predict import predict_values

        check_is_fitted(self, "bundle_")
        return predict_values(self.bundle_, self._inputs(X))

    def predict(self, X: Any) -> np.ndarray:
        """Labels or values, one a row.

        Columns of a DataFrame are matched by name, in any order, and missing ones count as empty;
        those of an array by position.
        """
        values = self._values(X)
        return self.bundle_.model.decide(values)

    def save(self, path: str | Path) -> Path:
        """Write the fitted model as a folder that `load_model` and the command line read.

        Raises BundleError when the folder exists already.
        """
        check_is_fitted(self, "bundle_")
        target = Path(path)
        if target.exists():
            raise BundleError(f"'{target}' exists already. Choose another name or remove it first.")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(self.bundle_.folder, target)
        return target

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__().copy()
        loaded = state.pop("bundle_", None)
        if loaded is not None:  # the folder travels with the estimator
            packed = io.BytesIO()
            with zipfile.ZipFile(packed, "w") as archive:
                for path in sorted(p for p in loaded.folder.rglob("*") if p.is_file()):
                    archive.write(path, path.relative_to(loaded.folder))
            state["_packed"] = packed.getvalue()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        packed = state.pop("_packed", None)
        super().__setstate__(state)
        if packed is not None:
            folder = Path(tempfile.mkdtemp(prefix="foretable-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
            with zipfile.ZipFile(io.BytesIO(packed)) as archive:
                archive.extractall(folder)
            self.bundle_ = bundles.load(folder)


class AutoMLClassifier(ClassifierMixin, _AutoML):
    """Builds a classifier (two classes or more) within a time limit.

    Parameters
    ----------
    preset : {"quick", "standard"}
        Time limit and row cap where none is given (config.PRESETS).
    time_limit : float, optional
        Seconds from the call of `fit` to its return.
    max_candidates : int, optional
        Stop after so many candidates; with `random_state` the result is then reproducible bit for bit.
    metric : str, optional
        A name of automl.metrics; by default roc_auc for two classes, log_loss for more.
    families : list of str, optional
        Some of linear, xgboost, lightgbm, catboost, trees, mlp; by default all.
    memory_limit : int, optional
        MB that the whole build may use, this process included, without what it held before `fit`. What does not
        fit is left out, or learns from a sample of the rows; by default most of what is free.
    predict_limit : float, optional
        Microseconds that the models may take for a row of many, on one thread: fewer and smaller ones are used, which
        are a little less exact. 12 makes a prediction about five times as fast as the default (70 µs after a build of
        a minute, `engine.combine.most_us`); what reads the columns comes on top.
    n_jobs : int, optional
        Threads; by default all cores.
    test_size : float, optional
        Share of rows to hold out for a test score; by default none, the caller holds them.
    threshold : float, optional
        Of two classes, the probability from which on `predict` gives the outcome of interest; by default
        chosen on validation rows where the metric counts labels (f1, accuracy, balanced_accuracy), else 0.5.
    recipe : Recipe or path, optional
        A cleaning recipe, or the JSON file of one; the proposed one by default.
    random_state : int, optional

    Attributes
    ----------
    classes_ : ndarray of shape (classes,)
    leaderboard_ : DataFrame
        rank, candidate, family, state, metric, score, score_std, fit_seconds, predict_ms_per_row, reason.
    bundle_ : Bundle
    """

    def _task(self, y: pd.Series) -> Task:
        if y.nunique() == 1:
            raise ProblemError(
                f"y has only one class, '{shorten(y.dropna().iloc[0])}', so there is nothing to tell apart."
            )
        return Task.BINARY if y.nunique(dropna=True) <= 2 else Task.MULTICLASS

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities of shape (rows, classes), in the order of `classes_`."""
        return self._values(X)

    def predict_set(self, X: Any, level: float = 0.9) -> np.ndarray:
        """Which classes may be meant, as bools of shape (rows, classes), in the order of `classes_`.

        The true class is among them for a share `level` of rows (see automl.conformal). What `predict` says is among
        them too, unless none is: then no class is likely enough, and the row is worth a look.
        Raises PredictionError when so high a level can't be promised.
        """
        from automl.insight import sets

        return sets(self.bundle_, self._values(X), level)


class AutoMLRegressor(RegressorMixin, _AutoML):
    """Builds a regressor within a time limit. Parameters and attributes as of AutoMLClassifier."""

    def _task(self, y: pd.Series) -> Task:
        if not pd.api.types.is_numeric_dtype(y):
            number = profile.numbers_of(y)
            if number.isna().sum() > y.isna().sum():
                bad = y[number.isna() & y.notna()].iloc[0]
                raise ProblemError(
                    f"AutoMLRegressor predicts numbers, but y holds '{bad}'. Use AutoMLClassifier."
                )
        return Task.REGRESSION

    def predict_interval(self, X: Any, level: float = 0.9) -> np.ndarray:
        """Bounds of shape (rows, 2) that hold the true value for a share `level` of rows (see automl.conformal).

        Raises PredictionError when so high a level can't be promised.
        """
        from automl.insight import intervals

        return np.column_stack(intervals(self.bundle_, self._values(X), level))


def load_model(path: str | Path) -> AutoMLClassifier | AutoMLRegressor:
    """Read a model that `save`, the command line or the app wrote; verifies every file.

    Raises BundleError when it is damaged or predicts otherwise than when it was built.
    """
    loaded = bundles.load(path)
    bundles.check_parity(loaded)
    kind = AutoMLClassifier if loaded.spec.problem.has_probabilities else AutoMLRegressor
    model = kind(preset=loaded.spec.preset, metric=loaded.spec.problem.metric, random_state=loaded.spec.seed)
    model._adopt(loaded)
    model.n_features_in_ = len(loaded.spec.columns) - 1
    return model


def leaderboard_frame(loaded: bundles.Bundle) -> pd.DataFrame:
    """The leaderboard as a table, one candidate a row, best first."""
    return pd.DataFrame(standings(loaded.leaderboard)).astype({"rank": "Int64"})


def _frame(X: Any) -> pd.DataFrame:
    """X as a table whose columns have different names."""
    if isinstance(X, pd.DataFrame):
        frame, names = X, [str(c) for c in X.columns]
        if len(set(names)) < len(names):
            names = safe_names(names)[0]
        if names != list(X.columns):
            frame = X.set_axis(names, axis=1)
    elif issparse(X):
        raise DataError("X is sparse, which is not supported. Pass a dense array: X.toarray().")
    else:
        values = np.asarray(X)
        if values.ndim != 2:
            raise DataError(
                f"X must have two dimensions (rows, columns), not {values.ndim}. Reshape your data."
            )
        frame = pd.DataFrame(values, columns=[f"x{i}" for i in range(values.shape[1])])
    if not frame.shape[1]:
        raise DataError(f"X has 0 feature(s) (shape={frame.shape}) while a minimum of 1 is required.")
    if any(dtype.kind == "c" for dtype in frame.dtypes):
        raise DataError("Complex data not supported: X holds complex numbers. Pass real ones.")
    return _plain(frame)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """A table without lists, intervals and the like, which can neither be compared nor stored."""
    odd = [n for n, dtype in enumerate(frame.dtypes) if is_object_dtype(dtype) or isinstance(dtype, ODD_TYPES)]
    if odd:
        frame = frame.copy()
        for place in odd:
            frame.isetitem(place, to_plain(frame.iloc[:, place]))
    return frame


def _one_a_row(name: str, values: Any, rows: int) -> np.ndarray | None:
    if values is None:
        return None
    found = np.asarray(values)
    if found.shape != (rows,):
        raise ProblemError(f"{name} has the shape {found.shape}, X has {rows} rows: give one value a row.")
    return found


def _weights(values: Any, rows: int) -> np.ndarray | None:
    found = _one_a_row("sample_weight", values, rows)
    if found is None:
        return None
    found = found.astype(float)
    if not (np.isfinite(found) & (found >= 0)).all():
        raise ProblemError("sample_weight must hold numbers of 0 or more, without missing ones.")
    if not found.any():
        raise ProblemError("sample_weight is zero in every row: give some rows a weight above 0.")
    return found


def _recipe(given: Any) -> Recipe | None:
    if given is None or isinstance(given, Recipe):
        return given
    from automl.data.clean import document

    return document.load(Path(given).read_text(encoding="utf-8-sig"))


def _threads(n_jobs: int | None) -> int | None:
    if n_jobs is None:
        return None
    return config.available_threads() if n_jobs < 0 else max(1, n_jobs)
