"""Score bars, slider and curve in Chromium: keys, clicks, names, numbers."""

import re
from itertools import pairwise

import numpy as np
import pytest

from xai_widgets.widgets.components import Curve, Matrix, PictureCanvas, ScoreBars, Slider
from xai_widgets.widgets.components.layers import Perturbation

pytestmark = pytest.mark.browser

LABELS = ("tabby", "lynx", "fox", "dog")


def _texts(view, css):
    """Return texts from top to bottom, where they are seen."""
    view.page.wait_for_timeout(350)
    nodes = view.root.locator(css).all()
    return [node.inner_text() for node in sorted(nodes, key=lambda node: node.bounding_box()["y"])]


class TestScoreBars:
    def test_sorted_with_numbers_and_names(self, show, blank):
        view = show(ScoreBars(labels=LABELS, values=(0.1, 0.623, 0.27, 0.007)))
        assert _texts(view, ".xw-row-label") == ["lynx", "fox", "tabby", "dog"]
        assert _texts(view, ".xw-row-number") == ["62.3%", "27.0%", "10.0%", "0.7%"]
        assert blank.get_by_role("listbox", name="Class scores").count() == 1
        assert blank.get_by_role("option", name="lynx, 62.3%").count() == 1
        view.update("rows", "slots", values=(0.9, 0.05, 0.04, 0.01))
        assert _texts(view, ".xw-row-label") == ["tabby", "lynx", "fox", "dog"]

    @pytest.mark.parametrize(
        ("value", "english", "french"),
        [
            (1.0, "100%", "100\u202f%"),
            (0.9997, "99.97%", "99,97\u202f%"),
            (0.999999, ">\u00a099.99%", ">\u00a099,99\u202f%"),
            (0.0003, "0.03%", "0,03\u202f%"),
            (0.00001, "<\u00a00.01%", "<\u00a00,01\u202f%"),
            (0.0, "0%", "0\u202f%"),
        ],
    )
    def test_nothing_is_certain_that_is_not(self, show, value, english, french):
        view = show(ScoreBars(values=(value,)))
        assert _texts(view, ".xw-row-number") == [english]
        view.update("words", language="fr")
        assert _texts(view, ".xw-row-number") == [french]

    def test_reference_is_a_tick_and_a_word(self, show, blank):
        view = show(
            ScoreBars(labels=LABELS, values=(0.1, 0.6, 0.2, 0.1), reference=(0.9, 0.05, 0.05, 0), language="fr")
        )
        assert blank.get_by_role("option", name="lynx, 60,0\u202f%, avant 5,0\u202f%").count() == 1
        row, tick = view.root.locator(".xw-track").first, view.root.locator(".xw-tick").first
        part = (tick.bounding_box()["x"] + 1 - row.bounding_box()["x"]) / row.bounding_box()["width"]
        assert part == pytest.approx(0.05, abs=0.01)
        assert view.root.locator(".xw-key-before").inner_text() == "avant"

    def test_click_and_keys_choose_the_explained_class(self, show, blank):
        view = show(ScoreBars(labels=LABELS, values=(0.4, 0.3, 0.2, 0.1), selected=0))
        blank.get_by_role("option", name="fox, 20.0%").click()
        assert view.get("selected") == 2
        assert view.saved() == [{"selected": 2}]
        blank.evaluate("() => frames_passed()")
        assert blank.get_by_role("option", selected=True).get_attribute("aria-label") == "fox, 20.0%"
        blank.keyboard.press("ArrowDown")
        blank.keyboard.press("Enter")
        assert view.get("selected") == 3
        blank.keyboard.press("Home")
        blank.keyboard.press(" ")
        assert view.get("selected") == 0
        blank.keyboard.press("End")
        blank.keyboard.press("ArrowDown")
        blank.keyboard.press("ArrowUp")
        assert view.get("selected") == 0
        assert blank.evaluate("() => document.activeElement.getAttribute('aria-label')") == "fox, 20.0%"
        assert [node.get_attribute("tabindex") for node in view.root.locator(".xw-row").all()].count("0") == 1

    def test_focus_and_elements_survive_new_scores(self, show, blank):
        view = show(ScoreBars(labels=LABELS, values=(0.4, 0.3, 0.2, 0.1), count=2))
        blank.get_by_role("option", name="lynx, 30.0%").focus()
        view.update("rows", "slots", values=(0.1, 0.8, 0.05, 0.05))
        assert blank.evaluate("() => document.activeElement.getAttribute('aria-label')") == "lynx, 80.0%"
        view.update("rows", "slots", values=(0.5, 0.0, 0.45, 0.05))
        assert blank.evaluate("() => document.activeElement.getAttribute('aria-label')") == "tabby, 50.0%"

    def test_not_selectable(self, show, blank):
        view = show(ScoreBars(labels=LABELS, values=(0.4, 0.3, 0.2, 0.1), selectable=False))
        blank.get_by_role("option", name="fox, 20.0%").click()
        assert view.get("selected") is None

    def test_room_is_kept(self, show):
        view = show(ScoreBars(count=4))
        before = view.root.bounding_box()
        assert view.root.locator(".xw-empty").inner_text() == "No scores yet"
        view.widget.set_scores((0.4, 0.3, 0.2, 0.1), LABELS)
        view.update("rows", "slots", selected=1)
        assert view.root.bounding_box() == before


