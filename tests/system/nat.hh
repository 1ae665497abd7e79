// A router with NAT rules between hosts that call one another, and what each
// of them sees of it.
#pragma once

#include "system/node.hh"
#include "system/text.hh"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

namespace test {

// A flow that goes on; tests/system/call.py.
class Call {
public:
    explicit Call(std::unique_ptr<Job> job) : job_{std::move(job)} {}

    // The newest answer, without the port that the call is seen from.
    std::string
    answer() const
    {
        const auto lines = split(job_->output(), '\n');
        const auto &last = lines.size() > 1 ? lines[lines.size() - 2] : "";
        return last.substr(0, last.rfind(' '));
    }

    // Whether answers are, or soon will be, these words, and more than one.
    bool
    is_answered(const std::string &words, Timeout timeout = 5s) const
    {
        const auto before = job_->output().size();
        return wait_until(
            [&] {
                return job_->output().size() > before + 2 * words.size()
                       && answer() == words;
            },
            timeout);
    }

    // Whether the connection is, or soon will be, none any more.
    bool
    breaks() const
    {
        return wait_until(
            [this] { return job_->output().ends_with("broken\n"); });
    }

    // "0 lost, 0 sent again".
    std::string
    end() const
    {
        job_->signal(SIGTERM);
        wait_until([this] { return job_->output().ends_with(" again\n"); });
        const auto lines = split(job_->output(), '\n');
        return lines.empty() ? "" : lines.back();
    }

private:
    std::unique_ptr<Job> job_;
};

// Hosts "one" and "two" inside, "outside" with two addresses.
struct Nat_site {
    Node node;
    std::vector<std::unique_ptr<Job>> answering;

    Nat_site()
    {
        node.host("one", "br-int", "ip=10.0.0.5/24 via=10.0.0.1");
        node.host("two", "br-int", "ip=10.0.0.6/24 via=10.0.0.1");
        node.host("outside", "br-ex", "ip=198.51.100.1/24 ip=198.51.100.2/24");
        // As a provider that routes addresses of another network to us.
        node.must("ip -n outside route add 203.0.113.0/24 dev eth0");
        answer("outside", "80");
    }

    // A rule as a row: "type=snat logical_ip=10.0.0.5 options:random=none".
    static std::string
    row(const std::string &columns, const std::string &id = "@nat")
    {
        return "--id=" + id + " create NAT " + columns
               + " -- add Router r1 nat " + id;
    }

    // A floating IP without connection tracking, as a row.
    static std::string
    stateless_row(const std::string &external, const std::string &logical,
                  const std::string &id = "@nat")
    {
        return row("type=dnat_and_snat 'external_ip=\"" + external
                       + "\"' 'logical_ip=\"" + logical
                       + "\"' options:stateless=true",
                   id);
    }

    // With these rules: "nat-add r1 snat 198.51.100.20 10.0.0.0/24 -- ...".
    void
    wire(const std::string &rules)
    {
        node.snatctl("-- router-add r1 -- --bridge=br-ex "
                     "--gateway=198.51.100.1 port-add r1 qg-r1 "
                     "198.51.100.10/24 -- --bridge=br-int port-add r1 sg-r1 "
                     "10.0.0.1/24"
                     + (rules.empty() ? "" : " -- " + rules));
    }

    // The same with networks of both families.
    void
    wire_ipv6(const std::string &rules)
    {
        for (const std::string host : {"one", "two"}) {
            node.must("ip -n " + host + " address add 2001:db8:1::"
                      + (host == "one" ? "5" : "6")
                      + "/64 dev eth0 nodad && ip -n " + host
                      + " -6 route add default via 2001:db8:1::1");
        }
        node.must("ip -n outside address add 2001:db8::1/64 dev eth0 nodad && "
                  "ip -n outside -6 route add 2001:db8:9::/64 dev eth0");
        node.snatctl("-- router-add r1 -- --bridge=br-ex "
                     "--gateway=198.51.100.1,2001:db8::1 port-add r1 qg-r1 "
                     "198.51.100.10/24 2001:db8::10/64 -- --bridge=br-int "
                     "port-add r1 sg-r1 10.0.0.1/24 2001:db8:1::1/64 -- "
                     + rules);
    }

    // Has answer.py on these ports.
    void
    answer(const std::string &host, const std::string &ports)
    {
        auto job
            = node.start_in(host, "exec " TOP_SRCDIR "/tests/system/answer.py "
                                      + host + " " + ports);
        BOOST_REQUIRE(
            wait_until([&] { return job->output().starts_with("ready\n"); }));
        answering.push_back(std::move(job));
    }

    // Who answers and whom he sees: "outside:80 sees 198.51.100.10".  The
    // words are those of call.py.
    std::string
    call(const std::string &host, const std::string &words)
    {
        const auto told = call_with_port(host, words);
        return told.substr(0, told.rfind(' '));
    }

    // The same with the port that the call is seen from.
    std::string
    call_with_port(const std::string &host, const std::string &words)
    {
        auto told
            = node.run_in(host, TOP_SRCDIR "/tests/system/call.py " + words)
                  .out;
        return told.substr(0, told.rfind('\n'));
    }

    Call
    keep_calling(const std::string &host, const std::string &words)
    {
        return Call{node.start_in(
            host, "exec " TOP_SRCDIR "/tests/system/call.py --keep " + words)};
    }

    // The edit is refused, or undone, and says these words.
    void
    is_refused(const std::string &edit, const std::string &words)
    {
        const auto told = node.run("ovs-snatctl --timeout=20 " + edit);
        BOOST_TEST(told.status != 0, edit << " is taken");
        BOOST_TEST(holds(told.err, words), edit << " gives: " << told.err);
    }

    // What a host hears that tcpdump(8) lets through, from now on.
    std::unique_ptr<Job>
    listen(const std::string &host, const std::string &filter,
           const std::string &device = "eth0")
    {
        return node.tcpdump(host, "-ne -i " + device + " " + quoted(filter));
    }

    // The tracked flows of r1, one a line.
    std::string
    flows(const std::string &filter = "")
    {
        return node.must("ip netns exec snat-r1 conntrack -L " + filter
                         + " 2> /dev/null");
    }
};

// The same where both hosts inside answer.
struct Answering_site : Nat_site {
    Answering_site()
    {
        answer("one", "80");
        answer("two", "80");
    }
};

} // namespace test
