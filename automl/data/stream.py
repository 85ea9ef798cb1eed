"""A large text file to Parquet in constant memory: the same decisions as `data.read`, made on a sample.

The sample is the head of the file and pieces from all over it. Then the file is read block by block.
A block whose rows all fit goes straight through Arrow's reader; one with rows that don't is looked at
record by record (`scan.scan`), so that only those rows are set aside. Plain numbers are converted by
Arrow, all else by `data.values` on the distinct values of a block: the same functions as for small files.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq

from automl.data import around, fixed, marks, renamed, sniff, survey, values
from automl.data.cells import ANY_NUMBER, Column, Wider, finite, read_carefully
from automl.data.delimited import ABOUT_ROWS, layout_notes, skipped_notes, total_note
from automl.data.empty import are_no_cases, foot_note, may_be_within, within_note, without_values
from automl.data.encoding import Decoded
from automl.data.foot import Foot, Hollow, remarks_below
from automl.data.further import AHEAD, OTHER, Further
from automl.data.mend import mend
from automl.data.names import safe_names
from automl.data.read import chosen
from automl.data.scan import Records, scan
from automl.data.tally import Block, Tally
from automl.data.words import count, listed, shorten
from automl.errors import DataError
from automl.types import BadRow, Note, ReadReport, replace

_NULLS = sorted({form for word in values.WORDS for form in (word, word.upper(), word.capitalize())})

TOLERATED = 0.05  # share of cells that don't read as their column's kind and become missing
PARSED_BYTES = 4 << 20  # what one thread of Arrow's reader takes at a time
MOST_QUOTED = 1 << 20  # bytes of one quoted cell; a longer one is taken for a stray quote

Progress = Callable[[float], None]


def to_parquet(
    path: Path,
    out: Path,
    *,
    name: str,
    options: dict[str, Any] | None = None,
    progress: Progress = lambda share: None,
) -> tuple[int, ReadReport]:
    """Convert a text file of any size.

    Parameters
    ----------
    path, out : Path
        The file, told to be text by `formats.recognise`; and where the Parquet file goes.
    name : str
        What to call the file in sentences.
    options : dict, optional
        As for `data.read.read_table`.
    progress : callable
        Is told the share that is done, between 0 and 1.

    Returns
    -------
    (int, ReadReport)
        The number of rows, and how they were read. `options["sampled"]` marks that it was decided on a sample.

    Raises
    ------
    DataError
        If the file can't be read as a table.
    """
    options = dict(options or {})
    with tempfile.TemporaryDirectory(prefix="foretable-", dir=out.parent) as folder:
        surveyed = survey.take(path, name, options, Path(folder))
        job = _Job(surveyed, name, options)
        try:
            rows = _convert(job, out, progress)
        except BaseException:
            out.unlink(missing_ok=True)
            raise
    return rows, job.report()


def decide(path: Path, *, name: str, options: dict[str, Any] | None = None) -> dict[str, dict[str, Any]]:
    """How `to_parquet` would read each column, told from the sample alone."""
    options = dict(options or {})
    with tempfile.TemporaryDirectory(prefix="foretable-") as folder:
        surveyed = survey.take(path, name, options, Path(folder))
        return _Job(surveyed, name, options).plans


def _convert(job: _Job, out: Path, progress: Progress) -> int:
    while True:
        try:
            return job.convert(out, progress)
        except Wider as wider:
            job.plans[wider.column] = wider.plan
            job.empty.discard(wider.column)
        except _Beyond as beyond:
            job.decide(beyond.at)


class _Beyond(Exception):
    """Another table begins at a place of the file, and pieces of it were in the sample."""

    def __init__(self, at: int) -> None:
        self.at = at


# --- the conversion ---------------------------------------------------------------------


class _Job:
    """Layout and plans, decided on the sample; then the whole file."""

    def __init__(self, surveyed: survey.Survey, name: str, options: dict[str, Any]) -> None:
        self.survey, self.name, self.chosen = surveyed, name, chosen(options)
        wished = {**options, "delimiter": ","} if surveyed.lined_up else options
        wished = {**options, "delimiter": surveyed.cut, "mended": ""} if surveyed.cut else wished
        layout = sniff.lay_out(surveyed.head, name, wished, cut_short=True)
        above = (a for a in layout.apart if a.reason != around.COMMENT or a.span[0] < layout.first_line)  # those below are met again
        self.layout = replace(layout, apart=tuple(above))
        lines = self.survey.head.split(b"\n", self.layout.first_line)[: self.layout.first_line - 1]
        named = self.layout.header is not None and self.layout.width > 1
        self.header_line = self._mended(lines[-1].rstrip(b"\r")) if named and lines else b""
        names, self.name_notes = safe_names(self.layout.header or ("",) * self.layout.width)
        self.names = renamed.called(names, options.get("renamed") or {})
        self.name_notes += renamed.notes(options.get("renamed") or {})
        self.blank_rows, self.total_row = options.get("blank_rows"), options.get("total_row")
        self.hollow = Hollow(surveyed.size)
        if self.blank_rows != "kept" and self.layout.width > 1:
            self.hollow = Hollow.of(surveyed.path, surveyed.skip, surveyed.size, self.layout.delimiter)
        self.end, self.remarks = remarks_below(surveyed.path, self.hollow.start, self.layout, self._mended)
        self.foot: Foot | None = None
        if self.total_row != "kept":
            self.foot = Foot.of(surveyed.path, self.end, self.layout, self._mended)
        self.options, self.done = options, 0.0
        self.decide(self.foot.start if self.foot and self.total_row == "aside" else self.end)

    def decide(self, end: int) -> None:
        """Plan how columns are read, by what the sample has of the file down to `end`."""
        self.sample_end = end
        sample = pd.concat([self._sample(part) for part in self._sample_parts()], ignore_index=True)
        if not len(sample):
            raise DataError(f"'{self.name}' has column names but no rows. Add rows or choose another file.")
        self.sampled = len(sample)
        hollow = without_values(sample)
        self.no_cases = self.blank_rows == "aside" or self.blank_rows is None and are_no_cases(sample, hollow)
        sample = sample[~hollow].reset_index(drop=True) if hollow.any() else sample
        _, self.plans, self.value_notes = values.convert(sample, self.options, self.layout.delimiter == ";")
        self.empty = self._nameless_and_empty(sample)
        if self.foot and not self.foot.may_be([self.plans[name]["type"] == "number" for name in self.names]):
            self.foot = None
        self.tally = Tally()

    def _nameless_and_empty(self, sample: pd.DataFrame) -> set[str]:
        """Columns that separators at the ends of lines make; left out as long as they hold nothing."""
        header = self.layout.header or ()
        nameless = [name for name, given in zip(self.names, header, strict=False) if not given.strip()]
        empty = {name for name in nameless if not sample[name].str.strip().astype(bool).any()}
        return empty if len(empty) < len(self.names) else set()

    def _mended(self, data: bytes) -> bytes:
        return mend(data, self.layout.mended, self.layout.delimiter)

    def _sample_parts(self) -> Iterator[bytes]:
        """Pieces of the file down to where its rows end, without other tables."""
        end = self.sample_end
        lines = self.survey.head[: end - self.survey.skip].split(b"\n", self.layout.first_line - 1)
        yield self._alone(self._mended(self._without_dropped(lines[-1]))) if len(lines) == self.layout.first_line else b""
        for start, piece in zip(self.survey.starts, self.survey.pieces, strict=True):
            if start < end:
                yield self._alone(self._whole_rows(self._mended(piece[: end - start])))

    def _without_dropped(self, head: bytes) -> bytes:
        """The head of the file, from the first row on, without lines that are none."""
        dropped = {line - self.layout.first_line for line in self.layout.dropped if line >= self.layout.first_line}
        return b"".join(line for i, line in enumerate(head.splitlines(keepends=True)) if i not in dropped) if dropped else head

    def _alone(self, piece: bytes) -> bytes:
        """A piece of the file down to where another table begins in it, without comments and lines that say the names once more."""
        if self.options.get("comments") != "kept" and self._may_have_comments(piece):
            records = scan(piece, self.layout.delimiter, self.layout.quoting)
            rows = np.flatnonzero(~around.commented_out(piece, records, self.layout.hash_rows))
            piece = b"".join(piece[records.starts[i] : records.ends[i]] for i in rows)
        if self._says_the_names_again(piece):
            piece = b"".join(line + b"\n" for line in piece.split(b"\n") if not self._is_header(line))
        if b"\n\n" not in piece and b"\n\r\n" not in piece and b"\n" + self.layout.delimiter.encode() not in piece:
            return piece
        records = scan(piece, self.layout.delimiter, self.layout.quoting)
        marked = self._further().mark(piece, records, around.hollow(piece, records, self.layout.delimiter, self.layout.quoting), 1)
        return piece[: records.starts[int(np.argmax(marked))]] if marked.any() else piece

    def _further(self) -> Further:
        names = [name.strip() for name in self.layout.header or ()]
        while names and not names[-1]:
            names.pop()
        return Further(tuple(names), self.layout.delimiter, self.layout.quoting)

    def _whole_rows(self, piece: bytes) -> bytes:
        """A piece from its first row on: where it starts inside a quoted cell that runs over lines, behind that."""
        if not self.layout.quoting or b'"' not in piece:
            return piece
        whole = piece[: self._last_end(piece)]
        if (fit := self._fit(whole)) == (True, 1.0):
            return whole
        lines = piece.splitlines(keepends=True)
        odd = np.cumsum([line.count(b'"') for line in lines]) % 2 == 1
        later = b"".join(lines[int(np.argmax(odd)) + 1 :]) if odd.any() else b""
        later = later[: self._last_end(later)]
        return later if self._fit(later) > fit else whole

    def _fit(self, rows: bytes) -> tuple[bool, float]:
        """Whether quotes are used by the book, and the share of the rows that have the right number of cells."""
        if not rows:
            return False, 0.0
        records = scan(rows, self.layout.delimiter, self.layout.quoting)
        fields = records.fields[~records.blank]
        return records.tidy, float((fields == self.layout.width).mean()) if len(fields) else 0.0

    def _sample(self, data: bytes) -> pd.DataFrame:
        if not data:
            return pd.DataFrame({name: pd.Series(dtype="str") for name in self.names})
        table = self._parse(data, [pa.string()] * len(self.names), lambda row: "skip")
        columns = [table.column(i).to_pandas().astype("str") for i in range(table.num_columns)]
        return pd.DataFrame(dict(zip(self.names, columns, strict=True)))

    # -- one pass over the file

    def convert(self, out: Path, progress: Progress) -> int:
        """Write the Parquet file with the plans as they stand; raises Wider where one does not hold."""
        long = self.survey.mark if marks.is_long(self.survey.mark) else ""
        columns = [Column(name, self.plans[name], left_out=name in self.empty, mark=long) for name in self.names]
        self.tally = tally = Tally(columns, self.foot, self._further())
        schema = pa.schema([(c.name, c.written) for c in columns if not c.left_out])
        with (
            _writer(out, schema, columns) as writer,
            ThreadPoolExecutor(1) as behind,  # converts and writes while the next block is read
        ):
            pending: Future[None] | None = None
            next_line = self.layout.first_line
            for block in self._blocks():
                next_line = block.line + block.lines
                if block.is_foot and pending:
                    pending.result()
                if block.is_foot and not tally.further.inside and tally.ends_in_totals(block, self.total_row == "aside"):
                    progress(1.0)
                    continue
                table = self._rows(block, columns, tally)
                if pending:
                    pending.result()
                pending = behind.submit(_store, table, columns, schema, writer, tally)
                self.done = max(self.done, block.share)  # never back, where the file is read once more
                progress(self.done)
            if pending:
                pending.result()
        for line, text, reason in self.remarks:
            tally.set_aside(next_line + line, 1, self.layout.width, text, reason)
        tally.blank += self.hollow.blank
        tally.foot_line = next_line + self._lines_between(self.end, self.hollow.start) + self.hollow.line - 1
        if not tally.rows:
            raise DataError(f"'{self.name}' has column names but no rows. Add rows or choose another file.")
        if self.options.get("bad_rows") != "aside" and sum(tally.bad.values()) > sniff.MAX_BAD_SHARE * tally.rows:
            raise DataError(
                f"'{self.name}' is no table: {count(sum(tally.bad.values()), 'row')} of "
                f"{tally.rows + sum(tally.bad.values()):,} don't have {count(self.layout.width, 'field')} like the "
                f"others, first line {next(iter(tally.bad_lines)):,}: {shorten(tally.shown[0].text, 60)}. "
                "Check the separators and quotes."
            )
        for column in columns:
            if column.lost - column.far > TOLERATED * max(column.cells - column.missing, 1) and not column.plan.get("loose"):
                raise Wider(column.name, {"type": "text"})
        return tally.rows

    def _blocks(self) -> Iterator[Block]:
        line, carry = 1, b""
        with self.survey.path.open("rb") as file:
            file.seek(self.survey.skip)
            for _ in range(self.layout.first_line - 1):
                file.readline()
                line += 1
            at = file.tell()
            foot, size = self.foot, self.foot.start if self.foot else self.end
            while at < size or carry:
                file.seek(at + survey.BLOCK_BYTES)
                file.readline()  # whole lines, so that nothing has to be copied to the next block
                end = min(file.tell(), size)
                file.seek(at)
                data, at = carry + self._mended(file.read(end - at)), end
                if (foot or self.remarks or self.hollow.rows) and at == size and self._last_end(data) < len(data):
                    foot = self.foot = self.tally.foot = None  # it is inside a quoted cell
                    self.end, self.remarks, self.hollow = self.survey.size, [], Hollow(self.survey.size)
                    size = self.end
                if at == size and data.endswith(b"\n\x1a"):
                    data = data[:-1]  # the end-of-file mark of DOS
                cut = len(data) if at == size else self._last_end(data)
                carry = data[cut:]
                if cut:
                    ends = int(np.count_nonzero(np.frombuffer(data, dtype=np.uint8, count=cut) == 10))  # a third of the time of `count`
                    yield Block(data[:cut], line, ends + (data[cut - 1] != 10), at / size, end=at - len(carry))
                    line += ends
            if foot:
                row, below = self._mended(file.read(foot.end - foot.start)), file.read(self.end - foot.end).rstrip(b"\x1a")
                yield Block(row.rstrip(b"\x1a"), line, 1, 1.0, True)
                if below:
                    yield Block(self._mended(below), line + 1, below.count(b"\n") + (not below.endswith(b"\n")), 1.0)

    def _lines_between(self, begin: int, end: int) -> int:
        with self.survey.path.open("rb") as file:
            file.seek(begin)
            return file.read(end - begin).count(b"\n")

    def _last_end(self, data: bytes) -> int:
        """Behind the last line end that is not inside a quoted cell."""
        end = data.rfind(b"\n") + 1
        if not self.layout.quoting or not data.count(b'"', 0, end) % 2:
            return end
        tail = np.frombuffer(data, dtype=np.uint8)[max(end - MOST_QUOTED, 0) : end]
        after = np.cumsum(tail[::-1] == 34)[::-1]  # quotes from here to the end
        outside = np.flatnonzero((tail == 10) & (after % 2 == 1))
        return end - len(tail) + int(outside[-1]) + 1 if len(outside) else end

    def _rows(self, block: Block, columns: list[Column], tally: Tally) -> pa.Table:
        """The rows of a block; those that don't fit are set aside and remembered."""
        data, lines = block.data, block.lines
        misfits: list[Any] = []

        def set_aside(row: Any) -> str:
            misfits.append(row)
            return "skip"

        further = tally.further
        repeated = self._says_the_names_again(data) or self._has_rules(block) or bool(further.inside) or (further.behind_gap and further.looks)
        table = self._typed(data, columns, set_aside) if not repeated else None
        if table is not None and table.num_rows < lines and further.looks:
            table = None  # blank lines: another table may begin
        whole = table is not None and (table.num_rows == lines or (b'"' not in data and len(self.names) > 1))
        if whole and not misfits and not may_be_within(table):
            tally.blank += lines - table.num_rows
            further.passed(data)
            return table
        misfits.clear()
        table = self._typed(self._fitting(block, tally), columns, set_aside)
        for row in misfits:  # Arrow reads quotes otherwise than the csv module
            text = str(getattr(row, "text", "")).encode()
            tally.set_aside(block.line, row.actual_columns, len(self.names), text)
        return table

    def _fitting(self, block: Block, tally: Tally) -> bytes:
        """The records of a block that have the right number of fields and are no rows of another table."""
        data, first_line = block.data, block.line
        records = scan(data, self.layout.delimiter, self.layout.quoting)
        hollow = around.hollow(data, records, self.layout.delimiter, self.layout.quoting)
        other = self._others(block, records, hollow, tally)
        ruled = np.zeros(len(fits := ~records.blank & ~other & (records.fields == self.layout.width)), dtype=bool)
        if self._has_rules(block):
            ruled[around.rules(data, records)] = True
            ruled |= np.isin(records.lines + first_line - 1, self.layout.dropped)
            if self.options.get("comments") != "kept":
                remarks = around.commented_out(data, records, self.layout.hash_rows) & ~other
                ruled |= remarks
                for i in np.flatnonzero(remarks):
                    tally.comment(first_line + int(records.lines[i]) - 1, data[records.starts[i] : records.ends[i]])
        fits &= ~ruled & ~tally.further.beside
        if self._says_the_names_again(data):
            fits[[i for i in np.flatnonzero(fits) if self._is_header(data[records.starts[i] : records.ends[i]])]] = False
        tally.blank += int(records.blank.sum())
        hollow &= fits
        if hollow.any() and self.blank_rows != "kept":
            tally.within = tally.within or first_line + int(records.lines[np.argmax(hollow)]) - 1
            tally.hollow += int(hollow.sum())
        for i in np.flatnonzero(~records.blank & ~fits & ~other & ~ruled & ~tally.further.beside):
            text = data[records.starts[i] : records.ends[i]]
            tally.set_aside(
                first_line + int(records.lines[i]) - 1, int(records.fields[i]), self.layout.width, text
            )
        kept = fits & ~hollow if self.no_cases else fits
        edges = np.flatnonzero(np.diff(np.concatenate(([False], kept, [False])).astype(np.int8)))
        runs = zip(edges[::2], edges[1::2], strict=True)
        return b"".join(data[records.starts[a] : records.ends[b - 1]] for a, b in runs)

    def _others(self, block: Block, records: Records, hollow: np.ndarray, tally: Tally) -> np.ndarray:
        """Which records of a block are lines of another table; they are remembered."""

        def ahead() -> bytes:
            with self.survey.path.open("rb") as file:
                file.seek(block.end)
                return self._mended(file.read(AHEAD)) if block.end else b""

        known = len(tally.further.others)
        other = tally.further.mark(block.data, records, hollow, block.line, ahead)
        if len(tally.further.others) > known and block.end:
            begin = block.end - len(block.data) + int(records.starts[int(np.argmax(other))])
            if any(begin <= start < self.sample_end for start in self.survey.starts):
                raise _Beyond(begin)
        for i in np.flatnonzero(other)[: max(sniff.SHOWN_BAD - len(tally.shown), 0)]:
            text = block.data[records.starts[i] : records.ends[i]].decode("utf-8", "replace").rstrip("\r\n")
            tally.shown.append(BadRow(block.line + int(records.lines[i]) - 1, OTHER, sniff.shown_text(text)))
        return other

    def _has_rules(self, block: Block) -> bool:
        """Whether lines of a block are rules of dashes, or were told to be no rows."""
        if self.options.get("comments") != "kept" and self._may_have_comments(block.data):
            return True
        if self.layout.width > 1 and around.has_any(block.data, *around.RULED) and around.RULES.search(block.data):
            return True
        return any(block.line <= line < block.line + block.lines for line in self.layout.dropped)

    def _may_have_comments(self, data: bytes) -> bool:
        signs = bool(self.layout.hash_rows) and (around.has_any(data, b"\n#") or data.startswith(b"#"))
        prompts = around.has_any(data, *around.PROMPTED) and bool(around.PROMPT.search(data))
        return self.layout.width > 1 and (signs or prompts)

    def _says_the_names_again(self, data: bytes) -> bool:
        return bool(self.header_line) and (b"\n" + self.header_line in data or data.startswith(self.header_line))

    def _is_header(self, record: bytes) -> bool:
        return record.rstrip(b"\r\n") == self.header_line

    def _typed(self, data: bytes, columns: list[Column], on_misfit: Callable[[Any], str]) -> pa.Table:
        """Parse with plain numbers read as such; a column that holds other things is read as text from then on."""
        while True:
            try:
                return self._parse(data, [c.read_as for c in columns], on_misfit)
            except pa.ArrowInvalid as e:
                found = re.search(r"column #(\d+)", str(e))
                if not found or columns[int(found[1])].careful:
                    raise DataError(
                        f"'{self.name}' can't be cut into columns: check its separators and quotes."
                    ) from e
                columns[int(found[1])].careful = True

    def _parse(self, data: bytes, types: list[pa.DataType], on_misfit: Callable[[Any], str]) -> pa.Table:
        keys = [str(i) for i in range(len(types))]
        if not data:
            return pa.table({k: pa.array([], t) for k, t in zip(keys, types, strict=True)})
        return pacsv.read_csv(
            pa.BufferReader(data),
            read_options=pacsv.ReadOptions(column_names=keys, block_size=PARSED_BYTES),
            parse_options=pacsv.ParseOptions(
                delimiter=self.layout.delimiter,
                quote_char='"' if self.layout.quoting else False,
                newlines_in_values=self.layout.quoting and _edge_in_quotes(data),
                invalid_row_handler=on_misfit,
            ),
            convert_options=pacsv.ConvertOptions(
                check_utf8=False,
                column_types=dict(zip(keys, types, strict=True)),
                null_values=_NULLS,
                quoted_strings_can_be_null=True,
            ),
        )

    # -- what is said about it

    def report(self) -> ReadReport:
        layout, tally, surveyed = self.layout, self.tally, self.survey
        lined_up = surveyed.lined_up
        layout = replace(layout, delimiter=fixed.FIXED if lined_up else surveyed.mark or layout.delimiter)
        decoded = Decoded(b"", surveyed.encoding, surveyed.errors, surveyed.garbled)
        apart = around.set_aside(surveyed.head, list(layout.apart))
        shape = (tally.rows, len(self.names) - len(self.empty))
        bad = tuple((line, line, fields) for line, fields in tally.bad_lines.items())
        notes = layout_notes(decoded, replace(layout, bad=bad, blank=tally.blank), shape, tally.misfits)
        notes.insert(
            1,
            Note(
                "sampled",
                f"The file is large, so what its columns hold was decided on {count(self.sampled, 'row')} from all "
                "over it, then carried out on every row.",
            ),
        )
        notes += skipped_notes(self.options)
        notes += [Note("apart", other.said) for other in tally.further.others]
        if tally.comments:
            notes.append(Note("comments", around.comments_said(tally.comments)))
        if tally.closing:
            words = [text.split(layout.delimiter.encode())[0].decode("utf-8", "replace").strip(' "') for _, text, why in self.remarks if why]
            notes.append(Note("apart", around.closing_said(tally.closing, words)))
        if self.hollow.rows:
            notes.append(foot_note(self.hollow.rows, tally.foot_line))
        if tally.hollow:
            notes.append(within_note(tally.hollow, tally.within, self.no_cases))
        if tally.total:
            notes.append(total_note(tally.total, tally.total_line, bool(tally.bad["total"])))
        if self.empty:
            message = f"{count(len(self.empty), 'column')} without a name or a value left out."
            notes.append(Note("empty_columns", message))
        for column in tally.columns:
            if column.lost:
                word = {"number": "number", "date": "date"}.get(column.plan["type"], "value")
                notes.append(
                    Note(
                        "lost",
                        f"'{shorten(column.name)}': {count(column.lost, 'cell')} without a {word}, such as "
                        f"{listed(column.examples, 2)}, {'is' if column.lost == 1 else 'are'} taken as missing.",
                        column.name,
                    )
                )
        options = {
            "delimiter": layout.delimiter,
            "encoding": surveyed.encoding,
            "encoding_errors": surveyed.errors,
            "header": layout.header is not None,
            "quoting": layout.quoting,
            "names": self.names,
            "missing_words": values.WORDS,
            "columns": {name: plan for name, plan in self.plans.items() if name not in self.empty},
            "sampled": self.sampled,
            "mended": layout.mended or surveyed.mended,
            **({"lined_up": lined_up.recorded} if lined_up else {}),
            **{key: self.options[key] for key in ABOUT_ROWS if self.options.get(key)},
            **self.chosen,
        }
        said = [n for n in (*notes, *self.name_notes, *self.value_notes) if n.column not in self.empty]
        shown = tuple(replace(row, text=marks.as_written(row.text, surveyed.mark)) for row in (*apart, *tally.shown)[: around.SHOWN_BAD])
        return ReadReport("csv", options, tuple(said), sum(tally.bad.values()) + len(tally.closing) + len(tally.comments) + sum(len(a.lines) for a in layout.apart) + sum(other.lines for other in tally.further.others), shown)


