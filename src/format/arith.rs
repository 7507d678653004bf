//! Arithmetic of `#{e|op|f|places:a,b}`: in doubles, cut to whole numbers
//! unless `f` is given, printed as printf(3) does.

/// Most decimal places.
const MAX_PLACES: i64 = 100;

/// Places of printf(3) where the number given is negative.
const USUAL_PLACES: usize = 6;

/// The result as text; nothing for an unknown operator, a number that is none
/// or too many places. `args` are those of the modifier: operator, flags, places.
pub(super) fn evaluate(args: &[String], a: &str, b: &str) -> Option<String> {
    let op = args.first()?;
    let float = args.get(1).is_some_and(|flags| flags.contains('f'));
    let places = match args.get(2) {
        Some(text) => {
            let places: i64 = text.trim_start().parse().ok()?;
            if !(-MAX_PLACES..=MAX_PLACES).contains(&places) {
                return None;
            }
            usize::try_from(places).unwrap_or(USUAL_PLACES)
        }
        None if float => 2,
        None => 0,
    };
    let whole = |n: f64| if float { n } else { truncated(n) };
    let (a, b) = (whole(number(a)?), whole(number(b)?));
    let truth = |holds: bool| f64::from(u8::from(holds));
    let result = whole(match op.as_str() {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" => a / b,
        "%" | "m" => a % b,
        "==" => truth((a - b).abs() < 1e-9),
        "!=" => truth((a - b).abs() > 1e-9),
        ">" => truth(a > b),
        "<" => truth(a < b),
        ">=" => truth(a >= b),
        "<=" => truth(a <= b),
        _ => return None,
    });
    Some(if result.is_nan() {
        // What a machine of this kind makes of 0/0 has its sign set.
        let made = op == "/" || op == "%" || op == "m";
        if made { "-nan" } else { "nan" }.to_owned()
    } else {
        format!("{result:.places$}")
    })
}

/// A double as a machine word and back: what does not fit is the least one.
#[allow(clippy::cast_possible_truncation, clippy::cast_precision_loss)]
fn truncated(n: f64) -> f64 {
    let fits = n >= -(2f64.powi(63)) && n < 2f64.powi(63);
    (if fits { n as i64 } else { i64::MIN }) as f64
}

/// A number as strtod(3) reads it; an empty text is zero.
fn number(text: &str) -> Option<f64> {
    let text = text.trim_start();
    if text.is_empty() {
        return Some(0.0);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if let Some(hex) = digits
        .strip_prefix("0x")
        .or_else(|| digits.strip_prefix("0X"))
    {
        let value = u64::from_str_radix(hex, 16).ok()?;
        #[allow(clippy::cast_precision_loss)]
        return Some(sign * value as f64);
    }
    if digits.starts_with(['-', '+']) {
        return None;
    }
    digits.parse::<f64>().ok().map(|n| sign * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluate_prints_as_printf_does() {
        for (args, a, b, wanted) in [
            ("+", "1", "2", Some("3")),
            ("+", "1.7", "2.6", Some("3")),
            ("/", "7", "2", Some("3")),
            ("/", "-7", "2", Some("-3")),
            ("/", "7", "0", Some("-9223372036854775808")),
            ("/ f 1", "1", "0", Some("inf")),
            ("m f", "7", "0", Some("-nan")),
            ("%", "7", "3", Some("1")),
            ("* f 4", "5.5", "3", Some("16.5000")),
            ("+ f -1", "1", "2", Some("3.000000")),
            ("+ f 101", "1", "2", None),
            ("+", "0x10", "1", Some("17")),
            ("+", "", "", Some("0")),
            ("+", "1 ", "2", None),
            ("^", "1", "2", None),
            ("<=", "2", "2", Some("1")),
        ] {
            let args: Vec<String> = args.split(' ').map(str::to_owned).collect();
            assert_eq!(evaluate(&args, a, b).as_deref(), wanted, "{args:?} {a} {b}");
        }
    }
}
