// See snatctl-edits.hh.
#include "snatctl-edits.hh"

#include "snatctl.hh"

#include <algorithm>

namespace snat::ctl {
namespace {

using Row = ovsdb_idl_row;

// Calls 'visit' for each row that exists in the transaction's eyes.
void
for_each_row(const ovsdb_idl *idl, auto visit)
{
    for (size_t i = 0; i < snatrec_idl_class.n_tables; i++) {
        const auto *table = &snatrec_idl_class.tables[i];
        for (const Row *row = ovsdb_idl_first_row(idl, table); row;
             row = ovsdb_idl_next_row(row)) {
            visit(row);
        }
    }
}

bool
is_in(const unsigned long *bits, size_t i)
{
    constexpr size_t width = 8 * sizeof *bits;
    return bits && (bits[i / width] >> (i % width)) & 1;
}

bool
is_inserted(const Row *row)
{
    return !row->old_datum;
}

// A column added to or removed from one by one, without its old value.
bool
is_mutated(const Row *row, size_t i)
{
    return is_in(row->map_op_written, i) || is_in(row->set_op_written, i);
}

bool
is_rewritten(const Row *row, size_t i)
{
    return is_in(row->written, i)
           && (is_inserted(row)
               || !ovsdb_datum_equals(&row->old_datum[i], &row->new_datum[i],
                                      &row->table->class_->columns[i].type));
}

bool
is_touched(const Row *row)
{
    if (is_inserted(row)) {
        return true;
    }
    for (size_t i = 0; i < row->table->class_->n_columns; i++) {
        if (is_rewritten(row, i) || is_mutated(row, i)) {
            return true;
        }
    }
    return false;
}

template <typename Typed>
const Typed *
as(const Row *row, const ovsdb_idl_table_class &table)
{
    return row->table->class_ == &table ? reinterpret_cast<const Typed *>(row)
                                        : nullptr;
}

// What a person calls the row, its table included.
std::string
name_of(const Row *row)
{
    std::string name;
    if (auto *router = as<snatrec_router>(row, snatrec_table_router)) {
        name = router->name;
    } else if (auto *port
               = as<snatrec_router_port>(row, snatrec_table_router_port)) {
        name = port->name;
    } else if (auto *rule = as<snatrec_nat>(row, snatrec_table_nat)) {
        name = row_name(rule);
    } else if (auto *route
               = as<snatrec_static_route>(row, snatrec_table_static_route)) {
        name = row_name(route);
    } else if (auto *change = as<snatrec_change>(row, snatrec_table_change)) {
        name = std::to_string(change->number);
    } else if (auto *confirm
               = as<snatrec_confirm>(row, snatrec_table_confirm)) {
        name = confirm->router;
    } else if (auto *remote
               = as<snatrec_connection>(row, snatrec_table_connection)) {
        name = remote->target;
    }
    return name;
}

std::string
title(const Row *row, const std::string &name)
{
    return row->table->class_->name + (name.empty() ? "" : " " + name);
}

std::string
uuid_of(const uuid &id)
{
    char text[UUID_LEN + 1];
    snprintf(text, sizeof text, UUID_FMT, UUID_ARGS(&id));
    return text;
}

// A column's value; references are told by the name of what they refer to.
std::string
value_of(const ovsdb_datum &datum, const ovsdb_type &type,
         const std::map<std::string, std::string> &names)
{
    if (type.key.type != OVSDB_TYPE_UUID) {
        ds text = DS_EMPTY_INITIALIZER;
        ovsdb_datum_to_string(&datum, &type, &text);
        std::string value{ds_cstr(&text)};
        ds_destroy(&text);
        return value;
    }
    std::set<std::string> referred; // By name, since UUIDs come in any order.
    for (unsigned int i = 0; i < datum.n; i++) {
        const auto found = names.find(uuid_of(datum.keys[i].uuid));
        referred.insert(found != names.end() ? found->second : "(unknown)");
    }
    std::string list;
    for (const auto &name : referred) {
        list += (list.empty() ? "" : ", ") + name;
    }
    return "[" + list + "]";
}

std::string
columns_in_words(const Row *row,
                 const std::map<std::string, std::string> &names)
{
    std::string words;
    for (size_t i = 0; i < row->table->class_->n_columns; i++) {
        const auto &column = row->table->class_->columns[i];
        std::string change;
        if (is_rewritten(row, i)) {
            change = value_of(row->new_datum[i], column.type, names);
            if (!is_inserted(row)) {
                change = value_of(row->old_datum[i], column.type, names)
                         + " -> " + change;
            }
        } else if (is_mutated(row, i)) {
            change = "(some values)";
        } else {
            continue;
        }
        words += (words.empty() ? ": " : "; ") + std::string{column.name} + " "
                 + change;
    }
    return printable(words);
}

// The routers that have a row, by row.
std::map<const Row *, std::set<std::string>>
owners(const ovsdb_idl *idl)
{
    std::map<const Row *, std::set<std::string>> of;
    for (const auto *router : routers(idl)) {
        const auto note = [&](const auto &children) {
            for (const auto *child : children) {
                of[&child->header_].insert(router->name);
            }
        };
        note(ports(router));
        note(nat(idl, router));
        note(static_routes(router));
    }
    return of;
}

} // namespace

Edits::Edits(ovsdb_idl *idl) : idl_{idl}, owners_before_{owners(idl)}
{
    for_each_row(idl, [&](const Row *row) { before_[row] = name_of(row); });
}

std::set<std::string>
Edits::touched_routers() const
{
    std::set<std::string> names;
    const auto owners_now = owners(idl_);
    const auto note = [&](const Row *row) {
        if (auto *router = as<snatrec_router>(row, snatrec_table_router)) {
            names.insert(router->name);
        }
        for (const auto *known : {&owners_before_, &owners_now}) {
            if (const auto found = known->find(row); found != known->end()) {
                names.insert(found->second.begin(), found->second.end());
            }
        }
    };
    for_each_row(idl_, [&](const Row *row) {
        if (is_touched(row)) {
            note(row);
        }
    });
    for (const auto &[row, name] : before_) {
        if (!row->new_datum) {
            note(row);
        }
    }
    return names;
}

Edits::Names
Edits::names_now() const
{
    Names names;
    for (const auto &[row, name] : before_) {
        names[uuid_of(row->uuid)] = name;
    }
    for_each_row(idl_, [&](const Row *row) {
        names[uuid_of(row->uuid)] = name_of(row);
    });
    return names;
}

std::vector<std::string>
Edits::in_words() const
{
    std::vector<std::string> lines;
    const auto names = names_now();
    for_each_row(idl_, [&](const Row *row) {
        if (is_touched(row)) {
            lines.push_back((is_inserted(row) ? "insert " : "change ")
                            + title(row, name_of(row))
                            + columns_in_words(row, names));
        }
    });
    for (const auto &[row, name] : before_) {
        if (!row->new_datum) {
            lines.push_back("delete " + title(row, name));
        }
    }
    std::ranges::sort(lines);
    return lines;
}

} // namespace snat::ctl
