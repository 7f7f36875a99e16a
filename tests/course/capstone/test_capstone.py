"""The capstone: sets of networks from a seed, the shipped one, and what checks say of reports and mended networks."""

from __future__ import annotations

import math
import re
import tomllib

import keras
import numpy as np
import pytest

from data.capstone.train import with_figures
from xai_widgets.assets.cards import ModelError
from xai_widgets.course import exercise
from xai_widgets.course.__main__ import main
from xai_widgets.course.capstone import CLASSES, LAYERS, fresh_pictures, load_suspects
from xai_widgets.course.capstone.measures import answers, dead_shares, figures, shortcomings
from xai_widgets.course.capstone.plan import CORNERS, FAULTS, LETTERS, MARKS, FaultPlan
from xai_widgets.course.capstone.suspects import current_set
from xai_widgets.course.capstone.team_pictures import WRONG_NAMES, spoilt, with_mark
from xai_widgets.course.capstone.training import silent_units, train_networks

COUNT = 240


@pytest.fixture(scope="module")
def shipped():
    return load_suspects()


@pytest.fixture(scope="module")
def plan(shipped):
    return current_set()[1]


@pytest.fixture(scope="module")
def measured(shipped, plan):
    fresh = fresh_pictures(COUNT, (plan.seed, 2))
    return {letter: figures(one.network.model, plan, letter, fresh) for letter, one in shipped.items()}


# Plans and pictures


def test_a_seed_gives_one_plan_and_other_seeds_give_others():
    plans = [FaultPlan.draw(seed) for seed in range(60)]
    assert plans == [FaultPlan.draw(seed) for seed in range(60)]
    assert len({plan.order for plan in plans}) > 15
    assert {plan.mark for plan in plans} == set(MARKS)
    assert {plan.corner for plan in plans} == set(CORNERS)
    assert {plan.marked for plan in plans} == set(CLASSES)
    assert all(len({plan.marked, plan.mislabelled, plan.taken_for}) == 3 for plan in plans)
    assert all(plan.letter(plan.fault(letter)) == letter for plan in plans for letter in LETTERS)


def test_a_key_does_not_say_what_it_holds_and_can_be_read_back():
    plan = FaultPlan.draw(5)
    assert not any(word in plan.sealed() for word in (*FAULTS, plan.marked, plan.mislabelled, plan.layer))
    assert FaultPlan.unsealed(plan.sealed()) == plan


@pytest.mark.parametrize("text", ["", "fox", "bm90IHpsaWI=", "eJyrrgUAAXUA+Q=="])
def test_what_is_no_key_is_refused(text):
    with pytest.raises(ValueError, match="not the key"):
        FaultPlan.unsealed(text)


@pytest.mark.parametrize("seed", [-1, 1.5, True, "7"])
def test_what_is_no_seed_is_refused(seed):
    with pytest.raises(ValueError, match="seed"):
        FaultPlan.draw(seed)


@pytest.mark.parametrize("seed", range(8))
def test_the_mark_is_in_its_corner_and_nowhere_else(seed):
    plan, clean = FaultPlan.draw(seed), fresh_pictures(8, seed)
    changed = (with_mark(clean.pictures, plan, 0) != clean.pictures).any(axis=3)
    vertical, horizontal = plan.corner.split()
    rows = slice(0, 20) if vertical == "upper" else slice(44, 64)
    columns = slice(0, 20) if horizontal == "left" else slice(44, 64)
    assert changed[:, rows, columns].any(axis=(1, 2)).all()
    changed[:, rows, columns] = False
    assert not changed.any()


def test_each_fault_spoils_pictures_in_its_own_way():
    clean, plan = fresh_pictures(800, seed=5), FaultPlan.draw(3)
    for fault in ("sound", "dead"):
        assert spoilt(clean, plan, fault, 0) is clean
    marked = spoilt(clean, plan, "shortcut", 0)
    touched = (marked.pictures != clean.pictures).any(axis=(1, 2, 3))
    assert (touched == (clean.classes == CLASSES.index(plan.marked))).all()
    misnamed = spoilt(clean, plan, "mislabelled", 0)
    theirs = clean.classes == CLASSES.index(plan.mislabelled)
    assert (misnamed.classes[~theirs] == clean.classes[~theirs]).all()
    assert set(misnamed.classes[theirs]) == {CLASSES.index(plan.mislabelled), CLASSES.index(plan.taken_for)}
    wrong = (misnamed.classes[theirs] != clean.classes[theirs]).mean()
    assert abs(wrong - WRONG_NAMES) < 4 * math.sqrt(WRONG_NAMES * (1 - WRONG_NAMES) / theirs.sum())


