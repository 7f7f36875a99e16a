"""The cards of the shipped models, and the files that they name."""

import dataclasses

import numpy as np
import pytest

from xai_widgets.assets.cards import ModelError, asset_directory, shipped_cards


def test_every_folder_of_the_assets_is_a_model_or_a_set_of_networks():
    folders = [one for one in asset_directory().iterdir() if one.is_dir() and one.name != "__pycache__"]
    cards = {one.name for one in folders if (one / "card.toml").is_file()}
    assert cards == set(shipped_cards())
    assert {one.name for one in folders} - cards == {"capstone"}


def test_a_card_maps_pixels_to_the_range_of_its_model():
    card = dataclasses.replace(shipped_cards()["digits"], value_range=(-1.0, 1.0))
    found = card.preprocess(np.array([0, 127.5, 255], np.float32))
    assert found.dtype == np.float32
    assert found.tolist() == [-1, 0, 1]


def test_a_table_has_no_map_from_pixels():
    with pytest.raises(ValueError, match="the input of 'wine' is a table, not a picture"):
        shipped_cards()["wine"].preprocess(np.zeros((1, 2, 2, 3), "float32"))


def test_a_companion_file_that_was_changed_is_refused(tmp_path):
    card = shipped_cards()["reviews_en"]
    name, digest = card.vocabulary
    assert card.content(name, digest) == (card.folder / name).read_bytes()
    (tmp_path / name).write_bytes(b"[]")
    with pytest.raises(ModelError, match=r"'words.json' of the shipped model 'reviews_en'.*install the package again"):
        dataclasses.replace(card, folder=tmp_path).content(name, digest)


def test_the_size_is_that_of_the_weight_file():
    card = shipped_cards()["digits"]
    assert card.megabytes == len((asset_directory() / "digits" / "digits.keras").read_bytes()) / 1e6
