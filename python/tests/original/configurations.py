"""The table of calls, its second half: where the configuration comes from, and when."""

import json

from .cases import (
    CONFIG, FAILED, FILE, HUNTER2, NOTHING, OTHER_FILE, RAISED, SILENT, STORED, USE, VARIABLES, Case, config, golden,
    use,
)

A, PUT = ["get", "a"], ["put", "b", b"x"]
BOTH = {"pfx/a": golden("no-newline"), "other/a": golden("crlf")}
HUNTER2_CRLF = b"hunter2\r\n"
OTHER = use(s3_path="{bucket}/other/")

NO_KEYS = {
    "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None, "AWS_CONFIG_FILE": None,
    "AWS_SHARED_CREDENTIALS_FILE": None,
}
PROFILES = "".join(
    "[%s]\naws_access_key_id = %s\naws_secret_access_key = secret\n" % profile
    for profile in [("default", "AKIDEXAMPLE"), ("ours", "AKIDEXAMPLE"), ("denied", "AKID-NO-GET")]
)


def found(name, ours, **more):
    """A case without set_config that reads one secret."""
    return Case(name, [A], [ours], objects=BOTH, **more)


def lacking(*names):
    return json.dumps({name: value for name, value in CONFIG.items() if name not in names})


SET_CONFIG = [
    Case("set_config before first use", [USE, A], [b"hunter2"], objects=HUNTER2),
    Case("set_config twice before first use", [OTHER, USE, A], [b"hunter2"], objects=BOTH),
    Case("set_config after first use", [USE, A, OTHER, A], [b"hunter2", HUNTER2_CRLF],
         original=[b"hunter2", b"hunter2"], why="set-config-later", objects=BOTH),
    Case("set_config after a failure", [A, USE, A], [NOTHING, b"hunter2"], original=[NOTHING, SILENT],
         why="set-config-later", objects=BOTH),
    Case("set_config after a wrong one", [use(region=None), A, USE, A], [NOTHING, b"hunter2"],
         original=[NOTHING, SILENT], why="set-config-later", objects=BOTH),
    Case("no configuration, asked twice", [A, A, PUT], [NOTHING, NOTHING, FAILED],
         original=[NOTHING, SILENT, (False, None)], why="told-each-time"),
    Case("the file comes after a failure", [A, ["write", ".lazycred", FILE], A], [NOTHING, b"hunter2"],
         original=[NOTHING, SILENT], why="set-config-later", objects=BOTH),
    Case("the file changes after first use", [A, ["write", ".lazycred", OTHER_FILE], A], [b"hunter2", b"hunter2"],
         files={".lazycred": FILE}, objects=BOTH),
    Case("another folder after first use", [A, ["chdir", "sub"], A], [b"hunter2", b"hunter2"],
         files={".lazycred": FILE, "sub/.lazycred": OTHER_FILE}, objects=BOTH),
    Case("the dict changes before first use", [OTHER, ["change", CONFIG], A], [b"hunter2"], objects=BOTH),
    Case("the dict changes after first use", [USE, A, ["change", config(s3_path="{bucket}/other/")], A],
         [b"hunter2", HUNTER2_CRLF], objects=BOTH),
    Case("set_config before a file", [OTHER, A], [HUNTER2_CRLF], files={".lazycred": FILE}, objects=BOTH),
    Case("set_config before the variables", [OTHER, A], [HUNTER2_CRLF], environment=VARIABLES, objects=BOTH),
    Case("set_config(None)", [["set_config", None], A], [b"hunter2"], files={".lazycred": FILE}, objects=BOTH),
    Case("set_config({})", [["set_config", {}], A], [b"hunter2"], files={".lazycred": FILE}, objects=BOTH),
    Case("set_config, then None before first use", [OTHER, ["set_config", None], A], [b"hunter2"],
         files={".lazycred": FILE}, objects=BOTH),
    Case("set_config, then None after first use", [OTHER, A, ["set_config", None], A], [HUNTER2_CRLF, b"hunter2"],
         original=[HUNTER2_CRLF, HUNTER2_CRLF], why="set-config-later", files={".lazycred": FILE}, objects=BOTH),
    *[Case("set_config without " + name, [use(**{name: None}), A, PUT], [NOTHING, FAILED],
           original=[NOTHING, (False, None)], why="told-each-time", objects=BOTH)
      for name in CONFIG],
    Case("set_config with a member that neither knows", [use(note="x"), A], [(b"hunter2", "WARNING")],
         original=[b"hunter2"], why="unknown-members", objects=BOTH),
    Case("set_config with members of a newer file", [use(format=1, account="123456789012"), A],
         [b"hunter2"], objects=BOTH),
    Case("set_config with a member that 0.2.3 ignores", [use(min_format=2), A], [NOTHING], original=[b"hunter2"],
         why="newer-members", objects=BOTH),
    Case("set_config with a list", [["set_config", ["hunter2"]], A], [NOTHING], objects=BOTH),
    Case("set_config with text", [["set_config", "hunter2"], A], [NOTHING], objects=BOTH),
    Case("set_config with a number", [["set_config", 5], A], [NOTHING], original=[RAISED], why="never-raises",
         objects=BOTH),
    *[Case("set_config with %s as the %s" % (kind, name), [["set_config", dict(CONFIG, **{name: value})], A],
           [NOTHING], original=original, why="wrong-type" if original else None, objects=BOTH)
      for name, kind, value, original in [
          ("s3_path", "a number", 5, None), ("s3_path", "None", None, None), ("s3_path", "a list", ["a"], None),
          ("s3_path", "empty text", "", None), ("region", "a number", 5, None), ("region", "None", None, None),
          ("region", "empty text", "", None), ("key_alias", "a number", 5, [b"hunter2"]),
          ("key_alias", "None", None, [b"hunter2"]), ("key_alias", "empty text", "", [b"hunter2"]),
      ]],
    Case("a bucket without a slash", [use(s3_path="{bucket}"), A, PUT], [NOTHING, FAILED], objects=BOTH),
    Case("a path that starts with a slash", [use(s3_path="/{bucket}/"), A], [NOTHING], objects=BOTH),
]

