//! How often words are false, and how often true changes are seen.
//!
//! The short versions run with all tests. The long ones take about 40 minutes on two cores and print the tables of
//! `docs/method.md`:
//!
//! ```text
//! cargo test --release --locked --test words -- --ignored --nocapture many_reports
//! ```

use crate::population::{Chance, Effect, Population, Tested};
use pressure_test::evaluate::words::{
    AbilityState, Evidence, LOOKS, Look, Margin, Rule, Verdict, Word, judge,
};
use std::collections::BTreeMap;

const DIMENSIONS: usize = 8;

/// What was said in reports, in shares.
#[derive(Debug, Default, Clone)]
struct Tally {
    reports: f64,
    /// Reports with a false *worse*, *better* or *broken*: at any look, and with a single one.
    false_at_looks: f64,
    false_once: f64,
    /// Reports with a false *broken*, at any look.
    false_broken: f64,
    /// Reports with a *no worse* or *slightly worse* than 5 points, with a single look.
    within: f64,
    /// Rows by word, with a single look.
    words: BTreeMap<String, f64>,
    /// Rows that would be spoken well of if ability did not have to be known after.
    favoured: f64,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.reports += other.reports;
        self.false_at_looks += other.false_at_looks;
        self.false_once += other.false_once;
        self.false_broken += other.false_broken;
        self.within += other.within;
        self.favoured += other.favoured;
        for (word, rows) in &other.words {
            *self.words.entry(word.clone()).or_default() += rows;
        }
    }

    fn word(&self, word: Word) -> f64 {
        let rows = self.words.get(&format!("{word:?}")).copied().unwrap_or(0.0);
        rows / self.reports / DIMENSIONS as f64
    }
}

fn is_false(verdict: &Verdict) -> bool {
    let wrong = [Word::Worse, Word::SlightlyWorse, Word::Better, Word::Broken];
    verdict.word.is_some_and(|word| wrong.contains(&word))
}

/// One report: eight dimensions of which seven have an ability, looked at three times and once.
fn report(population: &Population, seed: u64, looks: bool) -> Tally {
    let mut chance = Chance::new(seed);
    // The first has none, as toxicity; it is not told from the others where all are destroyed.
    let has_ability =
        |at: usize| (at > 0 || population.effect == Effect::Destroyed) && population.has_ability();
    let drawn: Vec<_> = (0..DIMENSIONS)
        .map(|_| population.draw(&mut chance))
        .collect();
    let verdicts = |clusters: usize, look: Look| {
        let test = |(at, d): (usize, &crate::population::Drawn)| {
            d.test(clusters, has_ability(at), seed + at as u64)
        };
        let tested: Vec<Tested> = drawn.iter().enumerate().map(test).collect();
        let rows: Vec<Evidence> = tested.iter().map(Tested::evidence).collect();
        let rule = |look| Rule {
            look,
            margin: Margin::points(5.0),
        };
        let favoured = rows.iter().filter(|row| {
            let low = row.behaviour.map_or(-100.0, |test| test.interval(0.01)[0]);
            let state = row.ability.map(|a| a.state(0.003));
            state == Some(AbilityState::Uncertain) && low > -5.0
        });
        let favoured = favoured.count() as f64;
        (
            judge(&rows, rule(look)),
            judge(&rows, rule(Look::once())),
            favoured,
        )
    };
    let mut tally = Tally {
        reports: 1.0,
        ..Tally::default()
    };
    for (share, _) in LOOKS {
        if share < 1.0 && !looks {
            continue;
        }
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a number of clusters"
        )]
        let clusters = (share * population.clusters as f64).ceil() as usize;
        let (at_look, once, favoured) = verdicts(clusters, Look::at(clusters, population.clusters));
        if at_look.iter().any(is_false) {
            tally.false_at_looks = 1.0;
        }
        if at_look
            .iter()
            .any(|verdict| verdict.word == Some(Word::Broken))
        {
            tally.false_broken = 1.0;
        }
        if share == 1.0 {
            tally.false_once = f64::from(u8::from(once.iter().any(is_false)));
            tally.favoured = favoured;
            let within = [Some(Word::NoWorse), Some(Word::SlightlyWorse)];
            tally.within = f64::from(u8::from(once.iter().any(|v| within.contains(&v.word))));
            for verdict in once {
                let word = verdict
                    .word
                    .map_or("None".into(), |word| format!("{word:?}"));
                *tally.words.entry(word).or_default() += 1.0;
            }
        }
    }
    tally
}

