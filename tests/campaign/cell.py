"""One scenario by one wiring and one door: where it begins and may end, and
every run of it, each with one fault."""
import os
import signal
import time

import faults
import judge
import node
from doors import DOORS
from flow import Flow
from judge import Leaked, State, Wrong
from scenarios import BESIDE

PATIENCE = 20  # Seconds until it must be over.

# What was undone is not tried again behind our back, and the daemon is as
# quick as it can be.
QUIET = {"retry-initial": 3600000, "retry-max": 3600000, "change-rate": 0,
         "change-history": 100, "switch-timeout": 10000,
         "check-timeout": 5000}
# What a dead switch or database has spoilt is mended by retries.
HEALING = {**QUIET, "retry-initial": 100, "retry-max": 1000,
           "check-timeout": 1500}
IMPATIENT = {**HEALING, "switch-timeout": 400, "check-timeout": 800}


class Reference:
    """What a configuration looks like when nothing fails."""

    def __init__(self, state, good):
        self.state = state
        self.good = dict(good)


class Door_at:
    """A door, and the configuration that was told through it last."""

    def __init__(self, name, wiring):
        self.door = DOORS[name](wiring)
        self.told = {}

    def tell(self, way):
        self.door.edit(self.told, way)
        self.told = way

    def wait(self):
        node.wait_until(self.is_over, PATIENCE, "the end of the edit")

    def is_over(self):
        try:
            return self.door.is_over()
        except node.Unanswered:  # The database is being started again.
            return False


