#!/usr/bin/env python3
"""Says what parliament finds in policies of IAM: a JSON document a line in, a JSON list of its findings a line out.

A finding is what it is called and how grave it is: `RESOURCE_STAR LOW`. parliament knows no fractions, where IAM does:
`1.2` is `1` to it.
"""

import json
import sys
import warnings

# It says so itself of how it finds its own files.
warnings.simplefilter("ignore")
from parliament import analyze_policy_string, enhance_finding  # noqa: E402


def findings(line):
    document = json.loads(line, parse_float=lambda number: number.split(".")[0])
    found = analyze_policy_string(json.dumps(document)).findings
    return sorted({f"{finding.issue} {enhance_finding(finding).severity}" for finding in found})


for line in sys.stdin:
    print(json.dumps(findings(line)), flush=True)
