// The generated IDL functions as ranges and handles: what C++ code needs to
// walk rows without saying "first" and "next".
#pragma once

#include "tables/ovs.hh"

#include <cstddef>
#include <iterator>
#include <memory>
#include <ranges>
#include <string>

namespace snat {

template <typename Row> struct Idl_table;

// Binds a row type to its generated functions, one line for each table.
#define SNAT_IDL_TABLE(ROW)                                                   \
    template <> struct Idl_table<ROW> {                                       \
        static const ROW *                                                    \
        first(const ovsdb_idl *idl)                                           \
        {                                                                     \
            return ROW##_first(idl);                                          \
        }                                                                     \
        static const ROW *                                                    \
        next(const ROW *row)                                                  \
        {                                                                     \
            return ROW##_next(row);                                           \
        }                                                                     \
        static const ROW *                                                    \
        get(const ovsdb_idl *idl, const uuid *id)                             \
        {                                                                     \
            return ROW##_get_for_uuid(idl, id);                               \
        }                                                                     \
    };

SNAT_IDL_TABLE(ovsrec_bridge)
SNAT_IDL_TABLE(ovsrec_port)
SNAT_IDL_TABLE(ovsrec_interface)
SNAT_IDL_TABLE(snatrec_router)
SNAT_IDL_TABLE(snatrec_router_port)
SNAT_IDL_TABLE(snatrec_nat)
SNAT_IDL_TABLE(snatrec_static_route)
SNAT_IDL_TABLE(snatrec_change)
SNAT_IDL_TABLE(snatrec_wired_nat)
SNAT_IDL_TABLE(snatrec_confirm)
#undef SNAT_IDL_TABLE

template <typename Row> class Row_iterator {
public:
    using value_type = const Row *;
    using difference_type = std::ptrdiff_t;

    Row_iterator() = default;
    explicit Row_iterator(const Row *row) : row_{row} {}
    const Row *
    operator*() const
    {
        return row_;
    }
    Row_iterator &
    operator++()
    {
        row_ = Idl_table<Row>::next(row_);
        return *this;
    }
    Row_iterator
    operator++(int)
    {
        auto old = *this;
        ++*this;
        return old;
    }
    bool operator==(const Row_iterator &) const = default;

private:
    const Row *row_ = nullptr;
};

// All rows of a table.
template <typename Row>
auto
rows(const ovsdb_idl *idl)
{
    return std::ranges::subrange(Row_iterator<Row>{Idl_table<Row>::first(idl)},
                                 Row_iterator<Row>{});
}

// The row with this UUID, given as text; null if it is gone.
template <typename Row>
const Row *
find_row(const ovsdb_idl *idl, const std::string &id)
{
    uuid parsed;
    return uuid_from_string(&parsed, id.c_str())
               ? Idl_table<Row>::get(idl, &parsed)
               : nullptr;
}

inline std::string
uuid_text(const uuid &id)
{
    char text[UUID_LEN + 1];
    snprintf(text, sizeof text, UUID_FMT, UUID_ARGS(&id));
    return text;
}

inline std::string
uuid_text(const ovsdb_idl_row &row)
{
    return uuid_text(row.uuid);
}

inline std::string
get(const smap &map, const char *key)
{
    const char *value = smap_get(&map, key);
    return value ? value : "";
}

struct Idl_free {
    void
    operator()(ovsdb_idl *idl) const
    {
        ovsdb_idl_destroy(idl);
    }
};
using Idl = std::unique_ptr<ovsdb_idl, Idl_free>;

struct Txn_free {
    void
    operator()(ovsdb_idl_txn *txn) const
    {
        ovsdb_idl_txn_destroy(txn);
    }
};
using Txn = std::unique_ptr<ovsdb_idl_txn, Txn_free>;

} // namespace snat