class TestSlider:
    def test_name_value_and_keys(self, show, blank):
        view = show(Slider(label="Epsilon", value=0.03, max=0.3, step=0.005, language="fr"))
        slider = blank.get_by_role("slider", name="Epsilon")
        assert slider.get_attribute("aria-valuetext") == "0,030"
        slider.focus()
        steps = [("ArrowRight", 0.035), ("ArrowDown", 0.03), ("Shift+ArrowUp", 0.08), ("Home", 0), ("End", 0.3)]
        for key, expected in [*steps, ("ArrowRight", 0.3), ("PageDown", 0.25), ("Shift+ArrowLeft", 0.2)]:
            blank.keyboard.press(key)
            assert view.get("value") == expected
        assert view.saved()[0] == {"value": 0.035}
        assert slider.get_attribute("aria-valuetext") == "0,200"

    def test_drag_sends_every_step_on_the_grid(self, show, blank):
        view = show(Slider(label="Epsilon", max=0.3, step=0.005))
        box = blank.get_by_role("slider", name="Epsilon").bounding_box()
        blank.mouse.move(box["x"] + 9, box["y"] + box["height"] / 2)
        blank.mouse.down()
        for part in (0.25, 0.5, 0.75):
            blank.mouse.move(box["x"] + part * box["width"], box["y"] + 40)
        blank.mouse.up()
        values = [line["value"] for line in view.saved()]
        assert values == sorted(values)
        assert len(values) >= 3
        assert values[-1] == pytest.approx(0.225, abs=0.01)
        assert np.allclose(np.round(np.array(values) / 0.005), np.array(values) / 0.005)

    @pytest.mark.parametrize(
        ("typed", "unit", "value"),
        [
            ("0,0123", "", 0.0123),
            (".5", "", 0.5),
            ("8/255", "", 8 / 255),
            ("8", "/255", 8 / 255),
            ("8/255", "/255", 8 / 255),
            ("12 %", "%", 0.12),
            ("12", "%", 0.12),
            ("3 %", "", 0.03),
            ("1e-2", "", 0.01),
            ("7", "", 1.0),
            ("-4", "", 0.0),
            ("0.4 px", "px", 0.4),
        ],
    )
    def test_typed_values(self, show, blank, typed, unit, value):
        view = show(Slider(label="Size", value=0.7, unit=unit))
        box = blank.get_by_role("textbox", name="Size: exact value")
        box.fill(typed)
        box.press("Enter")
        assert view.get("value") == pytest.approx(value)

    @pytest.mark.parametrize("typed", ["abc", "", "1/0", "3 km", "1.2.3", "<b>"])
    def test_what_is_no_number_is_marked_and_put_back(self, show, blank, typed):
        view = show(Slider(label="Size", value=0.7))
        box = blank.get_by_role("textbox", name="Size: exact value")
        box.fill(typed)
        assert box.get_attribute("aria-invalid") == "true"
        box.press("Enter")
        assert (box.input_value(), box.get_attribute("aria-invalid"), view.saved()) == ("0.70", None, [])

    def test_escape_gives_up_typing_and_is_counted(self, show, blank):
        view = show(Slider(label="Size", value=0.7))
        box = blank.get_by_role("textbox", name="Size: exact value")
        box.fill("0.1")
        box.press("Escape")
        assert (box.input_value(), view.get("value"), view.get("escapes")) == ("0.70", 0.7, 1)

    def test_logarithmic_scale(self, show, blank):
        view = show(Slider(label="Noise", scale="log", min=1e-4, max=1.0, value=0.01, step=10.0, ticks=[1e-4, 0.01, 1]))
        slider = blank.get_by_role("slider", name="Noise")
        slider.focus()
        for key, expected in [("ArrowRight", 0.1), ("ArrowLeft", 0.01), ("Shift+ArrowLeft", 1e-4), ("End", 1.0)]:
            blank.keyboard.press(key)
            assert view.get("value") == pytest.approx(expected)
        assert view.root.locator(".xw-slider-tick").all_inner_texts() == ["10⁻⁴", "0.01", "1"]

    @pytest.mark.parametrize(
        ("options", "english", "french"),
        [
            ({"value": 8 / 255, "unit": "/255", "step": 1 / 255}, "8/255", "8/255"),
            ({"value": 0.125, "unit": "%", "step": 0.005}, "12.5%", "12,5\u202f%"),
            ({"value": 0.25, "unit": "px", "digits": 2}, "0.25\u00a0px", "0,25\u00a0px"),
            ({"value": 0.25, "step": 0.25}, "0.25", "0,25"),
            ({"value": 3.0, "max": 10.0, "step": 1.0}, "3", "3"),
        ],
    )
    def test_numbers_as_the_language_writes_them(self, show, options, english, french):
        view = show(Slider(label="Size", **options))
        box = view.root.get_by_role("textbox")
        assert box.input_value() == english
        view.update("words", language="fr")
        assert box.input_value() == french

    def test_keys_stay_inside_but_shortcuts_pass(self, show, blank):
        show(Slider(label="Size"))
        blank.evaluate("() => { window.heard = []; document.addEventListener('keydown', (e) => heard.push(e.key)) }")
        blank.get_by_role("slider", name="Size").focus()
        for key in ("ArrowDown", "d", "Control+m", "Shift+Enter", "Escape", "Home"):
            blank.keyboard.press(key)
        heard = blank.evaluate("() => heard.filter((key) => !['Control', 'Shift'].includes(key))")
        assert heard == ["m", "Enter", "Escape"]

    def test_disabled(self, show, blank):
        show(Slider(label="Size", disabled=True))
        assert blank.get_by_role("slider", name="Size").is_disabled()
        assert blank.get_by_role("textbox", name="Size: exact value").is_disabled()

    def test_linked_canvas_follows_in_the_same_frame(self, show, blank):
        picture = np.full((4, 4, 3), 100, np.uint8)
        layers = (Perturbation(np.ones((4, 4, 3), np.int8), "p"),)
        slider, canvas = show(Slider(label="Epsilon", step=0.1)), show(PictureCanvas(picture, layers=layers))
        red = blank.evaluate(
            """([from, to]) => new Promise((done) => {
              const [source, target] = [views[from].model, views[to].model];
              source.on("change:value", () => { target.set("epsilon", source.get("value")); target.save_changes(); });
              const range = views[from].host.querySelector("input[type=range]");
              const canvas = views[to].host.querySelector("canvas");
              const red = () => canvas.getContext("2d").getImageData(0, 0, 1, 1).data[0];
              range.value = "0.2";
              range.dispatchEvent(new Event("input", { bubbles: true }));
              requestAnimationFrame(() => done(red()));
            })""",
            [slider.number, canvas.number],
        )
        assert red == 151


