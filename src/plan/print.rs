//! A plan as a file: that of a preset or of the user, with its comments, and the options put into it.

use super::PlanError;
use super::given::{At, Given};
use super::secrets;
use super::settings::{GivenJson, Settings, Values, VariantSettings};
use super::source::Source;
use crate::cli::RunArgs;
use std::path::Path;
use toml_edit::{DocumentMut, Item, Table, TableLike, Value, value};

/// Keys whose values are numbers or truths, and not texts.
const BARE: [&str; 6] = ["users", "rate", "max_in_flight", "threads", "seed", "aa"];

/// The plan file that does what these arguments do. Nothing is started, and nothing beyond the form of it is checked.
pub fn print(args: &RunArgs) -> Result<String, PlanError> {
    if args.request.curl.is_some() {
        return Err(At::option("--curl").bad(
            "a pasted command cannot be printed as a plan: it may hold keys; write its parts with --header, --json and --a",
        ));
    }
    let source = Source::of(args)?;
    let before = source.settings()?;
    let after = Settings::of_run(args)?;
    let text = source.text();
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| PlanError::combination(error.to_string()))?;
    put(&mut document, "load", &before.load, &after.load)?;
    let (old, new) = (&before.request, &after.request);
    put(&mut document, "request", &old.values, &new.values)?;
    let request = table(&mut document, "request");
    match &new.json {
        Some(GivenJson::Text(given)) if given.at.is_option() => {
            request.insert("json", value(given.text.as_str()));
        }
        Some(_) => {}
        None => {
            request.remove("json");
        }
    }
    for gone in &old.headers {
        let name = &gone.name;
        let stays = new
            .headers
            .iter()
            .any(|it| it.name == *name && !it.at.is_option());
        if !stays && let Some(headers) = headers(request) {
            headers.remove(name);
        }
    }
    for header in new.headers.iter().filter(|header| header.at.is_option()) {
        let open = secrets::is_harmless_header(&header.name) || header.value.contains("${");
        if !open {
            return Err(header.at.bad(format!(
                "the value of {} would be printed; take it from the environment: '{}: ${{NAME}}'",
                crate::text::printable(&header.name, 60),
                crate::text::printable(&header.name, 60)
            )));
        }
        if !request.contains_key("headers") {
            request.insert("headers", value(toml_edit::InlineTable::new()));
        }
        if let Some(headers) = headers(request) {
            headers.insert(&header.name, value(header.value.as_str()));
        }
    }
    if let Some(folder) = source.folder() {
        rebase(&mut document, folder);
    }
    if let Some(path) = &args.start.litellm {
        let path = path.to_string_lossy();
        if !replace_litellm(&mut document, &path) {
            let problem =
                "nothing in this plan starts litellm; leave it out, or add --preset litellm";
            return Err(Given::option("--litellm", &path).bad(problem));
        }
    }
    variant(&mut document, "a", &before.a, &after.a)?;
    variant(&mut document, "b", &before.b, &after.b)?;
    for name in ["load", "request", "a", "b"] {
        if document
            .get(name)
            .and_then(Item::as_table)
            .is_some_and(Table::is_empty)
        {
            document.remove(name);
        }
    }
    Ok(document.to_string())
}

/// The commands of both variants, whether each stands alone or in an array.
fn launches(document: &mut DocumentMut) -> Vec<&mut dyn TableLike> {
    let mut found: Vec<&mut dyn TableLike> = Vec::new();
    for (name, item) in document.iter_mut() {
        let launch = item
            .as_table_like_mut()
            .filter(|_| ["a", "b"].contains(&name.get()))
            .and_then(|variant| variant.get_mut("launch"));
        match launch {
            Some(Item::Value(Value::Array(several))) => {
                let tables = several.iter_mut().filter_map(Value::as_inline_table_mut);
                found.extend(tables.map(|it| it as &mut dyn TableLike));
            }
            Some(Item::ArrayOfTables(several)) => {
                found.extend(several.iter_mut().map(|it| it as &mut dyn TableLike));
            }
            Some(one) => found.extend(one.as_table_like_mut()),
            None => {}
        }
    }
    found
}

/// Puts `path` in the place of `litellm` as a program; false where there is none.
fn replace_litellm(document: &mut DocumentMut, path: &str) -> bool {
    let mut replaced = false;
    for launch in launches(document) {
        let command = launch.get_mut("command").and_then(Item::as_array_mut);
        let program = command.and_then(|command| command.get_mut(0));
        if let Some(program) = program.filter(|it| it.as_str() == Some("litellm")) {
            *program = Value::from(path);
            replaced = true;
        }
    }
    replaced
}

