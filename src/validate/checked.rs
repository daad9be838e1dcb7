//! A recipe that can be run.

use crate::calibrate;
use crate::compress::{Chain, NONE};
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
        Self::with(Chain::new(&recipe.method, &recipe.settings)?, recipe)
    }

    /// The same for a model that is set beside another one, and may stay as it is.
    pub fn beside_another(recipe: &Recipe) -> Result<Self> {
        if recipe.method != NONE {
            return Self::new(recipe);
        }
        Settings::new(&[], &recipe.settings)?;
        Self::with(Chain::none(), recipe)
    }

    fn with(chain: Chain, recipe: &Recipe) -> Result<Self> {
        Ok(Self {
            chain,
            calibration: Settings::new(calibrate::PARAMETERS, &recipe.calibration)?,
            evaluation: Settings::new(evaluate::PARAMETERS, &recipe.evaluation)?,
            probes: evaluate::chosen(&recipe.probes)?,
        })
    }
}
