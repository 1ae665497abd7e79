"""The archive: a tar.gz that only its owner may read, with a manifest of what
is in it and of what is not, and why."""
import io
import json
import os
import sys
import tarfile
import time

from .collector import MIB, fit

LARGEST = 256 * MIB  # Of all files, before they are packed.


class Archive:
    """Written piece by piece; gone again unless it is closed."""

    def __init__(self, file, redact, is_unlimited=False):
        self.now = time.time()
        self.folder = time.strftime("ovs-snat-bugtool-%Y%m%dT%H%M%SZ",
                                    time.gmtime(self.now))
        self.name = file or os.path.join(
            os.environ.get("TMPDIR", "/tmp"), f"{self.folder}.tar.gz")
        self.redact = redact
        self.left = 1 << 60 if is_unlimited else LARGEST
        self.entries = []
        self.stream = open_new(self.name)
        self.tar = tarfile.open(fileobj=self.stream, mode="w|gz")

    def add(self, source, outcome):
        """The outcome becomes a file, or at least words in the manifest."""
        outcome.text = self.redact(outcome.text)
        fit(outcome, self.left)
        self.left -= len(outcome.text)
        entry = {"file": self.redact(source.path), "from": self.redact(
            str(source)), "bytes": len(outcome.text.encode()),
            "seconds": round(outcome.seconds, 3)}
        if source.argv:
            entry["exit_status"] = outcome.status
        if source.is_optional:
            entry["optional"] = True
        if outcome.is_truncated:
            entry["truncated"] = True
        for key in "error", "stderr":
            if words := getattr(outcome, key):
                entry[key] = self.redact(words)
        self.entries.append(entry)
        if outcome.text:
            self._write(entry["file"], outcome.text)

    def close(self, facts):
        """Nothing may be added after the manifest."""
        manifest = {**facts, "files": self.entries}
        self._write("manifest.json", json.dumps(manifest, indent=2) + "\n")
        self.tar.close()
        self.stream.close()

    def discard(self):
        """Half an archive is of no use."""
        discard(self.name)

    def _write(self, path, text):
        data = text.encode(errors="backslashreplace")
        entry = tarfile.TarInfo(f"{self.folder}/{path}")
        entry.size = len(data)
        entry.mtime = int(self.now)
        entry.mode = 0o600
        self.tar.addfile(entry, io.BytesIO(data))


def open_new(name, mode="wb"):
    """A file that was not there, for us alone; or the standard output."""
    if name == "-":
        return os.fdopen(os.dup(sys.stdout.fileno()), mode)
    return open(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL
                        | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600), mode)


def discard(name):
    """What open_new() made."""
    if name != "-":
        os.unlink(name)
