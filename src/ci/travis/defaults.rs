//! What travis-build does by itself where the file gives no commands: `install` and
//! `script` of each language, and Rust's `before_cache`. Commands that depend on
//! files of the repository are one conditional command; what only prints is left
//! out. Source: travis-build's script/*.rb and the scripts it generates.

use super::super::model::{Origin, Phase};
use super::item::Item;
use super::matrix::Row;
use super::phase as make;

/// Tries after the first, of a command in `travis_retry`.
const RETRY: u32 = 2;

/// A phase's commands, and the tries after the first of each.
struct Made {
    commands: Vec<String>,
    retry: u32,
}

impl Made {
    fn once(command: impl Into<String>) -> Option<Self> {
        Some(Self {
            commands: vec![command.into()],
            retry: 0,
        })
    }

    fn retried(command: impl Into<String>) -> Option<Self> {
        Self::once(command).map(|made| Self {
            retry: RETRY,
            ..made
        })
    }

    fn all(commands: &[&str]) -> Option<Self> {
        Some(Self {
            commands: commands.iter().map(|one| (*one).to_owned()).collect(),
            retry: 0,
        })
    }
}

/// The default phase of a job, if its language has one.
pub(super) fn phase(language: &str, name: &str, row: &Row<'_>) -> Option<Phase> {
    let made = match name {
        "install" => install(language, row),
        "script" => script(language, row),
        "before_cache" if language == "rust" => Made::once("rm -rf \"$HOME/.cargo/registry/src\""),
        _ => None,
    }?;
    let mut phase = make(name, Origin::Default, false, made.commands);
    for step in &mut phase.steps {
        step.retry = made.retry;
    }
    Some(phase)
}

fn install(language: &str, row: &Row<'_>) -> Option<Made> {
    match language {
        "node_js" | "elm" => Made::retried(node_install(row)),
        "python" => Made::retried(PYTHON_INSTALL),
        "groovy" => Made::retried(JVM_INSTALL),
        java if java.starts_with("java") => Made::retried(JVM_INSTALL),
        "scala" => Made::retried(format!(
            "if [[ ! -d project && ! -f build.sbt ]]; then\n{JVM_INSTALL}\nfi"
        )),
        "go" => Made::retried(go_install(row)),
        "clojure" => Made::retried(format!("{} deps", lein(row))),
        "elixir" if newer(row.text("elixir").unwrap_or("1.0.2"), [1, 2, 999]) => Made::all(&[
            "mix local.rebar --force",
            "mix local.hex --force",
            "mix deps.get",
        ]),
        "elixir" => Made::all(&["mix local.hex --force", "mix deps.get"]),
        "erlang" => Made::retried(ERLANG_INSTALL),
        "haskell" => Made::retried("cabal install --only-dependencies --enable-tests"),
        "perl" => Made::retried("cpanm --quiet --installdeps --notest ."),
        "crystal" => Made::once("if [[ -f shard.yml ]]; then shards install; fi"),
        "dart" => Made::once("if [[ -f pubspec.yaml ]]; then pub get; fi"),
        "hack" => Made::once("composer install"),
        "haxe" => hxml(row, |file| format!("yes | haxelib install \"{file}\"")).map(|made| Made {
            retry: RETRY,
            ..made
        }),
        "csharp" => nuget(row),
        "r" => Made::once(R_INSTALL),
        "objective-c" => Made::retried(format!("{}\n{}", bundle_install(row), pod_install(row))),
        other if !is_ruby(other) => None,
        _ => Made::retried(bundle_install(row)),
    }
}

