"""`load_image`: whatever comes in, uint8 RGB or one clear error comes out."""

import datetime as dt
import io
import struct
import types
import zlib
from pathlib import Path

import ipywidgets
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, features

from xai_widgets import Classifier
from xai_widgets.datasets.pictures.picture_reading import MAX_PIXELS, PictureError, load_image
from xai_widgets.datasets.pictures.pixel_arrays import from_array

WIDTH, HEIGHT = 12, 8
ORIENTATION = 0x0112
RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def gradient():
    """A picture that no turn or flip leaves as it is: red grows to the right, green downwards."""
    picture = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    picture[..., 0] = np.linspace(0, 240, WIDTH)
    picture[..., 1] = np.linspace(0, 240, HEIGHT)[:, np.newaxis]
    return picture


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def picture_of(colour, mode="RGB"):
    return Image.new(mode, (WIDTH, HEIGHT), colour)


# ---------------------------------------------------------------------------------------------------------- the sources


def test_every_source_gives_the_same(tmp_path, server):
    expected = gradient()
    content = encoded(Image.fromarray(expected), "PNG")
    path = tmp_path / "un été à la mer.png"
    path.write_bytes(content)
    server.pages["/cat.png"] = content
    old = {"cat.png": {"metadata": {"name": "cat.png", "size": len(content)}, "content": content}}
    new = {"name": "cat.png", "type": "image/png", "size": len(content), "content": memoryview(content)}
    new["last_modified"] = dt.datetime.now(dt.UTC)
    button = ipywidgets.FileUpload()
    button.set_trait("value", (new,))
    sources = [
        path,
        str(path),
        server.address("/cat.png"),
        content,
        bytearray(content),
        memoryview(content),
        io.BytesIO(content),
        Image.fromarray(expected),
        Image.open(path),
        expected,
        expected.astype(np.int64),
        expected[np.newaxis],
        expected / 255,
        (expected / 255).astype(np.float16),
        expected.tolist(),
        new,
        (new,),
        [new],
        old,
        button,
    ]
    for place, source in enumerate(sources):
        picture = load_image(source)
        assert picture.dtype == np.uint8, place
        assert np.array_equal(picture, expected), place


def test_a_tensor_is_an_array():
    keras = pytest.importorskip("keras")
    assert np.array_equal(load_image(keras.ops.convert_to_tensor(gradient())), gradient())


