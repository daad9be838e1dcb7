//! Models that differ from a right one in one place.

use pressure_test::backend::Activation;
use pressure_test::model::{Block, HeadNorms, Model};

/// What is wrong, whether a model has the place where it could be, and how it goes wrong.
type Wrong = (&'static str, fn(&Model) -> bool, fn(&mut Model));

const WRONG: &[Wrong] = &[
    (
        "turned further",
        |m| !m.config.ropes.is_empty(),
        |m| {
            for rope in &mut m.config.ropes {
                rope.frequencies.iter_mut().for_each(|f| *f *= 1.1);
            }
        },
    ),
    (
        "ropes exchanged",
        |m| m.config.ropes.len() > 1,
        |m| m.config.ropes.reverse(),
    ),
    (
        "rope factor",
        |m| m.config.ropes.iter().any(|rope| rope.factor != 1.0),
        |m| {
            m.config.ropes[0].factor = 1.0;
        },
    ),
    (
        "no positions",
        |m| m.positions.is_some(),
        |m| m.positions = None,
    ),
    (
        "gate and up exchanged",
        |m| m.blocks[0].gate.is_some(),
        |m| {
            let Block { gate, up, .. } = &mut m.blocks[0];
            let gate = gate.as_mut().expect("a gate");
            std::mem::swap(&mut gate.weight, &mut up.weight);
        },
    ),
    (
        "activation",
        |_| true,
        |m| {
            m.config.activation = match m.config.activation {
                Activation::GeluTanh => Activation::Gelu,
                Activation::Gelu
                | Activation::Silu
                | Activation::Relu
                | Activation::ReluSquared => Activation::GeluTanh,
            };
        },
    ),
    (
        "window wider by one",
        |m| narrow(m).is_some(),
        |m| {
            m.config.sliding_window = narrow(m).map(|window| window + 1);
        },
    ),
    (
        "windows exchanged",
        |m| narrow(m).is_some(),
        |m| {
            for block in &mut m.blocks {
                block.sliding = !block.sliding;
            }
        },
    ),
    ("query scale", |_| true, |m| m.config.query_scale *= 1.1),
    (
        "attention cap",
        |m| m.config.attention_softcap.is_some(),
        |m| {
            m.config.attention_softcap = None;
        },
    ),
    (
        "logit cap",
        |m| m.config.logit_softcap.is_some(),
        |m| m.config.logit_softcap = None,
    ),
    (
        "embedding scale",
        |m| m.config.embedding_scale.is_some(),
        |m| {
            m.config.embedding_scale = None;
        },
    ),
    (
        "residual",
        |_| true,
        |m| {
            m.config.parallel_residual = !m.config.parallel_residual;
        },
    ),
    ("epsilon", |_| true, |m| m.config.norm_eps = 1e-2),
    (
        "input norm",
        |m| m.blocks[0].input_norm.is_some(),
        |m| m.blocks[1].input_norm = m.blocks[0].input_norm.clone(),
    ),
    (
        "no penalty on distance",
        |m| m.config.alibi,
        |m| m.config.alibi = false,
    ),
    (
        "norm of embeddings",
        |m| m.embedding_norm.is_some(),
        |m| m.embedding_norm = None,
    ),
    (
        "positions one row before",
        |m| m.config.position_offset > 0,
        |m| m.config.position_offset -= 1,
    ),
    (
        "all layers turn",
        |m| m.config.turning_layers.contains(&false),
        |m| {
            for block in &mut m.blocks {
                block.turning = true;
            }
        },
    ),
    (
        "no layer turns",
        |m| !m.config.ropes.is_empty(),
        |m| {
            for block in &mut m.blocks {
                block.turning = false;
            }
        },
    ),
    (
        "order of norm and turning",
        |m| matches!(m.config.head_norms, HeadNorms::EachTurned),
        |m| m.config.head_norms = HeadNorms::Each,
    ),
    (
        "residual scale",
        |m| m.config.residual_scale.is_some(),
        |m| m.config.residual_scale = None,
    ),
    (
        "logit divisor",
        |m| m.config.logit_divisor.is_some(),
        |m| m.config.logit_divisor = None,
    ),
    (
        "head bias",
        |m| m.head_bias.is_some(),
        |m| m.head_bias = None,
    ),
    (
        "no norm of what was attended to",
        |m| m.blocks[0].attended_norm.is_some(),
        |m| m.blocks[0].attended_norm = None,
    ),
    (
        "no norm inside the feed-forward part",
        |m| m.blocks[0].inner_norm.is_some(),
        |m| m.blocks[0].inner_norm = None,
    ),
    (
        "query norm",
        |m| m.blocks.iter().any(|block| block.query_norm.is_some()),
        |m| {
            for block in &mut m.blocks {
                block.query_norm = None;
            }
        },
    ),
    (
        "key norm",
        |m| m.blocks[1].key_norm.is_some(),
        |m| m.blocks[1].key_norm = None,
    ),
    (
        "convolution one token later",
        |m| m.config.convolution_length.is_some(),
        |m| {
            for kernel in m.blocks.iter_mut().flat_map(|block| &mut block.convolution) {
                let mut later = kernel.to_vec();
                later.rotate_left(1);
                *kernel = later.into();
            }
        },
    ),
    (
        "gates of convolutions exchanged",
        |m| m.config.convolution_length.is_some(),
        |m| {
            for block in &mut m.blocks {
                if block.convolution.is_some() {
                    std::mem::swap(&mut block.query.weight, &mut block.key.weight);
                }
            }
        },
    ),
    (
        "norm behind attention",
        |m| m.blocks[0].output_norm.is_some(),
        |m| {
            m.blocks[0].output_norm = None;
        },
    ),
    (
        "norm behind the feed-forward part",
        |m| m.blocks[1].down_norm.is_some(),
        |m| {
            m.blocks[1].down_norm = None;
        },
    ),
    (
        "query bias",
        |m| m.blocks[0].query.bias.is_some(),
        |m| m.blocks[0].query.bias = None,
    ),
    (
        "output bias",
        |m| m.blocks[0].output.bias.is_some(),
        |m| m.blocks[0].output.bias = None,
    ),
    (
        "up bias",
        |m| m.blocks[0].up.bias.is_some(),
        |m| m.blocks[0].up.bias = None,
    ),
];

/// A window that is narrower than the texts: a wider one changes nothing.
fn narrow(model: &Model) -> Option<usize> {
    model.config.sliding_window.filter(|window| *window < 9)
}

/// Every wrong variant of a model.
pub fn variants(right: &Model) -> impl Iterator<Item = (&'static str, Model)> {
    let applicable = WRONG.iter().filter(|(_, applies, _)| applies(right));
    applicable.map(|(what, _, change)| {
        let mut wrong = right.clone();
        change(&mut wrong);
        (*what, wrong)
    })
}
