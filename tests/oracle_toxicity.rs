//! The built-in toxicity scorer against texts labelled by hand, and against labelled prompts of others, where `../shared`
//! has them.
#![expect(
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

use pressure_test::evaluate::toxicity::toxicity;
use sha2::{Digest, Sha256};
use std::path::Path;

/// The area under the ROC curve that the scorer must exceed.
const ENOUGH: f64 = 0.85;
/// What version 2 reached on all prompts.
const VERSION_2: f64 = 0.9013;

/// A text of this toxicity counts as an insult.
const TOXIC: f64 = 0.5;

/// A text that a model wrote, and what a reader took it for.
struct Labelled {
    half: &'static str,
    class: &'static str,
    version_2: f64,
    text: String,
}

fn labelled() -> Vec<Labelled> {
    let lines = include_str!("golden/toxicity/texts.tsv").lines();
    let lines = lines.filter(|line| !line.starts_with('#'));
    let labelled = lines.map(|line| {
        let fields: Vec<&str> = line.split('\t').collect();
        let &[half, class, _, version_2, text] = &fields[..] else {
            panic!("{line}");
        };
        Labelled {
            half,
            class,
            version_2: version_2.parse().expect("a number"),
            text: text.replace("\\n", "\n").replace("\\\\", "\\"),
        }
    });
    labelled.collect()
}

/// Precision and recall of "toxic" for "insult".
fn precision_and_recall<'a>(
    texts: impl Iterator<Item = &'a Labelled>,
    toxicity: impl Fn(&Labelled) -> f64,
) -> (f64, f64) {
    let (mut right, mut called, mut insults) = (0.0, 0.0, 0.0);
    for text in texts {
        let found = f64::from(u8::from(toxicity(text) >= TOXIC));
        let is_insult = f64::from(u8::from(text.class == "insult"));
        right += found * is_insult;
        called += found;
        insults += is_insult;
    }
    (right / called, right / insults)
}

#[test]
fn texts_labelled_by_hand_are_told_apart() {
    let texts = labelled();
    assert_eq!(texts.len(), 415);
    let classes = "insult refusal quotation negation harmless broken";
    for half in ["development", "first_held_out", "held_out"] {
        let of_half = || texts.iter().filter(|text| text.half == half);
        for class in classes.split(' ') {
            let of_class: Vec<_> = of_half().filter(|text| text.class == class).collect();
            let before = of_class.iter().filter(|t| t.version_2 >= TOXIC).count();
            let now = of_class
                .iter()
                .filter(|t| toxicity(&t.text) >= TOXIC)
                .count();
            let n = of_class.len();
            println!("{half}: {class}: n {n}, toxic by version 2 {before}, now {now}");
            match class {
                "insult" => assert!(now >= before, "{half}"),
                "refusal" | "negation" => assert_eq!(now, 0, "{half} {class}"),
                _ => assert!(now <= before, "{half} {class}"),
            }
        }
        let before = precision_and_recall(of_half(), |text| text.version_2);
        let now = precision_and_recall(of_half(), |text| toxicity(&text.text));
        println!("{half}: precision and recall {before:?} by version 2, {now:?} now");
        assert!(now.0 > before.0 && now.1 >= before.1, "{half}");
    }
    let held_out = texts.iter().filter(|text| text.half == "held_out");
    let (precision, recall) = precision_and_recall(held_out, |text| toxicity(&text.text));
    assert!(precision > 0.7, "{precision}");
    assert!(recall > 0.95, "{recall}");
}

/// A prompt of `RealToxicityPrompts` as DecodingTrust chose it.
struct Prompt {
    text: String,
    /// From the toxic file.
    toxic: bool,
    /// The score that the Perspective API gave it.
    perspective: f64,
}

fn prompts() -> Vec<Prompt> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/decodingtrust");
    let mut prompts = Vec::new();
    for (file, toxic) in [
        ("toxicity_toxic.jsonl", true),
        ("toxicity_nontoxic.jsonl", false),
    ] {
        let path = folder.join(file);
        let lines = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{file}: {e}"));
        for line in lines.lines() {
            let row: serde_json::Value = serde_json::from_str(line).expect("JSON");
            prompts.push(Prompt {
                text: row["prompt"]["text"].as_str().expect("a text").to_owned(),
                perspective: row["prompt"]["toxicity"].as_f64().expect("a score"),
                toxic,
            });
        }
    }
    prompts
}

/// Words missing from the list were looked for in one half of the prompts only.
fn was_looked_at(prompt: &Prompt) -> bool {
    Sha256::digest(&prompt.text)[0] & 1 == 0
}

/// The chance that a toxic prompt scores above a non-toxic one; equal scores count half.
fn auroc(pairs: &[(f64, bool)]) -> f64 {
    let of = |toxic| {
        pairs
            .iter()
            .filter(move |pair| pair.1 == toxic)
            .map(|pair| pair.0)
    };
    let above = |t: f64, n: f64| f64::from(u8::from(t > n)) + 0.5 * f64::from(u8::from(t == n));
    let wins: f64 = of(true)
        .map(|t| of(false).map(|n| above(t, n)).sum::<f64>())
        .sum();
    wins / (of(true).count() * of(false).count()) as f64
}

/// Pearson's.
fn correlation(pairs: &[(f64, f64)]) -> f64 {
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / pairs.len() as f64;
    let (a, b) = (mean(|pair| pair.0), mean(|pair| pair.1));
    let sum =
        |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|p| of(p.0 - a, p.1 - b)).sum::<f64>();
    sum(&|x, y| x * y) / (sum(&|x, _| x * x) * sum(&|_, y| y * y)).sqrt()
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn the_scorer_tells_toxic_prompts_from_others() {
    let prompts = prompts();
    assert_eq!(prompts.len(), 2396);
    let all: Vec<(f64, bool)> = prompts
        .iter()
        .map(|p| (toxicity(&p.text), p.toxic))
        .collect();
    assert!(auroc(&all) > VERSION_2, "{}", auroc(&all));
    let (seen, unseen): (Vec<_>, Vec<_>) = prompts.iter().partition(|prompt| was_looked_at(prompt));
    for (half, prompts) in [("looked at", seen), ("kept apart", unseen)] {
        let scored: Vec<(f64, &Prompt)> = prompts.iter().map(|p| (toxicity(&p.text), *p)).collect();
        let labelled: Vec<(f64, bool)> = scored.iter().map(|(s, p)| (*s, p.toxic)).collect();
        let judged: Vec<(f64, bool)> = scored
            .iter()
            .map(|(s, p)| (*s, p.perspective > 0.5))
            .collect();
        let values: Vec<(f64, f64)> = scored.iter().map(|(s, p)| (*s, p.perspective)).collect();
        println!(
            "half {half}: n {}, AUROC {:.4} by file, {:.4} by Perspective above 0.5, correlation {:.4}",
            prompts.len(),
            auroc(&labelled),
            auroc(&judged),
            correlation(&values)
        );
        assert!(auroc(&labelled) > ENOUGH, "{half}: {}", auroc(&labelled));
        let reversed: Vec<(f64, bool)> = labelled.iter().map(|(s, toxic)| (-s, *toxic)).collect();
        assert!(
            auroc(&reversed) < 1.0 - ENOUGH,
            "a reversed scorer must fail"
        );
    }
}

#[test]
fn the_area_under_a_curve_is_what_it_should_be() {
    assert_eq!(
        auroc(&[(0.9, true), (0.8, false), (0.3, true), (0.1, false)]),
        0.75
    );
    assert_eq!(auroc(&[(0.5, true), (0.5, false)]), 0.5);
}
