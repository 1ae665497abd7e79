#include "router/excerpt.hh"

#include <utility>

namespace snat {
namespace {

std::optional<Nat_total>
total_of(const Nat_set &rules)
{
    return rules.empty() ? std::nullopt
                         : std::optional{Nat_total{rules.size(),
                                                   to_string(rules.digest())}};
}

} // namespace

Excerpt
excerpt_of(const Router &router, const std::optional<Router> &other)
{
    Excerpt excerpt{router, total_of(router.nat)};
    excerpt.router.nat = {};
    for_each_difference(other ? other->nat : Nat_set{}, router.nat,
                        [&](const Nat_rule &rule, bool is_own) {
                            if (is_own) {
                                excerpt.router.nat.insert(rule);
                            }
                        });
    return excerpt;
}

std::optional<Nat_set>
without(Nat_set rules, const Nat_set &listed)
{
    for (const Nat_rule &rule : listed) {
        if (!rules.erase(rule)) {
            return std::nullopt;
        }
    }
    return rules;
}

std::optional<Router>
complete(const Excerpt &excerpt, Nat_set common)
{
    Router router = excerpt.router;
    router.nat = std::move(common);
    for (const Nat_rule &rule : excerpt.router.nat) {
        router.nat.insert(rule);
    }
    const bool fits
        = !excerpt.all_nat || excerpt.all_nat == total_of(router.nat);
    return fits ? std::optional{std::move(router)} : std::nullopt;
}

} // namespace snat
