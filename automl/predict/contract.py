"""What is said about a table before it is predicted: the vocabulary of the prediction contract.

A table is checked against what the model learned from. What is found is a `Violation` with the name that
SageMaker's Model Monitor gives it where it has one, so that a file to predict and rows watched over time are
judged by the same words.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from automl.types import Severity


class Status(StrEnum):
    """What a violation means for the prediction."""

    REPAIRED = "repaired"
    DOUBT = "worth a look"
    DECISION = "needs a decision"
    REFUSED = "refused"


class Fill(StrEnum):
    """What stands in for a column that is not there."""

    MISSING = "missing"
    USUAL = "usual"


# Thresholds, by name. The noise of small tables is added to those about shares: see `doubts.Tally`.
MIN_SHARE_OF_COLUMNS = 0.5  # below this share of known columns a table is taken to be the wrong one
UNREADABLE_SHARE = 0.5  # from this share on, a column holds something else than in training: decide
COMPLETENESS_DROP = 0.05  # more cells missing than in training by this share
DRIFT_DISTANCE = 0.1  # Model Monitor's comparison_threshold, for numbers and categories alike
RANGE_MARGIN = 0.1  # of the training range: so far beyond it a number is no surprise yet
ALIKE = 0.75  # similarity (difflib) from which on another name is suggested


@dataclass(frozen=True)
class Violation:
    """One thing about a table that differs from what the model learned from.

    Attributes
    ----------
    code : str
        data_type_check, completeness_check, baseline_drift_check, missing_column_check,
        extra_column_check or categorical_values_check; for repairs also renamed_column, column_order,
        target_present, category_case, number_format, date_format.
    status : Status
    severity : Severity
    sentence : str
        What was found, with the number in it.
    column : str, optional
        The model's column; None where it is about the table.
    count : int
        Cells, or columns where it is about columns.
    suggestion : str, optional
        A column of the table that may be the missing one.
    """

    code: str
    status: Status
    severity: Severity
    sentence: str
    column: str | None = None
    count: int = 0
    suggestion: str | None = None


@dataclass(frozen=True)
class Choices:
    """What a user decided about a table.

    Attributes
    ----------
    renames : dict
        The model's column → the table's column that stands for it.
    fills : dict
        The model's column → a `Fill`, where it is not in the table or holds something else.
    fill : str, optional
        A `Fill` for every other missing column; None: it has to be decided.
    """

    renames: dict[str, str] = field(default_factory=dict)
    fills: dict[str, str] = field(default_factory=dict)
    fill: str | None = None

    def of(self, column: str) -> str | None:
        """How a missing column is filled; None while that is not decided."""
        return self.fills.get(column) or self.fill


ANY_FILL = Choices(fill=Fill.MISSING.value)  # where nobody can be asked


@dataclass(frozen=True)
class Check:
    """The outcome of a check.

    Attributes
    ----------
    rows, looked_at : int
        Rows of the table, and how many of them were looked at.
    needed, present : int
        Columns that the model reads, and how many of them the table has.
    fine : int
        Columns about which there is nothing to say.
    violations : tuple of Violation
    """

    rows: int
    looked_at: int
    needed: int
    present: int
    fine: int
    violations: tuple[Violation, ...] = ()

    def of(self, *statuses: Status) -> list[Violation]:
        """The violations of some statuses, in order."""
        return [v for v in self.violations if v.status in statuses]

    @property
    def refused(self) -> str | None:
        """Why the table can't be predicted; None where it can."""
        return next((v.sentence for v in self.of(Status.REFUSED)), None)

    @property
    def undecided(self) -> list[Violation]:
        return self.of(Status.DECISION)
