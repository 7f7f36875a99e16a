"""What a net that knows ImageNet's thousand classes says of each view, and a net that learns to foresee it.

Eleven words say little about a picture; a thousand scores tell the breed, the room, the tool in the hand. The photos
net learns to foresee them with a second head that is thrown away afterwards (Hinton, Vinyals and Dean, "Distilling the
Knowledge in a Neural Network", 2015). The teacher is shown the very view that the net sees (Beyer et al., "Knowledge
distillation: A good teacher is patient and consistent", CVPR 2022).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import keras

if TYPE_CHECKING:
    from pathlib import Path

SIDE = 192  # pixels: smaller views cost the teacher accuracy, larger ones time
HINTS = 1.0  # weight of what the teacher says beside the class
SMOOTHING = 0.05


def read_teacher(path: Path) -> keras.Model:
    """Return a saved convolutional net, for pictures of any side.

    It takes RGB values 0..255, with its preprocessing inside, and ends in a softmax.
    """
    model = keras.saving.load_model(path, compile=False)
    free = keras.models.clone_model(
        model,
        input_tensors=keras.Input((None, None, 3)),
        clone_function=lambda layer: layer.__class__.from_config(layer.get_config()),
    )
    free.set_weights(model.get_weights())
    free.trainable = False
    return free


class Student(keras.Model):
    """A net with a second dense layer on the same features, for what the teacher says."""

    def __init__(self, net: keras.Model, teacher: keras.Model) -> None:
        super().__init__()
        hints = keras.layers.Dense(teacher.output_shape[-1], name="hints")(net.get_layer("gap").output)
        self.both = keras.Model(net.inputs, [*net.outputs, hints])
        self.teacher = teacher

    def call(self, views: Any, training: bool | None = None) -> Any:
        """Return the logits (N, K) of the classes and (N, 1000) of the hints."""
        return self.both(views, training=training)

    def compute_loss(  # noqa: D102  (Keras has it)
        self,
        x: Any = None,
        y: Any = None,
        y_pred: Any = None,
        sample_weight: Any = None,
        training: bool = True,
    ) -> Any:
        del training
        ops, (named, foreseen) = keras.ops, y_pred
        said = self.teacher(255 * ops.image.resize(x, (SIDE, SIDE)), training=False)
        wanted = (1 - SMOOTHING) * y + SMOOTHING / y.shape[-1]
        by_class = ops.categorical_crossentropy(wanted, named, from_logits=True)
        by_hints = ops.categorical_crossentropy(ops.stop_gradient(said), foreseen, from_logits=True)
        return ops.mean(sample_weight * (by_class + HINTS * by_hints))
