/** `gtc` without a question on a terminal: one question after another. */
import type { Result } from '@gtc/oracle';
import { formatText } from '@gtc/oracle';
import { openOracle } from './library.js';
import { done, type Outcome, type Terminal } from './outcome.js';

const WELCOME = 'Ask in plain words; a number shows that answer whole, an empty line ends.\n';

function listed(results: readonly Result[], { strong, dim }: Terminal['style'], width: number): string {
  return results
    .map(({ pattern }, i) => {
      const head = `${i + 1}. ${strong(pattern.name)}  ${dim(pattern.specifier)}`;
      return `${head}\n   ${pattern.summary.slice(0, Math.max(20, width - 3))}\n`;
    })
    .join('');
}

/** Reads questions until there is none, and answers each at once. */
export async function converse(terminal: Terminal, write: (text: string) => void): Promise<Outcome> {
  const { prompt, style, width } = terminal;
  const oracle = await openOracle(terminal);
  write(WELCOME);
  let results: readonly Result[] = [];
  for (;;) {
    const line = (await prompt?.('gtc> '))?.trim() ?? '';
    if (line === '') return done('');
    const chosen = /^\d+$/.test(line) ? results[Number(line) - 1] : undefined;
    if (chosen !== undefined) {
      write(`${formatText([chosen], { style, width })}\n`);
      continue;
    }
    results = oracle.search(line);
    write(results.length === 0 ? 'Nothing matches; ask with other words.\n' : listed(results, style, width));
  }
}
