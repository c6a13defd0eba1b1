"""Fetch CIFAR-10 into Keras's cache, under Keras's own name, so that both use one copy."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from answers.data.cifar10 import keras_datasets
from answers.errors import MissingError

URL = "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz"
SHA256 = "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce"
BYTES = 170_498_071
# The name of Keras 3.15, which unpacks it beside itself when it is first asked.
ARCHIVE = "cifar-10-batches-py-target_archive"

Progress = Callable[[int, int], None]


@dataclass
class _Bar:
    """What pooch wants of a progress bar, as calls of (bytes done, bytes in all)."""

    tell: Progress
    total: int = 0
    done: int = 0

    def update(self, count: int) -> None:
        self.done = min(self.done + count, self.total) if self.total else self.done + count
        self.tell(self.done, self.total)

    def reset(self) -> None:
        self.done = 0

    def close(self) -> None:
        """Nothing is open."""


def download_cifar10(progress: Progress) -> Path:
    """Download the archive (170 MB), check its SHA-256, and return its path.

    progress: called with bytes done and bytes in all (0 where the server does not say).

    A whole copy that is there already is kept, and nothing is fetched. Raises MissingError:
    cifar10-no-network, cifar10-damaged, cifar10-no-space.
    """
    folder = _writable(keras_datasets())
    try:
        return _retrieve(folder, progress)
    except ValueError as error:  # pooch's word for another hash
        raise MissingError(
            "cifar10-damaged",
            "The downloaded archive of CIFAR-10 is not the original: its SHA-256 is another.",
            hint="Try again; a proxy or a full disk can cut a download.",
        ) from error
    except OSError as error:  # every network error of requests is one, and so is a full disk
        raise _not_fetched(folder, error) from error


def _retrieve(folder: Path, progress: Progress) -> Path:
    import pooch

    # Its log goes to stderr; what is told to people is the command line's business.
    pooch.get_logger().setLevel("ERROR")
    bar = pooch.HTTPDownloader(progressbar=_Bar(progress), chunk_size=1 << 16)
    path = pooch.retrieve(
        URL, known_hash=f"sha256:{SHA256}", fname=ARCHIVE, path=folder, downloader=bar
    )
    return Path(path)


def _writable(places: tuple[Path, ...]) -> Path:
    for place in places:
        try:
            place.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue  # the next one is tried, and the error below says that none was left
        if os.access(place, os.W_OK):
            return place
    raise MissingError(
        "cifar10-no-space",
        f"None of the folders {', '.join(map(str, places))} can be written.",
        hint="Set KERAS_HOME to a folder that can be written.",
    )


def _not_fetched(folder: Path, error: OSError) -> MissingError:
    if type(error) is OSError or isinstance(error, PermissionError):
        return MissingError(
            "cifar10-no-space",
            f"The archive of CIFAR-10 could not be written to '{folder}': {error}.",
            hint=f"{BYTES:,} bytes are needed; set KERAS_HOME to a folder with room.",
        )
    return MissingError(
        "cifar10-no-network",
        "The archive of CIFAR-10 could not be fetched: there is no way to its server "
        f"({type(error).__name__}).",
        hint=f"Fetch {URL} on another machine, and give its path with --data, "
        f"or put it into '{folder}' as '{ARCHIVE}'.",
    )
