"""The Python side of the components: what they take, what they refuse, what they send."""

import json
import re
import subprocess
import sys
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
import traitlets
from hypothesis import given
from hypothesis import strategies as st

from xai_widgets.i18n import LANGUAGES, catalogue, set_language
from xai_widgets.plots.palette import OKABE_ITO
from xai_widgets.widgets import components
from xai_widgets.widgets.components import (
    BrowserLink,
    Curve,
    Heatmap,
    Matrix,
    Perturbation,
    PictureCanvas,
    PictureUpload,
    ScoreBars,
    Slider,
    assets,
)
from xai_widgets.widgets.components.colours import colour_table

COMPONENTS = (PictureCanvas, ScoreBars, Slider, Curve, Matrix, PictureUpload)
PICTURE = np.arange(4 * 5 * 3, dtype=np.uint8).reshape(4, 5, 3)


@pytest.mark.parametrize("component", COMPONENTS)
class TestEvery:
    def test_module_and_style_come_from_files(self, component):
        assert re.search(r"^export default \$module_\w+\.default;$", component._esm, re.MULTILINE)
        assert not re.search(r"^import |https?://(?!www\.w3\.org)|innerHTML|eval\(", component._esm, re.MULTILINE)
        assert "@import" not in component._css
        assert "url(" not in component._css

    def test_unknown_option_is_refused_with_the_nearest_name(self, component):
        with pytest.raises(TypeError, match=rf"{component.__name__} has no option 'langage'; did you mean language"):
            component(langage="fr")

    def test_ipywidgets_options_are_taken(self, component):
        assert component(layout={"width": "50%"}).layout.width == "50%"

    def test_every_public_trait_is_documented(self, component):
        own = {name for name in component.class_own_traits() if not name.startswith("_")}
        source = "\n".join((assets.FOLDER / f"{name}.py").read_text("utf-8") for name in ("base", _file(component)))
        documented = set(re.findall(r'^    (\w+)(?:: [^=\n]+)? = traitlets\.[^\n]+\n    """', source, re.MULTILINE))
        documented |= set(re.findall(r'^    (\w+) = (?:Scores|Numbers)\([^\n]+\n    """', source, re.MULTILINE))
        assert own <= documented

    def test_words_follow_the_language(self, component):
        widget = component(language="fr")
        assert widget.words == catalogue("components", "fr")
        widget.language = "en"
        assert widget.words == catalogue("components", "en")

    def test_language_is_that_of_the_course(self, component):
        set_language("fr")
        assert component().language == "fr"

    def test_repr_has_no_memory_address(self, component):
        assert repr(component()) == repr(component())
        assert "0x" not in repr(component())


def _file(component):
    return re.sub(r"(?<!^)(?=[A-Z])", "_", component.__name__).lower()


def test_every_word_used_is_in_the_catalogues():
    scripts = "\n".join(file.read_text("utf-8") for file in assets.FOLDER.glob("*.js"))
    used = set(re.findall(r'word\(\s*[\w.]+,\s*"(\w+)"', scripts))
    used |= set(re.findall(r'\? "(magnified)" : "(magnified_direction)"', scripts)[0])
    used |= set(re.findall(r'label: "(\w+)"', scripts))
    for language in LANGUAGES:
        assert used == set(catalogue("components", language))


def test_import_needs_neither_a_backend_nor_matplotlib():
    code = "import sys, xai_widgets.widgets.components as c; c.Slider(); print(json.dumps(sorted(sys.modules)))"
    out = subprocess.run(
        [sys.executable, "-c", f"import json; {code}"], capture_output=True, check=True, text=True
    ).stdout
    assert not {"tensorflow", "keras", "matplotlib", "torch", "jax"} & set(json.loads(out))


class TestColours:
    def test_signed_table_is_white_at_zero_and_even_to_both_sides(self):
        table = colour_table(signed=True).astype(int)
        assert (table[128] == 255).all()
        assert (np.diff(table[128:].sum(axis=1)) <= 0).all()
        assert (np.diff(table[:129].sum(axis=1)) >= 0).all()
        assert table[1, 2] > table[1, 0]
        assert table[255, 0] > table[255, 2]

    def test_unsigned_table_grows_lighter(self):
        assert (np.diff(colour_table(signed=False) @ [0.2126, 0.7152, 0.0722]) > -1).all()


