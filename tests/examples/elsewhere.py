"""The command lines that cannot be run in a node, with the reason and who runs
them instead: nothing else is left out."""

ELSEWHERE = (
    (r"sudo utilities/quickstart\b.*",
     "makes nodes itself; whoever runs the tests runs it, .ci/run does"),
    (r"sudo apt install dpkg-dev && sudo apt build-dep \.",
     "installs; dpkg-buildpackage in tests/package/build refuses to begin "
     "without what it would install"),
    (r"dpkg-buildpackage -us -uc -b", "tests/package/build, build()"),
    (r"sudo apt install \.\./ovs-snat_\*\.deb",
     "installs; tests/package/machine.py, install(), has dpkg do it"),
    (r"\./boot\.sh && \./configure && make && sudo make install",
     "installs; tests/package/build has dpkg-buildpackage do the same"),
    (r"systemctl status ovs-snat", "tests/package/life.py, installation()"),
    (r"systemctl (start|stop|restart) ovs-snat",
     "tests/package/life.py, stop_and_start()"),
    (r"systemctl mask --now ovs-snatd",
     "tests/package/life.py, without_the_daemon()"),
    (r"systemd-analyze security --offline=true "
     r"/lib/systemd/system/ovs-snatd\.service",
     "tests/package/life.py, exposure()"),
    (r"/usr/local/share/ovs-snat/scripts/ovs-snat-ctl start",
     "what is installed by hand; the package's in tests/package/life.py, "
     "without_systemd(), and this tree's by its name here"),
)
