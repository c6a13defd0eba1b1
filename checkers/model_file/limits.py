"""How much a submitted file may ask for while it is read; 10 to 50 times an honest U-Net."""

from __future__ import annotations

from answers.errors import RefusedError

FILE_BYTES = 1 << 30
JSON_BYTES = 8 << 20
JSON_DEPTH = 100
JSON_DIGITS = 30
ARCHIVE_MEMBERS = 16
COLLECTION_MEMBERS = 10_000  # of an archive of models, one for each student
COLLECTION_BYTES = 64 << 30  # of such an archive: it is read where it lies
ARCHIVE_RATIO = 200  # an honest config.json packs to 1 : 34
HDF5_DEPTH = 32
HDF5_OBJECTS = 20_000
HDF5_RATIO = 100
HDF5_NAMES = 65_536
HDF5_PARTS = 256  # of a list attribute, each of 64 kB
HDF5_TEXT_BYTES = 8 << 20
SMALL_BYTES = 1 << 20  # what is smaller than this needs no ratio
LAYERS = 2_000
CALLS = 4_000
NESTING = 8
NAME_CHARACTERS = 8_192  # a chunked weight_names attribute needs names of some thousands


def check_calls(total: int) -> None:
    """Refuse a model that runs too many layers.

    Raises: RefusedError too-many-calls.
    """
    if total > CALLS:
        raise RefusedError(
            "too-many-calls", f"The model runs {total:,} layers; the limit is {CALLS:,}."
        )
