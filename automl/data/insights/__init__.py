"""What a table holds, before any model: facts of each column, how they go together, what each one knows.

One file a question: `columns` (statistics, warnings), `power` (what one column knows about the target),
`relation` (how the target moves with it), `association` (pairs of columns), `anomalies` (rows unlike the
others), `missingness`. `explore` asks all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from automl.data.copies import copies
from automl.data.insights.anomalies import Anomalies, anomalies
from automl.data.insights.association import Associations, Pair, associations
from automl.data.insights.columns import Fact, statistics, warnings
from automl.data.insights.missingness import Missingness, missingness
from automl.data.insights.outcome import Outcome
from automl.data.insights.power import Power, prediction_power
from automl.data.insights.relation import Part, Relation, relation
from automl.types import Column, Note

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Anomalies", "Associations", "ColumnFacts", "Fact", "Insights", "Missingness", "Outcome", "Pair", "Part",
    "Power", "Relation", "anomalies", "associations", "column_facts", "explore", "missingness",
    "prediction_power", "relation", "statistics", "warnings",
]  # fmt: skip
FACT_ROWS = 100_000  # statistics of a larger table come from so many rows


@dataclass(frozen=True)
class ColumnFacts:
    """One column: its profile, a chart's figures (`data.profile.distribution`), statistics and warnings."""

    column: Column
    chart: dict[str, Any]
    facts: tuple[Fact, ...]
    warnings: tuple[Note, ...]


@dataclass(frozen=True)
class Insights:
    """All of a table. `rows` are the whole table's, `sampled` those looked at where it is larger."""

    rows: int
    sampled: int
    duplicates: int
    columns: tuple[ColumnFacts, ...]
    associations: Associations
    anomalies: Anomalies
    missingness: Missingness


def explore(frame: pd.DataFrame, columns: tuple[Column, ...], rows: int | None = None) -> Insights:
    """Everything that hangs on no target.

    Parameters
    ----------
    frame : DataFrame
        The table, or a random sample of it.
    columns : tuple of Column
        The whole table's profile.
    rows : int, optional
        Of the whole table, where the frame is a sample.

    >>> import pandas as pd
    >>> from automl.data.profile import profile
    >>> table = pd.DataFrame({"a": [1, 1, 2], "b": ["x", "x", "y"]})
    >>> explore(table, profile(table)).duplicates
    1
    """
    whole = rows or len(frame)
    return Insights(
        rows=whole,
        sampled=len(frame) if len(frame) < whole else 0,
        duplicates=int(copies(frame).sum()),
        columns=column_facts(frame, columns, whole),
        associations=associations(frame, columns),
        anomalies=anomalies(frame, columns),
        missingness=missingness(frame, columns),
    )


def column_facts(frame: pd.DataFrame, columns: tuple[Column, ...], rows: int) -> tuple[ColumnFacts, ...]:
    """Chart, statistics and warnings of every column."""
    from automl.data.profile import distribution

    part = frame.sample(FACT_ROWS, random_state=0) if len(frame) > FACT_ROWS else frame
    return tuple(
        ColumnFacts(
            column,
            distribution(frame, column, bins=20, rows=rows),
            statistics(part[column.name], column.kind),
            warnings(part[column.name], column, rows),
        )
        for column in columns
    )
