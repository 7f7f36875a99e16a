"""Paths that users name, and the errors of the disk: one line that names the file and says what to do."""

import errno
import io
import os
import resource
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xai_widgets import load_image, load_model
from xai_widgets.assets import cards
from xai_widgets.common.atomic_file import replacing, write_whole
from xai_widgets.common.class_labels import read_labels
from xai_widgets.common.download import DownloadError, download
from xai_widgets.common.user_files import fault_of_file, temporary_file, user_path
from xai_widgets.datasets.embedding_projector import write_projector

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the errors of POSIX systems")

READERS = {"picture": load_image, "labels": read_labels, "model": load_model}


def refuse(monkeypatch, path, number):
    """Let the system refuse to open one file; whoever runs the tests may have every permission."""
    opened = io.open

    def refusing(file, *arguments, **options):
        if not isinstance(file, int) and Path(os.fsdecode(file)) == path:
            raise OSError(number, os.strerror(number), str(file))
        return opened(file, *arguments, **options)

    monkeypatch.setattr("io.open", refusing)
    monkeypatch.setattr("builtins.open", refusing)


@contextmanager
def room_for(size):
    """Let no file grow beyond `size` bytes, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def one_line(caught):
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize("what", READERS)
@pytest.mark.parametrize("number", [errno.EACCES, errno.EIO, errno.EMFILE])
def test_a_file_that_the_system_refuses(tmp_path, monkeypatch, what, number):
    path = tmp_path / {"picture": "cat.png", "labels": "names.txt", "model": "net.keras"}[what]
    path.write_bytes(b"content")
    refuse(monkeypatch, path, number)
    with pytest.raises(ValueError, match=f"{path.name}' cannot be read: {os.strerror(number)}") as caught:
        READERS[what](path)
    one_line(caught)


@pytest.mark.parametrize("what", READERS)
@pytest.mark.parametrize(
    "name", ["~$cat.png", "~nosuchuser", "~nosuchuser/cat.h5", 5000 * "x" + ".h5", 5000 * "y", "a\0.h5", "b/\udcff.h5"]
)
def test_names_that_are_no_file(tmp_path, monkeypatch, what, name):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ValueError, match=r"there is no file|cannot be read|unknown model|cannot be a file") as caught:
        READERS[what](name if "y" in name else Path(name))
    assert len(one_line(caught)) < 1000


@pytest.mark.parametrize("name", ["~$cat.png", "~nosuchuser.png"])
def test_a_tilde_may_be_a_part_of_a_name(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    Image.new("RGB", (4, 3)).save(tmp_path / name)
    assert load_image(name).shape == (3, 4, 3)
    assert user_path("~") == Path.home()


@pytest.mark.parametrize("what", READERS)
def test_a_pipe_is_called_a_pipe(tmp_path, what):
    path = tmp_path / "pipe.keras"
    os.mkfifo(path)
    with pytest.raises(ValueError, match=r"pipe\.keras' is a pipe or a device, not a file"):
        READERS[what](path)
    assert fault_of_file(Path("/dev/null")).startswith("'/dev/null' is a pipe or a device")


def test_file_objects_that_give_no_picture(tmp_path, monkeypatch):
    path = tmp_path / "cat.png"
    Image.new("RGB", (4, 3)).save(path)
    with path.open("rb") as file:
        assert load_image(file).shape == (3, 4, 3)
    for encoding in ("utf-8", "latin-1"):
        with (
            path.open(encoding=encoding) as file,
            pytest.raises(ValueError, match="text, not bytes; open it with 'rb'"),
        ):
            load_image(file)
    with pytest.raises(ValueError, match="cannot be read: read of closed file"):
        load_image(file if file.mode == "rb" else _closed(path))
    monkeypatch.setattr("xai_widgets.datasets.pictures.picture_reading._MAX_CONTENT", 10**6)
    with Path("/dev/zero").open("rb") as endless, pytest.raises(ValueError, match="holds more than 1 MB"):
        load_image(endless)


def _closed(path):
    file = path.open("rb")
    file.close()
    return file


@pytest.mark.parametrize("nothing", [[], ()])
def test_nothing_is_no_picture(nothing):
    with pytest.raises(ValueError, match="the list is empty, or nothing has been uploaded"):
        load_image(nothing)


def test_labels_that_are_too_deep(tmp_path):
    path = tmp_path / "names.json"
    path.write_text(100_000 * "[")
    with pytest.raises(ValueError, match=r"the labels in 'names\.json' cannot be read"):
        read_labels(path)


# The cache


def test_a_cache_that_is_a_file(server, tmp_path):
    server.pages["/cat.png"] = b"cat"
    (tmp_path / "cache").write_bytes(b"")
    for below in ("cat.png", "pictures/cat.png"):
        with pytest.raises(DownloadError, match=r"cat\.png' cannot be stored: .*set XAI_WIDGETS_CACHE") as caught:
            download(server.address("/cat.png"), tmp_path / "cache" / below)
        one_line(caught)


def test_a_cache_whose_place_is_taken_by_a_folder(server, tmp_path):
    server.pages["/cat.png"] = b"cat"
    (tmp_path / "cat.png").mkdir()
    with pytest.raises(DownloadError, match=r"cannot write .*cat\.png': it is a folder; set XAI_WIDGETS_CACHE"):
        download(server.address("/cat.png"), tmp_path / "cat.png")


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_cache_that_cannot_be_written(server, tmp_path, monkeypatch, number):
    server.pages["/cat.png"] = b"cat"

    def refusing(*arguments, **options):
        raise OSError(number, os.strerror(number), "secret.part")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", refusing)
    with pytest.raises(DownloadError, match=rf"cannot write .*cat\.png': {os.strerror(number)}; set XAI_WIDGETS_CACHE"):
        download(server.address("/cat.png"), tmp_path / "cat.png")


def test_a_full_cache(server, tmp_path):
    server.pages["/net.h5"] = bytes(300_000)
    with room_for(100_000), pytest.raises(DownloadError, match=r"cannot write .*net\.h5': .*set XAI_WIDGETS_CACHE"):
        download(server.address("/net.h5"), tmp_path / "net.h5")
    assert list(tmp_path.iterdir()) == []


# Writing


def test_a_full_disk_leaves_what_was_there(tmp_path):
    target = write_whole(tmp_path / "result", "older")
    for size in (2000, 300_000):  # what is written at once, and what is written when the file is closed
        with room_for(1000), pytest.raises(OSError, match=r"cannot write .*result'"):
            write_whole(target, bytes(size))
    assert target.read_text() == "older"
    assert list(tmp_path.iterdir()) == [target]
    with room_for(10), pytest.raises(OSError, match=r"cannot write .*metadata|cannot write .*vectors"):
        write_projector(tmp_path, np.eye(20), {"name": list("abcdefghijklmnopqrst")})
    assert list(tmp_path.iterdir()) == [target]


def test_errors_of_the_caller_are_not_those_of_the_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="other"), replacing(tmp_path / "result"):
        (tmp_path / "other").read_bytes()
    assert list(tmp_path.iterdir()) == []


def test_leftovers_are_removed_and_those_of_others_left(tmp_path):
    own, others = tmp_path / ".result.a1.part", tmp_path / ".other.a1.part"
    for path in (own, others):
        path.write_bytes(b"part")
    write_whole(tmp_path / "result", "whole")
    assert sorted(tmp_path.iterdir()) == sorted([others, tmp_path / "result"])


def test_what_a_killed_download_leaves_is_removed_by_the_next(server, tmp_path):
    def endless(handler):
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not server.stopping.wait(0.05):
            handler.wfile.write(b"x")

    address, target = server.address("/net.h5"), tmp_path / "net.h5"
    server.pages["/net.h5"] = endless
    script = "import sys; from xai_widgets.common.download import download; download(*sys.argv[1:], progress=False)"
    with subprocess.Popen([sys.executable, "-c", script, address, str(target)]) as process:
        while not list(tmp_path.iterdir()):
            assert process.poll() is None
            server.stopping.wait(0.05)
        with pytest.raises(DownloadError, match="too slow"):  # the part of the other process is not taken away
            download(address, target, deadline=0.3, progress=False)
        assert len(list(tmp_path.iterdir())) == 1
        process.kill()
    assert [path.suffix for path in tmp_path.iterdir()] == [".part"]
    server.pages["/net.h5"] = b"weights"
    download(address, target)
    assert list(tmp_path.iterdir()) == [target]


def test_a_part_that_is_taken_away_before_its_lock_is_made_again(tmp_path, monkeypatch):
    import fcntl

    lock, taken = fcntl.flock, []

    def late(descriptor, how):
        if not taken:
            taken.extend(path.unlink() for path in tmp_path.iterdir())
        lock(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", late)
    write_whole(tmp_path / "result", "whole")
    assert taken == [None]
    assert (tmp_path / "result").read_text() == "whole"


def test_a_file_that_is_being_written_is_no_leftover(tmp_path):
    target = tmp_path / "result"
    with replacing(target) as file:
        file.write(b"slow")
        file.flush()
        write_whole(target, "quick")
        assert target.read_bytes() == b"quick"
    assert target.read_bytes() == b"slow"
    assert list(tmp_path.iterdir()) == [target]


# Temporary files and shipped ones


def test_no_temporary_folder(monkeypatch):
    def nowhere(*arguments, **options):
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found in ['/tmp']")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", nowhere)
    with pytest.raises(OSError, match=r"no temporary file can be written .*set TMPDIR to a folder with room") as caught:
        load_model("digits")
    one_line(caught)


def test_a_full_temporary_folder():
    with room_for(1000), pytest.raises(OSError, match="set TMPDIR"), temporary_file("net", bytes(10_000)):
        pass


@pytest.mark.parametrize(
    "damage", ["missing", "empty", "no TOML", "no names", "not text", "other weights", "no weights"]
)
def test_a_damaged_package_says_so(tmp_path, monkeypatch, damage):
    own = cards.asset_directory() / "digits"
    card = (own / "card.toml").read_text()
    folder = tmp_path / "digits"
    folder.mkdir()
    (folder / "card.toml").write_text(card)
    (folder / cards.shipped_cards()["digits"].file).write_bytes(b"other")
    match damage:
        case "missing":
            (folder / "card.toml").unlink()
            (folder / "card.toml").symlink_to(folder / "nowhere")
        case "empty":
            (folder / "card.toml").write_text("")
        case "no TOML":
            (folder / "card.toml").write_text("[" + card)
        case "no names":
            (folder / "card.toml").write_text(card.replace("labels", "names"))
        case "not text":
            (folder / "card.toml").write_bytes(b"\xff\xfe")
        case "no weights":
            (folder / cards.shipped_cards()["digits"].file).unlink()
    monkeypatch.setattr(cards, "asset_directory", lambda: tmp_path)
    cards.shipped_cards.cache_clear()
    try:
        with pytest.raises(ValueError, match=r"digits.*install the package again|unknown model 'digits'") as caught:
            load_model("digits")
    finally:
        cards.shipped_cards.cache_clear()
    one_line(caught)
