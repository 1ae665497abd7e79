"""Which runs of a cell are done: all, those that are asked for by name, or a
sample that the seed decides."""
import fnmatch
import random
import re

import faults

# Of each cell in the bounded campaign, by kind of fault; of kinds that are
# alike there is one a cell, in turn.
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
    for alike in faults.ALIKE:
        there = [kind for kind in alike if kind in by_kind]
        if there:
            kind = there[turn % len(there)]
            count = min(SAMPLE.get(kind, 1), len(by_kind[kind]))
            yield from random.Random(f"{seed}/{name}/{kind}").sample(
                by_kind[kind], count)


def may_match(scenario, wiring, door, patterns):
    """Whether a pattern may ask for a run of that cell."""
    cell = f"{scenario}/{wiring}/{door}/"

    def fits(pattern):
        literal = re.split(r"[*?[]", pattern)[0]
        return cell.startswith(literal) or literal.startswith(cell)
    return not patterns or any(fits(pattern) for pattern in patterns)
