"""Scores of explanations: closed forms first, then plain loops, then what they do on the shipped creatures."""

import functools

import keras
import numpy as np
import pytest
from scipy.stats import spearmanr

import xai_widgets as xai
from tests.methods import slow_evaluation as slow
from tests.models import nets
from xai_widgets.datasets.creatures import draw, sample_scene
from xai_widgets.methods import (
    cascading_randomisation,
    compare_methods,
    completeness,
    cost,
    deletion_curve,
    grad_cam,
    gradient_times_input,
    infidelity,
    insertion_curve,
    integrated_gradients,
    max_sensitivity,
    mu_fidelity,
    occlusion,
    part_importance,
    pointing_game,
    relevance_mass,
    road,
    saliency,
    smooth_grad,
)
from xai_widgets.methods.evaluation.deletion_insertion import hiding_shares
from xai_widgets.methods.evaluation.imputation import impute
from xai_widgets.methods.evaluation.weight_randomization import forget, layer_paths, twin_of
from xai_widgets.results.attribution_result import Attribution

pytestmark = pytest.mark.backend

NUMBERS = nets.Numbers.drawn()
SIDE = 4


@pytest.fixture(scope="module")
def total():
    """Sum all inputs of a picture with one channel."""
    return nets.linear(np.ones((SIDE * SIDE, 1)), shape=(SIDE, SIDE, 1))


@pytest.fixture(scope="module")
def network():
    return nets.network(NUMBERS)


@pytest.fixture(scope="module")
def x():
    return nets.inputs(2, seed=5)


@pytest.fixture(scope="module")
def creatures():
    return xai.load_model("creatures")


@pytest.fixture(scope="module")
def scene():
    return sample_scene(5, classes=["cat"], noise=False, occluders=False)


def score_of(target, numbers=NUMBERS):
    return lambda one: numbers.logits(one[np.newaxis])[0, target]


# Closed forms


@pytest.mark.parametrize("sign", [1, -1])
def test_mu_fidelity_of_the_sum_is_the_sign(total, x, sign):
    found = mu_fidelity(total, x, sign * x, 0, baseline=0.0, grid=4)
    np.testing.assert_allclose(found.values, sign, atol=1e-6)


def test_mu_fidelity_of_a_constant_map_or_model_tells_nothing(total, x):
    flat = nets.linear(np.zeros((SIDE * SIDE, 1)), shape=(SIDE, SIDE, 1))
    np.testing.assert_allclose(mu_fidelity(total, x, np.ones_like(x), 0, grid=4).values, 0, atol=1e-7)
    assert mu_fidelity(flat, x, x, 0).values.tolist() == [0, 0]


def test_a_mask_with_half_of_the_mass_scores_a_half():
    maps = np.array([[[1.0, 2.0], [3.0, -7.0]]])
    assert relevance_mass(maps, [[False, False], [True, True]]).values.tolist() == [0.5]
    assert relevance_mass(maps, np.array([[True, False], [False, False]])).chance.tolist() == [0.25]
    assert np.isnan(relevance_mass(-np.ones((1, 2, 2)), np.ones((2, 2), bool)).values[0])


def test_pointing_game_hits_misses_and_ties():
    maps = np.zeros((3, 4, 4))
    maps[0, 1, 1], maps[1, 3, 3] = 1, 1
    masks = np.zeros((4, 4), bool)
    masks[:2, :2] = True
    found = pointing_game(maps, masks)
    assert found.values.tolist() == [1, 0, 0.25]  # a constant map scores what chance does
    assert found.chance.tolist() == [0.25] * 3
    assert found.mean == pytest.approx(1.25 / 3)
    assert pointing_game(maps, masks, tolerance=3).values[1] == 1  # the corner (3, 3) is sqrt(8) pixels away


