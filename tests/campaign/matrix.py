"""The sums of a campaign, by scenario, wiring, door and kind of fault."""
from collections import Counter
from itertools import chain

from faults import ALIKE

KINDS = tuple(chain(*ALIKE))
LABEL, COLUMN = 30, 14


class Matrix:
    def __init__(self):
        self.counts = {}  # By cell and kind: how the runs ended.
        self.names = set()
        self.leaked = 0
        self.broken = 0  # Cells of which nothing is known.

    def add(self, run):
        cell = self.counts.setdefault(run["cell"], {})
        cell.setdefault(run["kind"], Counter())[run["end"]] += 1
        self.names.add(run["name"])
        self.leaked += run["leaked"]

    def ended(self, end, cell=None):
        cells = [self.counts[cell]] if cell else self.counts.values()
        return sum(ends[end] for kinds in cells for ends in kinds.values())

    def is_good(self, least):
        return (len(self.names) >= least and not self.ended("wrong")
                and not self.broken)

    def text(self, seconds):
        kinds = [kind for kind in KINDS
                 if any(kind in cell for cell in self.counts.values())]
        rows = [["tried/undone/completed", *kinds, "wrong"]]
        rows += [[cell, *(self.show(self.counts[cell].get(kind))
                          for kind in kinds), str(self.ended("wrong", cell))]
                 for cell in sorted(self.counts)]
        lines = ["".join([row[0].ljust(LABEL),
                          *(word.rjust(max(COLUMN, len(kind) + 2))
                            for word, kind in zip(row[1:], rows[0][1:]))])
                 for row in rows]
        wrong, runs = self.ended("wrong"), len(self.names)
        lines += ["", f"{runs} distinct fault runs in {seconds:.0f} s: "
                  f"{self.ended('undone')} undone, "
                  f"{self.ended('completed')} completed, wrong = {wrong}, "
                  f"leaked = {self.leaked}"
                  + (f", {self.broken} scenarios could not begin"
                     if self.broken else ""),
                  f"fault campaign: {runs - wrong} of {runs + self.broken} "
                  "runs passed"]
        return "\n".join(lines)

    @staticmethod
    def show(ends):
        if not ends:
            return "-"
        tried = sum(ends.values())
        return f"{tried}/{ends['undone']}/{ends['completed']}"