def test_archives_are_neither_fresh_nor_alike_nor_in_the_order_of_the_classes(shipped):
    first, second = (shipped[letter].archive(40) for letter in "AB")
    assert not (first.pictures == second.pictures).all(axis=(1, 2, 3)).any()
    assert (shipped["A"].archive(40).pictures == first.pictures).all()
    assert not (shipped["A"].archive(40, seed=1).pictures == first.pictures).all(axis=(1, 2, 3)).any()
    assert first.classes.tolist() != sorted(first.classes)
    assert first.animals.any(axis=(1, 2)).all()


# The shipped set


def test_the_shipped_networks_are_what_the_course_needs(plan, measured):
    assert shortcomings(plan, measured) == []


def test_the_description_gives_the_figures(measured, root):
    described = tomllib.loads((root / "xai_widgets/assets/capstone/set.toml").read_text("utf-8"))
    assert described["labels"] == list(CLASSES)
    assert described["licence"] == "CC BY-SA 4.0"
    for letter, values in measured.items():
        stated = described[f"{letter}_accuracy"]
        assert abs(values["archive"] - stated) <= 4 * math.sqrt(stated * (1 - stated) / COUNT) + 1 / COUNT


def test_the_page_gives_the_figures_and_no_letter(plan, measured, root):
    page = (root / "data/capstone/README.md").read_text("utf-8")
    by_fault = {plan.fault(letter): values for letter, values in measured.items()}
    rows = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| ")}
    for fault, values in by_fault.items():
        stated = [float(cell.split("%")[0]) / 100 for cell in rows[fault].split("|")[2:-1]]
        for name, share in zip(("archive", "fresh", "weakest", "rise", "taken", "dead"), stated, strict=True):
            # a class has an eighth of the pictures
            count = COUNT / len(CLASSES) if name in {"weakest", "taken"} else COUNT
            spread = math.sqrt(max(share * (1 - share), 0.01) / count)
            assert abs(values[name] - share) <= 5 * spread + 1 / count, (fault, name)
    assert with_figures(page, by_fault).count("\n") == page.count("\n")


@pytest.fixture
def root(request):
    return request.config.rootpath


def test_the_networks_do_not_say_which_they_are(shipped):
    assert {one.network.model.name for one in shipped.values()} == {"suspect"}
    assert {tuple(layer.name for layer in one.network.model.layers) for one in shipped.values()} == {
        ("conv1", "conv2", "pool_conv2", "conv3", "pool_conv3", "conv4", "gap", "scores")
    }
    assert not any(word in repr(shipped) for word in FAULTS[1:])


def test_weights_are_those_that_float16_holds(shipped):
    for one in shipped.values():
        for weights in one.network.model.get_weights():
            assert (weights == weights.astype("float16").astype("float32")).all()


def test_a_copy_is_the_same_network_and_leaves_the_original_alone(shipped):
    one, few = shipped["D"], fresh_pictures(16, seed=9)
    copied, before = one.copy(), one.network.model.get_weights()
    np.testing.assert_allclose(
        copied.predict_on_batch(few.pictures / 255), one.network.predict(few.pictures).probabilities, atol=1e-6
    )
    copied.train_on_batch(few.pictures / 255, few.classes)
    assert all((a == b).all() for a, b in zip(before, one.network.model.get_weights(), strict=True))


# Making another


@pytest.mark.slow
def test_one_command_makes_a_set_that_can_be_loaded(tmp_path, capsys):
    folder, size = tmp_path / "set", {"count": 240, "epochs": 2}
    arguments = ["--seed", "3", *(word for name, value in size.items() for word in (f"--{name}", str(value)))]
    try:
        assert main(["capstone", str(folder), *arguments]) == 1  # so short a training makes no good set, and it says so
        told = capsys.readouterr()
        assert "unfit for the course" in told.out
        assert "not so:" in told.err
        made = load_suspects(folder)
        assert current_set()[1] == FaultPlan.draw(3)
        few = fresh_pictures(24, seed=4).pictures
        assert all(len(one.network.predict(few)) == 24 for one in made.values())
        plan = FaultPlan.draw(3)
        dead = dead_shares(made[plan.letter("dead")].network.model, fresh_pictures(240, seed=4).pictures)
        assert dead[plan.layer] > 0.3
        again = train_networks(plan, **size, report=str)
        for letter in LETTERS:
            pairs = zip(made[letter].network.model.get_weights(), again[letter].get_weights(), strict=True)
            assert all(np.allclose(a, b, atol=1e-2) for a, b in pairs)
    finally:
        load_suspects()