class TestPicture:
    def test_repr(self):
        canvas = PictureCanvas(PICTURE)
        canvas.set_heatmap(np.zeros((4, 5)))
        assert repr(canvas) == "PictureCanvas(5x4, 1 layer)"
        assert repr(PictureCanvas()) == "PictureCanvas(empty, 0 layers)"

    @pytest.mark.parametrize(
        ("picture", "error", "words"),
        [
            (np.zeros((4, 5), np.uint8), ValueError, r"\(H, W, 3\), not \(4, 5\)"),
            (np.zeros((1, 4, 5, 3), np.uint8), ValueError, "not a batch"),
            (np.zeros((4, 5, 4), np.uint8), ValueError, r"not \(4, 5, 4\)"),
            (np.zeros((0, 5, 3), np.uint8), ValueError, r"not \(0, 5, 3\)"),
            (np.zeros((4, 5, 3)), TypeError, r"not float64; from \[0, 1\] use"),
        ],
    )
    def test_what_is_no_picture_is_refused(self, picture, error, words):
        with pytest.raises(error, match=words):
            PictureCanvas(picture)
        canvas = PictureCanvas(PICTURE)
        with pytest.raises(error, match=words):
            canvas.set_picture(picture)
        assert canvas.pixels == PICTURE.tobytes()

    def test_pixels_of_another_size_are_refused(self):
        canvas = PictureCanvas(PICTURE)
        with pytest.raises(traitlets.TraitError, match="3 bytes are not 4x5 pixels; use set_picture"):
            canvas.pixels = b"123"

    def test_non_contiguous_picture_keeps_its_pixels(self):
        canvas = PictureCanvas(PICTURE[:, ::-1])
        assert canvas.pixels == PICTURE[:, ::-1].tobytes()

    def test_another_picture_comes_without_the_old_layers_in_one_message(self):
        canvas = PictureCanvas(PICTURE)
        canvas.set_perturbation(np.ones((4, 5, 3)))
        messages = []
        canvas.send_state = lambda key=None: messages.append(set(key))
        canvas.set_picture(np.zeros((8, 8, 3), np.uint8))
        assert canvas.layers == ()
        assert messages == [{"pixels", "width", "height", "layers"}]

    def test_layers_of_another_picture_stay_out(self):
        canvas = PictureCanvas(PICTURE)
        with pytest.raises(traitlets.TraitError, match=r"\(4, 5\), not \(5, 4\)"):
            canvas.set_perturbation(np.ones((5, 4, 3)))
        assert canvas.layers == ()

    def test_a_layer_is_replaced_by_name_in_its_place(self):
        canvas = PictureCanvas(PICTURE)
        canvas.set_heatmap(np.zeros((2, 2)), "a")
        canvas.set_heatmap(np.zeros((2, 2)), "b")
        canvas.set_heatmap(np.ones((3, 3)), "a")
        assert [(layer.name, layer.values.shape) for layer in canvas.layers] == [("a", (3, 3)), ("b", (2, 2))]
        canvas.remove_layer("a")
        with pytest.raises(KeyError, match="no layer 'a'; there are b"):
            canvas.remove_layer("a")
        canvas.clear()
        assert repr(canvas) == "PictureCanvas(empty, 0 layers)"

    @pytest.mark.parametrize("layers", [(3,), (Heatmap(np.ones((1, 1)), "a"), Heatmap(np.ones((1, 1)), "a"))])
    def test_what_is_no_list_of_layers_is_refused(self, layers):
        with pytest.raises(traitlets.TraitError, match="each of another name"):
            PictureCanvas(PICTURE, layers=layers)

    @pytest.mark.parametrize("name", ["opacity", "threshold", "swipe", "progress"])
    def test_fractions_lie_between_0_and_1(self, name):
        with pytest.raises(traitlets.TraitError):
            PictureCanvas(**{name: 1.5})