FOUND = [
    found("a file", b"hunter2", files={".lazycred": FILE}),
    found("a file in a parent", b"hunter2", files={".lazycred": FILE}, folder="sub/deeper"),
    found("the nearest file", HUNTER2_CRLF, files={".lazycred": FILE, "sub/.lazycred": OTHER_FILE}, folder="sub"),
    found("a file at home", b"hunter2", files={"../home/.lazycred": FILE}),
    found("a file in a parent before one at home", b"hunter2",
          files={".lazycred": FILE, "../home/.lazycred": OTHER_FILE}, folder="sub"),
    found("the variables", b"hunter2", environment=VARIABLES),
    found("a file at home before the variables", (HUNTER2_CRLF, "WARNING"), original=[HUNTER2_CRLF],
          why="two-sources", files={"../home/.lazycred": OTHER_FILE}, environment=VARIABLES),
    found("the variables without the region", NOTHING,
          environment={name: value for name, value in VARIABLES.items() if name != "AWS_DEFAULT_REGION"}),
    found("the variables without the path", NOTHING,
          environment={name: value for name, value in VARIABLES.items() if name != "LAZYCRED_S3_PATH"}),
    found("the variables with the region in AWS_REGION", b"hunter2", original=[NOTHING], why="region",
          environment={("AWS_REGION" if name == "AWS_DEFAULT_REGION" else name): value
                       for name, value in VARIABLES.items()}),
    found("the variables without the alias", b"hunter2", original=[NOTHING], why="readers-need-no-alias",
          environment={name: value for name, value in VARIABLES.items() if name != "LAZYCRED_KEY_ALIAS"}),
    found("a file before the variables", (HUNTER2_CRLF, "WARNING"), original=[HUNTER2_CRLF], why="two-sources",
          files={".lazycred": OTHER_FILE}, environment=VARIABLES),
    found("LAZYCRED_CONFIG before a file", HUNTER2_CRLF, original=[b"hunter2"], why="lazycred-config",
          files={".lazycred": FILE, "elsewhere.json": OTHER_FILE},
          environment={"LAZYCRED_CONFIG": "elsewhere.json"}),
    *[Case(name + " that everybody may write", [["open to all", path], A, PUT], [NOTHING, FAILED],
           original=[b"hunter2", True], why="planted", files={path: FILE}, objects=BOTH, stored_by_original=STORED)
      for name, path in [("a file", ".lazycred"), ("a file at home", "../home/.lazycred")]],
    found("a file with an empty segment in its path", NOTHING, original=[b"hunter2"], why="slashes",
          files={".lazycred": json.dumps(config(s3_path="{bucket}//pfx/"))}),
    found("a file that is no JSON", NOTHING, files={".lazycred": "s3_path = hunter2"}),
    found("a file with a comma too many, as in the README of 0.2.3", NOTHING,
          files={".lazycred": FILE[:-1] + ",}"}),
    found("an empty file", NOTHING, files={".lazycred": ""}),
    found("a file that is no JSON before good variables", NOTHING, files={".lazycred": "{"}, environment=VARIABLES),
    found("a file that is a list", NOTHING, files={".lazycred": "[]"}),
    found("a file that is a number", NOTHING, original=[RAISED], why="never-raises", files={".lazycred": "5"}),
    found("a file without s3_path", NOTHING, files={".lazycred": lacking("s3_path")}),
    found("a file without a region", NOTHING, files={".lazycred": lacking("region")}),
    found("a file without a region, which a variable gives", b"hunter2", original=[NOTHING], why="region",
          files={".lazycred": lacking("region")}, environment={"AWS_DEFAULT_REGION": "us-east-1"}),
    Case("a file without key_alias", [A, PUT], [b"hunter2", FAILED], original=[NOTHING, (False, None)],
         why="readers-need-no-alias", files={".lazycred": lacking("key_alias")}, objects=BOTH),
    found("a file with a member that neither knows", (b"hunter2", "WARNING"), original=[b"hunter2"],
          why="unknown-members", files={".lazycred": json.dumps(config(note="x"))}),
    Case("put by the variables", [PUT, ["get", "b"]], [True, b"x"], environment=VARIABLES, stored=STORED),
    Case("put by a file", [PUT, ["get", "b"]], [True, b"x"], files={".lazycred": FILE}, stored=STORED),
    found("a session's token in AWS_SESSION_TOKEN", b"hunter2", original=[NOTHING], why="session-token",
          files={".lazycred": FILE},
          environment={"AWS_ACCESS_KEY_ID": "NEEDS-TOKEN", "AWS_SESSION_TOKEN": "token"}),
    found("a session's token in AWS_SECURITY_TOKEN", NOTHING, original=[b"hunter2"], why="session-token",
          files={".lazycred": FILE},
          environment={"AWS_ACCESS_KEY_ID": "NEEDS-TOKEN", "AWS_SECURITY_TOKEN": "token"}),
    found("credentials of a profile", b"hunter2", files={".lazycred": FILE, "../home/.aws/credentials": PROFILES},
          environment=dict(NO_KEYS, AWS_PROFILE="ours")),
    found("credentials of the default profile", b"hunter2",
          files={".lazycred": FILE, "../home/.aws/credentials": PROFILES}, environment=NO_KEYS),
    found("a profile that is not there", NOTHING, files={".lazycred": FILE, "../home/.aws/credentials": PROFILES},
          environment=dict(NO_KEYS, AWS_PROFILE="no-such")),
    found("access-key variables before a profile", b"hunter2",
          files={".lazycred": FILE, "../home/.aws/credentials": PROFILES},
          environment=dict(NO_KEYS, AWS_PROFILE="denied", AWS_ACCESS_KEY_ID="AKIDEXAMPLE",
                           AWS_SECRET_ACCESS_KEY="secret")),
    found("access-key variables, and a profile that is not there", NOTHING, original=[b"hunter2"], why="named-profile",
          files={".lazycred": FILE},
          environment={"AWS_PROFILE": "no-such"}),
    found("half a pair of access-key variables", NOTHING, files={".lazycred": FILE},
          environment={"AWS_SECRET_ACCESS_KEY": None}),
    found("no credentials", NOTHING, files={".lazycred": FILE},
          environment={"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}),
]
