"""Tasks that are each done in a node of their own, some of them at once."""
import json
import os
import subprocess
import sys
import tempfile
import threading

NODE = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__)))), "utilities", "node.sh")
SILENCE = 180  # Seconds after which a node is given up.


class In_node:
    """A script that does a task in a fresh node: it reads it, as JSON, from
    its standard input, and tells of it in lines of JSON, one after the other
    as they come.  Then 'status' is how it ended."""

    def __init__(self, build, script, task):
        given = tempfile.TemporaryFile("w+")  # Too long for an argument.
        json.dump(task, given)
        given.seek(0)
        self.job = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "bash", NODE, build,
             sys.executable, script],
            stdin=given, stdout=subprocess.PIPE, text=True)
        self.guard()

    def guard(self):
        self.timer = threading.Timer(SILENCE, self.job.kill)
        self.timer.start()

    def __iter__(self):
        for line in self.job.stdout:
            self.timer.cancel()
            self.guard()
            yield json.loads(line)
        self.timer.cancel()
        self.status = self.job.wait()


def work_off(tasks, at_once, do):
    """Does all tasks in their order, with threads; takes them from the
    list."""
    lock = threading.Lock()

    def work():
        while True:
            with lock:
                if not tasks:
                    return
                task = tasks.pop(0)
            do(task)
    workers = [threading.Thread(target=work) for _ in range(at_once)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


def indented(text):
    return "\n".join("    " + line for line in text.splitlines())
