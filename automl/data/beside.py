"""What stands in a column of numbers or dates beside them: words for a missing value, codes and flags of statistical offices."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# Words that mean "missing" where all else in a column is numbers or dates; among other words they are values.
WORDS = (
    "n.a.", "n.a", "n. a.", "n/a.", "k.a.", "k.a", "k. a.", "keine angabe", "(blank)", "(empty)", "(missing)", "(none)", "(na)", "blank",
    "empty", "missing", "missing value", "#missing", "not available", "not applicable", "not reported", "not recorded", "no data", "nodata",
    "n.d.", "n.d", "nd", "n/d", "n.v.", "s/o", "s.o.", "undefined", "#error", "---", "----", "-----", "\u2013", "*", "n/s", "n.r.", "n/r",
    "00/00/0000", "00.00.0000", "00-00-0000", "0000/00/00", "00/00/00",
)  # fmt: skip
CODES = r"\.[a-z]|: ?[a-z]{1,2}"  # of Stata, and of Eurostat where there is no number
FLAG = " ?(?:[bcdefinprsuz]{1,3}|[*\u2020\u2021]{1,3})"  # of Eurostat, and marks of footnotes
FLAGGED = rf"[+-]?[\d.,]*\d{FLAG}"
MOST_FLAGGED = 0.5  # share of the distinct values; what stands behind more of them is a unit
_WORDS = pa.array(WORDS, pa.large_string())


def words_among(values: pa.Array) -> tuple[list[str], pa.Array]:
    """Which of the distinct values of a column say that one is missing, in lower case, and the others.

    >>> words_among(pa.array(["1.5", ".a", "N.A."], pa.large_string()))[0]
    ['.a', 'n.a.']
    """
    lowered = pc.utf8_lower(values)
    said = pc.is_in(lowered, value_set=_WORDS.cast(lowered.type)).to_numpy(zero_copy_only=False)
    said = said | pc.match_substring_regex(lowered, f"^(?:{CODES})$").to_numpy(zero_copy_only=False).astype(bool)
    if not said.any():
        return [], values
    return sorted(set(lowered.filter(pa.array(said)).to_pylist())), values.filter(pa.array(~said))


def flagged(values: pa.Array) -> np.ndarray:
    """Which of the distinct values are numbers with a flag behind.

    >>> flagged(pa.array(["12.3 b", "11", "10*", "5 kg"])).tolist()
    [True, False, True, False]
    """
    return pc.match_substring_regex(values, f"^{FLAGGED}$").to_numpy(zero_copy_only=False).astype(bool)


def flags_in(values: list[str]) -> list[str]:
    """The flags of these values, each once."""
    return sorted({found[0].strip() for value in values if (found := re.search(f"{FLAG}$", value)) and re.fullmatch(FLAGGED, value)})