def test_curves_of_a_linear_model_are_exact(total):
    x = np.arange(16, 0, -1.0).reshape(1, SIDE, SIDE, 1)
    best = deletion_curve(total, x, x, 0, steps=16, baseline=0.0, output="logit")
    left = [136 - sum(range(16, 16 - count, -1)) for count in range(17)]
    np.testing.assert_allclose(best.scores[0], left, rtol=1e-6)
    np.testing.assert_allclose(best.area[0], slow.area(best.shares, left), rtol=1e-6)
    shown = insertion_curve(total, x, x, 0, steps=16, baseline=0.0, output="logit")
    np.testing.assert_allclose(shown.scores[0], 136 - np.array(left), rtol=1e-6)
    worst = deletion_curve(total, x, -x, 0, steps=16, baseline=0.0, output="logit")
    np.testing.assert_allclose(worst.scores[0, ::-1], 136 - np.array(left), rtol=1e-6)
    assert best.area[0] < worst.area[0] < shown.area[0] + 1e-4


def test_equal_places_go_in_no_order_of_their_own(total):
    x = np.concatenate([np.ones((1, 2, SIDE, 1)), np.zeros((1, 2, SIDE, 1))], axis=1)
    areas = [
        deletion_curve(total, x, np.ones_like(x), 0, baseline=0.0, output="logit", seed=seed).area[0]
        for seed in range(30)
    ]
    assert np.mean(areas) == pytest.approx(4, abs=0.3)  # from the top down it would be 2, from the bottom up 6


def test_infidelity_of_the_exact_gradient_of_a_line_is_0(x):
    weights = np.random.default_rng(0).normal(size=(16, 2))
    line = nets.linear(weights, bias=[0.3, -0.4], shape=(SIDE, SIDE, 1))
    exact = saliency(line, x, 1)
    for fill in (0.0, 0.7):
        found = infidelity(line, x, exact, baseline=fill, grid=4)
        np.testing.assert_allclose(found.values, 0, atol=1e-10)
        np.testing.assert_allclose(found.relative, 0, atol=1e-6)
    doubled = infidelity(line, x, 2 * exact.values, 1, gradients=True, baseline=0.0, grid=4)
    falls = infidelity(line, x, 0 * exact.values, 1, gradients=True, baseline=0.0, grid=4)
    np.testing.assert_allclose(doubled.values, falls.values, rtol=1e-4)  # off by the very fall of the score
    np.testing.assert_allclose(doubled.relative, 0, atol=1e-6)  # but right up to a factor
    np.testing.assert_allclose(falls.relative, 1)
    shares = gradient_times_input(line, x, 1)
    np.testing.assert_allclose(infidelity(line, x, shares, baseline=0.0, grid=4).values, 0, atol=1e-10)


def test_gradients_of_a_line_do_not_move_and_input_times_them_moves_with_the_input():
    line = nets.linear(np.ones((16, 1)), shape=(SIDE, SIDE, 1))
    x = np.ones((1, SIDE, SIDE, 1))
    assert max_sensitivity(line, x, "saliency", 0, epsilon=0.5).values.tolist() == [0]
    found = max_sensitivity(line, x, "gradient_times_input", 0, epsilon=0.5, samples=50).values[0]
    assert 0.25 < found <= 0.5  # the relative change of the input, each value of which moves by up to 0.5
    half = max_sensitivity(line, x, "gradient_times_input", 0, epsilon=0.25, samples=50).values[0]
    assert half == pytest.approx(found / 2, rel=1e-5)


def test_completeness_closed_forms(x):
    line = nets.linear(np.ones((16, 1)), bias=[3.0], shape=(SIDE, SIDE, 1))
    shares = gradient_times_input(line, x, 0)
    np.testing.assert_allclose(completeness(line, x, shares, baseline=0).error, 0, atol=1e-5)
    found = completeness(line, x, shares)
    np.testing.assert_allclose(found.error, -3, rtol=1e-5)  # the bias is nobody's share
    np.testing.assert_allclose(found.relative, 3 / found.due, rtol=1e-5)


def test_completeness_is_what_the_method_says_of_itself(network, x):
    found = integrated_gradients(network, x, 1, baseline=0.2, steps=7)
    np.testing.assert_allclose(completeness(network, x, found, baseline=0.2).error, found.delta, atol=1e-5)


