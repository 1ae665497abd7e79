# Tests of the sources themselves.
source_tests = tests/bugtool tests/format tests/json-names tests/manuals \
	tests/monitoring tests/parity tests/rooms tests/schema
EXTRA_DIST += $(source_tests) tests/json-schemas
TESTS += $(source_tests)
AM_TESTS_ENVIRONMENT = \
	top_srcdir='$(abs_top_srcdir)'; export top_srcdir; \
	top_builddir='$(abs_top_builddir)'; export top_builddir; \
	CLANG_FORMAT='$(CLANG_FORMAT)'; export CLANG_FORMAT; \
	OVS_LIBRARY='$(OVS_BUILDDIR)/lib/.libs/libopenvswitch.a'; \
	export OVS_LIBRARY; \
	BOOST_TEST_REPORT_LEVEL=short; export BOOST_TEST_REPORT_LEVEL;

# Made by hand, for they do not belong to every "make check".
system_programs = tests/system/system
EXTRA_DIST += tests/system/advertise.py tests/system/answer.py \
	tests/system/call.py \
	tests/system/chance.py tests/system/cpu.py tests/system/fail-each \
	tests/system/flood.py \
	tests/system/ftp.py tests/system/inetd.py tests/system/leaks.py \
	tests/system/kills tests/system/ovsdb.py \
	tests/system/neutron_oracle.py tests/system/neutron_payload.py \
	tests/system/packets.py tests/system/rate.py \
	tests/system/run tests/system/slow.py tests/system/snapshot.py \
	tests/system/thousand.py tests/system/traced.py

# The fault campaign, of programs that are there: no code of its own to build.
EXTRA_DIST += \
	tests/campaign/caller.py \
	tests/campaign/cell.py \
	tests/campaign/doors.py \
	tests/campaign/faults.py \
	tests/campaign/flow.py \
	tests/campaign/inside.py \
	tests/campaign/jobs.py \
	tests/campaign/judge.py \
	tests/campaign/matrix.py \
	tests/campaign/node.py \
	tests/campaign/plan.py \
	tests/campaign/run \
	tests/campaign/scenarios.py

# The command lines of the documents, run.
EXTRA_DIST += \
	tests/examples/alike.py \
	tests/examples/blocks.py \
	tests/examples/elsewhere.py \
	tests/examples/inside.py \
	tests/examples/run

# The packages, built and lived with.
EXTRA_DIST += \
	tests/package/build \
	tests/package/databases.py \
	tests/package/life.py \
	tests/package/machine \
	tests/package/machine.py \
	tests/package/root \
	tests/package/run

# The property tests, which share much of that.
EXTRA_DIST += \
	tests/property/chance.py \
	tests/property/daemon.py \
	tests/property/inside.py \
	tests/property/life.py \
	tests/property/model.py \
	tests/property/moments.py \
	tests/property/rewire.py \
	tests/property/rows.py \
	tests/property/run \
	tests/property/seen.py \
	tests/property/users.py

.PHONY: check-programs check-system check-faults check-random check-examples \
	bench-programs
check-programs: $(BUILT_SOURCES)
	$(MAKE) $(AM_MAKEFLAGS) $(check_PROGRAMS) $(system_programs)

# Needs root; each test case runs in a node of its own.
check-system: all check-programs
	$(srcdir)/tests/system/run $(system_programs)

# Needs root; a sample, or with FULL=1 all of it, which takes some hours.
check-faults: all
	$(srcdir)/tests/campaign/run $(abs_top_builddir) $(RUNS)

# Needs root; some lives, or those of SEEDS, such as SEEDS=1-50.
check-random: all
	$(srcdir)/tests/property/run $(abs_top_builddir) $(SEEDS)

# Needs root; all documents, or those of DOCUMENTS, such as DOCUMENTS=README.
check-examples: all
	$(srcdir)/tests/examples/run $(abs_top_builddir) $(DOCUMENTS)

# Speed is measured on a quiet machine, not checked.
bench_programs = tests/bench/bench
EXTRA_PROGRAMS += $(bench_programs)
CLEANFILES += $(bench_programs)
tests_bench_bench_CPPFLAGS = $(TABLES_CPPFLAGS) $(NL_CFLAGS) \
	-DTOP_SRCDIR='"$(abs_top_srcdir)"'
