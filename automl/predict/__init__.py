"""The prediction contract: rows from anywhere are matched to what the model knows, repaired where
that is safe, predicted, and every repair and doubt is said.

contract    the vocabulary: violations, choices, the outcome of a check
columns     which column is which; cells: what text means
joining     rows of a base table alone, completed from the tables that the model carries
doubts      a sentence a row and what it adds up to a column
rows        a table in memory, one row, or piece after piece
reading     a file → a Parquet table; output: CSV, Parquet, Excel
extras      intervals, sets and reasons beside the prediction
batch       a whole table in constant memory
"""

from __future__ import annotations

from automl.predict.batch import Outcome, Wishes, check_file, check_table, predict_file, run
from automl.predict.columns import match
from automl.predict.contract import ANY_FILL, Check, Choices, Fill, Status, Violation
from automl.predict.extras import Extras, unsure_sentence
from automl.predict.output import FORMATS, check_output, fits_excel, guard_formulas, portable, write_table
from automl.predict.reading import CHUNK_ROWS, Table, open_table, pieces, read_rows, to_table
from automl.predict.rows import Predictions, Predictor, predict_frame, predict_one, predict_values, typed_row

__all__ = [
    "ANY_FILL", "CHUNK_ROWS", "Check", "Choices", "Extras", "FORMATS", "Fill", "Outcome", "Predictions", "Predictor", "Status", "Table",
    "Violation", "Wishes", "check_file", "check_output", "check_table", "fits_excel", "guard_formulas", "match", "open_table",
    "pieces", "portable", "predict_file", "predict_frame", "predict_one", "predict_values", "read_rows", "run",
    "to_table", "typed_row", "unsure_sentence", "write_table",
]  # fmt: skip
