from __future__ import annotations

import pandas as pd

from automl.ui.batches.beside import spread_rows


def test_labels_and_ranges_are_said_with_their_shares() -> None:
    labels = pd.DataFrame({"label": ["no", "yes"], "first": [0.9, 0.1], "second": [1.0, 0.0]})
    assert spread_rows(labels) == [("no", "90.0 %", "100 %"), ("yes", "10.0 %", "0 %")]
    ranges = pd.DataFrame({"from": [0.0, 1234.5], "to": [1234.5, 2469.0], "first": [0.5, 0.5], "second": [0.25, 0.75]})
    assert spread_rows(ranges) == [("0 to 1,234", "50.0 %", "25.0 %"), ("1,234 to 2,469", "50.0 %", "75.0 %")]
