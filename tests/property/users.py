"""Rows of door 1 that come and go with the router ports on them."""
import node
from doors import Vsctl


class User_rows(Vsctl):
    def __init__(self):
        super().__init__("")
        self.rows = {}  # The ports that are there, with keys or without.

    def edit(self, before, after):
        super().edit(before, after)
        self.rows.update({name: port for router in after.values()
                          for name, port in router.ports.items()})

    def clear(self, name):
        return super().clear(name) if name in self.rows else []

    def drop(self, name):
        """Some users leave the port, others delete it.  What is left would
        get the least MTU of its bridge, and with that perhaps no IPv6."""
        if not name.endswith("x"):
            return [*super().drop(name), "--", "set", "Interface", name,
                    "mtu_request=1500"]
        del self.rows[name]
        return ["--", "--if-exists", "del-port", name]

    def set_port(self, name, *row):
        _, _, port, *_ = row
        words = [] if name in self.rows else self.add_row(name, port)
        return words + super().set_port(name, *row)

    @staticmethod
    def keys():
        """By interface, what the daemon says to its user."""
        return {row["name"]: {
            key: value for key, value in row["external_ids"].items()
            if key in ("snat-router", "snat-state", "snat-error")}
            for row in node.select_rows("Open_vSwitch", "Interface",
                                        ["name", "external_ids"])
            if "snat-owner" not in row["external_ids"]}