class Cell:
    def __init__(self, scenario, wiring, door, at, history, flow):
        self.scenario, self.ways = scenario, scenario.ways
        self.name = f"{scenario.name}/{wiring}/{door}"
        self.at, self.history = at, history
        self.flows = [flow]
        self.partial = {}
        at.door.prepare([{name: router for name, router in way.items()
                          if name not in BESIDE} for way in self.ways])
        self.refer()

    def refer(self):
        """Each edit without a fault, there and back."""
        self.go(self.ways[0])
        if all("r1" in way and "sg-r1-a" in way["r1"].ports
               for way in self.ways):
            self.flows.append(Flow("r1"))
        begin = self.refer_to_now()
        self.references = [begin]
        # By edit and router: the kinds of its steps.
        self.kinds = [self.kinds_of(self.go(way)) for way in self.ways[1:]]
        self.go(self.ways[0])
        for way, kinds in zip(self.ways[1:], self.kinds):
            self.leave_out_mended(kinds, self.kinds_of(self.go(way)))
            self.references.append(self.refer_to_now())
        if len(self.ways[0]) > 2:
            for router in self.scenario.routers:
                self.go(self.ways[0])
                self.go(self.without(router))
                self.partial[router] = self.refer_to_now()
        self.go(self.ways[0])
        self.now = self.settle([begin])[1]

    @staticmethod
    def kinds_of(changes):
        return {change["router"]: [step["step"] for step in change["steps"]]
                for change in changes}

    @staticmethod
    def leave_out_mended(kinds, again):
        """What ovs-vswitchd has spoilt in one of two tries is mended by
        steps at the end, which no run can count on."""
        for router, steps in again.items():
            kinds[router] = min(kinds[router], steps, key=len)

    def without(self, router):
        """The end, but for one router, which is as it was."""
        way = {**self.ways[1], router: self.ways[0].get(router)}
        return {name: value for name, value in way.items() if value}

    def go(self, way):
        self.at.tell(way)
        self.at.wait()
        changes = self.history.follow()
        for change in changes:
            if change["state"] != "committed":
                raise Wrong(f"without any fault: {change['error']}")
        for router, (state, error) in self.at.door.states().items():
            if error:
                raise Wrong(f"without any fault: {router}: {state}: {error}")
        return changes

    def refer_to_now(self):
        """Once it looks alike twice."""
        last = State()
        def alike():
            nonlocal last
            before, last = last, State()
            return (before.exact == last.exact and not last.is_checking
                    and not list(judge.unnamed(last)))
        node.wait_until(alike, PATIENCE, "a state that stays")
        return Reference(last, self.history.good)

    def faults(self):
        for edit, by_router in enumerate(self.kinds):
            for router, kinds in sorted(by_router.items()):
                for fault in faults.faults_of(router, edit, kinds):
                    # A change that is stopped there already.
                    if not (len(self.ways) > 2 and edit == 0
                            and fault.step == 1
                            and fault.kind in faults.SLOW):
                        yield self.name_of(fault), fault

    def name_of(self, fault):
        which = [self.name]
        if len(self.kinds) > 1:
            which += [("first", "second")[fault.edit]]
        if self.partial:
            which += [fault.router]
        return "/".join([*which, fault.name])

    # One run.

    def run(self, fault):
        """How it ended, "undone" or "completed"; raises Wrong."""
        node.appctl("fault/only", fault.router)
        if fault.kind == "fail":
            end = self.fail(fault)
        elif fault.kind == "fail-undo":
            end = self.fail_undo(fault)
        elif "crash" in fault.kind:
            end = self.crash(fault)
        else:
            end = self.kill(fault)
        self.count_losses()
        self.take_back(fault, end)
        if fault.kind == "kill-vswitchd":
            # Four of these within minutes are a fight to ovs-snatd, unless it
            # is a new one.
            self.start_anew()
        return end

    def start_anew(self):
        processes = self.processes()
        start = node.restart(node.SNATD)
        self.wait_for_end(processes)
        start()
        self.at.wait()

    def begin(self, fault, *arm):
        """Tells the edits, with the fault armed for the right one."""
        if len(self.ways) == 2:
            node.appctl(*arm)
            self.at.tell(self.ways[1])
            return
        steps = len(self.kinds[0][fault.router])
        node.appctl("fault/stop-at-step", 1 if fault.edit == 0 else steps + 1)
        self.at.tell(self.ways[1])
        self.wait_for_stop()
        self.at.tell(self.ways[2])
        node.appctl(*arm)
        node.appctl("fault/go")

    def wait_for_stop(self):
        node.wait_until(
            lambda: "stopped at step" in node.appctl("fault/show"),
            PATIENCE, "the change to stop")

    def end_of(self, fault):
        """Where it must be after an undo: what was there before."""
        if self.partial:
            return self.partial[fault.router]
        return self.references[fault.edit]

    def fail(self, fault):
        self.begin(fault, "fault/fail-step", fault.step, fault.number)
        self.at.wait()
        self.check_is_spent()
        if len(self.ways) > 2 and fault.edit == 0:
            return self.check_ends(fault, self.references[2:])
        exact = self.now.exact if len(self.ways) == 2 and not self.partial \
            else None
        allowed = [self.end_of(fault)]
        if fault.error == "ETIMEDOUT":  # Tried again as the switch is there.
            allowed, exact = [*allowed, self.references[-1]], None
        end = self.check_ends(fault, allowed, exact)
        undone = [change for change in self.changes
                  if change["state"] == "undone"]
        if [change["router"] for change in undone] != [fault.router]:
            raise Wrong(f"undone are {undone}")
        told = f"step {fault.step} ("
        if told not in undone[0]["error"]:
            raise Wrong(f"the record does not tell of {told}...: "
                        f"{undone[0]['error']}")
        return end

    def fail_undo(self, fault):
        node.appctl("fault/fail-undo", fault.undo)
        self.begin(fault, "fault/fail-step", fault.step, fault.number)
        def failed():
            return [change for change in self.history.new()
                    if change["router"] == fault.router
                    and change["state"] == "undo_failed"]
        change, = node.wait_until(failed, PATIENCE, "undo_failed")
        if "outstanding" not in change["error"] or change["finished_at"]:
            raise Wrong(f"not told what is outstanding: {change}")
        self.check_is_spent()
        # Undone, and tried again; it may fail for another reason then.
        node.appctl("router/resync", fault.router)
        node.wait_until(
            lambda: any(later["router"] == fault.router
                        and later["number"] > change["number"]
                        for later in self.history.new()),
            PATIENCE, "another try")
        return self.check_ends(fault, [self.references[-1],
                                       self.end_of(fault)])

    @staticmethod
    def processes():
        """Of ovs-snatd."""
        return [node.Process(node.pid(node.SNATD)),
                node.Process(node.kernel_pid())]

    @staticmethod
    def wait_for_end(processes):
        for process in processes:
            if not process.has_ended(PATIENCE):
                raise Wrong(f"process {process.number} has not ended")

    def crash(self, fault):
        processes = self.processes()
        victim = fault.kind.rsplit("-", 1)[1]
        if fault.undo:
            node.appctl("fault/crash-at-undo", fault.undo, victim)
            self.begin(fault, "fault/fail-step", fault.step, fault.number)
        else:
            self.begin(fault, "fault/crash-at-step", fault.step, victim)
        self.wait_for_end(processes)
        node.start_daemon()
        return self.check_ends(fault, self.references[-1:])

    def kill(self, fault):
        """The switch or a database is away while the change goes on."""
        allowed = [self.references[-1]]
        if len(self.ways) == 2 or fault.edit == 1:
            allowed.append(self.end_of(fault))
        node.set_options(IMPATIENT if fault.kind == "timeout" else HEALING)
        self.begin(fault, "fault/stop-at-step", fault.step)
        self.wait_for_stop()
        if fault.kind == "timeout":
            self.time_out()
        else:
            which = fault.kind.split("-", 1)[1]
            start = node.restart(node.SERVERS.get(which, node.VSWITCHD))
            node.appctl("fault/go")
            start()
            node.run("ovs-vsctl", "--timeout=30", "init")  # It is there.
        end = self.check_ends(fault, allowed)
        if fault.kind in ("timeout", "kill-vswitchd"):
            for flow in self.flows:
                flow.start_again()
        node.set_options(QUIET)
        return end

    def time_out(self):
        switch = node.pid(node.VSWITCHD)
        os.kill(switch, signal.SIGSTOP)
        try:
            node.appctl("fault/go")
            node.wait_until(self.at.is_over, PATIENCE,
                            "the end of the edit without ovs-vswitchd")
        finally:
            os.kill(switch, signal.SIGCONT)

    # What came of it.

    def check_is_spent(self):
        left = node.appctl("fault/show").strip()
        if left != "none":
            raise Wrong(f"the fault did not strike: {left}")

    def check_ends(self, fault, allowed, exact=None):
        found, self.now = self.settle(allowed, exact)
        self.changes = self.history.follow()
        for router, good in found.good.items():
            if self.history.good.get(router) != good:
                raise Wrong(f"the history says that {router} is "
                            f"{self.history.good.get(router)}, not {good}")
        undone = found is not self.references[-1]
        self.check_told(fault, undone)
        return "undone" if undone else "completed"

    def settle(self, allowed, exact=None):
        """Waits until it is at rest as one of the references."""
        self.at.wait()
        end = time.monotonic() + PATIENCE
        while True:
            told = self.history.new()
            state = State()
            left = list(judge.unnamed(state))
            for reference in allowed:
                if (state.shape == reference.state.shape
                        and exact in (None, state.exact)
                        and not state.is_checking and not left
                        and self.history.is_at_rest()
                        and self.history.new() == told):
                    return reference, state
            if time.monotonic() > end:
                self.complain(allowed, exact, state, left)
            time.sleep(0.01)

    def complain(self, allowed, exact, state, left):
        wanted = [exact] if exact else [reference.state.shape
                                        for reference in allowed]
        seen = state.exact if exact else state.shape
        told = [min((judge.difference(one, seen) for one in wanted), key=len)]
        told += [f"change {change['number']} is {change['state']}: "
                 f"{change['error']}" for change in self.history.new()]
        more = state.things - self.references[0].state.things
        for reference in self.references:
            more -= reference.state.things
        if left or more:
            raise Leaked("\n".join([*left, *sorted(more), *told]))
        raise Wrong("\n".join(told))

    def check_told(self, fault, undone):
        """The rows say how it went."""
        def told():
            return self.at.door.states().get(fault.router)
        def right():
            return told() is None or (
                told()[0] == "failed" and told()[1] if undone
                else told()[0] in ("active", "disabled") and not told()[1])
        try:
            node.wait_until(right, 5)
        except TimeoutError:
            raise Wrong(f"the rows of {fault.router} say {told()}") from None

    def count_losses(self):
        for flow in self.flows:
            if lost := flow.lost():
                raise Wrong(f"{lost} packets lost through {flow.router}")

    def take_back(self, fault, end):
        """To where all runs begin; after an undo nothing is to be done."""
        node.appctl("fault/clear")
        self.at.tell(self.ways[0])
        self.at.wait()
        nothing_to_do = (fault.kind == "fail" and end == "undone"
                         and fault.error != "ETIMEDOUT"
                         and len(self.ways) == 2 and not self.partial)
        if nothing_to_do:
            if changes := self.history.follow():
                raise Wrong(f"more was done after the undo: {changes}")
            return
        _, self.now = self.settle(self.references[:1])
        self.history.follow()
        self.count_losses()

    def leave(self):
        self.go(BESIDE)
        for flow in self.flows[1:]:
            flow.remove()
        self.at.door.clean_up()
