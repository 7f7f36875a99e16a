"""Two small tables of measurements, with a fixed split into training and test rows."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from xai_widgets.common.name_matching import match, suggestion
from xai_widgets.i18n import message

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_SEED: Final = 0
_TEST_SHARE: Final = 0.25


class Rows(NamedTuple):
    """Some rows of a table: ``features, classes = data.test``.

    Attributes
    ----------
    features : ndarray of float32, shape (N, F)
        The measurements, in natural units.
    classes : ndarray of int64, shape (N,)
        The class of each row, an index into the labels of the table.
    """

    features: NDArray[np.float32]
    classes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TableData:
    """A table of measurements and the class of each row.

    Attributes
    ----------
    name : str
        The name for `load_table`.
    features : ndarray of float32, shape (N, F)
        The measurements, in natural units, not standardised.
    classes : ndarray of int64, shape (N,)
        The class of each row, an index into `labels`.
    feature_names : tuple of str
        The F names of the measurements, in English.
    labels : tuple of str
        The K names of the classes, in English.
    train_rows : ndarray of int64, shape (N_train,)
        Indices of the rows for training.
    test_rows : ndarray of int64, shape (N_test,)
        Indices of the rows for testing: a random quarter of each class, drawn with a fixed seed.
    licence : str
        The licence and the authors.
    """

    name: str
    features: NDArray[np.float32]
    classes: NDArray[np.int64]
    feature_names: tuple[str, ...]
    labels: tuple[str, ...]
    train_rows: NDArray[np.int64]
    test_rows: NDArray[np.int64]
    licence: str

    @property
    def train(self) -> Rows:
        """The rows for training; the shipped network and `tabular_forest` are trained on these alone."""
        return Rows(self.features[self.train_rows], self.classes[self.train_rows])

    @property
    def test(self) -> Rows:
        """The rows for testing, which are in no training set of a shipped model."""
        return Rows(self.features[self.test_rows], self.classes[self.test_rows])

    def feature_titles(self, language: str | None = None) -> tuple[str, ...]:
        """Return the names of the features for axes and tables, in the given language or the current one."""
        return tuple(message(f"models.feature_{_key(name)}", language) for name in self.feature_names)

    def label_titles(self, language: str | None = None) -> tuple[str, ...]:
        """Return the names of the classes, in the given language or the current one."""
        return tuple(message(f"models.label_{_key(name)}", language) for name in self.labels)

    def __repr__(self) -> str:
        """Return the numbers of rows, of features, and of rows in each class."""
        counts = np.bincount(self.classes, minlength=len(self.labels))
        classes = ", ".join(f"{label} {count}" for label, count in zip(self.labels, counts, strict=True))
        size = f"{len(self.features)} rows, {len(self.feature_names)} features"
        split = f"{len(self.train_rows)} to train, {len(self.test_rows)} to test"
        return f"TableData({self.name!r}: {size}; {classes}; {split})"


def load_table(name: str) -> TableData:
    """Return a table of measurements with its classes and its split; no network is needed.

    Parameters
    ----------
    name : {"breast_cancer", "wine"}
        ``"breast_cancer"``: 569 tumours in two classes, with 30 measurements of the cell nuclei in a picture of each.
        ``"wine"``: 178 wines of three grapes from one region, with 13 chemical measurements. Case and punctuation are
        ignored.

    Returns
    -------
    TableData
        The fields `features` of shape (N, F), in natural units, `classes` of shape (N,), the names of both, and the
        rows for training and testing as `train` and `test`. The arrays are copies and may be changed.

    Raises
    ------
    ValueError
        If there is no table of this name; the message gives similar names.

    See Also
    --------
    xai_widgets.load_model : The small networks of the same names, whose inputs are these features.

    References
    ----------
    W. N. Street, W. H. Wolberg, O. L. Mangasarian (1993), Nuclear feature extraction for breast tumor diagnosis,
    DOI 10.1117/12.148698.

    M. Forina, C. Armanino, M. Castino, M. Ubigli (1986), Multivariate data analysis as a discriminating method of the
    origin of wines, Vitis 25.

    Examples
    --------
    >>> data = load_table("wine")
    >>> data
    TableData('wine': 178 rows, 13 features; Barolo 59, Grignolino 71, Barbera 48; 133 to train, 45 to test)
    >>> features, classes = data.test
    >>> features.shape, data.feature_names[0], data.feature_titles("fr")[0]
    ((45, 13), 'alcohol', 'alcool')
    """
    found = match(name, _TABLES)
    if found is None:
        raise ValueError(f"there is no table {name!r}; {suggestion(name, _TABLES)}")
    features, classes, feature_names = _read(found)
    train, test = _split(classes)
    table = _TABLES[found]
    return TableData(found, features, classes, feature_names, table.labels, train, test, table.licence)


@dataclass(frozen=True)
class _Source:
    loader: str
    labels: tuple[str, ...]
    licence: str


_TABLES: Final = {
    "breast_cancer": _Source(
        "load_breast_cancer", ("malignant", "benign"), "CC BY 4.0, W. Wolberg, O. Mangasarian, N. Street, W. Street"
    ),
    # scikit-learn calls them class_0 to class_2; the names are those of Forina and others (1986).
    "wine": _Source("load_wine", ("Barolo", "Grignolino", "Barbera"), "CC BY 4.0, S. Aeberhard, M. Forina"),
}


@functools.cache
def _loaded(name: str) -> Any:
    import sklearn.datasets

    loader: Callable[[], Any] = getattr(sklearn.datasets, _TABLES[name].loader)
    return loader()


def _read(name: str) -> tuple[NDArray[np.float32], NDArray[np.int64], tuple[str, ...]]:
    raw = _loaded(name)
    names = tuple(str(one).replace("_", " ") for one in raw.feature_names)
    return raw.data.astype(np.float32), raw.target.astype(np.int64), names


def _split(classes: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    from sklearn.model_selection import train_test_split

    rows = np.arange(len(classes))
    train, test = train_test_split(rows, test_size=_TEST_SHARE, stratify=classes, random_state=_SEED)
    return np.sort(train), np.sort(test)


def _key(name: str) -> str:
    return re.sub(r"\W+", "_", name.casefold())
