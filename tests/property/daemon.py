"""ovs-snatd as an init system has it: who dies is started again.  It may die
only when something that kills it was armed, or when it is killed."""
import node
from judge import Wrong


class Daemon:
    def __init__(self):
        self.may_die = False
        self.note()

    def note(self):
        self.processes = [node.Process(node.pid(node.SNATD)),
                          node.Process(node.kernel_pid())]

    def has_died(self):
        return any(process.has_ended() for process in self.processes)

    def revive(self):
        if not self.has_died():
            return
        if not self.may_die:
            raise Wrong("ovs-snatd has ended by itself")
        self.start()

    def start(self):
        for process in self.processes:
            if not process.has_ended(10):
                raise Wrong("of the two processes of ovs-snatd only one ends")
        self.may_die = False
        node.start_daemon()
        self.note()

    def kill(self, which):
        self.revive()
        self.processes[which].kill()

    def arm(self, *words):
        self.command(*words)  # It may be another one only now.
        self.may_die = self.may_die or "crash" in words[0]

    def command(self, *words):
        """Asks once more whom a crash has kept from answering."""
        self.revive()
        try:
            return node.appctl(*words)
        except (node.Unanswered, OSError):
            if not any(process.has_ended(5) for process in self.processes):
                raise
        self.revive()
        return node.appctl(*words)
