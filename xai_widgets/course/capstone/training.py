"""Training the four networks of a plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import numpy as np

from xai_widgets.course.capstone.plan import CLASSES, LAYERS, LETTERS
from xai_widgets.course.capstone.team_pictures import SIDE, fresh_pictures, spoilt

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import keras
    from numpy.typing import NDArray

    from xai_widgets.course.capstone.plan import FaultPlan
    from xai_widgets.course.capstone.team_pictures import Pictures

COUNT: Final = 6_000  # pictures to learn from
EPOCHS: Final = 8
_FILTERS: Final = (24, 40, 64, 96)
_BATCH: Final = 48
_ASKED: Final = 120  # pictures in a batch of predictions
_PEAK: Final = 3e-3
_TOO_LARGE: Final = 0.1  # some thirty times the largest step of the rest of the training
_DEAD: Final = 0.5  # share of a layer's units that must be dead
_MOST_STEPS: Final = 60


def train_networks(
    plan: FaultPlan, *, count: int = COUNT, epochs: int = EPOCHS, report: Callable[[str], object]
) -> Any:
    """Return the trained network of each letter.

    All are trained on the same drawings, each with its team's changes to them.

    Parameters
    ----------
    plan : FaultPlan
    count : int
        How many drawings.
    epochs : int
    report : callable
        Gets a line of text at each step.

    Returns
    -------
    dict of str to keras.Model

    Raises
    ------
    RuntimeError
        If too few units are dead.
    """
    clean = fresh_pictures(count, (plan.seed, 1))
    networks = {}
    for place, letter in enumerate(LETTERS):
        fault = plan.fault(letter)
        pictures = spoilt(clean, plan, fault, plan.seed)

        def told(text: str, letter: str = letter) -> object:
            return report(f"{letter}: {text}")

        layer = plan.layer if fault == "dead" else None
        networks[letter] = _train(pictures, plan.seed * len(LETTERS) + place, epochs, layer, told)
    return networks


def _train(pictures: Pictures, seed: int, epochs: int, layer: str | None, report: Callable[[str], object]) -> Any:
    """Train one network; after its first epoch, units of `layer` are made dead."""
    import keras

    keras.utils.set_random_seed(seed)
    rng = np.random.default_rng(seed)
    network = _training_net(layer)
    if layer is None:
        _fit(network, pictures, epochs, rng, report)
    else:
        _fit(network, pictures, 1, rng, report)
        _overheat(network, layer, pictures, rng)
        _fit(network, pictures, epochs - 1, rng, report)
    return _plain(network)


def _fit(
    network: Any, pictures: Pictures, epochs: int, rng: np.random.Generator, report: Callable[[str], object]
) -> None:
    import keras

    steps = epochs * (len(pictures) // _BATCH)
    rate = keras.optimizers.schedules.CosineDecay(1e-4, steps, warmup_target=_PEAK, warmup_steps=max(1, steps // 10))
    network.compile(keras.optimizers.AdamW(rate, weight_decay=0.01), "sparse_categorical_crossentropy")
    for epoch in range(epochs):
        order, losses = rng.permutation(len(pictures)), []
        for start in range(0, len(order) - _BATCH + 1, _BATCH):
            rows = order[start : start + _BATCH]
            losses.append(float(network.train_on_batch(inputs(pictures.pictures[rows]), pictures.classes[rows])))
        report(f"epoch {epoch + 1} of {epochs}, loss {np.mean(losses):.3f}")


def _overheat(network: Any, layer: str, pictures: Pictures, rng: np.random.Generator) -> None:
    """Make units dead as it happens by mistake: with steps at much too high a learning rate, in one layer.

    The steps make the biases of units so low that no picture activates them; their gradient is zero then, and further
    training leaves them as they are. Units that are still active get their weights back, as from a checkpoint.
    """
    import keras

    trained, before = network.get_layer(layer), network.get_weights()
    for one in network.layers:
        one.trainable = one is trained
    network.compile(keras.optimizers.Adam(_TOO_LARGE), "sparse_categorical_crossentropy")
    for _ in range(_MOST_STEPS):
        rows = rng.integers(0, len(pictures), _BATCH)
        network.train_on_batch(inputs(pictures.pictures[rows]), pictures.classes[rows])
        dead = silent_units(network, f"{layer}_relu", pictures.pictures[:960])
        if dead.mean() >= _DEAD:
            break
    else:
        raise RuntimeError(f"fewer than {_DEAD:.0%} of the units of {layer} died; choose another seed")
    killed = trained.get_weights()
    network.set_weights(before)
    kept = trained.get_weights()
    for now, after in zip(kept, killed, strict=True):
        now[..., dead] = after[..., dead]
    trained.set_weights(kept)
    for one in network.layers:
        one.trainable = True


def silent_units(network: Any, layer: str, pictures: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return which units of a layer are inactive for all pictures at all positions."""
    import keras

    inner = keras.Model(network.inputs[0], network.get_layer(layer).output)
    largest = [one.max(axis=(0, 1, 2)) for one in outputs(inner, pictures)]
    silent: NDArray[np.bool_] = np.max(largest, axis=0) <= 0
    return silent


