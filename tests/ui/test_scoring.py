from __future__ import annotations

import numpy as np
from streamlit.testing.v1 import AppTest


def test_many_classes_are_a_table_of_rows_or_of_shares() -> None:
    def script():
        import numpy as np

        from automl.ui.analysis.scoring import _matrix

        _matrix([f"c{i}" for i in range(20)], (np.eye(20, dtype=int) * 3 + np.eye(20, k=1, dtype=int)).tolist())

    app = AppTest.from_function(script).run()
    table = app.dataframe[0].value
    assert table["really"].tolist() == [f"c{i}" for i in range(20)]
    assert np.diag(table.drop(columns="really")).tolist() == [3] * 20
    app = app.segmented_control[0].set_value("Share of each class").run()
    assert not app.exception
    shares = app.dataframe[0].value.drop(columns="really").to_numpy()
    assert shares[0, 0] == 0.75 and shares[0, 1] == 0.25 and shares[19, 19] == 1.0
