"""Writes `xxh64.json`: digests of `(7 i + 3) mod 256`, i = 0 .. n-1, by the xxhash library, which wraps the reference implementation."""
import argparse
import json

import xxhash

parser = argparse.ArgumentParser()
parser.add_argument("--out", required=True)
arguments = parser.parse_args()
cases = []
for n in [*range(0, 72), 95, 96, 97, 128, 200, 1000]:
    data = bytes((7 * i + 3) % 256 for i in range(n))
    cases.append({"name": f"xxh64-{n}", "call": "xxh64", "input": {"length": n}, "expect": {"y": xxhash.xxh64(data).hexdigest()}})
topic = {"topic": "xxh64", "source": {"library": "xxhash", "version": xxhash.VERSION}, "tolerance": {"rtol": 0, "atol": 0}, "cases": cases}
with open(arguments.out, "w") as file:
    json.dump(topic, file, indent=1)
    file.write("\n")
