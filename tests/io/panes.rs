//! Panes' processes: output and status, sizes, typing, pipes, turns.

use super::*;

#[test]
fn pane_gives_all_output_and_the_true_status() {
    run(async {
        for (command, end, status) in [
            ("seq 1 50000; exit 7", "50000\r\n", ExitStatus::Code(7)),
            ("echo x; kill -KILL $$", "x\r\n", ExitStatus::Signal(9)),
            ("sleep 1000 & echo here", "here\r\n", ExitStatus::Code(0)),
            (
                "echo x; exec >&- 2>&- <&-; exit 4",
                "x\r\n",
                ExitStatus::Code(4),
            ),
        ] {
            let mut panes = Panes::new();
            panes.spawn(PANE, &sh(command)).unwrap();
            let (seen, got) = to_end(&mut panes).await;
            assert!(seen.ends_with(end), "{command}: {seen:?}");
            assert_eq!(got, status, "{command}");
        }
    });
}

#[test]
fn pane_ends_although_its_background_floods_it() {
    run(async {
        let mut panes = Panes::new();
        panes.spawn(PANE, &sh("yes & sleep 0.1; exit 2")).unwrap();
        assert_eq!(to_end(&mut panes).await.1, ExitStatus::Code(2));
    });
}

#[test]
fn pane_process_starts_clean_on_its_own_terminal() {
    run(async {
        let mut panes = Panes::new();
        let command = "env; stty size; tty; grep -E 'Sig(Blk|Ign)' /proc/self/status; echo $0; \
                       ps -o tpgid= -p $$ | tr -d ' '; echo pid $$";
        let process = panes.spawn(PANE, &sh(command)).unwrap();
        let (seen, _) = to_end(&mut panes).await;
        assert!(
            seen.contains("24 80\r\n") && seen.contains(&process.tty),
            "{seen}"
        );
        assert!(seen.contains("SigBlk:\t0000000000000000"), "{seen}");
        // Without the two numbers (32, 33) that belong to the C library.
        let ignored = seen
            .split("SigIgn:\t")
            .nth(1)
            .and_then(|rest| rest.get(..16));
        let ignored = u64::from_str_radix(ignored.unwrap(), 16).unwrap();
        assert_eq!(ignored & 0x7fff_ffff, 0, "{seen}");
        assert!(seen.contains(&format!("pid {}", process.pid)), "{seen}");
        assert!(!seen.contains("CARGO"), "{seen}");
    });
}

#[test]
fn pane_runs_a_login_shell_by_its_name() {
    run(async {
        let mut panes = Panes::new();
        let shell = Program::LoginShell {
            shell: "/bin/sh".into(),
        };
        panes
            .spawn(PANE, &spec(shell, &[("SHELL", "/bin/false")]))
            .unwrap();
        panes.write(PANE, b"echo \"<$0>\"; exit\n").unwrap();
        assert!(to_end(&mut panes).await.0.contains("<-sh>"));
    });
}

#[test]
fn pane_is_resized_typed_into_and_watched() {
    run(async {
        let mut panes = Panes::new();
        let command =
            "trap 'stty size' WINCH; echo up; while :; do read -r l && echo \"<$l>\"; done";
        panes.spawn(PANE, &sh(command)).unwrap();
        until(&mut panes, "up").await;
        let (name, cwd) = panes.foreground(PANE).unwrap();
        assert_eq!((name.as_str(), cwd.as_str()), ("sh", "/"));
        panes.resize(PANE, Size::new(100, 30));
        // A shell's `read` may be cut short by the signal: one after the other.
        until(&mut panes, "30 100").await;
        panes.write(PANE, b"hello\n").unwrap();
        until(&mut panes, "<hello>").await;
    });
}

