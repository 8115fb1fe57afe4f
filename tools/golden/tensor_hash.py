"""Digests and checksums of bytes of every length at which an algorithm changes its way: python3 tensor_hash.py [--out DIR]"""
import argparse, hashlib, json, os, zlib
from importlib.metadata import version

import crc32c

import mmh3
import xxhash

a = argparse.ArgumentParser()
a.add_argument("--out", default=os.path.join(os.path.dirname(__file__), "../../packages/tensor/evidence"))
out = a.parse_args().out
LENGTHS = [*range(0, 36), *range(60, 70), *range(94, 100), *range(125, 132), *range(159, 163), *range(191, 195), *range(237, 244), *range(254, 259), 511, 512, 1023, 1024, 1025, 1088, 1089, 2048, 2049]
DATA = [bytes((7 * i + 3) % 256 for i in range(n)) for n in LENGTHS]
xx = lambda name: lambda d, seed: getattr(xxhash, name)(d, seed=seed).hexdigest()
SEEDED = {"xxh32": xx("xxh32"), "xxh64": xx("xxh64"), "xxh3_64": xx("xxh3_64"), "xxh3_128": xx("xxh3_128"), "murmur3_32": lambda d, seed: format(mmh3.hash(d, seed, signed=False), "08x"), "murmur3_x64_128": lambda d, seed: format(mmh3.hash128(d, seed, True), "032x")}
CHECKS = {"crc32": zlib.crc32, "crc32c": crc32c.crc32c, "adler32": zlib.adler32}
cases = [{"name": f"{k}-seed{seed}", "call": "hexDigest", "input": {"algorithm": k, "lengths": LENGTHS, "options": {"seed": seed}}, "expect": {"y": [f(d, seed) for d in DATA]}} for k, f in SEEDED.items() for seed in (0, 7, 0xDEADBEEF)]
cases += [{"name": f"blake2b-{n}", "call": "hexDigest", "input": {"algorithm": "blake2b", "lengths": LENGTHS, "options": {"digestSize": n}}, "expect": {"y": [hashlib.blake2b(d, digest_size=n).hexdigest() for d in DATA]}} for n in (1, 8, 64)]
cases += [{"name": k, "call": k, "input": {"lengths": LENGTHS}, "expect": {"y": [f(d) for d in DATA]}} for k, f in CHECKS.items()]
os.makedirs(os.path.join(out, "hash"), exist_ok=True)
with open(os.path.join(out, "hash", "digests.json"), "w") as f:
    json.dump({"topic": "digests", "source": {"library": "xxhash, mmh3, hashlib, zlib, crc32c", "version": f"{xxhash.VERSION}, {version('mmh3')}, 3.11"}, "tolerance": {"rtol": 0, "atol": 0}, "cases": cases}, f, indent=1)
    f.write("\n")
