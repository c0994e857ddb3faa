#!/bin/sh
# layer.sh LAZYCRED: builds `layer`, which Lambda unpacks at /opt, from a static binary.
set -eu
mkdir -p layer/bin
cp "$1" layer/bin/lazycred
chmod 755 layer/bin/lazycred
ln -sf bin/lazycred layer/lazycred-exec
