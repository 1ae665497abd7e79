// Table Wired_NAT: the NAT rules of each router's last good state, one row
// each, so that the history need not repeat them.
#pragma once

#include "change/history.hh"
#include "tables/idl.hh"

#include <cstddef>
#include <map>
#include <string>

namespace snat {

// For who reads it but once.
Good_rules read_wired_nat(const ovsdb_idl *idl);

class Wired_nat {
public:
    // To be made before the IDL is run.
    explicit Wired_nat(ovsdb_idl *idl);

    // After each ovsdb_idl_run(), with 'anew' if the replica may be another.
    void run(bool anew);
    Good_rules read() const;
    // Makes the rows of a router these rules: only what differs is written,
    // unless there are rows that only an older version could have written, or
    // somebody by hand.
    void write(ovsdb_idl_txn *txn, const std::string &router,
               const Nat_set &rules) const;

private:
    struct Shown {
        size_t rows = 0;
        size_t as_written = 0; // Fewer: some are not as we write them, or
        Nat_set rules;         // have no rule at all, or one twice.
    };

    void take(const snatrec_wired_nat *row);
    void drop(const snatrec_wired_nat *row);
    void insert(ovsdb_idl_txn *txn, const std::string &router,
                const Nat_rule &rule) const;
    void remove(const std::string &router, const Nat_rule &rule) const;
    void remove_all(const std::string &router) const;

    ovsdb_idl *idl_;
    ovsdb_idl_index *rows_; // By router and rule; the IDL's.
    std::map<std::string, Shown> shown_;
};

} // namespace snat
