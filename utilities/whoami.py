#!/usr/bin/python3
"""Tells who calls: whoami.py PORT

Answers every HTTP request and every UDP datagram to PORT with the address that
it saw it come from, and prints one line per call, also for pings:
"tcp 198.51.100.10 40001", "udp 198.51.100.10 40002", "icmp 198.51.100.10".
The first line, "ready", says that all sockets are open.
"""
import http.server
import socket
import sys
import threading


def tell(*words):
    print(*words, flush=True)


def plain(address):
    """An IPv4 address as such, though an IPv6 socket saw it."""
    return address.removeprefix("::ffff:")


class Server(http.server.ThreadingHTTPServer):
    address_family = socket.AF_INET6
    daemon_threads = True


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        caller, port = plain(self.client_address[0]), self.client_address[1]
        tell("tcp", caller, port)
        body = f"you are {caller}\n".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def answer_datagrams(sock):
    while True:
        _, caller = sock.recvfrom(65536)
        tell("udp", plain(caller[0]), caller[1])
        sock.sendto(f"you are {plain(caller[0])}\n".encode(), caller)


def watch_pings(sock, offset_and_type):
    """The kernel answers pings; this only looks on."""
    offset, echo_request = offset_and_type
    while True:
        packet, caller = sock.recvfrom(65536)
        if packet[offset(packet)] == echo_request:
            tell("icmp", caller[0])


def main():
    port = int(sys.argv[1])
    web = Server(("::", port), Page)
    udp = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    udp.bind(("::", port))
    ping4 = socket.socket(socket.AF_INET, socket.SOCK_RAW,
                          socket.IPPROTO_ICMP)
    ping6 = socket.socket(socket.AF_INET6, socket.SOCK_RAW,
                          socket.IPPROTO_ICMPV6)
    # A raw IPv4 socket gives the IP header as well, an IPv6 one does not.
    for work, *arguments in (
            (answer_datagrams, udp),
            (watch_pings, ping4, (lambda packet: packet[0] % 16 * 4, 8)),
            (watch_pings, ping6, (lambda packet: 0, 128))):
        threading.Thread(target=work, args=arguments, daemon=True).start()
    tell("ready")
    web.serve_forever()


if __name__ == "__main__":
    main()
