"""Write the files of this folder: real files of Keras 2, with what its models answered. It needs ``tf_keras``.

python tests/models/zoo/keras2/make.py
"""

from pathlib import Path

import numpy as np
import tf_keras as keras
from tf_keras import layers

HERE = Path(__file__).parent
PICTURE, SEQUENCE = (6, 6, 3), (5, 4)


def convolutions():
    start = keras.Input(PICTURE)
    left = layers.DepthwiseConv2D(3, padding="same")(start)
    right = layers.SeparableConv2D(3, 3, padding="same", activation="relu")(layers.RandomFlip()(start))
    pooled = layers.GlobalAveragePooling2D()(layers.SpatialDropout2D(0.1)(layers.Add()([left, right])))
    return keras.Model(start, layers.Dense(3, "softmax")(pooled)), PICTURE


def recurrent():
    hidden = [layers.LSTM(4, return_sequences=True), layers.Bidirectional(layers.GRU(3)), layers.Dense(2, "softmax")]
    return keras.Sequential([keras.Input(SEQUENCE), *hidden]), SEQUENCE


def hard_sigmoid():
    return keras.Sequential([keras.Input((4,)), layers.Dense(3, "hard_sigmoid")]), (4,)


def own_operations():
    start = keras.Input((4,))
    return keras.Model(start, layers.Dense(2)(start * 2.0 + 1.0)), (4,)


def main():
    keras.utils.set_random_seed(0)
    for make in (convolutions, recurrent, hard_sigmoid, own_operations):
        model, shape = make()
        x = np.random.default_rng(0).normal(size=(2, *shape)).astype("float32")
        np.savez(HERE / f"{make.__name__}.npz", x=x, y=model.predict(x, verbose=0))
        model.save(HERE / f"{make.__name__}.h5")
    convolutions()[0].save(HERE / "convolutions.keras")


if __name__ == "__main__":
    main()