tests_bench_bench_SOURCES = \
	tests/bench/answers.cc \
	tests/bench/appctl.cc \
	tests/bench/appctl.hh \
	tests/bench/bench.cc \
	tests/bench/bench.hh \
	tests/bench/client.cc \
	tests/bench/client.hh \
	tests/bench/crowd.cc \
	tests/bench/crowd.hh \
	tests/bench/facts.cc \
	tests/bench/facts.hh \
	tests/bench/fleet.cc \
	tests/bench/fleet.hh \
	tests/bench/floating_ips.cc \
	tests/bench/floor.cc \
	tests/bench/floor.hh \
	tests/bench/floor_kernel.cc \
	tests/bench/floor_kernel.hh \
	tests/bench/floor_rules.cc \
	tests/bench/floor_rules.hh \
	tests/bench/floor_switch.cc \
	tests/bench/floor_switch.hh \
	tests/bench/flow.cc \
	tests/bench/flow.hh \
	tests/bench/flows.cc \
	tests/bench/flows.hh \
	tests/bench/kernel_alone.cc \
	tests/bench/many.cc \
	tests/bench/memory.cc \
	tests/bench/neutron_rules.cc \
	tests/bench/neutron_rules.hh \
	tests/bench/node.cc \
	tests/bench/node.hh \
	tests/bench/places.cc \
	tests/bench/places.hh \
	tests/bench/print.cc \
	tests/bench/processes.cc \
	tests/bench/processes.hh \
	tests/bench/restart.cc \
	tests/bench/resync.cc \
	tests/bench/routers.cc \
	tests/bench/sample.cc \
	tests/bench/sample.hh \
	tests/bench/sites.cc \
	tests/bench/sites.hh \
	tests/bench/stopwatch.hh \
	tests/bench/switch_restart.cc \
	tests/bench/tcp_flows.cc \
	tests/bench/traffic.cc \
	tests/bench/udp_flows.cc \
	tests/bench/watch.cc \
	tests/bench/watch.hh \
	tests/bench/written.cc \
	tests/bench/written.hh
tests_bench_bench_LDADD = plugin/libsnatidl.a plugin/libsnatkernel.a \
	plugin/libsnatcore.a $(OVS_LIBS) $(NL_LIBS)
bench-programs: all
	$(MAKE) $(AM_MAKEFLAGS) all-am $(bench_programs)

# How many instructions an edit takes in the core.  What is compiled here is
# optimised as the core is, whatever the tests are: of functions that both have
# the linker takes one, and all of them are counted.
check_PROGRAMS += tests/instructions/count
TESTS += tests/instructions/run
EXTRA_DIST += tests/instructions/numbers tests/instructions/run
tests_instructions_count_CPPFLAGS = $(CORE_CPPFLAGS)
tests_instructions_count_SOURCES = tests/instructions/count.cc
tests_instructions_count_LDADD = plugin/libsnatcore.a $(JANSSON_LIBS)
tests/instructions/%: override CXXFLAGS = -g -O2

if HAVE_BOOST_TEST
TEST_CPPFLAGS = -DBOOST_TEST_DYN_LINK -I$(top_srcdir)/tests

# Unit tests: the core only, as values.
check_PROGRAMS += tests/unit/unit
TESTS += tests/unit/unit
tests_unit_unit_CPPFLAGS = $(CORE_CPPFLAGS) $(TEST_CPPFLAGS) \
	-I$(top_srcdir)/utilities
tests_unit_unit_SOURCES = \
	tests/unit/asked.hh \
	tests/unit/contract.hh \
	tests/unit/daemon.hh \
	tests/unit/databases.hh \
	tests/unit/main.cc \
	tests/unit/fake_journal.cc \
	tests/unit/fake_kernel.cc \
	tests/unit/fake_switch.cc \
	tests/unit/fake_world.cc \
	tests/unit/fake_world.hh \
	tests/unit/full.hh \
	tests/unit/lookup.hh \
	tests/unit/random_nat.hh \
	tests/unit/rows.hh \
	tests/unit/samples.hh \
	tests/unit/sentences.hh \
	tests/unit/trial.hh \
	tests/unit/test_accept_addresses.cc \
	tests/unit/test_accept_names.cc \
	tests/unit/test_accept_nat.cc \
	tests/unit/test_accept_nat_options.cc \
	tests/unit/test_accept_nat_rules.cc \
	tests/unit/test_accept_port.cc \
	tests/unit/test_accept_router.cc \
	tests/unit/test_accept_routes.cc \
	tests/unit/test_accept_switch.cc \
	tests/unit/test_address.cc \
	tests/unit/test_change.cc \
	tests/unit/test_change_undo.cc \
	tests/unit/test_engine.cc \
	tests/unit/test_engine_crashes.cc \
	tests/unit/test_engine_drift.cc \
	tests/unit/test_engine_failures.cc \
	tests/unit/test_engine_keep.cc \
	tests/unit/test_engine_news.cc \
	tests/unit/test_engine_random.cc \
	tests/unit/test_engine_refused.cc \
	tests/unit/test_engine_routes.cc \
	tests/unit/test_exposition.cc \
	tests/unit/test_forwarding.cc \
	tests/unit/test_history.cc \
	tests/unit/test_json.cc \
	tests/unit/test_json_refused.cc \
	tests/unit/test_limits.cc \
	tests/unit/test_metrics.cc \
	tests/unit/neutron.hh \
	tests/unit/test_neutron_payload.cc \
	tests/unit/test_neutron_rows.cc \
	tests/unit/test_operator_undo.cc \
	tests/unit/test_pace.cc \
	tests/unit/test_plan.cc \
	tests/unit/test_plan_nat.cc \
	tests/unit/test_ranges.cc \
	tests/unit/test_remembered.cc \
	tests/unit/test_rows_for.cc \
	tests/unit/test_settings.cc \
	tests/unit/test_shared_map.cc \
	tests/unit/test_rows_for_nat.cc \
	tests/unit/test_step.cc \
	tests/unit/test_trace.cc \
	tests/unit/test_translate.cc \
	tests/unit/test_verify.cc \
	tests/unit/test_verify_plan.cc \
	tests/unit/test_view.cc \
	tests/unit/test_wire_routes.cc
