//! How A and B are compared: the order in which they are under load, when the run ends, and what counts as the same.
//!
//! What holds always: nothing is accepted that the run could not do. One variant alone takes no turns and has nothing to
//! decide; in order sequential there is never a verdict, so nothing may wait for one or shape it; and each variant has an end
//! where another waits for it.

use super::PlanError;
use super::given::{At, Given};
use super::load::{ABOVE_ZERO, MAX_TIME};
use super::settings::Values;
use crate::load::Order;
use std::time::Duration;

/// Measured time of a headless run that gives none.
const HEADLESS_DURATION: Duration = Duration::from_secs(60);
/// Measured time at most of a run that goes on until all is decided, when it gives none: it may never be.
const UNDECIDED_DURATION: Duration = Duration::from_secs(600);

/// Where it is said that B is a copy of A; `None` where it is not.
pub(super) fn copies_a(values: &Values) -> Result<Option<&At>, PlanError> {
    match values.get("aa") {
        Some(given) => Ok(given.truth()?.then_some(&given.at)),
        None => Ok(None),
    }
}

/// The order. `solo`: there is no B.
pub(super) fn order(values: &Values, solo: bool) -> Result<Order, PlanError> {
    let Some(given) = values.get("order") else {
        return Ok(Order::Together);
    };
    let orders = [Order::Together, Order::Alternate, Order::Sequential];
    let order = given.choice(&orders.map(|order| (order.word(), order)))?;
    if solo && order.takes_turns() {
        return Err(alone(given, "A has nobody to take turns with"));
    }
    Ok(order)
}

/// Whether the run ends as soon as everything is decided.
pub(super) fn until_decided(values: &Values, solo: bool, order: Order) -> Result<bool, PlanError> {
    let Some(given) = values.get("until") else {
        return Ok(false);
    };
    given.choice(&[("decided", ())])?;
    needs_verdicts(given, solo, order)?;
    Ok(true)
}

/// Changes within ± this many per cent count as the same.
pub(super) fn margin_pct(
    values: &Values,
    solo: bool,
    order: Order,
) -> Result<Option<f64>, PlanError> {
    let Some(given) = values.get("margin") else {
        return Ok(None);
    };
    let text = given.text.trim();
    let number = text.strip_suffix('%').unwrap_or(text).trim_end();
    let margin = match number.parse::<f64>() {
        Ok(margin) if margin > 0.0 && margin < 100.0 => margin,
        _ => return Err(given.bad("must be per cent, above 0 and below 100, such as 5%")),
    };
    needs_verdicts(given, solo, order)?;
    Ok(Some(margin))
}

/// Measured time of each variant; `None` for a run until it is stopped.
pub(super) fn duration(
    values: &Values,
    order: Order,
    until_decided: bool,
    headless: bool,
) -> Result<Option<Duration>, PlanError> {
    if let Some(given) = values.get("duration") {
        return given.duration(ABOVE_ZERO, MAX_TIME).map(Some);
    }
    if until_decided {
        return Ok(Some(UNDECIDED_DURATION));
    }
    if headless {
        return Ok(Some(HEADLESS_DURATION));
    }
    match values.get("order") {
        Some(given) if order == Order::Sequential => Err(given.bad(format!(
            "B's turn comes when A's time is over, and it has no end; {}",
            if given.at.is_option() {
                "give --duration 60s"
            } else {
                "add duration = \"60s\""
            }
        ))),
        _ => Ok(None),
    }
}

/// Refuses a setting about verdicts where there can be none.
fn needs_verdicts(given: &Given, solo: bool, order: Order) -> Result<(), PlanError> {
    if solo {
        return Err(alone(given, "A has nothing to be compared with"));
    }
    if order != Order::Sequential {
        return Ok(());
    }
    let instead = if given.at.is_option() {
        "add --order alternate"
    } else {
        "set order = \"alternate\""
    };
    Err(given.bad(format!(
        "in order sequential nothing is ever decided, since whatever changes in the meantime looks like a difference; \
         {instead}, or leave it out"
    )))
}

/// An error about a setting that needs two variants.
fn alone(given: &Given, problem: &str) -> PlanError {
    let instead = if given.at.is_option() {
        "give --b URL, or --aa"
    } else {
        "add a table [b], or aa = true"
    };
    given.bad(format!(
        "this is a solo run, {problem}; {instead}, or leave it out"
    ))
}

#[cfg(test)]
mod tests {
    use super::super::files::Wants;
    use super::super::load::{self, Defaults};
    use super::super::testing::{context, filed, planned};
    use super::*;
    use crate::plan::{Context, Plan};

    const TWO: &str = "[a]\nurl = 'http://h'\n[b]\nurl = 'http://i'\n";

    fn two(options: &[&str]) -> Result<Plan, String> {
        let both = ["--a", "http://h", "--b", "http://i"];
        let args: Vec<&str> = both.iter().chain(options).copied().collect();
        planned(&args)
    }

    fn seconds(plan: &Plan) -> Option<u64> {
        plan.load.duration.map(|time| time.as_secs())
    }

    #[test]
    fn together_for_as_long_as_one_likes_by_default() {
        let plan = two(&[]).unwrap();
        assert_eq!((plan.load.order, seconds(&plan)), (Order::Together, None));
        assert!(!plan.load.until_decided && !plan.aa);
        assert_eq!(plan.margin_pct, None);
    }

