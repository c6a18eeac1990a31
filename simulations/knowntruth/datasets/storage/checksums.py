"""Checksums of all files of a folder, as ``sha256sum -c SHA256SUMS`` reads them."""

from pathlib import Path
from typing import Final

from knowntruth.datasets.storage.files import sha256, write_text

NAME: Final = "SHA256SUMS"


def write_checksums(folder: Path) -> None:
    """Write the SHA-256 hash of every file that stands in ``folder``, sorted by name.

    Raises
    ------
    InputError
        If the file system refuses.
    """
    files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
    write_text(folder / NAME, "".join(f"{sha256(folder / name)}  {name}\n" for name in files if name != NAME))
