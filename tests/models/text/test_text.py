"""Reviews written by a grammar, and the classifiers that read them."""

import hashlib
import json
import re
import tomllib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import xai_widgets as xai
from xai_widgets.assets.cards import ModelError
from xai_widgets.datasets.reviews import FEELINGS, KINDS, held_out_reviews, sample_reviews
from xai_widgets.datasets.reviews import word_positions as words
from xai_widgets.datasets.reviews.grammar import grammar
from xai_widgets.models.text.text_loading import BagOfWords, load_text_model

ROOT = Path(__file__).parents[3]
ASSETS = ROOT / "xai_widgets" / "assets"
LANGUAGES = ("en", "fr")
each_language = pytest.mark.parametrize("language", LANGUAGES)
EXAMPLES = {
    "en": ("This comedy is not funny.", "funny", ["not"]),
    "fr": ("Cette comédie n’est pas drôle.", "drôle", ["n’", "pas"]),
}


def card_of(language):
    return tomllib.loads((ASSETS / f"reviews_{language}" / "card.toml").read_text(encoding="utf-8"))


def right(model, reviews):
    return model.predict([one.text for one in reviews]).classes == np.array([one.feeling for one in reviews])


def by_kind(model, reviews):
    found, kinds = right(model, reviews), np.array([one.kind for one in reviews])
    return [round(float(found[kinds == kind].mean()), 4) for kind in KINDS]


# ---------------------------------------------------------------------------------------------------------- the reviews


@each_language
def test_reviews_are_repeated_by_their_seed_balanced_and_all_different(language):
    reviews = sample_reviews(language, 600, seed=3)
    assert reviews == sample_reviews(language, 600, seed=3)
    assert reviews != sample_reviews(language, 600, seed=4)
    assert len({one.text for one in reviews}) == 600
    assert Counter(one.feeling for one in reviews) == {0: 300, 1: 300}
    shares = Counter(one.kind for one in reviews)
    assert set(shares) == set(KINDS)
    assert all(150 < shares[kind] < 280 for kind in KINDS)


@each_language
def test_reviews_are_well_written(language):
    for review in sample_reviews(language, 3000, seed=9):
        text = review.text
        assert re.fullmatch(r"[^\[\]()~{}\d]+", text), text  # no symbol and no mark of the grammar is left
        assert text[0].isupper(), text
        assert text[-1] in ".!", text
        assert not re.search(r" {2}| [.,]|\.\.|, \.|,,", text), text
        assert len(text.split()) <= 30, text
        content = re.findall(r"\w{5,}", text.casefold())
        assert max(Counter(content).values(), default=0) <= 3, text


def test_articles_and_elisions_agree():
    english = " ".join(one.text for one in sample_reviews("en", 3000))
    assert re.search(r"\ban \w", english)
    assert not re.search(r"\ba [aeiou]", english, re.IGNORECASE)
    assert not re.search(r"\ban [^aeiou]", english, re.IGNORECASE)
    french = " ".join(one.text for one in sample_reviews("fr", 3000))
    assert not re.search(r"\b(?:[dlnmjs]|qu)e [aeiouyéèêàœ]", french, re.IGNORECASE)
    assert not re.search(r"\b(?:loin|dépit) de le\b", french)
    assert not re.search(r"[^\u202f][!?;]|[^\u00a0]:", french)


@pytest.mark.parametrize(
    ("noun", "wrong"),
    [
        ("l’histoire est ", r"(?:beau|brillant|laid|raté|touchant|lent)\b"),
        ("le film est ", r"(?:belle|brillante|laide|ratée|touchante|lente)\b"),
        ("les blagues sont ", r"(?:beaux|brillants|laids|ratés|bonne)\b"),
    ],
)
def test_adjectives_agree_with_their_noun(noun, wrong):
    french = " ".join(one.text for one in sample_reviews("fr", 12000, kinds=["plain"])).casefold()
    assert french.count(noun) > 10
    assert not re.search(noun + r"(?:\w+ )?" + wrong, french)