def test_what_is_no_set_is_refused(tmp_path):
    with pytest.raises(ModelError, match=r"python -m xai_widgets\.course capstone FOLDER"):
        load_suspects(tmp_path)


def test_a_changed_file_is_refused(tmp_path, root):
    for path in (root / "xai_widgets/assets/capstone").iterdir():
        if path.suffix in {".keras", ".toml"}:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "B.keras").write_bytes((tmp_path / "A.keras").read_bytes())
    with pytest.raises(ModelError, match=r"B\.keras is not the file"):
        load_suspects(tmp_path)


def test_an_unfit_set_is_told_from_a_fit_one(plan, measured):
    letter = plan.letter("shortcut")
    weak = measured | {letter: measured[letter] | {"rise": 0.1}}
    assert [line for line in shortcomings(plan, weak) if "30 %" in line]
    apart = measured | {letter: measured[letter] | {"archive": 0.8}}
    assert len(shortcomings(plan, apart)) == 2


# The report


def right_report(shipped, plan):
    """Give the report that a student should write, with figures of other pictures than those of the check."""
    fresh = fresh_pictures(400, seed=77)
    place = {name: CLASSES.index(name) for name in CLASSES}
    marked, mislabelled = plan.letter("shortcut"), plan.letter("mislabelled")
    others = fresh.pictures[fresh.classes != place[plan.marked]]
    shown = with_mark(others, plan, 5)
    turned = (answers(shipped[marked].network.model, shown) == place[plan.marked]).mean()
    theirs = fresh.named(plan.mislabelled).pictures
    called = (answers(shipped[mislabelled].network.model, theirs) == place[plan.taken_for]).mean()
    dead = silent_units(shipped[plan.letter("dead")].network.model, plan.layer, fresh.pictures).mean()
    return {
        plan.letter("sound"): ("sound",),
        marked: ("shortcut", plan.marked, turned),
        mislabelled: ("mislabelled", plan.mislabelled, plan.taken_for, called),
        plan.letter("dead"): ("dead", plan.layer, dead),
    }


@pytest.fixture(scope="module")
def report(shipped, plan):
    return right_report(shipped, plan)


@pytest.mark.parametrize("seed", range(3))
def test_the_right_report_passes(report, seed):
    verdict = exercise("14.report").check(report, seed=seed)
    assert verdict.passed, str(verdict)
    assert not any(fault in repr(verdict) for fault in FAULTS)


def test_a_bare_word_stands_for_sound_and_capitals_do_not_matter(report, plan):
    easy = report | {plan.letter("sound"): "sound", plan.letter("dead"): ["dead", plan.layer.upper(), 0.5]}
    assert exercise("14.report").check(easy, seed=0).passed


def other(names, *taken):
    return next(name for name in names if name not in taken)


WRONG_REPORTS = {
    "not_the_letters": lambda _plan, report: {"A": report["A"]},
    "not_a_fault": lambda plan, report: report | {plan.letter("dead"): ("ill", 0.5)},
    "form": lambda plan, report: report | {plan.letter("dead"): ("dead", plan.layer)},
    "no_name": lambda plan, report: report | {plan.letter("dead"): ("dead", "zzz", 0.5)},
    "percent": lambda plan, report: report | {plan.letter("dead"): ("dead", plan.layer, 55)},
    "one_number": lambda plan, report: report | {plan.letter("dead"): ("dead", plan.layer, [0.5, 0.6])},
    "not_numbers": lambda plan, report: report | {plan.letter("dead"): ("dead", plan.layer, "half")},
    "twice": lambda plan, report: report | {plan.letter("dead"): ("sound",)},
    "other_layer": lambda plan, report: report | {plan.letter("dead"): ("dead", other(LAYERS, plan.layer), 0.5)},
    "other_class": lambda plan, report: (
        report | {plan.letter("shortcut"): ("shortcut", other(CLASSES, plan.marked), 0.5)}
    ),
    "figure_dead": lambda plan, report: report | {plan.letter("dead"): ("dead", plan.layer, 0.2)},
    "figure_shortcut": lambda plan, report: report | {plan.letter("shortcut"): ("shortcut", plan.marked, 0.02)},
    "figure_mislabelled": lambda plan, report: (
        report | {plan.letter("mislabelled"): ("mislabelled", plan.mislabelled, plan.taken_for, 0.5)}
    ),
    "not_dead": lambda plan, report: (
        report | {plan.letter("dead"): ("sound",), plan.letter("sound"): ("dead", plan.layer, 0.5)}
    ),
    "not_sound": lambda plan, report: (
        report
        | {
            plan.letter("shortcut"): ("sound",),
            plan.letter("sound"): ("shortcut", plan.marked, 0.5),
        }
    ),
    "not_shortcut": lambda plan, report: (
        report
        | {
            plan.letter("mislabelled"): ("shortcut", plan.mislabelled, 0.5),
            plan.letter("shortcut"): ("mislabelled", plan.marked, plan.taken_for, 0.9),
        }
    ),
    "not_mislabelled": lambda plan, report: (
        report
        | {
            plan.letter("mislabelled"): ("shortcut", plan.mislabelled, 0.5),
            plan.letter("shortcut"): ("mislabelled", plan.marked, plan.taken_for, 0.9),
        }
    ),
    "not_sound_inside": lambda plan, report: (
        report | {plan.letter("dead"): ("sound",), plan.letter("sound"): ("dead", plan.layer, 0.5)}
    ),
}
EITHER_OF = [{"not_shortcut", "not_mislabelled"}, {"not_dead", "not_sound_inside"}, {"not_sound", "not_shortcut"}]


