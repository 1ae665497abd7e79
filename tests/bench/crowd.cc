#include "crowd.hh"

#include <cstdlib>
#include <sstream>
#include <utility>

namespace bench {

std::vector<int>
numbers_in(const char *variable, const char *usually)
{
    const char *asked = getenv(variable);
    std::istringstream words{asked ? asked : usually};
    std::vector<int> numbers;
    for (std::string word; std::getline(words, word, ',');) {
        numbers.push_back(std::atoi(word.c_str()));
    }
    return numbers;
}

std::vector<Sample>
samples(int first, int count, bool are_floor)
{
    std::vector<Sample> all;
    for (int i = first; i < first + count; i++) {
        Sample one;
        one.number = i;
        one.is_floor = are_floor;
        all.push_back(one);
    }
    return all;
}

void
set_no_limits(Client &client)
{
    client.time(
        [&](ovsdb_idl_txn *) {
            const auto *global = snatrec_snat_global_first(client.idl());
            for (const auto &[key, value] :
                 {std::pair{"change-rate", "0"},
                  std::pair{"total-change-rate", "0"},
                  std::pair{"switch-timeout", "3600000"}}) {
                snatrec_snat_global_update_options_setkey(global, key, value);
            }
        },
        [] { return true; });
}

// The last transaction counts up, so the answer comes when all is done.
double
time_crowd(Client &client, const std::vector<Sample> &crowd, bool apart,
           const Write &write)
{
    const auto *global = snatrec_snat_global_first(client.idl());
    const int64_t wanted = global->next_cfg + 1;
    std::vector<snat::Router_row> rows;
    for (const Sample &sample : crowd) {
        rows.push_back(rows_of(sample));
    }
    const std::string last = rows.back().name;
    const double ms = time_rows(
        client, rows, apart,
        [&](ovsdb_idl_txn *txn, const snat::Router_row &router) {
            write(txn, router);
            if (router.name == last) {
                snatrec_snat_global_set_next_cfg(global, wanted);
            }
        },
        [&] { return global->cur_cfg >= wanted; });
    for (const auto *router : snat::rows<snatrec_router>(client.idl())) {
        if (!is_active(router)) {
            give_up(("not active: " + std::string{router->name}).c_str());
        }
    }
    return ms;
}

} // namespace bench
