//! The quantile function of the standard normal distribution.
//!
//! Algorithm AS 241 (PPND16) of M. J. Wichura, "The Percentage Points of the Normal Distribution", Applied Statistics 37
//! (1988), pages 477–484: ratios of polynomials, right to about one part in 10¹⁶. There is no closed form.

/// Numerator and denominator, highest power first.
type Ratio = [[f64; 8]; 2];

/// For |p − ½| ≤ 0.425, in 0.425² − (p − ½)².
const CENTRE: Ratio = [
    [
        2_509.080_928_730_122_7,
        33_430.575_583_588_13,
        67_265.770_927_008_7,
        45_921.953_931_549_87,
        13_731.693_765_509_46,
        1_971.590_950_306_551_3,
        133.141_667_891_784_38,
        3.387_132_872_796_366_5,
    ],
    [
        5_226.495_278_852_854,
        28_729.085_735_721_943,
        39_307.895_800_092_71,
        21_213.794_301_586_597,
        5_394.196_021_424_751,
        687.187_007_492_057_9,
        42.313_330_701_600_91,
        1.0,
    ],
];

/// Further out, in r − 1.6 with r = √(−ln min(p, 1 − p)) up to 5.
const NEAR: Ratio = [
    [
        0.000_774_545_014_278_341_4,
        0.022_723_844_989_269_184,
        0.241_780_725_177_450_6,
        1.270_458_252_452_368_4,
        3.647_848_324_763_204_5,
        5.769_497_221_460_691,
        4.630_337_846_156_546,
        1.423_437_110_749_683_5,
    ],
    [
        1.050_750_071_644_416_9e-9,
        0.000_547_593_808_499_534_5,
        0.015_198_666_563_616_457,
        0.148_103_976_427_480_08,
        0.689_767_334_985_1,
        1.676_384_830_183_803_8,
        2.053_191_626_637_759,
        1.0,
    ],
];

/// For r above 5, in r − 5.
const FAR: Ratio = [
    [
        2.010_334_399_292_288_1e-7,
        2.711_555_568_743_487_6e-5,
        0.001_242_660_947_388_078_4,
        0.026_532_189_526_576_124,
        0.296_560_571_828_504_87,
        1.784_826_539_917_291_3,
        5.463_784_911_164_114,
        6.657_904_643_501_103,
    ],
    [
        2.044_263_103_389_939_7e-15,
        1.421_511_758_316_446e-7,
        1.846_318_317_510_054_8e-5,
        0.000_786_869_131_145_613_3,
        0.014_875_361_290_850_615,
        0.136_929_880_922_735_8,
        0.599_832_206_555_888,
        1.0,
    ],
];

/// Φ⁻¹(p), the value that a standard normal variable stays below with probability `p`; −∞ at 0 and +∞ at 1.
pub(super) fn inverse_normal(p: f64) -> f64 {
    let from_middle = p - 0.5;
    if from_middle.abs() <= 0.425 {
        return from_middle * ratio(&CENTRE, 0.425 * 0.425 - from_middle * from_middle);
    }
    let outside = p.min(1.0 - p);
    if outside <= 0.0 {
        return f64::INFINITY.copysign(from_middle);
    }
    let r = (-outside.ln()).sqrt();
    let size = if r <= 5.0 {
        ratio(&NEAR, r - 1.6)
    } else {
        ratio(&FAR, r - 5.0)
    };
    size.copysign(from_middle)
}

fn ratio(of: &Ratio, x: f64) -> f64 {
    let [above, below] = of.map(|powers| powers.iter().fold(0.0, |sum, factor| sum * x + factor));
    above / below
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_has_the_tabulated_values() {
        for (p, z) in [
            (0.5, 0.0),
            (0.9, 1.281_551_565_544_600_4),
            (0.925, 1.439_531_470_938_456),
            (0.95, 1.644_853_626_951_472_2),
            (0.975, 1.959_963_984_540_054),
            (0.99, 2.326_347_874_040_841),
            (0.999, 3.090_232_306_167_813_6),
            (1e-6, -4.753_424_308_822_899),
            (1e-15, -7.941_345_326_170_998),
        ] {
            let found = inverse_normal(p);
            assert!((found - z).abs() < 1e-12, "{p}: {found}");
        }
        for p in [0.6, 0.93, 0.999_999] {
            assert!(
                (inverse_normal(p) + inverse_normal(1.0 - p)).abs() < 1e-9,
                "{p}"
            );
        }
        assert!(inverse_normal(0.0) == f64::NEG_INFINITY && inverse_normal(1.0) == f64::INFINITY);
        assert!(inverse_normal(f64::NAN).is_nan());
    }

    #[test]
    fn it_rises_without_jumps() {
        // The pieces meet at 0.075 and 0.925, and at e^−25.
        let step = 1e-4;
        for i in 1..9_999 {
            let p = f64::from(i) * step;
            let rise = inverse_normal(p + step) - inverse_normal(p);
            assert!(rise > 0.0, "{p}");
        }
        let seam = (-25.0_f64).exp();
        let jump = inverse_normal(seam * (1.0 + 1e-9)) - inverse_normal(seam * (1.0 - 1e-9));
        assert!(jump.abs() < 1e-8, "{jump}");
    }
}
