// The JSON form of every value that leaves the process that made it: steps
// and routers in the Change rows, requests to the kernel process and its
// answers, dry runs.  Reading is as strict as if the text were hostile: the
// kernel process trusts nobody, and a row can be edited by hand.
#pragma once

#include "router/excerpt.hh"
#include "router/wired.hh"
#include "step/step.hh"

#include <jansson.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace snat {

struct Json_free {
    void
    operator()(json_t *json) const
    {
        json_decref(json);
    }
};
using Json = std::unique_ptr<json_t, Json_free>;

// One line of text; 'indent' spaces a level if not 0.
std::string dump(const Json &json, int indent = 0);
Result<Json> parse_json(std::string_view text);

Json to_json(const Step &step);
Json to_json(const std::vector<Step> &steps);
Json to_json(const Router &router);
Json to_json(const Excerpt &excerpt);
Json to_json(const Nat_rule &rule);
Json to_json(const Wired &wired);

Result<Step> step_from_json(const json_t *json);
Result<std::vector<Step>> steps_from_json(const json_t *json);
Result<Excerpt> excerpt_from_json(const json_t *json);
Result<Nat_rule> nat_rule_from_json(const json_t *json);
Result<Wired> wired_from_json(const json_t *json);

} // namespace snat
