"""Features beyond the columns themselves: what a value's rows had as outcome, how common it is, pairs.

For families of trees, which find the rest by themselves. What looks at the target is cross-fitted:
see `target_means`.
"""

from __future__ import annotations

import itertools
from typing import Any, Self

import numpy as np

from automl.features.categories import Categories
from automl.features.pairs import MAX_PAIRS, Pairs, explained, in_bins
from automl.features.target_means import TargetMeans
from automl.features.typed import one_number

LOOK_ROWS = 6_000  # training rows that are enough to choose pairs of numbers
MAX_VALUES = 50_000  # of a column of words that are told apart
MANY_VALUES = 8  # fewer are split as well as they are
MAX_OUTCOMES = 4  # classes whose share is a column
MAX_MEANS, MAX_CROSSED, MAX_COUNTS, MAX_AMOUNTS = 16, 12, 8, 4  # columns each
MAX_TEXTS, MAX_DATES = 2, 3  # columns looked at, each gives up to three
CHANCE = 3.0  # standard deviations beyond what noise explains; means of noise do harm
CROSSED_PARENTS = 5
CROSSED_SURPLUS = 0.003  # share of the variance that two columns must explain beyond the better one
# Texts and whole numbers that come back are names of something: a shop, a product, a customer.
NAME_ROWS = 2.5  # rows a value, on average
ORDERED_BINS = 32  # of numbers in their order
NAME_VALUES = 30  # different whole numbers at least; fewer are split as well as they are
MANY_NAMES = 100  # values of a column of words from which on they are rather names than kinds
MOSTLY_NUMBERS = 0.9  # of the different values of a column of words hold one number
MAX_RICH = MAX_MEANS + MAX_CROSSED + MAX_COUNTS + MAX_AMOUNTS + MAX_PAIRS + 3 * MAX_TEXTS + 3 * MAX_DATES
DAYS = np.timedelta64(86_400_000_000_000, "ns")


