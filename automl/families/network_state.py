"""What a network looks like inside while it trains: its loss, gradients, units and steps, as plain figures.

Beside network.py, not in it: notebooks hold that file, and have no use for this one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from automl.families import network

if TYPE_CHECKING:
    from automl.families.network import Training

LOOKED_AT = 256  # training rows, spread evenly over the table
FLAT = 1e-3  # the largest slope of a unit that no row moves any more


def figures(training: Training) -> dict[str, float]:
    """The state of a network between two rounds.

    Parameters
    ----------
    training : Training
        After at least one step.

    Returns
    -------
    dict
        loss: on up to 256 training rows, cross entropy or squared error of the scaled target;
        gradient_<layer>: the root mean square of recent gradients of the layer's weights;
        dead_<layer>: the share of hidden units that none of these rows moves;
        update_ratio_<layer>: the size of a step beside the size of the weights, both root mean squares.
    """
    model, replay = training.model, training.replay
    rows = np.unique(np.linspace(0, len(training.rows) - 1, LOOKED_AT).astype(int))
    with np.errstate(all="ignore"):
        out, way = network.forward(model, training.rows[rows])
        found = {"loss": _loss(training, out, rows)}
        for layer, slope in enumerate(way["slopes"]):
            found[f"dead_{layer}"] = float((np.abs(slope).max(axis=1) < FLAT).mean())
        square = training.square / max(1 - 0.95**training.steps, 1e-12)
        mean = training.mean / max(1 - 0.9**training.steps, 1e-12)
        for name, start, size in _weights(training):
            span = slice(start, start + size)
            layer = name.removeprefix("weight")
            step = training.rate[span] * mean[span] / (np.sqrt(square[span]) + 1e-8)
            found[f"gradient_{layer}"] = float(np.sqrt(square[span].mean()))
            found[f"update_ratio_{layer}"] = _rms(step) / max(_rms(training.flat[span]), 1e-12)
    found["members"] = float(replay["members"])
    return found


def _loss(training: Training, out: np.ndarray, rows: np.ndarray) -> float:
    y = training.y[rows]
    if training.task == "regression":
        return float(np.mean((out[:, :, 0].mean(axis=0) - y) ** 2))
    p = network.softmax(out).mean(axis=0)
    return float(-np.mean(np.log(np.maximum(p[np.arange(len(y)), y], 1e-12))))


def _weights(training: Training) -> list[tuple[str, int, int]]:
    """The layers' weights: name, place in the flat arrays, size."""
    found, at = [], 0
    for name, part in training.gradient.items():
        if name.startswith("weight"):
            found.append((name, at, part.size))
        at += part.size
    return found


def _rms(values: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))
