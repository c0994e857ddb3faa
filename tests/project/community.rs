//! What people find who want to report, to change or to know what has changed.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use regex_lite::Regex;
use serde_json::Value;

use crate::support::manifests::read::yaml;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(file)).unwrap()
}

#[test]
fn the_changelog_has_a_section_for_this_version_and_one_for_what_comes() {
    let text = read("CHANGELOG.md");
    let heading = Regex::new(r"(?m)^## \[([^\]]+)\](.*)$").unwrap();
    let sections: Vec<_> = heading.captures_iter(&text).collect();
    assert_eq!(&sections[0][1], "Unreleased");
    let version = env!("CARGO_PKG_VERSION");
    if !version.contains('-') {
        assert_eq!(&sections[1][1], version);
    }
    for section in &sections {
        let is_dated = Regex::new(r"^( - (\d{4}-\d\d-\d\d|not released yet))?$").unwrap();
        assert!(is_dated.is_match(&section[2]), "{}", &section[0]);
        let link = format!("\n[{}]: {}/", &section[1], env!("CARGO_PKG_REPOSITORY"));
        assert!(text.contains(&link), "no link for {}", &section[1]);
    }
}

/// A form that GitHub does not understand is not offered, without a word.
/// Source: <https://docs.github.com/en/communities/using-templates-to-encourage-useful-issues-and-pull-requests/syntax-for-githubs-form-schema>.
#[test]
fn the_forms_for_issues_have_what_github_requires() {
    for form in ["bug", "feature"] {
        let documents = yaml(&format!("../.github/ISSUE_TEMPLATE/{form}.yml"));
        let [Value::Object(form)] = &documents[..] else {
            panic!("{form}: not one mapping");
        };
        let known = [
            "name",
            "description",
            "labels",
            "body",
            "title",
            "assignees",
        ];
        assert!(form.keys().all(|member| known.contains(&&**member)));
        assert!(form["name"].is_string() && form["description"].is_string());
        let (mut ids, mut asked) = (BTreeSet::new(), 0);
        for element in form["body"].as_array().unwrap() {
            let attributes = element["attributes"].as_object().unwrap();
            let is_text = |member: &str| attributes.get(member).is_some_and(Value::is_string);
            match element["type"].as_str().unwrap() {
                "markdown" => {
                    assert!(is_text("value") && element.get("validations").is_none());
                    continue;
                }
                "input" | "textarea" => assert!(is_text("label")),
                "checkboxes" => {
                    assert!(is_text("label"));
                    let options = attributes["options"].as_array().unwrap();
                    assert!(options.iter().all(|option| option["label"].is_string()));
                }
                other => panic!("{other} is not used here"),
            }
            asked += 1;
            assert!(ids.insert(element["id"].as_str().unwrap().to_owned()));
            if let Some(validations) = element.get("validations") {
                assert!(validations["required"].is_boolean());
            }
        }
        assert!(asked > 0);
    }
    let config = &yaml("../.github/ISSUE_TEMPLATE/config.yml")[0];
    assert_eq!(config["blank_issues_enabled"], false);
    for link in config["contact_links"].as_array().unwrap() {
        assert!(
            ["name", "url", "about"]
                .iter()
                .all(|member| link[member].is_string())
        );
    }
}

#[test]
fn who_reports_a_bug_is_asked_for_the_version_and_told_to_paste_no_secret() {
    let form = read(".github/ISSUE_TEMPLATE/bug.yml");
    for text in [
        "Paste no secret",
        "`lazycred --version`",
        "`lazycred doctor --offline`",
        "/security/advisories/new",
    ] {
        assert!(form.contains(text), "{text}");
    }
    assert!(read("SECURITY.md").contains("/security/advisories/new)"));
}

#[test]
fn the_files_that_these_documents_link_to_are_there() {
    let link = Regex::new(r"\]\(([^)#]+)(?:#[^)]*)?\)").unwrap();
    for document in [
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "packaging/README.md",
    ] {
        let folder = Path::new(ROOT).join(document);
        let folder = folder.parent().unwrap();
        let text = read(document);
        let links = link.captures_iter(&text).map(|found| found[1].to_owned());
        for target in links.filter(|target| !target.starts_with("https://")) {
            assert!(
                folder.join(&target).exists(),
                "{document} links to {target}"
            );
        }
    }
}
