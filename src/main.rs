//! The `arclight` program.

fn main() -> std::process::ExitCode {
    arclight::cli::main()
}
