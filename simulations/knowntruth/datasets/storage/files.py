"""Atomic writing: a file is complete or absent, and folders with other content are not changed.

A long run may be interrupted, and a disk may fill up. Partial output must never replace a complete file. So a *file*
is written next to its final path under a hidden name, flushed to the disk, and moved into place by an atomic rename.
A *folder* of results is filled in a hidden folder inside it; at the end its files are moved into place, the list of
them (``manifest.json``) last.

    with output_folder("study", "study", {"seed": 1}) as folder:
        write_csv(folder / "claims.csv", claims)
        ...

The bytes depend on the content alone: no clock time, no machine, one fixed compression.
"""

import errno
import hashlib
import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from knowntruth.common.errors import InputError

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa

MANIFEST: Final = "manifest.json"
"""The list of files written into a folder; a folder without it holds files of other origin."""

GRAPH: Final = "graph.json"
"""The causal graph of a dataset as node-link data, so an analysis needs no world."""

UNFINISHED: Final = ".unfinished-"
"""Prefix of the hidden folder of an unfinished run; a killed run may leave one behind."""

MADE_BY: Final = "knowntruth"

_REASONS: Final = {
    errno.ENOSPC: "the disk is full; free some space or choose another place",
    errno.EDQUOT: "your disk quota is used up; free some space or choose another place",
    errno.EROFS: "the file system is read-only; choose another place",
    errno.EACCES: "you may not write there; choose another place or change its permissions",
    errno.EPERM: "you may not write there; choose another place or change its permissions",
    errno.ENOTDIR: "part of the path is a file, not a folder; choose another place",
    errno.EEXIST: "part of the path is a file, not a folder; choose another place",
    errno.EISDIR: "it is a folder, not a file; choose another name",
    errno.ENAMETOOLONG: "the name is too long; choose a shorter one",
}


@contextmanager
def explain_os_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's refusal to write ``path`` into one clear message.

    Raises
    ------
    InputError
        For every `OSError` of the body, with the path, the reason, and what to do.
    """
    try:
        yield
    except BrokenPipeError:
        raise  # the reader of our output stopped: not an error of this path
    except OSError as error:
        reason = _REASONS.get(error.errno or 0, error.strerror or str(error))
        shown = Path(*(part for part in path.parts if not part.startswith(UNFINISHED)))
        raise InputError(f"cannot write {shown}: {reason}") from error


@contextmanager
def write_atomically(path: Path | str) -> Iterator[Path]:
    """Yield a hidden path next to ``path``; move it into place if the body succeeds, else remove it.

    Raises
    ------
    InputError
        When the file system refuses: no space, no permission, a folder of that name.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with explain_os_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            yield part
            _flush(part)
            part.replace(path)
        finally:
            with suppress(OSError):
                part.unlink(missing_ok=True)


def write_bytes(path: Path | str, content: bytes) -> None:
    """Write ``content`` to ``path``, atomically."""
    with write_atomically(path) as part:
        part.write_bytes(content)


def write_text(path: Path | str, text: str) -> None:
    """Write ``text`` as UTF-8 with the line ends it has, atomically."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path | str, content: Mapping[str, Any]) -> None:
    """Write ``content`` as indented JSON; keys keep their order."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def write_csv(path: Path | str, frame: "pd.DataFrame") -> None:
    """Write ``frame`` as CSV without its index; numbers keep full precision."""
    write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def write_parquet(path: Path | str, table: "pa.Table") -> None:
    """Write ``table`` as Parquet with Zstandard compression and without library metadata."""
    import pyarrow.parquet as pq

    with write_atomically(path) as part:
        pq.write_table(table.replace_schema_metadata(None), part, compression="zstd", compression_level=3)


def sha256(path: Path | str) -> str:
    """Return the SHA-256 hash of a file as 64 hexadecimal digits."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def output_folder(path: Path | str, command: str, head: Mapping[str, Any]) -> Iterator[Path]:
    """Yield an empty folder to fill; move its files to ``path`` if the body succeeds, else remove it.

    ``path`` must not exist, or be empty, or hold what the same ``command`` wrote there before: those files are
    replaced, and other files of the user stay. ``head`` opens the manifest, which then lists every
    file with its SHA-256.

    Raises
    ------
    InputError
        When ``path`` is a file, holds something else, or cannot be written.
    """
    path = Path(path)
    before = check_output(path, command)
    existed = path.exists()
    with explain_os_errors(path):
        path.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=path))
    try:
        yield stage
        with explain_os_errors(path):
            _publish(stage, path, {"made_by": MADE_BY, "command": command, **head}, before)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        if not existed:
            with suppress(OSError):
                path.rmdir()  # succeeds only while it is empty


def check_output(path: Path, command: str) -> tuple[str, ...]:
    """Return the files that ``command`` wrote into ``path`` before; nothing if it is new or empty.

    Raises
    ------
    InputError
        When ``path`` is a file, holds files of other origin, or holds the results of another command.
    """
    with explain_os_errors(path):
        if path.exists() and not path.is_dir():
            raise InputError(f"cannot write into {path}: it is a file, not a folder; choose another --out")
        if not path.is_dir() or all(entry.name.startswith(UNFINISHED) for entry in path.iterdir()):
            return ()
    manifest = _manifest(path / MANIFEST)
    if manifest is None:
        raise InputError(
            f"cannot write into {path}: it exists and holds files that knowntruth did not write; "
            "choose another --out, or empty it"
        )
    if manifest["command"] != command:
        raise InputError(
            f"cannot write into {path}: it holds results of `knowntruth {manifest['command']}`; choose another --out"
        )
    return tuple(manifest["files"])


def _manifest(path: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    ours = isinstance(manifest, dict) and manifest.get("made_by") == MADE_BY and "command" in manifest
    return manifest if ours and isinstance(manifest.get("files"), dict) else None


def _publish(stage: Path, path: Path, head: Mapping[str, Any], before: tuple[str, ...]) -> None:
    files = sorted(file.relative_to(stage).as_posix() for file in stage.rglob("*") if file.is_file())
    manifest = {**head, "files": {name: sha256(stage / name) for name in files}}
    write_json(stage / MANIFEST, manifest)
    for name in (*files, MANIFEST):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (stage / name).replace(path / name)
    for name in sorted(set(before) - set(files)):
        _remove_old(path, name)


def _remove_old(path: Path, name: str) -> None:
    """Remove a file of an earlier run, and its folder if that is now empty; never one outside ``path``."""
    old = path / name
    if not old.resolve().is_relative_to(path.resolve()):
        return
    old.unlink(missing_ok=True)
    if old.parent != path:
        with suppress(OSError):
            old.parent.rmdir()


def _flush(path: Path) -> None:
    with path.open("rb+") as file:
        os.fsync(file.fileno())
