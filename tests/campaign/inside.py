"""The part of the campaign that is in a node: scenarios by one wiring and one
door, one after the other.  What to do comes as JSON on standard input, what
was done goes to standard output as lines of JSON."""
import json
import sys
import time
import traceback

import node
from cell import QUIET, Cell, Door_at
from flow import Flow
from judge import History, Leaked, Wrong
from plan import chosen
from scenarios import BESIDE, all_scenarios


def tell(**what):
    print(json.dumps(what), flush=True)


def try_out(cell, name, fault):
    start = time.monotonic()
    problem, leaked, end = None, False, "wrong"
    try:
        end = cell.run(fault)
    except (Wrong, TimeoutError, node.Unanswered) as error:
        problem = f"{type(error).__name__}: {error}"
        leaked = isinstance(error, Leaked)
    except Exception:
        problem = traceback.format_exc()
    tell(name=name, cell=cell.name, kind=fault.kind, end=end,
         problem=problem, leaked=leaked,
         seconds=round(time.monotonic() - start, 3))
    return problem is None


def main():
    task = json.load(sys.stdin)
    wiring, door = task["wiring"], task["door"]
    node.set_options(QUIET)
    at, history = Door_at(door, wiring), History()
    at.door.prepare([BESIDE])
    at.tell(BESIDE)
    at.wait()
    history.follow()
    flow = Flow("r0")
    for index, scenario in enumerate(all_scenarios(wiring)):
        if scenario.name not in task["scenarios"]:
            continue
        try:
            cell = Cell(scenario, wiring, door, at, history, flow)
        except Exception:
            tell(broken=f"{scenario.name}/{wiring}/{door}",
                 why=traceback.format_exc(), log=node.last_words())
            return
        for name, fault in chosen(cell, index, task):
            if not try_out(cell, name, fault):
                tell(log=node.last_words())
                return  # The node is not to be trusted any more.
        cell.leave()
        tell(finished=scenario.name)


main()
