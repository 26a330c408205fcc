"""The real command `trackone`: in this process to be quick, as a process of its own where that matters."""

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import BytesIO, TextIOWrapper
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from connector.cli.main import main

START = "import sys; from connector.cli.main import main; main(sys.argv[1:])"


class Answer(NamedTuple):
    """What the command left: its exit code, standard output byte for byte, and standard error."""

    code: int
    data: bytes
    err: str

    @property
    def out(self) -> str:
        """Standard output as text."""
        return self.data.decode()


def trackone(*words: object, folder: Path, stdin: str = "") -> Answer:
    """The command in `folder`, in this process; it sees no terminal."""
    out, err = _stream(b""), _stream(b"")
    kept, sys.stdin = sys.stdin, _stream(stdin.encode())
    code = 0
    try:
        with chdir(folder), redirect_stdout(out), redirect_stderr(err):
            try:
                main([str(word) for word in words])
            except SystemExit as ended:
                code = ended.code
    finally:
        sys.stdin = kept
    return Answer(code, _bytes(out), _bytes(err).decode())


def process(*words: object, folder: Path, environ: Mapping[str, str] | None = None) -> Answer:
    """The command in `folder` as a process of its own, with `environ` over the environment."""
    started = start(*words, folder=folder, environ=environ)
    out, err = started.communicate(timeout=120)
    return Answer(started.returncode, out, err.decode())


def start(*words: object, folder: Path, environ: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
    """The command begun as a process of its own, its output still to be read."""
    return subprocess.Popen(
        [sys.executable, "-c", START, *map(str, words)],
        cwd=folder,
        env={**os.environ, **(environ or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def in_memory() -> TemporaryDirectory[str]:
    """A folder of its own, in memory where the system has that: every run waits for its disk."""
    memory = Path("/dev/shm")  # noqa: S108 - only where to put the folder
    return TemporaryDirectory(dir=memory if memory.is_dir() else None)


def _stream(data: bytes) -> TextIOWrapper:
    return TextIOWrapper(BytesIO(data), encoding="utf-8", newline="", write_through=True)


def _bytes(stream: TextIOWrapper) -> bytes:
    stream.flush()
    return stream.buffer.getvalue()
