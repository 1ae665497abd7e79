"""Whether two outputs are alike, but for what is never twice the same."""
import re

# What is compared as one word.
VARIES = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?([+-]\d{4}|Z)?", "TIME"),
    (r"TIME[ ,]+\d+\b", "TIME N"),  # The milliseconds that a change took.
    (r"[\d./]+ ?(ms|us|seconds|s|MB|kB)\b", "N \\1"),
    (r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "UUID"),
    (r"\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b", "MAC"),
    (r"\bfe80::[0-9a-f:]+", "LINK-LOCAL"),
    (r"\b0x[0-9a-f]+\b", "HEX"),
    (r"\bpid \d+", "pid N"),
    (r"@if\d+", "@ifN"),
    (r"^\d+: (?=\S+: <)", "N: "),  # The index of a device,
    (r"\(id: \d+\)", "(id: N)"),  # and of a namespace.
    (r"-{2,}", "--"),  # Under the headings of a table.
    (r"\s+", " "),
)


def comparable(line):
    for pattern, word in VARIES:
        line = re.sub(pattern, word, line)
    return line.strip()


def pattern_of(told):
    """An expression for what a document tells."""
    parts = []
    for line in told:
        if line.strip() == "...":
            parts.append(r"(?:.*\n)*?")
        else:
            words = comparable(line).split("...")
            parts.append(".*".join(map(re.escape, words)) + r"\n")
    return "".join(parts)


def trimmed(lines):
    """Without what nobody sees."""
    lines = [line.rstrip() for line in lines]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def are_alike(told, printed):
    text = "".join(comparable(line) + "\n" for line in trimmed(printed))
    return re.fullmatch(pattern_of(trimmed(told)), text) is not None
