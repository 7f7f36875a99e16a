"""A server on this machine that answers as a test wants, and a machine without a network."""

import contextlib
import http.server
import socket
import threading

import pytest


class Server:
    """Serves what `pages` holds: a path and either its bytes or a function of the handler."""

    def __init__(self):
        self.pages, self.asked = {}, []
        served = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                path = self.path.partition("?")[0]
                served.asked.append(path)
                page = served.pages.get(path)
                with contextlib.suppress(ConnectionError):  # the reader may leave before the end
                    if page is None:
                        self.send_error(404)
                    elif callable(page):
                        page(self)
                    else:
                        answer(self, page)

            def log_message(self, *arguments):
                pass

        self.handler = Handler
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.base = f"http://127.0.0.1:{self._http.server_port}"
        self.stopping = threading.Event()
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def address(self, path):
        return self.base + path

    def wrap(self, context):
        """Encrypt all answers."""
        self._http.socket = context.wrap_socket(self._http.socket, server_side=True)
        self.base = self.base.replace("http:", "https:")

    def close(self):
        self.stopping.set()
        self._http.shutdown()
        self._http.server_close()


def answer(handler, content, length=None, status=200, **headers):
    """Send a whole answer; `length` lies about it."""
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(content) if length is None else length))
    for name, value in headers.items():
        handler.send_header(name.replace("_", "-"), value)
    handler.end_headers()
    handler.wfile.write(content)


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    one = Server()
    yield one
    one.close()


@pytest.fixture
def offline(monkeypatch):
    """Names resolve to nothing, as on a machine with its cable out."""

    def nowhere(host, *arguments, **options):
        raise socket.gaierror(socket.EAI_NONAME, f"Name or service not known: {host}")

    for variable in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setattr(socket, "getaddrinfo", nowhere)


@pytest.fixture
def cache(monkeypatch, tmp_path):
    """An empty cache of our own, and no mirror."""
    monkeypatch.setenv("XAI_WIDGETS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("XAI_WIDGETS_MIRROR", raising=False)
    return tmp_path / "cache"
