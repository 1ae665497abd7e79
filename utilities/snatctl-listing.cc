// See snatctl-listing.hh.
#include "snatctl-listing.hh"

#include "router/names.hh"
#include "snatctl.hh"

#include <algorithm>
#include <numeric>
#include <set>
#include <string_view>

namespace snat::ctl {

Listing::Listing(ctl_context *ctx, std::initializer_list<const char *> columns)
    : table_{static_cast<table *>(xmalloc(sizeof *table_))}
{
    ctx->table = table_;
    table_init(table_);
    const std::vector<std::string> all{columns.begin(), columns.end()};
    const char *asked = option_of(ctx, "--columns");
    if (!asked) {
        chosen_.resize(all.size());
        std::iota(chosen_.begin(), chosen_.end(), size_t{0});
    }
    for (const auto &name : split(asked ? asked : "")) {
        const auto found = std::ranges::find(all, name);
        if (found == all.end()) {
            ctl_error(ctx,
                      "--columns: there is no column %s: expected some "
                      "of %s",
                      printable(name).c_str(), joined(all, ", ").c_str());
            return;
        }
        chosen_.push_back(static_cast<size_t>(found - all.begin()));
    }
    if (chosen_.empty()) {
        ctl_error(ctx, "--columns: expected some of %s",
                  joined(all, ", ").c_str());
        return;
    }
    for (const size_t column : chosen_) {
        table_add_column(table_, "%s", all[column].c_str());
    }
}

void
Listing::add(const std::vector<Cell> &row)
{
    table_add_row(table_);
    for (const size_t column : chosen_) {
        auto *to = table_add_cell(table_);
        if (const auto *number = std::get_if<int64_t>(&row[column])) {
            to->json = json_integer_create(*number);
            to->type = &ovsdb_type_integer;
        } else {
            const auto text = printable(std::get<std::string>(row[column]));
            to->text = xstrdup(text.c_str());
        }
    }
}

Cell
cell(const int64_t *value, size_t n)
{
    return n ? Cell{*value} : Cell{""};
}

Cell
number(const std::string &text)
{
    return text.empty() ? Cell{""} : Cell{int64_t{std::stoll(text)}};
}

bool
prefers_text(const ctl_command &command)
{
    static const std::set<std::string_view> names{"router-list", "port-list",
                                                  "change-show"};
    return names.contains(command.syntax->name)
           && !shash_find(&command.options, "--columns");
}

} // namespace snat::ctl
