#![doc = include_str!("ARCHITECTURE.md")]

pub mod access;
pub mod base;
pub mod ci;
pub mod cli;
pub mod client;
pub mod command;
pub mod config;
mod door;
pub mod engine;
pub mod exec;
pub mod format;
pub mod io;
pub mod mux;
pub mod relay;
pub mod serve;
pub mod server;
pub mod ssh;
pub mod term;
pub mod tty;
pub mod ui;
pub mod wire;
