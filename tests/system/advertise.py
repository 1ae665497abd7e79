#!/usr/bin/python3
"""advertise.py: one router advertisement from eth0 of this host, which says
that it is a default router for half an hour (RFC 4861, section 4.2), and that
addresses of 2001:db8:5::/64 can be made (section 4.6.2)."""
import ipaddress
import socket
import struct

HOPS = 255  # No other is taken.
LIFETIME = 1800  # Seconds.
advertisement = struct.pack("!BBHBBHII", 134, 0, 0, 64, 0, LIFETIME, 0, 0)
prefix = struct.pack("!BBBBIII", 3, 4, 64, 0xc0, LIFETIME, LIFETIME, 0)
line = socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6)
line.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, HOPS)
index = socket.if_nametoindex("eth0")
line.bind(("fe80::1", 0, 0, index))
line.sendto(advertisement + prefix
            + ipaddress.ip_address("2001:db8:5::").packed,
            ("ff02::1", 0, 0, index))
