"""Servers that drip, flood or lead astray: each reading ends, by its deadline or its budget, with one clear error."""

import http.client
import select
import shutil
import socket
import ssl
import subprocess

import pytest

from tests.local_server import Server
from xai_widgets.common.bounded_http import DownloadError, Visit, is_public, quoted
from xai_widgets.common.download import download, fetch

ON = b"HTTP/1.1 200 OK\r\n"
CHUNKED = ON + b"Transfer-Encoding: chunked\r\n\r\n"
# What is sent once, and then again and again, byte after byte.
DRIPS = {
    "nothing": (b"", b""),
    "status line": (b"HTTP/1.1 200 ", b"O"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "name of a header": (ON, b"X"),
    "lines of headers": (ON, b"X: y\r\n"),
    "content": (ON + b"Content-Length: 100000\r\n\r\n", b"x"),
    "content without a length": (ON + b"\r\n", b"x"),
    "size of a chunk": (CHUNKED, b"0"),
    "extension of a chunk": (CHUNKED + b"5;", b"x"),
    "chunks": (CHUNKED, b"1\r\nx\r\n"),
    "trailers": (CHUNKED + b"0\r\n", b"X: y\r\n"),
    "content of a redirect": (b"HTTP/1.1 302 Found\r\nLocation: /cat\r\nContent-Length: 100000\r\n\r\n", b"x"),
}


def sending(server, first, again, pause):
    """Return a page that sends something once and something without end, with a pause after each byte."""

    def page(handler):
        handler.wfile.write(first)
        while not server.stopping.wait(pause):
            if pause:
                for byte in again:
                    handler.wfile.write(bytes([byte]))
                    if server.stopping.wait(pause):
                        return
            else:
                handler.wfile.write(again * 1000)

    return page


@pytest.mark.parametrize("what", DRIPS)
def test_who_drips_meets_the_deadline(server, what):
    server.pages["/cat"] = sending(server, *DRIPS[what], 0.02)
    with pytest.raises(DownloadError, match=r"/cat.* was too slow: not complete after 0\.4 s"):
        fetch(server.address("/cat"), max_bytes=10**6, timeout=5, deadline=0.4, progress=False)


@pytest.mark.parametrize("what", [one for one in DRIPS if one not in {"nothing", "content"}])
def test_who_floods_meets_the_budget(server, what):
    server.pages["/cat"] = sending(server, *DRIPS[what], 0)
    with pytest.raises(DownloadError) as caught:
        fetch(server.address("/cat"), max_bytes=10**5, timeout=20, deadline=60, progress=False)
    assert "too slow" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_download_has_a_deadline_too(server, tmp_path):
    server.pages["/net.h5"] = sending(server, *DRIPS["content"], 0.02)
    with pytest.raises(DownloadError, match=r"too slow: not complete after 0\.3 s"):
        download(server.address("/net.h5"), tmp_path / "net.h5", timeout=5, deadline=0.3)
    assert list(tmp_path.iterdir()) == []


def test_redirects_share_the_deadline(server):
    def page(handler):
        server.stopping.wait(0.3)
        handler.send_response(302)
        handler.send_header("Location", f"/{len(server.asked)}")
        handler.end_headers()

    server.pages.update({f"/{number}": page for number in range(5)})
    with pytest.raises(DownloadError, match=r"to which \S+/0 leads\) was too slow"):
        fetch(server.address("/0"), max_bytes=10**6, timeout=5, deadline=1)


def test_a_name_that_never_resolves_meets_the_deadline(server, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *place, **options: server.stopping.wait(20))
    with pytest.raises(DownloadError, match=r"pictures\.example/cat was too slow"):
        fetch("http://pictures.example/cat", max_bytes=100, timeout=5, deadline=0.2)


def test_a_listener_that_never_answers_a_handshake(server):
    listener = socket.create_server(("127.0.0.1", 0))
    address = f"https://127.0.0.1:{listener.getsockname()[1]}/cat"
    with listener, pytest.raises(DownloadError, match="did not answer within"):
        fetch(address, max_bytes=100, timeout=0.2)


@pytest.mark.parametrize("length", ["9" * 17, "9" * 18, "9" * 5000])
def test_a_length_of_any_size_is_refused_at_once(server, length):
    server.pages["/cat"] = lambda handler: handler.wfile.write(ON + f"Content-Length: {length}\r\n\r\n".encode())
    with pytest.raises(DownloadError, match=r"larger than the limit of 1 MB"):
        fetch(server.address("/cat"), max_bytes=10**6)


def test_chunks_of_one_byte_fit_into_the_budget_of_a_small_content(server):
    server.pages["/cat"] = lambda handler: handler.wfile.write(CHUNKED + b"1\r\nx\r\n" * 1000 + b"0\r\nX: y\r\n\r\n")
    assert fetch(server.address("/cat"), max_bytes=1000) == b"x" * 1000


def test_more_redirects_than_five_are_refused(server):
    def page(handler):
        handler.send_response(302)
        handler.send_header("Location", f"/{int(handler.path[1:]) + 1}")
        handler.end_headers()

    server.pages.update({f"/{number}": page for number in range(20)}, **{"/5": b"here", "/15": b"there"})
    assert fetch(server.address("/0"), max_bytes=100) == b"here"
    with pytest.raises(DownloadError, match=r"/6 leads on more than 5 times"):
        fetch(server.address("/6"), max_bytes=100)


def test_errors_name_the_host_where_a_redirect_ended(server):
    def page(handler):
        handler.send_response(302)
        handler.send_header("Location", "http://127.0.0.1:9/dog.png")
        handler.end_headers()

    server.pages["/cat"] = page
    with pytest.raises(DownloadError, match=r"^cannot reach 127\.0\.0\.1:9 "):
        fetch(server.address("/cat"), max_bytes=100, timeout=2)
    server.pages["/dog"] = lambda handler: handler.send_error(410)
    server.pages["/cat"] = lambda handler: (
        handler.send_response(301),
        handler.send_header("Location", "/dog"),
        handler.end_headers(),
    )
    with pytest.raises(DownloadError, match=r"answered 410 \(Gone\) to \S+/dog \(to which \S+/cat leads\)"):
        fetch(server.address("/cat"), max_bytes=100)


def proxy_of(server, monkeypatch):
    """Let every name but 127.0.0.1 be asked of the server, as of a proxy."""
    for variable in ("http_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(variable, server.base)


@pytest.mark.parametrize("to", ["127.0.0.1:9", "localhost:9", "[::1]:9", "169.254.169.254", "192.168.0.1"])
def test_a_public_address_does_not_lead_to_a_private_one(server, monkeypatch, to):
    proxy_of(server, monkeypatch)
    server.pages["http://pictures.example/cat"] = lambda handler: (
        handler.send_response(302),
        handler.send_header("Location", f"http://{to}/secret"),
        handler.end_headers(),
    )
    with pytest.raises(DownloadError, match=r"example/cat leads to .*, an address of this machine or of"):
        fetch("http://pictures.example/cat", max_bytes=100, timeout=2)
    assert server.asked == ["http://pictures.example/cat"]


def test_a_public_address_leads_to_another_through_a_proxy(server, monkeypatch):
    proxy_of(server, monkeypatch)
    server.pages["http://pictures.example/dog"] = b"woof"
    server.pages["http://pictures.example/cat"] = lambda handler: (
        handler.send_response(302),
        handler.send_header("Location", "/dog"),
        handler.end_headers(),
    )
    assert fetch("http://pictures.example/cat", max_bytes=100) == b"woof"


def test_a_name_that_resolves_to_this_machine_hides_nothing(server):
    visit = Visit("http://pictures.example/cat", max_bytes=100, timeout=2, deadline=5)
    visit.check_public("8.8.8.8")
    visit.goes_to("http://rebound.example/secret")
    with pytest.raises(DownloadError, match=r"leads to rebound\.example, an address of this machine"):
        visit.check_public("127.0.0.1")


def test_private_addresses_may_be_asked_for_and_lead_on(server):
    visit = Visit("http://192.168.0.2/cat", max_bytes=100, timeout=2, deadline=5)
    visit.check_public("192.168.0.2")
    visit.check_public("127.0.0.1")
    visit.check_public("8.8.8.8")


def test_redirects_never_drop_the_encryption():
    visit = Visit("https://pictures.example/cat", max_bytes=100, timeout=2, deadline=5)
    visit.redirected("https://pictures.example/dog")
    with pytest.raises(DownloadError, match=r"from https to http://pictures\.example/dog, which is not followed"):
        visit.redirected("http://pictures.example/dog")


def test_a_proxy_that_drips_meets_the_deadline(server, monkeypatch):
    """A proxy is asked for a tunnel before anything is encrypted."""
    monkeypatch.setenv("https_proxy", server.base)
    monkeypatch.setattr(server.handler, "do_CONNECT", sending(server, b"HTTP/1.1 200 ", b"O", 0.02), raising=False)
    with pytest.raises(DownloadError, match="was too slow"):
        fetch("https://pictures.example/cat", max_bytes=100, timeout=5, deadline=0.4)


@pytest.mark.parametrize("host", ["8.8.8.8", "2606:4700::1111", "pictures.example"])
def test_public_hosts(host):
    assert is_public(host)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.0.1", "100.64.0.1", "169.254.1.1", "0.0.0.0"),  # noqa: S104
        *("[::1]", "fe80::1", "fd00::1", "::ffff:10.0.0.1", "localhost", "LOCALHOST.", "a.localhost"),
        *("224.0.0.1", "::1", "255.255.255.255"),
    ],
)
def test_hosts_that_are_not_public(host):
    assert not is_public(host)


