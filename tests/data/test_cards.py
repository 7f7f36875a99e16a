"""Where the figures of a training are written."""

from pathlib import Path

import pytest

from data.cards import ASSETS, page_of, write_card

CARD = """\
labels = ["a", "b"]
tested_on = 10
sha256 = ""
accuracy = 0.0
accuracy_per_class = [0.0, 0.0]
"""
PAGE = "# mine\n\n<!-- figures -->\n<!-- end of figures -->\n"
FIGURES = {"sha256": "12ab", "accuracy": 0.75, "accuracy_per_class": [0.5, 1.0]}


def test_the_page_of_a_shipped_model_is_beside_its_script():
    assert page_of(ASSETS / "digits") == Path(__file__).parents[2] / "data" / "digits" / "README.md"
    assert page_of(ASSETS / "digits").exists()


def test_the_page_of_another_folder_is_in_it(tmp_path):
    (tmp_path / "card.toml").write_text(CARD, encoding="utf-8")
    (tmp_path / "README.md").write_text(PAGE, encoding="utf-8")
    write_card(tmp_path, FIGURES)
    card = (tmp_path / "card.toml").read_text(encoding="utf-8")
    assert 'sha256 = "12ab"\naccuracy = 0.75\naccuracy_per_class = [0.5, 1.0]\n' in card
    page = (tmp_path / "README.md").read_text(encoding="utf-8")
    assert "Accuracy on the 10 test pictures: **75.0 %**" in page
    assert "| 50.0 % | 100.0 % |" in page


def test_a_folder_without_a_page_gets_none(tmp_path):
    (tmp_path / "card.toml").write_text(CARD, encoding="utf-8")
    write_card(tmp_path, FIGURES)
    assert [path.name for path in tmp_path.iterdir()] == ["card.toml"]


def test_a_figure_that_the_card_has_no_line_for_is_refused(tmp_path):
    (tmp_path / "card.toml").write_text(CARD, encoding="utf-8")
    with pytest.raises(ValueError, match="must hold one line 'nothing = "):
        write_card(tmp_path, {"nothing": 1.0})
