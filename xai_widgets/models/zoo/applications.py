"""ImageNet models of `keras.applications`: their weights, their preprocessing and their class names.

`xai_widgets.models.zoo.imagenet_files` says where the weights come from and how they are checked.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from xai_widgets.assets.cards import ModelError
from xai_widgets.common.download import DownloadError
from xai_widgets.models.zoo.imagenet_files import PublishedFile

if TYPE_CHECKING:
    from collections.abc import Callable

    import keras
    from numpy.typing import NDArray

    from xai_widgets.common.download import Progress

CLASSES = 1000
INDEX_FILE = "imagenet_class_index.json"
# Of the file whose MD5 is the one that Keras publishes.
INDEX_DIGEST = "sha256:a1e7a966a1f601d39e4b43e119b3e7dd4a2ad3ea08cf69847cbaf021013767bc"


@dataclass(frozen=True)
class Application:
    """An ImageNet model of `keras.applications`.

    Attributes
    ----------
    name : str
        The name for `load_model`.
    factory : str
        The function in ``keras.applications`` that builds the model.
    module : str
        The module in ``keras.applications`` that contains its ``preprocess_input``.
    side : int
        Height and width of its input, in pixels.
    weights : str
        The file name of its weights.
    digest : str or None
        The hash of the weights as Keras publishes it; None if it publishes none.
    megabytes : float
        Size of the weights, in units of a million bytes.
    accuracy : float
        Top-1 accuracy on the validation set of ImageNet, 0 to 1, as stated in the documentation of Keras.
    licence : str
        The licence of the weights.
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
        import keras

        function = getattr(keras.applications, self.module).preprocess_input
        # The function may change its argument in place.
        return np.asarray(function(np.array(pixels, np.float32), data_format="channels_last"), np.float32)

    def build(self, weights: str | None) -> keras.Model:
        """Return the model with its softmax; `weights` is a file, ``"imagenet"``, or None for random weights."""
        import keras

        factory: Callable[..., keras.Model] = getattr(keras.applications, self.factory)
        return factory(weights=weights)

    def file(self) -> PublishedFile:
        """Return its file of weights."""
        return PublishedFile(self.weights, self.digest, self._factory, self.name)

    def _factory(self) -> Any:
        import keras

        return getattr(keras.applications, self.factory)


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


def load_weights(application: Application, progress: Progress = True, *, sha256: str | None = None) -> keras.Model:
    """Return a model with its ImageNet weights, which are downloaded at the first use and checked at each.

    Parameters
    ----------
    application : Application
        The model.
    progress : bool or callable, default True
        Whether to show the progress of the download. A callable is called with ``(done, total)``, in bytes.
    sha256 : str, optional
        The SHA-256 that the file of the weights must have.

    Returns
    -------
    keras.Model
        The model with its softmax.

    Raises
    ------
    DownloadError
        If the weights are not on this machine, or are not what they claim to be, and cannot be downloaded.
    ModelError
        If Keras cannot read them.
    """
    try:
        path = application.file().found(sha256=sha256, progress=progress)
    except DownloadError as error:
        needed = f"{application.name!r} needs {application.weights} ({application.megabytes:g} MB, once)"
        raise DownloadError(f"{needed}: {error}") from error
    try:
        return application.build(str(path))
    except Exception as error:  # Keras raises nearly everything on what it cannot read
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ModelError(f"Keras cannot read {str(path)!r}: {reason}; delete it, and it is downloaded again") from error


def imagenet_index(progress: Progress = True) -> list[tuple[str, str]]:
    """Return the classes of ImageNet as (WordNet id, name), downloaded at the first use.

    Parameters
    ----------
    progress : bool or callable, default True
        Whether to show the progress of a download from a mirror. A callable is called with ``(done, total)``, in bytes.

    Returns
    -------
    list of (str, str)
        The 1,000 pairs, in the order of the outputs.

    Raises
    ------
    DownloadError
        If the list is not on this machine, or is not what it claims to be, and cannot be downloaded.
    """
    path = PublishedFile(INDEX_FILE, INDEX_DIGEST, _decoder).found(progress=progress)
    index: dict[str, tuple[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return [(wordnet, name) for wordnet, name in (index[str(place)] for place in range(len(index)))]


def _decoder() -> Any:
    import keras

    return keras.applications.imagenet_utils.decode_predictions
