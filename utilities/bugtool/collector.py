"""Takes one source after the other into the archive, within the time for all
of them, and does not ask again who did not answer."""
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from .command import Outcome, run

MIB = 1 << 20
ONE_COMMAND = 10.0  # Seconds.
ONE_FILE = 8 * MIB


@dataclass
class Source:
    """A file of the archive and where its text comes from: a command, or a
    function that reads files and returns an Outcome."""
    path: str
    argv: tuple[str, ...] = ()
    look: Callable[[], Outcome] | None = None
    words: str = ""  # In place of a command's.
    asks: str = ""  # Who answers.
    shape: Callable[[str], str] = lambda text: text
    limit: int = ONE_FILE
    most_read: int = 0  # If more than the limit.
    is_optional: bool = False  # What a node may well be without.

    def __str__(self):
        return " ".join(self.argv) or self.words


class Collector:
    def __init__(self, seconds, is_unlimited=False):
        self.end = time.monotonic() + seconds
        self.is_unlimited = is_unlimited
        self.silent = {}  # Who did not answer, and what was asked.

    def gather(self, source):
        """What there is of a source, or why there is nothing."""
        if self.is_unlimited:
            source = replace(source, limit=1 << 40)
        if source.asks in self.silent:
            return Outcome(error=f"not asked: {source.asks} has not answered "
                                 f"\"{self.silent[source.asks]}\"")
        if time.monotonic() > self.end:
            return Outcome(error="the time is up")
        try:
            outcome = source.look() if source.look else self.run(source)
            outcome.text = source.shape(outcome.text)
        except (OSError, ValueError, LookupError, TypeError) as error:
            return Outcome(error=f"cannot be read: {error}")
        return fit(outcome, source.limit)

    def run(self, source):
        seconds = min(ONE_COMMAND, max(self.end - time.monotonic(), 1))
        outcome = run(source.argv, seconds, max(source.limit, source.most_read))
        if outcome.is_late and source.asks:
            self.silent[source.asks] = str(source)
        return outcome

    def ask(self, argv, asks, limit=64 * MIB):
        """The answer of a command, or an empty text."""
        outcome = self.gather(Source("", tuple(argv), asks=asks, limit=limit))
        return "" if outcome.error or outcome.is_truncated else outcome.text


def fit(outcome, limit):
    """The first lines, if all would be too large."""
    if len(outcome.text) > limit:
        outcome.text = outcome.text[:outcome.text.rfind("\n", 0, limit) + 1]
        outcome.is_truncated = True
    return outcome
