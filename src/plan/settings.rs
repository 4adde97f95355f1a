//! All settings as they were given, before anything is made of them: those of the plan file with the options laid over.

use super::PlanError;
use super::curl;
use super::given::{At, Given};
use super::source::Source;
use crate::cli::{LoadArgs, RequestArgs, RunArgs, VariantArgs};
use crate::load::Order;
use http::header::AUTHORIZATION;
use http::{HeaderName, HeaderValue};
use std::collections::BTreeMap;
use std::path::Path;

/// Settings by their key in a plan file.
pub(super) type Values = BTreeMap<&'static str, Given>;

/// Keys of `[load]`.
pub(super) const LOAD_KEYS: [&str; 17] = [
    "model",
    "users",
    "think",
    "ramp",
    "rate",
    "arrivals",
    "max_in_flight",
    "overflow",
    "order",
    "aa",
    "margin",
    "until",
    "duration",
    "warmup",
    "timeout",
    "threads",
    "seed",
];
/// Keys of `[load]` that only a closed loop has.
pub(super) const CLOSED_KEYS: [&str; 2] = ["users", "think"];
/// Keys of `[load]` that only an open loop has.
pub(super) const OPEN_KEYS: [&str; 4] = ["rate", "arrivals", "max_in_flight", "overflow"];
/// Keys of `[load]` that only an order with verdicts has.
const VERDICT_KEYS: [&str; 2] = ["margin", "until"];
/// Keys of `[request]`.
pub(super) const REQUEST_KEYS: [&str; 8] = [
    "method",
    "path",
    "headers",
    "body",
    "body_file",
    "json",
    "jsonl",
    "jsonl_order",
];
/// The ways to give a body, with what belongs to them.
pub(super) const BODY_KEYS: [&str; 4] = ["body", "body_file", "jsonl", "jsonl_order"];
/// Keys of `[a]` and `[b]`.
pub(super) const VARIANT_KEYS: [&str; 5] = ["label", "url", "transport", "launch", "endpoint"];
/// Keys of a `launch`.
pub(super) const LAUNCH_KEYS: [&str; 8] = [
    "command",
    "env",
    "directory",
    "files",
    "ready",
    "output",
    "grace",
    "restart",
];
/// Keys of a launch's `ready`.
pub(super) const READY_KEYS: [&str; 4] = ["url", "status", "body", "within"];
/// Keys of an `endpoint`.
pub(super) const ENDPOINT_KEYS: [&str; 6] =
    ["listen", "profile", "servers", "freeze", "fail", "seed"];

/// Everything that was given.
#[derive(Debug, Default)]
pub(super) struct Settings {
    pub(super) load: Values,
    pub(super) request: RequestSettings,
    pub(super) a: VariantSettings,
    pub(super) b: VariantSettings,
    /// What a curl command says about both transports.
    pub(super) wishes: curl::Wishes,
    /// Of a curl command, what a reader of the figures must know.
    pub(super) notes: Vec<String>,
}

/// The request's settings.
#[derive(Debug, Default)]
pub(super) struct RequestSettings {
    /// `method`, `path`, `body`, `body_file`, `jsonl`, `jsonl_order`.
    pub(super) values: Values,
    /// Headers in the order given.
    pub(super) headers: Vec<GivenHeader>,
    /// The JSON body.
    pub(super) json: Option<GivenJson>,
    /// The path as it may be shown, where that is less than what was given.
    pub(super) shown_path: Option<String>,
    /// A body that has been read already.
    pub(super) data: Option<(At, Vec<u8>)>,
    /// Headers that the body brings with it, where none of the name was given.
    pub(super) implied: Vec<(HeaderName, HeaderValue)>,
}

/// A header: its name, and its value with variables not yet filled in.
#[derive(Debug)]
pub(super) struct GivenHeader {
    pub(super) at: At,
    pub(super) name: String,
    pub(super) value: String,
    /// The value is `user:password`, to be sent as Basic authentication.
    pub(super) is_login: bool,
}

impl GivenHeader {
    pub(super) fn new(at: &At, name: &str, value: &str) -> GivenHeader {
        GivenHeader {
            at: at.clone(),
            name: name.to_owned(),
            value: value.to_owned(),
            is_login: false,
        }
    }

    /// `user:password`, as Basic authentication.
    pub(super) fn basic(at: &At, login: &str) -> GivenHeader {
        GivenHeader {
            is_login: true,
            ..GivenHeader::new(at, AUTHORIZATION.as_str(), login)
        }
    }
}

