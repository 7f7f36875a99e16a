"""The command ``explain``: one model, one method, a few pictures; maps as figures or arrays, text or JSON."""

from __future__ import annotations

import contextlib
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from xai_widgets.cli.errors import UsageError
from xai_widgets.cli.output_files import FORMATS, plan_outputs
from xai_widgets.cli.quiet import start_backend
from xai_widgets.common.user_files import user_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from xai_widgets.cli.output_files import OutputFiles
    from xai_widgets.models.kinds.classifier import Classifier
    from xai_widgets.results.attribution_result import Attribution

_STANDARD_INPUT: Final = "-"
_TOP = 3  # answers that are told
_RANGES: Final = {"0..1": (0.0, 1.0), "-1..1": (-1.0, 1.0), "0..255": (0.0, 255.0)}


def add_commands(commands: Any) -> None:
    """Add ``explain`` to the subcommands of an argument parser."""
    text = "explain the predictions of a model for pictures, and save the maps"
    one = commands.add_parser("explain", help=text, description=text)
    one.set_defaults(run=_explain)
    one.add_argument(
        "pictures", nargs="+", metavar="PICTURE", help="a file, a web address, or - for the standard input"
    )
    one.add_argument("--model", default="photos", help="a name from `xai-widgets models`, or a .keras or .h5 file")
    one.add_argument("--method", default="grad_cam", help="a name from `xai-widgets methods`")
    one.add_argument("--target", help="the class to explain, a name or a number; by default the predicted one")
    one.add_argument(
        "--labels", help="class names: a text file with one name a line, a JSON file, imagenet, or names as cat,dog"
    )
    one.add_argument(
        "--preprocess",
        help="what becomes of the pixel values 0..255 for a model from a file: 0..1, -1..1 (as --preprocess=-1..1), "
        "or a model of keras.applications that prepares its own, such as resnet50",
    )
    one.add_argument("--size", type=_size, help="for a model that takes any size: height and width, as 224 or 224x320")
    one.add_argument(
        "-O",
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="an option of the method, such as samples=100; may be given several times",
    )
    one.add_argument(
        "-o",
        "--output",
        help="the file to write, by its ending .png, .pdf, .svg or .npz (the result itself; it takes several pictures "
        "of one size), or a folder; by default the current folder. In a folder the names are PICTURE-METHOD.png, with "
        "a number where such a file is there",
    )
    one.add_argument(
        "--format", action="append", choices=FORMATS, help="endings in a folder, by default png; repeatable"
    )
    one.add_argument("--json", action="store_true", help="print one JSON list with an entry for each picture")


@dataclass(frozen=True)
class _Task:
    """What is done with every picture."""

    model: Classifier
    method: str
    target: str | int | None
    options: dict[str, Any]
    size: tuple[int, int] | None

    def explained(self, source: str) -> tuple[dict[str, Any], Attribution]:
        """Return what is told of a picture, and its explanation."""
        from xai_widgets.datasets.pictures.picture_reading import load_image
        from xai_widgets.methods import explain
        from xai_widgets.models.inputs.preprocessing import resize_picture

        picture = load_image(sys.stdin.buffer if source == _STANDARD_INPUT else source)
        if self.size is not None:
            picture = resize_picture(picture, self.size, 3).round().astype("uint8")
        found = explain(self.model, picture, self.method, self.target, **self.options)
        answer = self.model.predict(picture)
        told = {
            "picture": source,
            "model": found.recipe.model,
            "method": found.recipe.method,
            "target": found.recipe.target[0],
            "score": float(found.score[0]),
            "delta": None if found.delta is None else float(found.delta[0]),
            "predictions": [
                {"label": one.label, answer.quantity: float(one.probability)} for one in answer.top(_TOP)[0]
            ],
            "recipe": str(found.recipe),
        }
        return told, found


def _explain(options: argparse.Namespace) -> int:
    """Explain each picture; what is wrong with the arguments is found before the first."""
    _check_sources(options.pictures)
    labels = _labels(options.labels)
    start_backend()
    from xai_widgets.cli.method_options import method_options
    from xai_widgets.methods.registry import FUNCTIONS

    method = _method(options.method)
    chosen = method_options(FUNCTIONS[method], options.option)
    outputs = plan_outputs(options.pictures, method, options.output, options.format)
    model = _model(options.model, labels, _preprocessing(options.preprocess))
    _check_size(model, options.size)
    task = _Task(model, method, _target(options.target, model), chosen, options.size)
    return _run(task, options.pictures, outputs, as_json=options.json)


def _run(task: _Task, sources: Sequence[str], outputs: OutputFiles, *, as_json: bool) -> int:
    """Explain the pictures one after the other; one that fails does not keep the others from being explained."""
    told: list[dict[str, Any]] = []
    results: list[Attribution] = []
    failed = 0
    for place, (source, paths) in enumerate(zip(sources, outputs.each, strict=True)):
        try:
            record, found = task.explained(source)
            if outputs.joined is not None:
                _check_shape(found, results)
                results.append(found)
            for path in paths:
                path.parent.mkdir(parents=True, exist_ok=True)
                found.save(path)
        except (ValueError, OSError, TypeError) as error:
            _refuse_option(task, error, place)
            if len(sources) == 1:
                raise
            failed += 1
            record = {"picture": source, "error": " ".join(str(error).split())}
            print(f"xai-widgets explain: {source}: {record['error']}", file=sys.stderr)  # noqa: T201
        else:
            record["files"] = [str(path) for path in paths]
        told.append(record)
        if not as_json and "error" not in record:
            print(_as_text(record, named=len(sources) > 1))  # noqa: T201
    if outputs.joined is not None and results:
        type(results[0]).concatenate(results).save(outputs.joined)
        print(outputs.joined, file=sys.stderr if as_json else sys.stdout)
    if as_json:
        print(json.dumps(told, ensure_ascii=False, indent=2))  # noqa: T201
    return int(failed > 0)


