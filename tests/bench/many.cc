// Many routers at once, from none and back.

#include "bench.hh"
#include "crowd.hh"
#include "floor.hh"

#include <cstdlib>

namespace bench {
namespace {

class Crowd {
public:
    explicit Crowd(Client &client) : client_{client}, floor_{client} {}

    void
    run(int count, bool apart)
    {
        const auto crowd = samples(0, count), least = samples(0, count, true);
        const Timing added = measure(count, [&] {
            return time_crowd(client_, crowd, apart, add_rows);
        });
        Timing deleted = measure(count, [&] {
            return time_crowd(client_, crowd, apart, delete_rows);
        });
        const Pause pause{processes_};
        const Timing floor_added
            = measure(count, [&] { return floor_.add(least, apart); });
        Timing gone;
        const Timing floor_deleted = measure(count, [&] {
            const double ms = floor_.remove(least, apart);
            gone.ms = {floor_.wait_until_gone() / count};
            return ms;
        });
        const std::string what = std::to_string(count) + ", "
                                 + (apart ? "a transaction each" : "in one");
        print("each of " + what + ", added", added, floor_added);
        print("each of " + what + ", deleted", deleted, floor_deleted);
        // As ovs-snatd waits for it.
        deleted.cpu.reset();
        print("each of " + what + ", devices gone", deleted, gone);
    }

private:
    // For each of them.
    template <typename Time>
    Timing
    measure(int count, Time time)
    {
        floor_.settle();
        processes_.rest();
        const Cpu before = processes_.used();
        Timing timing;
        timing.ms.push_back(time() / count);
        timing.add((processes_.used() - before) / count);
        return timing;
    }

    Client &client_;
    Processes processes_;
    Floor floor_;
};

} // namespace

void
measure_many(Client &client, const Timing &)
{
    set_no_limits(client);
    Crowd crowd{client};
    const char *usually = getenv("FULL") ? "100,1000,3000" : "100,1000";
    for (const int size : numbers_in("ROUTERS", usually)) {
        for (const bool apart : {false, true}) {
            crowd.run(size, apart);
        }
    }
}

} // namespace bench
