"""The least that starts a command with lazycred 0.2.3, which is a library for Python 2.7.

usage: original_exec.py NAME COMMAND

The package runs unchanged, and finds its configuration itself. boto 2 knows no variables for
endpoints, so AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_KMS are read here.
"""
import json
import os
import sys
import urlparse

import boto
import boto.kms
from boto.kms.layer1 import KMSConnection
from boto.regioninfo import RegionInfo
from boto.s3.connection import OrdinaryCallingFormat, S3Connection

import lazycred


def place(service):
    url = urlparse.urlsplit(os.environ["AWS_ENDPOINT_URL_" + service])
    return {"host": url.hostname, "port": url.port, "is_secure": url.scheme == "https"}


def connect_s3():
    return S3Connection(calling_format=OrdinaryCallingFormat(), **place("S3"))


def connect_kms(name):
    where = place("KMS")
    connection = KMSConnection(region=RegionInfo(name=name, endpoint=where["host"]), **where)
    # Neither can be read off the name of a host that is not AWS's.
    connection.auth_region_name, connection.auth_service_name = name, "kms"
    return connection


boto.connect_s3, boto.kms.connect_to_region = connect_s3, connect_kms
secret, command = sys.argv[1:]
for name, value in json.loads(lazycred.get(secret)).items():
    os.environ[name.encode()] = value.encode()
os.execvp(command, [command])
