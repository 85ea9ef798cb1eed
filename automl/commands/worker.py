"""Start the supervisor that runs builds, one per workspace."""

from __future__ import annotations

import argparse

SUMMARY = "Start the supervisor that runs builds, one per workspace."


def arguments(sub: argparse.ArgumentParser) -> None:
    """It takes nothing."""


def run(args: argparse.Namespace) -> None:
    """Run the command."""
    from automl.jobs.supervisor import main as supervise

    supervise()
