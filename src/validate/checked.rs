//! A recipe that can be run.

use crate::calibrate;
use crate::compress::Chain;
use crate::error::Result;
use crate::evaluate::{self, ProbeKind};
use crate::recipe::{Recipe, Settings};

/// A recipe with everything that its names stand for: every setting is there, and within its range.
pub struct CheckedRecipe {
    pub chain: Chain,
    pub calibration: Settings,
    pub evaluation: Settings,
    /// What to ask, in the order of the catalog.
    pub probes: Vec<&'static ProbeKind>,
}

impl CheckedRecipe {
    /// Fills in what the recipe does not say; an error names what it says and no run can honour.
    pub fn new(recipe: &Recipe) -> Result<Self> {
        Ok(Self {
            chain: Chain::new(&recipe.method, &recipe.settings)?,
            calibration: Settings::new(calibrate::PARAMETERS, &recipe.calibration)?,
            evaluation: Settings::new(evaluate::PARAMETERS, &recipe.evaluation)?,
            probes: evaluate::chosen(&recipe.probes)?,
        })
    }
}
