//! The `arclight` program.

/// Panels and web-rwkv ask for much memory and let go of it, each frame and each chunk.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    keep_pages();
    arclight::cli::main()
}

/// Pages that nobody uses stay with the program: they are asked for again soon, and while they go back to the system every
/// thread on every core is held up, frames as well.
#[expect(
    unsafe_code,
    reason = "an option of the allocator that has no safe name"
)]
fn keep_pages() {
    /// `mi_option_purge_delay` of `mi_option_e` in mimalloc.h, in milliseconds; negative: never.
    const PURGE_DELAY: libmimalloc_sys::mi_option_t = 15;
    // SAFETY: it stores a number in a table of the allocator, for an option that is in it; it must not be called by two
    // threads at once, and there is only this one yet.
    unsafe { libmimalloc_sys::mi_option_set(PURGE_DELAY, -1) }
}
