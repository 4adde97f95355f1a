//! Whether the variants are looked at before the load, and whether there is to be any load.

use super::{Plan, PlanError, VariantPlan, target};
use crate::cli::PreflightArgs;

/// What is looked at before the load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PreflightPlan {
    /// Both variants; who refuses is not put under load.
    #[default]
    First,
    /// Nothing.
    Skipped,
    /// Both variants, and that is all: there is no load.
    Only,
}

/// What the options say.
pub(super) fn preflight(args: &PreflightArgs) -> Result<PreflightPlan, PlanError> {
    match (args.no_preflight, args.preflight_only) {
        (true, true) => Err(PlanError::combination(
            "--no-preflight and --preflight-only leave nothing to do; give one of the two",
        )),
        (true, false) => Ok(PreflightPlan::Skipped),
        (false, true) => Ok(PreflightPlan::Only),
        (false, false) => Ok(PreflightPlan::First),
    }
}

impl Plan {
    /// The URL of the request to one variant, as it may be shown.
    pub fn shown_url_for(&self, variant: &VariantPlan) -> String {
        target::append_shown(&variant.shown_url, &self.request.shown_path)
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::planned;
    use super::*;

    #[test]
    fn the_preflight_comes_first_unless_it_is_left_out_or_all_there_is() {
        let of = |options: &[&str]| {
            let options = [&["--a", "http://h"], options].concat();
            planned(&options).map(|plan| plan.preflight)
        };
        assert_eq!(of(&[]).unwrap(), PreflightPlan::First);
        assert_eq!(of(&["--no-preflight"]).unwrap(), PreflightPlan::Skipped);
        assert_eq!(of(&["--preflight-only"]).unwrap(), PreflightPlan::Only);
        let both = of(&["--no-preflight", "--preflight-only"]).unwrap_err();
        assert!(both.contains("--no-preflight and --preflight-only"));
    }

    #[test]
    fn the_url_of_the_request_is_shown_without_secrets() {
        let of = |url: &str, path: &str| {
            let plan = planned(&["--a", url, "--path", path]).unwrap();
            plan.shown_url_for(&plan.a)
        };
        assert_eq!(of("http://u:p@h:1/v1/", "/chat"), "http://h:1/v1/chat");
        assert_eq!(of("http://h", "a?key=sesame"), "http://h/a?key=[redacted]");
        assert_eq!(of("http://h/?x=1", "a?b=2"), "http://h/a?x=1&b=2");
        assert_eq!(of("http://h", "/p/${KEY}"), "http://h/p/${KEY}");
        assert_eq!(of("http://h/v1", ""), "http://h/v1");
    }
}
