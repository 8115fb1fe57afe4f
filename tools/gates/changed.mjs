/** What the working tree changed since the last commit. */
import { spawnSync } from 'node:child_process';
import { root } from '../bootstrap/setup.mjs';

/** Paths of changed and new files, relative to the root; deleted ones left out. */
export function changedFiles() {
  const git = (...args) => spawnSync('git', args, { cwd: root, encoding: 'utf8' }).stdout.split('\n').filter(Boolean);
  return [...new Set([...git('diff', '--name-only', '--diff-filter=d', 'HEAD'), ...git('ls-files', '--others', '--exclude-standard')])];
}

/** Packages that hold changed files. */
export function changedPackages(files = changedFiles()) {
  return [...new Set(files.map(file => /^packages\/([^/]+)\//.exec(file)?.[1]).filter(Boolean))];
}
