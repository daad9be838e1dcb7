//! What is being done, how far it is, and what time the step that is under way has left.

use crate::output::show;
use pressure_test::report::{Event, Stage};
use std::time::{Duration, Instant};

/// Nothing is foreseen from less.
const LONG_ENOUGH: Duration = Duration::from_secs(2);

/// Watches one step after another.
pub struct Progress {
    /// What the step is called, and where it was when it was first seen.
    step: String,
    from: usize,
    began: Instant,
    last: usize,
}

impl Progress {
    pub fn new() -> Self {
        Self {
            step: String::new(),
            from: 0,
            began: Instant::now(),
            last: 0,
        }
    }

    /// Shows an event of a run.
    pub fn see(&mut self, event: &Event) {
        if let Event::Progress {
            stage,
            label,
            done,
            total,
        } = event
        {
            let step = match stage {
                Stage::Compress => "compressing",
                Stage::Score => label,
            };
            let left = self.left(step, *done, *total);
            show(&format!("{}/{total} {label}{left}", total.min(&(done + 1))));
        }
    }

    /// Shows a layer that is being compressed.
    pub fn layer(&mut self, layer: &str, done: usize, total: usize) {
        let left = self.left("compressing", done, total);
        show(&format!("{}/{total} {layer}{left}", done + 1));
    }

    /// A clause, once there is something to go by.
    fn left(&mut self, step: &str, done: usize, total: usize) -> String {
        if self.step != step || done < self.last {
            (self.step, self.from, self.began) = (step.to_owned(), done, Instant::now());
        }
        self.last = done;
        let spent = self.began.elapsed();
        if spent < LONG_ENOUGH || done <= self.from {
            return String::new();
        }
        let pace = spent.as_secs_f64() / (done - self.from) as f64;
        match (pace * total.saturating_sub(done) as f64).ceil() {
            seconds if seconds < 100.0 => format!(", {seconds} s left of this"),
            seconds => format!(", {} min left of this", (seconds / 60.0).ceil()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_follows_the_pace_of_the_step() {
        let mut progress = Progress::new();
        assert_eq!(progress.left("a", 3, 10), "", "nothing is known yet");
        progress.began = Instant::now()
            .checked_sub(Duration::from_secs(8))
            .expect("a time");
        // Four of them took eight seconds.
        assert_eq!(progress.left("a", 7, 10), ", 7 s left of this");
        assert_eq!(progress.left("a", 7, 1007), ", 34 min left of this");
        assert_eq!(progress.left("b", 8, 10), "", "another step");
        assert_eq!(progress.left("b", 2, 10), "", "the same begins anew");
    }
}
