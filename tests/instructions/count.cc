// The way of an edit through the core, as values, for tests/instructions/run
// to have its instructions counted: from rows to a router, from there to the
// steps, and to the texts of the change's row.
//
// What is counted are the functions of namespace 'counted', and what these
// call, each time that they are called; before, a line says what it will be.

#include "plan/plan.hh"
#include "router/accept.hh"
#include "router/translate.hh"
#include "step/json.hh"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

namespace counted {

using namespace snat;

// None of them may be inlined, or the like: they are found by their names.
[[gnu::noipa]] Accepted
accept(Acceptor &acceptor, const Router_row &row, const Surroundings &around)
{
    return acceptor.accept(row, around, {}, nullptr);
}

[[gnu::noipa]] std::vector<Step>
plan(Translator &translator, const Router &router, const Picture &seen)
{
    return snat::plan(wish(router, translator), seen);
}

[[gnu::noipa]] std::string
write(const std::vector<Step> &steps, const std::optional<Router> &before,
      const Router &after)
{
    return dump(to_json(steps)) + dump(to_json(excerpt_of(after, before)));
}

} // namespace counted

namespace {

using namespace snat;

[[noreturn]] void
give_up(const std::string &why)
{
    fprintf(stderr, "count: %s\n", why.c_str());
    exit(EXIT_FAILURE);
}

Port_row
port(const char *name, const char *network)
{
    Port_row row;
    row.id = {Table::router_port, name};
    row.name = name;
    row.networks = {network};
    return row;
}

// Of two pairs of octets one of 250 * 250 addresses.
std::string
address(const char *beginning, int number)
{
    return beginning + std::to_string(number / 250) + "."
           + std::to_string(number % 250 + 1);
}

// A router that gets floating IPs.
class Life {
public:
    Life()
    {
        row_.id = Row_id{Table::router, "demo"};
        row_.name = "demo";
        row_.ports = {port("qg-demo", "198.51.100.10/24"),
                      port("sg-demo0", "10.0.0.1/24"),
                      port("sg-demo1", "10.0.1.1/24")};
        row_.ports[0].gateway_ips = {"198.51.100.1"};
        around_.bridges = {{"br-ex", true}, {"br-int", true}};
    }

    // To so many floating IPs, which is counted as 'what'.
    void
    grow(int floating_ips, const std::string &what)
    {
        while (number_ < floating_ips) {
            add_row();
        }
        puts(("accept " + what).c_str());
        const Accepted accepted = counted::accept(acceptor_, row_, around_);
        if (!accepted.refusals.empty()) {
            give_up(summary(accepted.refusals));
        }
        puts(("plan " + what).c_str());
        const auto steps
            = counted::plan(translator_, accepted.router, picture_);
        puts(("write " + what).c_str());
        const auto text = counted::write(steps, router_, accepted.router);
        if (steps.empty() || text.empty()) {
            give_up("there is nothing to do");
        }
        take_effect(steps);
        router_ = accepted.router;
    }

private:
    void
    add_row()
    {
        const int number = number_++;
        Nat_row nat;
        nat.id = {Table::nat, std::to_string(number)};
        nat.type = "dnat_and_snat";
        nat.external_ip = address("203.0.", number);
        nat.logical_ip = address("10.1.", number);
        row_.nat.insert(nat.id.uuid, nat);
    }

    // And what ovs-vswitchd does then.
    void
    take_effect(const std::vector<Step> &steps)
    {
        for (const Step &step : steps) {
            snat::take_effect(picture_, step);
        }
        for (auto &[name, link] : picture_.kernel.links) {
            link.carrier = link.open = true;
            picture_.open_ports.insert(name);
        }
    }

    Router_row row_;
    Surroundings around_;
    int number_ = 0;
    Acceptor acceptor_;
    Translator translator_;
    Picture picture_ = wish(std::nullopt);
    std::optional<Router> router_;
};

} // namespace

int
main()
{
    json_object_seed(1); // It would be another one each time.
    for (const int have : {10, 1000}) {
        const std::string n = std::to_string(have);
        Life life;
        life.grow(have, "a router of " + n + " floating IPs");
        life.grow(have + 1, "one more beside " + n);
    }
}
