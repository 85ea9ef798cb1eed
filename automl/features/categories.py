"""Categories: one column a value, or integer codes; rare and unseen values have a place of their own."""

from __future__ import annotations

import numpy as np

MAX_ONEHOT = 60
MAX_CODES = 1000


class Categories:
    """One column of words. `how` is "onehot" (with the frequency) or "codes" (missing -1, other last)."""

    def __init__(self, how):
        self.how = how

    def fit(self, words):
        values, counts = np.unique(
            np.array([w for w in words if w is not None], dtype=str), return_counts=True
        )
        order = np.argsort(-counts, kind="stable")
        most = MAX_ONEHOT if self.how == "onehot" else MAX_CODES
        self.values = [str(v) for v in values[order][:most]]
        self.place = {v: i for i, v in enumerate(self.values)}
        return self

    def codes(self, words):
        """0 … for known values, len(values) for others, -1 for missing."""
        get, other = self.place.get, len(self.values)
        return np.array([-1 if w is None else get(w, other) for w in words], dtype=np.int64)

    def state(self):
        return {"how": self.how, "values": self.values}

    @classmethod
    def from_state(cls, document):
        block = cls(document["how"])
        block.values = document["values"]
        block.place = {v: i for i, v in enumerate(block.values)}
        return block
