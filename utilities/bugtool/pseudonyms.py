"""Pseudonyms of addresses, and of hashes that are made of addresses.

Of two addresses that begin alike, the pseudonyms begin alike for just as long,
so networks stay networks.  Whether a bit is turned depends on the bits before
it and a key (Xu, Fan, Ammar and Moon: "Prefix-Preserving IP Address
Anonymization", known as Crypto-PAn, with BLAKE2 in place of AES); whoever does
not have the key cannot tell.

What an address is for is kept as well: private ones stay private, link-local
ones link-local, and what is the same everywhere stays as it is."""
import hashlib
import ipaddress
import secrets

ALL_BITS = {4: 32, 6: 128}

# Addresses inside of each stay inside, those outside stay outside.
KEPT_BLOCKS = {
    4: ("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8",
        "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16", "224.0.0.0/4",
        "240.0.0.0/4"),
    6: ("2000::/3", "fc00::/8", "fd00::/8", "fe80::/64", "ff00::/8"),
}
UNCHANGED_IPV4 = [ipaddress.ip_network(block) for block in (
    "0.0.0.0/8", "127.0.0.0/8", "224.0.0.0/4")]
UNCHANGED_IPV6 = [ipaddress.ip_network(block) for block in (
    "::/127", *(f"ff0{scope:x}::/16" for scope in range(16)))]
# The end of the address of a node's own group is the end of its addresses.
SOLICITED_NODE = ipaddress.ip_network("ff02::1:ff00:0/104")
# The last 32 bits are an IPv4 address.
WITH_IPV4 = [ipaddress.ip_network(block)
             for block in ("::ffff:0:0/96", "64:ff9b::/96")]

MAC_BITS = 48
EVERYBODY = (1 << MAC_BITS) - 1
LOCAL_BIT, GROUP_BIT = 6, 7  # Counted from the first of the first octet.
GROUP_KIND_BITS = 24  # What is the same for all groups of one kind.


class PrefixMap:
    """A permutation of the numbers of so many bits that keeps prefixes."""

    def __init__(self, key, name, bits, is_kept=lambda length, prefix: False):
        self.key = key
        self.name = name.encode()
        self.bits = bits
        self.is_kept = is_kept

    def turns(self, length, prefix):
        """Whether the bit after the prefix is turned."""
        if self.is_kept(length, prefix):
            return 0
        text = b"%s %d %x" % (self.name, length, prefix)
        chance = hashlib.blake2b(text, key=self.key, digest_size=1).digest()
        return chance[0] & 1

    def __call__(self, number):
        result = 0
        for length in range(self.bits):
            rest = self.bits - length
            bit = number >> (rest - 1) & 1
            result = result << 1 | bit ^ self.turns(length, number >> rest)
        return result


def on_the_way_to(blocks):
    """Whether a prefix leads to one of the blocks, so that the bit after it
    must not be turned."""
    prefixes = set()
    for block in map(ipaddress.ip_network, blocks):
        number = int(block.network_address)
        prefixes |= {(length, number >> (block.max_prefixlen - length))
                     for length in range(block.prefixlen)}
    return lambda length, prefix: (length, prefix) in prefixes


def is_mask(number, bits):
    """Ones, then zeros: 255.255.255.0 is nobody's address."""
    return not (rest := number ^ ((1 << bits) - 1)) & (rest + 1)


class Pseudonyms:
    """Of IP and Ethernet addresses, and of hashes of them; the same for the
    same one each time."""

    def __init__(self, key=None):
        self.key = key = key or secrets.token_bytes(32)
        self.maps = {
            version: PrefixMap(key, f"IPv{version}", bits,
                               on_the_way_to(KEPT_BLOCKS[version]))
            for version, bits in ALL_BITS.items()}
        self.card = PrefixMap(key, "MAC", MAC_BITS, lambda length, prefix:
                              length in (LOCAL_BIT, GROUP_BIT))
        self.group = PrefixMap(key, "group", MAC_BITS - GROUP_KIND_BITS)
        self.known = {}

    def ip(self, address):
        """Of an address of the module ipaddress."""
        if address not in self.known:
            map_one = self._ipv4 if address.version == 4 else self._ipv6
            self.known[address] = type(address)(map_one(address))
        return self.known[address]

    def _ipv4(self, address):
        number = int(address)
        if (any(address in block for block in UNCHANGED_IPV4)
                or number >> 28 == 15 and is_mask(number, 32)):
            return number
        return self.maps[4](number)

    def _ipv6(self, address):
        number = int(address)
        if any(address in block for block in WITH_IPV4):
            last = ipaddress.IPv4Address(number & 0xffffffff)
            return number >> 32 << 32 | int(self.ip(last))
        if address in SOLICITED_NODE:
            return number >> 24 << 24 | self.group(number & 0xffffff)
        if (any(address in block for block in UNCHANGED_IPV6)
                or number >> 120 == 255 and is_mask(number, 128)):
            return number
        return self.maps[6](number)

    def network(self, address, length):
        """Of the network that begins with this address: all of its addresses
        have pseudonyms in it."""
        version = address.version
        rest = ALL_BITS[version] - length
        return type(address)(int(self.ip(address)) >> rest << rest)

    def mac(self, number):
        """Of an Ethernet address, as a number."""
        if number not in self.known:
            self.known[number] = self._mac(number)
        return self.known[number]

    def _mac(self, number):
        if number in (0, EVERYBODY):
            return number
        if number >> (MAC_BITS - GROUP_BIT - 1) & 1:
            rest = MAC_BITS - GROUP_KIND_BITS
            return (number >> rest << rest
                    | self.group(number & ((1 << rest) - 1)))
        return self.card(number)

    def digest(self, digits):
        """Of a hash, as hexadecimal digits: of equal ones the same."""
        return hashlib.blake2b(digits.encode(), key=self.key,
                               digest_size=len(digits) // 2).hexdigest()

    def number(self, digits):
        """The same as decimal digits, of at most 31 bits."""
        return str(int(self.digest(f"{int(digits):08x}"), 16) >> 1)
