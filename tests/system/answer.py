#!/usr/bin/python3
"""answer.py NAME PORT...: answers whoever calls one of the ports by UDP, or by
TCP with lines: "one:80 sees 198.51.100.1 40001".

A connection stays for as many lines as the caller likes.  Answers come from
the address that was called.  The first line printed, "ready", says that all
sockets are open; from then on one line per new TCP connection and per
datagram: what was answered."""
import selectors
import socket
import sys

NAME = sys.argv[1]
IPV6_FREEBIND = 78  # Python has no name for it (linux/in6.h).


def words(sock, caller):
    address = caller[0].removeprefix("::ffff:")
    return f"{NAME}:{sock.getsockname()[1]} sees {address} {caller[1]}"


def answer_datagram(sock):
    _, controls, _, caller = sock.recvmsg(2048, 256)
    told = words(sock, caller)
    print(told, flush=True)
    sock.sendmsg([told.encode()], controls, 0, caller)


def answer_lines(sock):
    """On a connection; false if it is over."""
    try:
        lines = sock.recv(2048)
        told = words(sock, sock.getpeername()) + "\n"
        sock.sendall(told.encode() * lines.count(b"\n"))
    except OSError:
        return False
    return bool(lines)


def main():
    poll = selectors.DefaultSelector()
    for port in map(int, sys.argv[2:]):
        udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVPKTINFO, 1)
        # Of a network that is routed to the host no address is its own.
        udp.setsockopt(socket.IPPROTO_IPV6, IPV6_FREEBIND, 1)
        udp.bind(("::", port))
        poll.register(udp, selectors.EVENT_READ, "datagrams")
        door = socket.create_server(("::", port), family=socket.AF_INET6,
                                    dualstack_ipv6=True)
        poll.register(door, selectors.EVENT_READ, "calls")
    print("ready", flush=True)
    while True:
        for key, _ in poll.select():
            sock = key.fileobj
            if key.data == "datagrams":
                answer_datagram(sock)
            elif key.data == "calls":
                line, caller = sock.accept()
                print(words(line, caller), flush=True)
                poll.register(line, selectors.EVENT_READ, "lines")
            elif not answer_lines(sock):
                poll.unregister(sock)
                sock.close()


main()