def test_imputation_lies_on_the_line_between_what_is_left():
    ramp = np.arange(5.0)[np.newaxis, :, np.newaxis].astype("float32") * np.ones((5, 1, 2), "float32")
    hidden = np.zeros((5, 5), bool)
    hidden[1:4, 1:4] = True
    np.testing.assert_allclose(impute(ramp, hidden, 0.0, np.random.default_rng(0)), ramp, atol=1e-6)
    noisy = impute(ramp, hidden, 0.1, np.random.default_rng(0))
    assert (noisy[~hidden] == ramp[~hidden]).all()
    assert (noisy - ramp)[hidden].std() == pytest.approx(0.1, rel=0.5)


# Plain loops


@pytest.mark.parametrize("inserting", [False, True])
def test_curves_by_loops(network, x, inserting):
    maps = np.random.default_rng(1).normal(size=x.shape[:-1])
    curve = insertion_curve if inserting else deletion_curve
    found = curve(network, x, maps, [2, 0], steps=5, baseline=0.3, output="logit", batch_size=4)
    counts = np.linspace(0, 16, 6).round().astype(int)
    np.testing.assert_allclose(found.shares, counts / 16)
    for place, target in enumerate((2, 0)):
        slowly = slow.masking_curve(
            score_of(target), x[place], maps[place], np.full_like(x[place], 0.3), counts, inserting=inserting
        )
        np.testing.assert_allclose(found.scores[place], slowly, atol=1e-5)
        np.testing.assert_allclose(found.area[place], slow.area(counts / 16, slowly), atol=1e-5)


def test_fidelities_by_loops(network, x):
    maps, grid, hidden = np.random.default_rng(2).normal(size=x.shape[:-1]), 3, 0.3
    mu = mu_fidelity(network, x, maps, 1, samples=40, hidden=hidden, grid=grid, baseline=0.1, seed=3, batch_size=7)
    off = infidelity(network, x, maps, 1, samples=40, hidden=hidden, grid=grid, baseline=0.1, seed=3)
    for place in range(2):
        pixels = slow.subsets((SIDE, SIDE), grid, hidden, 40, 3)
        promised, kept = slow.trials(score_of(1), x[place], maps[place], np.full_like(x[place], 0.1), pixels)
        assert mu.values[place] == pytest.approx(np.corrcoef(promised, kept)[0, 1], abs=1e-4)
        assert off.values[place] == pytest.approx(np.mean((promised - kept) ** 2), rel=1e-4)
        scale = (promised @ kept) / (promised @ promised)
        left = np.mean((scale * promised - kept) ** 2) / np.mean(kept**2)
        assert off.relative[place] == pytest.approx(left, rel=1e-3)


def test_gradients_promise_by_the_step(network, x):
    gradients = saliency(network, x, 1)
    shares = gradients.values.astype("float64") * (x - 0.25)
    one = infidelity(network, x, gradients, baseline=0.25, samples=20, grid=4)
    other = infidelity(network, x, shares, 1, baseline=0.25, samples=20, grid=4)
    np.testing.assert_allclose(one.values, other.values, rtol=1e-5)


def test_the_old_name_of_gradients_warns_and_works(network, x):
    maps = saliency(network, x, 1).values
    new = infidelity(network, x, maps, 1, gradients=True, baseline=0.25, samples=20, grid=4)
    with pytest.warns(DeprecationWarning, match="'slopes' .* is called 'gradients' now"):
        old = infidelity(network, x, maps, 1, slopes=True, baseline=0.25, samples=20, grid=4)
    np.testing.assert_array_equal(old.values, new.values)
    assert old.recipe == new.recipe


def test_imputation_by_loops():
    rng = np.random.default_rng(4)
    picture, hidden = rng.random((6, 5, 2)).astype("float32"), rng.random((6, 5)) < 0.6
    found = impute(picture, hidden, 0.0, rng)
    np.testing.assert_allclose(found, slow.imputed(picture, hidden), atol=1e-5)