def _writer(out: Path, schema: pa.Schema, columns: list[Column]) -> pq.ParquetWriter:
    """Whole numbers and dates are written as differences, smaller and sooner; only of them and flags is counted here
    what is missing (`data.append` asks), since minima of text and fractions take a third of the time."""
    texts = [c.name for c in columns if c.stored == pa.string()]
    steps = {f.name: "DELTA_BINARY_PACKED" for f in schema if pa.types.is_integer(f.type) or pa.types.is_timestamp(f.type)}
    counted = [*steps, *(f.name for f in schema if pa.types.is_boolean(f.type))]
    # without Arrow's own schema, encoded text is read as text rather than as categories
    return pq.ParquetWriter(
        out, schema, use_dictionary=texts or False, column_encoding=steps or None, store_schema=False,
        write_statistics=counted or False,
    )  # fmt: skip


def _edge_in_quotes(data: bytes) -> bool:
    """Whether one of the places where Arrow's reader cuts a text for its threads is inside a quoted cell.

    It cuts behind the last line end before each multiple of PARSED_BYTES and behind the first one after it;
    told of line ends in cells, it would look at every byte twice.
    """
    quotes = at = 0
    for edge in range(PARSED_BYTES, len(data), PARSED_BYTES):
        for end in (data.rfind(b"\n", at, edge) + 1, data.find(b"\n", edge) + 1 or len(data)):
            if end < at:
                return True
            quotes += data.count(b'"', at, end)
            if quotes % 2:
                return True
            at = end
    return False


def _store(
    table: pa.Table, columns: list[Column], schema: pa.Schema, writer: pq.ParquetWriter, tally: Tally
) -> None:
    """Convert a block's cells and write it."""
    arrays = []
    for place, (column, cells) in enumerate(zip(columns, table.columns, strict=True)):
        array = read_carefully(column, cells) if pa.types.is_dictionary(cells.type) else finite(column, cells)
        if tally.foot:
            tally.foot.add(place, cells, array)
        column.cells += len(array)
        column.missing += array.null_count
        if not column.left_out:
            arrays.append(array.cast(column.written))
        elif array.null_count < len(array) or column.lost:
            raise Wider(column.name, ANY_NUMBER)
    tally.rows += table.num_rows
    writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