class TestLayers:
    @pytest.mark.parametrize(
        ("values", "error", "words"),
        [
            (np.ones((2, 2, 3)), ValueError, "reduce the channels first"),
            (np.array([[np.nan, np.inf, 0]]), ValueError, "2 values that are NaN or infinite"),
            (np.array([["a"]]), TypeError, "must be real numbers"),
            (np.ones((0, 3)), ValueError, "is empty"),
        ],
    )
    def test_what_is_no_heatmap_is_refused(self, values, error, words):
        with pytest.raises(error, match=words):
            Heatmap(values, "h")

    @pytest.mark.parametrize("bounds", [(1, 1), (2, 1), (0, np.nan), (-1, 2)])
    def test_range_must_increase_and_be_symmetric(self, bounds):
        with pytest.raises(ValueError, match="value_range"):
            Heatmap(np.ones((2, 2)), "h", value_range=bounds)

    @pytest.mark.parametrize("name", ["", "picture", 3])
    def test_name(self, name):
        with pytest.raises(ValueError, match="a layer's name"):
            Heatmap(np.ones((2, 2)), name)

    def test_own_ranges(self):
        assert Heatmap(np.array([[-3.0, 1]]), "h").value_range == (-3, 3)
        assert Heatmap(np.array([[2.0, 5]]), "h", signed=False).value_range == (0, 5)
        assert Heatmap(np.array([[-2.0, 5]]), "h", signed=False).value_range == (-2, 5)
        assert Heatmap(np.zeros((1, 2)), "h").value_range == (-1, 1)
        assert Heatmap(np.zeros((1, 2)), "h", signed=False).value_range == (0, 1)

    def test_a_sign_is_sent_as_bytes_and_other_directions_as_floats(self):
        assert Perturbation(np.sign(np.random.default_rng(0).normal(size=(4, 5, 3)))).values.dtype == np.int8
        assert Perturbation(np.full((4, 5, 1), 0.5)).values.dtype == np.float32
        assert Perturbation(np.full((4, 5), -0.5)).magnitude == 0.5
        assert Perturbation(np.full((1, 1, 3), -128, np.int8)).magnitude == 128
        with pytest.raises(ValueError, match=r"\(H, W, 3\) or \(H, W, 1\), not \(4, 5, 2\)"):
            Perturbation(np.ones((4, 5, 2)))

    def test_values_are_copied_once_and_sent_as_they_lie(self):
        mine = np.ones((3, 3), np.float32)
        layer = Heatmap(mine, "h")
        mine[:] = 7
        assert layer.values.max() == 1
        assert layer.state()["values"].obj is layer.values
        assert Heatmap(layer.values, "again").values is layer.values

    def test_buffers_are_binary_in_the_message(self):
        canvas = PictureCanvas(PICTURE)
        canvas.set_heatmap(np.ones((4, 5)), "h")
        state = canvas.get_state(["pixels", "layers"])
        assert isinstance(state["pixels"], bytes)
        assert isinstance(state["layers"][0]["values"], memoryview)
        assert state["layers"][0]["table"].nbytes == 768


