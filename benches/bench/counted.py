"""What is counted, and held in `limits.json`: the same on an idle and on a busy machine."""

from .counting import Trace, instructions, left_behind
from .world import Traffic

HUNDRED_THOUSAND = 100_000
THOUSAND = 1_000


def measure(world, say):
    """All counts, by name. A name that ends in what is counted needs no unit."""
    counts = {"binary.bytes": world.binary.stat().st_size}
    for part in (exec_once, exec_many, exec_again, no_network, whole_store):
        say(part.__doc__.splitlines()[0])
        counts |= part(world)
    return counts


def count_exec(world, environment, references=1, runs=3):
    """The instructions of an `exec`, and its traffic. With several references, all handshakes
    begin before the first one ends, and end before the first answer, as over any distance."""
    world.stub.events()
    argv = world.exec_of(references, world.unrunnable)
    in_step = lambda: references > 1 and world.gather(2 * references)
    count = instructions(argv, environment, world.folder, world.work, 126, runs, before=in_step)
    world.stub.events()
    in_step()
    world.lazycred(*world.exec_of(references, "/bin/true")[1:], environment=environment)
    return count, Traffic(world.stub.events())


def floor(world, environment):
    """The instructions of the bare TLS client for the same two handshakes."""
    services = (environment[f"AWS_ENDPOINT_URL_{service}"] for service in ("S3", "KMS"))
    urls = [f"{url}/bench/secrets/small-0" for url in services]
    argv = [world.tools / "floor", *urls, world.unrunnable]
    count = instructions(argv, environment, world.folder, world.work, 1)
    world.stub.events()
    return count


def exec_once(world):
    """exec of one secret"""
    counts = {}
    kinds = {
        "http": world.http(),
        "https": world.https(),
        "https.name": world.https(("127.0.0.1", "localhost")),
        "https.hybrid": world.https(hybrid=True),
    }
    for kind, environment in kinds.items():
        count, traffic = count_exec(world, environment)
        counts[f"exec.{kind}.instructions"] = count
        if kind == "https.hybrid":
            counts["exec.https.hybrid.used"] = int(traffic.groups() == ["X25519MLKEM768"])
            counts["exec.https.hybrid.sent_bytes"] = traffic.sent
        if kind == "https":
            counts |= {
                "exec.https.connections": traffic.connections,
                "exec.https.full_handshakes": traffic.full_handshakes(),
                "exec.https.requests": traffic.requests,
                "exec.https.sent_bytes": traffic.sent,
                "exec.https.received_bytes": traffic.received,
            }
    cwd, environment = world.local()
    argv = world.exec_of(1, world.unrunnable)
    counts["exec.folder.instructions"] = instructions(argv, environment, world.folder, cwd, 126)
    counts["floor.http.instructions"] = floor(world, kinds["http"])
    counts["floor.https.instructions"] = floor(world, kinds["https"])
    # When an answer comes moves a call or two.
    traces = [Trace(argv, kinds["https"], world.folder, world.work, world.unrunnable)
              for _ in range(3)]
    trace = min(traces, key=Trace.total)
    counts |= {
        "exec.https.syscalls": trace.total(),
        "exec.https.opened_files": len(trace.opened()),
        "exec.https.threads": trace.threads(),
        "exec.https.processes_left": left_behind(
            world.exec_of(1, "/bin/sleep") + ["60"], kinds["https"], world.work
        ),
    }
    return counts


def exec_many(world):
    """exec of 5 and 20 secrets"""
    counts = {}
    for references in (5, 20):
        count, traffic = count_exec(world, world.https(), references)
        counts |= {
            f"exec.{references}.https.instructions": count,
            f"exec.{references}.https.connections": traffic.connections,
            f"exec.{references}.https.requests": traffic.requests,
        }
    return counts


def exec_again(world):
    """exec again, with the cache"""
    world.configure(cache=True)
    try:
        count_exec(world, world.https(), runs=1)
        count, traffic = count_exec(world, world.https())
    finally:
        world.configure()
    # Without a cache nothing is asked conditionally.
    if 304 not in traffic.statuses:
        return {}
    return {
        "exec.cached.https.instructions": count,
        "exec.cached.https.connections": traffic.connections,
        "exec.cached.https.requests": traffic.requests,
    }


def no_network(world):
    """--version, --help and a usage error"""
    counts = {}
    runs = {"version": (["--version"], 0), "help": (["--help"], 0), "usage": (["exec", "--no"], 125)}
    for name, (words, status) in runs.items():
        argv = [world.binary, *words]
        counts[f"{name}.instructions"] = instructions(
            argv, world.https(), world.folder, world.work, status
        )
        trace = Trace(argv, world.https(), world.folder, world.work)
        opened = [path for path in trace.opened() if not path.startswith("/proc/self/")]
        counts |= {
            f"{name}.syscalls": trace.total(),
            f"{name}.opened_files": len(opened),
            f"{name}.threads": trace.threads(),
            f"{name}.sockets": trace.sockets(),
        }
    return counts


def whole_store(world):
    """list of 100,000 names, rekey of 1,000 records"""
    world.copies("small-0", "many/", HUNDRED_THOUSAND)
    listed = world.lazycred("list", "many/")
    listing = Traffic(world.stub.events())
    world.copies("small-0", "few/", THOUSAND)
    world.lazycred("rekey", "few/", "--to", "other")
    rekeyed = Traffic(world.stub.events())
    return {
        "list.names": len(listed.splitlines()),
        "list.requests": listing.requests,
        "list.connections": listing.connections,
        "rekey.requests": rekeyed.requests,
        "rekey.rewrapped": rekeyed.operations.count("ReEncrypt"),
    }
