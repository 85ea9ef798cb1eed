"""Long work outside the app: a queue in the workspace, a supervisor, one process a job.

client → queue (SQLite) ← supervisor → worker → events.jsonl → client
"""

from __future__ import annotations
