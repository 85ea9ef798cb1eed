"""The table of operations, in the order of the menu. A new one is one file here and one line below."""

from __future__ import annotations

from automl.data.clean.base import Op
from automl.data.clean.ops import (
    cast,
    clip_outliers,
    date_parts,
    drop_columns,
    drop_duplicates,
    drop_near_duplicates,
    filter_rows,
    formula,
    group_rare,
    impute,
    missing,
    parse,
    remove_outliers,
    rename,
    replace,
    spelling,
    text,
    trim,
)

_ALL: tuple[Op, ...] = (
    formula.Formula(),
    replace.ReplaceValues(),
    spelling.UnifySpelling(),
    text.UnifyText(),
    trim.Trim(),
    missing.MissingWords(),
    parse.Parse(),
    cast.ChangeType(),
    rename.Rename(),
    drop_columns.DropColumns(),
    date_parts.DateParts(),
    filter_rows.FilterRows(),
    drop_duplicates.DropDuplicates(),
    drop_near_duplicates.DropNearDuplicates(),
    remove_outliers.RemoveOutliers(),
    clip_outliers.ClipOutliers(),
    group_rare.GroupRare(),
    impute.Impute(),
)
OPS: dict[str, Op] = {op.key: op for op in _ALL}
