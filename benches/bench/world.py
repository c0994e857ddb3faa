"""A place to measure in: a folder, certificates, a stub of AWS, an environment."""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

BUCKET, PREFIX = "bench", "secrets/"
SMALL = {f"VARIABLE_{number}": f"value {number}" for number in range(5)}
NAMES = "DNS:localhost,IP:127.0.0.1,IP:127.0.0.2,IP:10.77.0.2,IP:10.77.0.3"


class Failed(Exception):
    """A command that was to succeed did not."""


def run(argv, **options):
    """Runs a command, and fails with what it said if it fails."""
    try:
        done = subprocess.run(
            [str(word) for word in argv], capture_output=True, text=True, **options
        )
    except subprocess.TimeoutExpired as error:
        raise Failed(f"{argv[0]}: not done within {error.timeout:.0f} s") from error
    if done.returncode:
        raise Failed(f"{argv[0]}: status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def make_certificates(folder):
    """A root, an intermediate and a leaf of RSA-2048 each, as AWS's servers have them.

    Gives the file of the root, the chain that a server shows, and its private key.
    """
    folder.mkdir()
    file = lambda name: str(folder / name)
    new = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-sha256"]
    authority = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
    (folder / "authority").write_text(authority)
    (folder / "leaf").write_text(f"basicConstraints=CA:FALSE\nsubjectAltName={NAMES}\n")
    run(new + ["-x509", "-days", "30", "-subj", "/O=bench/CN=root",
               "-addext", "keyUsage=critical,keyCertSign,cRLSign",
               "-keyout", file("root.key"), "-out", file("root.pem")])
    for name, issuer, extensions in [("middle", "root", "authority"), ("server", "middle", "leaf")]:
        run(new + ["-subj", f"/O=bench/CN={name}",
                   "-keyout", file(name + ".key"), "-out", file(name + ".csr")])
        run(["openssl", "x509", "-req", "-sha256", "-days", "30", "-set_serial", "7",
             "-in", file(name + ".csr"), "-CA", file(issuer + ".pem"),
             "-CAkey", file(issuer + ".key"), "-extfile", file(extensions),
             "-out", file(name + ".pem")])
    chain = folder / "chain.pem"
    chain.write_text((folder / "server.pem").read_text() + (folder / "middle.pem").read_text())
    return folder / "root.pem", chain, folder / "server.key"


class Stub:
    """The stub, running: its addresses, and what it logged since the last look."""

    def __init__(self, tools, folder, certificates, places, delay=0, within=(), rate=None):
        _, chain, private = certificates
        self.log = folder / f"stub-{len(list(folder.glob('stub-*')))}.log"
        argv = [*within, tools / "stub", "--cert", chain, "--key", private,
                "--log", self.log, "--delay", delay,
                *(["--rate", rate] if rate else []), *places]
        self.process = subprocess.Popen(
            [str(word) for word in argv], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.addresses = [self.process.stdout.readline().strip() for _ in places]
        if not all(self.addresses):
            raise Failed("the stub did not start")
        self.seen = 0

    def url(self, which, host, scheme):
        return f"{scheme}://{host}:{self.addresses[which].rsplit(':', 1)[1]}"

    def events(self):
        """What was logged since the last look, once every connection has ended."""
        for _ in range(500):
            lines = self.log.read_text().splitlines()[self.seen:]
            events = [json.loads(line) for line in lines]
            kinds = [event["event"] for event in events]
            if kinds.count("connection") == kinds.count("closed"):
                break
            time.sleep(0.01)
        self.seen += len(events)
        return events

    def close(self):
        self.process.stdin.close()
        self.process.wait(10)


class Traffic:
    """What a run did on the network, from the stub's events."""

    def __init__(self, events):
        of = lambda kind: [event for event in events if event["event"] == kind]
        self.connections = len(of("connection"))
        self.operations = [event["operation"] for event in of("request")]
        self.statuses = [event["status"] for event in of("request")]
        self.requests = len(self.operations)
        self.sent = sum(event["in"] for event in of("closed"))
        self.received = sum(event["out"] for event in of("closed"))
        self.handshakes = [
            (event["version"], event["group"], event["kind"]) for event in of("handshake")
        ]

    def full_handshakes(self):
        return sum(kind.startswith("Full") for _, _, kind in self.handshakes)

    def groups(self):
        return sorted({group for _, group, _ in self.handshakes})


class World:
    """Everything that a measurement needs; removed when it ends."""

    def __init__(self, binary, tools):
        self.stack = contextlib.ExitStack()
        scratch = self.stack.enter_context(tempfile.TemporaryDirectory(prefix="lazycred-bench-"))
        self.folder = pathlib.Path(scratch)
        self.tools = tools
        self.binary = self.folder / "lazycred"
        shutil.copy2(binary, self.binary)
        self.home = self.folder / "home"
        self.home.mkdir()
        self.work = self.folder / "work"
        self.work.mkdir()
        self.configure()
        # It is there and may be run, and yet execve refuses it: all that is done before
        # a command starts is done, and whoever counts keeps hold of the process.
        self.unrunnable = self.folder / "unrunnable"
        self.unrunnable.write_bytes(bytes(64))
        self.unrunnable.chmod(0o755)
        self.certificates = make_certificates(self.folder / "certificates")
        places = ["http:0.0.0.0:0", "https:0.0.0.0:0", "https+pq:0.0.0.0:0"]
        self.stub = self.stub_of(places)
        self.store()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stack.close()

    def stub_of(self, places, **options):
        stub = Stub(self.tools, self.folder, self.certificates, places, **options)
        self.stack.callback(stub.close)
        return stub

    def configure(self, **members):
        """Writes `.lazycred` into the working directory."""
        document = {"s3_path": f"{BUCKET}/{PREFIX}", "key_alias": BUCKET, "region": "us-east-1"}
        (self.work / ".lazycred").write_text(json.dumps(document | members))

    def environment(self, s3, kms, **more):
        """All variables of a run: credentials, endpoints, one trust root."""
        return {
            "PATH": "/usr/bin:/bin",
            "HOME": str(self.home),
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            "AWS_ENDPOINT_URL_S3": s3,
            "AWS_ENDPOINT_URL_KMS": kms,
            "AWS_ENDPOINT_URL_STS": kms,
            "AWS_CA_BUNDLE": str(self.certificates[0]),
        } | more

    def http(self):
        s3, kms = (self.stub.url(0, name, "http") for name in ("127.0.0.1", "127.0.0.2"))
        return self.environment(s3, kms)

    def https(self, names=("127.0.0.1", "127.0.0.2"), hybrid=False):
        """Two names, so that neither handshake can resume the other's session."""
        s3, kms = (self.stub.url(2 if hybrid else 1, name, "https") for name in names)
        return self.environment(s3, kms)

    def lazycred(self, *words, environment=None, **options):
        """Runs lazycred once, which must succeed."""
        environment = environment or self.http()
        return run([self.binary, *words], env=environment, cwd=self.work, **options)

    def local(self):
        """A working directory with a folder of secrets, and the environment for it: no network."""
        folder = self.folder / "local"
        environment = self.http() | {"XDG_DATA_HOME": str(self.folder / "data")}
        if not folder.exists():
            folder.mkdir()
            run([self.binary, "init", "--local"], env=environment, cwd=folder)
            run([self.binary, "put", "small-0"], env=environment, cwd=folder,
                input=json.dumps(SMALL))
        return folder, environment

    def store(self):
        """Twenty small secrets."""
        for number in range(20):
            text = json.dumps({f"{name}_{number}": value for name, value in SMALL.items()})
            self.lazycred("put", f"small-{number}", input=text)
        self.stub.events()

    def copies(self, of, to, count, stub=None, which=0, within=()):
        """The record of one secret under many names, without many requests."""
        root = f"{BUCKET}/{PREFIX}"
        query = f"of={root}{of}&to={root}{to}&count={count}"
        self.order(f"copies?{query}", stub, which, within)

    def gather(self, count):
        """Has the stub keep the next connections by TLS in step."""
        self.order(f"gather?count={count}")

    def order(self, what, stub=None, which=0, within=()):
        """A request to the stub itself."""
        stub = stub or self.stub
        url = stub.url(which, "127.0.0.1", "http")
        post = "import sys, urllib.request as r; r.urlopen(sys.argv[1], data=b'').close()"
        run([*within, sys.executable, "-c", post, f"{url}/_bench/{what}"])
        stub.events()

    def exec_of(self, references, command):
        """The arguments of an `exec`."""
        names = [f"small-{number}" for number in range(references)]
        return [str(self.binary), "exec", *names, "--", str(command)]


def missing(programs):
    """Those programs that are not installed."""
    path = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"
    return [program for program in programs if not shutil.which(program, path=path)]
