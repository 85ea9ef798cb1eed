"""Optuna spends the time that the portfolio leaves, around the families that did best."""

from __future__ import annotations

from typing import Any

from automl.engine.plan import Candidate
from automl.families import family, target_scale
from automl.types import Task, Trial, TrialState

TUNED_FAMILIES = 3  # the best so many families take turns


class Tuner:
    """Asks for the next candidate, family by family, and is told how each one did.

    With the same seed and the same order of answers it asks for the same candidates. `roots`: whether
    roots of the target are tried too.
    """

    def __init__(self, task: Task, sign: int, seed: int, roots: bool = False) -> None:
        self.task, self.sign, self.seed, self.roots = task, sign, seed, roots
        self._studies: dict[str, Any] = {}
        self._asked: dict[int, tuple[str, Any]] = {}
        self._count: dict[str, int] = {}
        self._turn = 0

    def next(self, number: int, finished: list[Trial]) -> Candidate | None:
        """The next candidate to try, or None when nothing finished that could be tuned."""
        best: dict[str, float] = {}
        for trial in finished:
            if trial.state is TrialState.COMPLETED and trial.family != "prior":
                best[trial.family] = max(best.get(trial.family, float("-inf")), self.sign * trial.score)
        ranked = sorted(best, key=lambda k: (-best[k], k))[:TUNED_FAMILIES]
        if not ranked:
            return None
        key = ranked[self._turn % len(ranked)]
        self._turn += 1
        trial = self._study(key).ask()
        params = family(key).search_space(trial, self.task)
        if self.roots:
            power = trial.suggest_categorical("target_power", [1.0, *target_scale.POWERS])
            params |= {"target_power": power} if power < 1 else {}
        self._asked[number] = (key, trial)
        self._count[key] = self._count.get(key, 0) + 1
        return Candidate(number, f"{family(key).label}, trial {self._count[key]}", key, params)

    def tell(self, trial: Trial) -> None:
        """Report a finished candidate (those of the portfolio are not known to the tuner)."""
        if trial.order not in self._asked:
            return
        import optuna

        key, asked = self._asked.pop(trial.order)
        if trial.state is TrialState.COMPLETED:
            self._study(key).tell(asked, self.sign * trial.score)
        else:
            self._study(key).tell(asked, state=optuna.trial.TrialState.FAIL)

    def _study(self, key: str) -> Any:
        if key not in self._studies:
            import optuna

            optuna.logging.set_verbosity(optuna.logging.WARNING)
            seed = self.seed + sum(map(ord, key))
            sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=5)
            self._studies[key] = optuna.create_study(direction="maximize", sampler=sampler)
        return self._studies[key]
