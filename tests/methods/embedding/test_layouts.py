"""Layouts: closed forms of PCA, what t-SNE minimises, frames, stopping, repeating."""

import numpy as np
import pytest

from xai_widgets.methods.embedding import align, neighbour_overlap, pca, procrustes, tsne, umap
from xai_widgets.methods.embedding.known_shapes import clouds


@pytest.fixture(scope="module")
def three():
    """Three clouds far apart on a line."""
    return clouds([20, 20, 20], places=[0, 30, 60], dimensions=6)


def _gradient_of_divergence(vectors, points, perplexity):
    """KL divergence and its gradient, straight from van der Maaten and Hinton (2008), equations 1 to 5."""
    square = lambda x: ((x[:, None] - x[None]) ** 2).sum(-1)  # noqa: E731
    distances, count = square(vectors), len(vectors)
    joint = np.zeros((count, count))
    for row in range(count):
        others = np.delete(np.arange(count), row)
        low, high = 1e-10, 1e10
        for _ in range(200):
            precision = np.sqrt(low * high)
            weights = np.exp(-(distances[row, others] - distances[row, others].min()) * precision)
            chances = weights / weights.sum()
            entropy = -(chances * np.log2(np.maximum(chances, 1e-300))).sum()
            low, high = (precision, high) if 2**entropy > perplexity else (low, precision)
        joint[row, others] = chances
    joint = (joint + joint.T) / (2 * count)
    kernel = 1 / (1 + square(points))
    np.fill_diagonal(kernel, 0)
    near = kernel / kernel.sum()
    mask = joint > 0
    divergence = (joint[mask] * np.log(joint[mask] / near[mask])).sum()
    pull = (joint - near) * kernel
    return divergence, 4 * (pull.sum(1)[:, None] * points - pull @ points)


def test_pca_is_the_singular_value_decomposition():
    vectors = np.random.default_rng(0).normal(size=(30, 5)) * [5, 4, 3, 2, 1]
    centred = vectors - vectors.mean(axis=0)
    left, strength, _ = np.linalg.svd(centred, full_matrices=False)
    np.testing.assert_allclose(np.abs(pca(vectors).points), np.abs(left[:, :2] * strength[:2]), rtol=1e-4)


def test_one_direction_leaves_the_second_axis_empty():
    assert not pca(np.arange(6.0)[:, None]).points[:, 1].any()


def test_tsne_descends_to_where_the_gradient_vanishes(three):
    """With all other points as neighbours, openTSNE minimises the paper's own divergence."""
    vectors, _ = three
    made = tsne(vectors, steps=1000)
    perplexity = made.options["perplexity"]
    assert perplexity == (len(vectors) - 1) / 3  # three times as many neighbours are looked at: all of them
    divergence, gradient = _gradient_of_divergence(vectors, made.points.astype(float), perplexity)
    _, gradient_elsewhere = _gradient_of_divergence(vectors, 1.2 * made.points.astype(float), perplexity)
    # The tree rounds the sum of all kernels, and the divergence by as much as its logarithm.
    assert divergence == pytest.approx(made.divergence, abs=5e-4)
    # So does it round the gradient: by how much depends on the processor, up to a fifth of its size elsewhere.
    assert np.linalg.norm(gradient) < np.linalg.norm(gradient_elsewhere) / 3


def test_frames_begin_with_the_start_and_end_with_the_layout(three):
    frames, reports = [], []
    watch = lambda points, done, divergence: frames.append((points, done, divergence))  # noqa: E731
    made = tsne(
        three[0], perplexity=5, steps=255, every=125, watch=watch, progress=lambda *report: reports.append(report)
    )
    assert [done for _, done, _ in frames] == [0, 125, 250, 255]
    assert reports == [(0, 255), (125, 255), (250, 255), (255, 255)]
    assert frames[0][2] is None
    assert frames[0][0].std() < 1e-3
    np.testing.assert_array_equal(frames[-1][0], made.points)
    assert made.steps == 255


