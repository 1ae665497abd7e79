// ovs-snatctl: reads and writes the OVS_SNAT database from the command line,
// in the manner of ovs-vsctl, and tells what became of it.
//
// The commands of one command line are one transaction.  By default the
// program then waits until ovs-snatd has dealt with it, and fails with the
// routers' own errors if what was asked for did not come about.
#include "router/known_keys.hh"
#include "snatctl-attempt.hh"
#include "snatctl-neutron.hh"
#include "snatctl-options.hh"
#include "snatctl-transaction.hh"
#include "snatctl-views.hh"
#include "snatctl-wait.hh"
#include "snatctl.hh"

#include <array>
#include <memory>

VLOG_DEFINE_THIS_MODULE(snatctl);

namespace snat::ctl {
namespace {

struct Idl_free {
    void
    operator()(ovsdb_idl *idl) const
    {
        ovsdb_idl_destroy(idl);
    }
};
using Idl = std::unique_ptr<ovsdb_idl, Idl_free>;

// How the generic commands know rows, beside by UUID.
const auto table_classes = [] {
    std::array<ctl_table_class, SNATREC_N_TABLES> classes{};
    const auto by = [&](int table, const ovsdb_idl_column &column) {
        classes[table].row_ids[0].name_column = &column;
    };
    by(SNATREC_TABLE_ROUTER, snatrec_router_col_name);
    by(SNATREC_TABLE_ROUTER_PORT, snatrec_router_port_col_name);
    by(SNATREC_TABLE_NAT, snatrec_nat_col_external_ip);
    by(SNATREC_TABLE_STATIC_ROUTE, snatrec_static_route_col_ip_prefix);
    by(SNATREC_TABLE_CHANGE, snatrec_change_col_number);
    by(SNATREC_TABLE_CONFIRM, snatrec_confirm_col_router);
    by(SNATREC_TABLE_WIRED_NAT, snatrec_wired_nat_col_router);
    by(SNATREC_TABLE_CONNECTION, snatrec_connection_col_target);
    classes[SNATREC_TABLE_SSL].row_ids[0].uuid_column
        = &snatrec_snat_global_col_ssl;
    return classes;
}();

constexpr const ctl_command_syntax *command_tables[]
    = {show_commands,   list_commands,    graph_commands,
       router_commands, rule_commands,    change_commands,
       undo_commands,   neutron_commands, remote_commands};

void
register_commands()
{
    ctl_init__(&snatrec_idl_class, table_classes.data(), nullptr,
               [](int status) { exit(status); });
    for (const auto *table : command_tables) {
        ctl_register_commands(table);
    }
}

// What would be right, where the command line's error is about a command: how
// it is used, or the one that is meant.
std::string
hint(std::string_view error)
{
    const auto begin = error.find('\'') + 1;
    const auto word = error.substr(begin, error.find('\'', begin) - begin);
    std::vector<const char *> names{
        "list",  "find",   "get",     "set",        "add",    "remove",
        "clear", "create", "destroy", "wait-until", "comment"};
    for (const auto *table : command_tables) {
        for (const auto *command = table; command->name; command++) {
            if (word == command->name) {
                return std::string{": expected "} + command->name + " "
                       + command->arguments;
            }
            names.push_back(command->name);
        }
    }
    const char *meant = error.starts_with("unknown command")
                            ? nearest(word, names)
                            : nullptr;
    return meant ? std::string{" (did you mean "} + meant + "?)" : "";
}

struct Commands_free {
    size_t n;
    void
    operator()(ctl_command *commands) const
    {
        for (size_t i = 0; i < n; i++) {
            shash_destroy_free_data(&commands[i].options);
        }
        free(commands);
    }
};
using Commands = std::unique_ptr<ctl_command[], Commands_free>;

Commands
parse_commands(int argc, char *argv[], shash *local)
{
    ctl_command *commands;
    size_t n;
    char *error = ctl_parse_commands(argc, argv, local, &commands, &n);
    if (error) {
        ctl_fatal("%s%s", error, printable(hint(error)).c_str());
    }
    return {commands, Commands_free{n}};
}

Idl
open_database(const Options &options)
{
    Idl idl{ovsdb_idl_create_unconnected(&snatrec_idl_class, false)};
    ovsdb_idl_set_remote(idl.get(), options.db.c_str(), options.retry);
    ovsdb_idl_set_leader_only(idl.get(), options.leader_only);
    ovsdb_idl_set_db_change_aware(idl.get(), false);
    return idl;
}

// Tries until it succeeds.
Committed
commit(ovsdb_idl *idl, const Options &options, Attempt &attempt,
       Patience &patience)
{
    auto seen = ovsdb_idl_get_seqno(idl);
    for (;;) {
        seen = next_state(idl, options.db, seen, patience);
        if (auto committed = attempt.run(patience)) {
            return std::move(*committed);
        }
    }
}

// Ends the program while the replica of the database is there: to free all of
// its rows one by one would take a while.
[[noreturn]] void
run(int argc, char *argv[])
{
    shash local;
    shash_init(&local);
    const Options options = parse_options(argc, argv, &local);
    const auto commands = parse_commands(argc - optind, argv + optind, &local);
    const std::span all{commands.get(), commands.get_deleter().n};
    char *words = process_escape_args(argv);
    VLOG_DBG("called as %s", words);
    const std::string comment = std::string{"ovs-snatctl: "} + words;
    free(words);

    Patience patience{options.timeout};
    const Idl idl = open_database(options);
    Attempt attempt{idl.get(), all, options.manner, comment};
    attempt.run_prerequisites();
    narrow_replica(idl.get(), all);
    const auto committed
        = is_neutron_sync(all)
              ? sync_neutron(idl.get(), all[0], options, comment, patience)
              : commit(idl.get(), options, attempt, patience);
    bool good = true;
    if (committed.next_cfg) {
        wait_for_daemon(idl.get(), *committed.next_cfg, patience);
        good = report_routers(idl.get(), committed.touched_routers,
                              committed.changes_before);
        good &= report_defaults(idl.get(), committed.wrong_before);
        if (options.manner.confirm) {
            report_confirms(idl.get(), committed.touched_routers);
        }
    }
    exit(good ? EXIT_SUCCESS : exit_not_realised);
}

} // namespace
} // namespace snat::ctl

// The IDL has but UUIDs there (ovsdb-schema/snat-idl.ann): whoever makes a row
// with --id and names it there shall not be told that nothing refers to it.
static void
restore_reference()
{
    auto &key = snatrec_router_col_nat.type.key;
    key.uuid.refTableName = snatrec_table_nat.name;
    key.uuid.refType = OVSDB_REF_STRONG;
}

int
main(int argc, char *argv[])
{
    ovs_set_program_name(argv[0], SNAT_VERSION);
    fatal_ignore_sigpipe();
    vlog_set_levels(nullptr, VLF_CONSOLE, VLL_WARN);
    vlog_set_levels_from_string_assert("reconnect:warn");
    // We say ourselves, and without UUIDs, why the database refuses.
    vlog_set_levels_from_string_assert("ovsdb_idl:console:err");
    // Its errors go to whoever typed the command.  They may hold addresses,
    // which no log of ours shall have.
    vlog_set_levels_from_string_assert("db_ctl_base:syslog:off");
    restore_reference();
    snat::ctl::register_commands();
    snat::ctl::run(argc, argv);
}
