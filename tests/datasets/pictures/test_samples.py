"""Pictures without a network."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from xai_widgets import i18n
from xai_widgets.datasets.pictures import sample_sources as sources
from xai_widgets.datasets.pictures import samples
from xai_widgets.datasets.pictures.picture_reading import PictureError
from xai_widgets.datasets.pictures.sample_sources import Picture, Sample, remote_picture
from xai_widgets.datasets.pictures.samples import digits_split, list_images, sample_image

FIRST_TEST_CLASSES = [2, 0, 4, 9, 4, 1, 2, 4, 6, 7, 9, 1, 8, 0, 9, 8, 2, 9, 7, 7]


LOCAL = [sample for sample in list_images() if not sample.network]
REMOTE = [sample for sample in list_images() if sample.network]


@pytest.mark.parametrize("sample", LOCAL, ids=lambda sample: sample.name)
def test_every_listed_picture_is_there(sample, offline):
    picture = sample_image(sample.name)
    assert picture.dtype == np.uint8
    assert picture.shape == (*sample.size[::-1], 3)
    assert np.ptp(picture) > 100


@pytest.mark.parametrize("name", ["CAT", "chelsea", "Grace Hopper", "grace_hopper", "china", "digit 3", "Digit_3"])
def test_spelling_is_forgiven(name):
    assert sample_image(name).ndim == 3


@pytest.mark.parametrize(
    ("name", "hint"), [("cofee", "did you mean coffee"), ("digit-10", "did you mean digit-1"), ("xyz", "choose one of")]
)
def test_an_unknown_name_is_refused_with_the_nearest(name, hint):
    with pytest.raises(PictureError, match=hint):
        sample_image(name)


def test_the_caller_may_write_into_it():
    sample_image("digit-1")[:] = 0
    assert sample_image("digit-1").any()
    digits_split("test")[0][:] = 0
    assert digits_split("test")[0].any()


def test_digits_are_split_without_overlap_and_keep_their_proportions():
    parts = {part: digits_split(part) for part in ("train", "test")}
    assert {part: len(inputs) for part, (inputs, _) in parts.items()} == {"train": 1347, "test": 450}
    for inputs, classes in parts.values():
        assert inputs.dtype == np.float32
        assert inputs.min() == 0
        assert inputs.max() == 1
        assert set(np.unique(inputs * 16)) == set(range(17))
        shares = np.bincount(classes) / len(classes)
        assert np.abs(shares - 0.1).max() < 0.01
    from sklearn.datasets import load_digits

    both = np.concatenate([parts["train"][0], parts["test"][0]]).reshape(-1, 64) * 16
    assert sorted(map(tuple, both)) == sorted(map(tuple, load_digits().data))


def test_the_split_never_changes():
    # The shipped weights have seen the one part and not the other.
    assert digits_split("test")[1][:20].tolist() == FIRST_TEST_CLASSES


def test_another_part_is_refused():
    with pytest.raises(ValueError, match="'train' or 'test', not 'validation'"):
        digits_split("validation")


def test_digits_are_white_on_black_and_of_their_class():
    inputs, classes = digits_split("test")
    for digit in range(10):
        picture = sample_image(f"digit-{digit}")
        first = inputs[classes == digit][0, ..., 0]
        assert np.array_equal(picture[..., 0], np.rint(first * 255))
        assert picture[:, [0, -1]].mean() < picture[:, 2:-2].mean()


def test_the_table_shows_itself_in_both_languages():
    table = list_images()
    assert table["cat"].source == "scikit-image"
    assert all(row.author and row.licence for row in table)
    assert "needed once" in repr(table)
    assert "cat " in repr(table)
    assert "<th" in table._repr_html_()
    i18n.set_language("fr")
    assert repr(table).split()[0] == "nom"
    assert "nécessaire une fois" in repr(table)
    with pytest.raises(KeyError, match="coffee"):
        table["cofee"]
    assert [row.name for row in table[:2]] == table.names[:2]


# -------------------------------------------------------------------------------------------------- with a network


def png(side=6):
    file = io.BytesIO()
    Image.linear_gradient("L").resize((side, side)).convert("RGB").save(file, "PNG")
    return file.getvalue()


CONTENT = png()
DIGEST = hashlib.sha256(CONTENT).hexdigest()
RAMP = Sample("ramp", (6, 6), "the test", "nobody", "CC0", network=True)


@pytest.fixture
def ramp(server, cache, monkeypatch):
    """A picture that the test's own server has."""
    server.pages["/data/ramp.png"] = CONTENT
    picture = remote_picture(RAMP, server.address("/data/ramp.png"), DIGEST, ("slope",))
    monkeypatch.setattr(samples, "PROVIDERS", [*samples.PROVIDERS, lambda: [picture]])
    return cache / "pictures"


def test_addresses_and_checksums_are_those_of_scikit_images_registry():
    registry = pytest.importorskip("skimage.data._registry")
    digests = {digest: file for file, digest in registry.registry.items()}
    assert {sample.name for sample, *_ in sources._REMOTE} == {sample.name for sample in REMOTE}
    for _, address, sha256, _ in sources._REMOTE:
        assert registry.registry_urls[digests[sha256]] == address
        assert address.startswith("https://")


def test_it_is_downloaded_once_and_kept(ramp, server):
    seen = []
    picture = sample_image("ramp", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert picture.shape == (6, 6, 3)
    server.pages.clear()
    assert np.array_equal(sample_image("Slope"), picture)
    assert [path.read_bytes() for path in ramp.iterdir()] == [CONTENT]


def test_another_content_is_refused_and_not_kept(ramp, server):
    server.pages["/data/ramp.png"] = png(7)
    with pytest.raises(PictureError, match=r"'ramp' must be downloaded once, and cannot be: .*is not the expected one"):
        sample_image("ramp")
    assert not list(ramp.iterdir())


def test_a_spoilt_copy_is_fetched_again(ramp):
    sample_image("ramp")
    (kept,) = ramp.iterdir()
    kept.write_bytes(b"spoilt")
    assert sample_image("ramp").shape == (6, 6, 3)


def test_a_mirror_is_asked_instead(ramp, server, monkeypatch):
    server.pages.clear()
    server.pages["/class/ramp.png"] = CONTENT
    monkeypatch.setenv("XAI_WIDGETS_MIRROR", server.address("/class/"))
    assert sample_image("ramp").shape == (6, 6, 3)


@pytest.mark.parametrize("sample", REMOTE, ids=lambda sample: sample.name)
def test_without_a_network_it_says_so(sample, offline, cache):
    message = rf"'{sample.name}' must be downloaded once, and cannot be: cannot reach .*list_images\(\) says"
    with pytest.raises(PictureError, match=message):
        sample_image(sample.name)


def test_another_provider_only_adds_itself(monkeypatch):
    blue = Picture(
        Sample("blue", (2, 1), "the test", "nobody", "CC0"), lambda progress: np.full((1, 2, 3), (0, 0, 255))
    )
    before = list_images().names
    monkeypatch.setattr(samples, "PROVIDERS", [*samples.PROVIDERS, lambda: [blue]])
    assert list_images().names == [*before, "blue"]
    assert sample_image("blue")[0, 0].tolist() == [0, 0, 255]


def test_names_are_unique():
    pictures = samples._pictures()
    names = [name for picture in pictures.values() for name in {picture.sample.name, *picture.aliases}]
    assert len(names) == len(set(names))
    assert len(pictures) == sum(len(list(provider())) for provider in samples.PROVIDERS)
