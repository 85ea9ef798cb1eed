"""Free text: TF-IDF weights, raw for linear models, condensed by SVD for the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

import numpy as np

MAX_TERMS = 3000
COMPONENTS = 24


class Text:
    """One column of text; `how` is "tfidf" (a weight a word, CSR) or "svd" (a few dense columns)."""

    def __init__(self, how: str) -> None:
        self.how = how

    def fit(self, words: Iterable[str | None]) -> Self:
        from sklearn.decomposition import TruncatedSVD
        from threadpoolctl import threadpool_limits

        texts = ["" if w is None else w for w in words]
        self.vectorizer = _vectorizer()
        try:
            weights = self.vectorizer.fit_transform(texts)
        except ValueError:  # no word at all
            self.vectorizer, self.components = None, np.zeros((0, 0))
            return self
        self.components = np.zeros((0, weights.shape[1]))
        if self.how == "svd":
            size = min(COMPONENTS, weights.shape[1] - 1, weights.shape[0] - 1)
            if size > 0:
                # All texts alike: nothing varies. Two threads add up in another order than one: the
                # last bits would hang on the machine, and with them the splits of trees.
                with np.errstate(all="ignore"), threadpool_limits(1):
                    self.components = TruncatedSVD(size, random_state=0).fit(weights).components_
        return self

    @property
    def width(self) -> int:
        """How many columns it gives."""
        if self.vectorizer is None:
            return 0
        return len(self.vectorizer.idf_) if self.how == "tfidf" else len(self.components)

    def transform(self, words: Iterable[str | None]) -> Any:
        texts = ["" if w is None else w for w in words]
        if self.vectorizer is None:
            return np.zeros((len(texts), 0))
        # Each text once: where values of other columns are tried, the same few stand in all rows.
        place = {text: i for i, text in enumerate(dict.fromkeys(texts))}
        found = self._weights(list(place))
        if self.how == "svd":
            found = np.asarray(found @ self.components.T)
        return found if len(place) == len(texts) else found[[place[text] for text in texts]]

    def _weights(self, texts: list[str]) -> Any:
        """What TfidfVectorizer.transform gives, without its checks: one row takes a tenth of the time."""
        from scipy import sparse

        if not hasattr(self, "analyze"):
            self.analyze = self.vectorizer.build_analyzer()
        place = getattr(self.vectorizer, "vocabulary_", self.vectorizer.vocabulary)
        ends, terms, counts = [0], [], []
        for text in texts:
            found = {}
            for term in self.analyze(text):
                at = place.get(term)
                if at is not None:
                    found[at] = found.get(at, 0) + 1
            at = sorted(found)
            terms += at
            counts += [found[i] for i in at]
            ends.append(len(terms))
        terms, ends = np.array(terms, dtype=np.int32), np.array(ends, dtype=np.int32)
        values = (1 + np.log(np.array(counts, dtype=np.float64))) * self.vectorizer.idf_[terms]
        rows = np.repeat(np.arange(len(texts)), np.diff(ends))
        values /= np.sqrt(np.bincount(rows, values**2, len(texts)))[rows]
        return sparse.csr_matrix((values, terms, ends), shape=(len(texts), len(place)))

    def state(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        if self.vectorizer is None:
            return {"how": self.how, "terms": None}, {"components": self.components}
        terms = [t for t, _ in sorted(self.vectorizer.vocabulary_.items(), key=lambda kv: kv[1])]
        return {"how": self.how, "terms": terms}, {"components": self.components, "idf": self.vectorizer.idf_}

    @classmethod
    def from_state(cls, document: dict[str, Any], arrays: dict[str, np.ndarray]) -> Self:
        block = cls(document["how"])
        block.components, block.vectorizer = arrays["components"], None
        if document["terms"] is not None:
            block.vectorizer = _vectorizer(vocabulary={t: i for i, t in enumerate(document["terms"])})
            block.vectorizer.idf_ = arrays["idf"]
        return block


def _vectorizer(vocabulary: dict[str, int] | None = None) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    return TfidfVectorizer(
        max_features=MAX_TERMS, ngram_range=(1, 2), sublinear_tf=True, min_df=1, vocabulary=vocabulary
    )
