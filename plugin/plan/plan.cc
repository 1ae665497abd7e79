// The order of the steps.

#include "plan/plan.hh"

#include "plan/planner.hh"

#include <ranges>

namespace snat {

std::vector<Step>
Planner::build()
{
    remove_abandoned();
    make_namespace();
    replace_devices();
    set_namespace_sysctls();
    make_devices();
    set_switch_ports(); // ovs-vswitchd opens these during what follows.
    load_new_nat();
    open_devices();
    move_devices();
    set_up_links();
    await_open();
    verify_addresses();
    verify_next_hops();
    remove_last_ipv4();
    add_routes();
    add_route_rules();
    remove_route_rules();
    remove_routes();
    remove_ports();
    remove_addresses();
    end_flows();
    publish();
    return std::move(steps_);
}

Planner::Names
Planner::lent_links() const
{
    Names names;
    for (const auto &[name, link] : now_.kernel.links) {
        if (link.device.wiring == Wiring::internal) {
            names.push_back(name);
        }
    }
    return names;
}

// Dropping the namespace takes all pairs with it at once, so those need no
// steps of their own.  The switch's own devices must survive it, and should
// we die, the loss of its name, and so must the way back: they are moved out
// first.
std::vector<Step>
Planner::tear_down()
{
    remove_abandoned();
    const Names lent = lent_links();
    for (const auto &name : lent) {
        detach(name);
    }
    release(lent, {});
    if (now_.kernel.exists && now_.kernel.name == Name_state::ours) {
        add(Set_name{true, false});
    }
    Names rows;
    for (const auto &[name, port] : now_.switch_ports) {
        rows.push_back(name);
    }
    release_switch_ports(rows);
    if (now_.kernel.exists) {
        add(Set_namespace{true, false});
    }
    return std::move(steps_);
}

void
Planner::add(Step step)
{
    take_effect(now_, step);
    steps_.push_back(std::move(step));
}

std::vector<Step>
plan(const Picture &wished, const Picture &seen, const Checks &checks)
{
    Planner planner{wished, seen, checks};
    return wished.kernel.exists ? planner.build() : planner.tear_down();
}

std::vector<Step>
inverse(const std::vector<Step> &steps)
{
    std::vector<Step> out;
    for (const Step &step : std::views::reverse(steps)) {
        if (has_inverse(step)) {
            out.push_back(inverse(step));
        }
    }
    return out;
}

} // namespace snat
