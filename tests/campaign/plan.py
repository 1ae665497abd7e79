"""Which runs of a cell are done: all, those that are asked for by name, or a
sample that the seed decides."""
import fnmatch
import random
import re

import faults

# Of each cell in the bounded campaign, by kind of fault; of the slow kinds
# there is one a cell, in turn.
SAMPLE = {"fail": 3}


def chosen(cell, turn, task):
    done = set(task["skip"])
    runs = [(name, fault) for name, fault in cell.faults()]
    if task["patterns"]:
        runs = [run for run in runs if any(
            fnmatch.fnmatchcase(run[0], pattern)
            for pattern in task["patterns"])]
    elif not task["full"]:
        runs = list(sample(cell.name, runs, turn, task["seed"]))
    return [run for run in runs if run[0] not in done]


def sample(name, runs, turn, seed):
    by_kind = {}
    for run in runs:
        by_kind.setdefault(run[1].kind, []).append(run)
    slow = [kind for kind in faults.SLOW if kind in by_kind]
    for kind, these in by_kind.items():
        if kind in faults.SLOW and kind != slow[turn % len(slow)]:
            continue
        count = min(SAMPLE.get(kind, 1), len(these))
        yield from random.Random(f"{seed}/{name}/{kind}").sample(these, count)


def may_match(scenario, wiring, door, patterns):
    """Whether a pattern may ask for a run of that cell."""
    cell = f"{scenario}/{wiring}/{door}/"

    def fits(pattern):
        literal = re.split(r"[*?[]", pattern)[0]
        return cell.startswith(literal) or literal.startswith(cell)
    return not patterns or any(fits(pattern) for pattern in patterns)
