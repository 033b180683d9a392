use std::thread::JoinHandle;

/// What takes long to make: by a thread that begins before it is needed, or else when it is needed.
pub(super) struct Soon<T> {
    coming: Option<JoinHandle<T>>,
    there: Option<T>,
}

impl<T> Default for Soon<T> {
    fn default() -> Self {
        Self {
            coming: None,
            there: None,
        }
    }
}

impl<T: Send + 'static> Soon<T> {
    /// Has a thread make it. Without a thread it is made when it is needed.
    pub fn begin(&mut self, make: impl FnOnce() -> T + Send + 'static) {
        let thread = std::thread::Builder::new().name("pipelines".into());
        self.coming = thread.spawn(make).ok();
    }

    /// Waits for the thread, or makes it here.
    pub fn get(&mut self, make: impl FnOnce() -> T) -> &mut T {
        self.wait();
        self.there.get_or_insert_with(make)
    }

    /// Whether a thread makes it, or it is there.
    pub fn is_begun(&self) -> bool {
        self.coming.is_some() || self.there.is_some()
    }

    /// Waits for the thread if there is one, and gives away what was made.
    pub fn take(&mut self) -> Option<T> {
        self.wait();
        self.there.take()
    }

    fn wait(&mut self) {
        // A panic in the thread has been printed already.
        let coming = self.coming.take();
        if let Some(came) = coming.and_then(|thread| thread.join().ok()) {
            self.there = Some(came);
        }
    }

    /// What is there already.
    pub fn there(&self) -> Option<&T> {
        self.there.as_ref()
    }
}

impl<T> Drop for Soon<T> {
    fn drop(&mut self) {
        // A thread must not outlive the device that it works with.
        if let Some(thread) = self.coming.take() {
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_made_once_by_the_thread_or_here() {
        let mut soon = Soon::default();
        assert_eq!(soon.there(), None);
        soon.begin(|| 1);
        assert_eq!(*soon.get(|| 2), 1);
        assert_eq!(*soon.get(|| 3), 1);
        assert!(soon.is_begun());
        assert_eq!((soon.take(), soon.take()), (Some(1), None));
        let mut here = Soon::default();
        assert_eq!(*here.get(|| 2), 2);
        assert_eq!(here.there(), Some(&2));
    }
}
