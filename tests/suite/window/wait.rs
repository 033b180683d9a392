//! Waiting that ends, and processes that end with it.

use std::{
    process::{Child, Command, ExitStatus},
    thread::sleep,
    time::{Duration, Instant},
};

/// Far more than anything here takes on a slow machine; nothing is measured with it.
const DEADLINE: Duration = Duration::from_secs(120);
const PAUSE: Duration = Duration::from_millis(40);

/// Asks again until there is an answer.
pub fn until<T>(mut answer: impl FnMut() -> Option<T>, complaint: impl FnOnce() -> String) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = answer() {
            return found;
        }
        if start.elapsed() > DEADLINE {
            panic!("after {} s still {}", DEADLINE.as_secs(), complaint());
        }
        sleep(PAUSE);
    }
}

/// A child process that does not outlive its test, whichever way that ends.
pub struct Running(Child);

impl Running {
    pub fn start(command: &mut Command) -> Self {
        Self(command.spawn().expect("the program is there"))
    }

    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.0.try_wait().expect("it is our child")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Both fail only when it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
