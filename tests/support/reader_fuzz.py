"""Honest files with something changed, read by a worker that may die of it.

    python tests/support/reader_fuzz.py [COUNT] [SEED]

Each input is made from its number and a seed alone, so that one that does harm can be made again.
The worker does what the reader and the parent do with a file: configuration, limits, every array.
It is started again behind an input that kills it, as the reader is for every file.
"""

from __future__ import annotations

import copy
import faulthandler
import io
import json
import random
import re
import resource
import subprocess
import sys
import time
import traceback
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import config_fuzz

SECONDS = 10  # of the processor, for one input
_WAITED = 60  # by the clock, on a machine that is busy with other things
MEMORY = 2 << 30
_SMALL = 64 << 10
_HDF5 = b"\x89HDF\r\n"
_ATTRIBUTE = 60_000  # HDF5 keeps no larger one with its object
_FIRST, _LAST = "begin", "end"


# --- one input ------------------------------------------------------------------------------


def sources(corpus: Path) -> list[bytes]:
    """The honest files of the corpus, small ones, of every container, age and kind of layer."""
    hostile, dialects = corpus / "hostile" / "files", corpus / "models" / "dialects"
    small = [p for p in dialects.glob("*.*") if p.is_file() and p.stat().st_size < _SMALL]
    found = [path.read_bytes() for path in sorted((*hostile.glob("ctl_*"), *small))]
    return [data for data in found if data.startswith(_HDF5) or _is_archive(data)]


def _is_archive(data: bytes) -> bool:
    return zipfile.is_zipfile(io.BytesIO(data))


def changed(files: list[bytes], seed: int, number: int) -> bytes:
    """Input `number` of a series."""
    chance = random.Random(f"{seed}/{number}")  # noqa: S311  # has to be the same everywhere
    source = chance.choice(files)
    way: Callable[[bytes, random.Random], bytes] = chance.choice(_WAYS)
    return way(source, chance)


def _bytes(data: bytes, chance: random.Random) -> bytes:
    """A few bytes of the file as it lies there: turned, cut off, left out, doubled."""
    whole = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        if len(whole) < 2:
            break
        at, length = chance.randrange(len(whole)), chance.choice((1, 2, 4, 8, 64))
        kind = chance.randrange(8)
        if kind < 4:
            whole[at] ^= 1 << chance.randrange(8)
        elif kind == 4:
            whole[at : at + length] = chance.choice((b"\0", b"\xff", b"\x7f", b"\x80")) * length
        elif kind == 5:
            del whole[at : at + length]
        elif kind == 6:
            whole[at:at] = whole[at : at + length]
        else:
            del whole[max(at, 1) :]
    return bytes(whole)


def _inside(data: bytes, chance: random.Random) -> bytes:
    """Bytes of one member of an archive, packed again with the right checksums."""
    if not _is_archive(data):
        return _bytes(data, chance)
    members = _members(data)
    name = chance.choice(sorted(members))
    members[name] = _bytes(members[name], chance)
    return _packed(members)


def _settings(data: bytes, chance: random.Random) -> bytes:
    """The configuration with something else in it, as JSON that is still whole."""
    return _with_config(data, chance, _other_json)


def _structure(data: bytes, chance: random.Random) -> bytes:
    """The configuration with its layers, calls or models otherwise."""
    return _with_config(data, chance, _other_structure)


def _with_config(
    data: bytes, chance: random.Random, other: Callable[[bytes | str, random.Random], bytes]
) -> bytes:
    if _is_archive(data):
        members = _members(data)
        name = next((name for name in members if name.endswith("config.json")), "")
        if not name:
            return _inside(data, chance)
        members[name] = other(members[name], chance)
        return _packed(members)
    import h5py

    content = io.BytesIO(data)
    try:
        with h5py.File(content, "r+") as file:
            written = other(file.attrs.get("model_config", "{}"), chance)
            if len(written) < _ATTRIBUTE:
                file.attrs["model_config"] = written
    except OSError:  # no such file
        return _bytes(data, chance)
    return content.getvalue()


def _other_structure(text: bytes | str, chance: random.Random) -> bytes:
    return json.dumps(config_fuzz.changed(json.loads(text), chance)).encode()


