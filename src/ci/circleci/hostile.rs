//! That no text, however hostile, makes the loader panic or grow without end.

#![allow(clippy::unwrap_used)]

use super::super::load::Source;
use super::super::mangle::try_loader;
use super::tests::{COMMANDS, build, refused, with_steps};
use super::{MAX_JOBS, load};

#[test]
fn endless_files_are_cut_or_refused() {
    let list = vec!["v"; 200].join(",");
    let matrix = format!(
        "version: 2.1\njobs: {{a: {{parameters: {{x: {{type: string}}, y: {{type: string}}, z: {{type: string}}}}, docker: [{{image: i}}], steps: [run: x]}}}}\n\
         workflows: {{w: {{jobs: [a: {{matrix: {{parameters: {{x: [{list}], y: [{list}], z: [{list}]}}}}}}]}}}}\n"
    );
    let built = build(&matrix);
    assert_eq!(built.jobs.len(), MAX_JOBS);
    assert!(built.warnings.iter().any(|w| w.contains("too many jobs")));
    // Each command calls the next one ten times.
    let mut head = String::from("commands:\n");
    for n in 0..12 {
        let calls = vec![format!("c{}", n + 1); 10].join(",");
        head.push_str(&format!("  c{n}: {{steps: [{calls}]}}\n"));
    }
    head.push_str("  c12: {steps: [run: x]}\n");
    let error = refused(&with_steps(&head, "[c0]"));
    assert!(
        error.contains("endlessly large") || error.contains("more than"),
        "{error}"
    );
    // Each command doubles a text.
    let mut head = String::from("commands:\n");
    for n in 0..40 {
        head.push_str(&format!(
            "  d{n}: {{parameters: {{t: {{type: string}}}}, steps: [d{}: {{t: '<<parameters.t>><<parameters.t>>'}}]}}\n",
            n + 1
        ));
    }
    head.push_str("  d40: {parameters: {t: {type: string}}, steps: [run: << parameters.t >>]}\n");
    let error = refused(&with_steps(&head, "[d0: {t: xxxxxxxx}]"));
    assert!(error.contains("endlessly large"), "{error}");
    // A chain of commands that is longer than any that makes sense.
    let mut head = String::from("commands:\n");
    for n in 0..100 {
        head.push_str(&format!("  e{n}: {{steps: [e{}]}}\n", n + 1));
    }
    head.push_str("  e100: {steps: [run: x]}\n");
    assert!(refused(&with_steps(&head, "[e0]")).contains("too deeply"));
}

/// Files made of the words of the format and of odd bytes, from a simple generator.
#[test]
fn hostile_text_never_panics() {
    const WORDS: &[&str] = &[
        "version: 2.1\n",
        "jobs:\n",
        "workflows:\n",
        "commands:\n",
        "orbs:\n",
        "executors:\n",
        "parameters:\n",
        "  a:\n",
        "  b: ",
        "    steps:\n",
        "    - run: ",
        "    - when: {condition: ",
        "steps: [",
        "]",
        "{",
        "}",
        ", ",
        "<< parameters.x >>",
        "<<",
        ">>",
        "<< pipeline.git.branch == \"m\" >>",
        "<<# parameters.x >>",
        "<</ parameters.x >>",
        "\\<<",
        "matrix: {parameters: {x: [1, 2]}}",
        "&a ",
        "*a",
        "<<: *a",
        "type: steps",
        "type: boolean",
        "default: ",
        "- a\n",
        "  w: {jobs: [a]}\n",
        "executor: ",
        "a/b",
        "docker: [{image: i}]\n",
        "environment: {A: 1}\n",
        "'",
        "\"",
        "\n",
        "  ",
        "é",
        "\u{0}",
        "\t",
        "#",
        "|\n",
        "when: ",
        "unless: ",
        "equal: [1, << pipeline.number >>]",
        "not: ",
        "requires: [a]",
    ];
    let base = with_steps(COMMANDS, "[outer, {inner: {text: x, loud: true}}]");
    try_loader("c.yml", WORDS, &base, |text| {
        load(text, Source::alone("c.yml"))
    });
}
