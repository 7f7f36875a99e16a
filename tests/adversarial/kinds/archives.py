"""Files of models and of results: cut off, damaged, packed oddly, deep, endless, leading elsewhere."""

import io
import json
import shutil
import tempfile
import zipfile
from functools import cache
from pathlib import Path

import keras
import numpy as np

from tests.adversarial.judging import Case
from tests.models import nets
from tests.models.zoo import test_file_safety as safety
from xai_widgets import Attribution, explain, load_model

GUESTS = [
    ("keras.layers", "TFSMLayer"),
    ("keras.layers", "Lambda"),
    ("keras.layers", "NoSuchLayer"),
    ("keras.src.utils.file_utils", "get_file"),
    ("keras.utils", "PyDataset"),
    ("os", "system"),
    ("builtins", "eval"),
    ("subprocess", "Popen"),
    ("__main__", "Own"),
    ("", ""),
]
CONFIGS = {
    "empty": "",
    "null": "null",
    "a number": "1e400",
    "a list": "[]",
    "an object": "{}",
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep objects": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "not closed": '{"class_name": "Functional"',
    "not UTF-8": b"\xff\xfe{}",
    "digits": '{"config": ' + "9" * 5000 + "}",
    "twice": '{"class_name": "Functional", "class_name": "Sequential"}',
    "of no class": '{"class_name": "NoSuchModel", "config": {}, "module": "keras"}',
    "NaN": '{"class_name": NaN}',
}


@cache
def folder():
    """Return a folder with a small model in both formats, and a result."""
    kept = Path(tempfile.mkdtemp(prefix="archives"))
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(2, "relu", name="dense")])
    for suffix in (".keras", ".h5"):
        model.save(kept / f"net{suffix}")
    answer = explain(nets.network(nets.Numbers.drawn(0)), nets.inputs(2), "saliency", target=0)
    answer.save(kept / "result.npz")
    return kept


def fresh():
    """Return a copy of the folder that a case may change."""
    kept = Path(tempfile.mkdtemp(prefix="archives"))
    shutil.copytree(folder(), kept, dirs_exist_ok=True)
    return kept


def content(name):
    return (folder() / name).read_bytes()


