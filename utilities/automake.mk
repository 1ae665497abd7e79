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

# What gathers a bug report, and the modules that it is made of.
bugtool_modules = \
	utilities/bugtool/__init__.py \
	utilities/bugtool/archive.py \
	utilities/bugtool/collector.py \
	utilities/bugtool/command.py \
	utilities/bugtool/machine.py \
	utilities/bugtool/main.py \
	utilities/bugtool/names.py \
	utilities/bugtool/namespaces.py \
	utilities/bugtool/node.py \
	utilities/bugtool/options.py \
	utilities/bugtool/pseudonyms.py \
	utilities/bugtool/redact.py \
	utilities/bugtool/rows.py \
	utilities/bugtool/sources.py
EXTRA_DIST += \
	utilities/ovs-snat-bugtool.8 \
	utilities/ovs-snat-bugtool.in
bugtooldir = $(pkgdatadir)/bugtool
dist_bugtool_DATA = $(bugtool_modules)
sbin_SCRIPTS = utilities/ovs-snat-bugtool
CLEANFILES += utilities/ovs-snat-bugtool
utilities/ovs-snat-bugtool: utilities/ovs-snat-bugtool.in Makefile
	$(AM_V_GEN)$(MKDIR_P) utilities && \
	sed -e 's,@pkgdatadir@,$(pkgdatadir),' -e 's,[@]VERSION[@],$(PACKAGE_VERSION),' \
	    $(srcdir)/utilities/ovs-snat-bugtool.in \
	    > $@.tmp && chmod +x $@.tmp && mv $@.tmp $@
man_MANS += utilities/ovs-snat-bugtool.8
