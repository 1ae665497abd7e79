// ovs-appctl without the start of a program.
#pragma once

#include "tables/idl.hh"

#include <string>

namespace bench {

struct Question {
    const char *command, *argument = nullptr;
};

class Appctl {
public:
    Appctl();

    bool knows(const Question &question) const;
    std::string ask(const Question &question);
    // Milliseconds until the answer.
    double time(const Question &question);

private:
    jsonrpc *rpc_ = nullptr; // Open as long as the program.
    std::string known_;
};

} // namespace bench