def test_a_path_below_home(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    Image.fromarray(gradient()).save(tmp_path / "cat.png")
    assert np.array_equal(load_image("~/cat.png"), gradient())


def test_the_answer_is_the_callers_own():
    given_one = gradient()
    load_image(given_one)[:] = 0
    assert np.array_equal(given_one, gradient())
    image = Image.fromarray(gradient())
    load_image(image, max_side=4)[:] = 0
    assert np.array_equal(np.asarray(image), gradient())


def test_a_missing_file_names_the_nearest(tmp_path):
    (tmp_path / "chat.png").write_bytes(b"")
    with pytest.raises(PictureError, match=r"there is no file '.*chta\.png'.*did you mean 'chat\.png'"):
        load_image(tmp_path / "chta.png")
    with pytest.raises(PictureError, match="sample_image"):
        load_image(tmp_path / "nowhere" / "x.png")


@pytest.mark.parametrize("name", ["a\0b.png", "x" * 5000, "line\nbreak " * 600])
def test_what_cannot_be_a_file_name(name):
    with pytest.raises(PictureError):
        load_image(name)


def test_a_folder(tmp_path):
    with pytest.raises(PictureError, match="is a folder"):
        load_image(tmp_path)


@pytest.mark.parametrize("source", [None, 3, 1.5, object(), {1, 2}, types.SimpleNamespace(value=()), "", True])
def test_what_is_no_source(source):
    with pytest.raises(PictureError):
        load_image(source)


def test_uploads_say_what_is_wrong():
    content = encoded(picture_of(RED), "PNG")
    with pytest.raises(PictureError, match="nothing has been uploaded"):
        load_image(ipywidgets.FileUpload())
    with pytest.raises(PictureError, match="nothing has been uploaded"):
        load_image({})
    with pytest.raises(PictureError, match="2 files were uploaded"):
        load_image(({"name": "a", "content": content}, {"name": "b", "content": content}))
    with pytest.raises(PictureError, match=r"the upload 'notes\.txt' is not a picture"):
        load_image({"name": "notes.txt", "content": memoryview(b"hello")})
    with pytest.raises(PictureError, match="no content"):
        load_image([{"name": "a"}])


# ------------------------------------------------------------------------------------------------------------ addresses


def test_addresses_that_hold_no_picture(server):
    page = b"<!DOCTYPE html><html><body><svg></svg><img src='cat.png'></body></html>"
    server.pages.update({"/page": page, "/empty": b"", "/cut.png": encoded(Image.fromarray(gradient()), "PNG")[:-40]})
    for path, meaning in (
        ("/page", "is a web page, not a picture"),
        ("/empty", "is empty"),
        ("/cut.png", "broken or incomplete"),
        ("/none", "answered 404"),
    ):
        with pytest.raises(PictureError, match=meaning):
            load_image(server.address(path))


def test_addresses_of_other_kinds_are_refused():
    for address in ("file:///etc/hostname", "ftp://127.0.0.1/cat.png", "data:image/png;base64,AAAA", "FILE:///x"):
        with pytest.raises(PictureError, match="only http and https"):
            load_image(address)


def test_offline(offline):
    with pytest.raises(PictureError, match="check the connection, or save the file by hand"):
        load_image("https://pictures.example/cat.png")


def test_a_slow_address(server):
    server.pages["/"] = lambda handler: server.stopping.wait(10)
    with pytest.raises(PictureError, match=r"0\.2 s"):
        load_image(server.address("/"), timeout=0.2)


# ------------------------------------------------------------------------------------------------------ kinds of files

KINDS = ["PNG", "BMP", "GIF", "TIFF", "PPM", "JPEG"] + [
    kind for kind, feature in (("WEBP", "webp"), ("AVIF", "avif"), ("JPEG2000", "jpg_2000")) if features.check(feature)
]


@pytest.mark.parametrize("kind", KINDS)
def test_kinds(kind):
    smooth = Image.fromarray(gradient()).resize((64, 48))
    error = np.abs(load_image(encoded(smooth, kind)).astype(int) - np.asarray(smooth)).mean()
    assert error < {"PNG": 1e-9, "BMP": 1e-9, "TIFF": 1e-9, "PPM": 1e-9}.get(kind, 6)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photographs_are_turned_upright(orientation):
    upright = Image.fromarray(gradient())
    stored_as = {
        1: [],
        2: [Image.Transpose.FLIP_LEFT_RIGHT],
        3: [Image.Transpose.ROTATE_180],
        4: [Image.Transpose.FLIP_TOP_BOTTOM],
        5: [Image.Transpose.TRANSPOSE],
        6: [Image.Transpose.ROTATE_90],
        7: [Image.Transpose.TRANSVERSE],
        8: [Image.Transpose.ROTATE_270],
    }
    stored = upright
    for turn in stored_as[orientation]:
        stored = stored.transpose(turn)
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    assert np.array_equal(load_image(encoded(stored, "PNG", exif=exif)), gradient())
    jpeg = load_image(encoded(stored.resize((stored.width * 8, stored.height * 8)), "JPEG", exif=exif), max_side=12)
    assert jpeg.shape == (HEIGHT, WIDTH, 3)
    assert np.abs(jpeg[:, 0, 0].astype(int) - jpeg[:, -1, 0]).min() > 150


def test_unreadable_exif_turns_nothing():
    content = encoded(Image.fromarray(gradient()), "PNG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff")
    assert np.array_equal(load_image(content), gradient())


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "PPM"])
def test_16_bits_are_scaled_not_clipped(kind):
    deep = np.linspace(0, 65535, WIDTH * HEIGHT).astype(np.uint16).reshape(HEIGHT, WIDTH)
    picture = load_image(encoded(Image.fromarray(deep), kind))
    assert np.array_equal(picture[..., 0], np.rint(deep / 257))
    assert np.ptp(picture, axis=-1).max() == 0


def test_16_bits_of_the_other_byte_order_and_of_pillow():
    deep = np.linspace(0, 65535, WIDTH * HEIGHT).astype(">u2").reshape(HEIGHT, WIDTH)
    image = Image.frombytes("I;16B", (WIDTH, HEIGHT), deep.tobytes())
    for source in (image, deep, deep.astype("<u2")):
        assert np.array_equal(load_image(source)[..., 1], np.rint(deep.astype(float) / 257))


def test_dark_16_bits_in_a_file_stay_dark():
    deep = np.full((HEIGHT, WIDTH), 200, np.uint16)
    assert load_image(encoded(Image.fromarray(deep), "PNG")).max() == 1


