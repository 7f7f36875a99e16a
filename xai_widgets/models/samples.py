"""Pictures that are there without a network: those that scikit-image, scikit-learn and matplotlib carry."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from xai_widgets.models.names import match, suggestion
from xai_widgets.models.pictures import PictureError, load_image
from xai_widgets.models.tables import Table

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_TEST_SIZE = 450  # of scikit-learn's 1,797 digits
_INK = 16  # the largest value of scikit-learn's digits


@dataclass(frozen=True)
class Sample:
    """A picture that `sample_image` knows.

    Attributes
    ----------
    name : str
        What to pass to `sample_image`.
    size : (int, int)
        Width and height in pixels.
    library : str
        The package that carries it.
    licence : str
        What its makers allow, and who they are.
    """

    name: str
    size: tuple[int, int]
    library: str
    licence: str


def sample_image(name: str) -> NDArray[np.uint8]:
    """Return a picture that needs no network.

    Parameters
    ----------
    name : str
        One of `list_images`, such as ``"cat"`` or ``"digit-3"``; case and punctuation do not matter.
        ``"digit-0"`` to ``"digit-9"`` are 8 x 8 digits, white on black, of the part of scikit-learn's data that the
        shipped model "digits" has not seen.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB.

    Raises
    ------
    PictureError
        If there is no such picture; the nearest names are given. It is a ValueError.

    Examples
    --------
    >>> sample_image("cat").shape
    (300, 451, 3)
    >>> sample_image("digit-3").shape
    (8, 8, 3)
    >>> sample_image("cofee")
    Traceback (most recent call last):
    ...
    xai_widgets.models.arrays.PictureError: there is no sample picture 'cofee'; did you mean coffee?
    """
    names = [sample.name for sample, _ in _SAMPLES]
    found = match(_ALIASES.get(name, name), names)
    if found is None:
        raise PictureError(f"there is no sample picture {name!r}; {suggestion(name, names)}")
    read = _SAMPLES[names.index(found)][1]
    return load_image(read())


def list_images() -> Table[Sample]:
    """Return the table of pictures that `sample_image` knows.

    Returns
    -------
    Table of Sample
        Shows itself as text and as HTML; a sequence of records with name, size, library and licence.

    Examples
    --------
    >>> list_images()["cat"].size
    (451, 300)
    """
    return Table((sample for sample, _ in _SAMPLES), "models.column_", {"size": lambda size: f"{size[0]} × {size[1]}"})


def digits_split(part: Literal["train", "test"]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the part of scikit-learn's digits that the shipped model "digits" was trained or tested on.

    The digits are white on black (0 is background), 8 x 8, from the test set of E. Alpaydin and C. Kaynak, "Optical
    Recognition of Handwritten Digits" (UCI Machine Learning Repository, 1998). The 1,797 digits are split at random,
    stratified by class, always alike: 1,347 to train, 450 to test.

    Parameters
    ----------
    part : {"train", "test"}
        Which part.

    Returns
    -------
    inputs : ndarray of float32, shape (N, 8, 8, 1)
        Values 0..1, in the input space of the model "digits".
    classes : ndarray of int64, shape (N,)
        0 to 9.

    Raises
    ------
    ValueError
        If `part` is neither.

    Examples
    --------
    >>> inputs, classes = digits_split("test")
    >>> inputs.shape, sorted(set(classes.tolist()))
    ((450, 8, 8, 1), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    """
    if part not in {"train", "test"}:
        raise ValueError(f"part must be 'train' or 'test', not {part!r}")
    inputs, classes = _digits()[part]
    return inputs.copy(), classes.copy()


@functools.cache
def _digits() -> dict[str, tuple[NDArray[np.float32], NDArray[np.int64]]]:
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    images, classes = (np.asarray(part) for part in (load_digits().images, load_digits().target))
    inputs = (images / _INK).astype(np.float32)[..., np.newaxis]
    train, test = train_test_split(np.arange(len(inputs)), test_size=_TEST_SIZE, stratify=classes, random_state=0)
    return {name: (inputs[part], classes[part].astype(np.int64)) for name, part in (("train", train), ("test", test))}


def _digit(digit: int) -> NDArray[Any]:
    """Return the first test digit of a class."""
    inputs, classes = _digits()["test"]
    first: NDArray[Any] = inputs[int(np.argmax(classes == digit))]
    return first


def _from_skimage(name: str) -> NDArray[Any]:
    import skimage.data

    picture: NDArray[Any] = getattr(skimage.data, name)()
    return picture


def _from_sklearn(name: str) -> NDArray[Any]:
    from sklearn.datasets import load_sample_image

    return np.asarray(load_sample_image(name))


def _from_matplotlib(name: str) -> Any:
    from matplotlib import cbook

    return cbook.get_sample_data(name, asfileobj=False)


def _entry(sample: Sample, read: Callable[[str], Any], key: str) -> tuple[Sample, Callable[[], Any]]:
    return sample, lambda: read(key)


# Each of these is in the package itself: scikit-image carries more names, but downloads the others.
_SKIMAGE, _SKLEARN, _MATPLOTLIB = "scikit-image", "scikit-learn", "matplotlib"
_SAMPLES: list[tuple[Sample, Callable[[], Any]]] = [
    _entry(Sample("cat", (451, 300), _SKIMAGE, "CC0, Stefan van der Walt"), _from_skimage, "chelsea"),
    _entry(Sample("astronaut", (512, 512), _SKIMAGE, "public domain, NASA"), _from_skimage, "astronaut"),
    _entry(Sample("coffee", (600, 400), _SKIMAGE, "CC0, Rachel Michetti"), _from_skimage, "coffee"),
    _entry(Sample("rocket", (640, 427), _SKIMAGE, "public domain, SpaceX"), _from_skimage, "rocket"),
    _entry(Sample("retina", (1411, 1411), _SKIMAGE, "CC0, Mikael Häggström"), _from_skimage, "retina"),
    _entry(Sample("galaxies", (1000, 872), _SKIMAGE, "public domain, NASA"), _from_skimage, "hubble_deep_field"),
    _entry(Sample("temple", (640, 427), _SKLEARN, "CC BY 2.0, danielbuechele"), _from_sklearn, "china.jpg"),
    _entry(Sample("flower", (640, 427), _SKLEARN, "CC BY 2.0, vultilion"), _from_sklearn, "flower.jpg"),
    _entry(
        Sample("grace-hopper", (512, 600), _MATPLOTLIB, "public domain, US Navy"), _from_matplotlib, "grace_hopper.jpg"
    ),
    *(
        (Sample(f"digit-{digit}", (8, 8), _SKLEARN, "CC BY 4.0, Alpaydin and Kaynak"), functools.partial(_digit, digit))
        for digit in range(10)
    ),
]
# The names that the libraries themselves use.
_ALIASES = {"chelsea": "cat", "hubble_deep_field": "galaxies", "china": "temple", "hopper": "grace-hopper"}
