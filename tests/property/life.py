"""A life: a node with some routers, and the moments that befall them."""
import json
import time

import judge
import node
import snapshot
from daemon import Daemon
from doors import Snatctl
from flow import Flow
from judge import History, State, Wrong
from model import Model
from moments import FILES
from rows import row_problems
from scenarios import BESIDE
from seen import from_history, wired_routers
from users import User_rows

PATIENCE = 20  # Seconds until all must be as the rows say.
OPTIONS = {"retry-initial": 100, "retry-max": 1000, "change-rate": 0,
           "total-change-rate": 0, "change-history": 100000,
           "orphan-grace": 1000, "sweep-interval": 1000,
           "switch-timeout": 5000, "check-timeout": 5000}


class Life:
    def __init__(self):
        node.set_options(OPTIONS)
        for bridge in "br-int", "br-ex":
            node.run("ovs-vsctl", "--no-wait", *own_mtu(bridge))
        self.doors = {"vsctl": User_rows(), "snatctl": Snatctl("veth")}
        self.model = Model(["br-int", "br-ex"])
        self.doors["snatctl"].edit({}, BESIDE)
        node.wait_until(self.doors["snatctl"].is_over, PATIENCE, "a router")
        self.flow = Flow("r0")
        self.beside = State()  # What no moment is to touch.
        self.daemon = Daemon()

    # What moments do.

    def tell(self, door, way):
        beside = BESIDE if door == "snatctl" else {}
        self.doors[door].edit({**self.model.told[door], **beside},
                              {**way, **beside})
        self.model.tell(door, way)

    def by_hand(self, script):
        try:
            node.bash(script)
        except node.Unanswered:
            pass  # What it was to be done to is not there now.

    def add_bridge(self, name):
        self.model.bridges.add(name)
        node.run("ovs-vsctl", "--no-wait", "add-br", name, "--", "set",
                 "Bridge", name, "datapath_type=netdev", *own_mtu(name))

    def kill(self, victim):
        """Gives what starts it again."""
        if victim in FILES:
            self.count_losses()
            start = node.restart(FILES[victim])
            return start if victim == "snat-db" else self.with_switch(start)
        self.daemon.kill(victim == "its kernel process")
        return self.daemon.start

    def with_switch(self, start):
        """Forwarding goes with the switch, and must come back."""
        def start_again():
            start()
            node.run("ovs-vsctl", "--timeout=30", "init")
            self.flow.start_again()
        return start_again

    def count_losses(self):
        if lost := self.flow.lost():
            raise Wrong(f"{lost} packets lost through r0, which nothing "
                        "touches")

    # Rest.

    def come_to_rest(self):
        """All must become as the model says, and a look at everything finds
        nothing that was overlooked."""
        self.daemon.command("fault/clear")
        self.settle()
        self.daemon.may_die = False
        self.count_losses()
        state = self.steady()
        read = self.history.read
        self.daemon.command("router/resync")
        node.wait_until(self.is_idle, PATIENCE, "the end of router/resync")
        if changes := [change["steps"] for change in self.history.new()]:
            raise Wrong(f"router/resync made changes after {read}: {changes}")
        if (now := State()).exact != state.exact:
            raise Wrong("router/resync changed what was right:\n"
                        + judge.difference(state.exact, now.exact))
        return now

    def settle(self):
        end = time.monotonic() + PATIENCE
        while self.problems():
            if time.monotonic() > end:
                raise Wrong(f"not as it should be after {PATIENCE} s:\n"
                            + "\n".join(self.problems(to_the_end=True)))
            time.sleep(0.05)
        for name in self.model.names():
            self.model.saw(name, self.found[name])

    def steady(self):
        last = State()
        def stays():
            nonlocal last
            before, last = last, State()
            return before.exact == last.exact and not last.is_checking
        node.wait_until(stays, PATIENCE, "a state that stays")
        return last

    def is_idle(self):
        return all("phase" not in router for router in json.loads(
            node.appctl("router/list", "--format=json")))

    def problems(self, to_the_end=False):
        """What is not as the model says, in words: all of it, or what can be
        told first."""
        self.daemon.revive()
        told = []
        try:
            for problem in self.all_problems():
                told.append(problem)
                if not to_the_end:
                    break
        except (node.Unanswered, OSError) as error:
            told.append(str(error))  # The daemon may be about to start.
        return told

    def all_problems(self):
        if not all(door.is_over() for door in self.doors.values()):
            yield "the last edits are not said to be over"
        yield from row_problems(self.model, self.doors)
        yield from self.wiring_problems()

    def wiring_problems(self):
        told = History().new()
        look = snapshot.look()
        wired = wired_routers(look)
        state = State(look)
        self.found = {}
        for name in self.model.names():
            yield from self.router_problems(name, wired.get(name))
        yield from self.left_over(state)
        yield from judge.unnamed(state)
        self.history = History()
        if self.history.new() != told:
            yield "changes are under way"
        yield from self.history_problems()

    def router_problems(self, name, seen):
        allowed = self.model.may_be(name, self.doors["vsctl"].rows)
        for wanted in allowed:
            if comparable(wanted, seen) == expected(wanted):
                self.found[name] = wanted
                return
        self.found[name] = allowed[0]
        yield (f"router {name} is not what it should be"
               + (f", nor any of {len(allowed) - 1} others"
                  if len(allowed) > 1 else "") + ":")
        yield differences(expected(allowed[0]), comparable(allowed[0], seen))

    def left_over(self, state):
        wanted = self.beside.things | self.things()
        for thing in sorted(state.things - wanted):
            yield f"left over: {thing}"
        for thing in sorted(wanted - state.things):
            yield f"missing: {thing}"

    def things(self):
        """All that the routers, and the users' ports, are made of."""
        found = set()
        for bridge in self.model.bridges:
            found |= {f"port row {bridge}", f"device {bridge} in the node"}
        idle = dict(self.doors["vsctl"].rows)
        for name, wired in self.found.items():
            if wired:
                inside = f"snat-{name}"
                found |= {f"namespace {inside}", f"device lo in {inside}"}
            for port, value in wired["ports"].items() if wired else ():
                idle.pop(port, None)
                found |= {f"port row {port}", f"device {port} in {inside}"}
                if value["wiring"] == "veth":
                    found.add(f"device {port} in the node")
        for port, value in idle.items():
            found.add(f"port row {port}")
            if value.wiring == "internal":
                found.add(f"device {port} in the node")
        return found

    def history_problems(self):
        """Told from nothing, the history ends with what is there."""
        try:
            self.history.follow()
        except Wrong as error:
            yield str(error)
            return
        rules = judge.nat_rules()
        for name in self.model.names():
            good = from_history(self.history.good.get(name),
                                rules.get(name, []))
            wanted = as_told(self.found.get(name))
            if good != wanted:
                yield f"the history ends with another {name}:"
                yield differences(wanted, good)


def own_mtu(bridge):
    """Else the device of the bridge, which is not looked after by us, has the
    least of its ports', and with that perhaps no IPv6."""
    return "--", "set", "Interface", bridge, "mtu_request=1500"


def as_told(wired):
    """As much of it as the history tells."""
    return wired and {
        "ports": {name: {
            **{key: port[key] for key in ("mac", "mtu", "wiring")},
            "addresses": [text for text in port["addresses"]
                          if not text.endswith("/32")]}
                  for name, port in wired["ports"].items()},
        "translated": wired["translated"], "rules": wired["rules"],
        "settings": wired["settings"]}


def expected(wanted):
    return wanted and {**wanted, "forwards": True}


def comparable(wanted, seen):
    """A device that no MAC address is asked for has any."""
    if not wanted or not seen:
        return seen
    return {**seen, "ports": {
        name: {**port, "mac": port["mac"] if wanted["ports"].get(
            name, {"mac": ""})["mac"] else ""}
        for name, port in seen["ports"].items()}}


def differences(wanted, seen):
    def text(value):
        return json.dumps(value, indent=1, sort_keys=True)
    return judge.difference(text(wanted), text(seen))