@each_language
def test_every_entry_has_its_place_and_opposites_are_as_many(language):
    rules = grammar(language)
    lists = {name: entries for name, entries in rules.items() if isinstance(entries, dict)}
    used = set(re.findall(r"\[~?(\w+)\]", json.dumps(lists)))
    assert used | set(KINDS) == set(lists)
    for name in used:
        assert set(lists[name]) <= {"both", *FEELINGS}, name
    assert len(lists["adjective"]["positive"]) > 40 < len(lists["adjective"]["negative"])
    for entries in lists.values():
        for choices in entries.values():
            forms = {len(found.split(",")) for found in re.findall(r"\(([^()]*)\)", json.dumps(choices))}
            assert forms <= {2 if language == "en" else 4}
    overlap = set(lists["adjective"]["positive"]) & set(lists["adjective"]["negative"])
    assert not overlap


@each_language
def test_the_sentences_by_hand_are_no_sentences_of_the_grammar(language):
    held_out = held_out_reviews(language)
    assert Counter((one.kind, one.feeling) for one in held_out) == {(kind, k): 8 for kind in KINDS for k in range(2)}
    assert len({one.text for one in held_out}) == 48
    trained = {one.text for one in sample_reviews(language, 8000, seed=0)}
    assert not trained & {one.text for one in held_out}
    known = set(json.loads((ASSETS / f"reviews_{language}" / "words.json").read_text(encoding="utf-8")))
    said = {words.plain(word) for one in held_out for word in load_text_model(language=language).tokens(one.text)}
    assert said - known  # and not all of their words are the grammar's


@pytest.mark.parametrize("options", [{"kinds": ["odd"]}, {"kinds": []}, {"count": -1}, {"language": "de"}])
def test_reviews_that_cannot_be_written(options):
    with pytest.raises(ValueError, match=r"kinds must be|must not be negative|no catalogue"):
        sample_reviews(**options)


# ----------------------------------------------------------------------------------------------------------- the models


@each_language
def test_the_card_tells_the_truth(language):
    card, net = card_of(language), load_text_model("reviews", language=language)
    bag = load_text_model("reviews", language=language, kind="words")
    folder, test, fresh = (
        ASSETS / card["name"],
        held_out_reviews(language),
        sample_reviews(language, 1000, seed=1),
    )
    for file, digest in ((card["file"], card["sha256"]), (card["vocabulary"], card["vocabulary_sha256"])):
        assert hashlib.sha256((folder / file).read_bytes()).hexdigest() == digest
    feelings = np.array([one.feeling for one in test])
    assert card["tested_on"] == len(test)
    assert card["accuracy"] == round(float(right(net, test).mean()), 4) >= 0.9
    assert card["accuracy_per_class"] == [round(float(right(net, test)[feelings == k].mean()), 4) for k in range(2)]
    assert card["accuracy_per_kind"] == by_kind(net, test)
    assert card["words_per_kind"] == by_kind(bag, test)
    assert card["grammar_per_kind"] == by_kind(net, fresh)
    assert card["grammar_words_per_kind"] == by_kind(bag, fresh)
    assert net.labels == tuple(card["labels"])
    assert [net.length] == card["input_shape"]


@each_language
def test_the_vocabulary_is_that_of_the_training_sentences(language):
    net = load_text_model(language=language)
    said = {words.plain(word) for one in sample_reviews(language, 8000, seed=0) for word in net.tokens(one.text)}
    assert net.vocabulary == tuple(sorted(said))


@each_language
def test_the_readme_has_the_figures_of_the_card(language, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT))
    from data.cards import with_figures

    name, net = f"reviews_{language}", load_text_model(language=language)
    readme = (ROOT / "data" / name / "README.md").read_text(encoding="utf-8")
    assert with_figures(readme, (ASSETS / name / "card.toml").read_text(encoding="utf-8")) == readme
    assert f"{net.model.count_params():,} parameters" in readme
    assert f"for {len(net.vocabulary)} words" in readme


