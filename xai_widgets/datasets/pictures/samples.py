"""`sample_image`: pictures by name, and the digits that the shipped model was trained on."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.common.record_table import RecordTable
from xai_widgets.datasets.pictures.creature_samples import creature_pictures
from xai_widgets.datasets.pictures.picture_reading import PictureError, load_image
from xai_widgets.datasets.pictures.sample_sources import Picture, Sample, library_pictures, network_pictures
from xai_widgets.i18n import message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from xai_widgets.common.download import Progress

_TEST_SIZE = 450  # of scikit-learn's 1,797 digits
_INK = 16  # the largest value of scikit-learn's digits


def sample_image(name: str, *, progress: Progress = True) -> NDArray[np.uint8]:
    """Return a sample picture by its name; most need no network.

    Parameters
    ----------
    name : str
        One of `list_images`, such as ``"cat"`` or ``"digit-3"``; case and punctuation are ignored. ``"digit-0"`` to
        ``"digit-9"`` are 8 x 8 digits, white on black, from the test set of the shipped model "digits". Pictures that
        need a network are downloaded once, checked by their SHA-256 and stored.
    progress : bool or callable, default True
        Whether to show a bar during a long download. A callable is called with ``(done, total)``, in bytes.

    Returns
    -------
    ndarray of uint8, shape (H, W, 3)
        RGB, 0..255. As the last line of a cell it is drawn; what is computed from it is a plain array.

    Raises
    ------
    PictureError
        If there is no picture of this name (the message gives similar names), if it cannot be downloaded, or if the
        downloaded file has another SHA-256. It is a ValueError.

    Examples
    --------
    >>> sample_image("cat").shape
    (300, 451, 3)
    >>> sample_image("digit-3").shape
    (8, 8, 3)
    >>> sample_image("cofee")
    Traceback (most recent call last):
    ...
    xai_widgets.datasets.pictures.pixel_arrays.PictureError: there is no sample picture 'cofee'; did you mean coffee?
    """
    pictures = _pictures()
    others = {alias: picture.sample.name for picture in pictures.values() for alias in picture.aliases}
    found = match(name, pictures) or others.get(match(name, others) or "")
    if found is None:
        raise PictureError(f"there is no sample picture {name!r}; {suggestion(name, pictures)}")
    return load_image(pictures[found].read(progress))


def list_images() -> RecordTable[Sample]:
    """Return the table of the pictures that `sample_image` returns.

    Returns
    -------
    RecordTable of Sample
        A sequence of records with the fields `name`, `size` (width and height in pixels), `source`, `author`,
        `licence` and `network` (whether it is downloaded at its first use). It is displayed as text and as HTML, and
        ``table[name]`` is the record of a picture.

    Examples
    --------
    >>> list_images()["cat"].size, list_images()["cat"].network
    ((451, 300), False)
    """
    formats: dict[str, Callable[[Any], str]] = {
        "size": lambda size: f"{size[0]} × {size[1]}",
        "network": lambda needed: message(f"models.network_{'needed' if needed else 'none'}"),
    }
    return RecordTable((picture.sample for picture in _pictures().values()), "models.column_", formats)


def digits_split(part: Literal["train", "test"]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the part of scikit-learn's digits on which the shipped model "digits" was trained or tested.

    The digits are white on black (0 is background), 8 x 8, from the test set of E. Alpaydin and C. Kaynak (1998),
    Optical recognition of handwritten digits, UCI Machine Learning Repository, DOI 10.24432/C50P49. The 1,797 digits
    are split at random with a fixed seed, stratified by class: 1,347 for training, 450 for testing.

    Parameters
    ----------
    part : {"train", "test"}
        The part of the split.

    Returns
    -------
    inputs : ndarray of float32, shape (N, 8, 8, 1)
        Values 0..1, in the input space of the model "digits".
    classes : ndarray of int64, shape (N,)
        The digits, 0 to 9.

    Raises
    ------
    ValueError
        If `part` is neither "train" nor "test".

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


def _digit(digit: int, progress: Progress) -> NDArray[Any]:
    """Return the first test digit of a class."""
    del progress  # it is on this machine
    inputs, classes = _digits()["test"]
    first: NDArray[Any] = inputs[int(np.argmax(classes == digit))]
    return first


def digit_pictures() -> Iterator[Picture]:
    """Yield the first test digit of each class.

    Examples
    --------
    >>> len(list(digit_pictures()))
    10
    """
    for digit in range(10):
        sample = Sample(f"digit-{digit}", (8, 8), "scikit-learn", "Alpaydin and Kaynak", "CC BY 4.0")
        yield Picture(sample, functools.partial(_digit, digit))


# A further source of sample pictures is added to this list.
PROVIDERS: list[Callable[[], Iterable[Picture]]] = [
    library_pictures,
    digit_pictures,
    creature_pictures,
    network_pictures,
]


def _pictures() -> dict[str, Picture]:
    """Return all pictures by name, in the order of the providers."""
    return {picture.sample.name: picture for provider in PROVIDERS for picture in provider()}
