# The quick way in, and what it shares with the system tests.
EXTRA_DIST += \
	.ci/run \
	utilities/demo-picture \
	utilities/demo.sh \
	utilities/node.sh \
	utilities/quickstart \
	utilities/sandbox-shell \
	utilities/whoami.py

# What operators and service managers start.
EXTRA_DIST += \
	utilities/ovs-snat-bashcomp.bash \
	utilities/ovs-snat-ctl.8 \
	utilities/ovs-snat-ctl.in
pkgscriptsdir = $(pkgdatadir)/scripts
pkgscripts_SCRIPTS = utilities/ovs-snat-ctl
CLEANFILES += utilities/ovs-snat-ctl
utilities/ovs-snat-ctl: utilities/ovs-snat-ctl.in Makefile
	$(AM_V_GEN)$(MKDIR_P) utilities && \
	sed 's,@pkgdatadir@,$(pkgdatadir),' $(srcdir)/utilities/ovs-snat-ctl.in \
	    > $@.tmp && chmod +x $@.tmp && mv $@.tmp $@
man_MANS += utilities/ovs-snat-ctl.8
