"""The part of the property tests that is in a node: one life.  Its seed comes
as JSON on standard input, what happens goes to standard output as lines of
JSON."""
import json
import os
import sys
import time
import traceback

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "campaign"))
import node  # noqa: E402
from chance import Fate  # noqa: E402
from judge import Wrong  # noqa: E402
from life import Life  # noqa: E402
from rewire import rewire  # noqa: E402


def tell(**what):
    print(json.dumps(what), flush=True)


def live(seed):
    life = Life()
    for pause, moment in Fate(seed).moments():
        tell(moment=str(moment))
        time.sleep(pause)
        life.daemon.revive()
        moment.happen(life)
    tell(moment="all is wired again from nothing")
    rewire(life)


def main():
    try:
        live(json.load(sys.stdin)["seed"])
        tell(problem=None)
    except (Wrong, TimeoutError, node.Unanswered) as error:
        tell(problem=f"{type(error).__name__}: {error}",
             log=node.last_words())
    except Exception:
        tell(problem=traceback.format_exc(), log=node.last_words())


main()