def test_road_by_loops(network, x):
    maps = np.random.default_rng(6).normal(size=x.shape[:-1])
    found = road(network, x, maps, 1, steps=3, noise=0.0, output="logit", batch_size=5)
    np.testing.assert_allclose(found.shares, [0.25, 0.5, 0.75])
    for scores, sign in ((found.most_first, 1), (found.least_first, -1)):
        for place in range(2):
            order = np.argsort(-sign * maps[place].ravel())
            for step, count in enumerate((4, 8, 12)):
                hidden = np.isin(np.arange(16), order[:count]).reshape(SIDE, SIDE)
                slowly = score_of(1)(slow.imputed(x[place], hidden, 500))
                assert scores[place, step] == pytest.approx(slowly, abs=1e-4)
    np.testing.assert_allclose(found.gap, (found.least_first - found.most_first).mean(axis=1), atol=1e-6)


def test_the_cascade_goes_through_fresh_copies(network, x):
    """One copy that forgets layer by layer answers as copies made for each stage do."""
    found = cascading_randomisation(network, x, "saliency", 1, seed=7)
    assert list(found.stages) == layer_paths(network)
    start = np.abs(saliency(network, x, 1).values[..., 0])
    for stage in range(len(found.stages)):
        copy = keras.models.clone_model(network)
        twin = twin_of(xai.Classifier(network))
        for _, _path in zip(range(stage + 1), forget(twin.model, 7), strict=False):
            pass
        copy.set_weights(twin.model.get_weights())
        there = np.abs(saliency(copy, x, 1).values[..., 0])
        np.testing.assert_allclose(found.maps[stage + 1], there, atol=1e-6)
        for place in range(2):
            alike = spearmanr(start[place].ravel(), there[place].ravel()).statistic
            assert found.similarity[stage, place] == pytest.approx(alike, abs=1e-6)


def test_forgetting_leaves_the_model_alone_and_keeps_the_order(network, x):
    before, answers = network.get_weights(), xai.Classifier(network).logits(x)
    found = cascading_randomisation(network, x, "gradient_times_input", steps=1)
    assert found.stages == (layer_paths(network)[-1],)
    assert all(map(np.array_equal, network.get_weights(), before))
    np.testing.assert_array_equal(xai.Classifier(network).logits(x), answers)
    again = cascading_randomisation(network, x, "gradient_times_input", steps=1)
    np.testing.assert_array_equal(found.maps, again.maps)


def test_nested_layers_forget_one_by_one():
    inner = keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Conv2D(2, 3), keras.layers.BatchNormalization()])
    net = keras.Sequential([keras.Input((4, 4, 1)), inner, keras.layers.Flatten(), keras.layers.Dense(2)])
    conv, norm = (layer.name for layer in inner.layers)
    assert layer_paths(net)[1:] == [f"{inner.name}/{norm}", f"{inner.name}/{conv}"]
    norm_weights = [np.full(2, value) for value in (3.0, 1.0, 2.0, 5.0)]
    inner.layers[1].set_weights(norm_weights)
    twin = twin_of(xai.Classifier(net))
    list(forget(twin.model, 0))
    fresh = twin.model.layers[0].layers[1].get_weights()
    assert [one.tolist() for one in fresh] == [[1, 1], [0, 0], [0, 0], [1, 1]]
    assert [one.tolist() for one in inner.layers[1].get_weights()] == [one.tolist() for one in norm_weights]


# On creatures


def test_a_map_that_shows_the_edges_fails_the_sanity_check(creatures, scene):
    """Adebayo et al.: what ignores the network resembles itself after it; saliency does not."""
    picture = draw(scene).picture

    def edges(model, inputs, target):
        found = saliency(model, inputs, target)
        rows, columns = np.gradient(inputs.mean(axis=-1), axis=(1, 2))
        return Attribution(np.hypot(rows, columns), found.score, found.recipe)

    assert cascading_randomisation(creatures, picture, edges, "cat", steps=1).final[0] == pytest.approx(1)
    assert abs(cascading_randomisation(creatures, picture, "grad_cam", "cat", steps=2).final[0]) < 0.6


