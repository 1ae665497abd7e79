"""What may be said on the command line."""
import argparse
import re
import sys

ROUTER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
EPILOG = """\
Addresses become pseudonyms, and what others keep in external_ids is removed;
names of routers, ports and bridges stay. See ovs-snat-bugtool(8)."""


def router(word):
    if not ROUTER.fullmatch(word):
        raise argparse.ArgumentTypeError(
            f"\"{word}\" is no name of a router: expected 1 to 64 of "
            "A-Z a-z 0-9 . _ -, beginning with a letter or digit")
    return word


def positive(word):
    if not word.isdigit() or not 0 < int(word) < 1 << 20:
        raise argparse.ArgumentTypeError(
            f"\"{word}\" is no number from 1 to {(1 << 20) - 1}")
    return int(word)


def parser(version):
    options = argparse.ArgumentParser(
        prog="ovs-snat-bugtool", allow_abbrev=False, epilog=EPILOG,
        description="Gathers what a bug report about ovs-snat needs into one "
                    "tar.gz file.")
    add = options.add_argument
    add("-V", "--version", action="version",
        version=f"ovs-snat-bugtool (ovs-snat) {version}")
    add("--output", metavar="FILE", help="the file to make, - for the standard "
        "output (default: ovs-snat-bugtool-TIME.tar.gz in $TMPDIR or /tmp)")
    add("--list", action="store_true",
        help="tell what would be gathered, and write nothing")
    add("--router", metavar="NAME", type=router, action="append", default=[],
        help="look into this router only; may be given again")
    add("--max-namespaces", metavar="N", type=positive, default=50,
        help="look into so many routers, those not active first (%(default)s)")
    add("--max-time", metavar="SECONDS", type=positive, default=120,
        help="begin nothing any more after this time (%(default)s)")
    add("--log-size", metavar="MB", type=positive, default=4,
        help="of each log, the newest so many megabytes (%(default)s)")
    add("--unlimited", action="store_true",
        help="no limit of sizes but --log-size")
    add("--redact-names", action="store_true",
        help="pseudonyms for names of routers, ports and bridges, too")
    add("--no-redact", action="store_true",
        help="leave addresses and external_ids as they are")
    add("--map", metavar="FILE",
        help="write what became of each address and name to this file")
    add("--snat-db", metavar="REMOTE", help="the server of OVS_SNAT")
    add("--ovs-db", metavar="REMOTE", help="the server of Open_vSwitch")
    add("--netns-dir", metavar="DIR", help="of named network namespaces")
    add("-s", "--silent", action="store_true", help="say nothing on success")
    add("-y", "--yestoall", action="store_true",
        help="for who is used to ovs-bugtool(8): nothing is ever asked")
    return options


def parse(words, version):
    options = parser(version)
    told = options.parse_args(words)
    if told.no_redact and (told.redact_names or told.map):
        options.error("--no-redact leaves nothing for --redact-names or --map "
                      "to do")
    if told.list and (told.output or told.map):
        options.error("--list writes nothing: expected no --output and no "
                      "--map")
    if told.output == told.map == "-":
        options.error("--output=- --map=-: expected a file for one of them")
    if told.output == "-" and sys.stdout.isatty():
        options.error("--output=-: expected a pipe or a file, not a terminal")
    return told
