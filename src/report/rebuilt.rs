//! Scores made anew of the items that a report holds, by the code of a run.

use crate::error::{Error, Result};
use crate::evaluate::items::Provenance;
use crate::evaluate::words::{LOOKS, Look};
use crate::evaluate::{Item, Items, Options, PARAMETERS, ProbeKind, Score, privacy};
use crate::recipe::{Recipe, Settings};

/// How reports were measured, but with all items, of which those that were asked are picked by name. A report does not say
/// which world its model knows, and its items do: without one, or in the one that there is.
pub(super) struct Rebuilding {
    worlds: [Options; 2],
}

impl Rebuilding {
    /// For reports that were measured as this recipe says.
    pub fn new(recipe: &Recipe) -> Result<Self> {
        let settings = Settings::new(PARAMETERS, &recipe.evaluation)?;
        let worlds = [None, Some(privacy::world()?)].map(|world| Options {
            items: Items::All,
            world,
            ..Options::of(&settings)
        });
        Ok(Self { worlds })
    }

    /// That texts and tests draw by.
    pub fn seed(&self) -> u64 {
        self.worlds[0].seed
    }

    /// Where the items of a dimension are from.
    pub fn provenance(&self, kind: &'static ProbeKind) -> Result<Provenance> {
        let [options, _] = &self.worlds;
        Ok(options.supply.probe(kind, options)?.1)
    }

    /// The scores of the same items before, and after one or several times; texts are judged by what surprises before. An
    /// error of the kind [`Error::Empty`] where too few are left.
    pub fn scores(
        &self,
        kind: &'static ProbeKind,
        before: &[Item],
        after: &[Vec<Item>],
    ) -> Result<(Score, Vec<Score>)> {
        let mut foreign = None;
        for options in &self.worlds {
            let Some(probe) = options.supply.probe(kind, options)?.0 else {
                continue;
            };
            let mut scores = match probe.score_items(before.to_vec()) {
                Err(error @ Error::Items { .. }) => {
                    foreign = Some(error);
                    continue;
                }
                before => vec![before?],
            };
            let surprising_above = scores[0].surprising_above();
            for items in after {
                scores.push(probe.score_items(items.clone())?);
            }
            for score in &mut scores {
                score.judge_texts(surprising_above);
            }
            let after = scores.split_off(1);
            return Ok((scores.remove(0), after));
        }
        Err(foreign.unwrap_or_else(|| Error::NotMerged(String::new())))
    }
}

/// What a word may cost that is said of all items at the end, of one run of each side.
pub(super) fn last_look() -> Look {
    let look = LOOKS.last().map(|(_, error)| Look {
        error: *error,
        provisional: false,
    });
    look.unwrap_or_else(Look::once)
}
