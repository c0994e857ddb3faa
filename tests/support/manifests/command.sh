#!/bin/sh
# Tells its arguments, an empty one after them, and its variables.
printf '%s\0' "$@" ''
exec env -0
