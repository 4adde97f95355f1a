//! Oklab (Björn Ottosson): colours as a lightness and two axes of colour, in which distances are about as large as they look.

/// Light and two axes of colour.
pub(super) type Lab = [f64; 3];

/// The colour in linear light, red, green and blue from 0 to 1.
pub(super) fn linear(rgb: [u8; 3]) -> [f64; 3] {
    rgb.map(|v| {
        let v = f64::from(v) / 255.0;
        if v <= 0.04045 {
            v / 12.92
        } else {
            ((v + 0.055) / 1.055).powf(2.4)
        }
    })
}

pub(super) fn product(matrix: &[[f64; 3]; 3], of: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * of[0] + row[1] * of[1] + row[2] * of[2])
}

/// The colour of linear light.
pub(super) fn of_linear(light: [f64; 3]) -> Lab {
    const CONES: [[f64; 3]; 3] = [
        [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
        [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
        [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
    ];
    const AXES: [[f64; 3]; 3] = [
        [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
        [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
        [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
    ];
    product(&AXES, product(&CONES, light).map(f64::cbrt))
}

pub(super) fn lab(rgb: [u8; 3]) -> Lab {
    of_linear(linear(rgb))
}

/// The nearest colour that there is.
pub(super) fn rgb_of(lab: Lab) -> [u8; 3] {
    const CONES: [[f64; 3]; 3] = [
        [1.0, 0.396_337_777_4, 0.215_803_757_3],
        [1.0, -0.105_561_345_8, -0.063_854_172_8],
        [1.0, -0.089_484_177_5, -1.291_485_548_0],
    ];
    const LIGHT: [[f64; 3]; 3] = [
        [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
        [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
        [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
    ];
    let light = product(&LIGHT, product(&CONES, lab).map(|v| v.powi(3)));
    light.map(|v| {
        let v = v.clamp(0.0, 1.0);
        let v = if v <= 0.003_130_8 {
            v * 12.92
        } else {
            1.055 * v.powf(1.0 / 2.4) - 0.055
        };
        (v * 255.0).round() as u8
    })
}

/// How far two colours look apart; 0.02 is about what can just be seen.
pub(super) fn distance(one: Lab, other: Lab) -> f64 {
    let squares = one.iter().zip(other).map(|(a, b)| (a - b).powi(2));
    squares.sum::<f64>().sqrt()
}

/// The distance from grey.
pub(super) fn chroma([_, a, b]: Lab) -> f64 {
    a.hypot(b)
}

/// The direction on the circle of colours, in degrees from 0 to 360: red 29, yellow 110, green 142, blue 264.
pub(super) fn hue([_, a, b]: Lab) -> f64 {
    b.atan2(a).to_degrees().rem_euclid(360.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_goes_to_oklab_and_comes_back() {
        for rgb in [[0, 0, 0], [255, 255, 255], [0x6c, 0xb6, 0xff], [179, 89, 0]] {
            assert_eq!(rgb_of(lab(rgb)), rgb);
        }
    }

    #[test]
    fn hues_are_where_they_are_said_to_be() {
        let hue = |rgb| hue(lab(rgb)).round() as u16;
        let hues = [[255, 0, 0], [255, 255, 0], [0, 255, 0], [0, 0, 255]].map(hue);
        assert_eq!(hues, [29, 110, 142, 264]);
        assert!(chroma(lab([128; 3])) < 1e-3 && chroma(lab([255, 0, 0])) > 0.25);
    }
}
