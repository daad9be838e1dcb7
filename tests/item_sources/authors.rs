//! What the authors' files become.

use crate::{AUTHORS, asked, draw, kind, options, rows, rows_of};
use pressure_test::evaluate::adversarial_demonstrations::{self, Counterfactual};
use pressure_test::evaluate::items::{Files, Supply, recognise, remote_files};
use pressure_test::evaluate::{
    adversarial_robustness, fairness, feeds, machine_ethics, ood_robustness, stereotype, toxicity,
};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn every_file_is_known_by_its_hash_and_another_is_refused() {
    let paths: BTreeSet<&str> = remote_files().map(|file| file.path).collect();
    assert_eq!(paths.len(), 12);
    assert!(
        paths.iter().all(|path| AUTHORS.contains_key(*path)),
        "{:?}",
        AUTHORS.keys()
    );
    for file in remote_files() {
        assert_eq!(
            (file.commit.len(), file.sha256.len(), file.licence),
            (40, 64, "CC BY-SA 4.0")
        );
        let mut files = AUTHORS.clone();
        let bytes = files.get_mut(file.path).expect("a file");
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        assert!(recognise(bytes).is_none());
        let error = Supply::new("decodingtrust", &Arc::new(files))
            .expect_err(file.path)
            .to_string();
        assert!(
            error.contains(file.path) && error.contains(file.sha256),
            "{error}"
        );
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn rows_are_those_of_the_files_balanced_and_drawn() {
    let all = stereotype::from_authors(&AUTHORS, draw(usize::MAX)).expect("rows");
    assert_eq!((all.statements.len(), all.system_prompts.len()), (1152, 3));
    assert!(
        all.question.ends_with(" {statement}") && all.system_prompts[2].text.contains("{group}")
    );
    assert!(
        all.statements
            .iter()
            .all(|row| row.statement.contains(&row.group))
    );
    let some = stereotype::from_authors(&AUTHORS, draw(32)).expect("rows");
    let mut topics = BTreeMap::new();
    for row in &some.statements {
        *topics.entry(&row.topic).or_insert(0) += 1;
    }
    assert!(
        topics.len() == 16 && topics.values().all(|count| *count == 2),
        "{topics:?}"
    );

    let all = toxicity::from_authors(&AUTHORS, draw(usize::MAX)).expect("rows");
    assert_eq!(all.prompts.iter().filter(|row| row.toxic).count(), 1196);
    assert_eq!(all.prompts.len(), 2 * 1196);

    let all = fairness::from_authors(&AUTHORS, draw(usize::MAX)).expect("rows");
    let cells = |set: usize| {
        let count = |group: &str, label: bool| {
            let rows = all.sets[set].rows.iter();
            rows.filter(|row| row.group == group && row.label == label)
                .count()
        };
        [
            count("male", true),
            count("male", false),
            count("female", true),
            count("female", false),
        ]
    };
    assert_eq!(
        [cells(0), cells(1), cells(2)],
        [[50, 50, 50, 50], [75, 25, 25, 75], [100, 0, 0, 100]]
    );

    let all = adversarial_robustness::from_authors(&AUTHORS, draw(usize::MAX)).expect("rows");
    let of = |task: &str| all.items.iter().filter(|row| row.task == task).count();
    assert_eq!(
        ["sst2", "qqp", "mnli", "mnli-mm", "qnli", "rte"].map(of),
        [144, 64, 96, 135, 148, 70]
    );

    let all = ood_robustness::from_authors(&AUTHORS, draw(usize::MAX)).expect("rows");
    assert_eq!(all.styles.len(), 5 * 2 * 428);
    let unknowable = all.knowledge.iter().filter(|row| row.unknowable).count();
    assert_eq!(
        (unknowable, all.knowledge.len() - unknowable),
        (4 * 58, 4 * 200)
    );
    assert_eq!(
        (
            all.style_demonstrations.len(),
            all.knowledge_demonstrations.len()
        ),
        (8, 5)
    );

    let all = adversarial_demonstrations::from_authors(&AUTHORS, draw(usize::MAX)).expect("rows");
    assert_eq!((all.counterfactual.len(), all.sets.len()), (3 * 123, 1));
    assert!(all.sets.values().all(|set| set.len() == 16));
    // The answer to a counterfactual twin is always another one.
    let twins = &all.counterfactual;
    let differs = |row: &Counterfactual| row.last.1 != row.answer && row.last.0 != row.question;
    assert!(twins.iter().all(differs));

    let all = machine_ethics::from_authors(&AUTHORS, draw(usize::MAX)).expect("rows");
    let wrong = all.acts.iter().filter(|act| act.answer == "wrong").count();
    assert!(
        wrong * 2 == all.acts.len() && wrong > 960 && all.demonstrations.len() == 8,
        "{wrong}"
    );
    let shown: BTreeSet<&str> = all.demonstrations.iter().map(|act| &act.act[..]).collect();
    assert!(all.acts.iter().all(|act| !shown.contains(&act.act[..])));
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn prompts_ask_once_and_have_no_empty_places() {
    for feed in feeds() {
        let probe = rows(feed.dimension, 12).probe(&options()).expect("a probe");
        let requests = probe.requests();
        assert!(requests.len() >= 12, "{}", feed.dimension);
        for request in &requests {
            let plain = asked(request).0.plain();
            assert!(
                !plain.to_lowercase().contains("answer:\nanswer:"),
                "{plain}"
            );
            assert!(
                !plain.contains('{') && !plain.contains("[target_group]"),
                "{plain}"
            );
        }
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "../shared is not there")]
fn what_the_authors_files_lack_is_said() {
    let supply = Supply::new("decodingtrust", &Arc::new(AUTHORS.clone())).expect("a source");
    let (probe, provenance) = supply
        .probe(kind("privacy"), &options())
        .expect("an answer");
    assert!(probe.is_none());
    assert_eq!(
        provenance.unavailable.as_deref(),
        Some("not available from this source")
    );
    let (probe, provenance) = supply
        .probe(kind("stereotype"), &options())
        .expect("an answer");
    assert!(probe.is_some() && provenance.unavailable.is_none());
    assert_eq!(
        (provenance.source, provenance.files.len()),
        ("decodingtrust", 2)
    );
    let used = &provenance.files[0];
    assert!(
        used.name
            .starts_with("AI-secure/DecodingTrust/161ae8321ced62f45fcd9ceb412e05b47c603cd4/data/")
    );
    assert!(used.licence == Some("CC BY-SA 4.0") && used.attribution.is_some());
    // Usefulness is measured as ever.
    let (probe, provenance) = supply
        .probe(kind("multiple_choice"), &options())
        .expect("an answer");
    assert!(probe.is_some() && provenance.source == "classroom");
}

#[test]
fn a_file_of_the_authors_that_changed_its_form_is_named() {
    let one = |path: &str, text: &str| Files::from([(path.to_owned(), text.as_bytes().to_vec())]);
    let parity = "data/fairness/fairness_data/adult_0_200_test_base_rate_0.0.jsonl";
    let premise = "data/adv_demo/counterfactual/snli_premise_cf/42.jsonl";
    let users = "data/stereotype/dataset/user_prompts.csv";
    let ethics = "data/machine_ethics/ethics/commonsense/cm_test.csv";
    for (dimension, files, problem) in [
        (
            "fairness",
            one(parity, "{\"input\": \"age 3\", \"label\": \"no\"}"),
            "sex",
        ),
        (
            "fairness",
            one(
                parity,
                "{\"input\": \"a, sex Male, b\", \"label\": \"maybe\"}",
            ),
            "maybe",
        ),
        (
            "adversarial_demonstrations",
            one(
                premise,
                "{\"option\": [\"a\"], \"input\": \"\", \"label\": \"b\", \"examples\": []}",
            ),
            "option",
        ),
        (
            "stereotype",
            one(
                users,
                "stereotype_topic,target_group,stereotype_template,user_prompt\na,b,[target_group] c,d\n",
            ),
            "user_prompt",
        ),
        (
            "machine_ethics",
            one(ethics, "label,input,is_short,edited\n2,a,True,False\n"),
            "label",
        ),
        (
            "adversarial_robustness",
            one(
                "dev.json",
                "{\"sst2\": [{\"label\": 7, \"sentence\": \"a\"}]}",
            ),
            "sst2 number 1",
        ),
        ("ood_robustness", Files::new(), "data/ood/style.json"),
    ] {
        let error = rows_of(dimension, &files, 10)
            .expect_err(dimension)
            .to_string();
        assert!(error.contains(problem), "{dimension}: {error}");
    }
}

/// The labels of GLUE: sst2 1 is positive; qqp 1 is a duplicate; mnli 0, 1, 2 are entailment, neutral, contradiction; qnli
/// and rte 0 are entailment.
#[test]
fn labels_of_advglue_are_those_of_glue() {
    let pair = |label: u8, a: &str, b: &str| {
        format!("{{\"label\": {label}, \"{a}\": \"x\", \"{b}\": \"y\"}}")
    };
    let list = |labels: &[u8], a: &str, b: &str| {
        let rows: Vec<String> = labels.iter().map(|label| pair(*label, a, b)).collect();
        rows.join(", ")
    };
    let dev = format!(
        "{{\"sst2\": [{}], \"qqp\": [{}], \"mnli\": [{}], \"qnli\": [{}], \"rte\": [{}]}}",
        list(&[0, 1], "sentence", "note"),
        list(&[0, 1], "question1", "question2"),
        list(&[0, 1, 2], "premise", "hypothesis"),
        list(&[0, 1], "question", "sentence"),
        list(&[0, 1], "sentence1", "sentence2"),
    );
    let files = Files::from([("dev.json".to_owned(), dev.into_bytes())]);
    let rows = adversarial_robustness::from_authors(&files, draw(100)).expect("rows");
    let answers: Vec<&str> = rows.items.iter().map(|row| &row.answer[..]).collect();
    let expected = [
        "negative", "positive", "no", "yes", "yes", "maybe", "no", "yes", "no", "yes", "no",
    ];
    assert_eq!(answers, expected);
}

/// In ETHICS, label 1 is wrong; stories are left out.
#[test]
fn labels_of_ethics_are_its_own() {
    let mut table = "label,input,is_short,edited\n1,\"A story, long.\",False,False\n".to_owned();
    for i in 0..12 {
        let number = i.to_string();
        table += "1,I hid cup #.,True,False\n0,I sang song #.,True,False\n"
            .replace('#', &number)
            .as_str();
    }
    let path = "data/machine_ethics/ethics/commonsense/cm_test.csv";
    let files = Files::from([(path.to_owned(), table.into_bytes())]);
    let rows = machine_ethics::from_authors(&files, draw(100)).expect("rows");
    assert_eq!((rows.demonstrations.len(), rows.acts.len()), (8, 8));
    for act in rows.demonstrations.iter().chain(&rows.acts) {
        assert_eq!(act.answer == "wrong", act.act.contains("hid"), "{act:?}");
    }
}
