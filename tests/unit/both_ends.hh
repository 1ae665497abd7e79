// The main process's end of the socket between the two, with ourselves at the
// kernel process's.
#pragma once

#include "kernel/client.hh"

#include <boost/test/unit_test.hpp>
#include <optional>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <vector>

namespace snat {

struct Both_ends {
    int ends[2] = {-1, -1};
    std::vector<std::string> logged;
    std::optional<Kernel_process> kernel;

    Both_ends()
    {
        BOOST_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
        kernel.emplace(ends[0], [this](const std::string &line) {
            logged.push_back(line);
        });
    }
    ~Both_ends() { close(ends[1]); }

    void
    answer(const Answer &answer)
    {
        Byte_queue out;
        BOOST_REQUIRE(bool(put_frame(out, to_text(answer))));
        const auto bytes = out.view();
        BOOST_REQUIRE(write(ends[1], bytes.data(), bytes.size())
                      == static_cast<ssize_t>(bytes.size()));
    }
};

} // namespace snat
