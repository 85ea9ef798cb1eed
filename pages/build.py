"""Build: choose the target, check the plan, start; then watch it run."""

from __future__ import annotations

from automl.types import JobState
from automl.ui import build_form, build_live, header

opened = header.open_model()
if opened is not None:
    if opened.job is None:
        build_form.show(opened)
    elif opened.job.state in (JobState.QUEUED, JobState.RUNNING):
        build_live.show(opened)
    else:
        build_live.ended(opened)
