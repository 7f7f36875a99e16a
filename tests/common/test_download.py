"""Files over HTTP: within limits, whole and checked, or not at all."""

import hashlib

import pytest

from xai_widgets.common.bounded_http import Visit, _opener
from xai_widgets.common.download import DownloadError, cache_directory, download, fetch, mirror_address

CONTENT = bytes(range(256)) * 500
SHA256 = "sha256:" + hashlib.sha256(CONTENT).hexdigest()


def redirect(to):
    def page(handler):
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return page


def left_in(folder):
    return sorted(path.name for path in folder.rglob("*"))


def test_a_file_arrives_whole_and_is_not_asked_twice(server, tmp_path):
    server.pages["/net.h5"] = CONTENT
    target = tmp_path / "deep" / "net.h5"
    for _ in range(2):
        assert download(server.address("/net.h5"), target, digest=SHA256).read_bytes() == CONTENT
    assert server.asked == ["/net.h5"]
    assert left_in(tmp_path) == ["deep", "net.h5"]


def test_a_file_that_changed_on_disk_is_fetched_again(server, tmp_path):
    server.pages["/net.h5"] = CONTENT
    (tmp_path / "net.h5").write_bytes(CONTENT[:-1])
    download(server.address("/net.h5"), tmp_path / "net.h5", digest="md5:" + hashlib.md5(CONTENT).hexdigest())  # noqa: S324  (as Keras publishes)
    assert (tmp_path / "net.h5").read_bytes() == CONTENT


def test_the_wrong_content_is_not_kept(server, tmp_path):
    server.pages["/net.h5"] = CONTENT[::-1]
    with pytest.raises(DownloadError, match="not the expected one"):
        download(server.address("/net.h5"), tmp_path / "net.h5", digest=SHA256)
    assert left_in(tmp_path) == []


def test_the_wrong_content_does_not_replace_what_is_there(server, tmp_path):
    server.pages["/net.h5"] = CONTENT[::-1]
    (tmp_path / "net.h5").write_bytes(b"older")
    with pytest.raises(DownloadError):
        download(server.address("/net.h5"), tmp_path / "net.h5", digest=SHA256)
    assert (tmp_path / "net.h5").read_bytes() == b"older"


def test_progress_is_told_and_may_stop_it(server, tmp_path):
    server.pages["/net.h5"] = CONTENT
    seen = []
    download(server.address("/net.h5"), tmp_path / "one", progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)

    def stop(_done, _total):
        raise ValueError("enough")

    with pytest.raises(ValueError, match="enough"):
        download(server.address("/net.h5"), tmp_path / "two", progress=stop)
    assert left_in(tmp_path) == ["one"]


def test_a_bar_is_drawn_for_what_takes_long(server, tmp_path, capsys):
    def slowly(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(3 << 20))
        handler.end_headers()
        for _ in range(6):
            handler.wfile.write(bytes(1 << 19))
            server.stopping.wait(0.15)

    for name, progress in (("slow", True), ("silent", False)):
        server.pages[f"/{name}.h5"] = slowly
        download(server.address(f"/{name}.h5"), tmp_path / name, progress=progress)
    server.pages["/small.h5"] = bytes(1000)
    download(server.address("/small.h5"), tmp_path / "small")
    said = capsys.readouterr()
    assert "slow.h5" in said.err + said.out
    assert "small.h5" not in said.err + said.out
    assert "silent.h5" not in said.err + said.out


def test_404_says_so(server):
    with pytest.raises(DownloadError, match=r"answered 404 .*/none.*check the address"):
        fetch(server.address("/none"), max_bytes=100)


def test_nobody_there():
    with pytest.raises(DownloadError, match=r"cannot reach 127\.0\.0\.1:9"):
        fetch("http://127.0.0.1:9/cat.png", max_bytes=100, timeout=2)


def test_no_network(offline):
    with pytest.raises(DownloadError, match=r"cannot reach pictures\.example .*check the connection"):
        fetch("https://pictures.example/cat.png", max_bytes=100)


def test_too_large_by_announcement_is_not_read(server):
    sent = []

    def page(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(10**12))
        handler.end_headers()
        sent.append(handler.wfile.write(bytes(100)))

    server.pages["/"] = page
    with pytest.raises(DownloadError, match="larger than the limit of 1 MB"):
        fetch(server.address("/"), max_bytes=10**6)
    assert sum(sent) <= 100


