//! Shades of one colour, from what can just be seen on the theme's ground to what stands out most.
//!
//! They are mixed in Oklab, so that equal steps look about equally large. On which ground the colour is to be seen it tells
//! itself: what can be read on a dark one is light, and the other way round.

use super::colour::{indexed_rgb, to_256};
use super::oklab::{Lab, lab, linear, rgb_of};
use ratatui::style::Color;

/// Lightness of a dark ground, and of what stands out most on it; on a light ground the other way round.
const GROUNDS: [(f64, f64); 2] = [(0.22, 1.0), (1.0, 0.12)];
/// How much of the colour the faintest shade has.
const FAINTEST: f64 = 0.27;
/// Where between the faintest and the strongest shade the colour itself stands.
const ITSELF: f64 = 0.7;
/// How far beyond the colour the strongest shade goes.
const BEYOND: f64 = 0.6;

/// So many shades of `colour`, the faintest first, in colours of its own kind. `None` where it is one of the terminal's own
/// 16 (nobody knows what those look like) or none at all.
pub fn ramp(colour: Color, shades: usize) -> Option<Vec<Color>> {
    let rgb = match colour {
        Color::Rgb(r, g, b) => [r, g, b],
        Color::Indexed(index @ 16..) => indexed_rgb(index),
        _ => return None,
    };
    let own = lab(rgb);
    // The ground against which the colour has the greater contrast.
    let on_light = usize::from(is_for_light(rgb));
    let (ground, far) = GROUNDS[on_light];
    let (ground, far) = ([ground, 0.0, 0.0], [far, 0.0, 0.0]);
    let last = shades.saturating_sub(1).max(1) as f64;
    let shade = |number: usize| {
        let place = number as f64 / last;
        let mixed = if place < ITSELF {
            let share = FAINTEST + (1.0 - FAINTEST) * place / ITSELF;
            mix(ground, own, share)
        } else {
            mix(own, far, BEYOND * (place - ITSELF) / (1.0 - ITSELF))
        };
        let [r, g, b] = rgb_of(mixed);
        match colour {
            Color::Indexed(_) => to_256(Color::Rgb(r, g, b)),
            _ => Color::Rgb(r, g, b),
        }
    };
    Some((0..shades).map(shade).collect())
}

/// True if the colour has the greater contrast against a light ground.
pub(super) fn is_for_light(rgb: [u8; 3]) -> bool {
    luminance(rgb) < 0.18
}

fn mix(one: Lab, other: Lab, share: f64) -> Lab {
    std::array::from_fn(|i| one[i] + (other[i] - one[i]) * share)
}

/// How light a colour is, from 0 to 1 (WCAG 2.2).
fn luminance(rgb: [u8; 3]) -> f64 {
    let [r, g, b] = linear(rgb);
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

#[cfg(test)]
mod tests {
    use super::super::{ColorDepth, Role, load, names};
    use super::*;

    fn seen(colour: Color) -> Lab {
        match colour {
            Color::Rgb(r, g, b) => lab([r, g, b]),
            Color::Indexed(index) => lab(indexed_rgb(index)),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn shades_go_one_way_in_every_theme_and_begin_where_they_can_be_seen() {
        for name in names() {
            let theme = load(name).expect("a built-in theme");
            for depth in [ColorDepth::TrueColor, ColorDepth::Indexed256] {
                let fitted = theme.fitted(depth);
                for role in [Role::VariantA, Role::VariantB, Role::StatusError] {
                    let colour = fitted.style(role).fg.unwrap_or(Color::Reset);
                    let Some(shades) = ramp(colour, 5) else {
                        assert!(["terminal", "mono"].contains(&name), "{name} {role:?}");
                        continue;
                    };
                    let colours: Vec<Lab> = shades.into_iter().map(seen).collect();
                    let light: Vec<f64> = colours.iter().map(|lab| lab[0]).collect();
                    let up = light[4] > light[0];
                    let one_way = light.is_sorted_by(|a, b| if up { a <= b } else { a >= b });
                    assert!(one_way, "{name} {depth:?} {role:?} {light:?}");
                    assert!(
                        (light[4] - light[0]).abs() > 0.3,
                        "{name} {role:?} {light:?}"
                    );
                    let ground = if up { 0.24 } else { 1.0 };
                    let [l, a, b] = colours[0];
                    let apart = ((l - ground).powi(2) + a * a + b * b).sqrt();
                    assert!(apart > 0.08, "{name} {depth:?} {role:?} {:?}", colours[0]);
                }
            }
        }
    }

    #[test]
    fn the_terminals_own_colours_have_no_shades() {
        for colour in [
            Color::Reset,
            Color::Blue,
            Color::LightYellow,
            Color::Indexed(4),
        ] {
            assert_eq!(ramp(colour, 3), None);
        }
        assert_eq!(ramp(Color::Rgb(1, 2, 3), 0), Some(Vec::new()));
        assert_eq!(
            ramp(Color::Rgb(100, 180, 255), 1).map(|all| all.len()),
            Some(1)
        );
    }
}
