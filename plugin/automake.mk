# The rooms of the daemon, each layer a library; arrows go one way.

noinst_LIBRARIES += plugin/libsnatcore.a
plugin_libsnatcore_a_CPPFLAGS = $(CORE_CPPFLAGS)
plugin_libsnatcore_a_SOURCES = \
	plugin/change/change.cc \
	plugin/change/change.hh \
	plugin/change/confirm.hh \
	plugin/change/engine.cc \
	plugin/change/engine_changes.cc \
	plugin/change/engine_confirm.cc \
	plugin/change/engine_count.cc \
	plugin/change/engine_drift.cc \
	plugin/change/engine_due.cc \
	plugin/change/engine_holders.cc \
	plugin/change/engine_keep.cc \
	plugin/change/engine_orphans.cc \
	plugin/change/engine_routes.cc \
	plugin/change/engine_rows.cc \
	plugin/change/engine_undo.cc \
	plugin/change/engine.hh \
	plugin/change/fault.cc \
	plugin/change/fault.hh \
	plugin/change/history.cc \
	plugin/change/history.hh \
	plugin/change/metrics.cc \
	plugin/change/metrics.hh \
	plugin/change/milestones.hh \
	plugin/change/operator_undo.cc \
	plugin/change/operator_undo.hh \
	plugin/change/pace.hh \
	plugin/change/status.cc \
	plugin/change/transaction.cc \
	plugin/change/transaction_apply.cc \
	plugin/change/transaction_check.cc \
	plugin/change/transaction_look.cc \
	plugin/change/transaction_undo.cc \
	plugin/change/transaction_verify.cc \
	plugin/change/transaction.hh \
	plugin/change/watched.hh \
	plugin/change/world.hh \
	plugin/plan/picture.cc \
	plugin/plan/picture.hh \
	plugin/plan/plan.cc \
	plugin/plan/plan.hh \
	plugin/plan/plan_break.cc \
	plugin/plan/plan_make.cc \
	plugin/plan/plan_nat.cc \
	plugin/plan/plan_scopes.cc \
	plugin/plan/plan_verify.cc \
	plugin/plan/planner.hh \
	plugin/router/accept.cc \
	plugin/router/accept.hh \
	plugin/router/accept_addresses.cc \
	plugin/router/accept_forwarding.cc \
	plugin/router/accept_nat.cc \
	plugin/router/accept_nat.hh \
	plugin/router/accept_nat_keys.cc \
	plugin/router/accept_nat_options.cc \
	plugin/router/accept_nat_options.hh \
	plugin/router/accept_nat_rules.cc \
	plugin/router/accept_port.cc \
	plugin/router/accept_port.hh \
	plugin/router/accept_routes.cc \
	plugin/router/accept_routes.hh \
	plugin/router/accept_switch.cc \
	plugin/router/address.cc \
	plugin/router/address.hh \
	plugin/router/digest.cc \
	plugin/router/digest.hh \
	plugin/router/entries.cc \
	plugin/router/entries.hh \
	plugin/router/excerpt.cc \
	plugin/router/excerpt.hh \
	plugin/router/external_addresses.cc \
	plugin/router/external_addresses.hh \
	plugin/router/forwarding.cc \
	plugin/router/forwarding.hh \
	plugin/router/helpers.cc \
	plugin/router/helpers.hh \
	plugin/router/known_keys.cc \
	plugin/router/known_keys.hh \
	plugin/router/limits.cc \
	plugin/router/limits.hh \
	plugin/router/names.cc \
	plugin/router/names.hh \
	plugin/router/nat.cc \
	plugin/router/nat.hh \
	plugin/router/overlaps.cc \
	plugin/router/overlaps.hh \
	plugin/router/ranges.cc \
	plugin/router/ranges.hh \
	plugin/router/read_routes.cc \
	plugin/router/read_settings.cc \
	plugin/router/read_settings.hh \
	plugin/router/result.hh \
	plugin/router/route_lookup.cc \
	plugin/router/route_lookup.hh \
	plugin/router/router.cc \
	plugin/router/router.hh \
	plugin/router/rows.hh \
	plugin/router/rows_for.cc \
	plugin/router/rows_for.hh \
	plugin/router/rows_for_nat.cc \
	plugin/router/rows_for_port.cc \
	plugin/router/port_entries.cc \
	plugin/router/port_entries.hh \
	plugin/router/rows_for_routes.cc \
	plugin/router/rule_entries.cc \
	plugin/router/rule_entries.hh \
	plugin/router/rules.cc \
	plugin/router/rules.hh \
	plugin/router/rules_by_address.cc \
	plugin/router/rules_by_address.hh \
	plugin/router/tally.cc \
	plugin/router/tally.hh \
	plugin/router/timeouts.cc \
	plugin/router/timeouts.hh \
	plugin/router/trace.cc \
	plugin/router/trace.hh \
	plugin/router/settings.hh \
	plugin/router/settings_entries.cc \
	plugin/router/settings_entries.hh \
	plugin/router/shared_map.hh \
	plugin/router/shared_set.hh \
	plugin/router/static_route.cc \
	plugin/router/static_route.hh \
	plugin/router/translate.cc \
	plugin/router/translate.hh \
	plugin/router/wire_routes.cc \
	plugin/router/wire_routes.hh \
	plugin/router/wired.cc \
	plugin/router/wired.hh \
	plugin/step/json.cc \
	plugin/step/json.hh \
	plugin/step/json_members.hh \
	plugin/step/json_read.cc \
	plugin/step/json_write.cc \
	plugin/step/step.cc \
	plugin/step/step.hh

