#include "tables/both.hh"

#include "tables/router_rows.hh"
#include "tables/user_rows.hh"

namespace snat {

Snapshot
Both_databases::read()
{
    Changed changed = vswitch_.take_changed();
    changed.merge(snat_.take_changed());
    if (changed.whole) {
        changed.routers = snat_.routers();
        changed.routers.merge(vswitch_.routers());
        changed.ports = vswitch_.ports();
    }
    Snapshot snapshot;
    snapshot.whole = changed.whole;
    for (const std::string &name : changed.routers) {
        Rows_of_router &rows = snapshot.routers[name];
        snat_.read(name, rows);
        vswitch_.read(name, rows);
        if (rows.row) { // The databases keep no order.
            std::ranges::sort(rows.row->ports, {}, &Port_row::id);
        }
    }
    for (const std::string &name : changed.ports) {
        snapshot.ports[name] = vswitch_.look_at(name);
    }
    vswitch_.read_global(snapshot);
    snat_.read_global(snapshot);
    return snapshot;
}

std::vector<Change>
Both_databases::load()
{
    return snat_.history();
}

void
Both_databases::record(const Change &change, const std::optional<News> &news,
                       std::function<void(Outcome)> then)
{
    snat_.record(change, news, keep_, std::move(then));
}

void
Both_databases::show(const std::string &router, const Status &status)
{
    vswitch_.show(router, status);
    snat_.show(router, status);
}

void
Both_databases::rewrite(const Rewrite &rewrite,
                        std::function<void(Outcome)> then)
{
    const bool in_both = writes_user_rows(rewrite.was, rewrite.becomes)
                         && writes_router_rows(rewrite.was, rewrite.becomes);
    if (!rewrite.begins) {
        rewrite_switch(rewrite, std::move(then));
    } else if (!in_both) {
        Rewrite whole_by_itself = rewrite;
        whole_by_itself.unconfirmed.reset();
        rewrite_switch(whole_by_itself, std::move(then));
    } else {
        snat_.begin(*rewrite.unconfirmed,
                    [this, rewrite, then](const Outcome &begun) {
                        if (begun) {
                            rewrite_switch(rewrite, then);
                        } else {
                            then(begun);
                        }
                    });
    }
}

// The switch's first: what must be last is in ours.
void
Both_databases::rewrite_switch(const Rewrite &rewrite,
                               std::function<void(Outcome)> then)
{
    if (!writes_user_rows(rewrite.was, rewrite.becomes)) {
        snat_.rewrite(rewrite, std::move(then));
        return;
    }
    vswitch_.rewrite(rewrite.was, rewrite.becomes,
                     [this, rewrite, then](const Outcome &written) {
                         if (written) {
                             rewrite_ours(rewrite, then);
                         } else {
                             give_up(rewrite, written, then);
                         }
                     });
}

// If ours cannot be written, the switch's rows become again what they were.
void
Both_databases::rewrite_ours(const Rewrite &rewrite,
                             const std::function<void(Outcome)> &then)
{
    snat_.rewrite(rewrite, [this, rewrite, then](const Outcome &ours) {
        if (ours) {
            then(ours);
            return;
        }
        vswitch_.rewrite(rewrite.becomes, rewrite.was,
                         [this, rewrite, ours, then](const Outcome &back) {
                             Error error = ours.error();
                             if (!back) {
                                 error.what += "; and the rows on the switch "
                                               "stay as they are now: "
                                               + back.error().what;
                             }
                             give_up(rewrite, error, then);
                         });
    });
}

void
Both_databases::give_up(const Rewrite &rewrite, const Outcome &why,
                        const std::function<void(Outcome)> &then)
{
    if (rewrite.begins && rewrite.unconfirmed) {
        // Until then it would be gone on with.
        snat_.forget(*rewrite.unconfirmed,
                     [why, then](const Outcome &) { then(why); });
    } else {
        then(why);
    }
}

void
Both_databases::settle(int64_t next_cfg, int64_t vswitch_next_cfg)
{
    snat_.settle(next_cfg);
    vswitch_.settle(vswitch_next_cfg);
}

} // namespace snat
