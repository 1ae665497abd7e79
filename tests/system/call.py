#!/usr/bin/python3
"""call.py [--keep|--much] PROTOCOL ADDRESS PORT [ADDRESS-OF-OURS [PORT-OF-OURS]]

Calls answer.py by udp or tcp and prints its answer.  Fails if there is none
within a few seconds.  With --keep it goes on to send, twenty times a second in
the same flow, and prints each answer as it comes, until it is killed or the
connection breaks, which it tells as "broken".  Asked by SIGTERM to end, it
waits for the answers that are still to come, and prints how many calls had
none and how often TCP had to send again: "0 lost, 0 sent again".  With --much,
by TCP, it sends so many lines that they and their answers fill large packets,
and prints the last answer when all have come."""
import select
import signal
import socket
import struct
import sys
import time

INTERVAL = 0.05  # Seconds.
PATIENCE = 3
MUCH = 4000  # Lines.
TOTAL_RETRANS = 100  # Where struct tcp_info has it (linux/tcp.h).


def open_line(protocol, address, port, own=None, own_port=0):
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    kind = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}[protocol]
    line = socket.socket(family, kind)
    line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    line.settimeout(PATIENCE)
    if own or own_port:
        line.bind((own or "", int(own_port)))
    line.connect((address, int(port)))
    return line


def call_once(line):
    line.send(b"\n")
    print(line.recv(2048).decode().strip())


def call_much(line):
    line.sendall(b"\n" * MUCH)
    answers = b""
    while answers.count(b"\n") < MUCH:
        more = line.recv(65536)
        if not more:
            raise ConnectionResetError
        answers += more
    print(answers.decode().splitlines()[-1])


class Kept:
    """A flow that goes on."""

    def __init__(self, line):
        self.line = line
        self.sent = self.answered = 0
        self.ends = False
        line.setblocking(False)

    def run(self):
        due = time.monotonic()
        while not self.ends:
            now = time.monotonic()
            if now >= due:
                due = max(due + INTERVAL, now)
                self.send()
            self.receive(due)
        end = time.monotonic() + PATIENCE
        while self.answered < self.sent and time.monotonic() < end:
            self.receive(end)
        print(f"{self.sent - self.answered} lost, {self.sent_again()} sent "
              "again", flush=True)

    def end(self, *_):
        self.ends = True

    def send(self):
        try:
            self.line.send(b"\n")
            self.sent += 1
        except (BlockingIOError, ConnectionRefusedError):
            pass  # A call without an answer.

    def receive(self, until):
        select.select([self.line], [], [], max(0, until - time.monotonic()))
        try:
            answer = self.line.recv(2048).decode()
        except (BlockingIOError, ConnectionRefusedError):
            return
        if not answer:
            raise ConnectionResetError
        self.answered += max(1, answer.count("\n"))
        print(answer.strip(), flush=True)

    def sent_again(self):
        if self.line.type != socket.SOCK_STREAM:
            return 0
        info = self.line.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104)
        return struct.unpack_from("I", info, TOTAL_RETRANS)[0]


def keep_calling(line):
    kept = Kept(line)
    signal.signal(signal.SIGTERM, kept.end)
    kept.run()


def main():
    words = sys.argv[1:]
    keep, much = words[0] == "--keep", words[0] == "--much"
    try:
        line = open_line(*words[keep or much:])
        (keep_calling if keep else call_much if much else call_once)(line)
    except OSError as error:
        print("broken" if keep else f"no answer: {error}", flush=True)
        sys.exit(1)


main()
