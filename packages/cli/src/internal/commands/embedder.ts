/** A sentence-transformers model of the user's as the sense of meaning: `GTC_EMBEDDER` names its folder. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readSafetensors } from '@gtc/deployment/safetensors';
import { NotFoundError } from '@gtc/errors';
import { loadModel } from '@gtc/models/architectures';
import { decodeMeanings, type Embedder, encodeMeanings, MODULE_FIELDS, Oracle, packMeanings, SearchIndex, unit, writeWhole } from '@gtc/oracle';
import { Tokenizer } from '@gtc/preprocessing/tokenization';
import { noGrad, scope } from '@gtc/tensor';
import type { Terminal } from './outcome.js';

/** Tokens that are read of a text: as many as the usual sentence encoders were trained on. */
const LONGEST = 256;

const FILES = ['config.json', 'tokenizer.json', 'model.safetensors'] as const;

interface Settings {
  readonly pooling_mode_cls_token?: boolean;
}

function checkFolder(folder: string): void {
  const lacking = FILES.find(name => !existsSync(join(folder, name)));
  if (lacking !== undefined)
    throw new NotFoundError(`GTC_EMBEDDER must name a folder with ${FILES.join(', ')}; ${folder} lacks ${lacking}`, {
      parameter: 'GTC_EMBEDDER',
      received: folder,
    });
}

/** The model of a folder: text to the unit vector of its pooled tokens. */
export function sentenceEncoder(folder: string): Embedder {
  checkFolder(folder);
  const config = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as Record<string, unknown>;
  const { tensors } = readSafetensors(new Uint8Array(readFileSync(join(folder, 'model.safetensors'))));
  const model = loadModel({ ...config, architectures: undefined }, tensors);
  const tokenizer = Tokenizer.fromJson(readFileSync(join(folder, 'tokenizer.json'), 'utf8'));
  const poolingFile = join(folder, '1_Pooling', 'config.json');
  const { pooling_mode_cls_token: isFirst = false } = (existsSync(poolingFile) ? JSON.parse(readFileSync(poolingFile, 'utf8')) : {}) as Settings;
  const dimensions = Number(config['hidden_size']);
  const maxLength = Math.min(...[LONGEST, Number(config['max_position_embeddings'])].filter(Number.isFinite));
  const embed = (text: string): Float32Array | null => {
    const ids = [...tokenizer.encode(text, { truncation: { maxLength } }).ids];
    if (ids.length === 0) return null;
    const pooled = noGrad(() =>
      scope(() => {
        const { lastHiddenState } = model.forward({ inputIds: [ids] });
        return Float32Array.from((isFirst ? lastHiddenState!.get(null, 0) : lastHiddenState!.mean({ axis: 1 })).reshape([-1]).tolist() as number[]);
      }),
    );
    return unit(pooled);
  };
  return { dimensions, embed };
}

/** What tells one model folder from another without reading it whole. */
function fingerprint(folder: string, index: SearchIndex): string {
  const parts = FILES.map(name => {
    const { size, mtimeMs } = statSync(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
  return createHash('sha256')
    .update([folder, ...parts, index.info.origin, index.info.made].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

/** An oracle whose meanings are those of the user's model; they are computed once and kept beside the index. */
export function withEmbedder(index: SearchIndex, { embedder: folder, dataFolder, surroundings }: Terminal): Oracle {
  const encoder = sentenceEncoder(folder!);
  const path = join(dataFolder, `meanings-${fingerprint(folder!, index)}.gtc`);
  let meanings: Int8Array;
  try {
    meanings = decodeMeanings(readFileSync(path), index.moduleCount * encoder.dimensions);
  } catch {
    const vectors = [...index.modules()].map((module, i) => {
      surroundings.progress.update(`reading modules with ${folder}: ${i + 1} of ${index.moduleCount}`);
      const text = MODULE_FIELDS.slice(0, 3).map(field => field.text({ module, patterns: [] }));
      return encoder.embed([text[2], text[1], ...module.topics].join(', '));
    });
    meanings = packMeanings(vectors, encoder.dimensions);
    writeWhole(path, encodeMeanings(meanings));
  }
  return new Oracle(new SearchIndex({ ...index.parts, meanings }), encoder);
}
