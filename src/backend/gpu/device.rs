//! The graphics card as wgpu gives it, and what went wrong with it.

use crate::error::{Error, Result};
use std::sync::{Arc, Mutex, PoisonError};

/// A device of an adapter. Whatever it refuses is kept and said at the next reading, so that no wrong number leaves it.
pub struct Device {
    pub device: wgpu::Device,
    pub queue: wgpu::Queue,
    info: wgpu::AdapterInfo,
    failure: Failure,
}

/// What went wrong first, as a clause.
#[derive(Clone, Default)]
struct Failure(Arc<Mutex<Option<String>>>);

impl Failure {
    fn set(&self, clause: String) {
        let mut first = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        first.get_or_insert(clause);
    }
}

impl Device {
    /// Asks for an adapter, with WebGPU's default limits except for the sizes of buffers, which are the adapter's own. `known_as`
    /// is its name where wgpu, as mostly in a browser, knows none.
    pub async fn open(known_as: &str) -> Result<Self> {
        let instance = wgpu::Instance::default();
        let options = wgpu::RequestAdapterOptions {
            power_preference: wgpu::PowerPreference::HighPerformance,
            ..Default::default()
        };
        let adapter = instance.request_adapter(&options).await;
        let adapter = adapter.map_err(|error| {
            Error::Gpu(format!(
                "no adapter was found ({})",
                clause(&error.to_string())
            ))
        })?;
        let offered = adapter.limits();
        let descriptor = wgpu::DeviceDescriptor {
            label: Some("pressure-test"),
            required_limits: wgpu::Limits {
                max_storage_buffer_binding_size: offered.max_storage_buffer_binding_size,
                max_buffer_size: offered.max_buffer_size,
                ..Default::default()
            },
            ..Default::default()
        };
        let opened = adapter.request_device(&descriptor).await;
        let (device, queue) = opened.map_err(|error| {
            let info = adapter.get_info();
            let why = clause(&error.to_string());
            Error::Gpu(format!("{} gave no device ({why})", name(&info)))
        })?;
        let failure = Failure::default();
        let lost = failure.clone();
        device.set_device_lost_callback(move |_, message| {
            lost.set(format!("it was lost in the middle ({})", clause(&message)));
        });
        let refused = failure.clone();
        device.on_uncaptured_error(Arc::new(move |error| {
            refused.set(match error {
                wgpu::Error::OutOfMemory { .. } => "its memory is full".into(),
                other => clause(&other.to_string()),
            });
        }));
        let mut info = adapter.get_info();
        if info.name.is_empty() {
            known_as.clone_into(&mut info.name);
        }
        Ok(Self {
            device,
            queue,
            info,
            failure,
        })
    }

    /// As a report has it: the adapter and its driver.
    pub fn name(&self) -> String {
        name(&self.info)
    }

    /// An error from the first thing that went wrong on.
    pub fn check(&self) -> Result<()> {
        let first = self.failure.0.lock();
        match &*first.unwrap_or_else(PoisonError::into_inner) {
            Some(clause) => Err(Error::Gpu(clause.clone())),
            None => Ok(()),
        }
    }

    /// Notes that it answers no more.
    pub fn fail(&self, clause: &str) {
        self.failure.set(clause.to_owned());
    }

    /// Lets what is submitted come to an end, natively; in a browser, which does so by itself, this does nothing.
    pub fn wait(&self) {
        let wait = wgpu::PollType::wait_indefinitely();
        // wgpu panics where a driver loses the device during the wait.
        let poll = std::panic::AssertUnwindSafe(|| self.device.poll(wait).map(|_| ()));
        match std::panic::catch_unwind(poll) {
            Ok(Ok(())) => {}
            Ok(Err(error)) => self.failure.set(clause(&error.to_string())),
            Err(_) => self.fail("it was lost in the middle"),
        }
    }

    /// The largest number of bytes that one operation can read or write.
    pub fn largest(&self) -> u64 {
        let limits = self.device.limits();
        limits
            .max_storage_buffer_binding_size
            .min(limits.max_buffer_size)
            / 4
            * 4
    }
}

fn name(info: &wgpu::AdapterInfo) -> String {
    let parts = [&info.name, &info.driver, &info.driver_info];
    let parts: Vec<&str> = parts.iter().map(|part| part.trim()).collect();
    let known: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    if known.is_empty() {
        "an adapter without a name".into()
    } else {
        known.join(", ")
    }
}

/// The lines of a message as one clause, without an end.
fn clause(message: &str) -> String {
    let lines: Vec<&str> = message.split_whitespace().collect();
    let text = lines.join(" ");
    let text = text.trim_end_matches(['.', ' ']);
    if text.is_empty() {
        "without a word".into()
    } else {
        text.to_owned()
    }
}
