#!/usr/bin/python3
"""rate.py send ADDRESS PORT KBIT SECONDS: sends that many kilobits a second of
UDP over IPv4, headers of IP included.

rate.py receive PORT SKIP SECONDS: prints how many kilobits a second of those
arrive at PORT, counted for SECONDS from SKIP seconds after the first one.  The
first line, "ready", says that the port is open."""
import socket
import sys
import time

PAYLOAD = 1400
HEADERS = 28  # Of IP and UDP.
PATIENCE = 10  # Seconds until the first one.


def send(address, port, kbit, seconds):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.connect((address, port))
    start, sent = time.monotonic(), 0
    while (now := time.monotonic() - start) < seconds:
        while sent * (PAYLOAD + HEADERS) * 8 < now * kbit * 1000:
            try:
                sock.send(bytes(PAYLOAD))
            except ConnectionRefusedError:
                pass  # Nobody listens any more.
            sent += 1
        time.sleep(0.001)


def receive(port, skip, seconds):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    sock.bind(("", port))
    print("ready", flush=True)
    sock.settimeout(PATIENCE)
    sock.recv(65536)
    start, got = time.monotonic() + skip, 0
    while (left := start + seconds - time.monotonic()) > 0:
        sock.settimeout(left)
        try:
            size = len(sock.recv(65536)) + HEADERS
        except TimeoutError:
            break
        if time.monotonic() >= start:
            got += size
    print(round(got * 8 / 1000 / seconds), flush=True)


if sys.argv[1] == "send":
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), float(sys.argv[5]))
else:
    receive(int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
