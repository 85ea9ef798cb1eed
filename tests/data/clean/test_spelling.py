from __future__ import annotations

import pandas as pd

from automl.data.clean import apply_steps, propose
from automl.data.clean.spelling import variants
from automl.data.profile import profile
from automl.types import Recipe


def test_spellings_are_proposed_with_their_counts() -> None:
    city = ["New York"] * 30 + ["new york "] * 8 + ["NEW-YORK"] * 4 + ["Málaga"] * 20 + ["Malaga"] * 2 + ["Rome"] * 9
    frame = pd.DataFrame({"city": city, "rating": ["A+", "A", "a-"] * 24 + ["A"]})
    step = next(s for s in propose(frame, profile(frame), None).steps if s.op == "spelling")
    assert step.params["spellings"] == {
        "city": {"NEW-YORK": "New York", "new york": "New York", "Malaga": "Málaga"}
    }
    assert step.effect == {"cells": 14}
    assert "'NEW-YORK' (4)" in step.reason or "'Malaga' (2)" in step.reason
    made = apply_steps(frame, propose(frame, profile(frame), None))
    assert made["city"].value_counts().to_dict() == {"New York": 42, "Málaga": 22, "Rome": 9}


def test_what_means_something_stays_apart() -> None:
    assert variants(pd.Series(["A+", "A", "-1", "1", "1.0", "10", "1 0", "c", "c++", "C#"])) == {}
    assert propose(pd.DataFrame({"a": range(9)}), (), None) == Recipe()
