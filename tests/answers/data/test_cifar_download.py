"""The download goes into Keras's cache, whole or not at all, from a server on this machine."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from answers.data import cifar_download
from answers.data.cifar10 import find_cifar10, open_cifar10
from answers.data.cifar_download import ARCHIVE, download_cifar10
from answers.errors import MissingError


@pytest.fixture
def archive(tiny: Any, make_tar: Any, tmp_path: Path) -> bytes:
    files = {"cifar-10-batches-py/test_batch": tiny.pickled()}
    return bytes(make_tar(tmp_path / "made.tar.gz", files).read_bytes())


@pytest.fixture
def server(archive: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HTTPServer]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(archive)))
            self.end_headers()
            self.wfile.write(archive)

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as made:
        thread = threading.Thread(target=made.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setattr(cifar_download, "URL", f"http://127.0.0.1:{made.server_port}/c.tar.gz")
        monkeypatch.setattr(cifar_download, "SHA256", hashlib.sha256(archive).hexdigest())
        monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        monkeypatch.delenv("COMPANION_DATA", raising=False)
        yield made
        made.shutdown()
        thread.join()


def nothing(done: int, total: int) -> None:
    """Nobody watches."""


@pytest.mark.usefixtures("server")
def test_the_archive_is_fetched_found_and_opened(
    archive: bytes, tmp_path: Path, tiny: Any, same_as: Any
) -> None:
    told: list[tuple[int, int]] = []
    path = download_cifar10(lambda done, total: told.append((done, total)))
    assert path == tmp_path / "keras/datasets" / ARCHIVE
    assert path.read_bytes() == archive
    assert told[-1] == (len(archive), len(archive))
    assert all(done <= total for done, total in told)
    assert find_cifar10() == path
    same_as(open_cifar10(path), tiny)


def test_a_whole_copy_is_not_fetched_again(server: HTTPServer) -> None:
    path = download_cifar10(nothing)
    server.RequestHandlerClass = BaseHTTPRequestHandler  # would answer 501
    assert download_cifar10(nothing) == path


@pytest.mark.usefixtures("server")
def test_an_archive_with_another_hash_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cifar_download, "SHA256", "0" * 64)
    with pytest.raises(MissingError, match="SHA-256 is another"):
        download_cifar10(nothing)
    assert not list((tmp_path / "keras/datasets").iterdir())


@pytest.mark.usefixtures("server")
def test_without_a_network_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cifar_download, "URL", "http://127.0.0.1:9/c.tar.gz")
    with pytest.raises(MissingError, match="no way to its server") as raised:
        download_cifar10(nothing)
    assert raised.value.code == "cifar10-no-network"
    assert "--data" in raised.value.hint


def test_a_server_that_refuses_is_no_network(server: HTTPServer) -> None:
    class Refuses(BaseHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    server.RequestHandlerClass = Refuses
    with pytest.raises(MissingError, match="HTTPError"):
        download_cifar10(nothing)


def test_the_real_address_and_hash_are_those_of_keras() -> None:
    from importlib.util import find_spec

    spec = find_spec("keras")
    assert spec is not None
    assert spec.origin is not None
    text = (Path(spec.origin).parent / "src/datasets/cifar10.py").read_text("utf-8")
    assert cifar_download.URL in text
    assert cifar_download.SHA256 in text
