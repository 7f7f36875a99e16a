"""Pictures: damaged, lying, or of other contents; arrays of every type and shape; names that are no file."""

import io
import struct
import zipfile

import numpy as np
from PIL import Image

from tests.adversarial.judging import Case
from tests.datasets.pictures.test_picture_reading import KINDS, encoded, gradient, png_of_size
from xai_widgets import load_image

LOSSLESS = {"PNG", "BMP", "TIFF", "PPM"}
NOISE = np.random.default_rng(0).integers(0, 256, (48, 64, 3), dtype=np.uint8)


def is_picture(answer):
    return answer.dtype == np.uint8 and answer.ndim == 3 and answer.shape[2] == 3


def equals(expected):
    return lambda answer: is_picture(answer) and np.array_equal(answer, expected)


def of_content(name, content, right=None, **options):
    return Case("pictures", name, lambda: load_image(content), right, **options)


def whole_and_damaged(kind):
    content = encoded(Image.fromarray(NOISE), kind)
    same = equals(NOISE) if kind in LOSSLESS else is_picture
    yield of_content(f"{kind} whole", content, same, may_refuse=False)
    yield of_content(f"{kind} and something after it", content + b"\0" * 100, same)
    yield of_content(f"{kind} after something", b"\0" * 10 + content)
    for share in (0.02, 0.1, 0.3, 0.6, 0.9):
        # The one format whose every prefix is a whole picture, only coarser.
        coarser = is_picture if kind == "JPEG2000" else None
        yield of_content(f"{kind} cut off at {share}", content[: int(share * len(content))], coarser)
    rng = np.random.default_rng(1)
    for number in range(10):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content) if number % 2 else min(64, len(content)), 4):
            damaged[place] = rng.integers(0, 256)
        yield of_content(f"{kind} damaged {number}", bytes(damaged), is_picture)


def sizes_that_lie():
    sides = [(0, 1), (1, 0), (8001, 8000), (60_000, 60_000), (2**31 - 1, 2**31 - 1), (2**32 - 1, 1), (10**6, 1)]
    for width, height in sides:
        yield of_content(f"PNG that announces {width} x {height}", png_of_size(width, height))
    bitmap = bytearray(encoded(Image.fromarray(NOISE), "BMP"))
    for width, height in [(60_000, 60_000), (-5, 7), (2**31 - 1, 1), (0, 0)]:
        bitmap[18:26] = struct.pack("<ii", width, height)
        yield of_content(f"BMP that announces {width} x {height}", bytes(bitmap))
    film = bytearray(encoded(Image.fromarray(NOISE), "GIF"))
    film[6:10] = struct.pack("<HH", 65_535, 65_535)
    yield of_content("GIF that announces 65535 x 65535", bytes(film))
    icon = io.BytesIO()
    Image.fromarray(NOISE).save(icon, "ICO", sizes=[(16, 16)])
    small = png_of_size(13_000, 13_000)
    lying = icon.getvalue()[:6] + struct.pack("<4B2H2I", 16, 16, 0, 0, 1, 32, len(small), 22) + small
    yield of_content("ICO of 16 x 16 that holds a PNG of 13000 x 13000", lying)
    black = io.BytesIO()
    Image.new("L", (7900, 7900)).save(black, "PNG")
    yield of_content("PNG of 62 million black pixels", black.getvalue(), lambda a: a.shape == (7900, 7900, 3))


def other_contents():
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("cat.png", b"cat")
    texts = {
        "nothing": b"",
        "a byte": b"\x89",
        "text": b"a cat",
        "a page": b"<!DOCTYPE html><html><body>404</body></html>",
        "a drawing with a script": b"<svg xmlns='a'><script>alert(1)</script></svg>",
        "a document": b"%PDF-1.7\n%...",
        "an archive": archive.getvalue(),
        "a pointer to a large file": b"version https://git-lfs\noid sha256:0\nsize 12\n",
        "zeros": bytes(10_000),
        "a program": b"\x7fELF" + bytes(100),
        "a pickle": b"\x80\x04cos\nsystem\n(S'echo'\ntR.",
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\nshowpage\n",
        "JSON": b'{"picture": [1, 2]}',
        "the head of a PNG": b"\x89PNG\r\n\x1a\n",
        "the head of a JPEG": b"\xff\xd8\xff\xe0",
        "UTF-16": "a cat".encode("utf-16"),
    }
    for name, content in texts.items():
        yield of_content(name, content)
    rng = np.random.default_rng(2)
    for number in range(10):
        yield of_content(f"random bytes {number}", rng.bytes(10 ** (number % 4 + 1)))