class Rich:
    """Learned from typed columns and the numbers made of them; at most `MAX_RICH` columns.

    Parameters
    ----------
    kinds : dict
        Column name → kind.
    """

    def __init__(self, kinds: dict[str, str]) -> None:
        self.kinds = kinds

    def fit_transform(
        self, columns: dict[str, np.ndarray], numbers: np.ndarray, targets: np.ndarray, weight: np.ndarray
    ) -> np.ndarray:
        """Learn, and give the training rows' features.

        Parameters
        ----------
        columns : dict
            Typed columns by name, each of shape (rows,).
        numbers : ndarray of shape (rows, numeric columns)
        targets : ndarray of shape (rows, outcomes)
            See `target_means.outcomes`.
        weight : ndarray of shape (rows,)
        """
        sample = np.random.default_rng(0).permutation(len(targets))[:LOOK_ROWS]
        seen = np.column_stack([np.searchsorted(np.sort(t), t) for t in targets.T])  # ranks
        self.words = {n: Categories("codes", MAX_VALUES).fit(columns[n]) for n in self._named("categorical")}
        for n in [*self._named("text"), *self._named("numeric")]:
            if names_something(columns[n]) and tells_by_name(columns[n], seen):
                self.words[n] = Categories("codes", MAX_VALUES).fit(as_words(columns[n]))
        codes = self._codes(columns)
        many = [n for n, block in self.words.items() if len(block.values) > MANY_VALUES]
        strength = {n: explained(codes[n], seen) for n in codes}
        strongest = sorted(codes, key=lambda n: -strength[n])
        each = targets.shape[1]
        telling = [n for n in strongest if n in many and strength[n] > by_chance(codes[n])]
        self.encoded = [[n] for n in telling][: MAX_MEANS // each]
        crossed = []
        for pair in itertools.combinations(strongest[:CROSSED_PARENTS], 2):
            both = np.unique(self._keys(pair, codes), return_inverse=True)[1]
            surplus = explained(both, seen) - max(strength[n] for n in pair)
            if surplus > max(CROSSED_SURPLUS, by_chance(both)):
                crossed.append((-surplus, list(pair)))
        self.encoded += [pair for _, pair in sorted(crossed)][: MAX_CROSSED // each]
        self.means = [TargetMeans() for _ in self.encoded]
        encoded = [
            block.fit_transform(self._keys(names, codes), targets, weight)
            for names, block in zip(self.encoded, self.means, strict=True)
        ]
        self.counts = {
            n: np.log1p(np.bincount(codes[n], minlength=len(self.words[n].values) + 2)).astype(np.float64)
            for n in [n for n in strongest if n in many][:MAX_COUNTS]
        }
        words = set(self._named("categorical"))
        self.amounts = [n for n in many if n in words and holds_numbers(self.words[n].values)][:MAX_AMOUNTS]
        self._read_amounts()
        self.pairs = Pairs().fit(numbers[sample], seen[sample])
        self.timed = [n for n in self._named("datetime")[:MAX_DATES] if has_time_of_day(columns[n])]
        return self._assemble(columns, numbers, codes, encoded)

    def transform(self, columns: dict[str, np.ndarray], numbers: np.ndarray) -> np.ndarray:
        """Any rows, shape (rows, features)."""
        codes = self._codes(columns)
        encoded = [
            block.transform(self._keys(names, codes))
            for names, block in zip(self.encoded, self.means, strict=True)
        ]
        return self._assemble(columns, numbers, codes, encoded)

    def _named(self, kind: str) -> list[str]:
        return [n for n, k in self.kinds.items() if ("categorical" if k == "boolean" else k) == kind]

    def _codes(self, columns: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        """0 for missing, then the values, then what is not known."""
        return {n: block.codes(as_words(columns[n])) + 1 for n, block in self.words.items()}

    def _keys(self, names: Any, codes: dict[str, np.ndarray]) -> np.ndarray:
        """One whole number for the values of one or two columns."""
        keys = codes[names[0]]
        for name in names[1:]:
            keys = keys * (len(self.words[name].values) + 2) + codes[name]
        return keys

    def _assemble(
        self,
        columns: dict[str, np.ndarray],
        numbers: np.ndarray,
        codes: dict[str, np.ndarray],
        encoded: list[np.ndarray],
    ) -> np.ndarray:
        blocks = [*encoded, *(counts[codes[n]] for n, counts in self.counts.items())]
        blocks += [self._amounts(n, columns[n], codes[n]) for n in self.amounts]
        blocks.append(self.pairs.transform(numbers))
        blocks += [text_shape(columns[n]) for n in self._named("text")[:MAX_TEXTS]]
        dates = self._named("datetime")[:MAX_DATES]
        blocks += [days_between(columns[a], columns[b]) for a, b in itertools.combinations(dates, 2)]
        blocks += [time_of_day(columns[n]) for n in self.timed]
        return np.column_stack(blocks)

    def _amounts(self, name: str, words: np.ndarray, codes: np.ndarray) -> np.ndarray:
        """The number in each word; words that were not there are read as well."""
        out = self.read[name][codes]
        for i in np.flatnonzero(codes == len(self.read[name]) - 1):
            out[i] = one_number(words[i])
        return out

    def _read_amounts(self) -> None:
        self.read = {
            n: np.array([np.nan, *map(one_number, self.words[n].values), np.nan]) for n in self.amounts
        }

    def output_names(self, names: list[str]) -> list[str]:
        """Of the columns that `transform` gives; `names` are those of the numeric columns."""
        out = []
        for columns, block in zip(self.encoded, self.means, strict=True):
            label, size = " and ".join(columns), block.means.shape[1]
            out += [f"{label} outcome" + (f" {k + 1}" if size > 1 else "") for k in range(size)]
        out += [f"{n} count" for n in self.counts] + [f"{n} number" for n in self.amounts]
        out += self.pairs.output_names(names)
        for n in self._named("text")[:MAX_TEXTS]:
            out += [f"{n} length", f"{n} words", f"{n} digits"]
        dates = self._named("datetime")[:MAX_DATES]
        out += [f"{a} minus {b} in days" for a, b in itertools.combinations(dates, 2)]
        for n in self.timed:
            out += [f"{n} time sin", f"{n} time cos"]
        return out

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        document = {
            "words": {n: block.state() for n, block in self.words.items()},
            "encoded": self.encoded,
            "counts": list(self.counts),
            "amounts": self.amounts,
            "pairs": self.pairs.pairs,
            "timed": self.timed,
        }
        arrays = {f"counts {i}": counts for i, counts in enumerate(self.counts.values())}
        for i, block in enumerate(self.means):
            arrays |= {f"means {i} {k}": v for k, v in block.state().items()}
        return document, arrays

    @classmethod
    def from_state(
        cls, kinds: dict[str, str], document: dict[str, Any], arrays: dict[str, np.ndarray]
    ) -> Self:
        block = cls(kinds)
        block.words = {n: Categories.from_state(s) for n, s in document["words"].items()}
        block.encoded, block.amounts, block.timed = (document[k] for k in ("encoded", "amounts", "timed"))
        block.counts = {n: arrays[f"counts {i}"] for i, n in enumerate(document["counts"])}
        block.means = [
            TargetMeans.from_state({k: arrays[f"means {i} {k}"] for k in ("keys", "means", "prior")})
            for i in range(len(block.encoded))
        ]
        block.pairs = Pairs()
        block.pairs.pairs = document["pairs"]
        block._read_amounts()
        return block


def by_chance(place: np.ndarray) -> float:
    """What places that say nothing hardly ever seem to explain, by the spread of an F test's numerator.

    >>> by_chance(np.repeat([0, 1], 500)) < by_chance(np.arange(1000) // 2)
    True
    """
    return CHANCE * float(np.sqrt(2 * len(np.unique(place)))) / max(len(place), 1)


def names_something(values: np.ndarray) -> bool:
    """Whether texts or numbers are names that come back: each value has several rows.

    >>> shops = np.repeat(np.arange(100.0), 5)
    >>> names_something(shops), names_something(shops + 0.5), names_something(np.arange(500.0))
    (True, False, False)
    """
    if values.dtype == object:
        known = [v for v in values if v is not None]
        return len(set(known)) > MANY_VALUES and len(known) >= NAME_ROWS * len(set(known))
    known = values[np.isfinite(values)]
    if not len(known) or (known != np.round(known)).any():
        return False
    different = len(np.unique(known))
    return different > NAME_VALUES and len(known) >= NAME_ROWS * different


def has_names(columns: dict[str, np.ndarray], kinds: dict[str, str], targets: np.ndarray) -> bool:
    """Whether a column names something (shops, products, customers) whose rows have outcomes of their own.

    Parameters
    ----------
    columns : dict
        Typed columns by name.
    kinds : dict
    targets : ndarray of shape (rows, outcomes)
        See `target_means.outcomes`.
    """
    seen = np.column_stack([np.searchsorted(np.sort(t), t) for t in targets.T])  # ranks
    for name, kind in kinds.items():
        values = columns[name]
        if kind in ("numeric", "text") and names_something(values) and tells_by_name(values, seen):
            return True
        if kind == "categorical":
            block = Categories("codes", MAX_VALUES).fit(values)
            if len(block.values) <= MANY_NAMES:
                continue
            codes = block.codes(values) + 1
            if explained(codes, seen) > by_chance(codes):
                return True
    return False


def tells_by_name(values: np.ndarray, targets: np.ndarray) -> bool:
    """Whether numbers say more one by one than by their order; texts have no order."""
    if values.dtype == object:
        return True
    place = np.unique(values, return_inverse=True)[1]
    surplus = explained(place, targets) - explained(in_bins(values, ORDERED_BINS), targets)
    return surplus > by_chance(place)


def as_words(values: np.ndarray) -> np.ndarray:
    """Whole numbers as words, words as they are; None where there is none."""
    if values.dtype == object:
        return values
    whole = np.isfinite(values) & (np.abs(values) < 1e15)
    out = np.full(len(values), None, dtype=object)
    different, place = np.unique(values[whole], return_inverse=True)
    out[whole] = np.array([str(int(v)) for v in different], dtype=object)[place]
    return out


def holds_numbers(values: list[str]) -> bool:
    """Whether most of different words hold one number, and not always the same.

    >>> holds_numbers(["10 yrs", "2 yrs", "A12"]), holds_numbers(["NL", "DE", "B4"])
    (True, False)
    """
    numbers = np.array([one_number(v) for v in values], dtype=np.float64)
    known = numbers[np.isfinite(numbers)]
    return len(known) >= MOSTLY_NUMBERS * len(values) and len(np.unique(known)) > 2


def text_shape(words: np.ndarray) -> np.ndarray:
    """Characters, words and the share of digits of each text, shape (rows, 3)."""
    texts = ["" if w is None else w for w in words]
    rows = [[len(t), len(t.split()), sum(map(str.isdigit, t)) / max(len(t), 1)] for t in texts]
    return np.array(rows, dtype=np.float64).reshape(-1, 3)


def days_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Days from b to a; NaN where one is missing."""
    return np.where(np.isnat(a) | np.isnat(b), np.nan, (a - b) / DAYS)


def has_time_of_day(when: np.ndarray) -> bool:
    known = when[~np.isnat(when)]
    return bool((known != known.astype("datetime64[D]")).any())


def time_of_day(when: np.ndarray) -> np.ndarray:
    """The time of day as a point on a circle, shape (rows, 2)."""
    missing = np.isnat(when)
    share = np.where(missing, np.nan, (when - when.astype("datetime64[D]")) / DAYS)
    return np.column_stack([np.sin(2 * np.pi * share), np.cos(2 * np.pi * share)])
