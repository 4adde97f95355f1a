//! Tests of the built-in themes: nothing is left out, everything can be read, and what must be told apart can be, by people
//! with any common colour vision.

use super::colour::{SIXTEEN, indexed_rgb};
use super::definitions::Definitions;
use super::oklab::{self, Lab, of_linear, product};
use super::{ColorDepth, Role, Theme, built_in, file, load, names};
use ratatui::style::Color;

/// Lines and grounds. They may stand back; everything else is read as text, or its labels are.
const LINES: [Role; 3] = [Role::Border, Role::GaugeTrack, Role::ProgressRest];
/// The least contrast of text (WCAG 2.2, 1.4.3), and in the high-contrast theme (1.4.6).
const CONTRAST: (f64, f64) = (4.5, 7.0);
/// The least contrast of text in 256 colours.
const CUBE_CONTRAST: f64 = 4.0;
/// The least distance in Oklab of two colours that mean different things. 0.02 is about what can just be seen.
const APART: f64 = 0.1;
/// Themes of which the colours are the terminal's own affair.
const UNKNOWN: [&str; 2] = ["terminal", "mono"];

type Linear = [f64; 3];

/// How people see, as matrices on linear RGB (Machado, Oliveira and Fernandes 2009, severity 1).
const VISION: [(&str, [[f64; 3]; 3]); 4] = [
    (
        "trichromacy",
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
    ),
    (
        "protanopia",
        [
            [0.152_286, 1.052_583, -0.204_868],
            [0.114_503, 0.786_281, 0.099_216],
            [-0.003_882, -0.048_116, 1.051_998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367_322, 0.860_646, -0.227_968],
            [0.280_085, 0.672_501, 0.047_413],
            [-0.011_820, 0.042_940, 0.968_881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255_528, -0.076_749, -0.178_779],
            [-0.078_411, 0.930_809, 0.147_602],
            [0.004_733, 0.691_367, 0.303_900],
        ],
    ),
];

/// The colour in linear light, where it is known.
fn linear(colour: Color) -> Option<Linear> {
    let rgb = match colour {
        Color::Rgb(r, g, b) => [r, g, b],
        Color::Indexed(i @ 16..) => indexed_rgb(i),
        // As xterm shows it.
        _ => SIXTEEN.iter().find(|(known, _)| *known == colour)?.1,
    };
    Some(oklab::linear(rgb))
}

fn contrast(one: Linear, other: Linear) -> f64 {
    let luminance = |[r, g, b]: Linear| 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
    let (one, other) = (luminance(one), luminance(other));
    one.max(other) / one.min(other)
}

/// What a screen shows of a colour that not everybody sees as it is.
fn oklab(colour: Linear) -> Lab {
    of_linear(colour.map(|v| v.clamp(0.0, 1.0)))
}

/// How far two colours look apart at worst, and to whom.
fn apart(one: Linear, other: Linear) -> (f64, &'static str) {
    let distance = |vision| {
        let [one, other] = [one, other].map(|colour| oklab(product(vision, colour)));
        oklab::distance(one, other)
    };
    VISION
        .iter()
        .map(|(name, vision)| (distance(vision), *name))
        .min_by(|one, other| one.0.total_cmp(&other.0))
        .unwrap()
}

fn definitions(name: &str) -> Definitions {
    let (own, source) = built_in::built_in(name).unwrap();
    file::read(own, source, &built_in::source).unwrap()
}

/// The themes with known colours, and the ground that each is made for.
fn known() -> impl Iterator<Item = (Theme, Linear)> {
    names()
        .into_iter()
        .filter(|name| !UNKNOWN.contains(name))
        .map(|name| {
            let ground = definitions(name).palette["background"];
            (load(name).unwrap(), linear(ground).unwrap())
        })
}

/// What is too pale in `theme`.
fn pale(theme: &Theme, ground: Linear, least: f64) -> Vec<String> {
    let read = Role::ALL.into_iter().filter(|role| !LINES.contains(role));
    read.filter_map(|role| {
        let contrast = contrast(linear(theme.style(role).fg?)?, ground);
        (contrast < least).then(|| format!("{} {}: {contrast:.2}", theme.name(), role.name()))
    })
    .collect()
}

/// Which of `roles` look alike in `theme`.
fn alike(theme: &Theme, roles: &[Role]) -> Vec<String> {
    let mut found = Vec::new();
    for (i, one) in roles.iter().enumerate() {
        for other in &roles[i + 1..] {
            let colours = [one, other].map(|role| theme.style(*role).fg.and_then(linear));
            if let [Some(a), Some(b)] = colours {
                let (distance, to) = apart(a, b);
                if distance < APART {
                    found.push(format!(
                        "{} {} {}: {distance:.3} in {to}",
                        theme.name(),
                        one.name(),
                        other.name()
                    ));
                }
            }
        }
    }
    found
}

const DEPTHS: [ColorDepth; 3] = [
    ColorDepth::TrueColor,
    ColorDepth::Indexed256,
    ColorDepth::Ansi16,
];
const VARIANTS: [Role; 2] = [Role::VariantA, Role::VariantB];
const PERCENTILES: [Role; 3] = [Role::LatencyP50, Role::LatencyP95, Role::LatencyP99];