class TestCurve:
    def _curve(self, **options):
        curve = Curve(x_label="ε", y_label="Confidence", y_unit="%", y_range=(0, 1), **options)
        x = np.linspace(0, 0.3, 4)
        curve.set_data(x, {"tabby": [1, 0.5, np.nan, 0.1], "lynx": [0, 0.5], "<b>fox</b>": [0.02, 0.01, 0.1, 0.12]})
        return curve

    def test_lines_have_gaps_and_names_at_their_ends(self, show):
        view = show(self._curve(), width="600px")
        paths = [node.get_attribute("d") for node in view.root.locator(".xw-line").all()]
        assert [path.count("M") for path in paths] == [2, 1, 1]
        assert [path.count("L") for path in paths] == [1, 1, 3]
        names = (
            view.root.locator("text.xw-name")
            .filter(has_text="tabby")
            .or_(view.root.locator("text.xw-name", has_text="fox"))
        )
        first, second = sorted((node.bounding_box() for node in names.all()), key=lambda box: box["y"])
        assert second["y"] - first["y"] >= 13
        assert view.root.locator("b").count() == 0

    def test_cursor_by_keys_and_mouse(self, show, blank):
        view = show(self._curve(cursor=0.1, step=0.01))
        cursor = blank.get_by_role("slider", name="ε")
        assert cursor.get_attribute("aria-valuetext") == "ε 0.1: tabby 50.0% · lynx 50.0% · <b>fox</b> 1.0%"
        cursor.focus()
        for key, expected in [
            ("ArrowRight", 0.11),
            ("Shift+ArrowLeft", 0.01),
            ("End", 0.3),
            ("Home", 0),
            ("PageUp", 0.1),
        ]:
            blank.keyboard.press(key)
            assert view.get("cursor") == pytest.approx(expected)
        blank.evaluate("() => frames_passed()")
        axis = view.root.locator("line.xw-axis").last.bounding_box()
        grip = cursor.bounding_box()
        blank.mouse.move(grip["x"] + 16, grip["y"] + 30)
        blank.mouse.down()
        blank.mouse.move(axis["x"] + axis["width"] / 2, grip["y"] + 5)
        blank.mouse.up()
        assert view.get("cursor") == pytest.approx(0.15, abs=0.006)
        assert view.saved()[-1] == {"cursor": view.get("cursor"), "at": view.get("cursor")}
        blank.mouse.click(axis["x"] + axis["width"] - 1, grip["y"] + 30)
        assert view.get("cursor") == pytest.approx(0.3, abs=0.006)

    def test_fixed_cursor(self, show, blank):
        view = show(self._curve(cursor=0.1, movable=False))
        axis = view.root.locator("line.xw-axis").last.bounding_box()
        blank.mouse.click(axis["x"] + 10, axis["y"] - 50)
        assert view.get("cursor") == 0.1
        assert blank.get_by_role("slider", name="ε").get_attribute("tabindex") == "-1"

    def test_hover_reads_the_nearest_point_in_french(self, show, blank):
        view = show(self._curve(language="fr"))
        axis = view.root.locator("line.xw-axis").last.bounding_box()
        blank.mouse.move(axis["x"] + axis["width"] * 0.3, axis["y"] - 40)
        blank.evaluate("() => frames_passed()")
        text = view.root.locator(".xw-chart-readout").inner_text()
        assert text == "ε 0,1\u00a0: tabby 50,0\u202f% · lynx 50,0\u202f% · <b>fox</b> 1,0\u202f%"
        blank.mouse.move(axis["x"] + axis["width"] * 0.6, axis["y"] - 40)
        blank.evaluate("() => frames_passed()")
        assert "tabby pas de valeur" in view.root.locator(".xw-chart-readout").inner_text()
        blank.mouse.move(5, 650)
        blank.evaluate("() => frames_passed()")
        assert view.root.locator(".xw-chart-readout").inner_text() == ""

    def test_partial_data_and_marks_come_without_a_jump(self, show):
        view = show(Curve(x_range=(0, 1), y_range=(0, 1)))
        before = view.root.bounding_box()
        assert view.root.locator(".xw-empty").inner_text() == "Nothing to draw yet"
        view.widget.set_data([0, 0.5, 1], {"a": [0.2]})
        view.update("x", "series", marks=[{"x": 0.5, "label": "<i>here</i>"}], cursor=0.5)
        assert view.root.bounding_box() == before
        assert view.root.locator("text", has_text="<i>here</i>").count() == 1
        assert view.root.locator(".xw-line").get_attribute("d").endswith("h0.01")

    def test_width_follows_its_place_and_text_stays_legible(self, show):
        view = show(self._curve(), width="260px")
        assert view.root.bounding_box()["width"] == 260
        sizes = view.root.evaluate("""root => [...root.querySelectorAll('text, div, span')].filter((n) => n.textContent)
            .map((n) => parseFloat(getComputedStyle(n).fontSize))""")
        assert min(sizes) >= 11
        assert view.root.locator("svg").evaluate("svg => svg.viewBox.baseVal.width") == 248
        assert view.root.evaluate("root => root.scrollWidth <= root.clientWidth")

    def test_fractions_are_written_as_on_the_bars(self, show):
        values = (0.000156, 0.00002, 0.99997, 0.5)
        bars = show(ScoreBars(labels=LABELS, values=values, language="fr"))
        curve = Curve(y_unit="%", cursor=0.0, language="fr")
        curve.set_data([0, 1], {label: [value, 0] for label, value in zip(LABELS, values, strict=True)})
        expected = {
            row.split(", ", 1)[0]: row.split(", ", 1)[1]
            for row in bars.root.locator(".xw-row").evaluate_all(
                "rows => rows.map((row) => row.getAttribute('aria-label'))"
            )
        }
        said = show(curve).root.locator(".xw-chart-readout").inner_text().split(": ", 1)[1].split(" · ")
        assert said == [f"{label} {expected[label]}" for label in LABELS]
        assert expected["tabby"] == "0,02\u202f%"

    def test_what_is_no_fraction_of_1_is_no_probability(self, show):
        curve = Curve(y_unit="%", cursor=0.0)
        curve.set_data([0, 1], {"more": [1.5, 0], "less": [-0.25, 0]})
        assert show(curve).root.locator(".xw-chart-readout").inner_text() == "0: more 150% · less −25%"

    def test_names_at_the_ends_stay_beside_the_plot(self, show):
        curve = Curve(y_unit="%", y_range=(0, 1))
        names = ["Egyptian cat", "tabby, tabby cat", "black-and-tan coonhound"]
        curve.set_data([0, 0.5, 1], {name: [0.5, 0.2, 0.9 - place / 50] for place, name in enumerate(names)})
        view = show(curve, width="560px")
        axis = view.root.locator("line.xw-axis").last.bounding_box()
        ends = [
            node.bounding_box() for node in view.root.locator("text.xw-name", has_text=re.compile("^(Eg|tab|bl)")).all()
        ]
        root = view.root.bounding_box()
        assert len(ends) == 3
        assert min(box["x"] for box in ends) > axis["x"] + axis["width"] + 4
        assert max(box["x"] + box["width"] for box in ends) <= root["x"] + root["width"]
        tops = sorted(box["y"] for box in ends)
        assert min(below - above for above, below in pairwise(tops)) >= 13.9

    def test_names_that_do_not_fit_stand_whole_in_a_key_above_the_plot(self, show):
        curve = Curve(y_unit="%", y_range=(0, 1), chart_height=200)
        names = ["Egyptian cat", "black-and-tan coonhound"]
        curve.set_data([0, 1], {name: [0.5, 0.2] for name in names})
        view = show(curve, width="300px")
        key = view.root.locator(".xw-chart-key")
        assert key.locator(".xw-chart-entry").all_inner_texts() == names
        assert key.locator("path.xw-line").count() == 2
        assert not set(names) & set(view.root.locator("text").all_text_contents())
        top = view.root.locator("line.xw-gridline").last.bounding_box()["y"]
        box = key.bounding_box()
        assert box["y"] + box["height"] <= top
        assert view.root.locator(".xw-chart").bounding_box()["height"] == 200

    def test_ticks_of_a_narrow_chart_do_not_touch(self, show):
        curve = Curve(x=[0, 100_000], series=[{"label": "", "values": [1.0001, 1.0002]}], x_range=(0, 99_999))
        for width in ("560px", "180px"):
            texts = show(curve, width=width).root.locator("text")
            boxes = [(node.bounding_box(), node.text_content()) for node in texts.all() if node.text_content()]
            assert len({(round(box["y"]), text) for box, text in boxes}) == len(boxes)
            below = sorted(box["x"] for box, text in boxes if text == "0" or "," in text)
            across = {box["x"]: box["width"] for box, _ in boxes}
            assert all(left + across[left] < right for left, right in pairwise(below))

    def test_ticks_are_round_as_written(self, show):
        view = show(Curve(x=[0, 0.1], series=[{"label": "a", "values": [1, 2]}], x_unit="/255"))
        texts = view.root.locator("text").all_text_contents()
        assert {"0/255", "5/255", "10/255"} <= set(texts)


