//! Tells the code which commit it is, and the tests whether Python, `../shared`, a Vulkan driver and the real models are there.

use std::path::{Path, PathBuf};
use std::process::Command;

const SHARED: &str = "../shared/models";
/// Where `scripts/test` puts a real model, within [`cache`], and what others computed with it.
const REAL: &str = "smollm2-b179c9523d0e/SmolLM2-135M-Instruct.Q4_1.gguf";
const EXPECTED: &str = "../shared/real/smollm2.expected.json";

/// Where drivers of graphics cards say that they are there; the last one comes with Chromium.
const VULKAN: [&str; 3] = [
    "/etc/vulkan/icd.d",
    "/usr/share/vulkan/icd.d",
    "/usr/lib/chromium/vk_swiftshader_icd.json",
];

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shared)");
    for path in ["build.rs", SHARED, ".git/HEAD", ".git/logs/HEAD"] {
        // A path that is not there would count as changed at every build.
        if Path::new(path).exists() {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    if Path::new(SHARED).exists() {
        println!("cargo::rustc-cfg=shared");
    }
    println!("cargo::rustc-check-cfg=cfg(python)");
    let python = Command::new("python3").arg("--version").output();
    if python.is_ok_and(|output| output.status.success()) {
        println!("cargo::rustc-cfg=python");
    }
    println!("cargo::rustc-check-cfg=cfg(vulkan)");
    if VULKAN.iter().any(|place| Path::new(place).exists()) {
        println!("cargo::rustc-cfg=vulkan");
    }
    println!("cargo::rustc-check-cfg=cfg(real)");
    let cache = cache();
    let real = cache.join("real");
    println!("cargo::rustc-env=PRESSURE_TEST_REAL={}", real.display());
    if cache.exists() {
        println!("cargo::rerun-if-changed={}", cache.display());
    }
    if real.join(REAL).exists() && Path::new(EXPECTED).exists() {
        println!("cargo::rustc-cfg=real");
    }
    let commit = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output();
    if let Ok(output) = commit
        && output.status.success()
    {
        let commit = String::from_utf8_lossy(&output.stdout);
        println!("cargo::rustc-env=PRESSURE_TEST_COMMIT={}", commit.trim());
    }
}

/// Where this project keeps what takes long to get.
fn cache() -> PathBuf {
    let of = |name| {
        println!("cargo::rerun-if-env-changed={name}");
        std::env::var_os(name).map(PathBuf::from)
    };
    let home = of("HOME").unwrap_or_default();
    let root = of("XDG_CACHE_HOME").unwrap_or_else(|| home.join(".cache"));
    root.join("pressure-test")
}
