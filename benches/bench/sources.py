"""What an exec takes over the slow link by where its credentials come from."""

import contextlib
import json

from . import link
from .timed import Far
from .world import Traffic

# Two, so that what grows with them is told from what does not.
ROUND_TRIPS = (20, 100)
ROUNDS = 9
ROLE = "arn:aws:iam::111122223333:role/bench"
STATIC = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
KEYS = "aws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n"
# SHA-1 of `bench`, the session's name: where AWS's tools keep its token.
SSO_TOKEN = ".aws/sso/cache/e5c89c529dccb9b42716f4d9118d61079c883d9e.json"

PROFILES = f"""\
[profile keys]
{KEYS}
[profile process]
credential_process = /bin/cat {{home}}/process.json
[profile sso]
sso_session = bench
sso_account_id = 111122223333
sso_role_name = bench
[sso-session bench]
sso_region = us-east-1
sso_start_url = https://bench.awsapps.com/start
[profile role]
role_arn = {ROLE}
source_profile = keys
[profile machine]
role_arn = {ROLE}
credential_source = Ec2InstanceMetadata
"""

# What says where credentials come from, and the variables that lead there.
SOURCES = {
    "variables": None,
    "a profile with access keys": {"AWS_PROFILE": "keys"},
    "a profile's `credential_process`": {"AWS_PROFILE": "process"},
    "SSO, its token cached": {"AWS_PROFILE": "sso"},
    "web identity (STS)": {"AWS_ROLE_ARN": ROLE, "AWS_WEB_IDENTITY_TOKEN_FILE": "{home}/token"},
    "a role, assumed with access keys": {"AWS_PROFILE": "role"},
    "a role, assumed with IMDS credentials": {"AWS_PROFILE": "machine"},
    "ECS": {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/bench"},
    "EKS Pod Identity": {
        "AWS_CONTAINER_CREDENTIALS_FULL_URI": f"http://{link.METADATA[2]}/v1/credentials",
        "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": "{home}/token",
    },
    "IMDS": {},
}


class Source:
    """Runs at two round-trip times, and one's traffic."""

    def __init__(self, runs, traffic):
        self.runs, self.traffic = runs, traffic

    def line(self):
        """Round trips, and the milliseconds beyond them: the line through both medians."""
        near, far = (self.runs[r].median("wall") * 1000 for r in ROUND_TRIPS)
        slope = (far - near) / (ROUND_TRIPS[1] - ROUND_TRIPS[0])
        return slope, near - slope * ROUND_TRIPS[0]


def measure(world, say):
    """Source → what it takes; a reason where there can be no link."""
    reason = link.why_not()
    if reason:
        return {"why not": reason}
    # Others are to find no profiles in theirs.
    home = world.folder / "home-of-sources"
    write(home)
    with contextlib.ExitStack() as stack:
        wire = stack.enter_context(link.Link())
        # S3 and KMS; STS and SSO at a port of their own, which is another server; metadata.
        places = ["https:0.0.0.0:0", "http:0.0.0.0:0", "https:0.0.0.0:0", "http:0.0.0.0:80"]
        stub = world.stub_of(places, within=wire.within_server())
        far = Far(world, wire, stub)
        far.store()
        environments = {name: environment(far, home, variables)
                        for name, variables in SOURCES.items()}
        return by_source(far, environments, say)


def by_source(far, environments, say):
    argv = far.world.exec_of(1, "/bin/true")
    runs, traffic = {name: {} for name in environments}, {}
    for milliseconds in ROUND_TRIPS:
        say(f"exec by source of credentials at {milliseconds} ms a round trip")
        far.wire.round_trip(milliseconds)
        far.stub.events()
        for name, variables in environments.items():
            far.run(*argv[1:], environment=variables)
            traffic[name] = Traffic(far.stub.events())
        measured = far.measure([argv] * len(environments), ROUNDS, environments.values())
        for name, found in zip(environments, measured):
            runs[name][milliseconds] = found
        far.stub.events()
    return {name: Source(runs[name], traffic[name]) for name in environments}


def environment(far, home, variables):
    """The variables of a run whose credentials come from there."""
    other = far.stub.url(2, link.SERVER[0], "https")
    base = far.environment | {
        "HOME": str(home), "AWS_ENDPOINT_URL_STS": other, "AWS_ENDPOINT_URL_SSO": other}
    if variables is None:
        return base
    rest = {name: value for name, value in base.items() if name not in STATIC}
    return rest | {name: value.format(home=home) for name, value in variables.items()}


def write(home):
    """Profiles, a process's answer, an SSO session's token and a token file."""
    (home / SSO_TOKEN).parent.mkdir(parents=True)
    (home / ".aws/config").write_text(PROFILES.format(home=home))
    (home / "token").write_text("a.web.identity")
    (home / "process.json").write_text(json.dumps({
        "Version": 1, "AccessKeyId": "AKIABENCH", "SecretAccessKey": "secret",
    }))
    (home / SSO_TOKEN).write_text(json.dumps({
        "startUrl": "https://bench.awsapps.com/start", "region": "us-east-1",
        "accessToken": "token", "expiresAt": "2999-01-01T00:00:00Z",
    }))


def part(sources, table):
    """The section of docs/benchmarks.md."""
    text = "## Sources of credentials\n\n"
    if "why not" in sources:
        return text + f"Not measured: {sources['why not']}.\n"
    lines = []
    for name, source in sources.items():
        slope, beyond = source.line()
        near, far = (f"{source.runs[r].median('wall') * 1000:.1f}" for r in ROUND_TRIPS)
        operations = ", ".join(source.traffic.operations)
        lines.append((name, near, far, f"{slope:.2f} r {beyond:+.1f} ms",
                      source.traffic.connections, f"{source.traffic.requests}: {operations}"))
    head = ("credentials from", *(f"r = {r} ms" for r in ROUND_TRIPS), "the line through both",
            "connections", "requests")
    return text + INTRODUCTION + "\n" + table(head, lines)


INTRODUCTION = """\
An exec of one secret without the cache, in milliseconds, by where its credentials come from: `benches/run --part sources`.
S3, KMS, STS and SSO are TLS servers of their own, r away. So are IMDS and the agents of ECS and EKS, at their own
addresses over HTTP: AWS has them on the machine itself, where what is asked of them takes next to nothing, and where it is
further the measurement says how often it is waited for. S3 and KMS are dialled while credentials come.
"""
