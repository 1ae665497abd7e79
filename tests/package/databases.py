"""What an operator does with the database of OVS_SNAT, or what happens to it,
while a router named flow forwards."""
import contextlib
import glob
import json
import os
import re
import shutil

from machine import (CTL, assert_no_change, attempt, changes, is_active,
                     is_up, run, snatctl, wait_until)

SCHEMA = "/usr/share/ovs-snat/ovs-snat.ovsschema"
DATABASE = "/var/lib/ovs-snat/ovs_snat.db"


class Databases:
    """Stages of a life, which can tell whether packets were lost."""

    def wrong_databases(self):
        """Gone, empty, corrupt, of another kind: met with a sentence, and
        nothing happens to what is wired."""
        before = changes()
        run("systemctl", "stop", "ovs-snat-ovsdb")
        shutil.move(DATABASE, "/root/good.db")
        other = "/usr/share/openvswitch/vswitch.ovsschema"
        for make, sentence in (
                (lambda: None, "is gone, but routers are wired"),
                (lambda: open(DATABASE, "w").close(), "cannot be read"),
                (lambda: write(DATABASE, "garbage\n" * 100), "cannot be read"),
                (spoil_a_record, "cannot be read"),
                (lambda: run("ovsdb-tool", "create", DATABASE, other),
                 "expected OVS_SNAT")):
            make()
            self.db_refuses(sentence)
            if os.path.exists(DATABASE):
                os.remove(DATABASE)
        # The last of them is put right, and nobody needs to say so.
        shutil.copy("/root/good.db", DATABASE)
        wait_until(is_up, "both parts")
        snatctl("set", "Router", "flow", "external_ids:seen=good")
        run("systemctl", "stop", "ovs-snat-ovsdb")
        os.truncate(DATABASE, os.stat(DATABASE).st_size - 10)
        with self.telling("is not whole"):
            self.start_db()
        assert os.path.exists(DATABASE + ".torn")
        assert_no_change(before)
        self.nothing_lost()

    def db_refuses(self, sentence):
        with self.telling(sentence):
            run("systemctl", "stop", "ovs-snat-ovsdb")
            assert attempt("systemctl", "start", "ovs-snat-ovsdb").returncode

    @staticmethod
    @contextlib.contextmanager
    def telling(sentence):
        begin = run("date", "+%F %T.%6N")
        yield
        wait_until(lambda: sentence in run(
            "journalctl", "-u", "ovs-snat-ovsdb", "-o", "cat",
            "--since", begin), f"the words '{sentence}'")

    @staticmethod
    def start_db():
        run("systemctl", "start", "ovs-snat")
        wait_until(is_up, "both parts")
        snatctl("set", "Router", "flow", f"external_ids:at={os.urandom(4)}")

    def a_new_database_by_word(self):
        """The operator's word for an empty one; what is wired forwards on,
        and is there again when the old one is back."""
        before = changes()
        run("systemctl", "stop", "ovs-snat-ovsdb")
        shutil.move(DATABASE, "/root/good.db")
        run(CTL, "create-db")
        run("systemctl", "start", "ovs-snat")
        wait_until(is_up, "both parts")
        wait_until(lambda: "flow" in run("ovs-appctl", "-t", "ovs-snatd",
                                         "orphan/list"), "an orphan")
        self.nothing_lost()
        run("systemctl", "stop", "ovs-snat-ovsdb")
        shutil.move("/root/good.db", DATABASE)
        self.start_db()
        assert_no_change(before)
        self.nothing_lost()

    def backup_and_restore(self):
        run(CTL, "backup", "/root/backup")
        snatctl("router-add", "later",
                "--", "port-add", "later", "sg-later", "10.0.9.1/24")
        snatctl("set", "Router_Port", "sg-flow", "mtu=1400")
        grown = os.stat(DATABASE).st_size
        run(CTL, "compact-db")
        assert os.stat(DATABASE).st_size < grown
        run(CTL, "restore", "/root/backup")
        wait_until(lambda: "mtu 1500" in run(
            "ip", "-n", "snat-flow", "link", "show", "sg-flow"), "the old MTU")
        wait_until(lambda: is_active("flow"), "an active router")
        self.nothing_lost()

    def conversion(self):
        """To a schema that does not exist yet, and back."""
        before = changes()
        with open(SCHEMA) as file:
            schema = json.load(file)
        shutil.copy(SCHEMA, "/root/schema")
        old = schema["version"]
        schema["version"] = newer(old)
        schema.pop("cksum", None)
        schema["tables"]["Router"]["columns"]["colour"] = {"type": "string"}
        write(SCHEMA, json.dumps(schema))
        run("systemctl", "restart", "ovs-snat-ovsdb")
        self.start_db()
        assert self.served_version() == newer(old)
        assert_no_change(before)
        self.nothing_lost()
        shutil.copy("/root/schema", SCHEMA)
        run("systemctl", "stop", "ovs-snat-ovsdb")
        self.db_refuses("which is newer than")
        run(CTL, "convert-db")
        self.start_db()
        assert self.served_version() == old
        assert_no_change(before)
        assert glob.glob(DATABASE + ".backup*")
        self.nothing_lost()

    @staticmethod
    def served_version():
        return run("ovsdb-client", "get-schema-version",
                   "unix:/run/openvswitch/ovs_snat_db.sock", "OVS_SNAT")

    def cluster(self):
        """One setting makes the database, which stood alone, one of several
        nodes, which speak TLS with each other."""
        run("sh", "-ec", "cd /run && ovs-pki --unique req+sign member switch")
        for number in (1, 2):
            alone, member = cluster_settings(number)
            run(CTL, "start-db", env=alone)
            self.at(number, "--no-wait", "router-add", f"of-{number}")
            run(CTL, "stop-db", env=alone)
            run(CTL, "start-db", env=member)
        told = run("ovs-appctl", "-t", "/run/cluster-1/ovs_snat_db.ctl",
                   "cluster/status", "OVS_SNAT")
        assert "ssl:127.0.0.2:6651" in told, told
        self.at(2, "--no-wait", "router-add", "everywhere")
        wait_until(lambda: self.at(1, "router-list") == "everywhere\nof-1",
                   "the other node to have it")
        # Most of it away, and there again.
        for number in (1, 2):
            run(CTL, "stop-db", env=cluster_settings(number)[1])
        told = run(CTL, "start-db", env=cluster_settings(2)[1])
        assert "does not answer as it should" in told, told
        run(CTL, "start-db", env=cluster_settings(1)[1])
        self.at(2, "--no-wait", "router-del", "everywhere")
        for number in (1, 2):
            run(CTL, "stop-db", env=cluster_settings(number)[1])
            shutil.rmtree(f"/run/cluster-{number}")

    @staticmethod
    def at(number, *words):
        return snatctl(f"--db=unix:/run/cluster-{number}/ovs_snat_db.sock",
                       "--no-leader-only", *words)

    def over_the_network(self):
        """As ovs-snat-ctl(8) says it is done."""
        # Of a width of which man(1) keeps no copy.
        page = run("man", "-P", "cat", "ovs-snat-ctl",
                   env={**os.environ, "MANWIDTH": "100"})
        told = re.search(r"cd /etc/openvswitch.*?pssl:6641", page, re.DOTALL)[0]
        run("sh", "-ec", told)
        run("sh", "-ec", "cd /etc/openvswitch && "
            "ovs-pki --unique req+sign client-snat switch")
        client = "/etc/openvswitch/client-snat"
        assert "flow" in snatctl(
            "--db=ssl:127.0.0.1:6641", "-p", client + "-privkey.pem",
            "-c", client + "-cert.pem",
            "-C", "/var/lib/openvswitch/pki/switchca/cacert.pem",
            "router-list")
        attempt("openssl", "s_client", "-connect", "127.0.0.1:6641")
        wait_until(lambda: "did not return a certificate" in run(
            "cat", "/var/log/ovs-snat/ovsdb-server-snat.log"), "a refusal")
        snatctl("--", "del-connection", "--", "del-ssl")
        for file in glob.glob("/etc/openvswitch/*snat-*.pem"):
            os.remove(file)


def cluster_settings(number):
    """Of a database of its own, and as the numbered member of a cluster."""
    place = f"/run/cluster-{number}"
    alone = {**os.environ, "OVS_RUNDIR": place, "OVS_LOGDIR": place,
             "OVS_DBDIR": place, "SNAT_NETNS_DIR": place}
    return alone, {
        **alone, "SNAT_CLUSTER_LOCAL": f"ssl:127.0.0.{number}:6651",
        "SNAT_CLUSTER_REMOTE": "ssl:127.0.0.1:6651" * (number - 1),
        "SNAT_DB_OPTIONS": """--private-key=/run/member-privkey.pem
            --certificate=/run/member-cert.pem
            --ca-cert=/var/lib/openvswitch/pki/switchca/cacert.pem"""}


def spoil_a_record():
    """One letter in the middle."""
    with open("/root/good.db") as file:
        whole = file.read()
    assert whole.count('"flow"') > 0
    write(DATABASE, whole.replace('"flow"', '"flaw"', 1))


def write(file, text):
    with open(file, "w") as opened:
        opened.write(text)


def newer(version):
    first, second, third = version.split(".")
    return f"{first}.{int(second) + 1}.{third}"
