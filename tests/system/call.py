#!/usr/bin/python3
"""call.py [--keep] PROTOCOL ADDRESS PORT [ADDRESS-OF-OURS [PORT-OF-OURS]]

Calls answer.py by udp or tcp and prints its answer.  Fails if there is none
within a few seconds.  With --keep it goes on to send, twenty times a second in
the same flow, and prints each answer as it comes, until it is killed or the
connection breaks, which it tells as "broken"."""
import select
import socket
import sys
import time

INTERVAL = 0.05  # Seconds.
PATIENCE = 3


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


def keep_calling(line):
    line.setblocking(False)
    due = time.monotonic()
    while True:
        now = time.monotonic()
        if now >= due:
            due = max(due + INTERVAL, now)
            try:
                line.send(b"\n")
            except (BlockingIOError, ConnectionRefusedError):
                pass  # A call without an answer.
        select.select([line], [], [], max(0, due - time.monotonic()))
        try:
            answer = line.recv(2048)
        except (BlockingIOError, ConnectionRefusedError):
            continue
        if not answer:
            raise ConnectionResetError
        sys.stdout.write(answer.decode().strip() + "\n")
        sys.stdout.flush()


def main():
    words = sys.argv[1:]
    keep = words[0] == "--keep"
    try:
        line = open_line(*words[keep:])
        (keep_calling if keep else call_once)(line)
    except OSError as error:
        print("broken" if keep else f"no answer: {error}", flush=True)
        sys.exit(1)


main()
