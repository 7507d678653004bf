//! `wait-for`: channels that are signalled or locked, and events.

use crate::command::args;
use crate::config::hooks;
use crate::mux::Mux;
use crate::mux::events::EventWaiter;

use super::{Context, Outcome, Ran};

/// `wait-for`.
pub(super) fn wait(mux: &mut Mux, cx: &mut Context, args: &args::WaitFor) -> Ran {
    let name = &args.channel;
    if args.event && !name.starts_with('@') && !hooks().any(|hook| hook.name == *name) {
        return Err(format!("invalid event: {name}"));
    }
    if args.list {
        for token in waiters(mux, args).into_iter().rev() {
            let who = mux.channels.name_of(token);
            cx.print(&who);
        }
        return Ok(Outcome::Done);
    }
    if let Some(waiter) = &args.waiter {
        let found = waiters(mux, args)
            .into_iter()
            .find(|token| mux.channels.name_of(*token) == *waiter);
        if let Some(token) = found {
            mux.stop_waiting(token);
            mux.channels.wake(token);
        }
        return Ok(Outcome::Done);
    }
    let token = if args.event {
        let token = mux.ids.token();
        mux.listeners.waiters.push(EventWaiter {
            token,
            client: cx.client,
            event: name.clone(),
            format: args.format.clone(),
            verbose: args.verbose,
        });
        Some(token)
    } else if args.signal {
        mux.channels.signal(name);
        None
    } else if args.lock {
        mux.lock_channel(name)
    } else if args.unlock {
        if !mux.channels.unlock(name) {
            return Err(format!("channel {name} not locked"));
        }
        None
    } else {
        mux.wait_for(name)
    };
    if let Some(token) = token {
        let who = cx.client.and_then(|id| mux.clients.get(&id));
        let who = who.map_or_else(|| token.0.to_string(), |client| client.name.clone());
        mux.channels.name_waiter(token, who);
    }
    Ok(token.map_or(Outcome::Done, Outcome::Wait))
}

/// Who waits for the channel or event, the oldest first.
fn waiters(mux: &Mux, args: &args::WaitFor) -> Vec<crate::base::Token> {
    if !args.event {
        return mux.channels.waiters(&args.channel);
    }
    let all = mux.listeners.waiters.iter();
    let same = all.filter(|waiter| waiter.event == args.channel);
    same.map(|waiter| waiter.token).collect()
}
