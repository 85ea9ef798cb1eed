"""What a table holds, before any model: facts of each column, how they go together, what each one knows.

One file a question: `columns` (statistics, warnings), `power` (what one column knows about the target),
`relation` (how the target moves with it), `association` (pairs of columns), `anomalies` (rows unlike the
others), `missingness`. `explore` asks all of them.
"""

from __future__ import annotations

from collections.abc import Callable
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
Told = Callable[[float, str], None]
COLUMNS_SHARE = 0.8  # of the time of `explore`, roughly
TOLD_COLUMNS = 40  # after so many columns it is told how far it is
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


def explore(
    frame: pd.DataFrame, columns: tuple[Column, ...], rows: int | None = None, told: Told = lambda share, what: None
) -> Insights:
    """Everything that hangs on no target.

    Parameters
    ----------
    frame : DataFrame
        The table, or a random sample of it.
    columns : tuple of Column
        The whole table's profile.
    rows : int, optional
        Of the whole table, where the frame is a sample.
    told : callable
        Is told the share that is done, between 0 and 1, with what comes next in a few words.

    >>> import pandas as pd
    >>> from automl.data.profile import profile
    >>> table = pd.DataFrame({"a": [1, 1, 2], "b": ["x", "x", "y"]})
    >>> explore(table, profile(table)).duplicates
    1
    """
    whole = rows or len(frame)
    told(0.0, "Counting copies of rows")
    duplicates = int(copies(frame).sum())
    facts = column_facts(frame, columns, whole, lambda share, what: told(COLUMNS_SHARE * share, what))
    told(COLUMNS_SHARE, "Comparing columns with each other")
    pairs = associations(frame, columns)
    told((1 + COLUMNS_SHARE) / 2, "Looking for unusual rows")
    unusual = anomalies(frame, columns)
    told(1.0, "Looking for what is missing together")
    sampled = len(frame) if len(frame) < whole else 0
    return Insights(whole, sampled, duplicates, facts, pairs, unusual, missingness(frame, columns))


def column_facts(
    frame: pd.DataFrame, columns: tuple[Column, ...], rows: int, told: Told = lambda share, what: None
) -> tuple[ColumnFacts, ...]:
    """Chart, statistics and warnings of every column; `told` as for `explore`."""
    from automl.data.profile import distribution

    part = frame.sample(FACT_ROWS, random_state=0) if len(frame) > FACT_ROWS else frame
    found = []
    for number, column in enumerate(columns):
        if number % TOLD_COLUMNS == 0:
            told(number / len(columns), f"Looking at column {number + 1:,} of {len(columns):,}")
        values = part[column.name]
        chart = distribution(frame, column, bins=20, rows=rows)
        found.append(ColumnFacts(column, chart, statistics(values, column.kind), warnings(values, column, rows)))
    return tuple(found)
