//! Tells the code which commit it is, and the tests whether `../shared` is there.

use std::path::Path;
use std::process::Command;

const SHARED: &str = "../shared/models";

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
