import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FormatError, NotFoundError, ResourceError, ShapeError, StateError, UnsupportedError, ValidationError } from '@gtc/errors';
import { arange, tensor } from '@gtc/tensor';
import { afterAll, describe, expect, it } from 'vitest';
import { type FileSource, openFile } from './files.js';
import { readSafetensors, readShardedSafetensors, writeSafetensors } from './safetensors.js';

const folder = mkdtempSync(join(tmpdir(), 'gtc-files-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const path = join(folder, 'model.safetensors');
const tensors = {
  table: arange(0, 12).astype('float32').reshape([4, 3]),
  halves: tensor([1, 2.5], { dtype: 'float16' }),
  count: tensor(7, { dtype: 'int64' }),
  nothing: tensor([]).reshape([0, 5]),
};
const bytes = writeSafetensors(tensors, { metadata: { format: 'pt' } });
writeFileSync(path, bytes);

/** A source that notes what is read. */
function noting(file: FileSource): { readonly source: FileSource; readonly reads: (readonly [number, number])[] } {
  const reads: (readonly [number, number])[] = [];
  const readInto = file.readInto.bind(file);
  file.readInto = (target, offset) => {
    reads.push([offset, target.length]);
    readInto(target, offset);
  };
  return { source: file, reads };
}

describe('openFile', () => {
  it('gives the same tensors as the bytes', () => {
    using file = openFile(path);
    const [lazy, whole] = [readSafetensors(file), readSafetensors(bytes)];
    expect([...lazy.tensors.keys()]).toEqual([...whole.tensors.keys()]);
    for (const [name, x] of lazy.tensors) {
      expect([x.load().dtype, x.load().tolist()], name).toEqual([whole.tensors.get(name)!.load().dtype, whole.tensors.get(name)!.load().tolist()]);
      expect([...x.bytes()]).toEqual([...whole.tensors.get(name)!.bytes()]);
      expect(x.array()).toEqual(whole.tensors.get(name)!.array());
    }
    expect([lazy.metadata, lazy.headerBytes]).toEqual([whole.metadata, whole.headerBytes]);
  });

  it('reads the header first, then each tensor when it is asked for', () => {
    const { source, reads } = noting(openFile(path));
    const { tensors: found, headerBytes } = readSafetensors(source);
    expect(reads).toEqual([
      [0, 8],
      [8, headerBytes],
    ]);
    const [start] = found.get('table')!.dataOffsets;
    expect(found.get('table')!.loadRows(1, 3).tolist()).toEqual([
      [3, 4, 5],
      [6, 7, 8],
    ]);
    expect(reads.slice(2)).toEqual([[8 + headerBytes + start + 12, 24]]);
    source.close();
  });

  it('keeps what was read when it is closed, and refuses the rest', () => {
    const file = openFile(path);
    const found = readSafetensors(file).tensors.get('table')!;
    const before = found.load();
    file.close();
    file.close();
    expect(before.get(3, 2).item()).toBe(11);
    expect(() => found.load()).toThrow(StateError);
    expect(() => found.load()).toThrow(`${path} is closed`);
  });

  it('says which file does not exist, or is none', () => {
    expect(() => openFile(join(folder, 'missing'))).toThrow(NotFoundError);
    expect(() => openFile(join(folder, 'missing'))).toThrow(/there is no file .*missing/);
    expect(() => openFile(folder)).toThrow(ResourceError);
    expect(() => openFile(folder)).toThrow(/is no file/);
    expect(() => openFile('')).toThrow(ValidationError);
  });

  it('says what the system refuses', () => {
    expect(() => openFile(join(path, 'below'))).toThrow(ResourceError);
    expect(() => openFile('x\0y')).toThrow(/cannot be read: /);
  });

  it('is closed at the end of a block', () => {
    const file = openFile(path);
    file[Symbol.dispose]();
    expect(() => file.readInto(new Uint8Array(1), 0)).toThrow(`${path} is closed`);
  });

  it('names the parameter and what it was', () => {
    const refusal = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (error) {
        const { parameter, received } = error as { parameter?: string; received?: unknown };
        return { parameter, received };
      }
    };
    for (const odd of [join(folder, 'missing'), join(path, 'below'), folder])
      expect(refusal(() => openFile(odd))).toEqual({ parameter: 'path', received: odd });
    using file = openFile(path);
    expect(refusal(() => file.readInto(new Uint8Array(8), bytes.length - 3))).toMatchObject({ parameter: 'path' });
    expect(() => file.readInto(new Uint8Array(8), bytes.length - 3)).toThrow(`ends before its 8 bytes from ${bytes.length - 3} (at offset ${bytes.length})`);
  });

  it('notices a file that became shorter', () => {
    const short = join(folder, 'short.safetensors');
    writeFileSync(short, bytes);
    using file = openFile(short);
    const { tensors: found } = readSafetensors(file);
    truncateSync(short, bytes.length - 30);
    expect(() => [...found.values()].map(x => x.load())).toThrow(FormatError);
    expect(() => [...found.values()].map(x => x.load())).toThrow(/ends before its \d+ bytes from \d+/);
  });

  it('notices a file that is longer than its tensors', () => {
    const long = join(folder, 'long.safetensors');
    writeFileSync(long, bytes);
    appendFileSync(long, 'x');
    using file = openFile(long);
    expect(() => readSafetensors(file)).toThrow(/the data have \d+ bytes/);
  });

  it('serves shards beside an index', () => {
    using file = openFile(path);
    const map = readShardedSafetensors({ weight_map: { table: 'model.safetensors' } }, () => file);
    expect(map.get('table')!.load().shape).toEqual([4, 3]);
  });

  it('is not there outside Node', () => {
    const { process: own } = globalThis;
    Object.defineProperty(globalThis, 'process', { value: undefined, configurable: true });
    try {
      expect(() => openFile(path)).toThrow(UnsupportedError);
    } finally {
      Object.defineProperty(globalThis, 'process', { value: own, configurable: true });
    }
  });
});

describe('loadRows', () => {
  const found = readSafetensors(bytes).tensors;
  it('counts from the end where negative, and takes no rows', () => {
    expect(found.get('table')!.loadRows(-1, 4).tolist()).toEqual([[9, 10, 11]]);
    expect(found.get('table')!.loadRows(-3, -1).shape).toEqual([2, 3]);
    expect(found.get('table')!.loadRows(2, 2).shape).toEqual([0, 3]);
    expect(found.get('nothing')!.loadRows(0, 0).shape).toEqual([0, 5]);
    expect(found.get('halves')!.loadRows(1, 2).tolist()).toEqual([2.5]);
  });

  it('refuses rows that are not there, and tensors without rows', () => {
    expect(() => found.get('table')!.loadRows(0, 5)).toThrow(/stop must be/);
    expect(() => found.get('table')!.loadRows(3, 2)).toThrow(/stop must be/);
    expect(() => found.get('table')!.loadRows(-5, 2)).toThrow(/start must be/);
    expect(() => found.get('table')!.loadRows(0.5, 2)).toThrow(ValidationError);
    expect(() => found.get('count')!.loadRows(0, 1)).toThrow(ShapeError);
  });
});
