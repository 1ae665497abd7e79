// A fresh node for one test case: Open vSwitch with br-int and br-ex, both
// databases and ovs-snatd, in namespaces of their own (utilities/node.sh).
// All of it is gone with the object, and also when the test is killed.
#pragma once

#include "system/job.hh"

#include <boost/test/tools/assertion_result.hpp>
#include <functional>
#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace test {

class Node {
public:
    Node();
    ~Node();
    Node(const Node &) = delete;
    Node &operator=(const Node &) = delete;

    // Commands are for bash, in the node, with our tools on the path.
    std::unique_ptr<Job> start(const std::string &command);
    Output run(const std::string &command, Timeout = 30s);
    // The same, where anything but success ends the test case; returns what
    // the command wrote, without a final newline.
    std::string must(const std::string &command, Timeout = 30s);
    std::string vsctl(const std::string &arguments);
    std::string snatctl(const std::string &arguments);
    std::string appctl(const std::string &arguments); // To ovs-snatd.

    // Runs a command again and again until it succeeds, without mercy for
    // one that does not within the time.
    void wait_for(const std::string &command, Timeout = 10s);

    // A computer on a bridge; the words are those of node_host in
    // utilities/node.sh: "ip=10.0.0.5/24 via=10.0.0.1 tag=7 mtu=1400".
    void host(const std::string &name, const std::string &bridge,
              const std::string &words);
    std::unique_ptr<Job> start_in(const std::string &host,
                                  const std::string &command);
    Output run_in(const std::string &host, const std::string &command);
    std::string must_in(const std::string &host, const std::string &command);
    // Starts utilities/whoami.py there; its output tells who called.
    std::unique_ptr<Job> whoami(const std::string &host, int port = 80);
    // tcpdump(8) there, which hears all from now on.
    std::unique_ptr<Job> tcpdump(const std::string &host,
                                 const std::string &arguments);

    // All that a change may touch, as text to be compared.
    std::string snapshot();
    // Whether the state is, or becomes within a moment (the kernel tells of
    // carriers late), that of the snapshot; shows the difference if not.
    boost::test_tools::assertion_result is_as(const std::string &before,
                                              Timeout = 5s);
    // The same without identities: what two things made alike have alike.
    std::string shape();
    boost::test_tools::assertion_result has_shape(const std::string &shape,
                                                  Timeout = 5s);

    // Of ovs-snatd's two processes, as the node numbers them.
    pid_t main_pid();
    pid_t kernel_pid();
    void kill_main();
    void kill_kernel();
    void start_daemon(); // As the node did at its start.
    std::string daemon_log();

private:
    void enter();
    [[noreturn]] void become(const std::string &command, int out, int err);
    void tell_failure();
    boost::test_tools::assertion_result
    becomes(const std::string &wanted,
            const std::function<std::string()> &look, Timeout timeout);

    pid_t holder_ = -1; // Dies with us; the node dies with it.
    Fd holder_fd_;
    Fd line_; // What keeps the node's first command waiting.
    Fd mounts_, root_, network_, processes_, own_processes_;
    std::vector<std::string> environment_;
};

} // namespace test
