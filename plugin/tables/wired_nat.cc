#include "tables/wired_nat.hh"

#include <optional>

namespace snat {
namespace {

// Each rule has one text, by which its row is found; but an older version had
// others.
bool
is_as_written(const snatrec_wired_nat *row,
              const std::optional<Nat_rule> &rule)
{
    return rule && rule_to_text(*rule) == row->rule;
}

} // namespace

Good_rules
read_wired_nat(const ovsdb_idl *idl)
{
    Good_rules rules;
    for (const auto *row : rows<snatrec_wired_nat>(idl)) {
        if (const auto rule = rule_from_text(row->rule)) {
            rules[row->router].insert(*rule);
        }
    }
    return rules;
}

Wired_nat::Wired_nat(ovsdb_idl *idl) : idl_{idl}
{
    ovsdb_idl_add_table(idl, &snatrec_table_wired_nat);
    ovsdb_idl_track_add_column(idl, &snatrec_wired_nat_col_router);
    ovsdb_idl_track_add_column(idl, &snatrec_wired_nat_col_rule);
    rows_ = ovsdb_idl_index_create2(idl, &snatrec_wired_nat_col_router,
                                    &snatrec_wired_nat_col_rule);
}

// Rows come and go, but never change.  A rule may come as another row than it
// goes.
void
Wired_nat::run(bool anew)
{
    if (anew) {
        shown_.clear();
        for (const auto *row : rows<snatrec_wired_nat>(idl_)) {
            take(row);
        }
        return;
    }
    const snatrec_wired_nat *row;
    SNATREC_WIRED_NAT_FOR_EACH_TRACKED(row, idl_)
    {
        if (snatrec_wired_nat_is_deleted(row)
            && !snatrec_wired_nat_is_new(row)) {
            drop(row);
        }
    }
    SNATREC_WIRED_NAT_FOR_EACH_TRACKED(row, idl_)
    {
        if (!snatrec_wired_nat_is_deleted(row)) {
            take(row);
        }
    }
}

void
Wired_nat::take(const snatrec_wired_nat *row)
{
    Shown &shown = shown_[row->router];
    const auto rule = rule_from_text(row->rule);
    shown.rows++;
    shown.as_written += is_as_written(row, rule);
    if (rule) {
        shown.rules.insert(*rule);
    }
}

void
Wired_nat::drop(const snatrec_wired_nat *row)
{
    Shown &shown = shown_[row->router];
    const auto rule = rule_from_text(row->rule);
    shown.as_written -= is_as_written(row, rule);
    if (rule) {
        shown.rules.erase(*rule);
    }
    if (!--shown.rows) {
        shown_.erase(row->router);
    }
}

Good_rules
Wired_nat::read() const
{
    Good_rules rules;
    for (const auto &[router, shown] : shown_) {
        rules[router] = shown.rules;
    }
    return rules;
}

void
Wired_nat::write(ovsdb_idl_txn *txn, const std::string &router,
                 const Nat_set &rules) const
{
    const auto found = shown_.find(router);
    Shown shown = found == shown_.end() ? Shown{} : found->second;
    if (shown.rows != shown.as_written || shown.rows != shown.rules.size()) {
        remove_all(router);
        shown.rules = {};
    }
    for_each_difference(shown.rules, rules,
                        [&](const Nat_rule &rule, bool is_wanted) {
                            if (is_wanted) {
                                insert(txn, router, rule);
                            } else {
                                remove(router, rule);
                            }
                        });
}

void
Wired_nat::insert(ovsdb_idl_txn *txn, const std::string &router,
                  const Nat_rule &rule) const
{
    const auto *row = snatrec_wired_nat_insert(txn);
    snatrec_wired_nat_set_router(row, router.c_str());
    snatrec_wired_nat_set_rule(row, rule_to_text(rule).c_str());
}

void
Wired_nat::remove(const std::string &router, const Nat_rule &rule) const
{
    const auto *wanted = snatrec_wired_nat_index_init_row(rows_);
    snatrec_wired_nat_index_set_router(wanted, router.c_str());
    snatrec_wired_nat_index_set_rule(wanted, rule_to_text(rule).c_str());
    // Else another part of the transaction has removed it.
    if (const auto *row = snatrec_wired_nat_index_find(rows_, wanted)) {
        snatrec_wired_nat_delete(row);
    }
    snatrec_wired_nat_index_destroy_row(wanted);
}

void
Wired_nat::remove_all(const std::string &router) const
{
    for (const auto *row : rows<snatrec_wired_nat>(idl_)) {
        if (row->router == router) {
            snatrec_wired_nat_delete(row);
        }
    }
}

} // namespace snat