_WAYS = (_bytes, _inside, _settings, _structure, _structure)


def _members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(members: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, value in members.items():
            archive.writestr(zipfile.ZipInfo(name), value)
    return content.getvalue()


_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, 1, -1, 2, 7, 1e308, -0.5, 1 << 31, 1 << 63, 1 << 90, "", "same"),
    *("valid", "relu", "Lambda", "Dense", "Functional", "__lambda__", "os.system", "\0", "\ud800"),
    *([], {}, [[]], [1, 2], [0, 0], [None], ["x", 0, 0], [[["x", 0, 0, {}]]], [None, 32, 32, 3]),
    *({"class_name": "Dense"}, {"class_name": "Lambda", "config": {}}, {"config": []}),
    *({"class_name": "__keras_tensor__", "config": {"keras_history": ["x", 0, 0]}},),
)


def _other_json(text: bytes | str, chance: random.Random) -> bytes:
    document = json.loads(text)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        _change(document, chance)
    return json.dumps(document).encode()


def _change(document: Any, chance: random.Random) -> None:
    places = list(_places(document))
    if not places:
        return
    holder, key = chance.choice(places)
    kind = chance.randrange(6)
    if kind < 3:
        holder[key] = copy.deepcopy(chance.choice(_VALUES))
    elif kind == 3:
        other, name = chance.choice(places)
        holder[key] = copy.deepcopy(other[name])
    elif kind == 4:
        del holder[key]
    elif isinstance(holder, list):
        holder.insert(key, copy.deepcopy(holder[key]))
    else:
        holder[chance.choice(("name", "extra", "config", "layers"))] = copy.deepcopy(holder[key])


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document: what holds it, and the key or the number there."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from _places(value[key])


# --- the worker -----------------------------------------------------------------------------


def outcome(data: bytes) -> str:
    """How a file ends: 'opened', the code of a typed error, or the name of any other one."""
    said = [_ended(question, data) for question in (_read, *_LOOKS)]
    return next((word for word in said if word.startswith("UNTYPED")), said[0])


def _ended(question: Callable[[bytes], None], data: bytes) -> str:
    from answers.errors import InputError, MissingError, ModelFileError, RefusedError

    try:
        question(data)
    except (ModelFileError, RefusedError, MissingError) as error:
        return error.code
    except InputError as error:  # the parent makes a refusal of it
        return error.code
    except Exception as error:  # noqa: BLE001  # this is what is looked for
        return f"UNTYPED {type(error).__name__}: {error!s:.200} ({_place(error)})"
    return "opened"


def _place(error: Exception) -> str:
    *_, last = traceback.extract_tb(error.__traceback__)
    return f"{Path(last.filename).name}:{last.name}"


def _read(data: bytes) -> None:
    """What a grade does with a file before an engine has it."""
    from answers.network.parameters import parameters
    from answers.network.shapes import input_shapes
    from checkers.assignment.assignment import Limits
    from checkers.engine.choice import choose
    from checkers.measuring.fitting import check_limits, cost_of, fed
    from checkers.model_file.reader import open_model
    from checkers.model_file.record import Expected, from_document, to_document

    opened = open_model(io.BytesIO(data), Expected(size=(32, 32)))
    model = from_document(json.loads(json.dumps(to_document(opened.model))))
    network = model.network
    fed(network, _contract())
    check_limits(network, cost_of(network, _contract()), Limits(), len(data))
    read = sum(array.size for array in opened.weights())
    if read != parameters(network).total:
        raise AssertionError(f"{read} numbers for {parameters(network).total}")
    sample, *others = input_shapes(network)
    if not others:
        choose("auto", network, tuple(32 if size is None else size for size in sample))


def _look(data: bytes) -> None:
    """What `inspect` asks."""
    from answers.network.document import from_json, to_json
    from answers.network.summary import summary
    from checkers.model_file.reader import read_network
    from checkers.model_file.stored_arrays import stored_arrays

    network = from_json(json.loads(json.dumps(to_json(read_network(io.BytesIO(data))))))
    summary(network)
    stored_arrays(io.BytesIO(data), network)


