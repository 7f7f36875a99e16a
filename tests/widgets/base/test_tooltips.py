"""Controls, certificates and recipes are explained on hover and by keyboard, from one glossary."""

import html

import pytest

from tools import glossary as copied
from xai_widgets import AttributionExplorer, CamLab, EmbeddingLab
from xai_widgets.i18n import LANGUAGES, catalogue
from xai_widgets.i18n.glossary import meaning_of, meanings
from xai_widgets.widgets.base.tooltips import explained_line, help_of

pytestmark = pytest.mark.usefixtures("inline")


def test_the_package_has_the_glossary_of_the_course():
    assert copied.COPY.read_text("utf-8") == copied.text(), "run python -m tools.glossary"


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_word_of_the_glossary_is_found_by_its_name(code):
    for one in copied.glossary()[code]:
        assert meaning_of(one["name"], code) == one["meaning"]


@pytest.mark.parametrize(
    ("text", "word"),
    [("Grad-CAM", "grad-cam"), ("baseline grey", "baseline"), ("CAM of it", "cam"), ("camera", ""), ("a baseline", "")],
)
def test_the_word_that_a_text_begins_with(text, word):
    assert meaning_of(text, "en") == (meanings("en")[word] if word else "")


def test_a_recipe_explains_its_words_to_mouse_and_keyboard():
    line = explained_line("Grad-CAM · <b>cat</b> · 0.2 s", "en")
    meaning = html.escape(meanings("en")["grad-cam"])
    assert f'tabindex="0" title="{meaning}" data-meaning="{meaning}" aria-description="{meaning}">Grad-CAM<' in line
    assert "&lt;b&gt;cat" in line
    assert line.count("tabindex") == 1
    assert explained_line("cat · 0.2 s", "en") == "cat · 0.2 s"


@pytest.mark.parametrize("code", LANGUAGES)
def test_menus_say_what_they_do(code):
    lab = CamLab("digits", "digit-3", language=code)
    assert lab.views.layer_menu.tooltip == catalogue("help", code)["layer"]
    assert lab.picture_menu.tooltip == catalogue("help", code)["picture"]
    assert 'tabindex="0"' in lab._recipe_line.value
    lab.close()


def test_sliders_panels_and_what_has_a_tooltip_of_its_own():
    lab = EmbeddingLab("faces", steps=20, language="en")
    assert lab.perplexity_slider.tooltip == catalogue("help", "en")["perplexity"]
    assert lab.seed_button.tooltip == catalogue("embedding", "en")["again_note"]
    lab.close()
    lab = AttributionExplorer("digits", "digit-3", methods=["saliency"], language="en")
    assert lab.panels[0].menu.tooltip == f"Method. {catalogue('help', 'en')['method']}"
    lab.close()


def test_what_is_not_known_has_no_help():
    assert help_of("Something else", ["cam"], "en") == ""