fn reports(population: &Population, first_seed: u64, number: u64, looks: bool) -> Tally {
    let threads = 2;
    std::thread::scope(|scope| {
        let run = |thread: u64| {
            let mut tally = Tally::default();
            for i in (thread..number).step_by(2) {
                tally.add(&report(population, (first_seed + i) * 1000, looks));
            }
            tally
        };
        let handles: Vec<_> = (0..threads).map(|t| scope.spawn(move || run(t))).collect();
        let mut total = Tally::default();
        for handle in handles {
            total.add(&handle.join().expect("a thread"));
        }
        total
    })
}

/// At most 5 %, but for three standard errors of a rate that is 5 %.
fn assert_rate(name: &str, reports: f64, with_false_word: f64) {
    let bound = 0.05 + 3.0 * (0.05 * 0.95 / reports).sqrt();
    let rate = with_false_word / reports;
    assert!(rate <= bound, "{name}: {rate} > {bound}");
}

/// Eight rows that are truly worse by 5 points: as some are called worse, the others must not become no worse.
#[test]
fn losses_of_the_margin_are_not_called_no_worse() {
    let population = Population {
        clusters: 350,
        effect: Effect::Points(5.0),
        ..NULL
    };
    let tally = reports(&population, 11, 40, false);
    assert_rate("no worse", tally.reports, tally.within);
}

const NULL: Population = Population {
    clusters: 20,
    items: 1,
    ability: 2.3,
    seeds: 1,
    effect: Effect::None,
};

#[test]
fn false_words_are_rare_in_few_reports() {
    let few = Population {
        items: 6,
        ability: 0.5,
        ..NULL
    };
    let seeds = Population {
        clusters: 40,
        items: 3,
        seeds: 3,
        ..NULL
    };
    for (name, population) in [("20 clusters", NULL), ("weak", few), ("three seeds", seeds)] {
        let tally = reports(&population, 1, 20, true);
        assert_rate(name, tally.reports, tally.false_at_looks);
        assert_rate(name, tally.reports, tally.false_once);
    }
}

#[test]
fn a_destroyed_model_is_not_spoken_well_of() {
    let destroyed = Population {
        clusters: 120,
        items: 3,
        effect: Effect::Destroyed,
        ..NULL
    };
    let tally = reports(&destroyed, 5, 10, false);
    assert!(tally.word(Word::Broken) > 0.95, "{tally:?}");
    for word in [Word::Better, Word::NoWorse, Word::SlightlyWorse] {
        assert!(tally.word(word) == 0.0, "{tally:?}");
    }
}

/// Reports for each line of a table, unless the environment says otherwise.
fn number() -> u64 {
    std::env::var("REPORTS").map_or(200, |n| n.parse().expect("a number"))
}

/// The clusters of the lines of the first table, all unless the environment names some: `CLUSTERS=60,350`.
fn clusters() -> Vec<usize> {
    let named = std::env::var("CLUSTERS").unwrap_or_else(|_| "20,60,120,350".into());
    let number = |text: &str| text.parse().expect("numbers, with commas between");
    named.split(',').map(number).collect()
}

