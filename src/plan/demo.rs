//! The demo's plan: the published comparison's load, for two gateways whose URLs are known once they listen.

use super::comparison;
use super::files::{self, Wants};
use super::load::{self, Defaults};
use super::target::Target;
use super::{
    Context, OutputPlan, Plan, PlanError, PreflightPlan, RequestTemplate, Room, ScreenPlan,
    VariantPlan, output, settings, typed,
};
use crate::cli::DemoArgs;
use crate::load::{LoadSpec, ThinkTime};
use crate::transport::TransportConfig;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use std::time::Duration;
use url::Url;

/// The demo's baseline: so few upstream connections that 200 users saturate it.
const LABEL_A: &str = "7 upstream connections";
/// The demo's candidate.
const LABEL_B: &str = "unbounded pool";
const PATH: &str = "/chat/completions";
const BODY: &[u8] = br#"{"model":"fake-openai-endpoint","messages":[{"role":"user","content":"hello"}],"user":"dragstrip"}"#;
/// A request in flight holds a connection to the gateway and one to the endpoint; both ends of both are in this process,
/// and there are two variants.
const FILES_PER_REQUEST: u64 = 8;

/// The demo, without the URLs of its gateways.
#[derive(Clone, Debug)]
pub struct Demo {
    /// The load.
    pub load: LoadSpec,
    /// What must be said of it if it may need more open files than this process may have.
    pub few_files: Option<String>,
    /// What users who never think find of open files; `None` if there is room for as many as can be.
    pub room: Option<Room>,
    /// Changes within ± this many per cent count as the same, if the user said so.
    pub margin_pct: Option<f64>,
    /// What is written, and where.
    pub output: OutputPlan,
    /// How the screen looks.
    pub screen: ScreenPlan,
}

/// The demo that the options describe.
pub fn demo(args: &DemoArgs, context: &Context<'_>) -> Result<Demo, PlanError> {
    let mut values = settings::Values::new();
    settings::overlay_load(&mut values, &args.load);
    let defaults = Defaults {
        users: 200,
        think: ThinkTime {
            low: Duration::from_millis(500),
            high: Duration::from_secs(1),
        },
        ramp: Duration::from_secs(5),
        files: Wants {
            each: FILES_PER_REQUEST,
            fewer: Vec::new(),
        },
    };
    let load = load::load(&values, &defaults, &[], false, context)?;
    let most = typed::most_users(load.model);
    let room = files::room(most, &defaults.files, load.threads, context);
    let few_files = files::warning(load.model, &defaults.files, load.threads, context)?;
    Ok(Demo {
        margin_pct: comparison::margin_pct(&values, false, load.order)?,
        load,
        few_files,
        room,
        output: output::output(&args.output, context.headless, context.env)?,
        screen: ScreenPlan::new(&args.screen),
    })
}

impl Demo {
    /// The plan for gateways at these URLs: A with few upstream connections, B with an unbounded pool.
    pub fn plan(self, a: Url, b: Url) -> Plan {
        let variant = |label: &str, base: Url| {
            let shown = base.to_string();
            VariantPlan::new(
                label.to_owned(),
                Target { base, shown },
                TransportConfig::default(),
            )
        };
        let json = HeaderValue::from_static("application/json");
        Plan {
            title: "demo".to_owned(),
            load: self.load,
            few_files: self.few_files,
            room: self.room,
            notes: Vec::new(),
            request: RequestTemplate {
                method: Method::POST,
                path: PATH.to_owned(),
                shown_path: PATH.to_owned(),
                headers: HeaderMap::from_iter([(CONTENT_TYPE, json)]),
                body: Bytes::from_static(BODY).into(),
            },
            a: variant(LABEL_A, a),
            b: Some(variant(LABEL_B, b)),
            aa: false,
            margin_pct: self.margin_pct,
            // They are made to differ, here.
            preflight: PreflightPlan::Skipped,
            output: self.output,
            screen: self.screen,
            secrets: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use crate::load::{LoadModel, Order};

    fn demonstrated(options: &[&str]) -> Plan {
        let cli = Cli::parse_args(["dragstrip"].iter().chain(options)).unwrap();
        let demo = demo(&cli.demo, &roomy()).unwrap();
        let url = |text| Url::parse(text).unwrap();
        demo.plan(url("http://127.0.0.1:1"), url("http://127.0.0.1:2"))
    }

    /// The demo holds both ends of all its connections, which is more than the usual test context allows.
    fn roomy() -> Context<'static> {
        Context {
            open_files: Some(4_096),
            ..super::super::testing::context()
        }
    }

    #[test]
    fn the_demo_has_the_published_load() {
        let plan = demonstrated(&[]);
        let LoadModel::Closed { users, think } = plan.load.model else {
            panic!("not closed");
        };
        assert_eq!((users, think.mean()), (200, Duration::from_millis(750)));
        let seconds = Duration::from_secs(5);
        assert_eq!((plan.load.ramp, plan.load.duration), (seconds, None));
        let b = plan.b.as_ref().unwrap();
        assert_eq!(
            (plan.a.label.as_str(), b.label.as_str()),
            (LABEL_A, LABEL_B)
        );
        let request = plan.request_for(b);
        assert_eq!(request.url.as_str(), "http://127.0.0.1:2/chat/completions");
        let body: serde_json::Value = serde_json::from_slice(&request.body.example()).unwrap();
        assert_eq!(body["model"], "fake-openai-endpoint");
        let headers = plan.record().request.headers;
        assert_eq!(headers["content-type"], "application/json");
    }

    #[test]
    fn its_load_can_be_changed() {
        let plan = demonstrated(&["--rate", "20", "--duration", "2m"]);
        assert!(matches!(
            plan.load.model,
            LoadModel::Open { rate_hz: 20.0, .. }
        ));
        assert_eq!(plan.load.duration, Some(Duration::from_secs(120)));
    }

    #[test]
    fn its_gateways_can_take_turns_and_be_judged() {
        let plan = demonstrated(&["--order", "sequential", "--duration", "9s"]);
        assert_eq!(plan.load.order, Order::Sequential);
        let plan = demonstrated(&["--order=alternate", "--until=decided", "--margin=5%"]);
        assert_eq!(plan.load.order, Order::Alternate);
        let record = plan.record().load;
        assert!(record.until_decided && !record.aa);
        assert_eq!(
            (record.margin_pct, record.duration_s),
            (Some(5.0), Some(600.0))
        );
    }
}
