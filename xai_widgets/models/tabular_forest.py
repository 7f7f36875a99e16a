"""A random forest for a table of measurements, trained on the spot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from xai_widgets.datasets.tabular import load_table

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestClassifier

    from xai_widgets.datasets.tabular import TableData


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
