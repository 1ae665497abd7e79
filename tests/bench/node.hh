// What a measurement does to the node that it runs in.
#pragma once

#include <string>

namespace bench {

// A line of bash that knows the functions of utilities/node.sh.
void run(const std::string &line);

// Has that line end a process; returns when it and its children are gone.
void end_process(const std::string &pid, const std::string &line);

// As the node's start does; each returns when the program says it is up.
void start_daemon();
void start_switch();

// Waits for what comes late.  With many routers ovs-snatd never rests: it goes
// round, one after the other.
void let_settle();

} // namespace bench