tests_unit_unit_LDADD = \
	utilities/libneutron.a utilities/libview.a plugin/libsnatviews.a \
	plugin/libsnatcore.a \
	$(JANSSON_LIBS) $(BOOST_TEST_LIBS)

# What the schemas of Documentation/schema say of values with every member.
check_PROGRAMS += tests/unit/full-json
TESTS += tests/json-schemas
tests_unit_full_json_CPPFLAGS = $(CORE_CPPFLAGS) $(TEST_CPPFLAGS)
tests_unit_full_json_SOURCES = tests/unit/full.hh tests/unit/full_json.cc
tests_unit_full_json_LDADD = plugin/libsnatcore.a $(JANSSON_LIBS)

# And of the kernel process's room: what needs neither root nor a kernel that
# does something.
check_PROGRAMS += tests/unit/kernel
TESTS += tests/unit/kernel
tests_unit_kernel_CPPFLAGS = $(KERNEL_CPPFLAGS) $(TEST_CPPFLAGS)
tests_unit_kernel_SOURCES = \
	tests/unit/both_ends.hh \
	tests/unit/main.cc \
	tests/unit/random_nat.hh \
	tests/unit/sentences.hh \
	tests/unit/test_kernel_client.cc \
	tests/unit/test_kernel_message.cc \
	tests/unit/test_kernel_probe.cc \
	tests/unit/test_kernel_requests.cc \
	tests/unit/test_nft_helpers.cc \
	tests/unit/test_nft_text.cc \
	tests/unit/test_seen_inside.cc
tests_unit_kernel_LDADD = \
	plugin/libsnatkernel.a plugin/libsnatcore.a \
	$(NL_LIBS) $(CAPNG_LIBS) $(JANSSON_LIBS) $(BOOST_TEST_LIBS)

# System tests: programs, packets and files only, so no code of the daemon.
EXTRA_PROGRAMS += tests/system/system
CLEANFILES += tests/system/system
tests_system_system_CPPFLAGS = $(TEST_CPPFLAGS) \
	-DTOP_SRCDIR='"$(abs_top_srcdir)"' -DTOP_BUILDDIR='"$(abs_top_builddir)"'
tests_system_system_SOURCES = \
	tests/system/ask.hh \
	tests/system/drill.cc \
	tests/system/drill.hh \
	tests/system/job.cc \
	tests/system/job.hh \
	tests/system/main.cc \
	tests/system/nat.hh \
	tests/system/node.cc \
	tests/system/node.hh \
	tests/system/rich.hh \
	tests/system/test_announce.cc \
	tests/system/test_answers.cc \
	tests/system/test_bounds.cc \
	tests/system/test_bugtool.cc \
	tests/system/test_care.cc \
	tests/system/test_confirm.cc \
	tests/system/test_crashes.cc \
	tests/system/test_databases.cc \
	tests/system/test_doors.cc \
	tests/system/test_drift.cc \
	tests/system/test_faults.cc \
	tests/system/test_history.cc \
	tests/system/test_kernel.cc \
	tests/system/test_kills.cc \
	tests/system/test_metrics.cc \
	tests/system/test_mtu.cc \
	tests/system/test_nat.cc \
	tests/system/test_nat_flows.cc \
	tests/system/test_nat_changes.cc \
	tests/system/test_nat_gateways.cc \
	tests/system/test_nat_hairpin.cc \
	tests/system/test_nat_order.cc \
	tests/system/test_nat_rows.cc \
	tests/system/test_nat_stateless.cc \
	tests/system/test_nat_stats.cc \
	tests/system/test_nat_trace.cc \
	tests/system/test_ndp_proxy.cc \
	tests/system/test_neutron.cc \
	tests/system/test_neutron_oracle.cc \
	tests/system/test_node.cc \
	tests/system/test_privileges.cc \
	tests/system/test_ra.cc \
	tests/system/test_remotes.cc \
	tests/system/test_restart.cc \
	tests/system/test_router.cc \
	tests/system/test_routes.cc \
	tests/system/test_scopes.cc \
	tests/system/test_show.cc \
	tests/system/test_snatctl.cc \
	tests/system/test_starting.cc \
	tests/system/test_sysctls.cc \
	tests/system/test_tables.cc \
	tests/system/test_tracking.cc \
	tests/system/test_undo.cc \
	tests/system/test_verify.cc \
	tests/system/test_words.cc \
	tests/system/undone.hh \
	tests/system/text.cc \
	tests/system/text.hh
tests_system_system_LDADD = $(BOOST_TEST_LIBS)
endif