/// Paths that start from the plan file's folder start from here now, where the file is printed.
fn rebase(document: &mut DocumentMut, folder: &Path) {
    let moved = |item: &mut dyn TableLike, key: &str| {
        let path = item.get(key).and_then(Item::as_str);
        // A variable may be a whole path.
        let path = path.filter(|path| Path::new(path).is_relative() && !path.starts_with("${"));
        if let Some(path) = path.map(|path| folder.join(path)) {
            item.insert(key, value(path.to_string_lossy().into_owned()));
        }
    };
    if let Some(request) = document
        .get_mut("request")
        .and_then(Item::as_table_like_mut)
    {
        moved(request, "body_file");
        moved(request, "jsonl");
    }
    for launch in launches(document) {
        moved(launch, "output");
        if launch.contains_key("directory") {
            moved(launch, "directory");
        } else {
            launch.insert("directory", value(folder.to_string_lossy().into_owned()));
        }
    }
    for name in ["a", "b"] {
        let variant = document.get_mut(name).and_then(Item::as_table_like_mut);
        let transport = variant.and_then(|variant| variant.get_mut("transport"));
        if let Some(transport) = transport.and_then(Item::as_table_like_mut) {
            for key in ["ca", "cert", "key"] {
                moved(transport, key);
            }
        }
    }
}

fn headers(request: &mut Table) -> Option<&mut dyn toml_edit::TableLike> {
    request.get_mut("headers")?.as_table_like_mut()
}

fn table<'d>(document: &'d mut DocumentMut, name: &str) -> &'d mut Table {
    let item = document.entry(name).or_insert(Item::Table(Table::new()));
    if !item.is_table() {
        // `load = { … }`: what it holds stays.
        let made = std::mem::take(item).into_table().unwrap_or_default();
        *item = Item::Table(made);
    }
    let Some(table) = item.as_table_mut() else {
        unreachable!("it has just been made one")
    };
    table
}

/// Puts in what options say, and takes out what they have set aside.
fn put(
    document: &mut DocumentMut,
    name: &str,
    before: &Values,
    after: &Values,
) -> Result<(), PlanError> {
    let table = table(document, name);
    for key in before.keys().filter(|key| !after.contains_key(*key)) {
        table.remove(key);
    }
    for (key, given) in after.iter().filter(|(_, given)| given.at.is_option()) {
        table.insert(key, item(key, given)?);
    }
    Ok(())
}

fn item(key: &str, given: &Given) -> Result<Item, PlanError> {
    let text = given.text.trim();
    if matches!(key, "url" | "path") && secrets::redact_text(text) != text && !text.contains("${") {
        return Err(given
            .at
            .bad("it has a password or a key, which would be printed; take it from the environment with ${NAME}"));
    }
    if BARE.contains(&key) {
        // What is no number is said when the plan is run.
        if let Ok(number) = text.parse::<i64>() {
            return Ok(value(number));
        }
        if let Ok(number) = text.parse::<f64>() {
            return Ok(value(number));
        }
        if let Ok(truth) = text.parse::<bool>() {
            return Ok(value(truth));
        }
    }
    Ok(value(text))
}

