"""The sample pictures of creatures show what their names say, and come with their scenes."""

import pytest

from xai_widgets import list_images, load_model, sample_image
from xai_widgets.datasets.creatures import SceneError, draw
from xai_widgets.datasets.pictures.creature_samples import creature_names, creature_scene


@pytest.mark.parametrize("name", creature_names())
def test_the_picture_is_the_drawing_of_its_scene(name):
    picture = sample_image(name)
    assert creature_scene(name).labels == tuple(name.split("-")[1:])
    assert (picture == draw(creature_scene(name), len(picture)).picture).all()
    assert not list_images()[name].network


@pytest.mark.parametrize("name", creature_names())
def test_the_model_names_what_is_there(name):
    animals = name.split("-")[1:]
    best = load_model("creatures").predict(sample_image(name)).top(len(animals))[0]
    assert {score.label for score in best} == set(animals)
    assert all(score.probability > 0.9 for score in best)


def test_an_unknown_scene_is_refused_with_the_nearest():
    with pytest.raises(SceneError, match="did you mean creature-cat"):
        creature_scene("creature-cta")