@each_language
def test_a_negation_deceives_the_set_of_words_and_not_the_network(language):
    text, word, negation = EXAMPLES[language]
    net, bag = (load_text_model(language=language, kind=kind) for kind in ("order", "words"))
    assert bag.predict(text).classes[0] == 1
    assert net.predict(text).classes[0] == 0
    assert bag.weights[word] > 1
    affirmed = net.without(text, [net.tokens(text).index(one) for one in negation])
    assert net.predict(affirmed).classes[0] == 1


@each_language
def test_the_weights_of_the_set_of_words_are_what_each_word_counts(language):
    bag = load_text_model(language=language, kind="words")
    assert bag is load_text_model(language=language, kind="words")  # trained once
    for review in held_out_reviews(language)[:8]:
        whole = bag.logits(review.text)[0]
        tokens = [words.plain(word) for word in bag.tokens(review.text)]
        assert whole[0] == 0
        assert whole[1] == pytest.approx(bag.bias + sum(bag.weights.get(word, 0) for word in set(tokens)), abs=1e-5)
        for place, word in enumerate(tokens):
            if tokens.count(word) == 1:
                change = whole[1] - bag.logits(bag.without(review.text, [place]))[0, 1]
                assert change == pytest.approx(bag.weights.get(word, 0), abs=1e-5)


def test_neither_order_nor_number_counts_in_a_set_of_words():
    bag = load_text_model(language="en", kind="words")
    logits = bag.logits(["dull but superb", "Superb! But dull, dull, DULL.", "superb but dull zzz"])
    assert np.ptp(logits[:, 1]) < 1e-6
    assert bag.logits("")[0].tolist() == pytest.approx([0, bag.bias])


@pytest.mark.backend
@each_language
def test_the_network_is_its_layers(language):
    import keras

    net = load_text_model(language=language)
    texts = [one.text for one in held_out_reviews(language)[:9]]
    numbers = net.numbers(texts)
    assert numbers.shape == (9, net.length)
    whole = keras.ops.convert_to_numpy(net.model(numbers))
    assert np.allclose(net.predict_proba(texts), whole, atol=1e-5)
    assert net.embed(texts).shape == (9, net.length, 16)
    found = xai.explain(net.classifier, net.embed(texts), "saliency", target=1)
    assert found.values.shape == (9, net.length, 16)
    assert np.allclose(found.score, net.logits(texts)[:, 1], atol=1e-4)


def test_each_place_of_the_average_adds_its_part():
    import keras

    net = load_text_model(language="en")
    text = "The plot is not bad at all."
    maps = keras.Model(net.classifier.model.inputs, net.classifier.model.layers[-3].output)
    kernel, bias = net.classifier.model.layers[-1].get_weights()
    by_place = keras.ops.convert_to_numpy(maps(net.embed(text)))[0] @ kernel / net.length
    assert np.allclose(by_place.sum(axis=0) + bias, net.logits(text)[0], atol=1e-4)


def test_spelling_of_apostrophes_capitals_and_accents_does_not_matter():
    net = load_text_model(language="fr")
    numbers = net.numbers(
        ["L’histoire était drôle", "L'HISTOIRE E\u0301TAIT DRO\u0302LE".replace("E\u0301", "É").replace("O\u0302", "Ô")]
    )
    assert np.array_equal(numbers[0], numbers[1])
    assert (numbers[0, :4] > 1).all()
    assert net.numbers("drôle xyzzy")[0, :3].tolist() == [net.numbers("drôle")[0, 0], 1, 0]


