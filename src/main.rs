//! The `sealdrop` program: everything is in the library.

fn main() -> std::process::ExitCode {
    sealdrop::cli::run()
}