#[test]
fn the_measures_are_right() {
    let [black, white] =
        [Color::Rgb(0, 0, 0), Color::Rgb(255, 255, 255)].map(|c| linear(c).unwrap());
    assert!((contrast(black, white) - 21.0).abs() < 1e-9);
    let grey = linear(Color::Rgb(0x76, 0x76, 0x76)).unwrap();
    assert!((contrast(grey, white) - 4.54).abs() < 0.01);
    let lightness = oklab(white)[0];
    assert!((lightness - 1.0).abs() < 1e-3, "{lightness}");
    // Whites stay white, whoever looks.
    for (name, vision) in &VISION {
        let seen = product(vision, white);
        assert!(
            seen.iter().all(|v| (v - 1.0).abs() < 1e-3),
            "{name} {seen:?}"
        );
    }
}

#[test]
fn bad_colours_are_found() {
    let theme = |source: &str| super::parse("bad.toml", source).unwrap();
    let black = linear(Color::Rgb(0, 0, 0)).unwrap();
    let dim = theme("inherits = \"dark\"\n\"text.muted\" = \"#555555\"");
    let found = pale(&dim, black, CONTRAST.0);
    assert_eq!(found, ["bad text.muted: 2.82"]);
    // A red and a green that are easily told apart by some, and not at all by others.
    let confusing = "\"variant.a\" = \"#e06060\"\n\"variant.b\" = \"#8fa03c\"";
    let found = alike(&theme(confusing), &VARIANTS);
    assert!(
        found.len() == 1 && found[0].ends_with("deuteranopia"),
        "{found:?}"
    );
    // Yellow and white are far apart but for those who see no blue.
    let confusing = "\"variant.a\" = \"#f5f0a0\"\n\"variant.b\" = \"#f0eef5\"";
    let found = alike(&theme(confusing), &VARIANTS);
    assert!(
        found.len() == 1 && found[0].ends_with("tritanopia"),
        "{found:?}"
    );
}

#[test]
fn every_theme_says_something_of_every_role() {
    for name in names() {
        let definitions = definitions(name);
        for role in Role::ALL {
            assert!(
                role.keys().any(|key| definitions.styles.contains_key(key)),
                "{name} leaves out {}",
                role.name()
            );
        }
    }
}

#[test]
fn text_can_be_read() {
    let mut found = Vec::new();
    for (theme, ground) in known() {
        let least = match theme.name() {
            "high-contrast" => CONTRAST.1,
            _ => CONTRAST.0,
        };
        found.extend(pale(&theme, ground, least));
        // The nearest of the cube may be a little paler.
        let fitted = theme.fitted(ColorDepth::Indexed256);
        found.extend(pale(&fitted, ground, CUBE_CONTRAST));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn variants_and_percentiles_can_be_told_apart_by_everyone() {
    let mut found = Vec::new();
    for (theme, _) in known() {
        found.extend(alike(&theme, &PERCENTILES));
        for depth in DEPTHS {
            found.extend(alike(&theme.fitted(depth), &VARIANTS));
        }
        if theme.name().starts_with("colorblind") {
            found.extend(alike(&theme, &[Role::DeltaBetter, Role::DeltaWorse]));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn close_percentiles_differ_in_more_than_brightness() {
    for (theme, _) in known() {
        let [p95, p99] = [Role::LatencyP95, Role::LatencyP99]
            .map(|role| oklab(linear(theme.style(role).fg.unwrap()).unwrap()));
        let hue = (p95[1] - p99[1]).hypot(p95[2] - p99[2]);
        assert!(hue > 0.08, "{}: {hue:.3}", theme.name());
    }
}

#[test]
fn a_is_bluish_and_b_is_orange_and_never_the_red_of_failures() {
    for name in names().into_iter().filter(|name| *name != "mono") {
        let theme = load(name).unwrap().fitted(ColorDepth::Ansi16);
        let colour = |role| theme.style(role).fg.unwrap();
        let (a, b) = (colour(Role::VariantA), colour(Role::VariantB));
        assert!(
            matches!(
                a,
                Color::Blue | Color::LightBlue | Color::Cyan | Color::LightCyan
            ),
            "{name} {a:?}"
        );
        assert!(
            matches!(b, Color::Yellow | Color::LightYellow),
            "{name} {b:?}"
        );
        let failed = colour(Role::StatusError);
        assert!(
            matches!(failed, Color::Red | Color::LightRed),
            "{name} {failed:?}"
        );
    }
}

#[test]
fn the_terminals_theme_keeps_to_its_16_colours_and_mono_has_none() {
    for name in UNKNOWN {
        let theme = load(name).unwrap();
        for role in Role::ALL {
            let style = theme.style(role);
            for colour in [style.fg, style.bg].into_iter().flatten() {
                let own = colour == Color::Reset
                    || name == "terminal" && !matches!(colour, Color::Rgb(..) | Color::Indexed(_));
                assert!(own, "{name} {} {colour:?}", role.name());
            }
        }
        assert_ne!(theme.style(Role::VariantA), theme.style(Role::VariantB));
        assert_ne!(
            theme.style(Role::DeltaBetter),
            theme.style(Role::DeltaWorse)
        );
        assert_ne!(theme.style(Role::Text), theme.style(Role::StatusError));
    }
}
