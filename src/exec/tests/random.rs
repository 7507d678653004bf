//! Random commands: whatever is run, the model stays whole.

use proptest::prelude::*;

use super::Scene;

const COMMANDS: &[&str] = &[
    "new-session -d",
    "new-session -d -t main",
    "new-session -d -s other",
    "new-window -d",
    "new-window -a",
    "new-window -b",
    "new-window -k -t 1",
    "split-window",
    "split-window -h",
    "split-window -fb -l 5",
    "split-window -hdb",
    "kill-pane",
    "kill-pane -t 1",
    "kill-pane -a",
    "kill-window",
    "kill-window -t 1",
    "kill-session -t other",
    "select-window -t 0",
    "select-window -t 2",
    "select-pane -t .+",
    "select-pane -L",
    "select-pane -m",
    "last-pane",
    "last-window",
    "next-window",
    "swap-pane -U",
    "swap-pane -D -Z",
    "swap-pane -s 0.0 -t 1.0",
    "swap-pane -d -s '{marked}'",
    "swap-window -s 0 -t 1",
    "swap-window -d -s 1",
    "move-window -t 5",
    "move-window -k -s 0 -t 1",
    "move-window -r",
    "move-window -a -s 1 -t 0",
    "move-window -t other:",
    "move-window -d -t 9",
    "link-window -s 0 -t other:",
    "link-window -k -s 0 -t 1",
    "link-window -a -d -s 1 -t 0",
    "unlink-window",
    "unlink-window -k -t 1",
    "kill-window -a",
    "kill-session -a",
    "kill-session -g",
    "swap-window -s other:0 -t 0",
    "set -g detach-on-destroy no-detached",
    "set -g detach-on-destroy previous",
    "set-hook -g window-linked 'rename-window x'",
    "break-pane",
    "break-pane -d -t 7",
    "break-pane -a",
    "join-pane -s 1.0",
    "join-pane -hb -s 0.0 -t 1.0",
    "join-pane -s '{marked}'",
    "rotate-window",
    "rotate-window -D -Z",
    "resize-pane -Z",
    "resize-pane -L 3",
    "resize-pane -x 10",
    "resize-pane -y 90%",
    "select-layout tiled",
    "select-layout main-vertical",
    "select-layout -E",
    "next-layout",
    "resize-window -x 20 -y 5",
    "resize-window -x 120 -y 40",
    "respawn-pane -k",
    "copy-mode",
    "send-keys -X page-up",
    "send-keys -X begin-selection",
    "send-keys -X -N 99 cursor-left",
    "send-keys -X copy-selection-and-cancel",
    "clear-history",
    "rename-session other",
    "set -g renumber-windows on",
    "set -g base-index 1",
    "set -g detach-on-destroy off",
    "switch-client -n",
    "switch-client -t main",
    "attach-session",
    "detach-client",
    "new-session -s main -A",
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn model_stays_whole_whatever_is_run(
        steps in prop::collection::vec((0..COMMANDS.len(), any::<bool>()), 1..40)
    ) {
        let mut scene = Scene::attached();
        let mut done = Vec::new();
        for (at, refuse) in steps {
            done.push(COMMANDS[at]);
            scene.refuse = (refuse && at % 5 == 0).then(|| "refused".to_owned());
            // Failing is fine: the model must be whole all the same.
            let _ = scene.run(COMMANDS[at]);
            scene.mux.settle_sizes();
            let whole = scene.mux.verify();
            prop_assert!(whole.is_ok(), "{done:?}: {whole:?}");
        }
    }
}
