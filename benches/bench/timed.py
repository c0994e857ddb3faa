"""What is timed: it says something on a quiet machine only, and is held to nothing."""

import contextlib

from . import counted, link
from .meter import command, measure
from .world import Traffic, run

ROUND_TRIPS = (10, 20, 40, 100)
SEVERAL = 40
REKEY = 50
# One; as many as are dialled at once; and many more, which reuse connections.
REFERENCES = (1, 32, 132)


def local(world, say):
    """CPU, wall and memory without a network, against the bare TLS client and against nothing."""
    say("exec beside the bare TLS client")
    environment = world.https()
    services = (environment[f"AWS_ENDPOINT_URL_{service}"] for service in ("S3", "KMS"))
    urls = [f"{url}/bench/secrets/small-0" for url in services]
    run_of = lambda argv, env=environment: command(argv, env, world.work)
    ours, plain, floor, nothing = measure(world, [
        run_of(world.exec_of(1, "/bin/true")),
        run_of(world.exec_of(1, "/bin/true"), world.http()),
        run_of([world.tools / "floor", *urls, "/bin/true"]),
        run_of(["/bin/true"]),
    ], rounds=41)
    world.stub.events()
    return {"exec": ours, "exec http": plain, "floor": floor, "nothing": nothing,
            "references": references(world, say)}


def references(world, say):
    """References, each to a record of its own → runs: up to the bound of connections, and beyond."""
    say("exec of many references")
    world.copies("small-0", "read/", max(REFERENCES))
    argvs = [[str(world.binary), "exec", *words(number), "--", "/bin/true"] for number in REFERENCES]
    commands = [command(argv, world.https(), world.work) for argv in argvs]
    runs = dict(zip(REFERENCES, measure(world, commands, rounds=15)))
    world.stub.events()
    return runs


def words(references):
    """So many references, each to a record and a variable of its own."""
    return [f"V{number}=read/{number:06}#VARIABLE_0_0" for number in range(references)]


def further(local):
    """CPU seconds of one more reference: with connections of its own, and with those there are."""
    cpu = [local["references"][number].median("cpu") for number in REFERENCES]
    one, bound, many = REFERENCES
    return (cpu[1] - cpu[0]) / (bound - one), (cpu[2] - cpu[1]) / (many - bound)


def far_away(world, say):
    """Wall times with a round-trip time on every packet; a reason where that cannot be had."""
    reason = link.why_not()
    if reason:
        return {"why not": reason}
    with contextlib.ExitStack() as stack:
        wire = stack.enter_context(link.Link())
        stub = world.stub_of(["https:0.0.0.0:0", "http:0.0.0.0:0"], within=wire.within_server())
        far = Far(world, wire, stub)
        far.store()
        return {
            "exec": far.by_round_trip(say),
            "several": far.several(say),
            "cached": far.cached(say),
            "rekey": far.rekey(say),
        }


class Far:
    """A world whose stub is at the other end of a link."""

    def __init__(self, world, wire, stub):
        self.world, self.wire, self.stub = world, wire, stub
        s3, kms = (stub.url(0, address, "https") for address in link.SERVER)
        self.environment = world.environment(s3, kms)
        self.urls = [f"{url}/bench/secrets/small-0" for url in (s3, kms)]

    def run(self, *words, environment=None, **options):
        """Runs lazycred at this end."""
        argv = [*self.wire.within_client(), self.world.binary, *words]
        variables = environment or self.environment
        return run(argv, env=variables | {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin"},
                   cwd=self.world.work, **options)

    def measure(self, argvs, rounds, environments=None):
        """The runs of each; in the usual environment, or each in one of its own."""
        environments = environments or [self.environment] * len(argvs)
        commands = [command(argv, environment, self.world.work)
                    for argv, environment in zip(argvs, environments)]
        return measure(self.world, commands, rounds, self.wire.within_client())

    def store(self):
        self.wire.round_trip(1)
        for number in range(20):
            self.run("put", f"small-{number}", input=f'{{"FIELD_{number}": "value"}}')
        self.stub.events()

    def by_round_trip(self, say):
        """Milliseconds of round trip → runs, those of the bare TLS client, and one's traffic.

        The bare client does its two requests one after the other: 6 round trips and what the
        link itself is late.
        """
        results = {}
        for milliseconds in ROUND_TRIPS:
            say(f"exec at {milliseconds} ms a round trip")
            self.wire.round_trip(milliseconds)
            argv = self.world.exec_of(1, "/bin/true")
            self.stub.events()
            self.run(*argv[1:])
            traffic = Traffic(self.stub.events())
            bare = [self.world.tools / "floor", *self.urls, "/bin/true"]
            results[milliseconds] = (*self.measure([argv, bare], rounds=21), traffic)
        return results

    def several(self, say):
        """References → runs."""
        say(f"exec of several secrets at {SEVERAL} ms a round trip")
        self.wire.round_trip(SEVERAL)
        numbers = (1, 5, 20)
        argvs = [self.world.exec_of(number, "/bin/true") for number in numbers]
        return dict(zip(numbers, self.measure(argvs, rounds=15)))

    def cached(self, say):
        """Milliseconds of round trip → runs with the cache on; nothing where there is none."""
        results = {}
        self.world.configure(cache=True)
        try:
            for milliseconds in ROUND_TRIPS:
                say(f"exec with the cache at {milliseconds} ms a round trip")
                self.wire.round_trip(milliseconds)
                argv = self.world.exec_of(1, "/bin/true")
                self.run(*argv[1:])
                self.stub.events()
                self.run(*argv[1:])
                if 304 not in Traffic(self.stub.events()).statuses:
                    return {}
                results[milliseconds] = self.measure([argv], rounds=21)[0]
        finally:
            self.world.configure()
        return results

    def rekey(self, say):
        """Runs of a rekey of a thousand records."""
        say(f"rekey of {counted.THOUSAND} records at {REKEY} ms a round trip")
        self.world.copies("small-0", "few/", counted.THOUSAND, self.stub, 1,
                          self.wire.within_server())
        self.wire.round_trip(REKEY)
        argvs = [[self.world.binary, "rekey", "few/", "--to", to] for to in ("there", "back")]
        runs, _ = self.measure(argvs, rounds=3)
        return runs
