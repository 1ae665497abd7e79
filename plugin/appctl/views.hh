// What ovs-appctl prints, as text for people or JSON for programs, from
// values.  The JSON shapes are stable: members may be added, none goes.
#pragma once

#include "change/engine.hh"
#include "change/history.hh"
#include "router/trace.hh"

#include <map>
#include <string>
#include <vector>

namespace snat {

enum class Format { text, json };

std::string view_routers(const Engine &engine, Format format);
std::string view_router(const Engine &engine, const Life &life, Format format);
std::string view_plan(const std::vector<Step> &steps, Format format);
std::string view_changes(const Engine &engine,
                         const std::vector<Record> &records, Format format);
std::string view_change(const Engine &engine, const Record &record,
                        Format format);
std::string view_counts(const Nat_counts &counts, Format format);
std::string view_trace(const Packet &packet, const Trace &trace,
                       Format format);
// By router.
std::string view_who(const std::map<std::string, std::vector<Behind>> &found,
                     Format format);
std::string view_orphans(const Engine &engine, Format format);
std::string view_limits(const Engine &engine, size_t changes, Format format);

} // namespace snat
