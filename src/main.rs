//! The program; all of it is the library's `cli`.

fn main() -> std::process::ExitCode {
    stepmux::cli::main()
}