def test_a_user_name_is_refused_and_a_password_not_repeated():
    with pytest.raises(DownloadError, match=r"user name is not read; give that of pictures\.example") as caught:
        quoted("https://me:secret@pictures.example/cat")
    assert "secret" not in str(caught.value)


def test_a_connection_is_closed_with_its_answer(server):
    server.pages["/cat"] = b"x" * 10
    visit = Visit(server.address("/cat"), max_bytes=100, timeout=2, deadline=5)
    response = visit.open()
    assert isinstance(response, http.client.HTTPResponse)
    raw = response.fp.raw
    assert response.read() == b"x" * 10
    response.close()
    assert raw.closed
    assert raw._line.fileno() == -1


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A key and a certificate of this machine, which nobody else has signed."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl, which makes certificates, is not on this machine")
    folder = tmp_path_factory.mktemp("certificate")
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    names = ["-addext", "subjectAltName=IP:127.0.0.1,DNS:pictures.example", "-keyout", "key.pem", "-out", "own.pem"]
    subprocess.run([openssl, *made, *names], cwd=folder, check=True, capture_output=True)
    return folder


@pytest.fixture
def secure(certificate, monkeypatch):
    """A server with this certificate, which the reader trusts."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "own.pem"))
    one = Server()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "own.pem", certificate / "key.pem")
    one.wrap(context)
    yield one
    one.close()


def test_encrypted_answers_are_read_and_bounded(secure):
    secure.pages["/cat"] = b"cat"
    assert fetch(secure.address("/cat"), max_bytes=100) == b"cat"
    secure.pages["/drip"] = sending(secure, *DRIPS["lines of headers"], 0.02)
    with pytest.raises(DownloadError, match="was too slow"):
        fetch(secure.address("/drip"), max_bytes=100, timeout=5, deadline=0.5)


def test_a_certificate_that_nobody_signed_is_refused(secure, monkeypatch):
    secure.pages["/cat"] = b"cat"
    monkeypatch.delenv("SSL_CERT_FILE")
    with pytest.raises(DownloadError, match=r"cannot reach 127\.0\.0\.1.*certificate verify failed"):
        fetch(secure.address("/cat"), max_bytes=100)
    assert secure.asked == []


def test_a_redirect_from_https_to_http_is_refused(secure):
    secure.pages["/cat"] = lambda handler: (
        handler.send_response(302),
        handler.send_header("Location", "http://127.0.0.1:9/cat"),
        handler.end_headers(),
    )
    with pytest.raises(DownloadError, match="from https to http"):
        fetch(secure.address("/cat"), max_bytes=100)


def test_encrypted_answers_come_through_a_proxy(secure, server, monkeypatch):
    """The proxy opens a tunnel to the server, whatever name it is asked for; the certificate is that of the name."""
    secure.pages["/cat"] = b"cat"

    def tunnel(handler):
        server.asked.append(handler.path)
        with socket.create_connection(("127.0.0.1", int(secure.base.rpartition(":")[2]))) as there:
            handler.send_response(200)
            handler.end_headers()
            handler.close_connection = True
            while True:
                ready, _, _ = select.select([handler.connection, there], [], [], 5)
                blocks = [(one, one.recv(1 << 16)) for one in ready]
                for one, block in blocks:
                    (there if one is handler.connection else handler.connection).sendall(block)
                if not blocks or not all(block for _, block in blocks):
                    return

    monkeypatch.setattr(server.handler, "do_CONNECT", tunnel, raising=False)
    monkeypatch.setenv("https_proxy", server.base)
    assert fetch("https://pictures.example/cat", max_bytes=100) == b"cat"
    assert server.asked == ["pictures.example:443"]
    with pytest.raises(DownloadError, match="certificate verify failed"):
        fetch("https://other.example/cat", max_bytes=100)
