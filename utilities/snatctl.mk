# ovs-snatctl, the control tool, and its manual page.

bin_PROGRAMS += utilities/ovs-snatctl
utilities_ovs_snatctl_CPPFLAGS = $(TABLES_CPPFLAGS) \
	-DSNAT_VERSION='"$(PACKAGE_VERSION)"'
utilities_ovs_snatctl_SOURCES = \
	plugin/tables/json-names.h \
	plugin/tables/ovs.hh \
	utilities/ovs-snatctl.cc \
	utilities/snatctl-attempt.cc \
	utilities/snatctl-attempt.hh \
	utilities/snatctl-edits.cc \
	utilities/snatctl-edits.hh \
	utilities/snatctl-options.cc \
	utilities/snatctl-options.hh \
	utilities/snatctl-remotes.cc \
	utilities/snatctl-routers.cc \
	utilities/snatctl-rules.cc \
	utilities/snatctl-show.cc \
	utilities/snatctl-undo.cc \
	utilities/snatctl-wait.cc \
	utilities/snatctl-wait.hh \
	utilities/snatctl.cc \
	utilities/snatctl.hh
utilities_ovs_snatctl_LDADD = \
	plugin/libsnattables.a \
	plugin/libsnatcore.a \
	plugin/libsnatidl.a \
	$(OVS_LIBS) $(JANSSON_LIBS)

man_MANS += utilities/ovs-snatctl.8
EXTRA_DIST += utilities/ovs-snatctl.8