    #[test]
    fn every_order_can_be_had() {
        for (options, order) in [
            (&["--order", "together"][..], Order::Together),
            (&["--order", "alternate"], Order::Alternate),
            (
                &["--order", "sequential", "--duration", "9s"],
                Order::Sequential,
            ),
        ] {
            let plan = two(options).unwrap();
            assert_eq!(plan.load.order, order);
            assert_eq!(plan.record().load.order, order.word());
        }
        assert!(planned(&["--a", "http://h", "--order", "together"]).is_ok());
        let error = two(&["--order", "both"]).unwrap_err();
        assert_eq!(
            error,
            "--order both: must be together, alternate or sequential"
        );
    }

    #[test]
    fn sequential_needs_an_end() {
        let error = two(&["--order", "sequential"]).unwrap_err();
        assert_eq!(
            error,
            "--order sequential: B's turn comes when A's time is over, and it has no end; give --duration 60s"
        );
        let file = format!("load.order = 'sequential'\n{TWO}");
        let error = filed(&file, &[]).unwrap_err();
        assert!(error.ends_with("add duration = \"60s\""), "{error}");
        let plan = filed(&file, &["--duration", "30s"]).unwrap();
        assert_eq!(seconds(&plan), Some(30));
    }

    #[test]
    fn headless_runs_end() {
        let headless = Context {
            headless: true,
            ..context()
        };
        for (settings, seconds) in [
            (&[][..], 60),
            (&[("order", "sequential")], 60),
            (&[("until", "decided")], 600),
            (&[("until", "decided"), ("duration", "5m")], 300),
        ] {
            let values: Values = settings
                .iter()
                .map(|(key, text)| (*key, Given::option(key, text)))
                .collect();
            let files = Wants {
                each: 2,
                fewer: Vec::new(),
            };
            let defaults = Defaults::of_run(files);
            let load = load::load(&values, &defaults, &[], false, &headless).unwrap();
            assert_eq!(load.duration, Some(Duration::from_secs(seconds)));
        }
    }

    #[test]
    fn margins_are_per_cent() {
        for (text, margin) in [("5", 5.0), ("5%", 5.0), ("0.5%", 0.5), ("5 %", 5.0)] {
            let plan = two(&["--margin", text]).unwrap();
            assert_eq!(plan.margin_pct, Some(margin), "{text}");
            assert_eq!(plan.record().load.margin_pct, Some(margin));
        }
        for text in ["0", "-1", "100%", "5%%", "%", "", "nan", "inf", "5pp"] {
            let error = two(&["--margin", text]).unwrap_err();
            assert!(
                error.ends_with("must be per cent, above 0 and below 100, such as 5%"),
                "{text}: {error}"
            );
        }
        for text in ["5", "5.0", "'5'", "'5%'"] {
            let plan = filed(&format!("load.margin = {text}\n{TWO}"), &[]).unwrap();
            assert_eq!(plan.margin_pct, Some(5.0), "{text}");
        }
    }

    #[test]
    fn until_decided_has_a_latest_end() {
        let plan = two(&["--until", "decided"]).unwrap();
        assert!(plan.load.until_decided && plan.record().load.until_decided);
        assert_eq!(seconds(&plan), Some(600));
        let plan = two(&["--until", "decided", "--duration", "2m"]).unwrap();
        assert_eq!(seconds(&plan), Some(120));
        let error = two(&["--until", "bored"]).unwrap_err();
        assert_eq!(error, "--until bored: must be decided");
    }

    #[test]
    fn verdicts_need_two_variants_and_an_order_that_gives_them() {
        for setting in [
            &["--order", "alternate"][..],
            &["--order", "sequential", "--duration", "9s"],
            &["--margin", "5%"],
            &["--until", "decided"],
        ] {
            let args: Vec<&str> = ["--a", "http://h"].iter().chain(setting).copied().collect();
            let error = planned(&args).unwrap_err();
            assert!(error.contains("this is a solo run"), "{error}");
            assert!(error.contains("give --b URL, or --aa"), "{error}");
        }
        for setting in [["--margin", "5%"], ["--until", "decided"]] {
            let mut args = vec!["--order", "sequential", "--duration", "9s"];
            args.extend(setting);
            let error = two(&args).unwrap_err();
            assert!(error.starts_with(&setting.join(" ")), "{error}");
            assert!(error.contains("nothing is ever decided"), "{error}");
            assert!(error.contains("add --order alternate"), "{error}");
        }
    }

    #[test]
    fn options_win_over_the_file() {
        let file = format!(
            "[load]\norder = 'alternate'\nmargin = '5%'\nuntil = 'decided'\nduration = '1m'\n{TWO}"
        );
        let plan = filed(&file, &[]).unwrap();
        assert_eq!(plan.load.order, Order::Alternate);
        assert!(plan.load.until_decided);
        assert_eq!((plan.margin_pct, seconds(&plan)), (Some(5.0), Some(60)));
        let plan = filed(&file, &["--order", "together", "--margin", "2"]).unwrap();
        assert_eq!(
            (plan.load.order, plan.margin_pct),
            (Order::Together, Some(2.0))
        );
        // An order without verdicts sets aside what the file says about verdicts, but not what options say.
        let plan = filed(&file, &["--order", "sequential"]).unwrap();
        assert_eq!((plan.load.until_decided, plan.margin_pct), (false, None));
        let both = ["--order", "sequential", "--margin", "5"];
        assert!(filed(&file, &both).is_err());
    }
}
