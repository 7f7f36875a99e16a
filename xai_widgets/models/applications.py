"""ImageNet models of `keras.applications`: their weights, their own preprocessing, their class names.

Keras knows where its weights are; nothing here repeats it. With a mirror (see `xai_widgets.models.download`) the same
files, under the same names, are asked from there, and kept in this package's own cache.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import keras
import numpy as np

from xai_widgets.models.download import MIRROR_VARIABLE, DownloadError, cache_directory, download, mirror_address

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from xai_widgets.models.download import Progress

CLASSES = 1000
INDEX_FILE = "imagenet_class_index.json"
INDEX_DIGEST = "md5:c2c37ea517e94d9795004a39431a14cb"


@dataclass(frozen=True)
class Application:
    """An ImageNet model of `keras.applications`.

    Attributes
    ----------
    name : str
        What `load_model` calls it.
    factory, module : str
        Its function, and the module with its ``preprocess_input``, in ``keras.applications``.
    side : int
        Height and width of its input.
    weights : str
        The file name of its weights.
    digest : str or None
        What they hash to, where Keras publishes it.
    megabytes : float
        Their size.
    accuracy : float
        Top-1 on ImageNet's validation set, as Keras' documentation states it.
    licence : str
        Of the weights.
    """

    name: str
    factory: str
    module: str
    side: int
    weights: str
    digest: str | None
    megabytes: float
    accuracy: float
    licence: str

    def preprocess(self, pixels: NDArray[np.float32]) -> NDArray[np.float32]:
        """Map a batch of RGB pixels 0..255 to the model's input space, by the model's own ``preprocess_input``."""
        function = getattr(keras.applications, self.module).preprocess_input
        # It may write into what it is given.
        return np.asarray(function(np.array(pixels, np.float32), data_format="channels_last"), np.float32)

    def build(self, weights: str | None) -> keras.Model:
        """Return the model with its softmax; `weights` is a file, ``"imagenet"``, or None for random ones."""
        factory: Callable[..., keras.Model] = getattr(keras.applications, self.factory)
        return factory(weights=weights)


_TF = "_weights_tf_dim_ordering_tf_kernels.h5"
_ALL = (
    Application(
        name="mobilenet_v2",
        factory="MobileNetV2",
        module="mobilenet_v2",
        side=224,
        weights="mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224.h5",
        digest=None,
        megabytes=14,
        accuracy=0.713,
        licence="Apache-2.0",
    ),
    Application(
        name="vgg16",
        factory="VGG16",
        module="vgg16",
        side=224,
        weights=f"vgg16{_TF}",
        digest="md5:64373286793e3c8b2b4e3219cbf3544b",
        megabytes=528,
        accuracy=0.713,
        licence="CC BY 4.0",
    ),
    Application(
        name="resnet50",
        factory="ResNet50",
        module="resnet",
        side=224,
        weights=f"resnet50{_TF}",
        digest="md5:2cb95161c43110f7111970584f804107",
        megabytes=98,
        accuracy=0.749,
        licence="MIT",
    ),
    Application(
        name="inception_v3",
        factory="InceptionV3",
        module="inception_v3",
        side=299,
        weights=f"inception_v3{_TF}",
        digest="md5:9a0d58056eeedaa3f26cb7ebd46da564",
        megabytes=92,
        accuracy=0.779,
        licence="Apache-2.0",
    ),
    Application(
        name="efficientnet_b0",
        factory="EfficientNetB0",
        module="efficientnet",
        side=224,
        weights="efficientnetb0.h5",
        digest="md5:902e53a9f72be733fc0bcb005b3ebbac",
        megabytes=29,
        accuracy=0.771,
        licence="Apache-2.0",
    ),
)
APPLICATIONS = {application.name: application for application in _ALL}


def load_weights(application: Application, progress: Progress = True) -> keras.Model:
    """Return the model with its ImageNet weights, downloaded the first time.

    Raises
    ------
    DownloadError
        If the weights are neither on this machine nor within reach; nothing half-written is left behind.
    """
    path = _from_mirror(application.weights, application.digest, progress)
    try:
        return application.build("imagenet" if path is None else str(path))
    except Exception as error:  # Keras raises a bare Exception when it cannot download
        spoilt = _keras_cache(application.weights) if path is None else path
        if spoilt.exists() and not _is_whole(spoilt):
            spoilt.unlink()  # cut off in an earlier download: Keras would try it again and again
        raise _unavailable(application, error) from error


def imagenet_index(progress: Progress = True) -> list[tuple[str, str]]:
    """Return ImageNet's classes as (WordNet id, name), downloaded the first time.

    Raises
    ------
    DownloadError
        If the list is neither on this machine nor within reach.
    """
    path = _from_mirror(INDEX_FILE, INDEX_DIGEST, progress)
    if path is not None:
        index: dict[str, tuple[str, str]] = json.loads(path.read_text(encoding="utf-8"))
        return [(wordnet, name) for wordnet, name in (index[str(place)] for place in range(len(index)))]
    try:
        # Keras gives names for scores only: a certain answer per class has it give them all.
        certain: Any = keras.applications.imagenet_utils.decode_predictions(np.eye(CLASSES, dtype=np.float32), top=1)
    except Exception as error:  # Keras raises a bare Exception when it cannot download
        raise DownloadError(f"the names of ImageNet's classes cannot be downloaded: {error}. {_ADVICE}") from error
    return [(wordnet, name) for [(wordnet, name, _)] in certain]


_ADVICE = (
    f"Connect to the network and try again, or set {MIRROR_VARIABLE} to the address of a folder with the file; "
    'load_model("digits") and .keras files need no network'
)


def _from_mirror(file: str, digest: str | None, progress: Progress) -> Path | None:
    """Return a file kept from a mirror, or fetched from it now; None where Keras has to download."""
    kept = cache_directory() / file
    address = mirror_address(file)
    if address is None:
        return kept if kept.is_file() else None
    try:
        return download(address, kept, digest=digest, progress=progress)
    except DownloadError as error:
        raise DownloadError(f"the mirror does not give {file}: {error} (mirror: {MIRROR_VARIABLE})") from error


def _unavailable(application: Application, error: Exception) -> DownloadError:
    return DownloadError(
        f"{application.name!r} needs {application.weights} ({application.megabytes:g} MB, once), which cannot be had: "
        f"{str(error).splitlines()[0] if str(error) else type(error).__name__}. {_ADVICE}"
    )


def _keras_cache(file: str) -> Path:
    """Return where Keras keeps a file of weights."""
    home = os.environ.get("KERAS_HOME")
    return (Path(home) if home else Path.home() / ".keras") / "models" / file


def _is_whole(path: Path) -> bool:
    """Tell whether a file of weights can be opened: HDF5 notices when its end is missing."""
    try:
        with h5py.File(path, "r"):
            return True
    except OSError:
        return False
