//! The normal distribution, and Wilson's interval at any level.

/// The point below which the standard normal distribution has this probability: Acklam's rational approximation
/// (2003), off by at most 1.2e-9 of the value. Infinite at 0 and 1.
#[must_use]
pub fn quantile(probability: f64) -> f64 {
    const TAIL: f64 = 0.024_25;
    const A: [f64; 6] = [
        -3.969_683_028_665_376e1,
        2.209_460_984_245_205e2,
        -2.759_285_104_469_687e2,
        1.383_577_518_672_69e2,
        -3.066_479_806_614_716e1,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -5.447_609_879_822_406e1,
        1.615_858_368_580_409e2,
        -1.556_989_798_598_866e2,
        6.680_131_188_771_972e1,
        -1.328_068_155_288_572e1,
        1.0,
    ];
    const C: [f64; 6] = [
        -7.784_894_002_430_293e-3,
        -3.223_964_580_411_365e-1,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        7.784_695_709_041_462e-3,
        3.224_671_290_700_398e-1,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    let polynomial = |factors: &[f64], x: f64| factors.iter().fold(0.0, |sum, f| sum * x + f);
    let tail = |p: f64| {
        let x = (-2.0 * p.ln()).sqrt();
        polynomial(&C, x) / polynomial(&D, x)
    };
    match probability {
        p if p <= 0.0 => f64::NEG_INFINITY,
        p if p >= 1.0 => f64::INFINITY,
        p if p < TAIL => tail(p),
        p if p > 1.0 - TAIL => -tail(1.0 - p),
        p => {
            let x = p - 0.5;
            x * polynomial(&A, x * x) / polynomial(&B, x * x)
        }
    }
}

/// How many standard errors a two-sided test at this level asks for.
#[must_use]
pub fn two_sided(alpha: f64) -> f64 {
    quantile(1.0 - alpha / 2.0)
}

/// Wilson's score interval for a proportion (Wilson 1927) at the two-sided level `1 - alpha`, both ends within 0 to 1;
/// all of that without any case.
#[must_use]
pub fn wilson(proportion: f64, n: usize, alpha: f64) -> [f64; 2] {
    if n == 0 {
        return [0.0, 1.0];
    }
    let (n, z) = (n as f64, two_sided(alpha));
    let centre = proportion + z * z / (2.0 * n);
    let half = z * (proportion * (1.0 - proportion) / n + z * z / (4.0 * n * n)).sqrt();
    let scale = 1.0 + z * z / n;
    // At 0 and 1 the end is the proportion itself but for rounding.
    [
        ((centre - half) / scale).clamp(0.0, proportion),
        ((centre + half) / scale).clamp(proportion, 1.0),
    ]
}

/// How far out, as a probability of the normal distribution, a percentile of a bootstrap over `n` clusters must be
/// taken so that it holds what Student's interval would: resamples are too much alike by `(n - 1) / n`, and few clusters
/// know their own spread badly (Hesterberg 2015, section 5.3, with the Cornish-Fisher expansion of Student's quantile).
#[must_use]
pub(super) fn expanded_tail(tail: f64, n: usize) -> f64 {
    let (z, freedom) = (quantile(tail), (n.max(2) - 1) as f64);
    let student = z
        + (z.powi(3) + z) / (4.0 * freedom)
        + (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / (96.0 * freedom * freedom);
    let wanted = student * ((freedom + 1.0) / freedom).sqrt();
    // The distribution is the inverse of its quantiles.
    let (mut low, mut high) = (0.0, tail);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if quantile(middle) < wanted {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}
