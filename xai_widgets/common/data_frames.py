"""Tables of pandas, which the package does not need itself."""

from __future__ import annotations

from typing import Any


def data_frame(data: Any, **options: Any) -> Any:
    """Return a pandas.DataFrame.

    Parameters
    ----------
    data : object
        Whatever pandas makes one of.
    **options
        Of ``pandas.DataFrame``, such as ``columns``.

    Returns
    -------
    pandas.DataFrame
        The table.

    Raises
    ------
    ImportError
        If pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("to_dataframe() needs pandas: pip install pandas") from error
    return pd.DataFrame(data, **options)
