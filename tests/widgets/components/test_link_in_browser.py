"""A link in Chromium: who follows whom, and what the kernel hears of it."""

import pytest

from xai_widgets.widgets.components import BrowserLink, Curve, PictureCanvas, Slider

pytestmark = pytest.mark.browser

# Both ways to the models: anywidget's host, and the widget manager of its older versions.
LINK = """
async ([esm, leader, followers, byHost]) => {
  const { default: module } = await import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })));
  const models = window.models = {
    slider: new FakeModel({ value: 0.3 }),
    canvas: new FakeModel({ epsilon: 0 }),
    curve: new FakeModel({ cursor: null }),
  };
  const named = { [leader[0]]: "slider", [followers[0][0]]: "canvas", [followers[1][0]]: "curve" };
  const model = new FakeModel({ leader, followers });
  const find = async (reference) => models[named[reference]];
  model.widget_manager = { get_model: (id) => find(`IPY_MODEL_${id}`) };
  window.unlink = await module.initialize(byHost ? { model, host: { getModel: find } } : { model });
}
"""
STATE = """() => [models.slider.get("value"), models.canvas.get("epsilon"), models.curve.get("cursor")]"""
SAVED = """() => [models.slider.saved, models.canvas.saved, models.curve.saved]"""


@pytest.fixture(params=[True, False], ids=["host", "manager"])
def linked(blank, request):
    """A page in which a picture and a curve follow a slider."""
    link = BrowserLink((Slider(), "value"), [(PictureCanvas(), "epsilon"), (Curve(), "cursor")])
    state = link.get_state(["leader", "followers"])
    blank.evaluate(LINK, [link._esm, state["leader"], state["followers"], request.param])
    return blank


def test_followers_begin_where_the_leader_is(linked):
    assert linked.evaluate(STATE) == [0.3, 0.3, 0.3]
    assert linked.evaluate(SAVED) == [[], [], []]


def test_a_step_is_one_message(linked):
    linked.evaluate("() => { models.slider.set('value', 0.4); models.slider.save_changes(); }")
    assert linked.evaluate(STATE) == [0.4, 0.4, 0.4]
    assert linked.evaluate(SAVED) == [[{"value": 0.4}], [], []]


def test_a_follower_that_is_moved_moves_all_and_the_kernel_hears_of_the_leader(linked):
    linked.evaluate("() => models.curve.set('cursor', 0.1)")
    assert linked.evaluate(STATE) == [0.1, 0.1, 0.1]
    assert linked.evaluate(SAVED) == [[{"value": 0.1}], [], []]


def test_an_ended_link_leaves_nothing_behind(linked):
    linked.evaluate("() => unlink()")
    assert linked.evaluate("() => Object.values(models).map((model) => model.handlers.length)") == [0, 0, 0]
    linked.evaluate("() => models.slider.set('value', 0.9)")
    assert linked.evaluate(STATE) == [0.9, 0.3, 0.3]


def test_a_cursor_that_reports_nothing_is_not_sent(show):
    for reports in (True, False):
        curve = Curve(x=[0.0, 1.0], cursor=0.5, reports=reports)
        curve.series = [{"label": "a", "values": [0, 1]}]
        view = show(curve)
        view.root.get_by_role("slider").press("ArrowRight")
        assert view.get("cursor") == pytest.approx(0.51)
        assert view.saved() == ([{"cursor": 0.51, "at": 0.51}] if reports else [])
