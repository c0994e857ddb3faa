"""The least that does the same with boto3 and cryptography: fetch, unwrap, open, become the command.

usage: boto3_exec.py BUCKET PATH COMMAND
"""
import base64
import json
import os
import sys

import boto3
from cryptography.fernet import Fernet

bucket, path, command = sys.argv[1:]
record = json.loads(boto3.client("s3").get_object(Bucket=bucket, Key=path)["Body"].read())
wrapped = base64.b64decode(record["key"])
data_key = boto3.client("kms").decrypt(CiphertextBlob=wrapped)["Plaintext"]
os.environ.update(json.loads(Fernet(data_key).decrypt(record["data"].encode())))
os.execvp(command, [command])
