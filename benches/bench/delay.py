"""Carries packets between two network namespaces, each of them late.

Usage: delay.py NAMESPACE ADDRESS NAMESPACE ADDRESS MILLISECONDS. It makes a tun device in
each namespace and holds back whatever comes for that long, the packets that open and close
connections too, so that a round trip takes twice as long. It prints a line when it is ready,
and the devices go with it. Kernels often lack netem, hence this.
"""

import collections
import contextlib
import fcntl
import os
import select
import struct
import subprocess
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN = 0x0001
IFF_NO_PI = 0x1000
LARGEST = 65536


def tun(namespace, address, name):
    """A tun device in a namespace, and the descriptor of its other end."""
    end = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(end, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    inside = ["ip", "-n", namespace]
    for command in (
        ["ip", "link", "set", name, "netns", namespace],
        [*inside, "addr", "add", f"{address}/24", "dev", name],
        [*inside, "link", "set", name, "up"],
    ):
        subprocess.run(command, check=True)
    return end


def carry(left, right, seconds):
    """Until it is stopped. Every packet waits as long, so the first in is the first out."""
    other = {left: right, right: left}
    waiting = collections.deque()
    while True:
        now = time.monotonic()
        while waiting and waiting[0][0] <= now:
            _, end, packet = waiting.popleft()
            try:
                os.write(end, packet)
            except OSError:
                pass  # A full queue drops packets, as a router would.
        left_over = max(0.0, waiting[0][0] - now) if waiting else None
        for end in select.select(list(other), [], [], left_over)[0]:
            try:
                while True:
                    packet = os.read(end, LARGEST)
                    waiting.append((time.monotonic() + seconds, other[end], packet))
            except BlockingIOError:
                pass


def be_prompt():
    """Before all that is not as urgent, where that is allowed."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))


def main():
    here, here_address, there, there_address, milliseconds = sys.argv[1:]
    unique = os.getpid() % 100000
    left = tun(here, here_address, f"lcl{unique}")
    right = tun(there, there_address, f"lcr{unique}")
    be_prompt()
    print("ready", flush=True)
    carry(left, right, float(milliseconds) / 1000)


if __name__ == "__main__":
    main()
