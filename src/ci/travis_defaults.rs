//! What Travis does by itself for a language: which matrix keys it knows, and the
//! commands of `install` and `script` when the file gives none. Commands that
//! depend on files of the repository are one conditional command each. Languages
//! whose defaults need Travis's own images have none here.

use super::model::{Origin, Phase};
use super::travis::phase as make;

/// Tries after the first, of a default `install` (Travis wraps it in `travis_retry`).
const INSTALL_RETRY: u32 = 2;

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

const RUBY_INSTALL: &str =
    "if [[ -f ${BUNDLE_GEMFILE:-Gemfile} && -f ${BUNDLE_GEMFILE:-Gemfile}.lock ]]; then
  bundle install --jobs=3 --retry=3 --deployment --path=${BUNDLE_PATH:-vendor/bundle}
elif [[ -f ${BUNDLE_GEMFILE:-Gemfile} ]]; then
  bundle install --jobs=3 --retry=3 --path=${BUNDLE_PATH:-vendor/bundle}
else
  echo \"No Gemfile found, skipping bundle install\"
fi";

const NODE_INSTALL: &str = "if [[ -f package.json ]]; then
  if [[ -f yarn.lock ]]; then yarn --frozen-lockfile
  elif [[ -f npm-shrinkwrap.json || -f package-lock.json ]]; then npm ci
  else npm install
  fi
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

const ERLANG_SCRIPT: &str =
    "if [[ -f rebar.config && -x rebar ]]; then ./rebar compile && ./rebar skip_deps=true eunit
elif [[ -f rebar.config ]]; then rebar3 eunit
else make test
fi";

const PHP_SCRIPT: &str = "if [[ -x vendor/bin/phpunit ]]; then vendor/bin/phpunit
else phpunit
fi";

/// A row: language, its matrix keys, default install, default script.
type Row = (
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

const TABLE: [Row; 34] = [
    (
        "ruby",
        &["rvm", "gemfile", "jdk"],
        &[RUBY_INSTALL],
        &["if [[ -f ${BUNDLE_GEMFILE:-Gemfile} ]]; then bundle exec rake\nelse rake\nfi"],
    ),
    ("node_js", &["node_js"], &[NODE_INSTALL], &[NODE_SCRIPT]),
    ("python", &["python"], &[PYTHON_INSTALL], &[PYTHON_SCRIPT]),
    ("java", &["jdk"], &[JVM_INSTALL], &[JVM_SCRIPT]),
    ("groovy", &["jdk"], &[JVM_INSTALL], &[JVM_SCRIPT]),
    (
        "android",
        &["jdk"],
        &[],
        &[
            "if [[ -f gradlew ]]; then ./gradlew build connectedCheck\nelif [[ -f build.gradle ]]; then gradle build connectedCheck\nelif [[ -f pom.xml ]]; then mvn install -B\nelse ant debug install test\nfi",
        ],
    ),
    (
        "go",
        &["go"],
        &[
            "if [[ -f GNUmakefile || -f Makefile || -f makefile ]]; then echo \"Makefile detected\"\nelse go get -v -t ./...\nfi",
        ],
        &[
            "if [[ -f GNUmakefile || -f Makefile || -f makefile ]]; then make\nelse go test -v ./...\nfi",
        ],
    ),
    (
        "rust",
        &["rust"],
        &[],
        &["cargo build --verbose", "cargo test --verbose"],
    ),
    (
        "c",
        &["compiler"],
        &[],
        &["./configure && make && make test"],
    ),
    (
        "cpp",
        &["compiler"],
        &[],
        &["./configure && make && make test"],
    ),
    ("php", &["php", "hhvm"], &[], &[PHP_SCRIPT]),
    ("clojure", &["jdk", "lein"], &["lein deps"], &["lein test"]),
    (
        "scala",
        &["scala", "jdk"],
        &[],
        &[
            "if [[ -d project || -f build.sbt ]]; then sbt ++$TRAVIS_SCALA_VERSION test\nelif [[ -f gradlew ]]; then ./gradlew check\nelif [[ -f build.gradle ]]; then gradle check\nelse mvn test -B\nfi",
        ],
    ),
    (
        "elixir",
        &["elixir", "otp_release"],
        &["mix local.hex --force", "mix deps.get"],
        &["mix test"],
    ),
    (
        "erlang",
        &["otp_release"],
        &[
            "if [[ -x rebar ]]; then ./rebar get-deps\nelif [[ -f rebar.config ]]; then rebar get-deps\nfi",
        ],
        &[ERLANG_SCRIPT],
    ),
    (
        "haskell",
        &["ghc"],
        &["cabal install --only-dependencies --enable-tests"],
        &["cabal configure --enable-tests && cabal build && cabal test"],
    ),
    (
        "perl",
        &["perl"],
        &["cpanm --quiet --installdeps --notest ."],
        &[PERL_SCRIPT],
    ),
    (
        "perl6",
        &["perl6"],
        &[],
        &["PERL6LIB=lib prove --ext .t --ext .t6 -v -r --exec=perl6 t/"],
    ),
    (
        "crystal",
        &["crystal"],
        &["shards install"],
        &["crystal spec"],
    ),
    ("d", &["d"], &[], &["dub test --compiler=$DC"]),
    (
        "dart",
        &["dart", "dart_task"],
        &["pub get"],
        &["pub run test"],
    ),
    (
        "elm",
        &["elm", "node_js"],
        &[NODE_INSTALL],
        &["elm-format --validate . && elm-test"],
    ),
    ("nix", &["nix"], &[], &["nix-build"]),
    ("haxe", &["haxe", "neko"], &[], &[]),
    ("csharp", &["dotnet", "mono", "solution"], &[], &[]),
    (
        "objective-c",
        &["rvm", "gemfile", "xcode_scheme", "xcode_sdk", "podfile"],
        &[],
        &[],
    ),
    ("julia", &["julia"], &[], &[]),
    ("r", &["r"], &[], &[]),
    ("matlab", &["matlab"], &[], &[]),
    ("smalltalk", &["smalltalk"], &[], &["smalltalkci"]),
    ("hack", &["hhvm", "php"], &[], &["hh_client"]),
    ("generic", &[], &[], &[]),
    ("shell", &[], &[], &[]),
    ("minimal", &[], &[], &[]),
];

fn row(language: &str) -> Option<&'static Row> {
    let language = match language {
        "bash" | "sh" => "shell",
        other => other,
    };
    TABLE.iter().find(|row| row.0 == language)
}