def _list(data: bytes) -> None:
    """What a call with an archive of models asks."""
    from checkers.model_file.archive import contents, unpacked

    for model in contents(io.BytesIO(data)).models:
        unpacked(io.BytesIO(data), model.name)


_LOOKS = (_look, _list)


def _contract() -> Any:
    from answers.data.input_contract import InputContract

    return InputContract(size=(32, 32))


def work(corpus: Path, seed: int, first: int, last: int) -> None:
    """Read the inputs of a series, and say before and after each what it is and how it ended."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    faulthandler.enable()
    files = sources(corpus)
    for number in range(first, last):
        data = changed(files, seed, number)
        # also a loop in a C library ends, and where it was is said
        faulthandler.dump_traceback_later(_WAITED, exit=True)
        _say(_FIRST, number)
        begin = time.process_time()
        said = outcome(data)
        faulthandler.cancel_dump_traceback_later()
        _say(_LAST, number, time.process_time() - begin, _peak(), said)


def _peak() -> int:
    """The most memory of this process so far, in KiB.

    `ru_maxrss` would do, had it not been the parent's before this program was started.
    """
    status = Path("/proc/self/status").read_text("utf-8")
    return int(status.split("VmHWM:")[1].split()[0])


def _say(*words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


# --- the campaign ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Death:
    """How an input ended the worker: 'late' or a signal, and the Python file it was in."""

    how: str
    file: str


@dataclass
class Campaign:
    """What became of a series. killed: inputs that ended the worker, by number.

    first: the number of the first input that ended so.
    """

    ended: Counter[str] = field(default_factory=Counter)
    killed: dict[int, Death] = field(default_factory=dict)
    first: dict[str, int] = field(default_factory=dict)
    longest: float = 0.0
    largest: int = 0  # bytes

    @property
    def untyped(self) -> list[str]:
        """Errors that no person should meet."""
        return [word for word in self.ended if word.startswith("UNTYPED")]


def campaign(corpus: Path, *, count: int, seed: int) -> Campaign:
    """Read a whole series, with a new worker behind each input that kills one."""
    found, first = Campaign(), 0
    while first < count:
        command = [sys.executable, "-B", __file__, "worker", str(corpus)]
        done = subprocess.run(
            [*command, str(seed), str(first), str(count)],
            capture_output=True,
            check=False,
            text=True,
        )
        first = _take(found, done, count)
    return found


def _take(found: Campaign, done: subprocess.CompletedProcess[str], count: int) -> int:
    """Take one worker's words in; says where the next one begins."""
    begun = -1
    for kind, number, *rest in map(json.loads, done.stdout.splitlines()):
        begun = number
        if kind == _LAST:
            seconds, peak, word = rest
            found.ended[word] += 1
            found.first.setdefault(word, number)
            found.longest = max(found.longest, seconds)
            found.largest = max(found.largest, 1024 * peak)
    if done.returncode == 0:
        return count
    if begun < 0:
        raise RuntimeError(f"the worker died before it began: {done.stderr}")
    why = "late" if "Timeout" in done.stderr else f"signal {-done.returncode}"
    frame = re.search(r'File ".*?([^/"]+)", line \d+ in (\w+)', done.stderr)
    found.killed[begun] = Death(why, frame[1] if frame else "")
    return int(begun) + 1


if __name__ == "__main__":
    if sys.argv[1:2] == ["worker"]:
        work(Path(sys.argv[2]), *map(int, sys.argv[3:6]))
    else:
        from corpus import corpus_path

        numbers = [*map(int, sys.argv[1:3]), *(10_000, 1)[len(sys.argv) - 1 :]]
        place = corpus_path()
        if place is None:
            raise SystemExit("There is no reference corpus here: set COMPANION_CORPUS.")
        start = time.monotonic()
        ended = campaign(place, count=numbers[0], seed=numbers[1])
        for word, times in ended.ended.most_common():
            sys.stdout.write(f"{times:7,}  {word} (input {ended.first[word]})\n")
        sys.stdout.write(
            f"killed: {ended.killed}; longest {ended.longest:.2f} s; largest "
            f"{ended.largest / 2**20:.0f} MiB; {time.monotonic() - start:.0f} s altogether\n"
        )
