#!/usr/bin/env python3
"""Checks the manifests in a folder laid out as `examples/`, as their platforms would.

    check.py EXAMPLES

Needs what requirements.txt beside this file names, and no network. CloudFormation's
templates are read by SAM's own translator, and what it makes of them by cfn-lint; ECS's
task definitions by the description of its API; Kubernetes' manifests by its schemas of
the oldest and the newest version that they are for; compose files by Compose's types. Prints one line for each complaint
and ends with 1, or with 0 where there is none.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

import botocore.session
import yaml
from botocore.validate import ParamValidator
from compose_spec import PyCompose
from kubernetes_validate import utils as kubernetes
from samtranslator.public.exceptions import InvalidDocumentException
from samtranslator.translator.transform import transform

# From and to: image volumes are on by default from the first on.
IMAGE_VOLUMES = ("1.35", "1.37")
ALL_VERSIONS = ("1.28", "1.37")
KUBERNETES = {
    "deployment.yaml": ALL_VERSIONS,
    "init-container.yaml": ALL_VERSIONS,
    "image-volume.yaml": IMAGE_VOLUMES,
}


class NoPolicies:
    """SAM asks AWS for the policies that it manages; the examples name none."""

    def load(self):
        return {}


def cloudformation(path):
    # Its loader asks for a region, which nothing here depends on.
    os.environ["AWS_DEFAULT_REGION"] = "us-east-1"
    template = yaml.safe_load(path.read_text())
    # SAM wants uploaded code: `sam deploy` uploads folders before it translates.
    for resource in template["Resources"].values():
        for member in ("CodeUri", "ContentUri"):
            folder = resource["Properties"].get(member)
            if folder is not None:
                assert folder.endswith("/"), folder
                resource["Properties"][member] = "s3://bucket/" + folder + "code.zip"
    try:
        made = transform(template, {}, NoPolicies())
    except InvalidDocumentException as error:
        yield from (cause.message for cause in error.causes)
        return
    with tempfile.TemporaryDirectory() as folder:
        translated = pathlib.Path(folder, "translated.json")
        translated.write_text(json.dumps(made, indent=2))
        lint = [sys.executable, "-c", "from cfnlint.runner import main; main()", "--format", "parseable"]
        run = subprocess.run([*lint, translated], capture_output=True, text=True)
    said = (run.stdout + run.stderr).splitlines()
    yield from said or ([f"cfn-lint ended with {run.returncode}"] if run.returncode else [])


def ecs(path):
    model = botocore.session.get_session().get_service_model("ecs")
    shape = model.operation_model("RegisterTaskDefinition").input_shape
    report = ParamValidator().validate(json.loads(path.read_text()), shape)
    yield from report.generate_report().splitlines()


def of_kubernetes(path):
    for version in KUBERNETES[path.name]:
        for document in yaml.safe_load_all(path.read_text()):
            try:
                kubernetes.validate(document, version, strict=True)
            except kubernetes.ValidationError as error:
                yield f"Kubernetes {version}: {error.message}"


def compose(path):
    try:
        # Compose replaces variables before it reads.
        PyCompose.from_yaml(path.read_text().replace("${HOME}", "/home/dev")).validate()
    except ValueError as error:
        yield str(error)


def main():
    examples, complaints, seen = pathlib.Path(sys.argv[1]), 0, 0
    for pattern, check in [
        ("lambda/*.yaml", cloudformation),
        ("docker/compose*.yaml", compose),
        ("ecs/*.json", ecs),
        ("kubernetes/*.yaml", of_kubernetes),
    ]:
        for path in sorted(examples.glob(pattern)):
            seen += 1
            for said in check(path):
                complaints += 1
                print(f"{path.relative_to(examples)}: {said}")
    print(f"checked {seen}")
    return 1 if complaints else 0


sys.exit(main())
