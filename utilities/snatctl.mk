# ovs-snatctl, the control tool, and its manual page.

# Neutron's routers as values, without any database.
noinst_LIBRARIES += utilities/libneutron.a
utilities_libneutron_a_CPPFLAGS = $(CORE_CPPFLAGS)
utilities_libneutron_a_SOURCES = \
	utilities/neutron-json.cc \
	utilities/neutron-json.hh \
	utilities/neutron-merge.cc \
	utilities/neutron-merge.hh \
	utilities/neutron-payload.cc \
	utilities/neutron-payload.hh \
	utilities/neutron-read-nat.cc \
	utilities/neutron-read-ports.cc \
	utilities/neutron-read.hh \
	utilities/neutron-rows.cc \
	utilities/neutron-rows.hh

# Routers as a tree or a picture, likewise.
noinst_LIBRARIES += utilities/libview.a
utilities_libview_a_CPPFLAGS = $(CORE_CPPFLAGS)
utilities_libview_a_SOURCES = \
	utilities/view-dot.cc \
	utilities/view-tree.cc \
	utilities/view-wired.cc \
	utilities/view.cc \
	utilities/view.hh

bin_PROGRAMS += utilities/ovs-snatctl
utilities_ovs_snatctl_CPPFLAGS = $(TABLES_CPPFLAGS) \
	-DSNAT_VERSION='"$(PACKAGE_VERSION)"'
utilities_ovs_snatctl_SOURCES = \
	plugin/tables/json-names.h \
	plugin/tables/ovs.hh \
	utilities/ovs-snatctl.cc \
	utilities/snatctl-attempt.cc \
	utilities/snatctl-attempt.hh \
	utilities/snatctl-changes.cc \
	utilities/snatctl-edits.cc \
	utilities/snatctl-edits.hh \
	utilities/snatctl-graph.cc \
	utilities/snatctl-listing.cc \
	utilities/snatctl-listing.hh \
	utilities/snatctl-lists.cc \
	utilities/snatctl-narrow.cc \
	utilities/snatctl-neutron-owners.cc \
	utilities/snatctl-neutron-owners.hh \
	utilities/snatctl-neutron-rows.cc \
	utilities/snatctl-neutron-rows.hh \
	utilities/snatctl-neutron.cc \
	utilities/snatctl-neutron.hh \
	utilities/snatctl-options.cc \
	utilities/snatctl-options.hh \
	utilities/snatctl-remotes.cc \
	utilities/snatctl-routers.cc \
	utilities/snatctl-rules.cc \
	utilities/snatctl-show.cc \
	utilities/snatctl-transaction.cc \
	utilities/snatctl-transaction.hh \
	utilities/snatctl-undo.cc \
	utilities/snatctl-views.cc \
	utilities/snatctl-views.hh \
	utilities/snatctl-wait.cc \
	utilities/snatctl-wait.hh \
	utilities/snatctl.cc \
	utilities/snatctl.hh
utilities_ovs_snatctl_LDADD = \
	utilities/libneutron.a \
	utilities/libview.a \
	plugin/libsnattables.a \
	plugin/libsnatcore.a \
	plugin/libsnatidl.a \
	$(OVS_LIBS) $(JANSSON_LIBS) $(JEMALLOC_LIBS)

man_MANS += utilities/ovs-snatctl.8 utilities/ovs-snatctl-neutron.8
EXTRA_DIST += utilities/ovs-snatctl.8 utilities/ovs-snatctl-neutron.8
