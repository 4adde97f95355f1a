//! The two functions that keep log-beta differences exact where their terms are nearly 10¹⁰ and the result is near 1.
//!
//! `ln B(x, y)` from three log-gammas loses all digits at 10⁹ samples. With Γ split into Stirling's leading part and a small
//! remainder, the leading parts cancel on paper instead of in the machine (C. Loader, "Fast and accurate computation of
//! binomial probabilities", 2000).

/// ½ ln 2π.
const HALF_LN_TAU: f64 = 0.918_938_533_204_672_7;

/// From here on the series below is exact to 10⁻¹².
const LARGE: f64 = 10.0;

/// What Stirling's `x ln x − x + ½ ln 2π` leaves of `ln Γ(x)`; `x > 0`.
pub(super) fn stirling_rest(x: f64) -> f64 {
    if x >= LARGE {
        return series(x) - 0.5 * x.ln();
    }
    // Γ(x) = Γ(x + j) / (x (x + 1) … (x + j − 1)), with x + j large.
    let (mut product, mut y) = (1.0, x);
    while y < LARGE {
        product *= y;
        y += 1.0;
    }
    let ln_gamma = (y - 0.5) * y.ln() - y + HALF_LN_TAU + series(y) - product.ln();
    ln_gamma - x * x.ln() + x - HALF_LN_TAU
}

/// Stirling's series: 1/12x − 1/360x³ + 1/1260x⁵ − 1/1680x⁷.
fn series(x: f64) -> f64 {
    let square = 1.0 / (x * x);
    (1.0 / 12.0 - square * (1.0 / 360.0 - square * (1.0 / 1260.0 - square / 1680.0))) / x
}

/// `x ln(x/m) + m − x`, without cancellation where x is close to m; both above 0.
pub(super) fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() >= 0.1 * (x + m) {
        return x * (x / m).ln() + m - x;
    }
    let v = (x - m) / (x + m);
    let square = v * v;
    let mut sum = (x - m) * v;
    let mut term = 2.0 * x * v;
    // |v| < 0.1, so each term is below a hundredth of the one before.
    for j in 1..20 {
        term *= square;
        let next = sum + term / f64::from(2 * j + 1);
        if next.to_bits() == sum.to_bits() {
            break;
        }
        sum = next;
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rest_completes_known_factorials() {
        // ln Γ(x) = x ln x − x + ½ ln 2π + rest.
        let ln_gamma = |x: f64| x * x.ln() - x + HALF_LN_TAU + stirling_rest(x);
        for (x, gamma) in [
            (1.0_f64, 1.0_f64),
            (0.5, std::f64::consts::PI.sqrt()),
            (5.0, 24.0),
            (11.0, 3_628_800.0),
        ] {
            assert!((ln_gamma(x) - gamma.ln()).abs() < 1e-12, "{x}");
        }
        // Γ(x) → 1/x at 0.
        assert!((ln_gamma(1e-5) - 11.512_919_692_895_824).abs() < 1e-9);
    }

    #[test]
    fn the_deviance_meets_itself_where_the_series_takes_over() {
        for (x, m) in [(1.0, 1.0), (1.1, 1.0), (5.0, 9.0), (123.0, 100.1)] {
            let plain: f64 = x * f64::ln(x / m) + m - x;
            assert!((deviance(x, m) - plain).abs() < 1e-12, "{x} {m}");
        }
    }
}