class TestMatrix:
    def test_names_and_numbers(self, show, blank):
        view = show(Matrix(values=[[1, -2.5], [0, 4]], title="z", crossed=((0, 1),), language="fr"))
        assert blank.get_by_role("grid", name="z").get_attribute("aria-readonly") == "true"
        names = [node.get_attribute("aria-label") for node in blank.get_by_role("gridcell").all()]
        assert names[1:3] == ["ligne 1, colonne 2\u00a0: arrêté, −2,5", "ligne 2, colonne 1\u00a0: 0"]
        view.update("shown", shown=False)
        assert view.root.inner_text().strip() == "z"
        assert "pas encore" in blank.get_by_role("gridcell").first.get_attribute("aria-label")

    def test_colours_follow_sign_and_size(self, show):
        view = show(Matrix(values=[[8, -8, 0, 4]], limit=16))
        shares = view.root.locator(".xw-cell").evaluate_all(
            "cells => cells.map(c => [c.dataset.sign, parseFloat(c.style.getPropertyValue('--xw-share'))])"
        )
        assert shares == [["positive", 22.5], ["negative", 22.5], ["positive", 0], ["positive", 11.3]]

    def test_arrows_walk_through_the_cells(self, show, blank):
        view = show(Matrix(values=[[1, 2, 3], [4, 5, 6]]))
        blank.keyboard.press("Tab")
        keys = [("ArrowRight", [0, 1]), ("ArrowDown", [1, 1]), ("ArrowDown", [1, 1]), ("End", [1, 2]), ("Home", [1, 0])]
        for key, place in [*keys, ("ArrowUp", [0, 0]), ("ArrowLeft", [0, 0])]:
            blank.keyboard.press(key)
            assert view.get("selected") == place
        assert view.root.locator("[tabindex='0']").count() == 1

    def test_typing_changes_the_number_at_each_stroke(self, show, blank):
        view = show(Matrix(values=[[1, 2], [3, 4]], editable=True, title="x", language="fr"))
        blank.get_by_role("textbox", name="ligne 1, colonne 2").click()
        blank.keyboard.type("-")
        assert view.get("values") == [[1, 2], [3, 4]]
        blank.keyboard.type("1,5")
        assert view.get("values") == [[1, -1.5], [3, 4]]
        blank.keyboard.press("Enter")
        assert view.get("selected") == [1, 1]
        assert view.root.locator("input").nth(1).input_value() == "−1,5"
        blank.keyboard.type("7")
        blank.keyboard.press("Escape")
        assert view.get("values") == [[1, -1.5], [3, 4]]
        for key in ("PageUp", "PageUp", "Shift+PageDown"):
            blank.keyboard.press(key)
        assert view.get("values") == [[1, -1.5], [3, -4]]

    def test_what_is_no_number_is_put_back(self, show, blank):
        view = show(Matrix(values=[[1, 2]], editable=True))
        box = view.root.locator("input").first
        box.click()
        blank.keyboard.type("1e")
        assert box.get_attribute("aria-invalid") == "true"
        blank.keyboard.press("Tab")
        assert (box.input_value(), box.get_attribute("aria-invalid")) == ("1", None)
        assert view.get("values") == [[1, 2]]

    def test_another_shape_makes_other_cells(self, show):
        view = show(Matrix(values=[[1, 2]]))
        view.update("values", values=[[1], [2], [3]])
        assert view.root.locator("[role=row]").count() == view.root.locator("[role=gridcell]").count() == 3


def test_a_slider_over_time_plays_and_any_hand_on_it_ends_that(show, blank):
    view = show(Slider(label="Moment", max=3, step=1, plays=True))
    assert not show(Slider(label="Epsilon")).root.locator(".xw-play").is_visible()
    button = view.root.locator(".xw-play")
    assert button.get_attribute("aria-label") == "Play"
    button.focus()
    blank.keyboard.press("Enter")
    blank.wait_for_function("() => window.views[0].model.state.value === 3")
    blank.wait_for_function("() => document.querySelector('.xw-play').title === 'Play'")
    blank.keyboard.press("Enter")  # from the beginning
    assert view.get("value") == 0
    assert button.get_attribute("aria-label") == "Pause"
    view.root.locator("input[type=range]").press("ArrowRight")
    assert button.get_attribute("aria-label") == "Play"
    blank.emulate_media(reduced_motion="reduce")
    button.press("Enter")
    assert view.get("value") == 2
    assert button.get_attribute("aria-label") == "Play"
    blank.emulate_media(reduced_motion="no-preference")
