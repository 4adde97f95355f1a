//! Plans that come with the program. Each is a plan file, so that it can be printed, changed and kept.

use super::PlanError;
use super::given::{At, Given, did_you_mean};

/// A plan that comes with the program.
#[derive(Clone, Copy, Debug)]
pub struct Preset {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a line.
    pub about: &'static str,
    /// The plan file.
    pub text: &'static str,
}

/// All of them.
pub static PRESETS: [Preset; 4] = [
    Preset {
        name: "seed",
        about: "the published load: 200 users, think 0.5–1 s, ramp 5 s; needs --a and --b",
        text: include_str!("presets/seed.toml"),
    },
    Preset {
        name: "open-200",
        about: "200 requests a second, whatever the answers do; needs --a and --b",
        text: include_str!("presets/open-200.toml"),
    },
    Preset {
        name: "litellm",
        about: "starts two LiteLLM proxies, httpx against aiohttp, and compares them in turns",
        text: include_str!("presets/litellm.toml"),
    },
    Preset {
        name: "litellm-16k",
        about: "the same with prompts of 16 KB of which no two are alike",
        text: include_str!("presets/litellm-16k.toml"),
    },
];

/// The list of all presets, a line each.
pub fn list() -> String {
    let mut out = String::new();
    for preset in &PRESETS {
        out.push_str(&format!("{:13}{}\n", preset.name, preset.about));
    }
    out.push_str("\nA plan file of one: dragstrip run --preset NAME --print-plan\n");
    out
}

/// The preset with that name.
pub(super) fn find(name: &str) -> Result<&'static Preset, PlanError> {
    let found = PRESETS.iter().find(|preset| preset.name == name);
    found.ok_or_else(|| {
        let names = PRESETS.map(|preset| preset.name);
        let hint = did_you_mean(name, &names).replace("right here", "there are");
        Given::word(At::option("--preset"), name).bad(format!("unknown preset; {hint}"))
    })
}

#[cfg(test)]
mod tests {
    use super::super::testing::planned;

    #[test]
    fn a_load_alone_needs_gateways() {
        let plan = planned(&["--preset", "seed", "--a", "http://h:1", "--b", "http://h:2"]);
        let plan = plan.unwrap();
        let load = plan.record().load;
        assert_eq!((load.users, load.think_s), (Some(200), Some([0.5, 1.0])));
        assert_eq!(
            (plan.title.as_str(), plan.request.path.as_str()),
            ("seed", "/chat/completions")
        );
        let plan = planned(&["--preset", "open-200", "--a", "http://h", "--rate", "50"]);
        assert_eq!(plan.unwrap().record().load.rate, Some(50.0));
        let error = planned(&["--preset", "seed"]).unwrap_err();
        assert!(error.starts_with("no URL: give --a URL"), "{error}");
    }

    #[test]
    fn what_is_none_is_named_with_the_nearest() {
        for (name, part) in [
            (
                "seeed",
                "--preset seeed: unknown preset; did you mean \"seed\"?",
            ),
            ("x", "there are: seed, open-200, litellm, litellm-16k"),
        ] {
            let error = planned(&["--preset", name]).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        let error = planned(&["p.toml", "--preset", "seed"]).unwrap_err();
        assert!(error.contains("--print-plan"), "{error}");
    }

    #[test]
    fn litellm_is_looked_for_and_how_to_install_it_is_said() {
        let error = planned(&["--preset", "litellm"]).unwrap_err();
        assert!(
            error.contains("litellm was not found on the PATH; install it with: pip install 'litellm[proxy]==1.71.1'"),
            "{error}"
        );
        let folder = tempfile::tempdir().unwrap();
        let program = folder.path().join("any-name");
        std::fs::copy(std::env::current_exe().unwrap(), &program).unwrap();
        let path = program.to_str().unwrap();
        for preset in ["litellm", "litellm-16k"] {
            let plan = planned(&["--preset", preset, "--litellm", path]).unwrap();
            let b = plan.b.as_ref().unwrap();
            for variant in [&plan.a, b] {
                let [launch] = &variant.launches[..] else {
                    panic!("not one command");
                };
                assert_eq!(launch.command[0], path);
                let (_, config) = &launch.files[0];
                let endpoint = variant.endpoint.as_ref().unwrap().listen.port();
                assert!(config.contains(&format!("http://127.0.0.1:{endpoint}/v1")));
                let port = variant.base.port().unwrap().to_string();
                assert!(launch.command.contains(&port), "{:?}", launch.command);
            }
            assert_ne!(plan.a.base.port(), b.base.port());
            assert_eq!(plan.record().load.order, "alternate");
        }
        let error = planned(&["--preset", "seed", "--a", "http://h", "--litellm", path]);
        assert!(error.unwrap_err().starts_with("--litellm"), "not used");
    }
}
