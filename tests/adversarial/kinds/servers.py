"""Servers that drip, flood, lie and lead astray, asked for a picture and for a file of weights."""

import tempfile
from functools import cache
from pathlib import Path

from PIL import Image

from tests.adversarial.judging import Case
from tests.common.test_bounded_http import DRIPS, sending
from tests.datasets.pictures.test_picture_reading import encoded, gradient
from tests.local_server import Server
from xai_widgets import load_image
from xai_widgets.common.download import download, fetch

CAT = encoded(Image.fromarray(gradient()), "PNG")
HEAD = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "nothing": b"",
    "a line feed": b"\n",
    "no protocol": b"hello\r\n\r\n",
    "HTTP/9": b"HTTP/9.9 200 OK\r\n\r\n",
    "status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "status 99": b"HTTP/1.1 99 Odd\r\n\r\n",
    "status 999": b"HTTP/1.1 999 Odd\r\n\r\n",
    "status 204": b"HTTP/1.1 204 No Content\r\n\r\n",
    "status 206": b"HTTP/1.1 206 Partial\r\nContent-Length: 3\r\n\r\nabc",
    "status 304": b"HTTP/1.1 304 Not Modified\r\n\r\n",
    "status 401": b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n",
    "status 404": b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n",
    "status 429": b"HTTP/1.1 429 Slow\r\nContent-Length: 0\r\n\r\n",
    "status 500": b"HTTP/1.1 500 Oh\r\nContent-Length: 0\r\n\r\n",
    "a header without a colon": HEAD + b"Content\r\n\r\n",
    "a long header": HEAD + b"X: " + b"y" * 100_000 + b"\r\n\r\n",
    "a thousand headers": HEAD + b"X: y\r\n" * 1000 + b"\r\n",
    "a header of zeros": HEAD + b"X: \0\0\r\n\r\n",
    "two lengths": HEAD + b"Content-Length: 3\r\nContent-Length: 5\r\n\r\nabc",
    "a negative length": HEAD + b"Content-Length: -1\r\n\r\nabc",
    "a length of letters": HEAD + b"Content-Length: many\r\n\r\nabc",
    "a long length": HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\nabc",
    "more promised than sent": HEAD + b"Content-Length: 1000\r\n\r\nabc",
    "chunks of letters": HEAD + b"Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n",
    "a negative chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabc\r\n0\r\n\r\n",
    "a huge chunk": HEAD + b"Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nabc\r\n",
    "chunks cut off": HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nab",
    "packed": HEAD + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
    "an unknown encoding": HEAD + b"Transfer-Encoding: rot13\r\n\r\nabc",
    "a redirect to nowhere": b"HTTP/1.1 302 Found\r\n\r\n",
    "a redirect to itself": b"HTTP/1.1 302 Found\r\nLocation: /page\r\n\r\n",
    "a redirect to a file": b"HTTP/1.1 302 Found\r\nLocation: file:///etc/hostname\r\n\r\n",
    "a redirect to another scheme": b"HTTP/1.1 302 Found\r\nLocation: gopher://127.0.0.1/\r\n\r\n",
    "a redirect to a broken address": b"HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
    "a redirect to a closed port": b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\n\r\n",
    "a page": HEAD + b"Content-Type: text/html\r\nContent-Length: 15\r\n\r\n<html>no</html>",
}  # fmt: skip


@cache
def server():
    return Server()


def address(page):
    """Return where the server answers so."""
    server().pages["/page"] = page
    return server().address("/page")


def picture(page, deadline=30):
    return load_image(fetch(address(page), max_bytes=10**6, timeout=5, deadline=deadline, progress=False))


def weights(page, deadline=30):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.h5"
        try:
            download(address(page), path, timeout=5, deadline=deadline)
        finally:
            left = list(path.parent.iterdir())
        return path.read_bytes(), left


def saying(answer):
    return lambda handler: handler.wfile.write(answer)


def cases():
    for name, answer in ANSWERS.items():
        yield Case("servers", f"picture: {name}", lambda answer=answer: picture(saying(answer)))
        yield Case("servers", f"address: {name}", lambda answer=answer: load_image(address(saying(answer))))
    for name, (first, again) in DRIPS.items():
        drip = lambda f=first, a=again: picture(sending(server(), f, a, 0.02), 0.3)  # noqa: E731
        yield Case("servers", f"drips {name}", drip)
        flood = lambda f=first, a=again: picture(sending(server(), f, a, 0))  # noqa: E731
        if name not in {"nothing", "content"}:
            yield Case("servers", f"floods with {name}", flood, quick=False)
        file = lambda f=first, a=again: weights(sending(server(), f, a, 0.02), 0.3)  # noqa: E731
        yield Case("servers", f"weights drip {name}", file)
    yield Case(
        "servers", "a picture", lambda: picture(CAT), lambda found: (found == gradient()).all(), may_refuse=False
    )
    half = HEAD + f"Content-Length: {len(CAT) // 2}\r\n\r\n".encode() + CAT[: len(CAT) // 2]
    yield Case("servers", "half a picture", lambda: picture(saying(half)))