fn variant(
    document: &mut DocumentMut,
    name: &str,
    before: &VariantSettings,
    after: &VariantSettings,
) -> Result<(), PlanError> {
    if before.is_absent() && after.is_absent() {
        return Ok(());
    }
    put(document, name, &before.values, &after.values)?;
    let table = table(document, name);
    if after.launches.len() < before.launches.len() {
        table.remove("launch");
    }
    if after.endpoint.is_none() && before.endpoint.is_some() {
        table.remove("endpoint");
    }
    if let Some(transport) = after.transport.as_ref().filter(|it| it.at.is_option()) {
        let pairs = transport.pairs.iter();
        let spec: Vec<String> = pairs
            .map(|(key, given)| format!("{key}={}", given.text))
            .collect();
        let proxy = transport.pairs.iter().find(|(key, _)| key == "proxy");
        if let Some((_, given)) = proxy {
            item("url", given)?;
        }
        table.insert("transport", value(spec.join(",")));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::testing::{filed, planned};
    use super::*;
    use crate::cli::{Cli, Command};

    fn printed(args: &[&str]) -> Result<String, String> {
        let cli = Cli::parse_args(["dragstrip", "run"].iter().chain(args)).unwrap();
        let Some(Command::Run(args)) = cli.command else {
            panic!("not run");
        };
        print(&args).map_err(|error| error.to_string())
    }

    #[test]
    fn a_preset_is_printed_as_it_is() {
        for preset in &super::super::preset::PRESETS {
            assert_eq!(printed(&["--preset", preset.name]).unwrap(), preset.text);
        }
    }

    #[test]
    fn options_are_put_into_it_and_it_does_what_they_do() {
        let options = [
            "--preset",
            "seed",
            "--a",
            "http://h:1",
            "--b",
            "http://h:2",
            "--label-b",
            "new",
            "--rate",
            "20.5",
            "--duration",
            "90s",
            "--transport-b",
            "http=1.1,pool=4",
            "--header",
            "authorization: Bearer ${KEY}",
            "--json",
            "[1]",
            "--order",
            "alternate",
            "--margin",
            "5%",
        ];
        let text = printed(&options).unwrap();
        assert!(
            text.starts_with("# The published comparison's load"),
            "{text}"
        );
        assert!(
            !text.contains("think") && !text.contains("users = "),
            "{text}"
        );
        let (plan, again) = (planned(&options).unwrap(), filed(&text, &[]).unwrap());
        let record = |plan: &super::super::Plan| {
            let mut record = plan.record();
            record.title = String::new();
            record
        };
        assert_eq!(record(&again), record(&plan));
        let variants = |plan: &super::super::Plan| {
            let variants = plan
                .variants()
                .map(|it| (it.label.clone(), it.base.clone(), it.transport.clone()));
            variants.collect::<Vec<_>>()
        };
        assert_eq!(variants(&again), variants(&plan));
        assert_eq!(again.request.headers, plan.request.headers);
        assert_eq!(again.request.body.example(), plan.request.body.example());
    }

    #[test]
    fn another_url_sets_the_launch_aside() {
        let text = printed(&["--preset", "litellm", "--a", "http://h:1"]).unwrap();
        assert!(!text.contains("[a.launch"), "{text}");
        assert!(text.contains("[b.launch]"), "{text}");
    }

    #[test]
    fn what_is_printed_elsewhere_means_what_it_meant() {
        let folder = tempfile::tempdir().unwrap();
        let program = std::env::current_exe().unwrap();
        let path = folder.path().join("p.toml");
        std::fs::write(folder.path().join("prompt.txt"), "hello").unwrap();
        std::fs::write(
            &path,
            format!(
                "[request]\nbody_file = 'prompt.txt'\n[a]\nurl = 'http://h'\nlaunch = [{{ command = ['litellm'], output = 'x.log' }}, {{ command = ['{}'], directory = '.' }}]\n",
                program.display()
            ),
        )
        .unwrap();
        let litellm = program.to_str().unwrap();
        let text = printed(&[path.to_str().unwrap(), "--litellm", litellm]).unwrap();
        let plan = filed(&text, &[]).unwrap();
        assert_eq!(&plan.request.body.example()[..], b"hello");
        let [first, second] = &plan.a.launches[..] else {
            panic!("not two: {text}");
        };
        assert_eq!(first.command, [litellm]);
        assert_eq!(first.output, Some(folder.path().join("x.log")));
        assert_eq!(first.directory, second.directory);
        assert_eq!(first.directory, std::path::absolute(folder.path()).unwrap());
        let error = printed(&["--a", "http://h", "--litellm", "x"]).unwrap_err();
        assert!(error.starts_with("--litellm"), "{error}");
    }

    #[test]
    fn options_alone_are_a_plan() {
        let text = printed(&["--a", "http://h", "--users", "7", "--method", "put"]).unwrap();
        let plan = filed(&text, &[]).unwrap();
        assert_eq!(
            (plan.record().load.users, plan.request.method.as_str()),
            (Some(7), "PUT")
        );
    }

    #[test]
    fn no_secret_is_printed() {
        for options in [
            &["--a", "http://me:sesame@h"][..],
            &["--a", "http://h", "--path", "/x?api_key=sesame"],
            &["--a", "http://h", "--header", "x-team: sesame"],
            &[
                "--a",
                "http://h",
                "--transport-a",
                "proxy=http://u:sesame@p:1",
            ],
            &["--curl", "curl http://h -H 'authorization: sesame'"],
        ] {
            let error = printed(options).unwrap_err();
            assert!(error.contains("printed"), "{error}");
            assert!(!error.contains("sesame"), "{error}");
        }
    }
}
