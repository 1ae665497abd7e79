#include "tally.hh"

#include <functional>

namespace snat {
namespace {

// Each count of 'tally' changed by that of 'other'.
template <typename Change>
Tally &
combine(Tally &tally, const Tally &other, Change change)
{
    for (size_t role = 0; role < tally.ports.size(); role++) {
        for (size_t wiring = 0; wiring < tally.ports[role].size(); wiring++) {
            auto &count = tally.ports[role][wiring];
            count = change(count, other.ports[role][wiring]);
        }
    }
    for (size_t kind = 0; kind < tally.rules.size(); kind++) {
        tally.rules[kind] = change(tally.rules[kind], other.rules[kind]);
    }
    tally.routes = change(tally.routes, other.routes);
    return tally;
}

size_t &
count_of(Tally &tally, Rule_kind kind)
{
    return tally.rules[static_cast<size_t>(kind)];
}

Rule_kind
kind_of(const Nat_rule &rule)
{
    return rule.no_nat                   ? Rule_kind::exception
           : rule.is_forward()           ? Rule_kind::port_forward
           : rule.type == Nat_type::snat ? Rule_kind::snat
           : rule.type == Nat_type::dnat ? Rule_kind::dnat
                                         : Rule_kind::floating_ip;
}

// Of all but the router's own rules, which may be many.
Tally
count_few(const std::optional<Router> &router)
{
    Tally tally;
    if (!router) {
        return tally;
    }
    tally.routes = router->routes.size();
    for (const auto &[name, port] : router->ports) {
        tally.ports[static_cast<size_t>(port.role)]
                   [static_cast<size_t>(port.wiring)]++;
        tally.routes += port.routes.size();
        count_of(tally, Rule_kind::by_default) += port.snat_ip.has_value();
        for (const Nat_rule &rule : port.nat) {
            count_of(tally, kind_of(rule))++;
        }
    }
    return tally;
}

} // namespace

Tally &
Tally::operator+=(const Tally &other)
{
    return combine(*this, other, std::plus<>{});
}

Tally &
Tally::operator-=(const Tally &other)
{
    return combine(*this, other, std::minus<>{});
}

void
recount(Tally &tally, const std::optional<Router> &was,
        const std::optional<Router> &becomes)
{
    tally += count_few(becomes);
    tally -= count_few(was);
    for_each_difference(was ? was->nat : Nat_set{},
                        becomes ? becomes->nat : Nat_set{},
                        [&](const Nat_rule &rule, bool comes) {
                            size_t &count = count_of(tally, kind_of(rule));
                            count = comes ? count + 1 : count - 1;
                        });
}

} // namespace snat
