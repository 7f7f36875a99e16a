"""Two small tables of measurements, split once and for all, and a random forest trained on the spot."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from xai_widgets.i18n import message
from xai_widgets.models.names import match, suggestion

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from sklearn.ensemble import RandomForestClassifier

_SEED: Final = 0
_TEST_SHARE: Final = 0.25


class Rows(NamedTuple):
    """Some rows of a table: ``features, classes = data.test``.

    Attributes
    ----------
    features : ndarray of float32, shape (N, F)
    classes : ndarray of int64, shape (N,)
    """

    features: NDArray[np.float32]
    classes: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class TableData:
    """A table of measurements and the class of each row.

    Attributes
    ----------
    name : str
        What `load_table` calls it.
    features : ndarray of float32, shape (N, F)
        In natural units, not standardised.
    classes : ndarray of int64, shape (N,)
        Index into `labels`.
    feature_names, labels : tuple of str
        F and K names, in English, always the same.
    train_rows, test_rows : ndarray of int64
        Which rows are to train and which to test: a random quarter of each class is to test, always alike.
    licence : str
        What its makers allow, and who they are.
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
        """The rows to train on; the shipped network and `tabular_forest` have seen these alone."""
        return Rows(self.features[self.train_rows], self.classes[self.train_rows])

    @property
    def test(self) -> Rows:
        """The rows to test on, which no shipped model has seen."""
        return Rows(self.features[self.test_rows], self.classes[self.test_rows])

    def feature_titles(self, language: str | None = None) -> tuple[str, ...]:
        """Return the names of the features for axes and tables, in the language asked for, else the current one."""
        return tuple(message(f"models.feature_{_key(name)}", language) for name in self.feature_names)

    def label_titles(self, language: str | None = None) -> tuple[str, ...]:
        """Return the names of the classes in the language asked for, else the current one."""
        return tuple(message(f"models.label_{_key(name)}", language) for name in self.labels)

    def __repr__(self) -> str:
        """How many rows, features, and rows of each class."""
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
        ``"breast_cancer"``: 569 tumours, 30 measures of the cell nuclei in a picture of each (W. N. Street, W. H.
        Wolberg, O. L. Mangasarian, 1993, Nuclear feature extraction for breast tumor diagnosis). ``"wine"``: 178 wines
        of three grapes from one region, 13 chemical measures (M. Forina, C. Armanino, M. Castino, M. Ubigli, 1986,
        Multivariate data analysis as a discriminating method of the origin of wines). Case and punctuation do not
        matter.

    Returns
    -------
    TableData
        A copy of its own: it may be written into.

    Raises
    ------
    ValueError
        If there is no such table; the nearest names are given.

    See Also
    --------
    xai_widgets.load_model : the small networks of the same names, whose inputs are these features.

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


def tabular_forest(table: str | TableData, *, trees: int = 200, seed: int = 0) -> RandomForestClassifier:
    """Train a random forest on the training rows of a table.

    It takes a fraction of a second, and the same seed gives the same forest: nothing is read from a file, since trees
    are stored as pickles, which could hold anything.

    Parameters
    ----------
    table : str or TableData
        What to train on: a name of `load_table`, or its answer.
    trees : int
        How many trees vote.
    seed : int
        Of the rows that each tree sees and of the features that each node may choose from.

    Returns
    -------
    sklearn.ensemble.RandomForestClassifier
        Its ``predict_proba`` takes features (N, F) and gives probabilities (N, K): what LIME and SHAP ask for. No
        gradient goes through it.

    Raises
    ------
    ValueError
        If there is no such table, or no trees are asked for.

    References
    ----------
    Leo Breiman (2001), Random forests.

    Examples
    --------
    >>> data = load_table("wine")
    >>> forest = tabular_forest(data)
    >>> forest.predict_proba(data.test.features).shape
    (45, 3)
    """
    from sklearn.ensemble import RandomForestClassifier

    if trees < 1:
        raise ValueError(f"a forest has at least one tree, not {trees}")
    features, classes = (load_table(table) if isinstance(table, str) else table).train
    return RandomForestClassifier(n_estimators=trees, random_state=seed).fit(features, classes)


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
