"""Train the two-headed model: ``python -m data.creatures.heads``, on two cores minutes, after ``data.creatures.train``.

One head names the animals; the other one speaks: a caption of three words, and the answer to a question.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import keras
import numpy as np

from data.cards import ASSETS, write_card
from data.creatures.pictures import TESTING, Wish, drawn
from data.creatures.train import BATCH, ONE, PLAN, TWO, training_pictures
from data.saving import save_repeatably
from xai_widgets.datasets.creatures import LABELS, Scene, sample_scene
from xai_widgets.datasets.creatures.language import ANSWERS, NOTHING, QUESTIONS, RELATIONS, answer, caption

FOLDER = ASSETS / "creatures_heads"
SEED, EPOCHS, PEAK = 0, 4, 1e-3
WORDS = {"subject": LABELS, "relation": RELATIONS, "other": (*LABELS, NOTHING), "answer": ANSWERS}
TEST = (Wish(2_000, 1, TESTING), Wish(1_000, 2, TESTING))
layers = keras.layers


def build() -> keras.Model:
    """Return the untrained net, from a picture and a question (one of seven, as 0 and 1) to all that it says.

    What it says has to do with places, which global average pooling would forget: the speaking head keeps the map.
    """
    image = keras.Input((PLAN.side, PLAN.side, 3), name="image")
    question = keras.Input((len(QUESTIONS),), name="question")
    seen = image
    for number, block in enumerate(PLAN.convolutions(), 1):
        for name, options in block:
            seen = layers.Conv2D(**options, activation="relu", name=name)(seen)
        if number < len(PLAN.blocks):
            seen = layers.MaxPooling2D(name=f"pool{number}")(seen)
    named = layers.GlobalAveragePooling2D(name="gap")(seen)
    told = _summary(seen, "caption")
    asked = layers.Dense(PLAN.blocks[-1][-1], activation="sigmoid", name="asked")(question)
    asked = layers.Reshape((1, 1, PLAN.blocks[-1][-1]), name="asked_everywhere")(asked)
    answered = _summary(layers.Multiply(name="looked_for")([seen, asked]), "answer")
    answered = layers.Concatenate(name="answer_and_question")([answered, question])
    answered = layers.Dense(128, activation="relu", name="answer_thought")(answered)
    outputs = {"classes": layers.Dense(len(LABELS), activation="sigmoid", name="classes")(named)}
    for name, words in WORDS.items():
        source = answered if name == "answer" else told
        outputs[name] = layers.Dense(len(words), activation="softmax", name=name)(source)
    return keras.Model({"image": image, "question": question}, outputs, name="creatures_heads")


def _summary(seen: keras.KerasTensor, name: str) -> keras.KerasTensor:
    """Return what a map shows and where, as 128 numbers."""
    seen = layers.Conv2D(64, 3, padding="same", activation="relu", name=f"{name}_conv")(seen)
    seen = layers.MaxPooling2D(name=f"{name}_pool")(seen)
    return layers.Dense(128, activation="relu", name=f"{name}_summary")(layers.Flatten(name=f"{name}_flat")(seen))


def asking_everything(net: keras.Model) -> keras.Model:
    """Return the same layers, asked all questions of a picture at once: the answers are (N, Q, A).

    What is seen is computed once for all of them, so that a picture teaches seven answers for little more than one.
    """
    count, (high, wide, channels) = len(QUESTIONS), net.get_layer("looked_for").output.shape[1:]
    image = keras.Input(net.input["image"].shape[1:], name="image")
    questions = keras.Input((count, count), name="questions")
    seen = image
    for layer in net.layers:
        if layer.name.startswith(("conv", "pool")):
            seen = layer(seen)
    told = _through(net, seen, "caption_conv", "caption_pool", "caption_flat", "caption_summary")
    asked = layers.Reshape((count, 1, 1, channels))(net.get_layer("asked")(questions))
    looked_for = layers.Multiply()([layers.Reshape((1, high, wide, channels))(seen), asked])
    looked_for = keras.ops.reshape(looked_for, (-1, high, wide, channels))
    answered = _through(net, looked_for, "answer_conv", "answer_pool", "answer_flat", "answer_summary")
    answered = layers.Concatenate()([answered, keras.ops.reshape(questions, (-1, count))])
    answered = _through(net, answered, "answer_thought", "answer")
    outputs = {name: net.get_layer(name)(told) for name in ("subject", "relation", "other")}
    outputs["classes"] = _through(net, seen, "gap", "classes")
    outputs["answer"] = keras.ops.reshape(answered, (-1, count, len(ANSWERS)))
    return keras.Model({"image": image, "questions": questions}, outputs)


def _through(net: keras.Model, tensor: keras.KerasTensor, *names: str) -> keras.KerasTensor:
    for name in names:
        tensor = net.get_layer(name)(tensor)
    return tensor


def scenes(wishes: tuple[Wish, ...]) -> list[Scene]:
    """Return the scenes of drawn pictures."""
    return [sample_scene((wish.seed, row), animals=wish.animals) for wish in wishes for row in range(wish.count)]


def words_of(drawn_scenes: list[Scene]) -> dict[str, np.ndarray]:
    """Return what there is to say of scenes, as indices: (N,) for each word of the caption, (N, Q) for the answers."""
    captions = [caption(scene) for scene in drawn_scenes]
    said = {
        name: np.array([WORDS[name].index(getattr(one, name)) for one in captions])
        for name in ("subject", "relation", "other")
    }
    return said | {"answer": np.array([[ANSWERS.index(answer(one, q)) for q in QUESTIONS] for one in drawn_scenes])}


def train(pictures: np.ndarray, targets: np.ndarray, words: dict[str, np.ndarray], epochs: int) -> keras.Model:
    """Return the trained net; its eyes begin with the weights of the creatures model."""
    keras.utils.set_random_seed(SEED)
    net, rng = build(), np.random.default_rng(SEED)
    eyes = keras.saving.load_model(ASSETS / "creatures" / "creatures.keras")
    for layer in eyes.layers:
        if isinstance(layer, layers.Conv2D):
            net.get_layer(layer.name).set_weights(layer.get_weights())
    net.get_layer("classes").set_weights(eyes.get_layer("scores").get_weights())
    learner, all_questions = asking_everything(net), np.eye(len(QUESTIONS), dtype="float32")
    steps = epochs * (len(targets) // BATCH)
    schedule = keras.optimizers.schedules.CosineDecay(1e-4, steps, warmup_target=PEAK, warmup_steps=steps // 12)
    losses = dict.fromkeys(WORDS, "sparse_categorical_crossentropy") | {"classes": "binary_crossentropy"}
    learner.compile(
        keras.optimizers.AdamW(schedule, beta_2=0.99, weight_decay=0.01),
        losses,
        {"classes": 4.0, "answer": 4.0} | dict.fromkeys(("subject", "relation", "other"), 1.0),
    )
    for epoch in range(epochs):
        order, lost = rng.permutation(len(targets)), []
        for start in range(0, len(order) - BATCH + 1, BATCH):
            rows = np.sort(order[start : start + BATCH])
            seen = {"image": pictures[rows].astype("float32") / 255, "questions": np.stack([all_questions] * BATCH)}
            said = {name: values[rows] for name, values in words.items()} | {"classes": targets[rows]}
            lost.append(learner.train_on_batch(seen, said, return_dict=True)["loss"])
            if not start % (50 * BATCH):
                print(f"epoch {epoch + 1:2d}/{epochs}  batch {start // BATCH:3d}  loss {lost[-1]:.4f}", flush=True)
    shipped = build()  # without the optimiser's state
    shipped.set_weights([one.astype("float16").astype("float32") for one in net.get_weights()])
    return shipped


def _inputs(pictures: np.ndarray, asked: np.ndarray) -> dict[str, np.ndarray]:
    return {"image": pictures.astype("float32") / 255, "question": np.eye(len(QUESTIONS), dtype="float32")[asked]}


def measure(net: keras.Model, work: Path) -> dict[str, float | list[float]]:
    """Return how often the net says the right thing of fresh pictures."""
    parts = [drawn(wish, work) for wish in TEST]
    pictures, targets = (np.concatenate(kept) for kept in zip(*parts, strict=True))
    words, chunks = words_of(scenes(TEST)), np.array_split(np.arange(len(targets)), len(targets) // 100)

    def said(question: int) -> dict[str, np.ndarray]:
        answers = [net.predict_on_batch(_inputs(pictures[rows], np.full(len(rows), question))) for rows in chunks]
        return {name: np.concatenate([one[name] for one in answers]) for name in answers[0]}

    answers = [said(question) for question in range(len(QUESTIONS))]
    right = {name: answers[0][name].argmax(axis=1) == words[name] for name in ("subject", "relation", "other")}
    alone = targets.sum(axis=1) == 1
    named, classes = answers[0]["classes"][alone].argmax(axis=1), targets[alone].argmax(axis=1)
    return {
        "accuracy": float((named == classes).mean()),
        "accuracy_per_class": [float((named[classes == one] == one).mean()) for one in range(len(LABELS))],
        "captions_right": float(np.all(list(right.values()), axis=0).mean()),
        "captions_of_two_right": float(np.all(list(right.values()), axis=0)[~alone].mean()),
        "answers_right": [
            float((one["answer"].argmax(axis=1) == words["answer"][:, number]).mean())
            for number, one in enumerate(answers)
        ],
    }


def main() -> None:
    """Train, save, measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--work", type=Path, default=Path("build/creatures"), help="folder for drawn pictures")
    parser.add_argument("--output", type=Path, default=FOLDER, help="folder of the model and its card")
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    pictures, targets = training_pictures(options.work)
    net = train(pictures, targets, words_of(scenes((ONE, TWO))), options.epochs)
    figures = {"sha256": save_repeatably(net, options.output / "creatures_heads.keras"), **measure(net, options.work)}
    for name, value in figures.items():
        print(f"{name}: {value}")
    if (options.output / "card.toml").exists():
        write_card(options.output, figures)


if __name__ == "__main__":
    main()
