"""From the options to the last words."""
import contextlib
import json
import os
import socket
import sys
import time

from . import machine, namespaces, options, sources
from .archive import Archive, discard, open_new
from .collector import MIB, Collector
from .names import Names
from .node import Node
from .pseudonyms import Pseudonyms
from .redact import Redactor, without_secrets

FAILED = 1


def all_sources(node, known, told, version):
    """What is quick and always there comes first."""
    yield from machine.machine(node, version, told.log_size * MIB)
    yield from sources.daemon(node, told.router)
    yield from sources.databases(node, not told.no_redact)
    yield from sources.plans(node, known, told.router)
    yield from namespaces.namespaces(node, known, told.router,
                                     told.max_namespaces)


def redactor(told, known):
    if told.no_redact:
        return without_secrets
    names = None
    if told.redact_names:
        names = Names({"bridge": known.bridges,
                       "router": known.former | {*known.routers, *told.router},
                       "port": known.ports, "host": {socket.gethostname()}})
    return Redactor(Pseudonyms(), names)


def facts(told, version, archive, troubles, unseen):
    """What the manifest says of the archive as a whole."""
    return {
        "made_by": f"ovs-snat-bugtool (ovs-snat) {version}",
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ",
                                 time.gmtime(archive.now)),
        "redacted": {"addresses": not told.no_redact,
                     "external_ids": not told.no_redact,
                     "names": told.redact_names, "secrets": True},
        "troubles": troubles,
        "unseen": unseen,
    }


def troubles_of(node):
    """What is wrong with this node, as far as one who may ask is told."""
    return list(node.troubles.values()) if os.geteuid() == 0 else []


def unseen_things(told, known, node):
    """What no file of the archive would tell."""
    if os.geteuid() != 0:
        yield ("it was not made by root: what is in namespaces, databases, "
               "logs and processes could not be seen")
    there = node.namespaces()
    for name in told.router:
        if f"snat-{name}" not in there:
            yield (f"there is no namespace snat-{name}"
                   + ("" if name in known.routers else
                      f", and nobody knows a router {name}"))
    if not told.router and len(there) > told.max_namespaces:
        yield (f"of {len(there)} namespaces only {told.max_namespaces} were "
               "looked into (--max-namespaces)")


def write_map(stream, redact):
    with stream:
        json.dump(redact.map, stream, indent=1, sort_keys=True)
        stream.write("\n")


def write(told, version, collector, node, known):
    """Makes the archive, and the map, or neither of them; returns the archive
    with what is wrong and what it lacks."""
    redact = redactor(told, known)
    troubles = list(map(redact, troubles_of(node)))
    unseen = list(map(redact, unseen_things(told, known, node)))
    with contextlib.ExitStack() as on_failure:
        # Both before anything is gathered: it may be that one cannot be made.
        if told.map:
            mapped = open_new(told.map, "w")
            on_failure.callback(discard, told.map)
        archive = Archive(told.output, redact, told.unlimited)
        on_failure.callback(archive.discard)
        for source in all_sources(node, known, told, version):
            archive.add(source, collector.gather(source))
        if told.map:
            write_map(mapped, redact)
        archive.close(facts(told, version, archive, troubles, unseen))
        on_failure.pop_all()
    return archive, troubles, unseen


def why(entry):
    """In the words of who could not, if there are any."""
    words = entry.get("stderr", "").splitlines()
    return f"{entry['error']}: {words[-1]}" if words else entry["error"]


def last_words(told, archive, troubles, unseen):
    """What is wrong, where it is, and what to do with it."""
    there = sum(bool(entry["bytes"]) for entry in archive.entries)
    missing = [entry for entry in archive.entries
               if "error" in entry and "optional" not in entry]
    lines = [*troubles, *(f"not seen: {words}" for words in unseen)]
    if missing:
        lines.append(f"{len(missing)} things could not be gathered, or not "
                     "wholly; manifest.json says why, as of "
                     f"{missing[0]['file']}: {why(missing[0])}")
    if archive.name != "-":
        size = os.path.getsize(archive.name)
        lines.append(f"{archive.name}: {there} files, {size / MIB:.1f} MB")
    lines.append("Addresses are as they are in it: give it to nobody who may "
                 "not know them." if told.no_redact else
                 "Addresses are pseudonyms in it"
                 + (", names too." if told.redact_names else
                    "; names of routers, ports and bridges are as they are."))
    if archive.name != "-":
        lines.append(f"Look at it before you send it: tar tzf {archive.name}")
    return lines


def main(version, words=None):
    told = options.parse(words, version)
    collector = Collector(told.max_time, told.unlimited)
    node = Node(collector, told)
    known = node.known()
    if told.list:
        for source in all_sources(node, known, told, version):
            print(f"{source.path}: {source}")
        return 0
    try:
        archive, troubles, unseen = write(told, version, collector, node, known)
    except OSError as error:
        print(f"ovs-snat-bugtool: no archive was made: {error}",
              file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("ovs-snat-bugtool: interrupted: no archive was made",
              file=sys.stderr)
        return FAILED
    if not told.silent:
        print(*last_words(told, archive, troubles, unseen), sep="\n",
              file=sys.stderr if archive.name == "-" else sys.stdout)
    return 0
