"""Whether format.py, the second implementation, reads every case of v1.json and v2.json as it must.

usage: check.py
"""
import base64
import datetime
import json
import pathlib

import format

AGES = {"h": 1, "d": 24}


def verdict(document, case):
    """Status, secret, and whether the wrapping key was asked for."""
    stored = case["record"].encode() if case.get("record") is not None else None
    if "record_base64" in case:
        stored = base64.b64decode(case["record_base64"])
    options = {name: case[name] for name in ["min_format", "min_generation"] if name in case}
    if "max_age" in case:
        number, unit = int(case["max_age"][:-1]), case["max_age"][-1]
        options["max_age"] = datetime.timedelta(hours=number * AGES[unit])
    asked = []
    options.update(others=case.get("keys", []), ask=lambda: asked.append(True))
    try:
        secret = format.read(stored, case["name"], document["wrapping_keys"], document["key_alias"], **options)
        return 0, base64.b64encode(secret).decode(), True
    except format.Refused as refused:
        return refused.args[1], None, bool(asked)


def main():
    for file in ["v1.json", "v2.json"]:
        document = json.loads((pathlib.Path(__file__).parent / file).read_text())
        for case in document["cases"]:
            status, secret, asked = verdict(document, case)
            may_ask = case.get("asks", True)
            right = (status, secret) == (case["status"], case.get("secret")) and asked <= may_ask
            assert right, f"{file}: {case['case']}: {status}, {secret}, {asked}"
            if "context" in case:
                context = format.context_of(format.parse(case["record"].encode()), case["name"])
                assert context == case["context"], f"{file}: {case['case']}: {context}"
        print(f"{file}: {len(document['cases'])} cases")


if __name__ == "__main__":
    main()
