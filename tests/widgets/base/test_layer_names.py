"""Layers are called by the part of their paths that differs, and no two by the same name."""

import pytest

from xai_widgets.widgets.base.layer_names import layer_options, short_layer_names

LONG = "my_very_long_network_for_cats"
SAME_ENDS = [f"{'a' * 20}{one}{'b' * 20}" for one in "xy"]  # without their middles they would be the same


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["conv1", "conv2", "dense"], ["conv1", "conv2", "dense"]),
        (["x" * 20, "y"], ["x" * 20, "y"]),  # as long as a name may be
        ([f"{LONG}/conv1", f"{LONG}/conv2"], ["conv1", "conv2"]),
        ([f"{LONG}_stage1_conv", f"{LONG}_stage2_conv"], ["stage1", "stage2"]),
        ([f"{LONG}_block_1_relu", f"{LONG}_block_12_relu"], ["block_1", "block_12"]),  # a number alone is no name
        ([f"{LONG}_conv", f"{LONG}_conv_relu"], ["conv", "conv_relu"]),
        ([f"{LONG}/only"], ["only"]),
        (["first_layer_of_the_network", "second"], ["first_layer_of_the_network", "second"]),
        (["a" * 40, "b" * 40], ["a" * 14 + "…" + "a" * 13, "b" * 14 + "…" + "b" * 13]),
        (SAME_ENDS, SAME_ENDS),
        ([], []),
    ],
)
def test_the_part_that_differs(paths, names):
    assert short_layer_names(paths) == dict(zip(paths, names, strict=True))


def test_a_menu_offers_paths_and_pairs_where_a_name_is_shorter():
    assert layer_options(["conv1", "conv2"]) == ("conv1", "conv2")
    paths = [f"{LONG}/conv1", f"{LONG}/conv2"]
    assert layer_options(paths) == (("conv1", paths[0]), ("conv2", paths[1]))
