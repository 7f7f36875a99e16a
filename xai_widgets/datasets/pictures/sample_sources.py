"""Sources of sample pictures: installed packages, and a few permanent addresses that need a network.

A provider is a function that yields `Picture` records. `PROVIDERS` in `datasets.pictures.samples` lists the providers.
"""

from __future__ import annotations

import functools
import urllib.parse
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from xai_widgets.common.download import DownloadError, cache_directory, download, mirror_address
from xai_widgets.datasets.pictures.pixel_arrays import PictureError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from xai_widgets.common.download import Progress

_MAX_BYTES: Final = 20_000_000


@dataclass(frozen=True)
class Sample:
    """A picture that `sample_image` returns.

    Attributes
    ----------
    name : str
        The name for `sample_image`.
    size : (int, int)
        Width and height in pixels.
    source : str
        The package that contains it, or the site from which it is downloaded.
    author : str
        Its author.
    licence : str
        The licence of the picture.
    network : bool
        Whether it is downloaded at its first use.
    """

    name: str
    size: tuple[int, int]
    source: str
    author: str
    licence: str
    network: bool = False


@dataclass(frozen=True)
class Picture:
    """A sample picture and how to read it.

    Attributes
    ----------
    sample : Sample
        Its name, size, source and licence.
    read : callable
        Takes the argument `progress` of `download`, and returns anything that `load_image` reads.
    aliases : tuple of str
        Other names, such as its name in the package that contains it.
    """

    sample: Sample
    read: Callable[[Progress], Any]
    aliases: tuple[str, ...] = ()


def library_pictures() -> Iterator[Picture]:
    """Yield the pictures that are contained in scikit-image, scikit-learn and matplotlib.

    The pictures that scikit-image itself downloads are left out.

    Examples
    --------
    >>> next(library_pictures()).sample.name
    'cat'
    """
    for reader, source, entries in (
        (_from_skimage, "scikit-image", _SKIMAGE),
        (_from_sklearn, "scikit-learn", _SKLEARN),
        (_from_matplotlib, "matplotlib", _MATPLOTLIB),
    ):
        for name, key, size, author, licence in entries:
            sample = Sample(name, size, source, author, licence)
            yield Picture(sample, functools.partial(_local, reader, key), (key.partition(".")[0],))


def network_pictures() -> Iterator[Picture]:
    """Yield the pictures that are downloaded at their first use, each checked by its SHA-256.

    Examples
    --------
    >>> all(picture.sample.network for picture in network_pictures())
    True
    """
    for sample, address, sha256, aliases in _REMOTE:
        yield remote_picture(sample, address, sha256, aliases)


def remote_picture(sample: Sample, address: str, sha256: str, aliases: tuple[str, ...] = ()) -> Picture:
    """Return a picture that is downloaded at its first use, checked by its SHA-256 and stored in `cache_directory`.

    Parameters
    ----------
    sample : Sample
        Its name, size, source and licence.
    address : str
        An ``http`` or ``https`` address. If ``XAI_WIDGETS_MIRROR`` is set, the file is downloaded from that mirror.
    sha256 : str
        The SHA-256 of the file, in hexadecimal digits.
    aliases : tuple of str, optional
        Other names.

    Returns
    -------
    Picture
        Its `read` raises PictureError if the file cannot be downloaded or has another SHA-256.

    Examples
    --------
    >>> dot = Sample("dot", (1, 1), "example", "nobody", "CC0", network=True)
    >>> remote_picture(dot, "http://127.0.0.1:9/dot.png", 64 * "0").read(None)
    Traceback (most recent call last):
    ...
    xai_widgets.datasets.pictures.pixel_arrays.PictureError: the picture 'dot' must be downloaded once, ...
    """

    def read(progress: Progress) -> Path:
        file = PurePosixPath(urllib.parse.urlsplit(address).path).name
        target = cache_directory() / "pictures" / f"{sha256[:12]}-{file}"
        where = mirror_address(file) or address
        try:
            return download(where, target, digest=f"sha256:{sha256}", max_bytes=_MAX_BYTES, progress=progress)
        except DownloadError as error:
            raise PictureError(
                f"the picture {sample.name!r} must be downloaded once, and cannot be: {error}. "
                "list_images() says which pictures need no network"
            ) from error

    return Picture(sample, read, aliases)


def _local(reader: Callable[[str], Any], key: str, progress: Progress) -> Any:
    del progress  # it is on this machine
    return reader(key)


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


_CC0, _FREE = "CC0", "public domain"
_UNKNOWN = "no known copyright restrictions"
# Name here, name in the package, width and height, author, licence: as stated in the documentation of the package.
_SKIMAGE: Final = (
    ("cat", "chelsea", (451, 300), "Stefan van der Walt", _CC0),
    ("astronaut", "astronaut", (512, 512), "NASA", _FREE),
    ("coffee", "coffee", (600, 400), "Rachel Michetti", _CC0),
    ("rocket", "rocket", (640, 427), "SpaceX", _FREE),
    ("photographer", "camera", (512, 512), "Lav Varshney", _CC0),
    ("clock", "clock", (400, 300), "Stefan van der Walt", _FREE),
    ("coins", "coins", (384, 303), "Brooklyn Museum", _UNKNOWN),
    ("horse", "horse", (400, 328), "Andreas Preuss", _CC0),
    ("retina", "retina", (1411, 1411), "Mikael Häggström", _CC0),
    ("colon", "immunohistochemistry", (512, 512), "Center for Microscopy and Molecular Imaging", _UNKNOWN),
    ("galaxies", "hubble_deep_field", (1000, 872), "NASA", _FREE),
    ("brick", "brick", (512, 512), "CC0Textures", _CC0),
    ("gravel", "gravel", (512, 512), "CC0Textures", _CC0),
    ("grass", "grass", (512, 512), "linolafett", _CC0),
)
_SKLEARN: Final = (
    ("temple", "china.jpg", (640, 427), "danielbuechele", "CC BY 2.0"),
    ("flower", "flower.jpg", (640, 427), "vultilion", "CC BY 2.0"),
)
_MATPLOTLIB: Final = (("grace-hopper", "grace_hopper.jpg", (512, 600), "US Navy", _FREE),)
# Addresses and checksums are those of scikit-image's own registry; the addresses name a commit, so they do not change.
_DATA: Final = "https://gitlab.com/scikit-image/data/-/raw"
_REMOTE: Final = (
    (
        Sample("eagle", (1826, 2019), "scikit-image data", "Dayane Machado", _CC0, network=True),
        f"{_DATA}/1e4f62ac31ba4553d176d4473a5967ad1b076d62/eagle.png",
        "928f1bbe7403b533265f56db3a6b07c835dfa8e2513f5c5075ca2f1960f6179e",
        ("golden eagle",),
    ),
    (
        Sample("skin", (1280, 960), "scikit-image data", "Kilbad", _FREE, network=True),
        f"{_DATA}/2cdc5ce89b334d28f06a58c9f0ca21aa6992a5ba/Normal_Epidermis_and_Dermis_with_Intradermal_Nevus_10x.JPG",
        "8759fe080509712163453f4b17106582b8513e73b0788d80160abf840e272075",
        (),
    ),
)
