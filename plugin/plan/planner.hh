// A plan in the making: the parts that plan.cc puts in order.
#pragma once

#include "plan/picture.hh"
#include "plan/plan.hh"
#include "step/step.hh"

#include <set>
#include <string>
#include <vector>

namespace snat {

// The sources of flows that pass as they are and shall be translated, as their
// port is not of the gateway port's scope any more: plan_scopes.cc.
std::vector<Ip_range> newly_translated(const Wired &was, const Wired &becomes);

// Collects the steps, and keeps track of what they have made of the world so
// far, so that each part of the plan starts from where the last one ended.
class Planner {
public:
    Planner(const Picture &wished, const Picture &seen, const Checks &checks)
        : wished_{wished}, seen_{seen}, checks_{checks}, now_{seen}
    {
    }

    std::vector<Step> build();
    std::vector<Step> tear_down();

private:
    using Names = std::vector<std::string>;

    // What is new or other than it was: plan_make.cc.
    void make_namespace();
    void set_namespace_sysctls();
    void set_sysctl(const std::string &key);
    void give_up_sysctls();
    void make_devices();
    bool must_be_opened(const std::string &port) const;
    void open_devices();
    void set_node_end(const std::string &link, bool up);
    void set_switch_ports();
    void await_open();
    void move_devices();
    void set_up_links();
    void set_link(const std::string &name);
    void add_addresses(const std::string &name);
    void set_up(const std::string &name);
    void set_link_sysctls(const std::string &name);
    void set_proxies(const std::string &name, const std::set<Ip> &becomes);
    void add_routes();
    void add_route_rules();
    void publish();

    // Translation, and the flows that go with it: plan_nat.cc.
    void load_new_nat();
    void load_rest_of_nat();
    void end_flows();

    // What is asked on the way: plan_verify.cc.
    std::vector<Ip> unverified(const std::string &link) const;
    void verify_addresses();
    void verify_next_hops();

    // What goes: plan_break.cc.
    void remove_abandoned();
    void replace_devices();
    bool must_be_replaced(const std::string &link) const;
    bool row_must_be_replaced(const std::string &port) const;
    void remove_routes();
    void remove_route_rules();
    void remove_ports();
    void remove_addresses();
    void remove_last_ipv4();
    void set_addresses(const std::string &link,
                       const std::vector<Network> &becomes);
    void change_hosts(const std::string &link, const std::vector<Ip> &was,
                      const std::vector<Ip> &becomes);
    void keep_routes(const std::string &link, bool has_ipv4);
    Names unwished_links() const;
    void detach(const std::string &link);
    void detach_ipv6(const std::string &link);
    void detach_routes(const std::string &link,
                       bool (*concerns)(const Route &route));
    void let_go_of_sysctls(const std::string &link);
    void release(const Names &links, const Names &rows);
    void release_device(const std::string &link);
    void release_switch_ports(const Names &links);

    // The order, and what all of it needs: plan.cc.
    Names lent_links() const; // The switch's own devices.
    void add(Step step);

    const Picture &wished_;
    const Picture &seen_;
    const Checks &checks_;
    Picture now_;
    std::vector<Step> steps_;
    Names opening_;    // Added to the switch, and not waited for yet.
    Verify addresses_; // Not set before it is known that they are free.
};

} // namespace snat