/// A JSON body.
#[derive(Debug)]
pub(super) enum GivenJson {
    /// As text, to be checked.
    Text(Given),
    /// As a TOML table or array.
    Value(At, serde_json::Value),
}

impl GivenJson {
    pub(super) fn at(&self) -> &At {
        match self {
            GivenJson::Text(given) => &given.at,
            GivenJson::Value(at, _) => at,
        }
    }
}

/// One variant's settings.
#[derive(Debug, Default)]
pub(super) struct VariantSettings {
    /// `label`, `url`.
    pub(super) values: Values,
    /// The transport.
    pub(super) transport: Option<TransportSettings>,
    /// The commands to start, in their order.
    pub(super) launches: Vec<LaunchSettings>,
    /// The built-in endpoint to start.
    pub(super) endpoint: Option<EndpointSettings>,
    /// Where the plan file has its table.
    pub(super) table: Option<At>,
}

/// A command's settings.
#[derive(Debug)]
pub(super) struct LaunchSettings {
    pub(super) at: At,
    /// `directory`, `output`, `grace`, `restart`.
    pub(super) values: Values,
    /// The program and its arguments.
    pub(super) command: Vec<Given>,
    /// What its environment has besides.
    pub(super) env: Vec<(String, Given)>,
    /// The files that are made for it, by their names.
    pub(super) files: Vec<(String, Given)>,
    /// When it is ready: `url`, `status`, `body`, `within`.
    pub(super) ready: Option<(At, Values)>,
}

/// An endpoint's settings.
#[derive(Debug)]
pub(super) struct EndpointSettings {
    pub(super) at: At,
    /// `listen`, `profile`, `servers`, `seed`.
    pub(super) values: Values,
    /// `freeze`, several at a time.
    pub(super) freezes: Vec<Given>,
    /// `fail`, several at a time.
    pub(super) failures: Vec<Given>,
}

impl VariantSettings {
    /// Whether nothing was said about this variant.
    pub(super) fn is_absent(&self) -> bool {
        self.values.is_empty() && self.transport.is_none() && self.table.is_none()
    }

    /// A URL of the command line is another gateway than the one that the file starts.
    fn is_aimed_elsewhere(&mut self) {
        self.launches.clear();
        self.endpoint = None;
    }
}

/// A transport's settings, from a SPEC or a table.
#[derive(Debug)]
pub(super) struct TransportSettings {
    pub(super) at: At,
    /// Each key as it was written, with its value.
    pub(super) pairs: Vec<(String, Given)>,
}

impl TransportSettings {
    /// Takes a SPEC apart: `key=value`, separated by commas.
    pub(super) fn from_spec(spec: &Given) -> Result<TransportSettings, PlanError> {
        let mut pairs = Vec::new();
        for (i, part) in spec.text.split(',').enumerate() {
            let Some((key, value)) = part.split_once('=') else {
                // What it is is not repeated: it may be the rest of a password with a comma in it.
                let number = i + 1;
                return Err(spec.at.bad(format!(
                    "number {number} has no '=': must be key=value pairs separated by commas, such as http=1.1,pool=10"
                )));
            };
            let (key, value) = (key.trim(), value.trim());
            pairs.push((key.to_owned(), Given::word(spec.at.part(key), value)));
        }
        Ok(TransportSettings {
            at: spec.at.clone(),
            pairs,
        })
    }
}

impl Settings {
    /// The plan file of `run`, if there is one, under the options.
    pub(super) fn of_run(args: &RunArgs) -> Result<Settings, PlanError> {
        let mut settings = Source::of(args)?.settings()?;
        overlay_load(&mut settings.load, &args.load);
        let command = args.request.curl.as_deref().map(curl::read).transpose()?;
        let base = command.map(|command| {
            settings.request = command.request;
            (settings.wishes, settings.notes) = (command.wishes, command.notes);
            command.base
        });
        settings.request.overlay(&args.request)?;
        let VariantArgs {
            a,
            b,
            aa,
            label_a,
            label_b,
            transport_a,
            transport_b,
        } = &args.variants;
        if *aa {
            settings.load.insert("aa", Given::option("--aa", "true"));
        }
        let sides = [
            (
                &mut settings.a,
                ("--label-a", label_a),
                ("--a", a),
                ("--transport-a", transport_a),
            ),
            (
                &mut settings.b,
                ("--label-b", label_b),
                ("--b", b),
                ("--transport-b", transport_b),
            ),
        ];
        for (variant, label, url, (option, spec)) in sides {
            if url.1.is_some() {
                variant.is_aimed_elsewhere();
            }
            overlay(&mut variant.values, [("label", label), ("url", url)]);
            if let Some(spec) = spec {
                let spec = Given::option(option, spec);
                variant.transport = Some(TransportSettings::from_spec(&spec)?);
            }
        }
        if let Some(base) = base {
            settings.a.values.entry("url").or_insert(base);
        }
        Ok(settings)
    }
}

