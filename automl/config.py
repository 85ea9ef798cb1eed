"""Settings from the environment and the tables of named thresholds that the whole product shares."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Preset:
    """A build's size. `max_rows` caps training rows (a sample, shown), None means all."""

    key: str
    label: str
    seconds: float
    max_rows: int | None
    sentence: str


# Canvas: Quick build 2-20 min on at most 50,000 rows, Standard build 2-4 h. Ours are shorter
# because the race is ordered by expected gain per second. The one place for these numbers.
PRESETS: dict[str, Preset] = {
    "quick": Preset("quick", "Quick build", 60.0, 50_000, "A good first model in a minute."),
    "standard": Preset("standard", "Standard build", 1200.0, None, "More candidates and tuning, all rows."),
}

# OpenMP threads that spin at barriers make fits 8-100x slower beside a busy neighbour
# (docs/decisions/0001). Set for every process by its launcher, before numpy is loaded.
OPENMP_ENVIRONMENT = {"GOMP_SPINCOUNT": "1000", "KMP_BLOCKTIME": "0"}


# Of a larger table a random sample is held in memory: for its page, and to learn from. 20 million cells
# are 160 MB of numbers, or some GB of text.
LOADED_CELLS = 20_000_000
# Microseconds for a row of many where fast predictions are asked for in the app: a few models, each of them small.
FAST_US = 12.0


def loaded_rows(columns: int) -> int:
    """How many rows of a table with so many columns are held in memory at most."""
    return max(LOADED_CELLS // max(columns, 1), 1_000)


def preset(key: str) -> Preset:
    """Return a preset by key; raises ProblemError naming the valid ones."""
    from automl.errors import ProblemError, unknown_name

    if key not in PRESETS:
        raise ProblemError(unknown_name("preset", key, PRESETS))
    return PRESETS[key]


def home() -> Path:
    """The workspace folder: FORETABLE_HOME, or ~/.foretable."""
    return Path(os.environ.get("FORETABLE_HOME") or Path.home() / ".foretable").expanduser()


def max_upload_mb() -> int:
    """The largest file the browser may upload: FORETABLE_MAX_UPLOAD_MB, 1000 by default."""
    return int(os.environ.get("FORETABLE_MAX_UPLOAD_MB", "1000"))


def import_dir() -> Path | None:
    """The folder on this machine that may be watched for files: FORETABLE_IMPORT_DIR; None: there is none."""
    given = os.environ.get("FORETABLE_IMPORT_DIR", "").strip()
    return Path(given).expanduser() if given else None


def export_dir() -> Path | None:
    """Where results of automatic batches are copied to: FORETABLE_EXPORT_DIR; None: nowhere."""
    given = os.environ.get("FORETABLE_EXPORT_DIR", "").strip()
    return Path(given).expanduser() if given else None


def available_threads() -> int:
    """Cores this process may use (respects CPU affinity, as in a container)."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def child_environment(threads: int | None = None) -> dict[str, str]:
    """The environment for a child process: OpenMP that doesn't spin, its thread count, and memory given back.

    The C library keeps an arena of freed memory for each thread, which adds up over hundreds of fits.
    """
    env = {"MALLOC_ARENA_MAX": "1", **os.environ, **OPENMP_ENVIRONMENT}
    if threads:
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
            env[name] = str(threads)
    return env
