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
        let coming = self.coming.take();
        // A panic there has been printed already.
        let came = coming.and_then(|thread| thread.join().ok());
        if came.is_some() {
            self.there = came;
        }
        self.there.get_or_insert_with(make)
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
        let mut here = Soon::default();
        assert_eq!(*here.get(|| 2), 2);
        assert_eq!(here.there(), Some(&2));
    }
}