noinst_LIBRARIES += plugin/libsnatkernel.a
plugin_libsnatkernel_a_CPPFLAGS = $(KERNEL_CPPFLAGS)
plugin_libsnatkernel_a_SOURCES = \
	plugin/kernel/abandoned.cc \
	plugin/kernel/abandoned.hh \
	plugin/kernel/addresses.cc \
	plugin/kernel/addresses.hh \
	plugin/kernel/announce.cc \
	plugin/kernel/announce.hh \
	plugin/kernel/announce_frames.cc \
	plugin/kernel/announce_frames.hh \
	plugin/kernel/anycast.cc \
	plugin/kernel/anycast.hh \
	plugin/kernel/arp.cc \
	plugin/kernel/arp.hh \
	plugin/kernel/ask.cc \
	plugin/kernel/ask.hh \
	plugin/kernel/bytes.hh \
	plugin/kernel/check.cc \
	plugin/kernel/check.hh \
	plugin/kernel/client.cc \
	plugin/kernel/client.hh \
	plugin/kernel/conntrack.cc \
	plugin/kernel/conntrack.hh \
	plugin/kernel/count.cc \
	plugin/kernel/count.hh \
	plugin/kernel/datagram.hh \
	plugin/kernel/device.cc \
	plugin/kernel/device.hh \
	plugin/kernel/ethtool.cc \
	plugin/kernel/ethtool.hh \
	plugin/kernel/execute.cc \
	plugin/kernel/execute.hh \
	plugin/kernel/failure.hh \
	plugin/kernel/fd.hh \
	plugin/kernel/flow_ender.cc \
	plugin/kernel/flow_ender.hh \
	plugin/kernel/frames.cc \
	plugin/kernel/frames.hh \
	plugin/kernel/inquiry.cc \
	plugin/kernel/inquiry.hh \
	plugin/kernel/links.cc \
	plugin/kernel/links.hh \
	plugin/kernel/message.cc \
	plugin/kernel/message.hh \
	plugin/kernel/move.cc \
	plugin/kernel/move.hh \
	plugin/kernel/namespaces.cc \
	plugin/kernel/namespaces.hh \
	plugin/kernel/neighbour.cc \
	plugin/kernel/neighbour.hh \
	plugin/kernel/netlink.cc \
	plugin/kernel/netlink.hh \
	plugin/kernel/netns_dir.cc \
	plugin/kernel/netns_dir.hh \
	plugin/kernel/nft.cc \
	plugin/kernel/nft.hh \
	plugin/kernel/nft_arrive.cc \
	plugin/kernel/nft_arrive.hh \
	plugin/kernel/nft_expressions.cc \
	plugin/kernel/nft_expressions.hh \
	plugin/kernel/nft_forwarding.cc \
	plugin/kernel/nft_forwarding.hh \
	plugin/kernel/nft_helpers.cc \
	plugin/kernel/nft_helpers.hh \
	plugin/kernel/nft_layout.cc \
	plugin/kernel/nft_layout.hh \
	plugin/kernel/nft_memory.cc \
	plugin/kernel/nft_memory.hh \
	plugin/kernel/nft_message.cc \
	plugin/kernel/nft_message.hh \
	plugin/kernel/nft_rules.cc \
	plugin/kernel/nft_rules.hh \
	plugin/kernel/nft_stateless.cc \
	plugin/kernel/nft_stateless.hh \
	plugin/kernel/nft_text.cc \
	plugin/kernel/nft_text.hh \
	plugin/kernel/observe.cc \
	plugin/kernel/observe.hh \
	plugin/kernel/own_routes.cc \
	plugin/kernel/own_routes.hh \
	plugin/kernel/privileges.cc \
	plugin/kernel/privileges.hh \
	plugin/kernel/probe.cc \
	plugin/kernel/probe.hh \
	plugin/kernel/protocol.cc \
	plugin/kernel/protocol.hh \
	plugin/kernel/protocol_names.hh \
	plugin/kernel/protocol_read.cc \
	plugin/kernel/protocol_write.cc \
	plugin/kernel/proxies.cc \
	plugin/kernel/proxies.hh \
	plugin/kernel/route_rules.cc \
	plugin/kernel/route_rules.hh \
	plugin/kernel/routes.cc \
	plugin/kernel/routes.hh \
	plugin/kernel/seen_inside.cc \
	plugin/kernel/seen_inside.hh \
	plugin/kernel/set_addresses.cc \
	plugin/kernel/set_addresses.hh \
	plugin/kernel/server.cc \
	plugin/kernel/server.hh \
	plugin/kernel/slow_closer.cc \
	plugin/kernel/slow_closer.hh \
	plugin/kernel/sysctls.cc \
	plugin/kernel/sysctls.hh \
	plugin/kernel/tap.cc \
	plugin/kernel/tap.hh \
	plugin/kernel/usage.cc \
	plugin/kernel/usage.hh \
	plugin/kernel/watch.cc \
	plugin/kernel/watch.hh

