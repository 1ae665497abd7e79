# The quick way in, and what it shares with the system tests.
EXTRA_DIST += \
	.ci/run \
	utilities/demo.sh \
	utilities/node.sh \
	utilities/quickstart \
	utilities/sandbox-shell \
	utilities/whoami.py
