"""Reading a picture takes memory for the image of Pillow and for the picture, whatever its mode, and never more."""

import io
import json
import struct
import subprocess
import sys
import zlib

import numpy as np
import pytest
from PIL import Image

from xai_widgets import load_image
from xai_widgets.datasets.pictures import decoding
from xai_widgets.datasets.pictures.pixel_arrays import PictureError

SIDE = 3500
BYTES_A_PIXEL = 9  # 7, and some room for strips and allocation

MEASURE = """
import json, resource, sys
from xai_widgets import load_image
def peak():
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
load_image(sys.argv[1])  # what is imported and allocated once
before = peak()
shape = load_image(sys.argv[2]).shape
print(json.dumps([peak() - before, shape]))
"""


def turned(image):
    exif = image.getexif()
    exif[0x112] = 6
    return {"exif": exif}


MODES = {
    "RGBA": ("png", lambda image: {}),
    "RGB": ("png", turned),
    "P": ("png", lambda image: {"transparency": 0}),
    "CMYK": ("jpg", lambda image: {}),
    "F": ("tif", lambda image: {"compression": "tiff_deflate"}),
    "I;16": ("png", lambda image: {}),
}


@pytest.mark.skipif(sys.platform != "linux", reason="the unit of the peak is that of Linux")
@pytest.mark.parametrize("mode", MODES)
def test_a_small_file_with_many_pixels_takes_no_third_copy(tmp_path, mode):
    ending, options = MODES[mode]
    for name, side in (("small", 8), ("large", SIDE)):
        image = Image.new(mode, (side, side))
        image.save(tmp_path / f"{name}.{ending}", **options(image))
    paths = [str(tmp_path / f"{name}.{ending}") for name in ("small", "large")]
    told = subprocess.run([sys.executable, "-c", MEASURE, *paths], capture_output=True, text=True, check=True)
    grown, shape = json.loads(told.stdout)
    assert shape == [SIDE, SIDE, 3]
    assert grown < BYTES_A_PIXEL * SIDE**2


def icon_that_lies(width, height, said=16):
    """An icon whose list says a small size, with a large PNG inside."""
    inside = io.BytesIO()
    Image.new("L", (width, height)).save(inside, format="PNG")
    entry = struct.pack("<BBBBHHII", said, said, 0, 0, 1, 8, len(inside.getvalue()), 22)
    return struct.pack("<HHH", 0, 1, 1) + entry + inside.getvalue()


@pytest.mark.parametrize("size", [(3000, 3000), (1001, 1000), (1, 1_000_001)])
def test_an_icon_is_as_large_as_what_is_inside(tmp_path, size):
    (tmp_path / "icon.ico").write_bytes(icon_that_lies(*size))
    for source in (tmp_path / "icon.ico", icon_that_lies(*size)):
        with pytest.raises(PictureError, match=f"{size[0]} x {size[1]} = .* million pixels, the limit is 1.0 million"):
            load_image(source, max_pixels=10**6)


def test_an_icon_of_bitmaps_is_as_large_as_what_is_inside():
    bitmap = struct.pack("<IiiHHIIiiII", 40, 9000, 18000, 1, 32, 0, 0, 0, 0, 0, 0)
    entry = struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, 32, len(bitmap), 22)
    with pytest.raises(PictureError, match="9000 x 9000"):
        load_image(struct.pack("<HHH", 0, 1, 1) + entry + bitmap, max_pixels=10**6)


@pytest.mark.parametrize("cut", [4, 6, 8, 21, 22, 30, 40])
def test_a_broken_icon_is_refused(cut):
    with pytest.raises(PictureError):
        load_image(icon_that_lies(16, 16)[:cut])


def test_an_honest_icon_is_read():
    content = io.BytesIO()
    Image.new("RGB", (32, 32), "red").save(content, format="ICO")
    assert (load_image(content.getvalue()) == [255, 0, 0]).all()


def tiled(side):
    """A TIFF of 16 x 16 pixels in one tile of `side` x `side`."""
    packed = zlib.compress(bytes(side * side))
    tags = {256: 16, 257: 16, 258: 8, 259: 8, 262: 1, 277: 1, 322: side, 323: side, 324: 8, 325: len(packed)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    start = 8 + len(packed)
    return struct.pack("<2sHI", b"II", 42, start) + packed + struct.pack("<H", len(tags)) + entries + bytes(4)


def test_a_tile_larger_than_its_picture_is_refused():
    assert (load_image(tiled(16)) == 0).all()
    with pytest.raises(PictureError, match=r"1600 x 1600 = 2\.6 million pixels"):
        load_image(tiled(1600), max_pixels=10**6)


def test_a_picture_that_no_memory_is_left_for(monkeypatch):
    monkeypatch.setattr(decoding, "_free_memory", lambda: 10**8)
    content = io.BytesIO()
    Image.new("1", (5000, 5000)).save(content, format="PNG")
    with pytest.raises(PictureError, match=r"needs 175 MB of memory .*5000 x 5000 pixels.*and 100 are free"):
        load_image(content.getvalue())


@pytest.mark.parametrize(
    "mode", ["1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr", "LAB", "HSV"]
)
def test_parts_join_to_what_pillow_makes_of_the_whole(monkeypatch, mode):
    monkeypatch.setattr(decoding, "_PART", 40)
    rng = np.random.default_rng(0)
    whole = Image.fromarray(rng.integers(0, 256, (13, 17, 4), np.uint8), "RGBA")
    image = whole.convert("LA").convert("La") if mode == "La" else whole.convert("RGB" if mode == "PA" else "RGBA")
    image = {"La": lambda: image, "LAB": lambda: _lab(whole), "RGBa": lambda: whole.convert("RGBa")}.get(
        mode, lambda: _converted(image, mode)
    )()
    made = load_image(image)
    monkeypatch.undo()
    assert np.array_equal(made, load_image(image))


def _converted(image, mode):
    return image.convert("RGB").convert("P").convert("PA") if mode == "PA" else image.convert("RGB").convert(mode)


def _lab(image):
    from PIL import ImageCms

    profiles = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    return ImageCms.applyTransform(image.convert("RGB"), ImageCms.buildTransform(*profiles, "RGB", "LAB"))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "bool", "int64", "float16", "float32", "float64"])
@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_parts_of_arrays_are_scaled_alike(monkeypatch, dtype, channels):
    values = np.random.default_rng(0).random((13, 17, channels))
    values[-1, -1, :] = 1  # the largest value, which the range follows from, is in the last part
    array = (values * {"uint8": 255, "int64": 255, "uint16": 65535}.get(dtype, 1)).astype(dtype)
    whole = load_image(array)
    monkeypatch.setattr("xai_widgets.datasets.pictures.pixel_arrays._PART", 40)
    assert np.array_equal(load_image(array), whole)


def test_a_small_picture_is_read_without_keras(tmp_path):
    Image.new("RGB", (40, 30)).save(tmp_path / "cat.png")
    script = "import sys; from xai_widgets import load_image; load_image(sys.argv[1]); print('keras' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "cat.png")], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"