class TestScores:
    LABELS = ("a", "b", "c", "d")

    def test_best_first_then_what_must_be_shown(self):
        bars = ScoreBars(labels=self.LABELS, values=(0.1, 0.6, 0.3, 0.0), count=2)
        assert [row["label"] for row in bars.rows] == ["b", "c"]
        bars.pinned = (3,)
        assert [row["label"] for row in bars.rows] == ["b", "d"]
        bars.selected = 0
        assert [row["label"] for row in bars.rows] == ["a", "d"]
        assert bars.slots == 2
        bars.pinned = (3, 2)
        assert [row["label"] for row in bars.rows] == ["c", "a", "d"]
        assert bars.slots == 3

    def test_only_visible_rows_are_sent(self):
        bars = ScoreBars(values=np.full(1000, 0.001))
        assert not {"labels", "values", "reference"} & set(bars.get_state())
        assert [row["label"] for row in bars.rows] == ["0", "1", "2", "3", "4"]

    def test_one_message_for_new_scores(self):
        bars = ScoreBars(labels=self.LABELS, values=(0.1, 0.6, 0.3, 0.0))
        sent = []
        bars.send_state = lambda key=None: sent.append(set(key))
        bars.set_scores((0.5, 0.5), labels=("x", "y"), reference=(0.1, 0.9))
        assert sent == [{"rows", "slots"}]
        assert bars.rows[0]["reference"] == 0.1

    def test_a_class_looks_the_same_wherever_it_ranks(self):
        bars = ScoreBars(values=np.linspace(0.0, 0.9, 10), count=2)
        assert [(row["index"], row["colour"], row["hatch"]) for row in bars.rows] == [
            (9, OKABE_ITO[3], "/"),
            (8, OKABE_ITO[2], "/"),
        ]
        bars.values = np.linspace(0.9, 0.0, 10)
        bars.selected = 9
        assert [(row["index"], row["colour"], row["hatch"]) for row in bars.rows] == [
            (0, OKABE_ITO[0], ""),
            (9, OKABE_ITO[3], "/"),
        ]

    @pytest.mark.parametrize("values", [(0.1, np.nan), (1.2, 0.1), (-0.5, 0.1), [[0.5, 0.5]], ("a", "b"), 0.3])
    def test_what_is_no_probability_is_refused(self, values):
        with pytest.raises(traitlets.TraitError, match="values"):
            ScoreBars(values=values)

    def test_rounding_is_forgiven(self):
        assert ScoreBars(values=np.float32([1 + 1e-6, 0])).values == (1.0, 0.0)

    def test_lengths_must_agree(self):
        bars = ScoreBars(labels=self.LABELS, values=(0.1, 0.6, 0.3, 0.0))
        with pytest.raises(traitlets.TraitError, match="2 values for 4 labels; change both at once by set_scores"):
            bars.values = (0.5, 0.5)
        with pytest.raises(traitlets.TraitError):
            bars.set_scores((0.5, 0.5), labels=("x",))
        assert bars.values == (0.1, 0.6, 0.3, 0.0)
        with pytest.raises(traitlets.TraitError, match="from 0"):
            bars.pinned = (-1,)

    def test_repr(self):
        assert repr(ScoreBars(labels=("a", "b"), values=(0.25, 0.75))) == "ScoreBars(2 classes, b 0.75)"
        assert repr(ScoreBars()) == "ScoreBars(empty)"


class TestSlider:
    @pytest.mark.parametrize(
        "options",
        [
            {"value": 2.0},
            {"min": 1.0, "max": 1.0},
            {"max": np.inf},
            {"scale": "log", "min": 0.0},
            {"step": 0.0},
            {"scale": "log", "min": 0.1, "step": 0.5},
            {"digits": -1},
            {"scale": "cubic"},
        ],
    )
    def test_nonsense_is_refused(self, options):
        with pytest.raises(traitlets.TraitError):
            Slider(**options)

    def test_value_stays_in_a_range_that_changes(self):
        slider = Slider(value=0.8)
        slider.max = 0.5
        assert slider.value == 0.5
        assert Slider(min=0.1).value == 0.1
        with pytest.raises(traitlets.TraitError, match=r"value must lie in \[0, 0.5\], not be 0.6"):
            slider.value = 0.6


