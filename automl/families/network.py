"""A neural network for tables on numpy, several members trained at once and averaged.

In the spirit of RealMLP ("Better by default", Holzmüller et al. 2024: robust scaling with a smooth
clip, a learned scale of each input, AdamW with a schedule) and TabM (Gorishniy et al. 2024: members
that share what numbers and categories are turned into). Everything is float32. Rows are turned into
inputs batch by batch: nothing of rows × inputs is ever held. It uses nothing but numpy, and stands
in notebooks as it is.
"""

from __future__ import annotations

import numpy as np

SAMPLE_ROWS = 50_000  # quantiles are taken from so many rows
ONE_HOT_VALUES = 8  # a category of more values is embedded
EMBEDDING = 8  # numbers an embedded value is turned into
BENDS = 3  # numbers a column is turned into beside itself
MAX_BENT_COLUMNS = 200  # with more columns, none is bent
CHUNK = 256  # rows that are predicted at once: what they need on the way fits into a core's cache
LANES = 8  # rows are filled up to a multiple: BLAS then sums for one alone as it does for many, to the bit
BIAS_RATE, MIX_RATE, FRONT_RATE = 0.1, 0.3, 6.0  # times the learning rate
SILU_GAIN = 1.6  # of a layer's weights: undoes how much silu makes of its inputs' spread


