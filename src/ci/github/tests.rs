//! Workflows in, jobs and steps out: one table a rule.

#![allow(clippy::unwrap_used)]