class TestUpload:
    def _send(self, upload, content, *, name="cat.png", sender="a", size=4, order=None):
        """Send a file as the browser does, in parts of `size` bytes."""
        parts = [content[at : at + size] for at in range(0, len(content), size)]
        for index in order or range(len(parts)):
            message = {"kind": "picture-part", "upload": sender, "index": index, "count": len(parts), "name": name}
            upload._handle_custom_msg(message, [memoryview(parts[index])])

    def _heard(self, upload):
        heard = []
        upload.observe(lambda change: heard.append((change["new"], upload.file_name, upload.picture_bytes)), "serial")
        return heard

    @given(st.binary(min_size=1, max_size=40), st.integers(1, 50))
    def test_any_file_in_any_parts_arrives_as_it_was(self, content, size):
        upload = PictureUpload()
        heard = self._heard(upload)
        self._send(upload, content, size=size)
        assert heard == [(1, "cat.png", content)]
        assert type(upload.picture_bytes) is bytes

    def test_the_same_file_twice_is_two_changes_but_its_content_one(self):
        upload = PictureUpload()
        heard = self._heard(upload)
        self._send(upload, b"picture")
        self._send(upload, b"picture", sender="b")
        assert heard == [(1, "cat.png", b"picture"), (2, "cat.png", b"picture")]

    def test_a_new_file_takes_the_place_of_one_on_its_way(self):
        upload = PictureUpload()
        heard = self._heard(upload)
        self._send(upload, b"old picture", order=[0, 1])
        self._send(upload, b"new picture", name="new.png", sender="b", order=[0])
        self._send(upload, b"old picture", order=[2])
        self._send(upload, b"new picture", name="new.png", sender="b", order=[1, 2])
        assert heard == [(1, "new.png", b"new picture")]

    def test_parts_out_of_order_make_no_file(self):
        upload = PictureUpload()
        self._send(upload, b"0123456789", order=[0, 2, 1])
        assert (upload.serial, upload.content) == (0, b"")

    def test_other_messages_pass(self):
        upload = PictureUpload()
        for message in ("text", {}, {"kind": "else"}):
            upload._handle_custom_msg(message, [])
        assert upload.serial == 0

    def test_the_limit_holds_here_too(self):
        upload = PictureUpload(max_megabytes=1e-5)
        self._send(upload, b"0123456789")
        with pytest.raises(ValueError, match=r"1\.1e-05 MB or more; max_megabytes is 1e-05"):
            upload.receive(b"0123456789A")
        upload.max_megabytes = 5e-6
        with pytest.raises(ValueError, match="max_megabytes is 5e-06"):
            upload._on_message(upload, self._part(b"too long"), [memoryview(b"too long")])
        assert (upload.serial, upload._parts) == (1, [])

    def _part(self, content):
        return {"kind": "picture-part", "upload": "z", "index": 0, "count": 2, "name": content.decode()}

    def test_the_file_is_no_part_of_the_state(self):
        upload = PictureUpload()
        sent = []
        upload.send_state = lambda key=None: sent.append(key)
        upload.receive(b"picture", "cat.png")
        assert not {"content", "file_name"} & set(upload.get_state())
        assert sent in (["serial"], [{"serial"}])

    def test_nothing_yet(self):
        with pytest.raises(ValueError, match="nothing has been uploaded yet"):
            _ = PictureUpload().picture_bytes
        with pytest.raises(ValueError, match=r"'cat\.png' is empty"):
            PictureUpload().receive(b"", "cat.png")

    @pytest.mark.parametrize("limit", [0, -1, np.inf, np.nan])
    def test_a_limit_is_a_positive_number(self, limit):
        with pytest.raises(traitlets.TraitError, match="above 0"):
            PictureUpload(max_megabytes=limit)

    def test_repr(self):
        upload = PictureUpload()
        assert repr(upload) == "PictureUpload(empty)"
        upload.receive(b"123", "a'<b>.png")
        assert repr(upload) == """PictureUpload("a'<b>.png", 3 bytes)"""


class TestCurve:
    def test_gaps_and_short_series(self):
        curve = Curve()
        curve.set_data(np.array([0, 1, 2]), {"a": [1, np.nan, 3], "b": np.array([5])})
        assert [line["values"] for line in curve.series] == [[1, None, 3], [5]]
        assert [line["colour"] for line in curve.series] == list(OKABE_ITO[:2])
        json.dumps(curve.get_state(["x", "series"]), allow_nan=False)

    @pytest.mark.parametrize(
        ("series", "words"),
        [
            ([{"label": "a", "values": [1, 2, 3]}], "3 values in series 'a' for 2 x|2 x for a series of 3 values"),
            ([{"values": [1]}], "has label and values"),
            ([{"label": "a", "values": [1], "color": "#000000"}], "has label and values"),
            ([{"label": "a", "values": [1], "colour": "red"}], "'#0072B2', not 'red'"),
            ([{"label": "a", "values": [1], "dash": "url(x)"}], "dash pattern"),
            ([{"label": "a", "values": [[1]]}], r"shape \(N,\)"),
        ],
    )
    def test_what_is_no_series_is_refused(self, series, words):
        with pytest.raises(traitlets.TraitError, match=words):
            Curve(x=[0, 1], series=series)

    @pytest.mark.parametrize(
        "options",
        [
            {"x": [1, 0]},
            {"x": [0, np.nan]},
            {"y_range": (1, 0)},
            {"y_range": (1,)},
            {"cursor": np.nan},
            {"marks": [{"x": 1}]},
            {"chart_height": 20},
        ],
    )
    def test_nonsense_is_refused(self, options):
        with pytest.raises(traitlets.TraitError):
            Curve(**options)

    def test_x_shorter_than_a_series_is_refused(self):
        curve = Curve()
        curve.set_data([0, 1], {"a": [1, 2]})
        with pytest.raises(traitlets.TraitError, match="change both at once by set_data"):
            curve.x = [0]
        curve.set_data([0], [{"label": "a", "values": [1], "dash": "5 4", "colour": "#123456"}])
        assert curve.series == [{"label": "a", "values": [1], "dash": "5 4", "colour": "#123456"}]


