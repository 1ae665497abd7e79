// See snatctl-attempt.hh.
#include "snatctl-attempt.hh"

#include "snatctl-edits.hh"
#include "snatctl-listing.hh"
#include "snatctl-transaction.hh"
#include "snatctl.hh"
#include "tables/confirm_rows.hh"

#include <algorithm>

namespace snat::ctl {
namespace {

// Whether it asks something of the daemon.  Some write what is for the
// database server, and "init" only makes room for others to ask in.
bool
asks_daemon(const ctl_command &command)
{
    const std::string_view name{command.syntax->name};
    return command.syntax->mode == ctl_command_syntax::RW && name != "init"
           && !name.ends_with("-connection") && !name.ends_with("-ssl");
}

// An @name that "create" was never given, or given for nothing.
void
check_symbols(const ovsdb_symbol_table *symtab)
{
    struct shash_node *node;
    SHASH_FOR_EACH(node, &symtab->sh)
    {
        const auto *symbol = static_cast<const ovsdb_symbol *>(node->data);
        if (!symbol->created) {
            ctl_fatal("row id \"%s\" is referenced but never created (e.g. "
                      "with \"-- --id=%s create ...\")",
                      node->name, node->name);
        }
        if (!symbol->strong_ref) {
            ovs_error(0,
                      "row id \"%s\" was created, but no row refers to it, "
                      "so the database drops it",
                      node->name);
        }
    }
}

// Rather than print, for a program that asks for a table, what is none.
void
check_format(const ctl_command &command, enum table_format format)
{
    const std::string_view name{command.syntax->name};
    const bool for_programs
        = format == TF_JSON || format == TF_HTML || format == TF_CSV;
    if (for_programs && (name == "show" || name == "graph")) {
        ctl_fatal("--format: %s prints no table: expected a command that "
                  "does, such as router-list, port-list, change-list or list "
                  "Router",
                  command.syntax->name);
    }
}

// The error of a command.  The generic ones know nothing of the other
// database, whose routers and ports people name as well.
[[noreturn]] void
fail(const std::string &error)
{
    const bool lacks_row = error.starts_with("no row \"")
                           && (error.ends_with(" in table Router")
                               || error.ends_with(" in table Router_Port"));
    ctl_fatal("%s%s%s", error.c_str(), lacks_row ? "; " : "",
              lacks_row ? out_of_reach : "");
}

void
print_on_one_line(std::string_view text)
{
    if (text.ends_with('\n')) {
        text.remove_suffix(1);
    }
    for (const char c : text) {
        if (c == '\n') {
            fputs("\\n", stdout);
        } else if (c == '\\') {
            fputs("\\\\", stdout);
        } else {
            putchar(c);
        }
    }
    putchar('\n');
}

} // namespace

void
Attempt::Symtab_free::operator()(ovsdb_symbol_table *symtab) const
{
    ovsdb_symbol_table_destroy(symtab);
}

void
Attempt::run_prerequisites()
{
    ovsdb_idl_add_table(idl_, &snatrec_table_snat_global);
    if (writes()) {
        replicate_routers(idl_);
    }
    if (waits()) {
        replicate_changes(idl_);
    }
    if (manner_.confirm) {
        if (!writes()) {
            ctl_fatal("--confirm: there is nothing to confirm, for no command "
                      "writes");
        }
        replicate_confirms(idl_);
    }
    for (auto &command : commands_) {
        if (manner_.format_given) {
            check_format(command, manner_.style.format);
        }
        if (command.syntax->prerequisites) {
            ds_init(&command.output);
            command.table = nullptr;
            ctl_context ctx;
            ctl_context_init(&ctx, &command, idl_, nullptr, nullptr, nullptr);
            command.syntax->prerequisites(&ctx);
            if (ctx.error) {
                ctl_fatal("%s", ctx.error);
            }
            ctl_context_done(&ctx, &command);
            ovs_assert(!command.output.string);
            ovs_assert(!command.table);
        }
    }
}

std::optional<Committed>
Attempt::run(Patience &patience)
{
    // Symbols name rows of the transaction, so they go first.
    const Txn txn = open_transaction(idl_, manner_.dry_run, comment_);
    const Symtab symtab{ovsdb_symbol_table_create()};

    Committed result;
    result.changes_before = newest_changes(idl_);
    result.wrong_before = wrong_defaults(idl_);
    std::optional<Edits> edits;
    if (writes()) {
        edits.emplace(idl_);
        if (!snatrec_snat_global_first(idl_)) {
            snatrec_snat_global_insert(txn.get());
        }
    }
    if (waits()) {
        ask_daemon(idl_, txn.get());
    }
    if (!run_commands(txn.get(), symtab.get(), patience)) {
        drop_output();
        return {};
    }
    check_symbols(symtab.get());
    if (edits) {
        result.touched_routers = edits->touched_routers();
    }
    if (manner_.confirm) {
        for (const auto &router : result.touched_routers) {
            ask_to_confirm(idl_, txn.get(), router, manner_.confirm,
                           time_wall_msec());
        }
    }
    const auto words = edits && manner_.dry_run ? edits->in_words()
                                                : std::vector<std::string>{};

    const auto status = commit(idl_, txn.get(), patience);
    if (status == TXN_TRY_AGAIN) {
        drop_output();
        return {};
    }
    if (waits() && status == TXN_SUCCESS) {
        result.next_cfg = ovsdb_idl_txn_get_increment_new_value(txn.get());
    }
    postprocess(txn.get(), symtab.get());
    print_output();
    for (const auto &line : words) {
        printf("would %s\n", line.c_str());
    }
    return result;
}

bool
Attempt::writes() const
{
    return ctl_might_write_to_db(commands_.data(), commands_.size());
}

bool
Attempt::waits() const
{
    return manner_.wait && !manner_.dry_run
           && std::ranges::any_of(commands_, asks_daemon);
}

// False if a command wants to see the database change first.
bool
Attempt::run_commands(ovsdb_idl_txn *txn, ovsdb_symbol_table *symtab,
                      Patience &patience)
{
    for (auto &command : commands_) {
        ds_init(&command.output);
        command.table = nullptr;
    }
    Context ctx;
    ctl_context_init(&ctx, nullptr, idl_, txn, symtab, nullptr);
    ctx.patience = &patience;
    for (auto &command : commands_) {
        // A dry run wants to see whole columns, not single values put in.
        const bool last = &command == &commands_.back() && !manner_.dry_run;
        ctl_context_init_command(&ctx, &command, last);
        if (command.syntax->run) {
            command.syntax->run(&ctx);
        }
        if (ctx.error) {
            fail(ctx.error);
        }
        ctl_context_done_command(&ctx, &command);
        if (ctx.try_again) {
            break;
        }
    }
    ctl_context_done(&ctx, nullptr);
    return !ctx.try_again;
}

// "create" prints the UUID that the database gave.
void
Attempt::postprocess(ovsdb_idl_txn *txn, ovsdb_symbol_table *symtab)
{
    for (auto &command : commands_) {
        if (!command.syntax->postprocess) {
            continue;
        }
        ctl_context ctx;
        ctl_context_init(&ctx, &command, idl_, txn, symtab, nullptr);
        command.syntax->postprocess(&ctx);
        if (ctx.error) {
            ctl_fatal("%s", ctx.error);
        }
        ctl_context_done(&ctx, &command);
    }
}

void
Attempt::print_output()
{
    for (auto &command : commands_) {
        const std::string_view text{ds_cstr(&command.output)};
        if (command.table
            && (manner_.format_given || !prefers_text(command))) {
            auto style = manner_.style;
            if (!manner_.format_given
                && strchr(command.syntax->name, '-')) { // One of ours.
                style.format = TF_TABLE;
            }
            table_print(command.table, &style);
        } else if (manner_.oneline) {
            print_on_one_line(text);
        } else {
            fwrite(text.data(), 1, text.size(), stdout);
        }
    }
    drop_output();
    fflush(stdout); // Before a wait that may be long.
}

void
Attempt::drop_output()
{
    for (auto &command : commands_) {
        ds_destroy(&command.output);
        table_destroy(command.table);
        free(command.table);
        command.table = nullptr;
    }
}

} // namespace snat::ctl