#[test]
#[ignore = "30 minutes on two cores: the first table of docs/method.md"]
fn many_reports_false_words() {
    println!(
        "clusters | items | ability | seeds | effect | reports | false at any look | false with one look | broken"
    );
    let mut all = [0.0; 3];
    let mut seed = 0;
    let mut null = |population: Population| {
        seed += 100_000;
        let tally = reports(&population, seed, number(), true);
        let percent = |n: f64| 100.0 * n / tally.reports;
        let Population {
            clusters,
            items,
            ability,
            seeds,
            effect,
        } = population;
        println!(
            "{clusters} | 1 to {items} | {ability} | {seeds} | {effect:?} | {} | {:.1} % | {:.1} % | {:.1} %",
            tally.reports,
            percent(tally.false_at_looks),
            percent(tally.false_once),
            percent(tally.false_broken)
        );
        // Sides that cannot be exchanged, though nothing changes on average, are not what the test is about: docs/method.md.
        if effect == Effect::Skewed {
            return;
        }
        let name = format!("{population:?}");
        assert_rate(&name, tally.reports, tally.false_at_looks);
        assert_rate(&name, tally.reports, tally.false_once);
        for (sum, own) in
            all.iter_mut()
                .zip([tally.reports, tally.false_at_looks, tally.false_once])
        {
            *sum += own;
        }
    };
    for clusters in clusters() {
        for items in [1, 6] {
            for ability in [0.0, 0.4, 2.3] {
                for seeds in [1, 3] {
                    null(Population {
                        clusters,
                        items,
                        ability,
                        seeds,
                        ..NULL
                    });
                }
            }
        }
        null(Population {
            clusters,
            items: 6,
            effect: Effect::Skewed,
            ..NULL
        });
    }
    let [reports, looks, once] = all;
    println!(
        "all: {reports} reports, {:.2} % at looks, {:.2} % with one",
        100.0 * looks / reports,
        100.0 * once / reports
    );
    assert!(looks.max(once) <= 0.05 * reports);
}

#[test]
#[ignore = "5 minutes on two cores: the second table of docs/method.md"]
fn many_reports_power() {
    println!(
        "clusters | true change | worse | slightly worse | no worse than 5 | too few | reports with no worse, or slightly"
    );
    for clusters in [60, 120, 350, 500] {
        for effect in [
            Effect::Points(0.0),
            Effect::Points(5.0),
            Effect::Lost(5.0),
            Effect::Points(10.0),
        ] {
            let population = Population {
                clusters,
                effect,
                ..NULL
            };
            let tally = reports(&population, 7_000_000, number(), false);
            let percent = |word| 100.0 * tally.word(word);
            println!(
                "{clusters} | {effect:?} | {:.1} % | {:.1} % | {:.1} % | {:.1} % | {:.1} %",
                percent(Word::Worse),
                percent(Word::SlightlyWorse),
                percent(Word::NoWorse),
                percent(Word::TooFewItems),
                100.0 * tally.within / tally.reports
            );
        }
    }
}

#[test]
#[ignore = "5 minutes on two cores: the third table of docs/method.md"]
fn many_reports_of_destroyed_models() {
    println!(
        "clusters | ability before | broken | worse | spoken well of | were ability after not asked for"
    );
    for clusters in [20, 60, 120, 350] {
        for ability in [0.4, 0.8, 2.3] {
            let population = Population {
                clusters,
                items: 3,
                ability,
                effect: Effect::Destroyed,
                ..NULL
            };
            let tally = reports(&population, 8_000_000, number() / 4, false);
            let good =
                [Word::Better, Word::NoWorse, Word::SlightlyWorse].map(|word| tally.word(word));
            println!(
                "{clusters} | {ability} | {:.1} % | {:.1} % | {:.1} % | {:.1} %",
                100.0 * tally.word(Word::Broken),
                100.0 * tally.word(Word::Worse),
                100.0 * good.iter().sum::<f64>(),
                100.0
                    * (good.iter().sum::<f64>()
                        + tally.favoured / tally.reports / DIMENSIONS as f64)
            );
        }
    }
}

/// What is called the smallest visible change is seen in about 80 % of samples.
#[test]
fn the_smallest_visible_change_is_seen_in_four_of_five_samples() {
    let tested = |points: f64, seed: u64| {
        let population = Population {
            clusters: 200,
            effect: Effect::Points(points),
            ..NULL
        };
        let drawn = population.draw(&mut Chance::new(seed));
        drawn.test(200, false, seed).behaviour.expect("a test")
    };
    let visible: f64 = (0..20)
        .filter_map(|seed| tested(7.0, seed).smallest_visible(0.01))
        .sum::<f64>()
        / 20.0;
    let seen = (100..300)
        .filter(|seed| tested(visible, *seed).rejects(0.01))
        .count();
    assert!((140..=180).contains(&seen), "{visible}: {seen} of 200");
}
