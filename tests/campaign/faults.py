"""What goes wrong in a run: the kinds of faults, and every one that a list of
steps can meet."""
import errno
from dataclasses import dataclass

# What the calls of each kind of step can return, and why they would.
GENERAL = {
    "EPERM": "a security module or a lost capability",
    "ENOMEM": "no memory",
}
NETLINK = {**GENERAL, "ENOBUFS": "the socket's buffer is full",
           "EMSGSIZE": "a message that is too long for the socket",
           "EINVAL": "a kernel that does not know an attribute"}
ERRNOS = {
    "set-namespace": {
        **GENERAL, "ENOSPC": "max_net_namespaces is reached",
        "EMFILE": "no file descriptor left", "ENFILE": "nor in the system",
        "EUSERS": "too many user namespaces"},
    "set-name": {
        **GENERAL, "EACCES": "the directory may not be written",
        "EEXIST": "somebody has taken the name", "ENOSPC": "too many mounts",
        "EROFS": "a file system that is read-only now",
        "EBUSY": "the mount is in use", "ENOENT": "the directory is gone",
        "EINVAL": "the namespace may not be mounted here"},
    "set-nat": {
        **NETLINK, "EBUSY": "a set is in use",
        "EEXIST": "somebody has made the table",
        "ENOENT": "somebody has deleted the table",
        "EOPNOTSUPP": "no nf_tables NAT in the kernel",
        "EAGAIN": "a module has to be loaded first"},
    "change-nat": {
        **NETLINK, "EBUSY": "an element has another value",
        "EEXIST": "somebody has added what overlaps",
        "ENOENT": "somebody has deleted the table"},
    "end-flows": {**NETLINK, "EAGAIN": "the flows keep changing"},
    "set-sysctl": {
        **GENERAL, "EACCES": "read-only", "ENOENT": "no such sysctl here",
        "EINVAL": "the value is out of range", "EROFS": "procfs is read-only",
        "EMFILE": "no file descriptor left", "EBUSY": "cannot be set now"},
    "set-device": {
        **NETLINK, "EEXIST": "the name is taken", "ENODEV": "it is gone",
        "EBUSY": "the device is up or in use",
        "EOPNOTSUPP": "no veth in the kernel",
        "EADDRNOTAVAIL": "a MAC address that the device refuses"},
    "move-device": {
        **NETLINK, "EEXIST": "the name is taken there",
        "ENODEV": "it is gone", "EBUSY": "the device is in use",
        "ENFILE": "no descriptor of the namespace"},
    "set-up": {
        **NETLINK, "ENODEV": "it is gone", "EBUSY": "in use",
        "EADDRNOTAVAIL": "no valid MAC address",
        "ENETDOWN": "the other end is gone"},
    "set-addresses": {
        **NETLINK, "EEXIST": "somebody has added it", "ENODEV": "it is gone",
        "EADDRNOTAVAIL": "somebody has deleted it",
        "EACCES": "IPv6 is switched off on the device"},
    "set-proxies": {
        **NETLINK, "ENODEV": "it is gone",
        "ENOENT": "somebody has deleted one"},
    "change-hosts": {
        **NETLINK, "EEXIST": "somebody has added it", "ENODEV": "it is gone",
        "EADDRNOTAVAIL": "somebody has deleted it"},
    "set-route": {
        **NETLINK, "EEXIST": "somebody has added it",
        "ESRCH": "somebody has deleted it", "ENETUNREACH": "no such next hop",
        "EHOSTUNREACH": "the next hop cannot be reached",
        "ENODEV": "the device is gone"},
    "set-route-rule": {
        **NETLINK, "EEXIST": "somebody has added it",
        "ENOENT": "somebody has deleted it",
        "EAFNOSUPPORT": "no policy routing in the kernel"},
    "set-switch": {
        "EIO": "the database refuses", "ENOENT": "the bridge is gone",
        "ENODEV": "ovs-vswitchd cannot make the device",
        "ENOSPC": "the database cannot be written",
        "ECONNREFUSED": "nobody serves the database",
        "ETIMEDOUT": "ovs-vswitchd is late"},
    "set-open": {
        "EIO": "the database refuses",
        "ECONNREFUSED": "nobody serves the database",
        "ETIMEDOUT": "ovs-vswitchd is late"},
    "await-open": {
        "EIO": "the database refuses",
        "ETIMEDOUT": "ovs-vswitchd is late"},
    "remove-abandoned": {
        **NETLINK, "EBUSY": "somebody uses it", "ENODEV": "it is gone"},
}
VICTIMS = ("both", "main", "kernel")
# Killed, and started again, while a change is stopped.
KILLED = ("vswitchd", "conf-db", "snat-db")

# The kinds of faults, those together that are alike; the last ones take
# seconds each.
SLOW = ("timeout", *(f"kill-{which}" for which in KILLED))
ALIKE = (("fail",), ("fail-undo",),
         tuple(f"crash-{victim}" for victim in VICTIMS),
         tuple(f"undo-crash-{victim}" for victim in VICTIMS), SLOW)


@dataclass(frozen=True)
class Fault:
    kind: str
    router: str
    edit: int  # 0: the first change; 1: the one that comes after it.
    step: int
    error: str = ""
    undo: int = 0  # The inverse step.

    @property
    def name(self):
        parts = [self.kind, str(self.step)]
        parts += [self.error] if self.error else []
        parts += ["undo", str(self.undo)] if self.undo else []
        return "-".join(parts)

    @property
    def number(self):
        return getattr(errno, self.error)


def undos_of(step, count):
    """Which inverse steps meet a fault of their own once a step has failed:
    the first, one in the middle and the last; after the last step all."""
    if step == count:
        return range(1, step)
    return sorted({1, step // 2, step - 1} & set(range(1, step)))


def faults_of(router, edit, kinds):
    """All that can befall a change with steps of these kinds."""
    count = len(kinds)
    for step, kind in enumerate(kinds, 1):
        for error in ERRNOS[kind]:
            yield Fault("fail", router, edit, step, error)
        for victim in VICTIMS:
            yield Fault(f"crash-{victim}", router, edit, step)
        if kind in ("set-switch", "set-open", "await-open"):
            yield Fault("timeout", router, edit, step)
        # Not a time-out: that is tried again before anybody can look.
        errors = [one for one in ERRNOS[kind] if one != "ETIMEDOUT"]
        error = errors[step % len(errors)]
        for undo in undos_of(step, count):
            yield Fault("fail-undo", router, edit, step, error, undo)
            # Elsewhere the victims take turns: all would take hours more.
            turn = (step + undo) % len(VICTIMS)
            for victim in (VICTIMS if step == count
                           else VICTIMS[turn:turn + 1]):
                yield Fault(f"undo-crash-{victim}", router, edit, step,
                            error, undo)
    for step in range(1, count + 2):
        for which in KILLED:
            yield Fault(f"kill-{which}", router, edit, step)
