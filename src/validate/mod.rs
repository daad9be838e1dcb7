//! From what is asked for to what can be done: the one place where a recipe is checked.

mod checked;
mod unchecked;

pub use checked::CheckedRecipe;
pub use unchecked::{Settled, UncheckedRecipe};
