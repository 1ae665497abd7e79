"""Packets as values, and what sends and sees them in the namespaces of hosts.

A packet carries its number, so that it is known again whatever has become of
its addresses."""
import ctypes
import ipaddress
import os
import select
import socket
import struct
from dataclasses import dataclass

ETH_P_ALL, ETH_P_IP, ETH_P_IPV6 = 0x0003, 0x0800, 0x86dd
PACKET_HOST = 0  # For the host itself, not only heard by it.
NUMBERS = {"icmp": 1, "tcp": 6, "udp": 17}
ICMPV6 = 58
ECHO_REQUEST = {4: 8, 6: 128}
MARK = b"traced "
libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Packet:
    """One way; of a ping the ports are 0."""
    protocol: str
    src: str
    sport: int
    dst: str
    dport: int

    def __str__(self):
        return (f"{self.protocol} {self.src} {self.sport} > "
                f"{self.dst} {self.dport}")


# Bytes.

def checksum(data):
    data += b"\0" * (len(data) % 2)
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def transport(packet, payload, version):
    """The header up to its checksum, what follows, and whether addresses
    count in the checksum."""
    if packet.protocol == "udp":
        return (struct.pack("!HHH", packet.sport, packet.dport,
                            8 + len(payload)), payload, True)
    if packet.protocol == "tcp":  # The first segment of a connection.
        return (struct.pack("!HHIIBBH", packet.sport, packet.dport, 1, 0,
                            5 << 4, 0x02, 65535), b"\0\0" + payload, True)
    return (struct.pack("!BB", ECHO_REQUEST[version], 0),
            struct.pack("!HH", 77, 1) + payload, version == 6)


def ip_bytes(packet, number, identity):
    """The packet from its IP header on; 'identity' is the ping's."""
    src, dst = map(ipaddress.ip_address, (packet.src, packet.dst))
    before, after, is_addressed = transport(
        packet, MARK + b"%d;" % number, src.version)
    if packet.protocol == "icmp":
        after = struct.pack("!H", identity) + after[2:]
    protocol = NUMBERS[packet.protocol]
    if packet.protocol == "icmp" and src.version == 6:
        protocol = ICMPV6
    length = len(before) + 2 + len(after)
    pseudo = (src.packed + dst.packed + struct.pack("!II", length, protocol)
              if is_addressed else b"")
    total = checksum(pseudo + before + b"\0\0" + after)
    data = before + struct.pack("!H", total) + after
    if src.version == 6:
        return struct.pack("!IHBB", 6 << 28, length, protocol,
                           64) + src.packed + dst.packed + data
    header = struct.pack("!BBHHHBB", 0x45, 0, 20 + length, number % 65536, 0,
                         64, protocol)
    addresses = src.packed + dst.packed
    return (header + struct.pack("!H", checksum(header + b"\0\0" + addresses))
            + addresses + data)


def read_transport(protocol, src, dst, data):
    """The packet and its number; None if it is none of ours, but say an
    answer, or an error that quotes it."""
    start = data.find(MARK)
    if start < 0:
        return None
    ports = struct.unpack("!HH", data[:4])
    if protocol in (NUMBERS["icmp"], ICMPV6):
        if data[0] not in ECHO_REQUEST.values():
            return None
        name, ports = "icmp", (0, 0)
    elif protocol in NUMBERS.values():
        name = "udp" if protocol == NUMBERS["udp"] else "tcp"
    else:
        return None
    number = int(data[start + len(MARK):].split(b";")[0])
    return number, Packet(name, str(src), ports[0], str(dst), ports[1])


def read_ip(data):
    """The same, from the IP header on."""
    if data[0] >> 4 == 4:
        return read_transport(data[9], ipaddress.ip_address(data[12:16]),
                              ipaddress.ip_address(data[16:20]),
                              data[data[0] % 16 * 4:])
    return read_transport(data[6], ipaddress.ip_address(data[8:24]),
                          ipaddress.ip_address(data[24:40]), data[40:])


# Namespaces.

def inside(namespace, make):
    """What 'make' makes in a namespace; a socket stays there."""
    with open("/proc/self/ns/net", "rb") as home, \
            open(f"/run/netns/{namespace}", "rb") as there:
        enter(there)
        try:
            return make()
        finally:
            enter(home)


def enter(namespace):
    if libc.setns(namespace.fileno(), 0):
        raise OSError(ctypes.get_errno(), "setns", namespace.name)


class Host:
    """The interface eth0 of a host: sends, and sees what is for the host."""

    def __init__(self, name):
        self.socket = inside(name, self._open)
        self.mac = self.socket.getsockname()[4]
        self.socket.setblocking(False)

    @staticmethod
    def _open():
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW,
                             socket.htons(ETH_P_ALL))
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        sock.bind(("eth0", ETH_P_ALL))
        return sock

    def send(self, mac, packet, number, identity):
        ethertype = ETH_P_IPV6 if ":" in packet.src else ETH_P_IP
        self.socket.send(mac + self.mac + struct.pack("!H", ethertype)
                         + ip_bytes(packet, number, identity))

    def sockets(self):
        return [self.socket]

    def receive(self, sock):
        data, address = sock.recvfrom(65536)
        if address[2] != PACKET_HOST or address[1] not in (ETH_P_IP,
                                                           ETH_P_IPV6):
            return None
        return read_ip(data[14:])


class Local:
    """What comes to a namespace itself, after all translation."""

    def __init__(self, namespace):
        self.protocols = {}  # Of sockets that do not show the IP header.
        self.all = inside(namespace, self._open)

    def _open(self):
        opened = []
        for family, protocols in (
                (socket.AF_INET, NUMBERS.values()),
                (socket.AF_INET6, (ICMPV6, NUMBERS["tcp"], NUMBERS["udp"]))):
            for protocol in protocols:
                sock = socket.socket(family, socket.SOCK_RAW, protocol)
                sock.setblocking(False)
                if family == socket.AF_INET6:
                    sock.setsockopt(socket.IPPROTO_IPV6,
                                    socket.IPV6_RECVPKTINFO, 1)
                    self.protocols[sock] = protocol
                opened.append(sock)
        return opened

    def sockets(self):
        return self.all

    def receive(self, sock):
        data, beside, _, address = sock.recvmsg(65536, 256)
        if sock not in self.protocols:
            return read_ip(data)
        dst = ipaddress.ip_address(beside[0][2][:16])
        return read_transport(self.protocols[sock],
                              ipaddress.ip_address(address[0]), dst, data)


def receive_all(watchers, seconds):
    """What comes within that time, as soon as something does: numbers of
    packets, who saw them, and what they were then."""
    owner = {sock: (name, watcher) for name, watcher in watchers.items()
             for sock in watcher.sockets()}
    ready, _, _ = select.select(list(owner), [], [], seconds)
    for sock in ready:
        name, watcher = owner[sock]
        try:
            found = watcher.receive(sock)
        except BlockingIOError:
            continue
        if found:
            yield found[0], name, found[1]


def command_socket(daemon):
    """To the commands of a daemon of Open vSwitch, without a process each."""
    directory = os.environ["OVS_RUNDIR"]
    with open(f"{directory}/{daemon}.pid", encoding="ascii") as file:
        pid = file.read().strip()
    sock = socket.socket(socket.AF_UNIX)
    sock.connect(f"{directory}/{daemon}.{pid}.ctl")
    return sock