fn script(language: &str, row: &Row<'_>) -> Option<Made> {
    match language {
        "node_js" => Made::once(NODE_SCRIPT),
        "elm" => Made::once("elm-format --validate . && elm-test"),
        "python" => Made::once(PYTHON_SCRIPT),
        "groovy" => Made::once(JVM_SCRIPT),
        java if java.starts_with("java") => Made::once(JVM_SCRIPT),
        "android" => Made::once(ANDROID_SCRIPT),
        "scala" => Made::once(sbt(row)),
        "go" => Made::once(go_script(row)),
        "rust" => Made::all(&["cargo build --verbose", "cargo test --verbose"]),
        "c" | "cpp" | "cplusplus" => Made::once("./configure && make && make test"),
        "php" => Made::once(PHP_SCRIPT),
        "clojure" => Made::once(format!("{} test", lein(row))),
        "elixir" => Made::once("mix test"),
        "erlang" => Made::once(ERLANG_SCRIPT),
        "haskell" => {
            Made::once("cabal configure --enable-tests && cabal build && cabal test")
        }
        "perl" => Made::once(PERL_SCRIPT),
        "perl6" => Made::once("PERL6LIB=lib prove --ext .t --ext .t6 -v -r --exec=perl6 t/"),
        "crystal" => Made::once("crystal spec"),
        "d" => Made::once("dub test --compiler=$DC"),
        "dart" => Made::once("if [[ -d packages/test ]] || grep -q ^test: .packages 2> /dev/null; then pub run test; fi"),
        "nix" => Made::once("nix-build"),
        "hack" => Made::once(HACK_SCRIPT),
        "haxe" => hxml(row, |file| format!("haxe \"{file}\""))
            .or_else(|| failure("No \"hxml:\" and \"script:\" is specified. Please specify at least one of them in your .travis.yml to run tests.")),
        "csharp" => msbuild(row),
        "julia" => Made::once(JULIA_SCRIPT),
        "r" => Made::once(r_script(row)),
        "matlab" => {
            Made::once("matlab -batch \"assertSuccess(runtests('IncludeSubfolders',true));\"")
        }
        "smalltalk" => Made::once("smalltalkci"),
        "objective-c" => Made::once(xcode_script(row)),
        other if !is_ruby(other) => None,
        _ => {
            let gemfile = row.text("gemfile").map_or_else(|| "Gemfile".to_owned(), escaped);
            Made::once(format!(
                "if [[ -f {gemfile} ]]; then bundle exec rake\nelse rake\nfi"
            ))
        }
    }
}

/// Languages which travis-build does not know are built as Ruby.
fn is_ruby(language: &str) -> bool {
    match language {
        "cplusplus" => false,
        "ruby" => true,
        name => name.starts_with("__") || !super::schema::LANGUAGES.contains(&name),
    }
}

fn failure(message: &str) -> Option<Made> {
    Made::once(format!("echo {}; false", escaped(message)))
}

/// A word for the shell, as Ruby's `Shellwords` escapes it.
fn escaped(word: &str) -> String {
    if word.is_empty() {
        return "''".to_owned();
    }
    let mut out = String::with_capacity(word.len());
    for ch in word.chars() {
        let plain = ch.is_ascii_alphanumeric() || "_-.,:+/@".contains(ch);
        if ch == '\n' {
            out.push_str("'\n'");
            continue;
        }
        if !plain {
            out.push('\\');
        }
        out.push(ch);
    }
    out
}

/// Whether a version is greater than three numbers.
fn newer(version: &str, than: [u64; 3]) -> bool {
    let mut numbers = [0; 3];
    let parts = version.split(|ch: char| !ch.is_ascii_digit());
    for (slot, part) in numbers.iter_mut().zip(parts) {
        *slot = part.parse().unwrap_or(0);
    }
    numbers > than
}

fn cached(row: &Row<'_>, what: &str) -> bool {
    row.values.get("cache").is_some_and(|cache| {
        cache.items().iter().any(|item| {
            item.text() == Some(what) || item.get(what).and_then(Item::text) == Some("true")
        })
    })
}

fn bundle_install(row: &Row<'_>) -> String {
    let gemfile = row
        .text("gemfile")
        .map_or_else(|| "Gemfile".to_owned(), escaped);
    let gemfile = format!("${{BUNDLE_GEMFILE:-{gemfile}}}");
    let own = row.text("bundler_args");
    let path = if cached(row, "bundler") && !own.is_some_and(|args| args.contains("--path")) {
        " --path=${BUNDLE_PATH:-vendor/bundle}"
    } else {
        ""
    };
    let locked = own.unwrap_or("--jobs=3 --retry=3 --deployment");
    let open = own.unwrap_or("--jobs=3 --retry=3");
    format!(
        "if [[ -f {gemfile} && -f {gemfile}.lock ]]; then bundle install {locked}{path}
elif [[ -f {gemfile} ]]; then bundle install {open}{path}
else echo \"No Gemfile found, skipping bundle install\"
fi"
    )
}

fn pod_install(row: &Row<'_>) -> String {
    let podfile = row.text("podfile").unwrap_or("Podfile");
    let dir = podfile.rsplit_once('/').map_or(".", |(dir, _)| dir);
    let (podfile, dir) = (escaped(podfile), escaped(dir));
    format!(
        "if [[ -f {podfile} ]] && ! cmp --silent {dir}/Podfile.lock {dir}/Pods/Manifest.lock; then
  pushd {dir}
  if [[ -f ${{BUNDLE_GEMFILE:-Gemfile}} ]]; then bundle exec pod install
  else pod install
  fi
  popd
fi"
    )
}