def test_parts_by_drawing_the_scene_again(creatures, scene):
    drawing = draw(scene)
    explanation = grad_cam(creatures, drawing.picture, "cat")
    found = part_importance(creatures, scene, explanation, batch_size=3)
    whole, label = creatures.logits(drawing.picture)[0], creatures.index("cat")
    for (place, animal, part), true, claimed in zip(found.parts, found.true, found.claimed, strict=True):
        assert (place, animal) == (0, 0)
        without = creatures.logits(draw(scene.without(animal, part)).picture)[0]
        assert true == pytest.approx(whole[label] - without[label], abs=1e-3)
        assert claimed == pytest.approx(explanation.values[0][drawing.footprint(animal, part)].sum(), rel=1e-4)
    expected = spearmanr(found.true, found.claimed).statistic
    assert found.correlation[0] == pytest.approx(expected)


def test_table_of_methods(creatures, scene):
    drawing = draw(scene)
    options = {"masks": drawing.animals[0], "scenes": scene, "steps": 4, "samples": 20}
    quick = functools.partial(smooth_grad, samples=2)
    asked = {"Grad-CAM": "grad_cam", "smooth": quick}
    steps = []
    found = compare_methods(creatures, drawing.picture, asked, "cat", progress=lambda *at: steps.append(at), **options)
    assert found.methods == ("Grad-CAM", "smooth")
    assert set(found.scores) == {
        "deletion", "insertion", "road", "mu_fidelity", "infidelity", "pointing", "mass", "parts", "conservation",
        "randomisation", "sensitivity", "seconds",
    }  # fmt: skip
    assert steps[-1] == (24, 24)
    cam = found.explanations["Grad-CAM"]
    assert found.scores["deletion"][0] == deletion_curve(creatures, drawing.picture, cam, steps=4).area
    assert found.scores["mass"][0].tolist() == relevance_mass(cam, options["masks"]).values.tolist()
    assert found.table["smooth"].pointing == found.scores["pointing"][1, 0]
    assert all(np.isfinite(values).all() for values in found.scores.values())
    assert "Grad-CAM" in repr(found)
    assert "Grad-CAM" in found._repr_html_()


def test_table_shows_what_was_asked_for_and_nothing_else(total, x):
    found = compare_methods(total, x, ["saliency"], 0, scores=["mu_fidelity", "deletion"], samples=5)
    assert list(found.scores) == ["mu_fidelity", "deletion"]
    assert repr(found).splitlines()[0].split("  ")[0] == "method"
    rows = nets.linear(np.ones((3, 1)))
    assert "road" not in compare_methods(rows, np.ones((1, 3)), ["saliency"], 0, samples=5, steps=2).scores


def test_figures(total, x, creatures, scene):
    assert len(deletion_curve(total, x, x, 0, baseline=0.0, output="logit").show().axes[0].lines) == 2
    assert cascading_randomisation(total, x, "saliency", 0)._repr_png_()[:4] == b"\x89PNG"
    parts = part_importance(creatures, scene, np.ones((1, 96, 96)), "cat")
    assert 0 < len(parts.show().axes[0].texts) <= len(parts)


def test_costs_are_counted_in_passes_too(network, x):
    cheap, dear = cost(network, x, "saliency", 1), cost(network, x, functools.partial(smooth_grad, samples=3000), 1)
    assert dear.forward_passes > cheap.forward_passes > 0
    assert cheap.runs == 3


# What is told, and what is refused


def test_explanations_say_themselves_what_is_asked_about(network, x):
    found = saliency(network, x, ["class 2", "class 0"])
    assert deletion_curve(network, x, found).recipe.target == ("class 2", "class 0")
    assert deletion_curve(network, x, found).recipe.options["explanation"] == "saliency"
    np.testing.assert_array_equal(
        deletion_curve(network, x, found).scores, deletion_curve(network, x, found, [2, 0]).scores
    )


def test_gradients_are_read_by_magnitude_and_shares_by_sum():
    scores = nets.linear(np.array([[-3.0], [1.0]]), shape=(1, 1, 2))
    x = np.ones((1, 1, 1, 2), "float32")
    mask = np.ones((1, 1), bool)
    assert relevance_mass(saliency(scores, x, 0), mask).values.tolist() == [1]
    assert np.isnan(relevance_mass(gradient_times_input(scores, x, 0), mask).values[0])  # -3 + 1


