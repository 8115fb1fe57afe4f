/**
 * What `gtc run lora-finetune` writes in the hands of others: peft loads the adapter, transformers the merged model, safetensors and gguf read the files,
 * llama.cpp writes the same tokens.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { exportGguf, readGguf } from '@gtc/deployment/gguf';
import { readSafetensors } from '@gtc/deployment/safetensors';
import { createModel, loadModel } from '@gtc/models/architectures';
import { loadAdapter } from '@gtc/training/lora';
import { root } from '../bootstrap/setup.mjs';

const here = join(root, 'tools', 'interop');
const cli = join(root, 'packages', 'cli');
const base = join(cli, 'data', 'base');
/** Packages of llama.cpp for this machine. */
const LLAMA = '3.22.1';
const PLATFORM = { 'linux-x64': 'linux-x64', 'linux-arm64': 'linux-arm64', 'darwin-arm64': 'mac-arm64-metal', 'darwin-x64': 'mac-x64', 'win32-x64': 'win-x64' }[
  `${process.platform}-${process.arch}`
];

const bytesOf = path => new Uint8Array(readFileSync(path));
const jsonOf = path => JSON.parse(readFileSync(path, 'utf8'));
const checkpointOf = folder => ({ config: jsonOf(join(folder, 'config.json')), tensors: readSafetensors(bytesOf(join(folder, 'model.safetensors'))).tensors });
const sumOf = x => [...x.astype('float64').contiguous().data].reduce((a, b) => a + b, 0);
const near = (a, b, tolerance) => Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(b));

/** Types of super-blocks, which need rows of 256. */
const WIDE_TYPES = ['Q4_K_M', 'Q5_K_M', 'Q5_K_S', 'Q6_K'];
const WIDE = { hidden_size: 256, intermediate_size: 512, num_hidden_layers: 3, num_attention_heads: 4, num_key_value_heads: 2, tie_word_embeddings: true };

/**
 * Files of a model that is wide enough for super-blocks. Its embeddings outweigh what its layers add, so that rounding leaves its tokens as they are.
 *
 * @returns the tokens that it writes after a prompt
 */
function writeWide(folder, prompt, count) {
  const config = { ...jsonOf(join(base, 'config.json')), ...WIDE };
  const model = createModel(config, { seed: 11 });
  const state = model.stateDict();
  const tensors = { ...state, 'model.embed_tokens.weight': state['model.embed_tokens.weight'].mul(10) };
  mkdirSync(folder, { recursive: true });
  const source = { config, tensors, tokenizer: jsonOf(join(base, 'tokenizer.json')) };
  for (const type of WIDE_TYPES) writeFileSync(join(folder, `${type}.gguf`), exportGguf(source, type));
  return loadModel(config, tensors)
    .generate({ inputIds: [prompt] }, { maxNewTokens: count, eosTokenId: null })
    .sequences[0].slice(prompt.length);
}

/** Tokens of llama.cpp for GGUF files; null, with the reason said, where it cannot be installed. */
function llamaTokens(cache, folder, summary, models) {
  const place = join(cache, 'llama');
  mkdirSync(place, { recursive: true });
  const entry = join(place, 'node_modules', 'node-llama-cpp', 'dist', 'index.js');
  if (!existsSync(entry)) {
    const packages = [`node-llama-cpp@${LLAMA}`, `@node-llama-cpp/${PLATFORM}@${LLAMA}`];
    const flags = ['--no-save', '--ignore-scripts', '--omit=optional', '--no-audit', '--no-fund'];
    const { status, stderr, error } = spawnSync('npm', ['install', '--prefix', place, ...flags, ...packages], { encoding: 'utf8' });
    if (status !== 0) {
      process.stdout.write(`interop: llama.cpp not run, because it could not be installed: ${error?.message ?? stderr.trim().split('\n').at(-1)}\n`);
      return null;
    }
  }
  const [script, answer] = [join(place, 'generate.mjs'), join(folder, '..', 'llama.json')];
  const request = {
    prompt: summary.prompt,
    count: summary.after.tokens.length,
    models,
  };
  writeFileSync(
    script,
    `import { writeFileSync } from 'node:fs';
import { getLlama } from ${JSON.stringify(pathToFileURL(entry).href)};
const { prompt, count, models } = ${JSON.stringify(request)};
const llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: 'error' });
const answers = [];
for (const modelPath of models) {
  const model = await llama.loadModel({ modelPath });
  const context = await model.createContext({ contextSize: 256, threads: 1 });
  const tokens = [];
  for await (const token of context.getSequence().evaluate(prompt.tokens, { temperature: 0, yieldEogToken: true })) {
    tokens.push(token);
    if (tokens.length === count) break;
  }
  answers.push({ prompt: [...model.tokenize(prompt.text)], tokens });
}
writeFileSync(${JSON.stringify(answer)}, JSON.stringify(answers));
process.exit(0);
`,
  );
  const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`llama.cpp failed: ${stderr.slice(0, 500)}`);
  return jsonOf(answer);
}

