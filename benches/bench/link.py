"""Two network namespaces with a slow link between: lazycred in one, the stub in the other."""

import os
import pathlib
import subprocess
import sys

from .world import Failed, missing, run

CLIENT, SERVER = "10.77.0.1", ("10.77.0.2", "10.77.0.3")
# Where AWS has the metadata of machines, and the credentials of tasks and pods.
METADATA = ("169.254.169.254", "169.254.170.2", "169.254.170.23")
DELAY = pathlib.Path(__file__).with_name("delay.py")


def why_not():
    """Why there can be no such link here, or nothing."""
    if os.geteuid() != 0:
        return "namespaces and tun devices need root"
    if not os.access("/dev/net/tun", os.R_OK | os.W_OK):
        return "there is no /dev/net/tun"
    if missing(["ip"]):
        return "there is no `ip` (iproute2)"
    return None


class Link:
    """The link; its delay can be set anew between runs."""

    def __init__(self):
        self.process = None
        self.client, self.server = (f"lazycred-bench-{os.getpid()}-{end}" for end in "ab")
        for namespace in (self.client, self.server):
            run(["ip", "netns", "add", namespace])
            run(["ip", "-n", namespace, "link", "set", "lo", "up"])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        for namespace in (self.client, self.server):
            run(["ip", "netns", "del", namespace])

    def stop(self):
        if self.process:
            self.process.kill()
            self.process.wait()

    def round_trip(self, milliseconds):
        """Sets how long a packet and the answer to it take together."""
        self.stop()
        words = [self.client, CLIENT, self.server, SERVER[0], milliseconds / 2]
        self.process = subprocess.Popen(
            [sys.executable, str(DELAY), *map(str, words)], stdout=subprocess.PIPE, text=True
        )
        if self.process.stdout.readline() != "ready\n":
            raise Failed("the link did not come up")
        unique = self.process.pid % 100000
        add = lambda address: run(
            ["ip", "-n", self.server, "addr", "add", address, "dev", f"lcr{unique}"])
        for address in (f"{SERVER[1]}/24", *METADATA):
            add(address)
        run(["ip", "-n", self.client, "route", "add", "169.254.0.0/16", "dev", f"lcl{unique}"])

    def within_client(self):
        return ["ip", "netns", "exec", self.client]

    def within_server(self):
        return ["ip", "netns", "exec", self.server]
