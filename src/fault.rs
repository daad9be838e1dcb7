//! What a worker of the page says of a panic, should there be one.

/// Makes panics reach the console with their place, and end in a sentence instead of a trap, which says nothing.
pub fn report() {
    std::panic::set_hook(Box::new(|problem| {
        console_error_panic_hook::hook(problem);
        let place = problem.location().map(ToString::to_string);
        wasm_bindgen::throw_str(&format!(
            "The engine has stopped at a fault of its own ({}). Load the model again to go on; please report this.",
            place.unwrap_or_default()
        ));
    }));
}
