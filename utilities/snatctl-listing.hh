// Lists of rows as tables, of which the option --columns chooses columns.
#pragma once

#include "tables/ovs.hh"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <variant>
#include <vector>

namespace snat::ctl {

// Text, which is made fit for a terminal, or a number.
using Cell = std::variant<std::string, int64_t>;

class Listing {
public:
    // A table with these columns as the command's output.  The context has an
    // error if the command line asks for others.
    Listing(ctl_context *ctx, std::initializer_list<const char *> columns);

    void add(const std::vector<Cell> &row); // A cell for each column.

private:
    table *table_;
    std::vector<size_t> chosen_; // Which columns, in the order asked for.
};

// An optional number; without it an empty text.
Cell cell(const int64_t *value, size_t n);
Cell number(const std::string &text); // Of decimal digits, or empty.

// Whether the command prints text rather than its table, unless a format or
// columns are asked for.
bool prefers_text(const ctl_command &command);

} // namespace snat::ctl
