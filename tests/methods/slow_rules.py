"""A second implementation of backward rules: explicit matrices, float64, plain loops, straight from the papers.

A twin is a random network twice: as a Keras model, and as a list of steps on flat vectors that knows nothing of Keras
but the weights.
"""

from dataclasses import dataclass, field

import keras
import numpy as np
from hypothesis import strategies as st
from keras import layers

from tests.methods import random_nets
from xai_widgets.methods.attribution.backpropagation.rules import relevance_rules as rules

TINY = 1e-3
EVEN = 1e-5  # float32 keeps seven digits, and loses some on the way


@dataclass
class Step:
    """One step: its kind, the steps it takes (by number, 0 is the input), and what it needs."""

    kind: str
    takes: list
    layer: object = None
    norm: object = None
    shape: tuple = ()  # of what it takes
    windows: list = None
    negative_slope: float = 0.0


def numbers(tensor):
    return np.asarray(keras.ops.convert_to_numpy(tensor), "float64")


def places(size, kernel, stride, padding):
    """Return for each output place where its kernel starts."""
    if padding == "valid":
        return [o * stride for o in range((size - kernel) // stride + 1)]
    made = -(-size // stride)
    before = max((made - 1) * stride + kernel - size, 0) // 2
    return [o * stride - before for o in range(made)]


def sliding(shape, kernel, stride, padding):
    """Yield (output y, output x, [(input y, input x, kernel y, kernel x)])."""
    rows, columns = (places(shape[a], kernel[a], stride, padding) for a in (0, 1))
    for oy, top in enumerate(rows):
        for ox, left in enumerate(columns):
            inside = [
                (top + ky, left + kx, ky, kx)
                for ky in range(kernel[0])
                for kx in range(kernel[1])
                if 0 <= top + ky < shape[0] and 0 <= left + kx < shape[1]
            ]
            yield oy, ox, inside


def output_shape(shape, kernel, stride, padding, channels):
    return (*(len(places(shape[a], kernel[a], stride, padding)) for a in (0, 1)), channels)


def flat(shape, y, x, c):
    return (y * shape[1] + x) * shape[2] + c


def matrix_of(step):
    """Write a dense or convolutional layer as one matrix (outputs, inputs) and a bias."""
    layer, shape = step.layer, step.shape
    kernel = numbers(layer.kernel)
    if step.kind == "dense":
        matrix, bias = kernel.T, numbers(layer.bias) if layer.use_bias else np.zeros(kernel.shape[1])
        count = bias.size
    else:
        deep = step.kind == "depthwise"
        count = kernel.shape[2] * kernel.shape[3] if deep else kernel.shape[3]
        stride = layer.strides if isinstance(layer.strides, int) else layer.strides[0]
        out = output_shape(shape, kernel.shape[:2], stride, layer.padding, count)
        matrix = np.zeros((np.prod(out), np.prod(shape)))
        for oy, ox, inside in sliding(shape, kernel.shape[:2], stride, layer.padding):
            for iy, ix, ky, kx in inside:
                for o in range(count):
                    for c in range(shape[2]):
                        if deep:
                            weight = kernel[ky, kx, c, o % kernel.shape[3]] if o // kernel.shape[3] == c else 0.0
                        else:
                            weight = kernel[ky, kx, c, o]
                        matrix[flat(out, oy, ox, o), flat(shape, iy, ix, c)] += weight
        bias = np.tile(numbers(layer.bias) if layer.use_bias else np.zeros(count), out[0] * out[1])
    return matrix, bias


def scale_of(norm, size):
    """Write batch normalisation as factors and offsets of flat vectors."""
    factor = numbers(norm.gamma) / np.sqrt(numbers(norm.moving_variance) + norm.epsilon)
    offset = numbers(norm.beta) - numbers(norm.moving_mean) * factor
    return np.tile(factor, size // factor.size), np.tile(offset, size // factor.size)


def curve(step, x):
    return {
        "relu": lambda: np.maximum(x, 0),
        "relu6": lambda: np.clip(x, 0, 6),
        "leaky": lambda: np.where(x > 0, x, step.negative_slope * x),
        "tanh": lambda: np.tanh(x),
    }[step.kind]()


def derivative_of(step, x):
    return {
        "relu": lambda: 1.0 * (x > 0),
        "relu6": lambda: 1.0 * ((x > 0) & (x < 6)),
        "leaky": lambda: np.where(x > 0, 1.0, step.negative_slope),
        "tanh": lambda: 1 - np.tanh(x) ** 2,
    }[step.kind]()


CURVES = ("relu", "relu6", "leaky", "tanh")
AFFINE = ("dense", "conv", "depthwise")


@dataclass
class Twin:
    model: keras.Model
    shape: tuple
    steps: list = field(default_factory=list)

    def run(self, x, *, merge=True):
        """Return what every step gives, and its matrix, bias, factors or winners."""
        values, known = [np.asarray(x, "float64").ravel()], [None]
        for step in self.steps:
            taken = [values[place] for place in step.takes]
            value, facts = self._step(step, taken, merge=merge)
            values.append(value)
            known.append(facts)
        return values, known

    def _step(self, step, taken, *, merge):  # noqa: PLR0911  (one answer for each kind)
        if step.kind in AFFINE:
            matrix, bias = matrix_of(step)
            if step.norm is None:
                return matrix @ taken[0] + bias, [(matrix, bias)]
            factor, offset = scale_of(step.norm, len(bias))
            whole = factor * (matrix @ taken[0] + bias) + offset
            if merge:
                return whole, [(factor[:, np.newaxis] * matrix, factor * bias + offset)]
            return whole, [(matrix, bias), factor]
        if step.kind == "norm":
            factor, offset = scale_of(step.layer, len(taken[0]))
            return factor * taken[0] + offset, factor
        if step.kind in CURVES:
            return curve(step, taken[0]), None
        if step.kind == "mean":
            return np.array([np.mean(taken[0][window]) for window in step.windows]), None
        if step.kind == "max":
            winners = [window[np.argmax(taken[0][window])] for window in step.windows]
            return taken[0][winners], winners
        if step.kind == "add":
            return taken[0] + taken[1], None
        return np.concatenate(
            [one.reshape(-1, c) for one, c in zip(taken, step.shape, strict=True)], axis=1
        ).ravel(), None

    def back(self, x, signal, rule, *, merge=True):
        """Walk back with `rule(number of the step, what it takes, what is known of it, signal) -> [signals]`."""
        values, known = self.run(x, merge=merge)
        signals = [np.zeros_like(value) for value in values]
        signals[-1] = signal
        for number in range(len(self.steps), 0, -1):
            step = self.steps[number - 1]
            taken = [values[place] for place in step.takes]
            found = rule(number, taken, known[number], signals[number])
            for place, part in zip(step.takes, found, strict=True):
                signals[place] = signals[place] + part
        return signals[0].reshape(self.shape)

    def move(self, step, signal, taken):
        """Carry back through steps that only move values."""
        if step.kind == "concatenate":
            parts = np.split(signal.reshape(-1, sum(step.shape)), np.cumsum(step.shape)[:-1], axis=1)
            return [part.ravel() for part in parts]
        raise AssertionError(step.kind)

    def is_toss_up(self, x):
        """Tell whether two candidates of a maximum are so near that float32 cannot tell which of them wins."""
        values = self.run(x)[0]
        for step in self.steps:
            for window in step.windows if step.kind == "max" else ():
                second, best = np.sort(values[step.takes[0]][window])[-2:] if len(window) > 1 else (-np.inf, 0.0)
                if best - second < EVEN * (1 + abs(best)):
                    return True
        return False

    # The methods

    def rectified(self, x, index, *, guided):
        """Guided backpropagation or deconvolution."""

        def rule(number, taken, facts, signal):
            step = self.steps[number - 1]
            if step.kind in ("relu", "relu6", "leaky"):
                positive = np.maximum(signal, 0)
                return [positive * derivative_of(step, taken[0]) if guided else positive]
            return self.derivative(step, taken, facts, signal)

        logits = self.run(x)[0][-1]
        return self.back(x, np.eye(len(logits))[index], rule)

    def derivative(self, step, taken, facts, signal):
        if step.kind in AFFINE:
            return [facts[0][0].T @ signal]
        if step.kind == "norm":
            return [facts * signal]
        if step.kind in CURVES:
            return [derivative_of(step, taken[0]) * signal]
        if step.kind in ("mean", "max"):
            found = np.zeros_like(taken[0])
            for j, window in enumerate(step.windows):
                if step.kind == "max":
                    found[facts[j]] += signal[j]
                else:
                    found[window] += signal[j] / len(window)
            return [found]
        return [signal, signal] if step.kind == "add" else self.move(step, signal, taken)

    def lrp(self, x, index, chosen, *, merge, first=None):
        """Return the relevance, and whether float32 can find it: no denominator near 0, no maximum a toss-up."""
        safe = not self.is_toss_up(x)
        start, values = self.steps[0], self.run(x, merge=merge)[0]

        def rule(number, taken, facts, signal):
            nonlocal safe
            step, made = self.steps[number - 1], values[number]
            if step.kind in AFFINE:
                use = first if first is not None and step is start else chosen
                found, near = shared_out(use, *facts[0], taken[0], signal)
                safe = safe and not near
                return [found]
            if step.kind in ("norm", *CURVES):
                return [signal]
            if step.kind in ("mean", "add"):
                near = (np.abs(made) < TINY) & (signal != 0)
                safe = safe and not near.any()
                ratio = signal / (made + np.where(made >= 0, 1e-6, -1e-6))
                return [one * part for one, part in zip(taken, self.derivative(step, taken, facts, ratio), strict=True)]
            return self.derivative(step, taken, facts, signal)

        logits = values[-1]
        return self.back(x, np.eye(len(logits))[index] * logits, rule, merge=merge), safe

    def deep_lift(self, x, base, index):
        """Rescale; maxima give their rise to who holds them now, their fall to who held them then."""
        values, (before, base_known) = self.run(x)[0], self.run(base)

        def rule(number, taken, facts, signal):
            step, made = self.steps[number - 1], values[number]
            start = [before[place] for place in step.takes]
            if step.kind in CURVES:
                difference = taken[0] - start[0]
                same = np.abs(difference) < 1e-9
                secant = (made - before[number]) / np.where(same, 1, difference)
                return [signal * np.where(same, derivative_of(step, taken[0]), secant)]
            if step.kind == "max":
                found = np.zeros_like(taken[0])
                for j in range(len(made)):
                    change = made[j] - before[number][j]
                    if change:
                        holder = facts[j] if change > 0 else base_known[number][j]
                        found[holder] += signal[j] * change / (taken[0][holder] - start[0][holder])
                return [found]
            return self.derivative(step, taken, facts, signal)

        multipliers = self.back(x, np.eye(len(values[-1]))[index], rule)
        return multipliers * (np.asarray(x, "float64") - base)

    def reveal_cancel(self, x, base, index):  # noqa: C901  (one case for each kind)
        """Two multipliers for each value, kept as rows: up, down."""
        values, known = self.run(x)
        before, base_known = self.run(base)
        pushes = self._pushes(values, before, known)

        def merged(number, signal):
            difference = values[number] - before[number]
            pick = np.where(difference > 0, signal[0], signal[1])
            return np.where(difference == 0, signal.mean(axis=0), pick)

        signals = [np.zeros((2, len(value))) for value in values]
        signals[-1] = np.repeat(np.eye(len(values[-1]))[[index]], 2, axis=0)
        for number in range(len(self.steps), 0, -1):
            step, signal = self.steps[number - 1], signals[number]
            taken = [values[place] for place in step.takes]
            if step.kind in AFFINE:
                matrix, difference = known[number][0][0], taken[0] - before[step.takes[0]]
                found = np.zeros(len(difference))
                for i, delta in enumerate(difference):
                    for j in range(len(matrix)):
                        product = matrix[j, i] * delta
                        m = signal[0, j] if product > 0 else signal[1, j] if product < 0 else signal[:, j].mean()
                        found[i] += matrix[j, i] * m
                parts = [np.stack([found, found])]
            elif step.kind == "norm":
                factor = known[number]
                parts = [np.where(factor > 0, factor * signal, factor * signal[::-1])]
            elif step.kind in CURVES:
                parts = [
                    self._curve(step, pushes[step.takes[0]], before[step.takes[0]], taken[0], merged(number, signal))
                ]
            elif step.kind == "max":
                m, found = merged(number, signal), np.zeros_like(taken[0])
                for j in range(len(m)):
                    change = values[number][j] - before[number][j]
                    if change:
                        holder = known[number][j] if change > 0 else base_known[number][j]
                        found[holder] += m[j] * change / (taken[0][holder] - before[step.takes[0]][holder])
                parts = [np.stack([found, found])]
            else:
                rows = [self.derivative(step, taken, known[number], signal[k]) for k in (0, 1)]
                parts = [np.stack(pair) for pair in zip(*rows, strict=True)]
            for place, part in zip(step.takes, parts, strict=True):
                signals[place] = signals[place] + part
        return (merged(0, signals[0]) * (values[0] - before[0])).reshape(self.shape)

    def _pushes(self, values, before, known):
        difference = values[0] - before[0]
        pushes = [(np.maximum(difference, 0), np.minimum(difference, 0))]
        for number, step in enumerate(self.steps, 1):
            taken = [pushes[place] for place in step.takes]
            difference = values[number] - before[number]
            if step.kind in AFFINE:
                products = known[number][0][0] * (values[step.takes[0]] - before[step.takes[0]])
                push = np.maximum(products, 0).sum(axis=1), np.minimum(products, 0).sum(axis=1)
            elif step.kind in CURVES or step.kind == "max":
                push = np.maximum(difference, 0), np.minimum(difference, 0)
            elif step.kind == "norm":
                factor = known[number]
                scaled = factor * taken[0][0], factor * taken[0][1]
                push = tuple(np.where(factor > 0, scaled[k], scaled[1 - k]) for k in (0, 1))
            else:
                push = tuple(self._step(step, [one[k] for one in taken], merge=True)[0] for k in (0, 1))
            pushes.append(push)
        return pushes

    def _curve(self, step, push, start, x, multiplier):
        up, down = push
        at = [curve(step, start + one) for one in (0, up, down)]
        whole = curve(step, x)
        risen = 0.5 * (at[1] - at[0]) + 0.5 * (whole - at[2])
        fallen = 0.5 * (at[2] - at[0]) + 0.5 * (whole - at[1])
        steep = derivative_of(step, x)
        rows = [
            np.where(one == 0, steep, part / np.where(one == 0, 1, one)) for part, one in ((risen, up), (fallen, down))
        ]
        return multiplier * np.stack(rows)


def shared_out(rule, matrix, bias, x, relevance):
    """Share relevance out, output by output, input by input; also tell whether a denominator was near 0."""
    found, near = np.zeros_like(x), False
    for j, r in enumerate(relevance):
        if r == 0:
            continue
        for weights, offset, share in terms(rule, matrix[j], bias[j], x):
            total = weights.sum() + offset
            if isinstance(rule, rules.Epsilon) and rule.stabilizer:
                total += rule.stabilizer if total >= 0 else -rule.stabilizer
            near = near or 0 < abs(total) < TINY * (1 + np.abs(weights).sum())
            if total != 0:
                found += weights / total * share * r
    return found, near


def terms(rule, w, b, x):  # noqa: PLR0911  (one answer for each rule)
    """Return [(z_i of each input, what the bias adds, share)] of one output."""
    z = w * x
    positive = z.sum() + b > 0
    b = b if getattr(rule, "bias", False) else 0.0
    more, less = np.maximum(z, 0), np.minimum(z, 0)
    if isinstance(rule, rules.Epsilon):
        return [(z, b, 1)]
    if isinstance(rule, rules.AlphaBeta):
        ups, downs = (more, max(b, 0), rule.alpha), (less, min(b, 0), -rule.beta)
        if rule.conserve:
            if less.sum() + min(b, 0) == 0:
                return [(more, max(b, 0), 1)]
            if more.sum() + max(b, 0) == 0:
                return [(less, min(b, 0), 1)]
        return [ups, downs] if rule.beta else [ups]
    if isinstance(rule, rules.Gamma):
        part, extra = (more, max(b, 0)) if positive else (less, min(b, 0))
        return [(z + rule.gamma * part, b + rule.gamma * extra, 1)]
    if isinstance(rule, rules.WSquare):
        return [(w**2, 0, 1)]
    if isinstance(rule, rules.Flat):
        return [(1.0 * (w != 0), 0, 1)]  # no drawn weight is 0: where it is, the output does not look
    return [(z - rule.low * np.maximum(w, 0) - rule.high * np.minimum(w, 0), 0, 1)]


# Random twins: every part gives a Keras tensor and the steps of the other one.


@dataclass
class Draft:
    """A twin as it grows."""

    steps: list = field(default_factory=list)

    def add(self, kind, takes, **needs):
        self.steps.append(Step(kind, takes, **needs))
        return len(self.steps)


def _activated(draw, draft, t, place, kinds=("relu", "leaky", "tanh", None)):
    kind = draw(st.sampled_from(kinds))
    if kind is None:
        return t, place
    made = {
        "relu": lambda: keras.ops.relu if draw(st.booleans()) else layers.ReLU(),
        "relu6": lambda: layers.ReLU(max_value=6.0),
        "leaky": lambda: layers.LeakyReLU(negative_slope=0.25),
        "tanh": lambda: layers.Activation("tanh"),
    }[kind]()
    return made(t), draft.add(kind, [place], negative_slope=0.25)


def _affine(draw, draft, t, place, *, channels=None):
    """Draw a convolution, its rectifier fused or not, batch normalisation between or not."""
    shape = tuple(t.shape[1:])
    kernel, padding = draw(st.integers(1, 3)), draw(st.sampled_from(["same", "valid"]))
    padding = "same" if channels or min(shape[:2]) < kernel else padding
    stride = 1 if channels else draw(st.integers(1, 2))
    options = {"padding": padding, "strides": stride, "use_bias": draw(st.booleans())}
    normed, fused = draw(st.booleans()), draw(st.booleans())
    options["activation"] = "relu" if fused and not normed else None
    if draw(st.booleans()) and not channels:
        kind, layer = "depthwise", layers.DepthwiseConv2D(kernel, depth_multiplier=draw(st.integers(1, 2)), **options)
    else:
        kind, layer = "conv", layers.Conv2D(channels or draw(st.integers(2, 3)), kernel, **options)
    t = layer(t)
    place = draft.add(kind, [place], layer=layer, shape=shape)
    if normed:
        norm = layers.BatchNormalization()
        t, draft.steps[-1].norm = norm(t), norm
    if options["activation"]:
        place = draft.add("relu", [place])
    return t, place


def _part(draw, draft, t, place):
    shape = tuple(t.shape[1:])
    kind = draw(st.sampled_from(["affine", "pool", "pool", "add", "concatenate", "norm", "twice"]))
    if kind == "pool" and min(shape[:2]) >= 2:
        t, place = _activated(draw, draft, t, place, ("leaky", "tanh", None))  # no zeros: equal maxima are a toss-up
        shape, maxima = tuple(t.shape[1:]), draw(st.booleans())
        size = 2
        pool = (layers.MaxPooling2D if maxima else layers.AveragePooling2D)(size)
        windows = [
            np.array([flat(shape, y, x, c) for y, x, _, _ in inside])
            for _, _, inside in sliding(shape, (size, size), size, "valid")
            for c in range(shape[2])
        ]
        return pool(t), draft.add("max" if maxima else "mean", [place], windows=windows)
    if kind in ("add", "concatenate"):
        left, a = _affine(draw, draft, t, place, channels=shape[2])
        right, b = (t, place) if draw(st.booleans()) else _affine(draw, draft, t, place, channels=shape[2])
        if kind == "add":
            return (left + right if draw(st.booleans()) else layers.Add()([left, right])), draft.add("add", [a, b])
        return layers.Concatenate()([left, right]), draft.add("concatenate", [a, b], shape=(shape[2], shape[2]))
    if kind == "norm":
        t, place = _activated(draw, draft, t, place, ("leaky",))
        norm = layers.BatchNormalization()
        return norm(t), draft.add("norm", [place], layer=norm)
    if kind == "twice":
        shared = layers.Conv2D(shape[2], 3, padding="same", activation="relu")
        for _ in range(2):
            t = shared(t)
            place = draft.add("relu", [draft.add("conv", [place], layer=shared, shape=shape)])
        return t, place
    t, place = _affine(draw, draft, t, place)
    return _activated(draw, draft, t, place)


def _nested(draw, draft, t, place):
    """Put a part into a model of its own."""
    start = keras.Input(t.shape[1:])
    inner, place = _part(draw, draft, start, place)
    return keras.Model(start, inner)(t), place


@st.composite
def twins(draw):
    """Draw a network (H, W, 2) -> (3,), and its twin."""
    shape = (draw(st.integers(3, 5)), draw(st.integers(3, 5)), 2)
    start, draft = keras.Input(shape), Draft()
    t, place = _affine(draw, draft, start, 0)
    for _ in range(draw(st.integers(1, 3))):
        t, place = (_nested if draw(st.integers(0, 3)) == 0 else _part)(draw, draft, t, place)
    if draw(st.booleans()):
        sizes, channels = tuple(t.shape[1:]), t.shape[-1]
        area = range(sizes[0] * sizes[1])
        windows = [np.array([one * channels + c for one in area]) for c in range(channels)]
        t, place = layers.GlobalAveragePooling2D()(t), draft.add("mean", [place], windows=windows)
    else:
        t = layers.Flatten()(t)
    if draw(st.booleans()):
        hidden = layers.Dense(4, activation="relu")
        t, place = hidden(t), draft.add("relu", [draft.add("dense", [place], layer=hidden)])
    scores = layers.Dense(3, activation=draw(st.sampled_from([None, "softmax"])))
    model = keras.Model(start, scores(t))
    draft.add("dense", [place], layer=scores)
    random_nets.with_random_weights(model, draw(st.integers(0, 1000)))
    return Twin(model, shape, draft.steps)
