//! Made-up models of which the truth is known.

use pressure_test::evaluate::words::{
    AbilityChange, Case, Clusters, Evidence, Exchange, Figure, Outcome, Pairs, Reading, SeedTest,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};

/// Random numbers of a population.
pub struct Chance(ChaCha8Rng);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    /// From 0 to 1.
    pub fn share(&mut self) -> f64 {
        (f64::from(self.0.next_u32()) + 0.5) / 4_294_967_296.0
    }

    pub fn normal(&mut self) -> f64 {
        let (length, angle) = (self.share(), self.share());
        (-2.0 * length.ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from((u64::from(self.0.next_u32()) * n as u64) >> 32).expect("small")
    }
}

/// What compression does to a dimension.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Effect {
    /// Nothing: before and after are two draws of the same.
    None,
    /// Nothing on average, but losses are rare and whole clusters, gains common and single items.
    Skewed,
    /// The share of right answers falls by so many points; about one item in ten changes.
    Points(f64),
    /// The same without any gain.
    Lost(f64),
    /// Answers no longer depend on the question, and are all B, which is what is scored: the score rises.
    Destroyed,
}

/// A dimension to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct Population {
    pub clusters: usize,
    /// At most so many items a cluster, each number as often.
    pub items: usize,
    /// Standard deviations between the log-odds of the two keys; 0 for rows without an ability, which are all tested.
    pub ability: f64,
    pub seeds: usize,
    pub effect: Effect,
}

/// Items of a dimension on both sides, clusters in order.
pub struct Drawn {
    pub before: Vec<Outcome>,
    pub after: Vec<Vec<Outcome>>,
    pub cases: Vec<Case>,
    pub cases_after: Vec<Vec<Case>>,
}

impl Population {
    /// Whether ability has a say in its rows: not where only scores change, or all rows are to be tested.
    pub fn has_ability(&self) -> bool {
        let scores = matches!(
            self.effect,
            Effect::Points(_) | Effect::Lost(_) | Effect::Skewed
        );
        self.ability > 0.0 && !scores
    }

    /// Items of a cluster share half the variance of their log-odds. Parts take turns.
    pub fn draw(&self, chance: &mut Chance) -> Drawn {
        let mut drawn = Drawn {
            before: Vec::new(),
            after: vec![Vec::new(); self.seeds],
            cases: Vec::new(),
            cases_after: vec![Vec::new(); self.seeds],
        };
        for cluster in 0..self.clusters {
            let shared = chance.normal();
            let is_a = chance.share() < 0.5;
            let items = 1 + chance.below(self.items);
            let lost: Vec<bool> = (0..self.seeds).map(|_| chance.share() < 0.01).collect();
            for item in 0..items {
                let own = chance.normal();
                let signal = self.ability * (f64::from(u8::from(is_a)) - 0.5);
                let mut log_odds = |known: f64| {
                    known * (signal + 0.7 * shared + 0.63 * own)
                        + (0.32 + (1.0 - known)) * chance.normal()
                };
                let first = log_odds(1.0);
                let known = f64::from(u8::from(self.effect != Effect::Destroyed));
                let others: Vec<f64> = (0..self.seeds).map(|_| log_odds(known)).collect();
                let case = |log_odds| Case {
                    frame: item % 2,
                    cluster,
                    is_a,
                    log_odds,
                };
                let right = |log_odds: f64| f64::from(u8::from((log_odds > 0.0) == is_a));
                let outcome = |value| Outcome {
                    cell: item % 3,
                    cluster,
                    value,
                    weight: 1.0,
                    reading: Reading::Read,
                };
                let mut before = right(first);
                for (seed, other) in others.iter().enumerate() {
                    let after = match self.effect {
                        Effect::None => right(*other),
                        Effect::Destroyed => {
                            before = f64::from(u8::from(first <= 0.0));
                            1.0
                        }
                        Effect::Skewed => {
                            before = f64::from(u8::from(own < 0.0));
                            let gained = before == 0.0 && chance.share() < 0.01;
                            if lost[seed] {
                                0.0
                            } else if gained {
                                1.0
                            } else {
                                before
                            }
                        }
                        Effect::Points(points) | Effect::Lost(points) => {
                            before = f64::from(u8::from(own < 0.0));
                            // Half of the items can be lost, and half gained.
                            let gained = match self.effect {
                                Effect::Lost(_) => 0.0,
                                _ => (0.1 - points / 100.0).max(0.02),
                            };
                            let lost = points / 50.0 + gained;
                            let flips = chance.share() < if before == 1.0 { lost } else { gained };
                            if flips { 1.0 - before } else { before }
                        }
                    };
                    drawn.after[seed].push(outcome(after));
                    drawn.cases_after[seed].push(case(*other));
                }
                drawn.before.push(outcome(before));
                drawn.cases.push(case(first));
            }
        }
        drawn
    }
}

/// The tests of one dimension.
pub struct Tested {
    pub pairs: Pairs,
    pub behaviour: Option<Exchange>,
    pub ability: Option<AbilityChange>,
    pub seeds: Option<SeedTest>,
}

impl Drawn {
    /// The tests over the first clusters.
    pub fn test(&self, clusters: usize, ability: bool, seed: u64) -> Tested {
        let own = |side: &[Outcome]| -> Vec<Outcome> {
            side.iter()
                .copied()
                .filter(|o| o.cluster < clusters)
                .collect()
        };
        let cases = |side: &[Case]| -> Vec<Case> {
            side.iter()
                .copied()
                .filter(|c| c.cluster < clusters)
                .collect()
        };
        let after: Vec<Vec<Outcome>> = self.after.iter().map(|side| own(side)).collect();
        let after: Vec<&[Outcome]> = after.iter().map(Vec::as_slice).collect();
        let cases_after: Vec<Vec<Case>> = self.cases_after.iter().map(|side| cases(side)).collect();
        let cases_after: Vec<&[Case]> = cases_after.iter().map(Vec::as_slice).collect();
        let pairs = Pairs::new(&own(&self.before), &after).expect("pairs");
        let figure = Figure::Points(&[]);
        let ability = ability.then(|| AbilityChange::new(&cases(&self.cases), &cases_after, seed));
        Tested {
            behaviour: Exchange::new(&pairs, figure, seed),
            ability: ability.flatten(),
            seeds: SeedTest::new(&pairs, figure, seed),
            pairs,
        }
    }
}

impl Tested {
    pub fn evidence(&self) -> Evidence<'_> {
        Evidence {
            behaviour: self.behaviour.as_ref(),
            clusters: Clusters::of(&self.pairs),
            left_out: self.pairs.left_out(),
            babble: [false; 2],
            ability: self.ability.as_ref(),
            not_measurable: [0, 1],
            habit: None,
            seeds: self.seeds.as_ref(),
        }
    }
}
