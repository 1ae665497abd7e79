"""Packets through ports that nothing touches: none of them may be lost."""
import os
import subprocess
import sys
import tempfile

import node
from scenarios import subnet

CALLER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "caller.py")


class Flow:
    """Two computers behind the ports sg-ROUTER-a and sg-ROUTER-b; one calls
    the other fifty times a second."""

    def __init__(self, router):
        self.router = router
        for side in "ab":
            network = subnet(router, side)
            node.bash(f". {node.TOP}/utilities/node.sh && node_host {router}-"
                      f"{side} br-int ip={network}.5/24 via={network}.1")
        self.inside = ["ip", "netns", "exec", f"{router}-a"]
        self.target = subnet(router, "b") + ".5"
        self.start()

    def start(self):
        node.wait_until(self.answers, what=f"an answer through {self.router}")
        self.told = tempfile.TemporaryFile("w+")
        self.caller = subprocess.Popen(
            [*self.inside, sys.executable, CALLER, self.target],
            stdin=subprocess.DEVNULL, stdout=self.told)
        self.read, self.last = 0, None
        self.lost()

    def answers(self):
        return subprocess.run(
            [*self.inside, "ping", "-c", "1", "-W", "1", self.target],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL).returncode == 0

    def numbers(self):
        """Of the answers that have come since the last time."""
        text = os.pread(self.told.fileno(), 1 << 22, self.read).decode()
        text = text[:text.rfind("\n") + 1]
        self.read += len(text)
        return [int(line.split()[1]) for line in text.splitlines()]

    def lost(self):
        """How many calls had no answer, up to one that is sent from now."""
        lost = self.count_lost(self.numbers())
        more = node.wait_until(self.numbers, 5,
                               f"an answer through {self.router}")
        more += node.wait_until(self.numbers, 5,
                                f"an answer through {self.router}")
        return lost + self.count_lost(more)

    def count_lost(self, numbers):
        lost = 0
        for number in numbers:
            if self.last is not None:
                lost += (number - self.last - 1) % 65536
            self.last = number
        return lost

    def start_again(self):
        """After ovs-vswitchd was dead; forwarding must be back."""
        self.stop()
        self.start()

    def stop(self):
        self.caller.kill()
        self.caller.wait()
        self.told.close()

    def remove(self):
        self.stop()
        for side in "ab":
            node.bash(f"ip netns del {self.router}-{side} && "
                      f"ovs-vsctl del-port {self.router}-{side}")