def test_floats_in_a_file():
    values = np.linspace(0, 1, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)
    assert np.array_equal(load_image(encoded(Image.fromarray(values), "TIFF"))[..., 0], np.rint(values * 255))
    with pytest.raises(PictureError, match="could mean two things"):
        load_image(encoded(Image.fromarray(values * 5), "TIFF"))


def test_black_and_white():
    bits = np.random.default_rng(0).random((HEIGHT, WIDTH)) > 0.5
    assert np.array_equal(load_image(encoded(Image.fromarray(bits), "PNG"))[..., 0], bits * 255)


def half_red(mode):
    """Left half opaque red, right half transparent green."""
    rgba = Image.new("RGBA", (WIDTH, HEIGHT), (*RED, 255))
    rgba.paste((*GREEN, 0), (WIDTH // 2, 0, WIDTH, HEIGHT))
    return rgba.convert(mode)


@pytest.mark.parametrize("mode", ["RGBA", "RGBa", "LA", "La"])
def test_what_is_transparent_lies_on_white(mode):
    source = half_red("RGBA").convert("LA").convert("La") if mode == "La" else half_red(mode)
    picture = load_image(source)
    opaque = RED if mode.startswith("RGB") else (76, 76, 76)
    assert picture[0, 0].tolist() == list(opaque)
    assert picture[0, -1].tolist() == list(WHITE)


def test_half_transparent_is_mixed_with_white():
    assert load_image(picture_of((255, 0, 0, 128), "RGBA"))[0, 0].tolist() == [255, 127, 127]
    assert load_image(np.array(picture_of((255, 0, 0, 128), "RGBA")))[0, 0].tolist() == [255, 127, 127]


def test_arrays_and_pillow_agree_on_transparency():
    rgba = np.random.default_rng(0).integers(0, 256, (HEIGHT, WIDTH, 4), dtype=np.uint8)
    for pixels in (rgba, rgba[..., [0, 3]]):
        difference = load_image(pixels).astype(int) - load_image(Image.fromarray(pixels))
        assert np.abs(difference).max() <= 1


def test_palettes():
    colours = Image.fromarray(np.repeat(gradient(), 4, axis=0)).quantize(8)
    expected = np.asarray(colours.convert("RGB"))
    assert np.array_equal(load_image(encoded(colours, "PNG")), expected)
    clear = load_image(encoded(colours, "PNG", transparency=colours.getpixel((0, 0))))
    assert clear[0, 0].tolist() == list(WHITE)
    assert np.array_equal(clear[-1, -1], expected[-1, -1])
    assert np.array_equal(load_image(encoded(colours, "GIF")), expected)


@pytest.mark.parametrize(("mode", "key", "colour"), [("RGB", RED, RED), ("L", 80, 80)])
def test_a_colour_that_stands_for_transparent(mode, key, colour):
    assert load_image(encoded(picture_of(colour, mode), "PNG", transparency=key)).min() == 255


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken(kind):
    frames = [picture_of(colour) for colour in (RED, GREEN, BLUE)]
    options = {"lossless": True} if kind == "WEBP" else {}
    content = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    with Image.open(io.BytesIO(content)) as image:
        assert image.n_frames == 3
    assert load_image(content)[0, 0].tolist() == list(RED)


@pytest.mark.parametrize("mode", ["YCbCr", "HSV"])
def test_other_spaces_of_pillow(mode):
    picture = load_image(picture_of(RED).convert(mode))
    assert np.abs(picture[0, 0].astype(int) - RED).max() <= 2


def test_inks_without_a_profile():
    inks = Image.new("CMYK", (WIDTH, HEIGHT), (0, 255, 255, 0))
    assert np.abs(load_image(encoded(inks, "JPEG", quality=100))[0, 0].astype(int) - RED).max() <= 3
    assert load_image(inks)[0, 0].tolist() == list(RED)
    assert load_image(encoded(inks, "TIFF", icc_profile=b"no profile"))[0, 0].tolist() == list(RED)


def ink_profile(lightness, a, b):
    """An ICC profile by which every mixture of inks is one colour, given in CIELAB; black ink is black."""
    lab = bytes([round(lightness * 2.55), a + 128, b + 128])
    ramp = bytes(range(256))
    matrix = struct.pack(">9i", *(65536 if place % 4 == 0 else 0 for place in range(9)))
    with_and_without_black = (lab + bytes([0, 128, 128])) * 2**3
    table = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + with_and_without_black + ramp * 3
    start = 128 + 4 + 12
    size = start + len(table)
    header = struct.pack(">I4sI4s4s4s12x4s", size, b"lcms", 0x02400000, b"prtr", b"CMYK", b"Lab ", b"acsp")
    header = header.ljust(68, b"\0") + struct.pack(">3I", 0xF6D6, 0x10000, 0xD32D)
    return header.ljust(128, b"\0") + struct.pack(">I4sII", 1, b"A2B0", start, len(table)) + table


def test_inks_go_through_their_profile():
    inks = Image.new("CMYK", (WIDTH, HEIGHT), (255, 0, 0, 0))
    profile = ink_profile(lightness=53, a=80, b=67)  # sRGB's red; the plain formula gives cyan
    picture = load_image(encoded(inks, "TIFF", icc_profile=profile))
    assert np.abs(picture[0, 0].astype(int) - RED).max() < 25


# ---------------------------------------------------------------------------------------------- what is not a picture


@pytest.mark.parametrize(
    ("content", "meaning"),
    [
        (b"", "is empty"),
        (b'<?xml version="1.0"?>\n<SVG xmlns="...">', "SVG drawing"),
        (b"<!doctype HTML><p>", "web page"),
        (b"%PDF-1.7", "is a PDF"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "HEIC photograph"),
        (b"hello, I am a text", "not a picture that can be read"),
        (b"\x89PNG\r\n\x1a\n", "broken|not a picture"),
        (b"\xff\xd8\xff\xe0", "broken|not a picture"),
        (b"P6 0 0 255\n", "no pixels|broken|not a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a picture that can be read"),
    ],
)
def test_other_contents(content, meaning, tmp_path):
    (tmp_path / "file.png").write_bytes(content)
    for source in (content, tmp_path / "file.png"):
        with pytest.raises(PictureError, match=meaning):
            load_image(source)


def png_of_size(width, height):
    """A PNG whose header announces a size and whose data are a few bytes of zeros."""

    def chunk(kind, body):
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(8001, 8000), (10000, 9000), (60000, 60000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_by_its_header(width, height):
    with pytest.raises(PictureError, match="too large"):
        load_image(png_of_size(width, height))


def test_the_limit_is_in_pixels():
    picture = gradient()
    for source in (picture, Image.fromarray(picture), encoded(Image.fromarray(picture), "PNG")):
        assert load_image(source, max_pixels=WIDTH * HEIGHT).shape == picture.shape
        with pytest.raises(PictureError, match="too large"):
            load_image(source, max_pixels=WIDTH * HEIGHT - 1)
    assert MAX_PIXELS >= 50e6


def test_pillow_images_without_pixels_or_file():
    with pytest.raises(PictureError, match="no pixels"):
        load_image(Image.new("RGB", (0, 5)))
    cut = Image.open(io.BytesIO(encoded(Image.fromarray(gradient()), "PNG")[:-40]))
    with pytest.raises(PictureError, match="cannot be read"):
        load_image(cut)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_files_cut_off_are_refused(kind, share):
    noise = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)
    content = encoded(Image.fromarray(noise), kind)
    try:
        picture = load_image(content[: int(share * len(content))])
    except PictureError:
        return
    # The one format whose every prefix is a whole picture, only coarser.
    assert kind == "JPEG2000"
    assert picture.shape == noise.shape


SAMPLES = [encoded(Image.fromarray(gradient()), kind) for kind in KINDS]


@given(data=st.data())
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_damaged_files_give_a_picture_or_our_error(data):
    content = bytearray(data.draw(st.sampled_from(SAMPLES)))
    places = st.integers(0, len(content) - 1)
    for place, value in data.draw(st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=8)):
        content[place] = value
    try:
        picture = load_image(bytes(content), max_pixels=10**6)
    except PictureError:
        return
    assert picture.dtype == np.uint8
    assert picture.shape[2:] == (3,)


@given(st.binary(max_size=300))
def test_any_bytes_give_our_error(content):
    with pytest.raises(PictureError):
        load_image(content, max_pixels=10**6)


# --------------------------------------------------------------------------------------------------------------- arrays


@given(
    hnp.arrays(
        dtype=st.one_of(
            hnp.boolean_dtypes(), hnp.integer_dtypes(), hnp.unsigned_integer_dtypes(), hnp.floating_dtypes(),
            hnp.complex_number_dtypes(), hnp.unicode_string_dtypes(), hnp.datetime64_dtypes(),
        ),
        shape=hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=5),
    )
)  # fmt: skip
@settings(max_examples=300)
def test_any_array_gives_a_picture_or_our_error(array):
    try:
        picture = load_image(array)
    except PictureError:
        return
    assert picture.dtype == np.uint8
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert array.dtype.kind in "biuf"
    assert picture.shape[:2] == (array.shape[1:3] if array.ndim == 4 else array.shape[:2])