def test_words_and_what_is_left_without_them():
    french, english = (load_text_model(language=language, kind="words") for language in ("fr", "en"))
    assert french.tokens("L’intrigue n'est pas drôle !") == ["L’", "intrigue", "n'", "est", "pas", "drôle"]
    assert english.tokens("It isn’t bad, is it?") == ["It", "isn’t", "bad", "is", "it"]
    assert english.without("It isn’t bad, is it?", [1]) == "It bad, is it?"
    assert french.without("L’intrigue n'est pas drôle.", [2, 4]) == "L’intrigue est drôle."
    assert english.without("So good.", [0, 1]) == "."
    text = "What a mess!"
    assert [text[a:b] for a, b in english.spans(text)] == english.tokens(text)
    with pytest.raises(IndexError, match="has 3 words, 0 to 2; there is no word 3"):
        english.without(text, [3])


@pytest.mark.parametrize("kind", ["order", "words"])
def test_one_text_is_a_batch_of_one_and_answers_show_themselves(kind):
    model = load_text_model(language="en", kind=kind)
    answer = model.predict("A superb film!")
    assert repr(answer).startswith("Predictions(1 text, 2 classes)\n  positive")
    assert model.predict_proba(["a", "b", ""]).shape == (3, 2)
    assert np.allclose(model.predict_proba(["a", "superb"]).sum(axis=1), 1)
    assert np.array_equal(np.asarray(answer), model.predict_proba("A superb film!"))
    assert "classes)" in repr(model)


@pytest.mark.parametrize("kind", ["order", "words"])
def test_what_is_no_text_is_refused(kind):
    model = load_text_model(language="en", kind=kind)
    with pytest.raises(TypeError, match="a text is a str, not a int"):
        model.predict(["good", 3])
    with pytest.raises(ValueError, match="no texts"):
        model.predict([])


def test_a_long_text_is_refused_by_the_network():
    net = load_text_model(language="en")
    assert net.predict("good " * 64).classes[0] == 1
    with pytest.raises(ValueError, match="65 words, the network takes up to 64"):
        net.predict("good " * 65)


def test_names_that_are_refused_and_the_language_of_the_moment():
    with pytest.raises(ValueError, match="did you mean reviews"):
        load_text_model("review")
    with pytest.raises(ValueError, match="unknown kind 'bag'; choose one of: order, words"):
        load_text_model(kind="bag")
    with pytest.raises(ValueError, match="'de'"):
        load_text_model(language="de")
    xai.set_language("fr")
    assert load_text_model().labels == ("négatif", "positif")
    assert load_text_model(kind="words").labels == ("négatif", "positif")
    with pytest.raises(ModelError, match=r"'reviews_en' reads texts: .*load_text_model"):
        xai.load_model("reviews_en")
    assert xai.list_models()["reviews_fr"].reads == "text"


def test_a_vocabulary_of_another_network_is_refused():
    from xai_widgets.models.text.text_network import TextNet

    net = load_text_model(language="en")
    with pytest.raises(ValueError, match="has vectors for 461 words, the vocabulary has 2"):
        TextNet(net.model, ["a", "b"], "x", net.labels)


def test_lime_finds_the_words():
    # The reference implementation of LIME, asked about the model whose true weights are known.
    from lime.lime_text import LimeTextExplainer

    bag = load_text_model(language="en", kind="words")
    explainer = LimeTextExplainer(class_names=bag.labels, split_expression=bag.tokens, bow=False, random_state=0)
    text = "The plot is gripping and the actors are superb, but the music is annoying."
    found = dict(explainer.explain_instance(text, bag.predict_proba, num_features=4, num_samples=1000).as_list())
    strongest = sorted({words.plain(one) for one in bag.tokens(text)}, key=lambda one: -abs(bag.weights.get(one, 0)))
    assert set(strongest[:3]) <= set(found)
    assert found["superb"] > 0 > found["annoying"]


def test_a_bag_of_words_of_ones_own():
    bag = BagOfWords("mine", ["no", "yes"], {"oui": 1.0}, -0.5)
    assert bag.predict_proba(["oui", "non"])[:, 1] == pytest.approx([1 / (1 + np.exp(-0.5)), 1 / (1 + np.exp(0.5))])
    bag.weights["oui"] = 9
    assert bag.weights == {"oui": 1.0}