def read(name, changed):
    """Write a content, and read it as what its name says."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / name
        path.write_bytes(changed)
        return Attribution.load(path) if name.endswith(".npz") else load_model(path)


def rewritten(name, **entries):
    """Return an archive in which some entries have another content; None leaves one out."""
    made = io.BytesIO()
    with zipfile.ZipFile(folder() / name) as archive, zipfile.ZipFile(made, "w") as other:
        whole = {one: archive.read(one) for one in archive.namelist()}
        for one, text in {**whole, **{key.replace("__", "."): text for key, text in entries.items()}}.items():
            if text is not None:
                other.writestr(one, text)
    return made.getvalue()


def usable(answer):
    """Tell whether what was read is of the right shapes: no file says what its own numbers should be."""
    if isinstance(answer, Attribution):
        return answer.values.shape == (2, *nets.SHAPE)
    return answer.model.predict(np.eye(4, dtype="float32"), verbose=0).shape == (4, 2)


def damaged(name):
    whole = content(name)
    for share in (0.0, 0.01, 0.3, 0.7, 0.99):
        yield Case("archives", f"{name} cut off at {share}", lambda s=share: read(name, whole[: int(s * len(whole))]))
    rng = np.random.default_rng(3)
    for number in range(12):
        other = bytearray(whole)
        for place in rng.integers(0, len(whole), 8):
            other[place] = rng.integers(0, 256)
        yield Case("archives", f"{name} damaged {number}", lambda other=bytes(other): read(name, other), usable)
    for said, other in {
        "text": b"no archive",
        "zeros": bytes(5000),
        "a picture": b"\x89PNG\r\n\x1a\n" + bytes(99),
    }.items():
        yield Case("archives", f"{name}: {said}", lambda other=other: read(name, other))
    yield Case("archives", f"{name} whole", lambda: read(name, whole), usable, may_refuse=False)


def descriptions():
    for name, text in CONFIGS.items():
        yield Case(
            "archives", f"config {name}", lambda text=text: read("net.keras", rewritten("net.keras", config__json=text))
        )
    for entry in ("config__json", "model__weights__h5"):
        yield Case(
            "archives", f"without {entry}", lambda e=entry: read("net.keras", rewritten("net.keras", **{e: None}))
        )
    for module, name in GUESTS:
        layer = lambda m=module, n=name: safety.changed(fresh(), safety.layer_of(m, n))  # noqa: E731
        yield Case("archives", f"layer {module}.{name}", lambda layer=layer: load_model(layer()))
        function = lambda m=module, n=name: safety.changed(fresh(), safety.function_of(m, n))  # noqa: E731
        yield Case("archives", f"function {module}.{name}", lambda made=function: load_model(made()))
    for kind in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2):
        pack = lambda kind=kind: safety.changed(fresh(), lambda config: None, compression=kind)  # noqa: E731
        yield Case("archives", f"packed in way {kind}", lambda pack=pack: load_model(pack()))
    many = lambda config: config["config"].update(layers=[config["config"]["layers"][1]] * 30_000)  # noqa: E731
    yield Case("archives", "30,000 layers", lambda: load_model(safety.changed(fresh(), many)))
    for outside in ("../../outside", "/outside", "a" * 60_000, "config.json"):
        said = f"an entry {outside[:20]}"
        right = usable if outside != "config.json" else None
        yield Case("archives", said, lambda o=outside: read("net.keras", added("net.keras", o, b"{}")), right)
    for plant in (safety.external_link, safety.soft_link, safety.external_numbers, safety.virtual_numbers):
        yield Case("archives", f"weights: {plant.__name__}", lambda plant=plant: load_model(planted(plant)))


def added(name, entry, text):
    """Return an archive with one entry more, twice if it is there."""
    made = io.BytesIO(content(name))
    with zipfile.ZipFile(made, "a") as archive:
        archive.writestr(entry, text)
    return made.getvalue()


def planted(plant):
    place = fresh()
    import h5py

    with h5py.File(place / "net.h5", "r+") as file:
        name = safety.kernel_of(file)
        del file[name]
        plant(file, name, place)
    return place / "net.h5"


def results():
    with np.load(folder() / "result.npz", allow_pickle=False) as stored:
        arrays = dict(stored)
    changes = {
        "without a recipe": {"recipe": None},
        "without values": {"values": None},
        "without a score": {"score": None},
        "values of texts": {"values": np.full((2, 2), "a")},
        "values that are too few": {"values": arrays["values"][:1]},
        "values of objects": {"values": np.full((2, 2), None)},
        "a recipe of objects": {"recipe": np.full(1, None)},
        "a recipe of numbers": {"recipe": np.zeros(3)},
        "a recipe that is no JSON": {"recipe": np.array("{")},
        "a deep recipe": {"recipe": np.array("[" * 50_000)},
        "NaN": {"values": np.full_like(arrays["values"], np.nan)},
    }
    for name, change in changes.items():
        right = usable if name == "NaN" else None
        yield Case(
            "archives", f"result {name}", lambda change=change: read("result.npz", stored_as(arrays, change)), right
        )


def found_by_fuzzing():
    """Give what let errors of libraries through once."""
    header = (
        b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': %s, 'shape': (2,%s}" + b" " * 60 + b"\n" + bytes(8)
    )
    for name, filled in {"an unknown word": (b"Fa*se", b")"), "an open bracket": (b"False", b"")}.items():
        content_now = header % filled
        act = lambda c=content_now: read("result.npz", rewritten("result.npz", **{"score.npy": c}))  # noqa: E731
        yield Case("archives", f"result whose header has {name}", act)
    whole = content("result.npz")
    yield Case("archives", "result without its first byte", lambda: read("result.npz", whole[1:]))
    yield Case("archives", "result with bytes put in", lambda: read("result.npz", whole[:17] + bytes(4) + whole[17:]))


def stored_as(arrays, change):
    made = io.BytesIO()
    np.savez(made, **{name: array for name, array in {**arrays, **change}.items() if array is not None})
    return made.getvalue()


def cases():
    for name in ("net.keras", "net.h5", "result.npz"):
        yield from damaged(name)
    yield from descriptions()
    yield from results()
    yield from found_by_fuzzing()
    for path in (
        ".",
        "/dev/null",
        "no_such.keras",
        "x" * 5000 + ".keras",
        "a\0.keras",
        "~nosuchuser/a.keras",
        "\udcff.h5",
    ):
        yield Case("archives", f"name {path[:30]!r}", lambda path=path: load_model(Path(path)))
    for name in ("", "mobilenet_v9", "hub:", "https://", "../digits", "<b>digits</b>", json.dumps({"a": 1})):
        yield Case("archives", f"model {name!r}", lambda name=name: load_model(name))