fn xcode_script(row: &Row<'_>) -> String {
    let mut args = String::new();
    for key in ["project", "workspace", "scheme", "sdk", "destination"] {
        if let Some(value) = row.text(&format!("xcode_{key}")) {
            args.push_str(&format!(" -{key} {}", escaped(value)));
        }
    }
    let place = row.text("xcode_project").or(row.text("xcode_workspace"));
    let build = if row.text("xcode_scheme").is_some() && place.is_some() {
        format!("set -o pipefail && xcodebuild{args} build test | xcpretty")
    } else {
        "echo \"xcode_scheme and xcode_project or xcode_workspace are needed\"; false".to_owned()
    };
    format!(
        "if [[ -f Rakefile && \"$(cat Rakefile)\" =~ require\\ [\\\"\\']motion/project && -f Gemfile ]]; then bundle exec rake spec
elif [[ -f Rakefile && \"$(cat Rakefile)\" =~ require\\ [\\\"\\']motion/project ]]; then rake spec
else {build}
fi"
    )
}

fn node_install(row: &Row<'_>) -> String {
    let args = row.text("npm_args").unwrap_or_default();
    let args = if args.is_empty() {
        String::new()
    } else {
        format!(" {args}")
    };
    format!(
        "if [[ -f package.json ]]; then
  if [[ -f yarn.lock ]]; then yarn --frozen-lockfile
  elif [[ -f npm-shrinkwrap.json || -f package-lock.json ]]; then npm ci{args}
  else npm install{args}
  fi
fi"
    )
}

/// `lein`, unless the file names another program for it.
fn lein<'r>(row: &'r Row<'_>) -> &'r str {
    let given = row.text("lein").unwrap_or("lein");
    let version = given.starts_with(|ch: char| ('2'..='9').contains(&ch))
        && given.chars().all(|ch| ch.is_ascii_digit() || ch == '.');
    if version { "lein" } else { given }
}

/// travis-build's function `travis_install_go_dependencies`, without its Godep.
fn go_install(row: &Row<'_>) -> String {
    let args = row.text("gobuild_args").unwrap_or("-v");
    let tests = args.split_whitespace().any(|word| word == "-t");
    let args = if tests {
        args.to_owned()
    } else {
        format!("{args} -t")
    };
    format!("if {MAKEFILE}; then echo \"Makefile detected\"\nelse go get {args} ./...\nfi")
}

fn go_script(row: &Row<'_>) -> String {
    let args = row.text("gobuild_args").unwrap_or("-v");
    format!("if {MAKEFILE}; then make\nelse go test {args} ./...\nfi")
}

fn sbt(row: &Row<'_>) -> String {
    let version = row
        .text("scala")
        .map_or_else(|| "$TRAVIS_SCALA_VERSION".to_owned(), escaped);
    let args = row.text("sbt_args").map(|args| format!(" {args}"));
    let args = args.unwrap_or_default();
    format!(
        "if [[ -d project || -f build.sbt ]]; then sbt{args} ++{version} test\nelse\n{JVM_SCRIPT}\nfi"
    )
}

fn hxml(row: &Row<'_>, command: impl Fn(&str) -> String) -> Option<Made> {
    let files = row.values.get("hxml")?;
    let commands: Vec<String> = files
        .items()
        .iter()
        .filter_map(Item::text)
        .map(command)
        .collect();
    (!commands.is_empty()).then_some(Made { commands, retry: 0 })
}

/// The solution, where Mono is to build one.
fn solution<'r>(row: &'r Row<'_>) -> Option<&'r str> {
    row.text("solution")
        .filter(|_| row.text("mono") != Some("none"))
}

fn nuget(row: &Row<'_>) -> Option<Made> {
    let old = matches!(row.text("mono"), Some("2.10.8" | "3.2.8"));
    let solution = solution(row).filter(|_| !old)?;
    Made::retried(format!("nuget restore {}", escaped(solution)))
}

fn msbuild(row: &Row<'_>) -> Option<Made> {
    let Some(solution) = solution(row) else {
        return failure("No solution or script defined, exiting");
    };
    let mono = row.text("mono").unwrap_or("latest");
    let old = mono.starts_with(|ch: char| ch.is_ascii_digit()) && !newer(mono, [4, 999, 999]);
    let program = if old { "xbuild" } else { "msbuild" };
    Made::once(format!(
        "{program} /p:Configuration=Release {}",
        escaped(solution)
    ))
}

fn r_script(row: &Row<'_>) -> String {
    let build = row.text("r_build_args").unwrap_or_default();
    let check = row.text("r_check_args").unwrap_or("--as-cran");
    format!(
        "if [[ ! -e DESCRIPTION ]]; then echo \"No DESCRIPTION file found, user must supply their own install and script steps\"; false
else R CMD build {build} . && R CMD check *tar.gz {check}
fi"
    )
}

const MAKEFILE: &str = "[[ -f GNUmakefile || -f makefile || -f Makefile || -f BSDmakefile ]]";

const JVM_INSTALL: &str = "if [[ -f gradlew ]]; then ./gradlew assemble
elif [[ -f build.gradle ]]; then gradle assemble
elif [[ -f mvnw ]]; then ./mvnw install -DskipTests=true -Dmaven.javadoc.skip=true -B -V
elif [[ -f pom.xml ]]; then mvn install -DskipTests=true -Dmaven.javadoc.skip=true -B -V
fi";

const JVM_SCRIPT: &str = "if [[ -f gradlew ]]; then ./gradlew check
elif [[ -f build.gradle ]]; then gradle check
elif [[ -f mvnw ]]; then ./mvnw test -B
elif [[ -f pom.xml ]]; then mvn test -B
else ant test
fi";

const ANDROID_SCRIPT: &str = "if [[ -f gradlew ]]; then ./gradlew build connectedCheck
elif [[ -f build.gradle ]]; then gradle build connectedCheck
elif [[ -f pom.xml ]]; then mvn install -B
else ant debug install test
fi";

const NODE_SCRIPT: &str = "if [[ -f package.json && -f yarn.lock ]]; then yarn test
elif [[ -f package.json ]]; then npm test
else make test
fi";

const PYTHON_INSTALL: &str = "if [[ -f Requirements.txt ]]; then pip install -r Requirements.txt
elif [[ -f requirements.txt ]]; then pip install -r requirements.txt
else echo \"Could not locate requirements.txt. Override the install: key in your .travis.yml to install dependencies.\"
fi";

const PYTHON_SCRIPT: &str =
    "echo \"Please override the script: key in your .travis.yml to run tests.\"; false";

const PERL_SCRIPT: &str = "if [[ -f Build.PL ]]; then perl Build.PL && ./Build && ./Build test
elif [[ -f Makefile.PL ]]; then perl Makefile.PL && make test
else make test
fi";

const ERLANG_INSTALL: &str = "if [[ -f rebar.config || -f Rebar.config ]]; then
  if [[ -f ./rebar ]]; then ./rebar get-deps
  elif [[ -z $(command -v rebar3) ]]; then rebar get-deps
  fi
fi";

const ERLANG_SCRIPT: &str = "if [[ ! -f rebar.config && ! -f Rebar.config ]]; then make test
elif [[ -f ./rebar ]]; then ./rebar compile && ./rebar skip_deps=true eunit
elif [[ -n $(command -v rebar3) ]]; then rebar3 eunit
else rebar compile && rebar skip_deps=true eunit
fi";

const PHP_SCRIPT: &str =
    "if [[ -n $COMPOSER_BIN_DIR && -x $COMPOSER_BIN_DIR/phpunit ]]; then $COMPOSER_BIN_DIR/phpunit
elif [[ -x vendor/bin/phpunit ]]; then vendor/bin/phpunit
else phpunit
fi";

const HACK_SCRIPT: &str = "hh_client
if [[ -x vendor/bin/hacktest ]]; then vendor/bin/hacktest tests/; fi
if ! (hhvm --version | grep -q -- -dev) && [[ -x vendor/bin/hhast-lint ]]; then vendor/bin/hhast-lint; fi";

const JULIA_SCRIPT: &str = "if [[ -f Project.toml || -f JuliaProject.toml ]]; then
  julia --color=yes -e \"using Pkg; Pkg.build(verbose=true)\" &&
  julia --check-bounds=yes --color=yes -e \"using Pkg; Pkg.test(coverage=true)\"
else echo \"No Project.toml found\"; false
fi";

const R_INSTALL: &str = "if [[ ! -e DESCRIPTION ]]; then echo \"No DESCRIPTION file found, user must supply their own install and script steps\"; false
else Rscript -e 'install.packages(\"remotes\"); remotes::install_deps(dependencies = TRUE)'
fi";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_is_newer_by_its_numbers() {
        for (version, expected) in [
            ("1.3", true),
            ("1.2.5", false),
            ("1.10.0", true),
            ("1.3.0-rc.1", true),
            ("master", false),
        ] {
            assert_eq!(newer(version, [1, 2, 999]), expected, "{version}");
        }
    }

    #[test]
    fn word_is_escaped_as_ruby_does() {
        for (word, expected) in [
            ("My App.sln", "My\\ App.sln"),
            ("", "''"),
            ("a/b-c_d.e", "a/b-c_d.e"),
            ("x$y", "x\\$y"),
        ] {
            assert_eq!(escaped(word), expected);
        }
    }
}
