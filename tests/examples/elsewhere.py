"""The command lines that cannot be run in a node, with the reason and who runs
them instead: nothing else is left out."""

ELSEWHERE = (
    (r"sudo utilities/quickstart\b.*",
     "makes nodes itself; whoever runs the tests runs it, .ci/run does"),
    (r"(sudo )?apt(-get)? .*", "installs; tests/package/build and life.py do"),
    (r"dpkg-buildpackage .*", "tests/package/build"),
    (r"\./boot\.sh.*", "utilities/quickstart build, and dpkg-buildpackage"),
    (r"(sudo )?systemctl .*|journalctl .*|systemd-analyze .*",
     "a machine with systemd; tests/package/life.py"),
    (r"/usr(/local)?/share/ovs-snat/scripts/ovs-snat-ctl .*",
     "what is installed; tests/package/life.py, and without the path here"),
)
