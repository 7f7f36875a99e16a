"""Labels: in no order, too few, twice, of other types; files of names; names that would run in a page."""

import json
import tempfile
from functools import cache
from pathlib import Path

import numpy as np

from tests.adversarial.judging import Case
from tests.models import nets
from xai_widgets import Classifier, explain
from xai_widgets.common.class_labels import read_labels

SCRIPT = "<script>window.broken = 1</script>"
TEXTS = {
    "a script": SCRIPT,
    "a broken picture": "<img src=x onerror=alert(1)>",
    "an end of quotes": "\"'><svg onload=alert(1)>",
    "an end of a table": "</td></tr></table><script>1</script>",
    "a template": "{{7*7}} ${alert(1)} %s {0} {name}",
    "a formula": "$x^2$",
    "a broken formula": "$\\frac{",
    "the other direction": "\u202eesrever",
    "two lines": "a\nb",
    "a colour of terminals": "\x1b[31mred",
    "cats": "🐱" * 50,
    "a hundred thousand letters": "x" * 100_000,
    "a space": " ",
    "half a letter": "\udcff",
    "a zero": "\0",
}

NOT_LABELS = {
    "a set": {"a", "b", "c"},
    "a frozen set": frozenset("abc"),
    "a number": 3,
    "an object": object(),
    "a function": len,
    "nothing": [],
    "an empty dictionary": {},
    "None among them": ["a", None, "c"],
    "truth among them": ["a", True, "c"],
    "a list among them": ["a", ["b"], "c"],
    "bytes": [b"a", b"b", b"c"],
    "decimals": [0.0, 1.0, 2.0],
    "twice": ["a", "b", "a"],
    "a number and its text": [1, "1", "c"],
    "an index left out": {0: "a", 1: "b", 3: "c"},
    "a negative index": {-1: "a", 0: "b", 1: "c"},
    "an index twice": {"a": 0, "b": 0, "c": 1},
    "an index of a decimal": {0.5: "a", 1: "b", 2: "c"},
    "neither side an index": {"a": "b", "c": "d", "e": "f"},
    "two axes": np.array([["a", "b"], ["c", "d"], ["e", "f"]]),
    "one text": "abc",
}
RIGHT_LABELS = {
    "a list": ["a", "b", "c"],
    "a tuple": ("a", "b", "c"),
    "an array": np.array(["a", "b", "c"]),
    "objects of an array": np.array(["a", "b", "c"], dtype=object),
    "keys": dict.fromkeys("abc").keys(),
    "a generator": (name for name in "abc"),
    "by index": {2: "c", 0: "a", 1: "b"},
    "by index in texts": {"2": "c", "0": "a", "1": "b"},
    "by name": {"c": 2, "a": 0, "b": 1},
    "by numbers of NumPy": {np.int64(2): "c", np.int32(0): "a", np.uint8(1): "b"},
}
FILES = {
    "names.txt": (b"a\nb\nc\n", True),
    "windows.txt": (b"\xef\xbb\xbfa\r\nb\r\nc\r\n", True),
    "list.json": (b'["a", "b", "c"]', True),
    "index.json": (b'{"0": "a", "1": "b", "2": "c"}', True),
    "names.json": (b'{"a": 0, "b": 1, "c": 2}', True),
    "blank.txt": (b"", False),
    "lines.txt": (b"\n\n\n", False),
    "latin.txt": ("é\nè\nà\n".encode("latin-1"), False),
    "bytes.txt": (bytes(range(256)), False),
    "broken.json": (b'["a", "b"', False),
    "deep.json": (b"[" * 100_000, False),
    "number.json": (b"3", False),
    "null.json": (b"null", False),
    "numbers.json": (b"[0.5, 1.5]", False),
    "twice.txt": (b"a\nb\na\n", False),
    "huge.json": (b"[" + b"9" * 5000 + b"]", False),
}


@cache
def network():
    return nets.network(nets.Numbers.drawn(0, classes=3))


@cache
def folder():
    return tempfile.TemporaryDirectory(prefix="labels")


def content_of(name, content):
    path = Path(folder().name) / name
    path.write_bytes(content)
    return path


def wrapped(labels):
    return Classifier(network(), labels)


def shown(text):
    """Explain one class of a model with such a name, and draw it; return the class's name and all that is written."""
    model = Classifier(network(), ["a", text, "c"])
    answer = explain(model, nets.inputs(1), "saliency", target=text)
    answer.figure()
    page = "".join(getattr(one, "_repr_html_", lambda: "")() or "" for one in (answer, model))
    return answer.target_labels[0] if hasattr(answer, "target_labels") else text, page + repr(answer) + repr(model)


def cases():
    for name, labels in NOT_LABELS.items():
        yield Case("labels", name, lambda labels=labels: wrapped(labels))
    for name, labels in RIGHT_LABELS.items():
        yield Case("labels", name, lambda labels=labels: wrapped(labels), lambda m: list(m.labels) == list("abc"))
    for count in (1, 2, 4, 1000):
        yield Case("labels", f"{count} for 3 outputs", lambda count=count: wrapped([str(n) for n in range(count)]))
    for name, (content, good) in FILES.items():
        same = (lambda found: found == list("abc")) if good else None
        yield Case("labels", name, lambda n=name, c=content: read_labels(content_of(n, c)), same, may_refuse=not good)
    for name in ("no_such_file.txt", "~nosuchuser/names.txt", "x" * 5000 + ".txt", "a\0.txt", "/", "\udcff.txt"):
        yield Case("labels", f"file {name[:30]!r}", lambda name=name: read_labels(Path(name)))
    for name, text in TEXTS.items():
        right = lambda found, text=text: "<script" not in found[1].replace(repr(text), "").replace(text, "")  # noqa: E731
        yield Case("labels", f"shown: {name}", lambda text=text: shown(text), right)
    index = {str(n): [f"n{n:08}", "crane"] for n in range(3)}
    yield Case(
        "labels", "ImageNet's index", lambda: read_labels(content_of("i.json", json.dumps(index).encode())),
        lambda found: len(set(found)) == 3, may_refuse=False,
    )  # fmt: skip
