/**
 * `pnpm bench [--rounds n] [--record] [words]`: races of `packages/<p>/bench/*.bench.mjs`. Ours and the peers take turns on the same input;
 * each call is timed in process CPU time, results are checked equal, the ratio of minima is reported. A Python peer that is not installed
 * (`GTC_PYTHON` names the interpreter) is reported as absent. `--record` writes the table into the README beside
 * the bench file, one section for each file and version of Node.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { root } from '../bootstrap/setup.mjs';

const flag = (name, fallback) => {
  const at = process.argv.indexOf(name);
  return at < 0 ? fallback : Number(process.argv[at + 1]);
};
const rounds = flag('--rounds', 7);
const words = process.argv.slice(2).filter((word, i, all) => !word.startsWith('--') && all[i - 1] !== '--rounds');

function benchFiles() {
  return readdirSync(join(root, 'packages')).flatMap(name => {
    const folder = join(root, 'packages', name, 'bench');
    try {
      return readdirSync(folder)
        .filter(file => file.endsWith('.bench.mjs'))
        .map(file => join(folder, file));
    } catch {
      return [];
    }
  });
}

/** A peer in this process. */
function localPeer(run) {
  return {
    async call() {
      const before = process.cpuUsage();
      const result = await run();
      const { user, system } = process.cpuUsage(before);
      return { ms: (user + system) / 1000, result };
    },
    close() {},
  };
}

/** A Python peer in a process of its own, or the reason why there is none. */
async function pythonPeer({ setup }, dataFile) {
  const child = spawn(process.env.GTC_PYTHON ?? 'python3', [join(root, 'tools', 'bench', 'peer.py')], { stdio: ['pipe', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error('the Python peer ended early');
    return JSON.parse(value);
  };
  child.stdin.write(`${JSON.stringify({ setup, data: dataFile })}\n`);
  try {
    const { ready, reason, version } = await read();
    if (!ready) return { absent: reason };
    return {
      version,
      async call() {
        child.stdin.write('\n');
        return read();
      },
      close: () => child.stdin.end(),
    };
  } catch (error) {
    return { absent: error.message };
  }
}

async function openPeer(peer, dataFile) {
  if (typeof peer === 'object') return pythonPeer(peer, dataFile);
  try {
    return localPeer(await peer());
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    return { absent: error.message.split('\n')[0] };
  }
}

/** Largest relative difference of two results, numbers or lists of numbers. */
function difference(a, b) {
  const [x, y] = [[a].flat(3), [b].flat(3)];
  if (x.length !== y.length) return Number.POSITIVE_INFINITY;
  return x.reduce((worst, value, i) => Math.max(worst, Math.abs(value - y[i]) / Math.max(1, Math.abs(y[i]))), 0);
}

const median = values => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function race({ name, data, peers, tolerance }) {
  const folder = mkdtempSync(join(tmpdir(), 'gtc-bench-'));
  const dataFile = join(folder, 'data.json');
  writeFileSync(dataFile, JSON.stringify(typeof data === 'function' ? data() : data));
  const entries = [];
  for (const [peer, run] of Object.entries(peers)) entries.push({ peer, times: [], ...(await openPeer(run, dataFile)) });
  for (let round = 0; round < rounds; round++) {
    for (const entry of entries.filter(each => each.call)) {
      const { ms, result } = await entry.call();
      entry.times.push(ms);
      entry.result = result;
    }
  }
  for (const entry of entries) entry.close?.();
  rmSync(folder, { recursive: true });
  const ours = entries[0];
  const best = Math.min(...ours.times);
  return entries.map(entry => {
    if (!entry.call) return { name, peer: entry.peer, absent: entry.absent };
    const off = difference(entry.result, ours.result);
    const agrees =
      tolerance[entry.peer] === null ? 'other definition' : off <= (tolerance[entry.peer] ?? tolerance.all) ? 'yes' : `NO (${off.toExponential(1)})`;
    return {
      name,
      peer: entry.peer,
      version: entry.version ?? '',
      best: Math.min(...entry.times),
      median: median(entry.times),
      ratio: Math.min(...entry.times) / best,
      agrees,
    };
  });
}

function tableOf(rows) {
  const line = row =>
    row.absent
      ? `| ${row.name} | ${row.peer} | absent: ${row.absent} | | | |`
      : `| ${row.name} | ${row.peer} ${row.version} | ${row.best.toFixed(2)} | ${row.median.toFixed(2)} | ${row.ratio.toFixed(1)} | ${row.agrees} |`;
  return ['| workload | peer | best, ms CPU | median | times ours (minima) | agrees |', '| --- | --- | --- | --- | --- | --- |', ...rows.map(line)].join('\n');
}

/** Puts a section into a README of races, in place of the one that it replaces. */
function recordSection(path, title, body) {
  const [head, ...sections] = existsSync(path) ? readFileSync(path, 'utf8').split(/^(?=## )/m) : [];
  const kept = sections.filter(section => !section.startsWith(`## ${title}\n`));
  const all = [...kept, `## ${title}\n\n${body}\n`].map(section => `${section.trimEnd()}\n`).sort();
  const intro = `# Races\n\nOne thread, process CPU time, rounds interleaved in one run, results compared. A ratio above 1 means that the peer takes that many times as long.\n"Other definition": the peer computes something else under the name.\n`;
  writeFileSync(path, [head?.startsWith('# Races\n') ? `${head.trimEnd()}\n` : intro, ...all].join('\n'));
}

let failed = false;
for (const file of benchFiles()) {
  const { races } = await import(pathToFileURL(file).href);
  const rows = [];
  for (const each of races.filter(({ name }) => words.length === 0 || words.some(word => name.includes(word)))) {
    const result = await race(each);
    rows.push(...result);
    process.stdout.write(
      `${result.map(row => `${row.name.padEnd(34)} ${row.peer.padEnd(24)} ${row.absent ? 'absent' : `${row.best.toFixed(2).padStart(9)} ms  x${row.ratio.toFixed(1).padStart(6)}  agrees: ${row.agrees}`}`).join('\n')}\n`,
    );
  }
  failed ||= rows.some(row => row.agrees?.startsWith('NO'));
  if (process.argv.includes('--record') && rows.length > 0) {
    const [{ model }] = cpus();
    const about = `${new Date().toISOString().slice(0, 10)}, ${cpus().length} cores, ${model.trim()}, Node ${process.versions.node}, ${rounds} rounds.`;
    const title = `${basename(file, '.bench.mjs')}, Node ${process.versions.node.split('.')[0]}`;
    recordSection(join(dirname(file), 'README.md'), title, `${about}\n\n${tableOf(rows)}`);
  }
}
process.exitCode = failed ? 1 : 0;