def _check_shape(found: Attribution, results: Sequence[Attribution]) -> None:
    """Refuse a result that does not go into one file with those before."""
    if results and found.values.shape != results[0].values.shape:
        shapes = " and ".join("x".join(map(str, one.values.shape[1:3])) for one in (results[0], found))
        raise ValueError(f"results of {shapes} do not go into one file: give a --size, or a folder to --output")


def _refuse_option(task: _Task, error: Exception, place: int) -> None:
    """Raise an error of usage if the method refuses an option: it does so for the first picture."""
    if place == 0 and isinstance(error, (ValueError, TypeError)) and any(name in str(error) for name in task.options):
        raise UsageError(str(error)) from error


def _as_text(record: dict[str, Any], *, named: bool) -> str:
    lines = [f"{_answer(one)}  {one['label']}" for one in record["predictions"]]
    return "\n".join([*([record["picture"]] if named else []), *lines, record["recipe"], *record["files"]])


def _answer(prediction: dict[str, Any]) -> str:
    """Write a probability in per cent, and the value of a model that gives none as it is."""
    return f"{prediction['probability']:7.1%}" if "probability" in prediction else f"{prediction['value']:8.6g}"


def _check_sources(sources: Sequence[str]) -> None:
    """Refuse files that are not there, and the standard input twice."""
    if list(sources).count(_STANDARD_INPUT) > 1:
        raise UsageError("- is the standard input, which can be read only once")
    from xai_widgets.datasets.pictures.picture_reading import check_source

    for source in sources:
        if source != _STANDARD_INPUT:
            try:
                check_source(source)
            except ValueError as error:
                raise UsageError(str(error)) from error


def _labels(text: str | None) -> str | list[str] | None:
    """Return the labels that a text names: a file, "imagenet", or names between commas."""
    from xai_widgets.common.class_labels import read_labels

    if text is None or text == "imagenet":
        return text
    try:
        if "," in text and not user_path(text).is_file():
            return read_labels([name.strip() for name in text.split(",")])
        return read_labels(text)
    except (ValueError, OSError) as error:
        raise UsageError(f"--labels: {error}") from error


def _method(name: str) -> str:
    """Return the name of a method that explains pictures."""
    from xai_widgets.common.name_matching import match, suggestion
    from xai_widgets.methods.registry import METHODS, methods_for

    found = match(name, METHODS)
    if found is None:
        raise UsageError(f"unknown method {name!r}; {suggestion(name, methods_for('picture'))}")
    if found not in methods_for("picture"):
        raise UsageError(f"{found} explains no pictures; choose {' or '.join(methods_for('picture'))}")
    return found


def _preprocessing(text: str | None) -> Callable[[NDArray[Any]], Any] | None:
    """Return the preprocessing that a text names."""
    if text is None:
        return None
    if text in _RANGES:
        low, high = _RANGES[text]
        return lambda pixels: low + pixels * ((high - low) / 255)
    import keras

    module = getattr(keras.applications, text, None)
    prepare = getattr(module, "preprocess_input", None)
    if prepare is None:
        names = sorted(
            name for name in dir(keras.applications) if hasattr(getattr(keras.applications, name), "preprocess_input")
        )
        raise UsageError(f"--preprocess is one of {', '.join([*_RANGES, *names])}, not {text!r}")
    return lambda pixels: prepare(pixels.copy(), data_format="channels_last")


def _model(name: str, labels: Any, preprocess: Callable[[NDArray[Any]], Any] | None) -> Classifier:
    from xai_widgets.assets.cards import ModelError
    from xai_widgets.models.zoo.loading import load_model

    try:
        with contextlib.redirect_stdout(sys.stderr):  # Keras writes of its downloads
            model = load_model(name, labels=labels, preprocess=preprocess)
    except ModelError as error:
        if user_path(name).is_file():
            raise
        raise UsageError(str(error)) from error
    except ValueError as error:
        raise UsageError(str(error)) from error
    if len(model.input_shape) != 3 or model.input_shape[-1] not in {1, 3}:
        raise UsageError(f"{model.name!r} reads no pictures: its inputs have the shape {model.input_shape}")
    return model


def _target(text: str | None, model: Classifier) -> str | int | None:
    """Return the name of a class, or its number if the text is a number and not the name of a class."""
    from xai_widgets.models.outputs.targets import class_index

    if text is None:
        return None
    number = text.removeprefix("-").isdecimal() and text not in model.labels
    target = int(text) if number else text
    try:
        class_index(target, model.labels)
    except ValueError as error:
        raise UsageError(f"--target: {error}") from error
    return target


def _size(text: str) -> tuple[int, int]:
    """Read ``224`` or ``224x320``."""
    sides = [int(side) for side in text.lower().split("x")]
    if len(sides) > 2 or min(sides) < 1 or max(sides) > 8192:
        raise ValueError(text)
    return sides[0], sides[-1]


def _check_size(model: Classifier, size: tuple[int, int] | None) -> None:
    """Refuse a size for a model that has its own."""
    declared = tuple(getattr(model.model, "input_shape", ()) or ())
    own = declared[1:3] if len(declared) == 4 else tuple(model.input_shape[:2])
    if size is not None and any(side not in {None, wanted} for side, wanted in zip(own, size, strict=True)):
        wanted = "x".join(map(str, own))
        raise UsageError(f"--size: {model.name!r} takes pictures of {wanted}, to which they are resized; leave it out")