class TestBrowserLink:
    def test_what_the_browser_gets(self):
        slider, canvas = Slider(), PictureCanvas()
        link = BrowserLink((slider, "value"), [(canvas, "epsilon")])
        state = link.get_state(["leader", "followers"])
        assert state["leader"] == [f"IPY_MODEL_{slider.model_id}", "value"]
        assert state["followers"] == [[f"IPY_MODEL_{canvas.model_id}", "epsilon"]]

    def test_repr_has_no_memory_address(self):
        link = BrowserLink((Slider(), "value"), [(Curve(), "cursor")])
        assert repr(link) == "BrowserLink(Slider.value -> Curve.cursor)"

    def test_an_end_that_is_none_is_refused(self):
        with pytest.raises(TypeError, match=r'\(widget, "trait"\), not'):
            BrowserLink((Slider(), "value"), [Slider()])
        with pytest.raises(ValueError, match="Slider has no trait 'worth' in the browser"):
            BrowserLink((Slider(), "worth"), [(ipywidgets.FloatText(), "value")])
        with pytest.raises(ValueError, match="ScoreBars has no trait 'values' in the browser"):  # known, but not sent
            BrowserLink((Slider(), "value"), [(ScoreBars(), "values")])


class TestMatrix:
    def test_numbers_are_kept_as_rows(self):
        matrix = Matrix(values=np.arange(6).reshape(2, 3))
        assert matrix.values == ((0.0, 1.0, 2.0), (3.0, 4.0, 5.0))
        assert matrix.array.shape == (2, 3)
        assert json.loads(json.dumps(matrix.get_state("values")["values"])) == [[0, 1, 2], [3, 4, 5]]

    @pytest.mark.parametrize(
        ("values", "message"),
        [
            ([1, 2], r"rows of one length.*\(2,\)"),
            ([[1, 2], [3]], "rows of one length"),
            ([["a"]], "finite numbers"),
            ([[np.nan]], "NaN or infinity"),
            (np.zeros((21, 20)), r"1 to 400"),
            ([[]], r"1 to 400"),
        ],
    )
    def test_other_values_are_refused(self, values, message):
        with pytest.raises(traitlets.TraitError, match=message):
            Matrix(values=values)

    @pytest.mark.parametrize("cell", [(0.5, 1), (1,), (-1, 0), 3])
    def test_a_cell_is_a_pair_of_whole_numbers(self, cell):
        with pytest.raises(traitlets.TraitError, match="pair of row and column"):
            Matrix(crossed=(cell,))
        with pytest.raises(traitlets.TraitError):
            Matrix(selected=cell)

    def test_cells_are_kept_once(self):
        assert Matrix(outlined=[[0, 1], [0, 1], [1, 1]]).outlined == ((0, 1), (1, 1))
        assert Matrix(selected=[1, 0]).selected == (1, 0)


def test_no_two_components_style_the_same_class():
    """All style sheets lie in one page: a class of one must not reach into another."""
    folder = Path(components.__file__).parent
    homes = {}
    for sheet in sorted(folder.glob("*.css")):
        for name in set(re.findall(r"^\.(xw-[\w-]+)", sheet.read_text("utf-8"), re.MULTILINE)):
            homes.setdefault(name, []).append(sheet.name)
    shared = ("xw-host", "xw-lab")
    assert homes
    assert {name: sheets for name, sheets in homes.items() if len(sheets) > 1 and name not in shared} == {}


def test_a_curve_hears_of_each_value_of_a_list_that_goes_on_growing():
    """As a film in the making does: painted twice alike, then grown, it would equal itself."""
    curve, values, told = Curve(), [1.0], []
    curve.observe(lambda change: told.append([line["values"] for line in change["new"]]), "series")
    curve.set_data([0, 1, 2], {"a": values})
    curve.set_data([0, 1, 2], {"a": values})
    values.append(2.0)
    assert curve.series[0]["values"] == [1.0]
    curve.set_data([0, 1, 2], {"a": values})
    curve.set_data([0, 1, 2], {"a": [*values, 3.0]})
    assert told == [[[1.0]], [[1.0, 2.0]], [[1.0, 2.0, 3.0]]]
