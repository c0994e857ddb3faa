"""What `mypy --strict` says of programs that use lazycred; never run, only checked.

A line with `type: ignore[...]` is one that mypy must refuse with that code: with
`warn_unused_ignores` it fails if the line is accepted.
"""

import subprocess
from pathlib import Path
from typing import Any, Dict, List, Optional

import lazycred
from lazycred import Client


def constructed(path: Path) -> None:
    Client()
    Client(s3_path="acme/prod/", key_alias="acme", region="eu-west-1", profile="p")
    Client(s3_path="acme/prod/", format=2, min_format=2, max_age="90d", sse="aws:kms", keys=["a"], key_accounts=["1"])
    Client(bucket_region="eu-west-1", account="123456789012", pin_key=True, cache=True, stale_if_error=True)
    Client(config=path, environment="prod")
    Client(config="c.json", timeout=5, max_size=1024, verify=False)
    Client(timeout=0.5)
    Client(s3_path=None, key_alias=None, region=None, profile=None, config=None, environment=None)
    Client("acme/prod/")  # type: ignore[call-arg]
    Client(s3_path=b"acme/prod/")  # type: ignore[arg-type]
    Client(bucket="acme")  # type: ignore[call-arg]
    Client(timeout="5")  # type: ignore[arg-type]
    Client(config=5)  # type: ignore[arg-type]
    Client(format="2")  # type: ignore[arg-type]


def read(client: Client) -> None:
    data: bytes = client.get("db")
    data = client.get("db", "user", version="abcdef")
    data = client.get("db", field="user")
    text: str = client.get_text("db", "user")
    document: Dict[str, int] = client.get_json("db", version="abcdef")
    wrong: str = client.get("db")  # type: ignore[assignment]
    worse: bytes = client.get_text("db")  # type: ignore[assignment]
    client.get(b"db")  # type: ignore[arg-type]
    client.get("db", "user", "abcdef")  # type: ignore[call-arg]
    client.get_json("db", "user")  # type: ignore[call-arg]
    client.get()  # type: ignore[call-arg]
    del data, text, document, wrong, worse


def written(client: Client) -> None:
    version: Optional[str] = client.put("db", b"x")
    version = client.put("db", "x", if_absent=True)
    version = client.put("db", "x", if_version=version)
    sure: str = client.put("db", "x")  # type: ignore[assignment]
    version = client.set("db", "a", "text")
    version = client.set("db", "a", b"text")
    version = client.set("db", "a", json={"x": [1, None]})
    version = client.unset("db", "a")
    version = client.rollback("db")
    version = client.rollback("db", "abcdef")
    version = client.delete("db", if_version=version)
    client.put("db", bytearray(b"x"))  # type: ignore[arg-type]
    client.put("db", 5)  # type: ignore[arg-type]
    client.put("db", None)  # type: ignore[arg-type]
    client.put("db", "x", True)  # type: ignore[call-arg]
    client.set("db", "a", 5)  # type: ignore[call-overload]
    del version, sure


def listed(client: Client) -> None:
    names: List[str] = client.list()
    names = client.list("web/")
    for entry in client.history("db"):
        shown: str = entry["version"] + entry["modified"]
        size: int = entry["size"]
        flags: bool = entry["deleted"] or entry["current"]
        entry["nope"]  # type: ignore[typeddict-item]
        del shown, size, flags
    del names


def loaded(client: Client) -> None:
    variables: Dict[str, str] = client.load("db", "token", prefix="P_", separator="__", case="keep")
    variables = client.load("db", arrays="index", null="empty", format="dotenv", only="A*", exclude=["B"], allow=("C",))
    client.load("db", case="title")  # type: ignore[arg-type]
    client.load("db", format="yaml")  # type: ignore[arg-type]
    client.load(["db"])  # type: ignore[arg-type]
    environ: Dict[str, str] = client.environ("db", no_override=True)
    subprocess.run(["true"], env=client.environ("db"), check=True)
    del variables, environ


def failed(client: Client) -> None:
    try:
        client.get("db")
    except lazycred.AwsError as error:
        code: Optional[str] = error.code
        del code
    except lazycred.SeveralError as error:
        all_of_them: List[lazycred.Error] = error.errors
        del all_of_them
    except lazycred.MissingError as error:
        kind: str = error.kind
        hint: Optional[str] = error.hint
        status: int = error.exit_code
        none: Optional[str] = error.code
        del kind, hint, status, none
    except (lazycred.NoVersionError, lazycred.MissingFieldError):
        pass
    except (lazycred.UsageError, lazycred.DamagedError, lazycred.NoRecordError, lazycred.ShapeError):
        pass
    except (lazycred.VariablesError, lazycred.ConflictError, lazycred.IoError, lazycred.TimedOutError, lazycred.Error):
        pass


def closed() -> None:
    with Client() as client:
        again: Client = client
        again.close()
    lazycred.Nope  # type: ignore[attr-defined]


class Mine(Client):  # type: ignore[misc]
    """A client that is final."""


def original(configuration: Dict[str, Any]) -> None:
    lazycred.set_config(configuration)
    value: Optional[bytes] = lazycred.get("db")
    done: bool = lazycred.put("db", b"x")
    sure: bytes = lazycred.get("db")  # type: ignore[assignment]
    version: str = lazycred.__version__
    del value, done, sure, version


def one_of_two(client: Client) -> None:
    client.set("db", "a")  # type: ignore[call-overload]
    client.set("db", "a", "text", json=1)  # type: ignore[call-overload]
