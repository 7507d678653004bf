//! The model's invariants, stated once.

use super::Mux;

impl Mux {
    /// Checks what must hold between turns.
    ///
    /// # Errors
    /// The first thing that does not hold, in words.
    pub fn verify(&self) -> Result<(), String> {
        self.verify_sessions()?;
        self.verify_windows()?;
        for pane in self.panes.values() {
            let window = self.windows.get(&pane.window);
            if !window.is_some_and(|window| window.has(pane.id)) {
                return Err(format!("{} is not in its window {}", pane.id, pane.window));
            }
        }
        for client in self.clients.values() {
            if client
                .session
                .is_some_and(|id| !self.sessions.contains_key(&id))
            {
                return Err(format!("{} is attached to no session", client.id));
            }
            let astray = client.guest_of().zip(client.session);
            if astray.is_some_and(|(allowed, session)| allowed != session) {
                return Err(format!("guest {} is in another session", client.id));
            }
        }
        match self.marked {
            Some(pane) if !self.panes.contains_key(&pane) => Err("the marked pane is gone".into()),
            _ => Ok(()),
        }
    }

    fn verify_sessions(&self) -> Result<(), String> {
        let mut names: Vec<&str> = self.sessions.values().map(|s| s.name.as_str()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err("two sessions have one name".into());
        }
        for session in self.sessions.values() {
            if session.window().is_none() {
                return Err(format!("{} has no current window", session.id));
            }
            if session
                .last
                .iter()
                .any(|index| !session.links.contains_key(index))
            {
                return Err(format!("{} remembers a window that is gone", session.id));
            }
            if let Some(debug) = session.debug.as_deref() {
                let gone = |pane: &crate::base::PaneId| !self.panes.contains_key(pane);
                if let Some(pane) = debug.timeline.panes_in_use().find(gone) {
                    return Err(format!("a step runs or is held in {pane}, which is gone"));
                }
            }
            let mut windows = session.links.values().map(|link| link.window);
            if let Some(gone) = windows.find(|id| !self.windows.contains_key(id)) {
                return Err(format!("{} links {gone}, which is gone", session.id));
            }
        }
        Ok(())
    }

    fn verify_windows(&self) -> Result<(), String> {
        for window in self.windows.values() {
            window
                .layout
                .verify()
                .map_err(|why| format!("{}: {why}", window.id))?;
            if !window.has(window.active) {
                return Err(format!("{}: the active pane is not in it", window.id));
            }
            if let Some(zoomed) = window.zoomed {
                let over = window.over_zoom.contains(&window.active);
                if !window.has(zoomed) || (zoomed != window.active && !over) {
                    return Err(format!("{}: {zoomed} is zoomed and not active", window.id));
                }
            }
            if window.over_zoom.iter().any(|pane| !window.has(*pane))
                || window
                    .modal
                    .is_some_and(|modal| modal.pane != window.active)
            {
                return Err(format!("{}: a pane over the others is gone", window.id));
            }
            if window.last.iter().any(|pane| !window.has(*pane)) {
                return Err(format!("{} remembers a pane that is gone", window.id));
            }
            for pane in window.panes() {
                if self.panes.get(&pane).map(|pane| pane.window) != Some(window.id) {
                    return Err(format!("{}: {pane} is not its own", window.id));
                }
            }
            if self.sessions_of(window.id).next().is_none() {
                return Err(format!("{} is linked nowhere", window.id));
            }
        }
        Ok(())
    }
}
