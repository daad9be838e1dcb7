//! What goes wrong is an error with a sentence, and nothing panics.

use crate::numbers;
use pollster::block_on;
use pressure_test::Error;
use pressure_test::backend::{Backend, Gpu};
use std::process::Command;

fn is_said(error: &Error, word: &str) {
    let sentence = error.to_string();
    assert!(sentence.contains(word), "{sentence}");
    assert!(sentence.ends_with("processor instead."), "{sentence}");
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn a_device_that_is_lost_in_the_middle_is_an_error_from_then_on() {
    let gpu = block_on(Gpu::open()).expect("a device");
    let x = gpu.tensor(numbers(1000, 1), 10).expect("a tensor");
    let y = gpu.scale(&x, 2.0).expect("a product");
    assert!(block_on(gpu.read(&y)).is_ok());
    let z = gpu.add(&x, &y).expect("a sum");
    gpu.lose();
    for _ in 0..2 {
        let error = block_on(gpu.read(&z)).expect_err("lost");
        is_said(&error, "lost in the middle");
    }
    // What is asked behind it is an error too, at the latest when it is read.
    let behind = gpu.tensor(numbers(10, 1), 10).and_then(|x| gpu.add(&x, &x));
    if let Ok(sum) = behind {
        assert!(block_on(gpu.read(&sum)).is_err());
        assert!(block_on(gpu.likeliest(&sum, 1)).is_err());
    }
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn what_does_not_fit_is_said() {
    let gpu = block_on(Gpu::open()).expect("a device");
    let row = gpu.tensor(vec![1.0; 1 << 16], 1 << 16).expect("a tensor");
    let rows = vec![0; 1 << 20];
    let error = gpu.select(&row, &rows).err().expect("too many");
    is_said(&error, "bytes");
}

#[test]
#[cfg_attr(not(vulkan), ignore = "needs a Vulkan driver")]
fn without_an_adapter_there_is_a_sentence() {
    // The loader reads the variable when it is loaded: in a program of its own.
    let output = Command::new(env!("CARGO_BIN_EXE_pressure-test"))
        .args([
            "logits",
            "--model",
            "builtin",
            "--tokens",
            "1,2",
            "--backend",
            "gpu",
        ])
        .env("VK_ICD_FILENAMES", "/nonexistent")
        .env("VK_DRIVER_FILES", "/nonexistent")
        .output()
        .expect("a run");
    assert!(!output.status.success());
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("no adapter was found"), "{told}");
    assert!(!told.contains("panicked"), "{told}");
}
