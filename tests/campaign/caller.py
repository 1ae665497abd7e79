"""caller.py ADDRESS: calls it fifty times a second, by ICMP, and prints the
time and number of each call that is answered, as it is.  ping(8) spins between
calls that are so close to each other."""
import os
import select
import socket
import struct
import sys
import time

INTERVAL = 0.02  # Seconds.
ECHO, ECHO_REPLY = 8, 0  # RFC 792.
IDENTITY = os.getpid() & 0xffff


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    total = (total >> 16) + (total & 0xffff)
    return ~(total + (total >> 16)) & 0xffff


def call(number):
    words = struct.pack("!HHH", ECHO << 8, IDENTITY, number)
    return words[:2] + struct.pack("!H", checksum(words)) + words[2:]


def hear(line):
    """The numbers of the answers that are there."""
    while True:
        try:
            packet = line.recv(2048, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        header = (packet[0] & 15) * 4
        kind, identity, number = struct.unpack_from("!B3xHH", packet, header)
        if kind == ECHO_REPLY and identity == IDENTITY:
            yield number


def main():
    line = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
    line.connect((sys.argv[1], 0))
    number, due = 0, time.monotonic()
    while True:
        now = time.monotonic()
        if now >= due:
            number, due = (number + 1) % 65536, max(due + INTERVAL, now)
            try:
                line.send(call(number))
            except OSError:
                pass  # A call that cannot be made is one without an answer.
        select.select([line], [], [], max(0, due - time.monotonic()))
        for answered in hear(line):
            print(f"{time.time():.6f} {answered}", flush=True)


main()