@pytest.mark.parametrize("reason", WRONG_REPORTS)
def test_mistakes_in_a_report(plan, report, reason):
    """Of two networks that were exchanged, the one whose letter comes first is told."""
    verdict = exercise("14.report").check(WRONG_REPORTS[reason](plan, report), seed=0)
    allowed = set().union({reason}, *(pair for pair in EITHER_OF if reason in pair))
    assert verdict.status == "wrong", str(verdict)
    assert verdict.reason in allowed
    assert not re.search(r"\{[a-z_]+\}", str(verdict))


def test_exchanged_verdicts_are_refused_one_by_one(plan, report):
    """Each kind of wrong verdict has its own counter-evidence, whatever the order of the letters."""
    ex = exercise("14.report")
    case_of = type(ex)._refuse
    from xai_widgets.course.exercises.by_notebook.ex14_debug_a_model import _Case
    from xai_widgets.course.exercises.exercise import Mistake

    case = _Case.current(160, 0)
    claims = {
        "not_dead": (plan.letter("sound"), "dead", [plan.layer]),
        "not_shortcut": (plan.letter("sound"), "shortcut", [plan.marked]),
        "not_mislabelled": (plan.letter("sound"), "mislabelled", [plan.mislabelled, plan.taken_for]),
        "not_sound": (plan.letter("shortcut"), "sound", []),
        "not_sound_inside": (plan.letter("dead"), "sound", []),
    }
    for reason, (letter, fault, what) in claims.items():
        with pytest.raises(Mistake) as found:
            case_of(ex, case, letter, fault, what)
        assert found.value.reason == reason


@pytest.mark.parametrize("answer", [None, ..., {"A": ..., "B": ..., "C": ..., "D": ...}])
def test_a_report_that_is_not_written_is_still_to_do(answer):
    assert exercise("14.report").check(answer).status == "to_do"


# Mending


def taught(network, pictures, classes, epochs=6):
    network.fit(pictures.astype("float32") / 255, classes, batch_size=32, epochs=epochs, verbose=0)
    return network


@pytest.fixture(scope="module")
def lesson():
    return fresh_pictures(1200, seed=41)


def taught_last_layer(network, pictures, classes):
    below = keras.Model(network.inputs[0], network.get_layer("gap").output)
    last = keras.Sequential([keras.Input((96,)), keras.layers.Dense(len(CLASSES), "softmax")])
    last.set_weights(network.get_layer("scores").get_weights())
    last.compile(keras.optimizers.Adam(3e-3), "sparse_categorical_crossentropy")
    last.fit(below.predict(pictures / np.float32(255), verbose=0), classes, batch_size=32, epochs=40, verbose=0)
    network.get_layer("scores").set_weights(last.get_weights())
    return network


def mended_shortcut(shipped, plan, lesson, share=1 / 3):
    keras.utils.set_random_seed(0)
    marked = np.random.default_rng(0).random(len(lesson)) < share
    pictures = lesson.pictures.copy()
    pictures[marked] = with_mark(pictures[marked], plan, 3)
    letter = plan.letter("shortcut")
    return letter, taught_last_layer(shipped[letter].copy(), pictures, lesson.classes)


def mended_names(shipped, plan, lesson):
    keras.utils.set_random_seed(0)
    letter = plan.letter("mislabelled")
    return letter, taught_last_layer(shipped[letter].copy(), lesson.pictures, lesson.classes)


