//! Commands: one command on the model, and what it says. It draws nothing and
//! touches nothing outside. Every command passes [`run`], which demands an
//! [`Authority`]: the one gate for read-only clients, guests, hooks and jobs.
//!
//! ```text
//! run(Command) ─┬─ Done, Fail, Status
//!               └─ Wait(token) … the effect's answer … resume(Command) ─ …
//! ```
//! What fails leaves the model as it was, or takes away what it had made.

mod buffer;
mod capture;
mod client;
mod complete;
pub mod context;
mod control;
mod copy;
mod environment;
mod float;
mod guest;
mod hook;
mod key;
mod layout;
mod life;
mod lists;
mod message;
mod modes;
mod new_pane;
mod option;
mod option_show;
mod pane;
mod pane_move;
mod parse;
mod peek;
mod phase;
mod place_pane;
mod places;
mod prompt;
mod run;
mod script;
mod send;
mod server_access;
mod session;
mod share;
mod shown;
mod source;
mod spawn;
mod timeline;
mod view;
mod wait;
mod window;

#[cfg(test)]
mod tests;

use crate::access::Grant;
use crate::base::Token;
use crate::command::Command;
use crate::mux::Mux;

pub use crate::mux::MouseAt;
pub use context::{Answer, Authority, Context, Current, File, Outcome};
pub use modes::{Follow, ModeMouse, mode_key, refresh_modes};
pub use parse::{parse_groups, parse_text, parse_words};
pub use prompt::{Next, answer, complete, so_far};
pub use source::{read_text, source_from, source_text, take_settings};
pub use spawn::job_environment;
pub use timeline::text as output_text;

/// A command's outcome, or the message of its failure.
type Ran = Result<Outcome, String>;

/// Runs one command.
pub fn run(mux: &mut Mux, cx: &mut Context, command: &Command) -> Outcome {
    cx.step = 0;
    mux.asking = cx.client;
    let ran = match command {
        // The pane's mode is everyone's: who may only look has a look of their own.
        Command::CopyMode(args) if !cx.authority.allows(Grant::Type) => {
            peek::open(mux, cx, args.target.as_ref(), args.page_up)
        }
        command => cx
            .authority
            .check(command)
            .and_then(|()| dispatch(mux, cx, command)),
    };
    mux.asking = None;
    mux.settle_layouts();
    ran.unwrap_or_else(Outcome::Fail)
}

/// Goes on with a command whose effect was answered. The context is the one
/// with which it was run.
pub fn resume(
    mux: &mut Mux,
    cx: &mut Context,
    command: &Command,
    _token: Token,
    answer: Answer,
) -> Outcome {
    use Command as C;
    let ran = match command {
        C::NewSession(args) => session::new_resumed(mux, cx, args, answer),
        C::DebugSession(args) => phase::started(mux, cx, args, answer),
        C::NewWindow(args) => window::new_resumed(mux, cx, args, answer),
        C::NewPane(args) => new_pane::resumed(mux, cx, &args.split, answer),
        C::SplitWindow(args) => new_pane::resumed(mux, cx, args, answer),
        C::RespawnPane(_) => pane::respawn_resumed(mux, cx, "pane", answer),
        C::RespawnWindow(_) => pane::respawn_resumed(mux, cx, "window", answer),
        C::DisplayMessage(args) => message::resumed(mux, cx, args, answer),
        C::LoadBuffer(args) => buffer::loaded(mux, cx, args, answer),
        C::SaveBuffer(args) => buffer::saved(mux, cx, args, answer),
        C::IfShell(args) => source::if_resumed(mux, cx, args, answer),
        C::RunShell(args) => run::resumed(mux, cx, args, answer),
        C::SetOption(args) => option::tried(mux, cx, args, answer),
        C::SourceFile(args) => source::sourced(mux, cx, args, answer),
        C::CommandPrompt(_) | C::ConfirmBefore(_) => prompt::answered(mux, cx, answer),
        C::DisplayPopup(_) => float::closed(mux, cx, &answer),
        C::RotateShare(args) => guest::rotated(cx, args, answer),
        C::ServerAccess(args) => server_access::changed(mux, args, answer),
        C::Share(args) => share::opened(cx, args, answer),
        _ => Ok(Outcome::Done),
    };
    mux.settle_layouts();
    ran.unwrap_or_else(Outcome::Fail)
}

