"""What a text must not tell is taken out of it, whatever the text is: lines of
a log, JSON, the answers of commands.  Where it is in doubt whether something
is an address, it is taken for one."""
import ipaddress
import re

OCTET = r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
IPV4 = rf"(?<!\d){OCTET}(?:\.{OCTET}){{3}}(?!\d)"
LENGTH = r"(?:/\d{1,3}(?!\d))?"
GROUP = r"[0-9A-Fa-f]{1,4}"
GROUPS = rf"{GROUP}(?::{GROUP}){{0,6}}"
IPV6 = (rf"(?:{GROUPS})?::(?:{GROUP}:){{0,5}}{IPV4}|(?:{GROUP}:){{6}}{IPV4}"
        rf"|(?:{GROUPS})?::(?:{GROUPS})?|(?:{GROUP}:){{7}}{GROUP}")
PAIR = r"[0-9A-Fa-f]{2}"
# An Ethernet address without colons: a datapath's id, the name of a device.
# Such are the sets in /proc/PID/status, too.
SETS = "|".join(("Cap...", "Sig...", "ShdPnd"))
BARE = (rf"(?<![\w-])(?<!(?:{SETS}):\t)(?:0000|enx)?[0-9A-Fa-f]{{12}}"
        r"(?![\w-])")
ADDRESS = re.compile(
    rf"(?P<ipv6>(?:{IPV6}){LENGTH})|(?P<ipv4>{IPV4}{LENGTH})"
    rf"|(?P<pairs>{PAIR}(?::{PAIR}){{5}}|{PAIR}(?:-{PAIR}){{5}})"
    rf"|(?P<bare>{BARE})")
# Whoever has the hash of a rule or a route's source can try which addresses
# give it: marks, digests, numbers of route tables.
HASH = re.compile(r"(?<=0x)(?!0{6})[0-9a-f]{8}(?![0-9a-f])"
                  r"|(?<![\w-])[0-9a-f]{32}(?![\w-])")
ROUTE_TABLE = re.compile(r"((?:lookup|table)\W{1,4})(\d{5,10})\b")

REMOVED = "(removed)"
PEM = re.compile(r"-----BEGIN ([^-]+)-----.*?(?:-----END [^-]+-----|\Z)",
                 re.DOTALL)
PASSWORD = re.compile(
    r"""(?ix)((?:passw(?:or)?d|passphrase|secret|token|psk)[\w-]*
        \\?["']?\s*[=:]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;]+)""")
USER_IN_URL = re.compile(r"(://)[^\s/@:]+:[^\s/@]+@")


def without_secrets(text):
    """Nobody who mends a bug needs keys and passwords."""
    text = PEM.sub(r"(removed: \1)", text)
    text = PASSWORD.sub(rf"\1{REMOVED}", text)
    return USER_IN_URL.sub(rf"\1{REMOVED}@", text)


class Redactor:
    """Puts pseudonyms for addresses and, if there are some, names."""

    def __init__(self, pseudonyms, names=None):
        self.pseudonyms = pseudonyms
        self.names = names
        self.map = {}  # The words that were replaced.

    def __call__(self, text):
        text = without_secrets(text)
        if self.names:
            text = self.names(text, self.map)
        text = HASH.sub(lambda match: self.pseudonyms.digest(match[0]), text)
        text = ROUTE_TABLE.sub(
            lambda match: match[1] + self.pseudonyms.number(match[2]), text)
        return ADDRESS.sub(self._replace, text)

    def _replace(self, match):
        word, kind = match[0], match.lastgroup
        if kind == "ipv6" and is_of_a_name(match):
            return word
        pseudonym = getattr(self, f"_{kind}")(word)
        if word != pseudonym:
            self.map[word] = pseudonym
        return pseudonym

    def _ipv6(self, word):
        """More than eight groups are an address and something after it."""
        before, gap, after = word.partition("::")
        groups = after.split(":")
        for many in range(len(groups), -1, -1):
            head = before + gap + ":".join(groups[:many])
            try:
                told = self._ip(head)
            except ValueError:
                continue
            return told + ADDRESS.sub(self._replace, word[len(head):])
        raise ValueError(f"{word} is not like an address")

    def _ipv4(self, word):
        return self._ip(word)

    def _ip(self, word):
        """Of either family, with or without a prefix length."""
        text, slash, length = word.partition("/")
        address = ipaddress.ip_address(text)
        rest = address.max_prefixlen - int(length or address.max_prefixlen)
        if rest > 0 and not int(address) & ((1 << rest) - 1):
            pseudonym = self.pseudonyms.network(address, int(length))
        else:
            pseudonym = self.pseudonyms.ip(address)
        return f"{pseudonym}{slash}{length}"

    def _pairs(self, word):
        digits = self._mac(word.replace(word[2], ""))
        return word[2].join(digits[at:at + 2] for at in range(0, 12, 2))

    def _bare(self, word):
        """Twelve digits without a letter are a number."""
        if word.isdigit() and len(word) == 12:
            return word
        return word[:-12] + self._mac(word[-12:])

    def _mac(self, digits):
        return f"{self.pseudonyms.mac(int(digits, 16)):012x}"


def is_of_a_name(match):
    """Whether the colons are those of a name in a program: of "std::" the
    letter d would begin an address."""
    text, begin, end = match.string, match.start(), match.end()
    is_escape = text[max(begin - 2, 0):begin][:1] == "\\"
    return (not any(map(str.isdigit, match[0]))
            and (text[max(begin - 1, 0):begin].isalnum() and not is_escape
                 or text[end:end + 1].isalnum()))