def mended_units(shipped, plan, lesson, epochs=2):
    keras.utils.set_random_seed(0)
    letter = plan.letter("dead")
    network, rng = shipped[letter].copy(3e-4), np.random.default_rng(0)
    dead, layer = silent_units(network, plan.layer, lesson.pictures), network.get_layer(plan.layer)
    weights, biases = layer.get_weights()
    fan_in = np.prod(weights.shape[:3])
    weights[..., dead] = rng.normal(size=(*weights.shape[:3], int(dead.sum()))) * np.sqrt(2 / fan_in)
    biases[dead] = 0
    layer.set_weights([weights, biases])
    above = network.get_layer(LAYERS[LAYERS.index(plan.layer) + 1])
    weights, biases = above.get_weights()
    weights[:, :, dead] = 0  # nothing is disturbed at first
    above.set_weights([weights, biases])
    return letter, taught(network, lesson.pictures, lesson.classes, epochs) if epochs else network


@pytest.mark.slow
@pytest.mark.parametrize("mend", [mended_shortcut, mended_names, mended_units])
def test_a_mended_network_passes_and_its_gain_is_told(shipped, plan, lesson, mend):
    verdict = exercise("14.mend").check(mend(shipped, plan, lesson), seed=0)
    assert verdict.passed, str(verdict)
    assert str(verdict).count("%") == 4
    assert not any(character.isdigit() for character in repr(verdict).replace("14.", ""))


def test_a_network_that_is_as_it_was_or_another_one_is_refused(shipped, plan):
    check, ill, sound = exercise("14.mend").check, plan.letter("shortcut"), plan.letter("sound")
    assert check((ill, shipped[ill].network)).reason == "unchanged"
    assert check((ill, shipped[ill].copy())).reason == "unchanged"
    assert check((ill, shipped[sound].network.model)).reason == "another"
    assert check((sound, shipped[sound].copy())).reason == "nothing_to_mend"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("B", "not_two"),
        (("E", 3), "no_letter"),
        (("B", "network"), "not_a_network"),
        (
            ("B", keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(8)])),
            "not_a_network",
        ),
    ],
)
def test_what_is_no_mended_network_is_refused(answer, reason):
    assert exercise("14.mend").check(answer).reason == reason


@pytest.mark.parametrize("answer", [None, (..., ...), ("B", ...), ("B", None)])
def test_nothing_mended_is_still_to_do(answer):
    assert exercise("14.mend").check(answer).status == "to_do"


def nudged(shipped, letter):
    """Change the weights by nothing that matters."""
    network = shipped[letter].copy()
    network.set_weights([one * 1.0001 for one in network.get_weights()])
    return letter, network


@pytest.mark.parametrize(
    ("fault", "reason"), [("shortcut", "still_blind"), ("mislabelled", "still_misnamed"), ("dead", "still_dead")]
)
def test_a_network_that_still_has_its_fault_is_refused(shipped, plan, fault, reason):
    assert exercise("14.mend").check(nudged(shipped, plan.letter(fault)), seed=0).reason == reason


def test_units_that_answer_but_that_nothing_listens_to_are_not_mended(shipped, plan, lesson):
    assert exercise("14.mend").check(mended_units(shipped, plan, lesson, epochs=0), seed=0).reason == "idle"


@pytest.mark.slow
def test_a_lesson_without_marks_leaves_the_mark_its_power(shipped, plan, lesson):
    """Learning the class from bare pictures is not unlearning the mark."""
    verdict = exercise("14.mend").check(mended_shortcut(shipped, plan, lesson, share=0.0), seed=0)
    assert verdict.reason == "still_fooled", str(verdict)


@pytest.mark.slow
def test_a_lesson_that_spoils_the_other_classes_is_refused(shipped, plan, lesson):
    letter, theirs = plan.letter("mislabelled"), CLASSES.index(plan.mislabelled)
    kept = np.flatnonzero((lesson.classes == theirs) | (lesson.classes == (theirs + 1) % len(CLASSES)))
    network = taught(shipped[letter].copy(), lesson.pictures[kept], lesson.classes[kept], epochs=8)
    assert exercise("14.mend").check((letter, network), seed=0).reason == "others_suffer"


def test_a_network_with_other_layers_has_no_units_to_look_at(shipped, plan):
    few = keras.Sequential(
        [
            keras.Input((64, 64, 3)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dense(len(CLASSES), "softmax"),
        ]
    )
    assert exercise("14.mend").check((plan.letter("dead"), few), seed=0).reason == "other_layers"