ARRAYS = {
    "a number": np.array(3),
    "a row": np.zeros(5),
    "no pixels": np.zeros((0, 9, 3)),
    "no channels": np.zeros((9, 9, 0)),
    "seven channels": np.zeros((9, 9, 7)),
    "channels first": np.zeros((3, 9, 9)),
    "two pictures": np.zeros((2, 4, 4, 3)),
    "five axes": np.zeros((1, 1, 4, 4, 3)),
    "NaN": np.full((4, 4), np.nan),
    "one NaN": np.where(np.eye(4), np.nan, 0.5),
    "infinite": np.full((4, 4, 3), np.inf),
    "huge": np.full((4, 4), 1e30),
    "negative": np.full((4, 4), -1.0),
    "negative whole": np.full((4, 4), -1, "int8"),
    "beyond 255": np.full((4, 4), 256),
    "beyond 65535": np.full((4, 4), 70_000, "int64"),
    "ambiguous": np.full((4, 4), 1.5),
    "complex": np.full((4, 4), 1j),
    "texts": np.full((4, 4), "a"),
    "bytes": np.full((4, 4), b"a"),
    "dates": np.full((4, 4), "2020-01-01", "datetime64[D]"),
    "objects": np.full((4, 4), None),
    "records": np.zeros((4, 4), [("a", "u1")]),
    "ragged": [[1, 2], [3]],
    "larger than memory": np.broadcast_to(np.uint8(0), (10**6, 10**6, 3)),
    "masked": np.ma.masked_array(np.full((4, 4), 0.5), np.eye(4)),
}
RIGHT_ARRAYS = {
    "uint8": (NOISE, NOISE),
    "grey": (NOISE[..., 0], np.stack([NOISE[..., 0]] * 3, -1)),
    "one channel": (NOISE[..., :1], np.stack([NOISE[..., 0]] * 3, -1)),
    "0 to 1": (NOISE / 255, NOISE),
    "0 to 1 in half precision": ((gradient() / 255).astype("float16"), gradient()),
    "float of 0 to 255": (NOISE.astype("float32"), NOISE),
    "16 bits": (NOISE.astype("uint16") * 257, NOISE),
    "the other byte order": (NOISE.astype(">i4"), NOISE),
    "turned": (NOISE.transpose(1, 0, 2), NOISE.transpose(1, 0, 2)),
    "read-only": (np.broadcast_to(NOISE, NOISE.shape), NOISE),
    "backwards": (NOISE[::-1, ::-1], NOISE[::-1, ::-1]),
    "a batch of one": (NOISE[None], NOISE),
    "booleans": (NOISE > 99, np.where(NOISE > 99, 255, 0)),
    "lists": (NOISE.tolist(), NOISE),
    "opaque": (np.concatenate([NOISE, np.full((48, 64, 1), 255, "uint8")], -1), NOISE),
}
NO_SOURCES = {
    "None": None, "a number": 3, "True": True, "a dictionary": {}, "a set": {1}, "an object": object(), "a list": [],
    "a function": len, "a class": dict, "a generator": (n for n in "ab"), "several": ["a.png", "b.png"],
}  # fmt: skip
NAMES = [
    *("", " ", ".", "..", "/", "no_such_cat.png", "no such cat", "cat.png\0", "~$cat.png", "~nosuchuser/cat.png"),
    *("x" * 300 + ".png", "x" * 5000 + ".png", "\udcff.png", "a\nb.png", "CON.png", "digit-99", "digit--3", "Digit-3"),
    *("http://", "http:///cat.png", "https://:0/", "ftp://a/cat.png", "file:///etc/hostname", "data:image/png,xx"),
    *("javascript:alert(1)", "http://[::1", "http://a b/c", "//a/b.png", "\\\\server\\share\\cat.png", "C:\\cat.png"),
]


def cases():
    for kind in KINDS:
        yield from whole_and_damaged(kind)
    yield from sizes_that_lie()
    yield from other_contents()
    for name, array in ARRAYS.items():
        yield of_content(f"array: {name}", array)
    for name, (array, expected) in RIGHT_ARRAYS.items():
        yield of_content(f"array: {name}", array, equals(expected), may_refuse=False)
    for name, source in NO_SOURCES.items():
        yield of_content(f"source: {name}", source)
    for name in NAMES:
        yield of_content(f"name: {name[:40]!r}", name)