def test_watching_changes_nothing_and_a_seed_repeats(three):
    made = tsne(three[0], perplexity=5, steps=60, start="random", seed=3)
    watched = tsne(three[0], perplexity=5, steps=60, start="random", seed=3, every=2, watch=lambda *_: False)
    np.testing.assert_array_equal(made.points, watched.points)
    other = tsne(three[0], perplexity=5, steps=60, start="random", seed=4)
    assert np.abs(made.points - other.points).max() > 0


def test_whoever_watches_may_stop(three):
    made = tsne(three[0], perplexity=5, steps=400, every=25, watch=lambda _points, done, _kl: done >= 75)
    assert made.steps == 75
    late = tsne(three[0], perplexity=5, steps=400, every=25, watch=lambda _points, done, _kl: done >= 300)
    assert late.steps == 300


def test_an_error_of_the_progress_reaches_the_caller(three):
    def report(done, _total):
        if done:
            raise RuntimeError("stopped by hand")

    with pytest.raises(RuntimeError, match="by hand"):
        tsne(three[0], perplexity=5, steps=50, progress=report)


def test_clouds_far_apart_stay_apart(three):
    vectors, groups = three
    points = tsne(vectors, perplexity=10, steps=400).points
    nearest = ((points[:, None] - points[None]) ** 2).sum(-1) + np.diag(np.full(60, np.inf))
    assert (groups[nearest.argmin(axis=1)] == groups).all()


def test_umap_reports_its_passes_and_writes_nothing(three, capfd):
    told = []
    made = umap(three[0], neighbours=8, steps=30, progress=lambda done, total: told.append((done, total)))
    assert told[-1] == (30, 30)
    assert told == sorted(told)
    np.testing.assert_array_equal(made.points, umap(three[0], neighbours=8, steps=30).points)
    assert capfd.readouterr() == ("", "")


def test_umap_stops_where_its_progress_raises(three):
    def stop(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        umap(three[0], neighbours=8, steps=30, progress=stop)


@pytest.mark.slow
@pytest.mark.slow
def test_umap_repeats_and_keeps_clouds_apart(three):
    vectors, groups = three
    made, again = umap(vectors, neighbours=8, steps=100), umap(vectors, neighbours=8, steps=100)
    np.testing.assert_array_equal(made.points, again.points)
    nearest = ((made.points[:, None] - made.points[None]) ** 2).sum(-1) + np.diag(np.full(60, np.inf))
    assert (groups[nearest.argmin(axis=1)] == groups).all()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"perplexity": 20}, "19.67"),
        ({"perplexity": 0.5}, "from 1"),
        ({"steps": 0}, "steps"),
        ({"jobs": 0}, "jobs"),
        ({"every": 7}, "divide 250"),
        ({"exaggeration": 0.5}, "exaggeration"),
        ({"start": "middle"}, "'middle'"),
    ],
)
def test_options_out_of_range_are_refused(three, options, why):
    with pytest.raises(ValueError, match=why):
        tsne(three[0], **options)


@pytest.mark.parametrize(
    ("vectors", "why"),
    [(np.zeros((9, 2, 2)), "flatten"), (np.zeros((3, 2)), "at least 4"), (np.full((5, 2), np.nan), "5 are not")],
)
def test_what_is_no_table_of_numbers_is_refused(vectors, why):
    with pytest.raises(ValueError, match=why):
        pca(vectors)


def test_without_the_library_the_error_says_what_to_install(three, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "openTSNE", None)
    with pytest.raises(ImportError, match="pip install openTSNE"):
        tsne(three[0], perplexity=5)


def test_agreement_sees_through_turning_mirroring_and_scale():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(40, 2))
    turn = np.array([[0.6, -0.8], [0.8, 0.6]]) @ np.diag([1, -1])
    moved = 3 * points @ turn + [5, -2]
    assert procrustes(points, moved) == pytest.approx(0, abs=1e-12)
    assert neighbour_overlap(points, moved) == 1
    np.testing.assert_allclose(align(moved / 3, points), points, atol=1e-5)
    assert procrustes(points, rng.normal(size=(40, 2))) > 0.7
    # By chance a point shares k / (N - 1) of its neighbours.
    chance = np.mean([neighbour_overlap(points, rng.normal(size=(40, 2)), neighbours=13) for _ in range(30)])
    assert chance == pytest.approx(13 / 39, abs=0.03)
