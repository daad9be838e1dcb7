//! A model of this program as an asker.

use crate::backend::Backend;
use crate::error::Result;
use crate::evaluate::ask::{Asker, Asking, Cost, Reply, Request, Template};
use crate::model::{Model, Session};
use std::ops::Deref;
use web_time::Instant;

/// Requests that run together.
pub const CHUNK: usize = 16;

/// A model that this program runs, borrowed or shared.
pub struct LocalAsker<M, B: Backend> {
    session: Session<M, B>,
    asking: Asking,
    seconds: f64,
}

impl<M: Deref<Target = Model>, B: Backend> LocalAsker<M, B> {
    /// Brings a model's weights to a backend, to be asked through a template.
    pub fn new(model: M, backend: B, template: Template) -> Result<Self> {
        Ok(Self {
            asking: Asking::new(model.interface(), template),
            session: Session::new(model, backend)?,
            seconds: 0.0,
        })
    }

    async fn answer_chunk(&mut self, requests: &[Request]) -> Result<Vec<Reply>> {
        let work = self.asking.work(requests)?;
        let done = work.run(&mut self.session).await?;
        self.asking.replies(requests, &work, done)
    }
}

impl<M: Deref<Target = Model>, B: Backend> Asker for LocalAsker<M, B> {
    async fn answer(
        &mut self,
        requests: &[Request],
        progress: &mut dyn FnMut(usize),
    ) -> Result<Vec<Reply>> {
        let mut replies = Vec::with_capacity(requests.len());
        for chunk in requests.chunks(CHUNK) {
            progress(replies.len());
            let began = Instant::now();
            replies.extend(self.answer_chunk(chunk).await?);
            self.seconds += began.elapsed().as_secs_f64();
        }
        Ok(replies)
    }

    fn cost(&self) -> Cost {
        Cost {
            tokens: self.session.tokens_run(),
            seconds: self.seconds,
        }
    }
}