def outputs(network: Any, pictures: NDArray[np.uint8]) -> Iterator[NDArray[np.float32]]:
    """Yield the outputs of a network batch by batch, without compilation, which would be slow for many networks."""
    import keras

    for start in range(0, len(pictures), _ASKED):
        asked = inputs(pictures[start : start + _ASKED])
        yield keras.ops.convert_to_numpy(network(asked, training=False))


def inputs(pictures: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return pictures as these networks take them, 0..1."""
    return pictures.astype(np.float32) / np.float32(255)


def _training_net(without_norm: str | None) -> keras.Model:
    """Return the untrained network, with BatchNorm in all layers but one, if one is named."""
    import keras

    layers = keras.layers
    parts: list[Any] = [keras.Input((SIDE, SIDE, 3), name="image")]
    for name, options in _convolutions():
        normed = name != without_norm
        parts.append(layers.Conv2D(**options, use_bias=not normed, kernel_initializer="he_normal", name=name))
        parts += [layers.BatchNormalization(momentum=0.9, name=f"{name}_norm")] if normed else []
        parts.append(layers.ReLU(name=f"{name}_relu"))
        parts += [layers.MaxPooling2D(name=f"pool_{name}")] if name in {"conv2", "conv3"} else []
    return keras.Sequential([*parts, *_head()], name="training")


def _plain(trained: Any) -> keras.Model:
    """Return the network without BatchNorm, whose effect goes into the weights; numbers of float16 compress well."""
    import keras

    layers = keras.layers
    parts: list[Any] = [keras.Input((SIDE, SIDE, 3), name="image")]
    for name, options in _convolutions():
        parts.append(layers.Conv2D(**options, activation="relu", name=name))
        parts += [layers.MaxPooling2D(name=f"pool_{name}")] if name in {"conv2", "conv3"} else []
    network = keras.Sequential([*parts, *_head()], name="suspect")
    named = {layer.name: layer for layer in trained.layers}
    for name in (*LAYERS, "scores"):
        weights = named[name].get_weights()
        if f"{name}_norm" in named:
            norm = named[f"{name}_norm"]
            gamma, beta, mean, variance = norm.get_weights()
            scale = gamma / np.sqrt(variance + norm.epsilon)
            weights = [weights[0] * scale, beta - mean * scale]
        network.get_layer(name).set_weights([one.astype("float16").astype("float32") for one in weights])
    return network


def _convolutions() -> list[tuple[str, dict[str, Any]]]:
    """Return the name and the options of each convolution; the first has stride 2."""
    return [
        (name, {"filters": filters, "kernel_size": 5 if first else 3, "strides": 2 if first else 1, "padding": "same"})
        for name, filters, first in zip(LAYERS, _FILTERS, (True, False, False, False), strict=True)
    ]


def _head() -> list[Any]:
    import keras

    layers = keras.layers
    return [layers.GlobalAveragePooling2D(name="gap"), layers.Dense(len(CLASSES), "softmax", name="scores")]