#[allow(clippy::too_many_lines, reason = "one line for each command")]
fn dispatch(mux: &mut Mux, cx: &mut Context, command: &Command) -> Ran {
    use Command as C;
    match command {
        C::AdmitGuest(args) => guest::admit(mux, cx, args),
        C::AttachSession(args) => session::attach(mux, cx, args),
        C::BindKey(args) => key::bind(mux, args),
        C::BreakPane(args) if args.float => place_pane::float(mux, cx, args),
        C::BreakPane(args) => pane_move::break_off(mux, cx, args),
        C::CapturePane(args) => capture::capture(mux, cx, args),
        C::ChooseGuest(_) => guest::people(mux, cx),
        C::ChooseBuffer(args) => modes::buffers(mux, cx, args),
        C::ChooseClient(args) => modes::clients(mux, cx, args),
        C::ChooseTree(args) => modes::tree(mux, cx, args),
        C::ClearHistory(args) => capture::clear_history(mux, cx, args),
        C::ClearPromptHistory(args) => prompt::clear_history(mux, args),
        C::CommandPrompt(args) => prompt::open(mux, cx, args),
        C::ConfirmBefore(args) => prompt::confirm(mux, cx, args),
        C::ClockMode(args) => copy::clock(mux, cx, args),
        C::Continue(args) => life::go_on(mux, cx, args),
        C::CopyMode(args) => copy::enter(mux, cx, args),
        C::CustomizeMode(args) => modes::customize(mux, cx, args),
        C::DebugNotice(args) => life::notice(mux, cx, args),
        C::DebugSession(args) => phase::start(mux, cx, args),
        C::DebugWait(args) => phase::wait(mux, cx, args),
        C::DeleteBuffer(args) => buffer::delete(mux, args),
        C::DenyGuest(args) => guest::deny(mux, cx, args),
        C::DetachClient(args) => client::detach(mux, cx, args),
        C::DisplayMenu(args) => float::menu(mux, cx, args),
        C::DisplayMessage(args) => message::show(mux, cx, args),
        C::DisplayPanes(args) => modes::panes(mux, cx, args),
        C::DisplayPopup(args) => float::popup(mux, cx, args),
        C::Extend(args) => life::extend(mux, cx, args),
        C::FindWindow(args) => modes::find(mux, cx, args),
        C::Finish(args) => life::finish(mux, cx, args),
        C::GrantGuest(args) => guest::grant(mux, cx, args),
        C::HasSession(args) => session::has(mux, cx, args),
        C::IfShell(args) => source::if_shell(mux, cx, args),
        C::JoinPane(args) => pane_move::join(mux, cx, args),
        C::KickGuest(args) => guest::kick(mux, cx, args),
        C::KillPane(args) => pane::kill(mux, cx, args),
        C::KillServer(_) => session::kill_server(mux),
        C::KillSession(args) => session::kill(mux, cx, args),
        C::KillWindow(args) => window::kill(mux, cx, args),
        C::LastPane(args) => pane::last(mux, cx, args),
        C::LastWindow(args) => window::last(mux, cx, args),
        C::LinkWindow(args) => window::link(mux, cx, args),
        C::ListBuffers(args) => buffer::list(mux, cx, args),
        C::ListClients(args) => client::list(mux, cx, args),
        C::ListCommands(args) => client::commands(mux, cx, args),
        C::ListKeys(args) => key::list(mux, cx, args),
        C::ListPanes(args) => lists::panes(mux, cx, args),
        C::ListSessions(args) => session::list(mux, cx, args),
        C::ListWindows(args) => lists::windows(mux, cx, args),
        C::LoadBuffer(args) => buffer::load(mux, cx, args),
        C::LockClient(args) => client::lock(mux, cx, args),
        C::LockServer(_) => client::lock_server(mux),
        C::LockSession(args) => client::lock_session(mux, cx, args),
        C::LockShare(args) => guest::lock(mux, cx, args),
        C::MovePane(args) => place_pane::move_pane(mux, cx, args),
        C::MoveWindow(args) => window::move_window(mux, cx, args),
        C::NewPane(args) => new_pane::new(mux, cx, args),
        C::NewSession(args) => session::new(mux, cx, args),
        C::NewWindow(args) => window::new(mux, cx, args),
        C::NextLayout(args) => layout::cycle(mux, cx, args.target.as_ref(), true),
        C::NextWindow(args) => window::next(mux, cx, args.target.as_ref(), true, args.alert),
        C::PasteBuffer(args) => buffer::paste(mux, cx, args),
        C::Phase(args) => timeline::phase(mux, cx, args),
        C::PhasePanel(args) => timeline::panel(mux, cx, args),
        C::PhaseReport(args) => timeline::report(mux, cx, args),
        C::Peek(args) => peek::open(mux, cx, args.target.as_ref(), args.page_up),
        C::PipePane(args) => capture::pipe(mux, cx, args),
        C::PreviousLayout(args) => layout::cycle(mux, cx, args.target.as_ref(), false),
        C::PreviousWindow(args) => window::next(mux, cx, args.target.as_ref(), false, args.alert),
        C::RefreshClient(args) => client::refresh(mux, cx, args),
        C::RenameSession(args) => session::rename(mux, cx, args),
        C::RenameWindow(args) => window::rename(mux, cx, args),
        C::ResizePane(args) => place_pane::resize(mux, cx, args),
        C::ResizeWindow(args) => window::resize(mux, cx, args),
        C::RespawnPane(args) => pane::respawn(mux, cx, args),
        C::RespawnWindow(args) => window::respawn(mux, cx, args),
        C::RotateShare(args) => guest::rotate(mux, cx, args),
        C::RotateWindow(args) => layout::rotate(mux, cx, args),
        C::RunShell(args) => run::run(mux, cx, args),
        C::SaveBuffer(args) => buffer::save(mux, cx, args),
        C::SelectLayout(args) => layout::select(mux, cx, args),
        C::SelectPane(args) => pane::select(mux, cx, args),
        C::SelectWindow(args) => window::select_window(mux, cx, args),
        C::SendKeys(args) => send::keys(mux, cx, args),
        C::SendPrefix(args) => send::prefix(mux, cx, args),
        C::ServeFiles(_) => guest::serve_files(mux, cx),
        C::SetBuffer(args) => buffer::set(mux, args),
        C::SetEnvironment(args) => environment::set(mux, cx, args),
        C::SetHook(args) => hook::set(mux, cx, args),
        C::SetOption(args) => option::set_tried(mux, cx, args),
        C::SetWindowOption(args) => option::set_window(mux, cx, args),
        C::Share(args) => share::open(mux, cx, args),
        C::ShowBuffer(args) => buffer::show(mux, cx, args),
        C::ShowEnvironment(args) => environment::show(mux, cx, args),
        C::ShowHooks(args) => hook::show(mux, cx, args),
        C::ShowMessages(args) => view::messages(mux, cx, args),
        C::ShowOptions(args) => option_show::show(mux, cx, args),
        C::ShowWindowOptions(args) => option_show::show_window(mux, cx, args),
        C::ShowPromptHistory(args) => prompt::show_history(mux, cx, args),
        C::SourceFile(args) => source::source(mux, cx, args),
        C::SplitWindow(args) => new_pane::split(mux, cx, args),
        C::ServerAccess(args) => server_access::change(mux, cx, args),
        C::StartServer(_) => Ok(Outcome::Done),
        C::SwitchMode(args) => modes::switch(mux, cx, args),
        C::SuspendClient(args) => client::suspend(mux, cx, args),
        C::SwapPane(args) => pane_move::swap(mux, cx, args),
        C::SwapWindow(args) => window::swap(mux, cx, args),
        C::SwitchClient(args) => client::switch(mux, cx, args),
        C::Timeline(args) => timeline::runs(mux, cx, args),
        C::UnbindKey(args) => key::unbind(mux, args),
        C::UnlinkWindow(args) => window::unlink(mux, cx, args),
        C::Unshare(args) => share::close(mux, cx, args),
        C::WaitFor(args) => wait::wait(mux, cx, args),
    }
}
