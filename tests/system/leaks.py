#!/usr/bin/python3
"""Which of the node's addresses are in an archive of ovs-snat-bugtool(8):
leaks.py ARCHIVE prints each with the file that it is in.  It knows addresses
from ip(8) and the databases, not by the rules that the tool goes by."""
import json
import os
import re
import subprocess
import sys
import tarfile

IPV4 = re.compile(r"\d+\.\d+\.\d+\.\d+")
IPV6 = re.compile(r"[0-9a-f:]*::[0-9a-f:]*[0-9a-f]")
MAC = re.compile(r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}")
# What every machine has.
EVERYWHERE = re.compile(r"0\.0\.0\.0|127\..*|255\..*|::1|"
                        r"(00:){5}00|(ff:){5}ff")


def output(*command):
    return subprocess.run(command, check=True, text=True,
                          capture_output=True).stdout


def words(value):
    """All strings in a JSON value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from words(part)


def of_node():
    """All addresses that the node has or its rows speak of."""
    text = []
    for options in [(), *(("-n", name) for name in os.listdir("/run/netns"))]:
        for what in "address", "neighbour":
            text += words(json.loads(
                output("ip", *options, "-j", what) or "[]"))
    for server, database in (("db", "Open_vSwitch"),
                             ("ovs_snat_db", "OVS_SNAT")):
        text.append(output("ovsdb-client", "dump", "unix:/run/openvswitch/"
                           f"{server}.sock", database))
    joined = "\n".join(text)
    return {word for pattern in (IPV4, IPV6, MAC)
            for word in pattern.findall(joined)
            if not EVERYWHERE.fullmatch(word)}


def spellings(address):
    yield address
    if MAC.fullmatch(address):
        yield address.replace(":", "")
    if IPV4.fullmatch(address):
        yield "".join(f"{int(octet):02x}" for octet in address.split("."))


def main():
    known = sorted(spelling for address in of_node()
                   for spelling in spellings(address))
    assert len(known) > 20, known
    searched = re.compile(r"(?<![0-9a-f])(?:%s)(?![0-9a-f])"
                          % "|".join(map(re.escape, known)))
    with tarfile.open(sys.argv[1]) as archive:
        for member in archive:
            text = archive.extractfile(member).read().decode()
            for word in sorted(set(searched.findall(text + member.name))):
                print(member.name, word)


main()
