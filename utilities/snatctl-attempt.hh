// The commands of one command line as one transaction.
#pragma once

#include "snatctl-wait.hh"
#include "tables/ovs.hh"

#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace snat::ctl {

// What the options say about how to do it.
struct Manner {
    bool wait = true;
    bool dry_run = false;
    uint32_t confirm = 0; // Seconds; 0: what is written stands at once.
    bool oneline = false;
    table_style style = TABLE_STYLE_DEFAULT;
    bool format_given = false; // Else our own lists are tables.
};

// What a transaction that succeeded leaves to be waited for and looked at.
struct Committed {
    std::optional<int64_t> next_cfg; // Empty: there is nothing to wait for.
    std::set<std::string> touched_routers;
    Newest_changes changes_before;
    std::vector<std::string> wrong_before; // See wrong_defaults().
};

class Attempt {
public:
    Attempt(ovsdb_idl *idl, std::span<ctl_command> commands,
            const Manner &manner, std::string comment)
        : idl_{idl}, commands_{commands}, manner_{manner}, comment_{std::move(
                                                               comment)}
    {
    }

    // Asks the database for the columns that the commands need.
    void run_prerequisites();

    // Runs the commands on the database as it is now, commits, and prints
    // their output.  Empty if that has to be tried again once the database
    // has changed; an error ends the program.
    std::optional<Committed> run(Patience &patience);

private:
    struct Symtab_free {
        void operator()(ovsdb_symbol_table *symtab) const;
    };
    using Symtab = std::unique_ptr<ovsdb_symbol_table, Symtab_free>;

    bool writes() const; // Some command may.
    bool waits() const;
    bool run_commands(ovsdb_idl_txn *txn, ovsdb_symbol_table *symtab,
                      Patience &patience);
    void postprocess(ovsdb_idl_txn *txn, ovsdb_symbol_table *symtab);
    void print_output();
    void drop_output();

    ovsdb_idl *idl_;
    std::span<ctl_command> commands_;
    Manner manner_;
    std::string comment_;
};

} // namespace snat::ctl