/// Lays options over the values of a file.
fn overlay<'a>(
    values: &mut Values,
    options: impl IntoIterator<Item = (&'static str, (&'a str, &'a Option<String>))>,
) {
    for (key, (option, text)) in options {
        if let Some(text) = text {
            values.insert(key, Given::option(option, text));
        }
    }
}

/// Lays load options over `[load]`. An option that chooses a load model sets the file's choice aside; one that chooses an
/// order without verdicts, what the file says about verdicts.
pub(super) fn overlay_load(values: &mut Values, args: &LoadArgs) {
    let away: &[&str] = match (&args.users, &args.rate) {
        (Some(_), None) => &OPEN_KEYS,
        (None, Some(_)) => &CLOSED_KEYS,
        _ => &[],
    };
    if !away.is_empty() {
        values.retain(|key, _| *key != "model" && !away.contains(key));
    }
    if args.order.as_deref() == Some(Order::Sequential.word()) {
        values.retain(|key, _| !VERDICT_KEYS.contains(key));
    }
    overlay(
        values,
        [
            ("users", ("--users", &args.users)),
            ("think", ("--think", &args.think)),
            ("ramp", ("--ramp", &args.ramp)),
            ("rate", ("--rate", &args.rate)),
            ("arrivals", ("--arrivals", &args.arrivals)),
            ("max_in_flight", ("--max-in-flight", &args.max_in_flight)),
            ("overflow", ("--overflow", &args.overflow)),
            ("order", ("--order", &args.order)),
            ("margin", ("--margin", &args.margin)),
            ("until", ("--until", &args.until)),
            ("duration", ("--duration", &args.duration)),
            ("warmup", ("--warmup", &args.warmup)),
            ("timeout", ("--timeout", &args.timeout)),
            ("threads", ("--threads", &args.threads)),
            ("seed", ("--seed", &args.seed)),
        ],
    );
}

impl RequestSettings {
    /// Whether what is sent is known to be JSON.
    pub(super) fn is_json(&self) -> bool {
        self.json.is_some() || self.values.contains_key("jsonl")
    }

    /// Lays request options over `[request]`: a body of any kind replaces the file's, a header the file's of that name.
    fn overlay(&mut self, args: &RequestArgs) -> Result<(), PlanError> {
        let files = [&args.body_file, &args.jsonl];
        if args.body.is_some() || args.json.is_some() || files.iter().any(|file| file.is_some()) {
            self.values.retain(|key, _| !BODY_KEYS.contains(key));
            (self.json, self.data) = (None, None);
            self.implied.clear();
        }
        if args.path.is_some() {
            self.shown_path = None;
        }
        let body_file = file_name("--body-file", args.body_file.as_deref())?;
        let jsonl = file_name("--jsonl", args.jsonl.as_deref())?;
        overlay(
            &mut self.values,
            [
                ("method", ("--method", &args.method)),
                ("path", ("--path", &args.path)),
                ("body", ("--body", &args.body)),
                ("body_file", ("--body-file", &body_file)),
                ("jsonl", ("--jsonl", &jsonl)),
                ("jsonl_order", ("--jsonl-order", &args.jsonl_order)),
            ],
        );
        if let Some(json) = &args.json {
            self.json = Some(GivenJson::Text(Given::option("--json", json)));
        }
        let mut added = Vec::new();
        for (i, header) in args.headers.iter().enumerate() {
            let at = At::option("--header");
            let Some((name, value)) = header.split_once(':') else {
                // Not repeated: it may be a bare key.
                return Err(at.bad(format!(
                    "number {} has no ':'; write --header 'Name: value'",
                    i + 1
                )));
            };
            added.push(GivenHeader::new(&at, name.trim(), value.trim()));
        }
        self.headers.retain(|old| {
            !added
                .iter()
                .any(|new| new.name.eq_ignore_ascii_case(&old.name))
        });
        self.headers.append(&mut added);
        Ok(())
    }
}

fn file_name(option: &str, path: Option<&Path>) -> Result<Option<String>, PlanError> {
    path.map(|path| {
        let name = path.to_str().map(str::to_owned);
        name.ok_or_else(|| At::option(option).bad("the file's name must be valid Unicode"))
    })
    .transpose()
}