/// A language's usual name; one that Travis does not know is ruby.
pub(crate) fn language(name: &str) -> String {
    let name = name.trim().to_ascii_lowercase();
    let known = match name.as_str() {
        "c++" | "cplusplus" => "cpp",
        "swift" | "objective_c" => "objective-c",
        "javascript" | "nodejs" | "node" => "node_js",
        "golang" => "go",
        name if name.starts_with("java") => "java",
        name => name,
    };
    match row(known) {
        Some(_) => known.to_owned(),
        None => "ruby".to_owned(),
    }
}

/// Whether the matrix of a language has this key.
pub(crate) fn expands(language: &str, key: &str) -> bool {
    matches!(key, "os" | "arch" | "osx_image")
        || row(language).is_some_and(|row| row.1.contains(&key))
}

/// The default phase of a language, if it has one.
pub(crate) fn phase(language: &str, name: &str) -> Option<Phase> {
    let row = row(language)?;
    let commands = match name {
        "install" => row.2,
        "script" => row.3,
        _ => return None,
    };
    if commands.is_empty() {
        return None;
    }
    let commands = commands.iter().map(|c| (*c).to_owned()).collect();
    let mut phase = make(name, Origin::Default, false, commands);
    if name == "install" {
        for step in &mut phase.steps {
            step.retry = INSTALL_RETRY;
        }
    }
    Some(phase)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn unknown_language_is_ruby() {
        for (name, expected) in [
            ("C++", "cpp"),
            ("java", "java"),
            ("nonsense", "ruby"),
            ("bash", "bash"),
        ] {
            assert_eq!(language(name), expected);
        }
    }

    #[test]
    fn rust_builds_then_tests_by_default() {
        let script = phase("rust", "script").unwrap();
        assert_eq!(script.origin, Origin::Default);
        assert_eq!(script.steps.len(), 2);
        assert!(phase("rust", "install").is_none());
        assert!(phase("minimal", "script").is_none());
    }
}