/** Runs the recipe and gives its files to everyone. `report(same, story)` hears of each answer. */
export function compareTraining({ cache, folder, interpreter, report }) {
  const tuned = join(folder, 'tuned');
  const recipe = spawnSync(process.execPath, [join(cli, 'dist', 'main.js'), 'run', 'lora-finetune', '--steps', '24', '--out', tuned], { encoding: 'utf8' });
  if (recipe.status !== 0) throw new Error(`the recipe failed: ${recipe.stderr}`);
  const summary = jsonOf(join(tuned, 'summary.json'));
  const prompt = summary.prompt.tokens;
  const same = (name, got, want) => {
    const [a, b] = [JSON.stringify(got), JSON.stringify(want)];
    report(a === b, `${name}: ${a.slice(0, 200)}, the client has ${b.slice(0, 200)}`);
  };

  const wide = join(folder, 'wide');
  const wideTokens = writeWide(wide, prompt, summary.after.tokens.length);
  const files = {
    ...Object.fromEntries(['f16', 'q8_0', 'q4_0'].map(name => [name, join(tuned, 'gguf', `model-${name}.gguf`)])),
    ...Object.fromEntries(WIDE_TYPES.map(type => [type, join(wide, `${type}.gguf`)])),
  };

  if (interpreter !== null) {
    const { status, stderr } = spawnSync(interpreter, [join(here, 'training.py'), base, tuned, JSON.stringify(files)], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`training.py failed: ${stderr.trim().split('\n').slice(-3).join(' ')}`);
    const answers = jsonOf(`${tuned}.json`);
    const { config, tensors } = checkpointOf(base);
    const merged = checkpointOf(join(tuned, 'merged'));
    const adapted = loadModel(config, tensors);
    loadAdapter(adapted, {
      config: jsonOf(join(tuned, 'adapter', 'adapter_config.json')),
      tensors: readSafetensors(bytesOf(join(tuned, 'adapter', 'adapter_model.safetensors'))).tensors,
    });
    const models = { base: loadModel(config, tensors), adapter: adapted, merged: loadModel(merged.config, merged.tensors) };
    for (const [name, model] of Object.entries(models)) {
      const ours = model
        .forward({ inputIds: [prompt] })
        .logits.get(0, -1)
        .tolist();
      const worst = Math.max(...ours.map((value, i) => Math.abs(value - answers[name].logits[i])));
      report(worst <= 1e-4 && ours.length === answers[name].logits.length, `${name}: a logit differs by ${worst}`);
      const greedy = model.generate({ inputIds: [prompt] }, { maxNewTokens: summary.after.tokens.length, eosTokenId: null }).sequences[0].slice(prompt.length);
      same(`${name}: greedy tokens`, greedy, answers[name].greedy);
    }
    same('tokenizer of the merged model', prompt, answers.prompt);
    same('text of the merged model', summary.after.sample, answers.text);
    for (const [name, theirs] of Object.entries(answers.safetensors)) {
      const ours = readSafetensors(bytesOf(join(tuned, `${name}.safetensors`))).tensors;
      same(`${name}: names`, [...ours.keys()].sort(), Object.keys(theirs).sort());
      for (const [tensor, [shape, sum]] of Object.entries(theirs)) {
        const x = ours.get(tensor).load();
        report(x.shape.join() === shape.join() && near(sumOf(x), sum, 1e-6), `${name}: ${tensor} has another shape or sum`);
      }
    }
    for (const [name, theirs] of Object.entries(answers.gguf))
      for (const each of readGguf(bytesOf(files[name])).tensors) {
        const [type, sum] = theirs[each.name] ?? [];
        report(type === each.type && near(sumOf(each.load()), sum, 1e-5), `${name}: ${each.name} is ${each.type}, the reader has ${type}, or another sum`);
      }
    process.stdout.write(`interop: models and files as in peft ${answers.versions.peft}, transformers ${answers.versions.transformers}\n`);
  }

  const written = PLATFORM === undefined ? null : llamaTokens(cache, tuned, summary, Object.values(files));
  if (written === null) return;
  for (const { prompt: tokens } of written) same('llama.cpp: tokens of the prompt', prompt, tokens);
  // Greedy by our scores too: of the tokens that llama.cpp wrote, each is the likeliest after those before it, or as likely as rounding can tell.
  const { config, tensors } = checkpointOf(join(tuned, 'merged'));
  const merged = loadModel(config, tensors);
  for (const [i, [name, margin]] of [
    ['F16', 0.02],
    ['Q8_0', 0.1],
  ].entries()) {
    const { tokens } = written[i];
    const scores = merged
      .forward({ inputIds: [[...prompt, ...tokens]] })
      .logits.get(0)
      .tolist();
    tokens.forEach((token, at) => {
      const row = scores[prompt.length - 1 + at];
      const short = Math.max(...row) - row[token];
      report(short <= margin, `llama.cpp: token ${at} written from ${name} scores ${short} below the likeliest`);
    });
  }
  report(written[2].tokens.length === summary.after.tokens.length, 'llama.cpp: writes from Q4_0');
  for (const [i, type] of WIDE_TYPES.entries()) same(`llama.cpp: tokens written from ${type}`, wideTokens, written[3 + i].tokens);
}
