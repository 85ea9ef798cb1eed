"""Dates: elapsed days, calendar parts, and the season as a circle."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

DAY = np.timedelta64(86_400_000_000_000, "ns")


class Dates:
    """One column of datetime64[ns]; the hour is a part where training rows have a time of day."""

    def fit(self, when: np.ndarray) -> Self:
        known = when[~np.isnat(when)]
        self.origin = str(known.min()) if len(known) else "1970-01-01"
        self.has_time = bool(len(known)) and bool((known != known.astype("datetime64[D]")).any())
        return self

    def transform(self, when: np.ndarray) -> np.ndarray:
        missing = np.isnat(when)
        safe = np.where(missing, np.datetime64("1970-01-01", "ns"), when)
        day = safe.astype("datetime64[D]")
        month0 = safe.astype("datetime64[M]").astype(int)
        year_day = (day - safe.astype("datetime64[Y]").astype("datetime64[D]")).astype(int)
        parts = [
            (safe - np.datetime64(self.origin, "ns")) / DAY,
            1970 + month0 // 12,
            month0 % 12 + 1,
            (day - safe.astype("datetime64[M]").astype("datetime64[D]")).astype(int) + 1,
            (day.astype(int) + 3) % 7,
            np.sin(2 * np.pi * year_day / 365.25),
            np.cos(2 * np.pi * year_day / 365.25),
        ]
        if self.has_time:
            parts.append((safe - day) / np.timedelta64(3_600_000_000_000, "ns"))
        out = np.column_stack([np.asarray(p, dtype=float) for p in parts])
        out[missing] = np.nan
        return out

    def output_names(self, name: str) -> list[str]:
        parts = ["days", "year", "month", "day", "weekday", "season sin", "season cos"]
        return [f"{name} {p}" for p in parts + (["hour"] if self.has_time else [])]

    def state(self) -> dict[str, Any]:
        return {"origin": self.origin, "has_time": self.has_time}

    @classmethod
    def from_state(cls, document: dict[str, Any]) -> Self:
        block = cls()
        block.origin, block.has_time = document["origin"], document["has_time"]
        return block