def learn_inputs(X, bins):
    """How each column is scaled, bent and counted: arrays learned from the training rows.

    Categories: `place` leads from a column's code to its column of the one-hot block or its row of
    the embedding; a code that was not among the training rows leads to the last, 'other'.
    """
    matrix = X.matrix
    sample = matrix[:: max(len(matrix) // SAMPLE_ROWS, 1)]
    numeric = np.setdiff1d(np.arange(matrix.shape[1]), X.categorical).astype(np.int64)
    cuts = np.quantile(sample[:, numeric].astype(np.float64), [0, 0.25, 0.5, 0.75, 1], axis=0)
    varies = cuts[4] > cuts[0]
    numeric, cuts = numeric[varies], cuts[:, varies]
    # The middle half of the rows spans 1; where it is a single value, all rows span 2.
    reach = np.where(cuts[3] > cuts[1], cuts[3] - cuts[1], (cuts[4] - cuts[0]) / 2)
    model = {
        "numeric": numeric,
        "center": cuts[2].astype(np.float32),
        "scale": (1 / np.maximum(reach, 1e-30)).astype(np.float32),
    }
    if bins and 0 < len(numeric) <= MAX_BENT_COLUMNS:
        edges = np.quantile(scaled(model, sample), np.linspace(0, 1, bins + 1), axis=0).T[:, None]
        model["edge"] = edges[:, :, :-1].astype(np.float32)
        model["slope"] = (1 / np.maximum(np.diff(edges), 1e-3)).astype(np.float32)
    hot, embedded = [], []
    for column in X.categorical:
        rows = np.bincount(matrix[:, column].astype(np.int64) + 1)
        values = np.count_nonzero(rows)
        if values > 1:
            known = np.where(rows > 0, np.cumsum(rows > 0) - 1, -1)
            (hot if values <= ONE_HOT_VALUES else embedded).append((column, np.append(known, -1), values))
    for group, kind in ((hot, "hot"), (embedded, "embedded")):
        tables, first = [], 0
        other = sum(values for _, _, values in group)
        for number, (_, known, values) in enumerate(group):
            last = other if kind == "hot" else other + number  # one for all, one for each
            tables.append(np.where(known < 0, last, known + first))
            first += values
        model[f"{kind}_columns"] = np.array([column for column, _, _ in group], dtype=np.int64)
        model[f"{kind}_last"] = np.array([len(t) - 1 for t in tables], dtype=np.int64)
        model[f"{kind}_start"] = np.cumsum([0, *(len(t) for t in tables)])[:-1].astype(np.int64)
        model[f"{kind}_place"] = np.concatenate([*tables, np.zeros(0)]).astype(np.int64)
        model[f"{kind}_width"] = np.array(other)
    return model


def scaled(model, rows):
    """Numbers around 0, wild ones bent towards ±3 (RealMLP's smooth clip), shape (rows, numbers)."""
    with np.errstate(over="ignore"):
        x = (rows[:, model["numeric"]] - model["center"]) * model["scale"]
    x = np.clip(x, -1e4, 1e4)
    return x / np.sqrt(1 + (x / 3) ** 2)


def places(model, rows, kind):
    """Where the category codes of some rows lead, shape (rows, columns)."""
    codes = rows[:, model[f"{kind}_columns"]].astype(np.int64) + 1
    return model[f"{kind}_place"][model[f"{kind}_start"] + np.minimum(codes, model[f"{kind}_last"])]


def inputs_of(model, rows):
    """The first layer's inputs of shape (rows, inputs), and what the gradient needs of the way there."""
    x, count = scaled(model, rows), len(rows)
    parts, way = [x], {}
    if "mix" in model:
        bends = x.T[:, :, None] - model["edge"]
        bends *= model["slope"]
        np.minimum(np.maximum(bends, 0, out=bends), 1, out=bends)
        parts.append((bends @ model["mix"]).transpose(1, 0, 2).reshape(count, -1) + model["mix_bias"])
        way["bends"] = bends
    width = int(model["hot_width"])
    if width:
        hot = np.zeros((count, width + 1), dtype=x.dtype)
        hot[np.arange(count)[:, None], places(model, rows, "hot")] = 1
        parts.append(hot[:, :width])
    if "embedding" in model:
        way["places"] = places(model, rows, "embedded")
        parts.append(model["embedding"][way["places"]].reshape(count, -1))
    return np.concatenate(parts, axis=1), way


def silu(z):
    """z · sigmoid(z), and its slope."""
    gate = np.tanh(z * np.float32(0.5))
    gate += 1
    gate *= np.float32(0.5)
    out = z * gate
    slope = 1 - gate
    slope *= out
    slope += gate
    return out, slope


def forward(model, rows, masks=None):
    """Raw outputs of shape (members, rows, outputs), and what `backward` needs.

    `masks` gives dropout's factors for an array of a shape, while training.
    """
    x, way = inputs_of(model, rows)
    signal, signals, slopes, layer = x * model["front"], [], [], 0
    while f"weight{layer + 1}" in model:
        signals.append(signal)
        z = np.matmul(signal, model[f"weight{layer}"])
        z += model[f"bias{layer}"]
        signal, slope = silu(z)
        if masks is not None:
            mask = masks(signal.shape)
            signal *= mask
            slope *= mask
        slopes.append(slope)
        layer += 1
    signals.append(signal)
    out = np.matmul(signal, model[f"weight{layer}"]) + model[f"bias{layer}"]
    return out, {**way, "x": x, "signals": signals, "slopes": slopes}


def backward(model, way, error, gradient):
    """Write the gradient of each weight, given that of the outputs."""
    signals, slopes = way["signals"], way["slopes"]
    for layer in range(len(slopes), -1, -1):
        weight, signal = model[f"weight{layer}"], signals[layer]
        np.matmul(signal.transpose(0, 2, 1), error, out=gradient[f"weight{layer}"])
        gradient[f"bias{layer}"][:] = error.sum(axis=1, keepdims=True)
        if layer:
            error = np.matmul(error, weight.transpose(0, 2, 1))
            error *= slopes[layer - 1]
    # The members share their inputs.
    error = sum(each @ own.T for each, own in zip(error, weight))  # noqa: B905
    count = len(error)
    gradient["front"][:] = (error * way["x"]).sum(axis=0)
    error *= model["front"][0]
    if "mix" in model:
        columns, _, outputs = model["mix"].shape
        at = len(model["numeric"])
        part = error[:, at : at + columns * outputs]
        gradient["mix_bias"][:] = part.sum(axis=0)
        part = np.ascontiguousarray(part.reshape(count, columns, outputs).transpose(1, 0, 2))
        np.matmul(way["bends"].transpose(0, 2, 1), part, out=gradient["mix"])
    if "embedding" in model:
        size = model["embedding"].shape
        part = error[:, error.shape[1] - way["places"].shape[1] * size[1] :]
        at = way["places"][:, :, None] * size[1] + np.arange(size[1])
        sums = np.bincount(at.ravel(), part.ravel(), minlength=size[0] * size[1])
        gradient["embedding"][:] = sums.reshape(size)


def softmax(z):
    p = np.exp(z - z.max(axis=-1, keepdims=True))
    p /= p.sum(axis=-1, keepdims=True)
    return p


class Training:
    """A network in training; the same arguments and the same rounds give the same bits.

    Parameters
    ----------
    X, y, task, classes, sample_weight
        As a family's `fit` has them.
    replay : dict
        members, hidden (widths of the layers), bins, learning_rate, weight_decay, dropout,
        batch_size, steps (of a round), seed.
    """

    def __init__(self, X, y, task, classes, replay, sample_weight=None):
        self.rows, self.y, self.replay, self.task = X.matrix, np.asarray(y), replay, task
        self.weight = None
        if sample_weight is not None:
            self.weight = (sample_weight / np.mean(sample_weight)).astype(np.float32)
        self.inputs = learn_inputs(X, replay["bins"])
        if task == "regression":
            first = self._learn_target(sample_weight)
        else:
            first = np.log((np.bincount(self.y, self.weight, classes) + 0.1) / len(self.y))
        self.first = first.astype(np.float32)
        self.start(replay["members"])

    def start(self, members):
        """Start over with so many members, as if newly made."""
        self.replay = {**self.replay, "members": members}
        self.rng = np.random.default_rng(self.replay["seed"])
        self._draw()
        if self.replay["dropout"]:
            kept = 1 - self.replay["dropout"]
            largest = members * self.replay["batch_size"] * max(self.replay["hidden"])
            strip = self.rng.random(max(1 << 20, 4 * largest), dtype=np.float32) < kept
            self.strip = strip.astype(np.float32) / np.float32(kept)
        self.order, self.at, self.steps, self.progress = np.zeros(0, dtype=np.int64), 0, 0, 0.0

    def _learn_target(self, sample_weight):
        y = self.y.astype(np.float64)
        center = np.average(y, weights=sample_weight)
        spread = np.sqrt(np.average((y - center) ** 2, weights=sample_weight)) or 1.0
        counted = y if sample_weight is None else y[sample_weight > 0]
        self.inputs["target"] = np.array([center, spread, counted.min(), counted.max()])
        self.y = ((y - center) / spread).astype(np.float32)
        return np.zeros(1)

    def _draw(self):
        """Weights at the start, with their learning rates, as views of flat arrays: a step of Adam is
        then a few calls. Rates fall with the square root of a layer's inputs, as in NTK's scaling."""
        replay, inputs, draw = self.replay, self.inputs, self.rng.normal
        members, numbers = replay["members"], len(inputs["numeric"])
        parts = {}  # name: (values, rate, whether it decays)
        width = numbers + int(inputs["hot_width"])
        if "edge" in inputs:
            bins = inputs["edge"].shape[2]
            parts["mix"] = draw(size=(numbers, bins, BENDS)) / np.sqrt(bins), MIX_RATE, True
            parts["mix_bias"] = np.zeros(numbers * BENDS), BIAS_RATE, False
            width += numbers * BENDS
        if len(inputs["embedded_columns"]):
            known, columns = int(inputs["embedded_width"]), len(inputs["embedded_columns"])
            values = np.vstack([draw(size=(known, EMBEDDING)), np.zeros((columns, EMBEDDING))])
            parts["embedding"] = values, 1.0, True
            width += columns * EMBEDDING
        parts["front"] = np.ones((1, 1, width)), FRONT_RATE, False
        widths = [width, *replay["hidden"], len(self.first)]
        for layer, (before, after) in enumerate(zip(widths[:-1], widths[1:])):  # noqa: B905
            size = (SILU_GAIN if layer else 1.0) / np.sqrt(max(before, 1))
            parts[f"weight{layer}"] = draw(size=(members, before, after)) * size, size, True
            parts[f"bias{layer}"] = draw(size=(members, 1, after)) / 2, BIAS_RATE, False
        parts[f"bias{layer}"] = np.tile(self.first, (members, 1, 1)), BIAS_RATE, False
        total = sum(values.size for values, _, _ in parts.values())
        self.flat, self.flat_gradient, self.mean, self.square, self.rate, self.decay = (
            np.zeros(total, dtype=np.float32) for _ in range(6)
        )
        self.model, self.gradient, at = dict(inputs), {}, 0
        for name, (values, rate, decays) in parts.items():
            span = slice(at, at + values.size)
            self.model[name] = self.flat[span].reshape(values.shape)
            self.model[name][:] = values
            self.gradient[name] = self.flat_gradient[span].reshape(values.shape)
            self.rate[span] = rate * replay["learning_rate"]
            self.decay[span] = replay["learning_rate"] * replay["weight_decay"] * decays
            at = span.stop

    def round(self, progress):
        """`steps` steps, over which the learning rate falls along a half cosine up to `progress` (1 is the end)."""
        for step in range(self.replay["steps"]):
            share = (step + 0.5) / self.replay["steps"]
            self.step(0.5 + 0.5 * np.cos(np.pi * (self.progress + share * (progress - self.progress))))
        self.progress = progress

    def _batch(self):
        size = min(self.replay["batch_size"], len(self.rows))
        if self.at + size > len(self.order):
            self.order, self.at = self.rng.permutation(len(self.rows)), 0
        self.at += size
        return self.order[self.at - size : self.at]

    def _masks(self, shape):
        """Dropout's factors, read from a strip at a random place: drawing them anew takes longer than a layer."""
        size = int(np.prod(shape))
        at = int(self.rng.integers(len(self.strip) - size))
        return self.strip[at : at + size].reshape(shape)

    def step(self, speed):
        """One step on one batch, at `speed` times the learning rate."""
        picked = self._batch()
        out, way = forward(self.model, self.rows[picked], self._masks if self.replay["dropout"] else None)
        backward(self.model, way, self._error(out, picked), self.gradient)
        self._adam(np.float32(speed))

    def _error(self, out, picked):
        """The loss's gradient by the outputs: squared error, or cross entropy."""
        y = self.y[picked]
        if self.task == "regression":
            error = out - y[:, None]
        else:
            error = softmax(out)
            error[:, np.arange(len(y)), y] -= 1
        if self.weight is not None:
            error *= self.weight[picked][:, None]
        error /= len(picked)
        return error

    def _adam(self, speed, beta1=0.9, beta2=0.95):
        """AdamW (Loshchilov & Hutter 2019)."""
        self.steps += 1
        gradient, mean, square = self.flat_gradient, self.mean, self.square
        mean *= beta1
        mean += (1 - beta1) * gradient
        square *= beta2
        gradient *= gradient
        gradient *= 1 - beta2
        square += gradient
        step = np.sqrt(square / (1 - beta2**self.steps))
        step += 1e-8
        np.divide(mean, step, out=step)
        step *= self.rate
        step /= 1 - beta1**self.steps
        step += np.multiply(self.decay, self.flat, out=gradient)
        step *= speed
        self.flat -= step

    def trained(self):
        """A copy of the model as it is now."""
        return {k: v.copy() for k, v in self.model.items()}


def fit_mlp(X, y, task, classes, replay, sample_weight=None):
    """Arrays of a network after exactly the rounds of `replay["progress"]`."""
    from threadpoolctl import threadpool_limits

    with threadpool_limits(replay["threads"]):
        training = Training(X, y, task, classes, replay, sample_weight)
        for progress in replay["progress"]:
            training.round(progress)
        return training.trained()


def outputs(model, rows):
    """Raw outputs of shape (members, rows, outputs): `forward` without what training needs."""
    x, _ = inputs_of(model, rows)
    signal, layer = x * model["front"], 0
    while f"weight{layer + 1}" in model:
        signal = np.matmul(signal, model[f"weight{layer}"])
        signal += model[f"bias{layer}"]
        gate = np.tanh(signal * np.float32(0.5))
        gate += 1
        signal *= gate
        signal *= np.float32(0.5)
        layer += 1
    return (np.matmul(signal, model[f"weight{layer}"]) + model[f"bias{layer}"]).astype(np.float64)


def predict_mlp(model, X, task, classes):
    parts = []
    for first in range(0, max(len(X.matrix), 1), CHUNK):
        rows = X.matrix[first : first + CHUNK]
        filled = np.concatenate([rows, np.zeros((-len(rows) % LANES, rows.shape[1]), dtype=rows.dtype)])
        out = outputs(model, filled)[:, : len(rows)]
        parts.append((out[:, :, 0] if task == "regression" else softmax(out)).mean(axis=0))
    p = np.concatenate(parts)
    if task == "regression":
        center, spread, low, high = model["target"]
        return np.clip(p * spread + center, low, high)
    return p / p.sum(axis=1, keepdims=True)
