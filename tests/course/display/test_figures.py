"""What the notebooks show: sentences, tables, drawings, the loss, the check of the machine."""

from __future__ import annotations

import numpy as np
import pytest

from xai_widgets.course import Table, check_machine, compare_curves, loss, loss_gradient, say
from xai_widgets.course.display import machine_check as machine
from xai_widgets.course.display import sentences
from xai_widgets.course.examples.tiny_network import TinyNet
from xai_widgets.i18n import set_language
from xai_widgets.methods import fgsm
from xai_widgets.results.adversarial_results import RobustnessCurve
from xai_widgets.results.recipe import Recipe


def test_a_sentence_writes_its_figures_as_its_language_does(capsys):
    say("Your smallest ε: {mine:.3f}, on {share:.0%} of them.", mine=np.float32(0.0984), share=0.125)
    set_language("fr")
    say("Votre plus petit ε : {mine:.3f}, sur {share:.0%}.", mine=np.float32(0.0984), share=0.125)
    assert capsys.readouterr().out.split("\n")[:2] == [
        "Your smallest ε: 0.098, on 12% of them.",
        "Votre plus petit ε : 0,098, sur 12\u202f%.",
    ]


def test_a_sentence_without_one_of_its_figures_says_which():
    with pytest.raises(KeyError, match="mine"):
        say("Your smallest ε: {mine:.3f}.")


def test_in_a_notebook_a_sentence_is_a_paragraph(monkeypatch):
    shown = []
    monkeypatch.setattr(sentences, "get_ipython", object)
    monkeypatch.setattr(sentences, "display", lambda data, raw: shown.append((data, raw)))
    say("Write `my_fgsm` above.")
    say("{count} targets: {answers}", count=7, answers="<b>")
    (first, raw), (second, _) = shown
    assert raw
    assert "<code>my_fgsm</code>" in first["text/html"]
    assert "`my_fgsm`" in first["text/plain"]
    assert "&lt;b&gt;" in second["text/html"]


def test_figures_claim_no_certainty_and_have_a_minus_sign():
    shares = [0.0, 0.004, 0.996, 1.0]
    table = Table({"ε": [-3.7, -0.5, 0.0, 1.0], "error": shares}, [".1f", ".0%"])
    assert [row[0] for row in table.rows()[1:]] == ["−3.7", "−0.5", "0.0", "1.0"]
    assert [row[1] for row in table.rows()[1:]] == ["0%", "<\u00a01%", ">\u00a099%", "100%"]


def test_a_whole_number_stays_whole(capsys):
    set_language("fr")
    say("Le plus fragile est le {fragile}, pour {half:.1f}.", fragile=np.int64(8), half=0.5)
    assert "le 8, pour 0,5." in capsys.readouterr().out


def test_a_table_escapes_what_it_shows():
    table = Table({"model": ["<b>"], "error": [0.5]}, ["", ".0%"])
    assert "&lt;b&gt;" in table._repr_html_()
    assert '<th scope="col">error</th>' in table._repr_html_()
    assert repr(table).split("\n")[1].endswith("50%")


def test_a_table_refuses_columns_of_unequal_lengths():
    with pytest.raises(ValueError, match=r"got \[1, 2\]"):
        Table({"ε": [1], "error": [1, 2]})


def curve(*accuracy):
    epsilons = np.linspace(0, 0.3, len(accuracy))
    return RobustnessCurve(epsilons, np.array(accuracy), 100, Recipe("robustness_curve", "digits", ("3",), {}))


def test_a_drawing_says_in_words_what_it_shows():
    drawing = compare_curves({"FGSM": curve(1.0, 0.75, 0.25, 0.0), "PGD": curve(1.0, 0.9, 0.8, 0.7)})
    assert repr(drawing) == (
        "Error against ε. Half of the pictures are misread: FGSM from ε = 0.15 on, PGD nowhere up to ε = 0.30."
    )
    data, metadata = drawing._repr_mimebundle_()
    assert data["image/png"].startswith(b"\x89PNG")
    assert metadata["image/png"]["alt"] == data["text/plain"] == repr(drawing)


def test_the_loss_and_its_gradient_are_those_of_numpy():
    rng = np.random.default_rng(0)
    net = TinyNet.draw(rng)
    x, classes = net.pictures(rng, 5), np.array([0, 1, 2, 3, 0])
    np.testing.assert_allclose(loss(net.classifier(), x, classes), net.loss(x, classes), rtol=1e-4)
    np.testing.assert_allclose(loss_gradient(net.classifier(), x, classes), net.loss_gradient(x, classes), atol=1e-5)


def test_the_gradient_keeps_its_sign_where_the_network_is_certain():
    rng = np.random.default_rng(1)
    certain = TinyNet.draw(rng)
    certain = TinyNet(certain.first, 25 * certain.second)
    x = certain.pictures(rng, 4)
    classifier, classes = certain.classifier(), np.argmax(certain.probabilities(x), axis=1)
    assert np.asarray(classifier.predict(x)).max() == 1
    step = fgsm(classifier, x, classes.tolist(), epsilon=0.1, clip=None).perturbation
    np.testing.assert_array_equal(np.sign(loss_gradient(classifier, x, classes)), np.sign(step))


def test_a_ready_machine_says_so_and_nothing_that_differs():
    report = check_machine()
    assert report.ready, str(report)
    assert repr(report) == "Your machine is ready for the course."
    assert "<table>" in report._repr_html_()


def test_a_machine_with_little_memory_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr("xai_widgets.backend.free_memory", lambda: 5e8)
    report = check_machine()
    assert not report.ready
    assert "0.5 GB" in str(report)
    assert "Close other notebooks" in str(report)


def test_a_missing_backend_is_told_how_to_install(monkeypatch):
    def broken(name):
        raise ImportError(f"no {name}")

    monkeypatch.setattr(machine.importlib, "import_module", broken)
    report = check_machine()
    assert not report.ready
    assert "%pip install tensorflow-cpu" in str(report)
