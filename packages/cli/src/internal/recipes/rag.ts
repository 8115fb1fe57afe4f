/** `gtc run rag`: passages of your own texts that answer a question, and a prompt that holds a model to them. */
import { readdir, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { NotFoundError, ValidationError } from '@gtc/errors';
import { wordsOf } from '@gtc/oracle';
import { type Chunk, chunkDocument, createChunkConfig } from '@gtc/rag/chunking';
import { calculateBm25Score, fuseRankings, type Ranks } from '@gtc/rag/hybrid-search';
import { dotProduct } from '@gtc/rag/retrieval';
import { shippedVectors } from '../commands/library.js';
import { DEFAULTS, MOBY_DICK } from './data.js';
import { type Files, OutputFolder, readText, touching } from './files.js';
import type { Recipe, RecipeOptions, RecipeResult, Surroundings } from './recipe.js';
import { row, whole, writtenRows } from './report.js';

const TEXTS = new Set(['.txt', '.md', '.mdx', '.rst', '.adoc', '.csv', '.json', '.html']);
const [CHUNK, OVERLAP, PASSAGES, CANDIDATES] = [800, 120, 5, 200];

/** A chunk with the file that it is from, and its words. */
interface Passage extends Chunk {
  readonly file: string;
  readonly words: readonly string[];
}

/** The text files of a folder and those below, or a file alone. Hidden ones are left out, links are not followed. */
async function textFiles(path: string): Promise<string[]> {
  const info = await touching('read', path, () => stat(path));
  if (info.isFile()) return [path];
  const entries = await touching('read', path, () => readdir(path, { withFileTypes: true }));
  const found: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.') || entry.name === 'node_modules') continue;
    if (entry.isDirectory()) found.push(...(await textFiles(join(path, entry.name))));
    else if (entry.isFile() && TEXTS.has(extname(entry.name).toLowerCase())) found.push(join(path, entry.name));
  }
  return found;
}

async function passagesOf(files: Files, paths: readonly string[]): Promise<Passage[]> {
  const config = createChunkConfig({ strategy: 'recursive', chunkSize: CHUNK, overlapSize: OVERLAP });
  const passages: Passage[] = [];
  for (const file of paths) {
    const text = await readText(files, file);
    passages.push(...chunkDocument(text, { config, documentId: file }).map(chunk => ({ ...chunk, file, words: wordsOf(chunk.content) })));
  }
  return passages;
}

/** Places from 1 of the best scores, by the passage's number. */
function ranksOf(scores: readonly number[]): Ranks {
  const order = scores.map((_, i) => i).filter(i => scores[i]! > 0);
  const best = order.sort((a, b) => scores[b]! - scores[a]! || a - b).slice(0, CANDIDATES);
  return Object.fromEntries(best.map((i, place) => [String(i), place + 1]));
}

/** BM25 of every text for the words of a question. */
function wordScores(question: readonly string[], texts: readonly (readonly string[])[]): number[] {
  const length = texts.reduce((sum, words) => sum + words.length, 0) / texts.length;
  const wanted = [...new Set(question)].map(word => [word, texts.filter(words => words.includes(word)).length] as const).filter(([, holders]) => holders > 0);
  return texts.map(words =>
    wanted.reduce((sum, [word, holders]) => {
      const count = words.reduce((times, each) => times + (each === word ? 1 : 0), 0);
      return count === 0 ? sum : sum + calculateBm25Score(count, holders, words.length, length, texts.length);
    }, 0),
  );
}

/** The sentence of the passages that the question's words find first. */
function bestSentence(question: readonly string[], passages: readonly Passage[]): string {
  const sentences = passages.flatMap(({ content }) => content.replace(/\s+/g, ' ').match(/[^.!?]+[.!?]+["”’]?/g) ?? [content]).map(sentence => sentence.trim());
  const scores = wordScores(question, sentences.map(wordsOf));
  return sentences[scores.indexOf(Math.max(...scores))]!;
}

function promptFor(question: string, passages: readonly Passage[]): string {
  const sources = passages.map(({ content, file }, i) => `[${i + 1}] ${basename(file)}\n${content.trim()}`);
  return `Answer the question from the passages alone, and name the passage in brackets. If they do not answer it, say so.\n\n${sources.join('\n\n')}\n\nQuestion: ${question}\nAnswer:`;
}

async function run(options: RecipeOptions, { files, progress, now }: Surroundings): Promise<RecipeResult> {
  const begin = now();
  const { question, text: path } = options;
  const asked = wordsOf(question);
  if (asked.length === 0) throw new ValidationError(`--question must ask for something, got '${question}'`, { parameter: 'question', received: question });
  const output = new OutputFolder(options.out, files);
  const paths = await textFiles(path);
  if (paths.length === 0) throw new NotFoundError(`no text files in ${path}; looked for ${[...TEXTS].join(', ')}`, { parameter: 'text', received: path });
  await output.claim();
  progress.log(`cutting ${paths.length} files into passages`);
  const passages = await passagesOf(files, paths);
  if (passages.length === 0) throw new ValidationError(`${path} holds no text`, { parameter: 'text', received: path });
  const vectors = shippedVectors();
  const meaning = vectors.embed(question);
  const byWords = wordScores(
    asked,
    passages.map(({ words }) => words),
  );
  const byMeaning = passages.map(({ content }) => {
    const vector = vectors.embed(content);
    return meaning === null || vector === null ? 0 : dotProduct([...meaning], [...vector]);
  });
  const fused = fuseRankings(ranksOf(byMeaning), ranksOf(byWords), { denseWeight: 0.3, sparseWeight: 0.7 }).slice(0, PASSAGES);
  if (fused.length === 0) throw new NotFoundError(`nothing in ${path} has to do with the question`, { parameter: 'question', received: question });
  const best = fused.map(([place]) => passages[Number(place)]!);
  const found = fused.map(([place, score]) => {
    const { file, startOffset, endOffset, content } = passages[Number(place)]!;
    return {
      file: relative(path, file) || basename(file),
      startOffset,
      endOffset,
      score,
      words: byWords[Number(place)]!,
      meaning: byMeaning[Number(place)]!,
      content,
    };
  });
  const answer = bestSentence(asked, best);
  const json = { recipe: 'rag', question, text: path, files: paths.length, passages: passages.length, answer, found, seconds: { all: (now() - begin) / 1000 } };
  const content = await output.finish(
    { 'prompt.txt': `${promptFor(question, best)}\n`, 'passages.jsonl': found.map(each => `${JSON.stringify(each)}\n`).join('') },
    json,
  );
  const lines = [
    `${whole(passages.length)} passages of ${whole(paths.length)} files searched in ${json.seconds.all.toFixed(1)} s`,
    '',
    row('question', question),
    row('sentence', answer),
    '',
    ...found.map(
      ({ file, startOffset, content: words }, i) => `  ${i + 1}. ${file} at ${whole(startOffset)}: ${words.replace(/\s+/g, ' ').trim().slice(0, 100)}...`,
    ),
    ...writtenRows(options.out, content),
    '  prompt.txt holds a model to these passages',
    '',
  ];
  return { json: { ...json, out: options.out, written: Object.keys(content) }, text: lines.join('\n') };
}

/** Answers a question from texts. */
export const rag: Recipe = {
  defaults: { ...DEFAULTS, text: MOBY_DICK, question: 'why does Ahab hunt the white whale?' },
  run,
};