def test_no_company_changes_a_score(network, x):
    maps = occlusion(network, x, 1, patch=1, stride=1)
    alone = occlusion(network, x[1], 1, patch=1, stride=1)
    for judge in (deletion_curve, insertion_curve, mu_fidelity, infidelity, road):
        both, one = judge(network, x, maps), judge(network, x[1], alone)
        name = {"mu_fidelity": "values", "infidelity": "values", "road": "gap"}.get(judge.__name__, "area")
        np.testing.assert_allclose(getattr(both, name)[1], getattr(one, name)[0], atol=1e-5)
    both, one = (max_sensitivity(network, given, "saliency", 1).values[-1] for given in (x, x[1]))
    np.testing.assert_allclose(both, one, atol=1e-5)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda net, x: deletion_curve(net, x, np.ones((2, 3, 3))), "does not fit inputs of shape"),
        (lambda net, x: deletion_curve(net, x, x * np.nan), "NaN or infinite"),
        (lambda net, x: insertion_curve(net, x, x, steps=0), "steps must be a whole number of at least 1"),
        (lambda net, x: mu_fidelity(net, x, x, hidden=1.0), "hidden must be a finite number above 0 and below 1"),
        (lambda net, x: infidelity(net, x, x[..., 0], gradients=True), "gradients are shaped like the inputs"),
        (lambda net, x: road(net, x, x, noise=-1), "noise must be a finite number of at least 0"),
        (lambda net, x: pointing_game(x, np.zeros((4, 4), bool)), "a mask is empty"),
        (lambda net, x: pointing_game(x, np.ones((3, 4), bool)), "do not fit maps"),
        (lambda net, x: pointing_game(x, np.ones((4, 4), bool), tolerance=-1), "tolerance must be"),
        (lambda net, x: relevance_mass(np.ones((2, 5)), np.ones(5, bool)), "maps of pictures"),
        (lambda net, x: max_sensitivity(net, x, "saliency", samples=0), "samples must be a whole number of at least 1"),
        (lambda net, x: max_sensitivity(net, x, "salience"), "did you mean saliency"),
        (
            lambda net, x: cascading_randomisation(net, x, "saliency", steps=0),
            "steps must be a whole number of at least 1",
        ),
        (lambda net, x: cost(net, x, "saliency", runs=0), "runs must be a whole number of at least 1"),
        (lambda net, x: compare_methods(net, x, []), "at least one method"),
        (lambda net, x: compare_methods(net, x, ["lrp", "lrp"]), "each once"),
        (lambda net, x: compare_methods(net, x, ["lrp"], scores=["deletions"]), "did you mean deletion"),
        (lambda net, x: compare_methods(net, x, ["lrp"], scores=["mass"]), "needs masks"),
        (lambda net, x: compare_methods(net, x, ["lrp"], scores=[]), "scores is empty"),
        (lambda net, x: part_importance(net, sample_scene(0), x), "from 16 to 2048"),
    ],
)
def test_what_is_refused(network, x, call, said):
    with pytest.raises(ValueError, match=said):
        call(network, x)


def test_what_is_no_method_is_refused(network, x):
    with pytest.raises(TypeError, match="a method is a name or a function"):
        max_sensitivity(network, x, 3)


def test_models_that_cannot_be_copied_are_refused():
    with pytest.raises(ValueError, match="cannot be copied"):
        cascading_randomisation(nets.Subclassed(NUMBERS), nets.inputs(1), "saliency")


def test_the_order_of_hiding_is_that_of_the_curve():
    digits = xai.load_model("digits")
    three = digits.as_inputs(xai.sample_image("digit-3"))
    found = saliency(digits, three, "3")
    curve = deletion_curve(digits, three, found, "3", steps=7, baseline=0.25, seed=5)
    turns = hiding_shares(found, three, steps=7, seed=5)
    for share, score in zip(curve.shares, curve.scores[0], strict=True):
        hidden = np.where(turns[..., np.newaxis] <= share, 0.25, three)
        assert digits.predict(hidden).probabilities[0, 3] == pytest.approx(score, abs=1e-5)