def test_an_endless_body_is_cut(server):
    def page(handler):
        handler.send_response(200)
        handler.end_headers()
        while not server.stopping.is_set():
            handler.wfile.write(bytes(1 << 16))

    server.pages["/"] = page
    with pytest.raises(DownloadError, match="larger than the limit"):
        fetch(server.address("/"), max_bytes=10**6)


def test_a_silent_server_times_out(server):
    server.pages["/"] = lambda handler: server.stopping.wait(10)
    with pytest.raises(DownloadError, match=r"nothing for 0\.3 s|did not answer"):
        fetch(server.address("/"), max_bytes=100, timeout=0.3)


def test_a_dripping_server_meets_the_deadline(server):
    def page(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        while not server.stopping.wait(0.05):
            handler.wfile.write(b"x")

    server.pages["/"] = page
    with pytest.raises(DownloadError, match=r"too slow: not complete after 0\.5 s"):
        fetch(server.address("/"), max_bytes=10**4, timeout=2, deadline=0.5)


def test_a_body_shorter_than_announced(server, tmp_path):
    def page(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(CONTENT) + 5))
        handler.end_headers()
        handler.wfile.write(CONTENT)

    server.pages["/"] = page
    with pytest.raises(DownloadError, match=f"broke off after {len(CONTENT)} of {len(CONTENT) + 5} bytes"):
        download(server.address("/"), tmp_path / "net.h5")
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("length", ["-5", "many", ""])
def test_a_length_that_makes_no_sense_is_ignored(server, length):
    def page(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", length)
        handler.end_headers()
        handler.wfile.write(CONTENT)

    server.pages["/"] = page
    assert fetch(server.address("/"), max_bytes=10**6) == CONTENT


def test_redirections_are_followed_over_http(server):
    server.pages.update({"/old": redirect("/new"), "/new": CONTENT})
    assert fetch(server.address("/old"), max_bytes=10**6) == CONTENT


@pytest.mark.parametrize("to", ["file:///etc/hostname", "ftp://127.0.0.1/x", "data:,hello", "/again"])
def test_redirections_elsewhere_are_refused(server, to):
    server.pages["/again"] = redirect(to)
    with pytest.raises(DownloadError):
        fetch(server.address("/again"), max_bytes=10**6)


@pytest.mark.parametrize(
    "address", ["file:///etc/hostname", "ftp://host/x", "data:,hello", "http://", "http:///x", "x"]
)
def test_other_addresses_are_refused(address):
    with pytest.raises(DownloadError):
        fetch(address, max_bytes=10**6)


def test_no_handler_reads_files():
    opener = _opener(Visit("http://127.0.0.1", max_bytes=1, timeout=1, deadline=1))
    names = {base.__name__ for handlers in opener.handle_open.values() for one in handlers for base in type(one).mro()}
    assert not names & {"FileHandler", "FTPHandler", "DataHandler"}


def test_an_address_with_spaces_and_accents(server):
    server.pages["/mon%20chat%20%C3%A9tonn%C3%A9.png"] = CONTENT
    for address in ("/mon chat étonné.png", "/mon%20chat%20%C3%A9tonn%C3%A9.png"):
        assert fetch(server.address(address), max_bytes=10**6) == CONTENT


def test_a_broken_answer(server):
    server.pages["/"] = lambda handler: handler.wfile.write(b"nonsense\r\n\r\n")
    with pytest.raises(DownloadError, match="check the address"):
        fetch(server.address("/"), max_bytes=10**6)


def test_the_mirror_is_a_folder(monkeypatch):
    monkeypatch.setenv("XAI_WIDGETS_MIRROR", "http://127.0.0.1:1/models/")
    assert mirror_address("a b.h5") == "http://127.0.0.1:1/models/a%20b.h5"
    monkeypatch.setenv("XAI_WIDGETS_MIRROR", " ")
    assert mirror_address("a.h5") is None


def test_the_cache_can_be_moved(monkeypatch, tmp_path):
    monkeypatch.setenv("XAI_WIDGETS_CACHE", str(tmp_path))
    assert cache_directory() == tmp_path
