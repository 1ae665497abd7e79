"""What can happen in a life.  Each moment says in words what it is, and makes
it happen."""
import errno
import time
from dataclasses import dataclass

FILES = {"ovs-vswitchd": "ovs-vswitchd.pid", "conf-db": "ovsdb-server.pid",
         "snat-db": "ovs_snat_db.pid"}


@dataclass(frozen=True)
class Edit:
    """One transaction through one door, of one router or of several."""
    door: str
    way: dict  # By router, all that the door is told from now on.
    words: str

    def __str__(self):
        return f"{self.door}: {self.words}"

    def happen(self, life):
        life.tell(self.door, self.way)


@dataclass(frozen=True)
class Arm:
    """The next change that is long enough meets a fault."""
    words: tuple

    def __str__(self):
        return "armed: " + " ".join(map(str, self.words))

    def happen(self, life):
        life.daemon.arm(*(getattr(errno, str(word), word)
                          for word in self.words))


@dataclass(frozen=True)
class Kill:
    """A process dies, and is started again as an init system would."""
    victim: str
    pause: float  # Seconds.
    meanwhile: tuple  # Moments.

    def __str__(self):
        return "\n".join([f"kill -9 of {self.victim} for {self.pause:.1f} s"]
                         + [f"meanwhile, {moment}"
                            for moment in self.meanwhile])

    def happen(self, life):
        start = life.kill(self.victim)
        for moment in self.meanwhile:
            moment.happen(life)
        time.sleep(self.pause)
        start()


@dataclass(frozen=True)
class Mischief:
    """By hand, in the words of bash.  What it is done to may not be there."""
    script: str

    def __str__(self):
        return f"by hand: {self.script}"

    def happen(self, life):
        life.by_hand(self.script)


@dataclass(frozen=True)
class Resync:
    def __str__(self):
        return "router/resync"

    def happen(self, life):
        life.daemon.command("router/resync")


@dataclass(frozen=True)
class Add_bridge:
    """Some ports may wait for it."""
    name: str

    def __str__(self):
        return f"the bridge {self.name} is added"

    def happen(self, life):
        life.add_bridge(self.name)


@dataclass(frozen=True)
class Rest:
    """Nothing fails any more, and all must become as the rows say."""

    def __str__(self):
        return "a rest"

    def happen(self, life):
        life.come_to_rest()
