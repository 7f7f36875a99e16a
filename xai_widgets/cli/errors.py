"""What the command says when something is wrong."""

from __future__ import annotations

from typing import Final

_BACKENDS: Final = ("tensorflow", "jax", "torch")
# Modules whose package has another name, or that come with an extra.
_INSTALLS: Final = {
    "voila": "voila, or the extra [demo]",
    "jupyterlab": "jupyterlab, or the extra [course]",
    "lime": "lime, or the extra [course]",
    "umap": "umap-learn, or the extra [course]",
    "PIL": "pillow",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
}


class UsageError(Exception):
    """The arguments of the command are wrong; nothing was computed."""


def needed_package(error: ImportError) -> str:
    """Return one line that names the package to install.

    Examples
    --------
    >>> needed_package(ModuleNotFoundError("No module named 'skimage'", name="skimage"))
    'this needs skimage: pip install scikit-image'
    """
    if "pip install" in str(error) or error.name is None:
        return str(error)
    module = error.name.partition(".")[0]
    if module in _BACKENDS:
        return f"Keras computes with {module}, which is not installed: pip install {module}, or set KERAS_BACKEND"
    return f"this needs {module}: pip install {_INSTALLS.get(module, module)}"
