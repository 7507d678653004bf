//! Arithmetic of `#{e|op|f|places:a,b}`.

/// The result as text; nothing for an unknown operator, a number that is none,
/// or a division by zero.
pub(super) fn evaluate(op: &str, float: bool, places: usize, a: &str, b: &str) -> Option<String> {
    let parse = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
    let (mut a, mut b) = (parse(a)?, parse(b)?);
    if !float {
        (a, b) = (a.trunc(), b.trunc());
    }
    let truth = |holds: bool| f64::from(u8::from(holds));
    let result = match op {
        "+" => a + b,
        "-" => a - b,
        "*" => a * b,
        "/" if b != 0.0 => a / b,
        "%" | "m" if b != 0.0 => a % b,
        "==" => truth((a - b).abs() < 1e-9),
        "!=" => truth((a - b).abs() >= 1e-9),
        ">" => truth(a > b),
        "<" => truth(a < b),
        ">=" => truth(a >= b),
        "<=" => truth(a <= b),
        _ => return None,
    };
    let shown = if float {
        format!("{result:.*}", places.min(32))
    } else {
        format!("{:.0}", result.trunc())
    };
    Some(if shown == "-0" { "0".to_owned() } else { shown })
}
