//! What IAM makes of a request, as far as our documents go.
//!
//! Source: IAM, <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html>.

use serde_json::Value;

/// The account that everything is in.
pub const HOME: &str = "111122223333";

/// A request as IAM sees it.
pub struct Asked<'a> {
    pub action: &'a str,
    pub resource: &'a str,
    pub context: Vec<(&'a str, &'a str)>,
    pub principal: &'a str,
}

pub fn asked<'a>(action: &'a str, resource: &'a str, context: &[(&'a str, &'a str)]) -> Asked<'a> {
    Asked {
        action,
        resource,
        context: context.to_vec(),
        principal: "arn:aws:iam::111122223333:role/any",
    }
}

/// What IAM's rules make of a request: a Deny ends it, else an Allow is needed.
pub fn allowed(document: &Value, asked: &Asked<'_>) -> bool {
    effect(document, asked) == Some("Allow")
}

pub fn denied(document: &Value, asked: &Asked<'_>) -> bool {
    effect(document, asked) == Some("Deny")
}

fn effect(document: &Value, asked: &Asked<'_>) -> Option<&'static str> {
    let statements = document["Statement"].as_array().unwrap();
    let holds = |wanted: &str| {
        statements
            .iter()
            .any(|statement| statement["Effect"] == wanted && meets(statement, asked))
    };
    ["Deny", "Allow"].into_iter().find(|wanted| holds(wanted))
}

fn meets(statement: &Value, asked: &Asked<'_>) -> bool {
    let any = |value: &Value, text: &str| list(value).iter().any(|one| like(one, text));
    let who = match &statement["Principal"] {
        Value::Null => true,
        Value::Object(who) => {
            let root = list(&who["AWS"]).contains(&format!("arn:aws:iam::{HOME}:root"));
            root || any(&who["AWS"], asked.principal)
        }
        everybody => everybody == "*",
    };
    let conditions = statement["Condition"].as_object().into_iter().flatten();
    who && any(&statement["Action"], asked.action)
        && any(&statement["Resource"], asked.resource)
        && conditions.into_iter().all(|(operator, tests)| {
            let tests = tests.as_object().unwrap();
            tests
                .iter()
                .all(|(name, wanted)| holds(operator, name, wanted, asked))
        })
}

fn holds(operator: &str, name: &str, wanted: &Value, asked: &Asked<'_>) -> bool {
    let given = asked.context.iter().find(|(known, _)| *known == name);
    let given = given.map(|(_, value)| *value);
    let any = |is: &dyn Fn(&str, &str) -> bool| {
        given.is_some_and(|given| list(wanted).iter().any(|wanted| is(wanted, given)))
    };
    let number = |text: &str| text.parse::<f64>().unwrap();
    match operator {
        "StringEquals" | "Bool" => any(&|wanted, given| wanted == given),
        "BoolIfExists" => given.is_none() || any(&|wanted, given| wanted == given),
        // Where nothing is given, it does not equal.
        "StringNotEquals" => !any(&|wanted, given| wanted == given),
        "StringLike" => any(&like),
        "ArnNotLike" => !any(&like),
        "Null" => list(wanted).contains(&given.is_none().to_string()),
        "NumericLessThan" => any(&|wanted, given| number(given) < number(wanted)),
        _ => panic!("{operator}"),
    }
}

fn list(value: &Value) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match value {
        Value::Array(items) => items.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

/// `*` and `?` as IAM has them; `${*}` is the character itself.
fn like(pattern: &str, text: &str) -> bool {
    for character in ["*", "?", "$"] {
        if let Some(rest) = pattern.strip_prefix(&format!("${{{character}}}")) {
            return text
                .strip_prefix(character)
                .is_some_and(|text| like(rest, text));
        }
    }
    let Some(first) = pattern.chars().next() else {
        return text.is_empty();
    };
    let rest = &pattern[first.len_utf8()..];
    let next = text.chars().next();
    let after = next.map(|next| &text[next.len_utf8()..]);
    match first {
        '*' => like(rest, text) || after.is_some_and(|after| like(pattern, after)),
        '?' => after.is_some_and(|after| like(rest, after)),
        _ => next == Some(first) && after.is_some_and(|after| like(rest, after)),
    }
}