@given(hnp.arrays(np.uint8, st.tuples(st.integers(1, 6), st.integers(1, 6), st.sampled_from([1, 3]))))
def test_scales_agree(pixels):
    expected = np.broadcast_to(pixels, (*pixels.shape[:2], 3))
    same = [pixels, pixels.astype(np.int16), pixels / 255, (pixels / 255).astype(np.float32)]
    if pixels.max() > 16:
        same.append(pixels.astype(np.float64))
    if pixels.max() > 0:
        same.append(pixels.astype(np.uint16) * 257)
    for array in same:
        assert np.array_equal(load_image(array), expected)


@pytest.mark.parametrize(
    ("array", "meaning"),
    [
        (np.zeros(5), r"shape \(5,\)"),
        (np.zeros((2, 4, 4, 3)), "one picture at a time"),
        (np.zeros((3, 9, 9)), "channels-first"),
        (np.zeros((9, 9, 7)), "1 to 4 channels"),
        (np.zeros((0, 9, 3)), "no pixels"),
        (np.full((4, 4), np.nan), "NaN or infinite"),
        (np.full((4, 4), np.inf), "NaN or infinite"),
        (np.full((4, 4), -0.5), r"negative values \(down to -0\.5\)"),
        (np.full((4, 4), -3), r"negative values \(down to -3\)"),
        (np.full((4, 4), 16.0), "could mean two things"),
        (np.full((4, 4), 1.2), "could mean two things"),
        (np.full((4, 4), 300.0), r"0\.\.1 or 0\.\.255"),
        (np.full((4, 4), 300), "0 to 65535 as uint16"),
        (np.full((4, 4), 1j), "type complex128"),
        (np.full((4, 4), "a"), "type <U1"),
        ([[1, 2], [3]], "NumPy cannot convert"),
    ],
)
def test_arrays_that_are_refused_say_why(array, meaning):
    with pytest.raises(PictureError, match=meaning):
        load_image(array)


