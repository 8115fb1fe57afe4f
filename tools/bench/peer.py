"""Runs one Python peer: reads a setup and a data file, then times one call for each line that arrives, in process CPU time."""
import json
import sys
import time

request = json.loads(sys.stdin.readline())
scope = {}
try:
    with open(request["data"], encoding="utf-8") as file:
        scope["data"] = json.load(file)
    exec(request["setup"], scope)
    versions = scope.get("version", "")
    print(json.dumps({"ready": True, "version": versions}), flush=True)
except ImportError as error:
    print(json.dumps({"ready": False, "reason": str(error)}), flush=True)
    sys.exit(0)
for _ in sys.stdin:
    start = time.process_time()
    result = scope["run"]()
    elapsed = time.process_time() - start
    print(json.dumps({"ms": elapsed * 1000, "result": result}), flush=True)
