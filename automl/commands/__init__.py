"""The commands of the shell, one a file: a SUMMARY, its `arguments` and `run`. A new one is a line in COMMANDS too.

Nothing here is imported before its command is asked for, apart from what describes it.
"""

from __future__ import annotations

COMMANDS = (
    "inspect", "join", "append", "clean", "train", "leaderboard", "check", "predict", "threshold", "learning", "notebook", "report", "compare", "app", "worker",
)  # fmt: skip