# What ovs-appctl prints and needs nothing of Open vSwitch for.
noinst_LIBRARIES += plugin/libsnatviews.a
plugin_libsnatviews_a_CPPFLAGS = $(CORE_CPPFLAGS)
plugin_libsnatviews_a_SOURCES = \
	plugin/appctl/exposition.cc \
	plugin/appctl/exposition.hh \
	plugin/appctl/metrics.cc \
	plugin/appctl/metrics.hh \
	plugin/appctl/uses.cc \
	plugin/appctl/uses.hh

noinst_LIBRARIES += plugin/libsnattables.a
plugin_libsnattables_a_CPPFLAGS = $(TABLES_CPPFLAGS)
plugin_libsnattables_a_SOURCES = \
	plugin/appctl/arguments.cc \
	plugin/appctl/arguments.hh \
	plugin/appctl/commands.cc \
	plugin/appctl/commands.hh \
	plugin/appctl/commands_fault.cc \
	plugin/appctl/commands_fault.hh \
	plugin/appctl/commands_nat.cc \
	plugin/appctl/commands_nat.hh \
	plugin/appctl/views.cc \
	plugin/appctl/views.hh \
	plugin/appctl/views_json.hh \
	plugin/appctl/views_nat.cc \
	plugin/tables/both.cc \
	plugin/tables/both.hh \
	plugin/tables/change_rows.cc \
	plugin/tables/change_rows.hh \
	plugin/tables/changed.hh \
	plugin/tables/commits.cc \
	plugin/tables/commits.hh \
	plugin/tables/confirm_rows.cc \
	plugin/tables/confirm_rows.hh \
	plugin/tables/idl.hh \
	plugin/tables/nat_mirror.cc \
	plugin/tables/nat_mirror.hh \
	plugin/tables/json-names.h \
	plugin/tables/ovs.hh \
	plugin/tables/port_mirror.cc \
	plugin/tables/port_mirror.hh \
	plugin/tables/port_rows.cc \
	plugin/tables/port_rows.hh \
	plugin/tables/reconnect.cc \
	plugin/tables/reconnect.hh \
	plugin/tables/refusal.cc \
	plugin/tables/refusal.hh \
	plugin/tables/router_rows.cc \
	plugin/tables/router_rows.hh \
	plugin/tables/user_rows.cc \
	plugin/tables/user_rows.hh \
	plugin/tables/row_status.hh \
	plugin/tables/snat.cc \
	plugin/tables/snat.hh \
	plugin/tables/snat_rows.cc \
	plugin/tables/snat_rows.hh \
	plugin/tables/uuids.hh \
	plugin/tables/wired_nat.cc \
	plugin/tables/wired_nat.hh \
	plugin/tables/vswitch.cc \
	plugin/tables/vswitch.hh \
	plugin/tables/vswitch_read.cc

# What ovsdb-idlc makes of the schema is not ours to polish: no warnings.
noinst_LIBRARIES += plugin/libsnatidl.a
plugin_libsnatidl_a_CPPFLAGS = \
	-include $(top_srcdir)/plugin/tables/json-names.h \
	-I$(top_builddir)/ovsdb-schema $(OVS_CPPFLAGS)
plugin_libsnatidl_a_CFLAGS = $(SANITIZER_FLAGS)
nodist_plugin_libsnatidl_a_SOURCES = $(snat_idl_files)

sbin_PROGRAMS += plugin/ovs-snatd
plugin_ovs_snatd_CPPFLAGS = $(TABLES_CPPFLAGS) $(NL_CFLAGS) $(CAPNG_CFLAGS) \
	-DSNAT_VERSION='"$(PACKAGE_VERSION)"'
plugin_ovs_snatd_SOURCES = \
	plugin/heartbeat.cc \
	plugin/heartbeat.hh \
	plugin/loop_clock.cc \
	plugin/loop_clock.hh \
	plugin/loop_turns.hh \
	plugin/main.cc \
	plugin/metrics_file.cc \
	plugin/metrics_file.hh \
	plugin/started_with.cc \
	plugin/started_with.hh
plugin_ovs_snatd_LDADD = \
	plugin/libsnattables.a \
	plugin/libsnatviews.a \
	plugin/libsnatkernel.a \
	plugin/libsnatcore.a \
	plugin/libsnatidl.a \
	$(OVS_LIBS) \
	$(NL_LIBS) $(CAPNG_LIBS) $(JANSSON_LIBS) $(JEMALLOC_LIBS)

man_MANS += plugin/ovs-snatd.8
EXTRA_DIST += plugin/ovs-snatd.8