def test_rounding_beyond_the_range_is_forgiven():
    assert load_image(np.array([[-1e-7, 1 + 1e-7]]))[0, :, 0].tolist() == [0, 255]


def test_the_digits_of_scikit_learn_are_ambiguous_as_they_are():
    from sklearn.datasets import load_digits

    digit = load_digits().images[0]
    with pytest.raises(PictureError, match="up to 15, which could mean two things"):
        load_image(digit)
    assert load_image(digit / 16).max() == 239


def test_large_arrays_are_refused_before_they_are_touched():
    huge = np.broadcast_to(np.uint8(0), (10**5, 10**5, 3))
    with pytest.raises(PictureError, match="too large"):
        from_array(huge, max_pixels=MAX_PIXELS)


# ------------------------------------------------------------------------------------------------------------- max_side


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_large_pictures_are_reduced_and_small_ones_left(kind):
    large = Image.fromarray(gradient()).resize((600, 400), Image.Resampling.BICUBIC)
    small = load_image(encoded(large, kind), max_side=60)
    assert small.shape == (40, 60, 3)
    reference = np.asarray(large.resize((60, 40), Image.Resampling.LANCZOS)).astype(int)
    assert np.abs(small - reference).mean() < 3
    assert load_image(np.asarray(large), max_side=60).shape == (40, 60, 3)
    assert load_image(np.asarray(large), max_side=600).shape == (400, 600, 3)
    assert load_image(np.zeros((1, 900)), max_side=9).shape == (1, 9, 3)
    assert load_image(np.zeros((2, 2)), max_side=2).shape == (2, 2, 3)
    with pytest.raises(ValueError, match="max_side"):
        load_image(large, max_side=0)


# ---------------------------------------------------------------------------------------------------------- the joint


def test_a_classifier_takes_what_it_gives(tmp_path):
    keras = pytest.importorskip("keras")
    net = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(2, "softmax")])
    two = Classifier(net, preprocess=lambda pixels: pixels / 255)
    path = Path(tmp_path / "photo.jpg")
    path.write_bytes(encoded(Image.fromarray(gradient()).resize((90, 60)), "JPEG"))
    assert len(two.predict(load_image(path))) == 1