#[test]
fn pane_takes_a_large_paste_and_refuses_an_endless_one() {
    run(async {
        let mut panes = Panes::new();
        let paste = vec![b'x'; 1 << 20];
        let command = "stty raw -echo; echo up; head -c 1048576 | wc -c";
        panes.spawn(PANE, &sh(command)).unwrap();
        until(&mut panes, "up").await;
        panes.write(PANE, &paste).unwrap();
        assert!(to_end(&mut panes).await.0.contains("1048576"));
        panes
            .spawn(PANE, &sh("stty raw -echo; echo up; sleep 1000"))
            .unwrap();
        until(&mut panes, "up").await;
        let refused = (0..6)
            .filter(|_| panes.write(PANE, &paste).is_err())
            .count();
        assert!(refused >= 2, "{refused}");
    });
}

#[test]
fn pane_closed_hangs_its_process_up() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let fifo = dir.path().join("alive");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &fifo,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RWXU,
            0,
        )
        .unwrap();
        let mut panes = Panes::new();
        let command = format!("exec 9<>{}; echo up; exec sleep 1000", fifo.display());
        let pid = panes.spawn(PANE, &sh(&command)).unwrap().pid;
        until(&mut panes, "up").await;
        panes.close(PANE);
        assert!(panes.foreground(PANE).is_none());
        within("the process's end", async {
            while Path::new(&format!("/proc/{pid}")).exists() {
                tokio::task::yield_now().await;
            }
        })
        .await;
    });
}

#[test]
fn panes_share_the_reader() {
    run(async {
        let mut panes = Panes::new();
        panes.spawn(PaneId(1), &sh("yes")).unwrap();
        panes.spawn(PaneId(2), &sh("echo quiet; exit 5")).unwrap();
        let mut buffer = vec![0; stepmux::io::pty::READ];
        let wait = async {
            loop {
                if let PaneEvent::Exited { pane, status } = panes.next(&mut buffer).await {
                    return (pane, status);
                }
            }
        };
        let end = within("the quiet pane's exit beside a flood", wait).await;
        assert_eq!(end, (PaneId(2), ExitStatus::Code(5)));
    });
}

#[test]
fn pane_that_is_awaited_is_read_alone_until_it_writes() {
    run(async {
        let (flood, quiet) = (PaneId(1), PaneId(2));
        let mut panes = Panes::new();
        panes.spawn(flood, &sh("yes")).unwrap();
        panes.spawn(quiet, &sh("stty -echo; echo up; cat")).unwrap();
        let mut buffer = vec![0; stepmux::io::pty::READ];
        let up = async {
            while !matches!(panes.next(&mut buffer).await, PaneEvent::Bytes { pane, .. } if pane == quiet)
            {
            }
        };
        within("the quiet pane's first line", up).await;
        panes.await_only(quiet);
        panes.write(quiet, b"typed\n").unwrap();
        let event = within("the answer", panes.next(&mut buffer)).await;
        assert!(
            matches!(event, PaneEvent::Bytes { pane, .. } if pane == quiet),
            "{event:?}"
        );
        assert!(!panes.awaits_one());
        // One that never answers holds nothing up for ever.
        panes.await_only(quiet);
        assert!(panes.try_next(&mut buffer).is_none());
        panes.await_all();
        let event = within("the flood", panes.next(&mut buffer)).await;
        assert!(
            matches!(event, PaneEvent::Bytes { pane, .. } if pane == flood),
            "{event:?}"
        );
        panes.await_only(quiet);
        panes.close(quiet);
        within("the flood, alone", panes.next(&mut buffer)).await;
    });
}

#[test]
fn pipe_gets_the_output_and_types() {
    run(async {
        let dir = tempfile::tempdir().unwrap();
        let log = dir.path().join("log");
        let mut panes = Panes::new();
        let command = "stty -echo; echo up; read a; seq 1 3000; echo \"got $a\"";
        panes.spawn(PANE, &sh(command)).unwrap();
        until(&mut panes, "up").await;
        let pipe = format!(
            "echo typed; cat > {0}.part && mv {0}.part {0}",
            log.display()
        );
        panes.pipe_open(PANE, &pipe, true, true).unwrap();
        let (seen, _) = to_end(&mut panes).await;
        assert!(seen.contains("got typed"), "{seen}");
        within("the pipe's file", async {
            while !log.exists() {
                tokio::task::yield_now().await;
            }
        })
        .await;
        assert_eq!(std::fs::read_to_string(&log).unwrap(), seen);
    });
}
