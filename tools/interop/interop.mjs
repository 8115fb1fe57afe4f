/**
 * `pnpm interop`: Python's `tokenizers` and `transformers` load what GTC writes, and GTC loads what they write; ids, tokens, places and decoded
 * texts must be the same. Vocabularies of public packages are run as well, and a fine-tuned model. `GTC_PYTHON` names an interpreter that has the packages
 * of `requirements.txt` and `requirements-training.txt`; without it they are installed into a virtual environment under `node_modules/.cache`.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTiktokenRanks, Tokenizer } from '@gtc/preprocessing/tokenization';
import { trainTokenizer } from '@gtc/preprocessing/tokenizer-training';
import { root } from '../bootstrap/setup.mjs';
import { compareTraining } from './training.mjs';
import { compareLlamaVocabularies, publishedTokenizers } from './vocabularies.mjs';

const here = join(root, 'tools', 'interop');
/** What was installed for a run stays for the next. */
const cache = join(root, 'node_modules', '.cache', 'interop-vocabularies');

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} failed: ${error?.message ?? `exit ${status}`}`);
}

/** An interpreter that has the clients; null, with the reason said, where they cannot be installed. */
function python(requirements) {
  if (process.env.GTC_PYTHON) return process.env.GTC_PYTHON;
  const folder = join(root, 'node_modules', '.cache', 'interop');
  const interpreter = join(folder, 'bin', 'python');
  try {
    if (!existsSync(interpreter)) run('python3', ['-m', 'venv', folder]);
    run(interpreter, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--requirement', join(here, requirements)]);
    return interpreter;
  } catch (error) {
    process.stdout.write(`interop: not run, because the Python clients could not be installed: ${error.message}\n`);
    return null;
  }
}

const TEXTS = [
  '',
  ' ',
  'Hello, world!',
  "It's 12345 o'clock; we'LL see -- won't we?",
  '  two  blanks\tand\n\nlines \r\n ',
  'naïve café, ＦＵＬＬ ｗｉｄｔｈ, ﬁne ½',
  'e\u0301 composed, İstanbul, ΌΔΥΣΣΕΥΣ ΣΑΣ',
  '日本語のテキスト、句読点。机器学习',
  'مرحبا بك ١٢٣ हिन्दी में क्षत्रिय',
  '👩‍🚀😀 and \u0000\u0007 control \u200b\ufeff',
  'a naïve [MASK] [SEP] <s>x</s> <|endoftext|>',
  'the model of the models is a modelled model. '.repeat(8),
];

/** Tokenizers that GTC trained, read and converted. */
function tokenizers() {
  const corpus = TEXTS.filter(text => text.trim() !== '').flatMap(text => [text, text]);
  const evidence = join(root, 'packages', 'preprocessing', 'evidence');
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const unk = { unkToken: '[UNK]', specialTokens: ['[UNK]', '[CLS]'] };
  const metaspace = { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true };
  const bert = { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, strip_accents: null, lowercase: true };
  const read = name => Tokenizer.fromJson(readFileSync(join(evidence, 'tokenizers', name), 'utf8'));
  const model = name => Tokenizer.fromSentencePiece(new Uint8Array(readFileSync(join(evidence, 'sentencepiece', name))));
  const ranks = [...readTiktokenRanks(readFileSync(join(evidence, 'tiktoken_ranks.tiktoken'), 'utf8'))];
  const pattern = "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s";
  return {
    'trained-bpe': trainTokenizer(corpus, { vocabSize: 500, initialAlphabet: 'bytes', preTokenizer: byteLevel, decoder: byteLevel }),
    'trained-wordpiece': trainTokenizer(corpus, {
      ...unk,
      algorithm: 'wordpiece',
      vocabSize: 300,
      normalizer: bert,
      preTokenizer: { type: 'BertPreTokenizer' },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    }),
    'trained-unigram': trainTokenizer(corpus, {
      ...unk,
      algorithm: 'unigram',
      vocabSize: 250,
      normalizer: { type: 'NFKC' },
      preTokenizer: metaspace,
      decoder: metaspace,
    }),
    'trained-wordlevel': trainTokenizer(corpus, {
      ...unk,
      algorithm: 'wordlevel',
      vocabSize: 100,
      normalizer: { type: 'Lowercase' },
      preTokenizer: { type: 'Whitespace' },
    }),
    'from-tiktoken': Tokenizer.fromTiktoken(ranks, pattern, { '<|endoftext|>': ranks.length }),
    ...Object.fromEntries(readdirSync(join(evidence, 'sentencepiece')).map(name => [`from-${name.replace('.model', '')}`, model(name)])),
    ...Object.fromEntries(readdirSync(join(evidence, 'tokenizers')).map(name => [`rewritten-${name.replace('.json', '')}`, read(name)])),
  };
}

/** Our answers in the clients' form. */
function answersOf(tokenizer) {
  const encodings = TEXTS.map(text => tokenizer.encode(text, { offsets: 'codepoint' }));
  const ids = encodings.map(encoding => [...encoding.ids]);
  return {
    ids,
    tokens: encodings.map(({ tokens }) => tokens),
    offsets: encodings.map(({ offsets, length }) => Array.from({ length }, (_, i) => [offsets[2 * i], offsets[2 * i + 1]])),
    decoded: ids.map(each => tokenizer.decode(each)),
    transformers: TEXTS.map(text => [...tokenizer.encodeIds(text)]),
  };
}

let [passed, failed] = [0, 0];
function compare(name, tokenizer, wanted) {
  const ours = answersOf(tokenizer);
  for (const field of Object.keys(ours)) {
    TEXTS.forEach((text, i) => {
      const [got, want] = [JSON.stringify(ours[field][i]), JSON.stringify(wanted[field][i])];
      report(got === want, `${name}: ${field} of ${JSON.stringify(text.slice(0, 40))}: ${got.slice(0, 200)}, the client has ${want.slice(0, 200)}`);
    });
  }
}

/** Gives our files to the clients, and theirs to us. */
function meet(interpreter) {
  const folder = mkdtempSync(join(tmpdir(), 'gtc-interop-'));
  try {
    const published = publishedTokenizers(cache);
    const ours = tokenizers();
    const files = { ...published, ...Object.fromEntries(Object.entries(ours).map(([name, tokenizer]) => [name, JSON.stringify(tokenizer.toJson())])) };
    const made = { ...ours, ...Object.fromEntries(Object.entries(published).map(([name, text]) => [name, Tokenizer.fromJson(text)])) };
    mkdirSync(join(folder, 'written'));
    for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, 'written', `${name}.json`), text);
    writeFileSync(join(folder, 'texts.json'), JSON.stringify(TEXTS));
    run(interpreter, [join(here, 'clients.py'), folder]);
    const answers = JSON.parse(readFileSync(join(folder, 'answers.json'), 'utf8'));
    for (const [name, tokenizer] of Object.entries(made)) compare(name, tokenizer, answers.written[name]);
    for (const [name, answer] of Object.entries(answers.trained)) {
      const tokenizer = Tokenizer.fromJson(readFileSync(join(folder, 'trained', `${name}.json`), 'utf8'));
      compare(`trained by the client: ${name}`, tokenizer, answer);
    }
    process.stdout.write(`interop: ${passed} answers are those of tokenizers ${answers.version} and transformers, ${failed} differ\n`);
    const [before, wrong] = [passed, failed];
    const count = compareLlamaVocabularies(cache, interpreter, report);
    process.stdout.write(`interop: ${passed - before} answers are those of ${count} vocabularies of llama.cpp, ${failed - wrong} differ\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Counts an answer, and says which one differs. */
function report(same, story) {
  if (same) passed++;
  else {
    failed++;
    process.stdout.write(`✗ ${story}\n`);
  }
}

/** Gives a fine-tuned model to the clients. */
function meetTraining() {
  const folder = mkdtempSync(join(tmpdir(), 'gtc-interop-'));
  const [before, wrong] = [passed, failed];
  try {
    compareTraining({ cache, folder, interpreter: python('requirements-training.txt'), report });
    process.stdout.write(`interop: ${passed - before} answers on a fine-tuned model are those of its clients, ${failed - wrong} differ\n`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const interpreter = python('requirements.txt');
if (interpreter !== null) meet(interpreter);
meetTraining();
mkdirSync(join(here, 'reports'), { recursive: true });
writeFileSync(join(here, 'reports', 'interop.json'), JSON.stringify({ passed, failed }));
process.exitCode = failed > 0 ? 1 : 0;
