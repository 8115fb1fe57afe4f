/** Model cards: front matter, sections, and what a card lacks. Mirrors `hf_gtc.hub.cards`. */
import { createFrom, type Definition, nonEmpty, notNull } from '@gtc/errors';
import { checkRepoId, getText, type HubOptions } from './internal/client/request.js';

/** Sections that a card must have, in lower case. */
export const REQUIRED_SECTIONS: ReadonlySet<string> = new Set(['intended uses', 'limitations', 'model description']);

/** Sections that a card should have, in lower case. */
export const RECOMMENDED_SECTIONS: ReadonlySet<string> = new Set(['bias', 'environmental impact', 'evaluation', 'how to use', 'training data']);

/** A heading and the text under it. */
export interface ModelCardSection {
  readonly title: string;
  /** 1 to 6. */
  readonly level: number;
  readonly content: string;
}

/** Defaults and rules of {@link ModelCardSection}. */
export const ModelCardSection: Definition<ModelCardSection> = {
  name: 'ModelCardSection',
  fields: {
    title: { kind: 'string' },
    level: { kind: 'int' },
    content: { kind: 'string' },
  },
};

/** The front matter of a card. */
export interface ModelCardMetadata {
  readonly license: string | null;
  readonly language: readonly string[];
  readonly tags: readonly string[];
  readonly datasets: readonly string[];
  readonly metrics: readonly string[];
  readonly libraryName: string | null;
  readonly pipelineTag: string | null;
  readonly baseModel: string | null;
  /** Fields beyond the known ones. */
  readonly extra: Readonly<Record<string, unknown>>;
}

/** Defaults and rules of {@link ModelCardMetadata}. */
export const ModelCardMetadata: Definition<ModelCardMetadata> = {
  name: 'ModelCardMetadata',
  fields: {
    license: { kind: 'string', default: null, nullable: true },
    language: { kind: 'array', of: { kind: 'string' }, default: [] },
    tags: { kind: 'array', of: { kind: 'string' }, default: [] },
    datasets: { kind: 'array', of: { kind: 'string' }, default: [] },
    metrics: { kind: 'array', of: { kind: 'string' }, default: [] },
    libraryName: { kind: 'string', default: null, nullable: true },
    pipelineTag: { kind: 'string', default: null, nullable: true },
    baseModel: { kind: 'string', default: null, nullable: true },
    extra: { kind: 'record', of: { kind: 'any' }, default: {} },
  },
};

/** A card in parts. */
export interface ModelCard {
  readonly modelId: string;
  readonly content: string;
  readonly metadata: ModelCardMetadata;
  readonly sections: readonly ModelCardSection[];
}

/** Defaults and rules of {@link ModelCard}. */
export const ModelCard: Definition<ModelCard> = {
  name: 'ModelCard',
  fields: {
    modelId: { kind: 'string' },
    content: { kind: 'string' },
    metadata: { kind: 'config', of: ModelCardMetadata },
    sections: { kind: 'array', of: { kind: 'config', of: ModelCardSection } },
  },
};

/** What a card lacks. */
export interface ValidationResult {
  readonly isValid: boolean;
  readonly missingSections: readonly string[];
  readonly missingMetadata: readonly string[];
  readonly warnings: readonly string[];
}

/** Defaults and rules of {@link ValidationResult}. */
export const ValidationResult: Definition<ValidationResult> = {
  name: 'ValidationResult',
  fields: {
    isValid: { kind: 'bool' },
    missingSections: { kind: 'array', of: { kind: 'string' } },
    missingMetadata: { kind: 'array', of: { kind: 'string' } },
    warnings: { kind: 'array', of: { kind: 'string' } },
  },
};

type Value = string | string[];

/** `'x'` and `"x"` without their quotes. */
const unquote = (text: string): string => /^(['"])(.*)\1$/s.exec(text)?.[2] ?? text;

/** The top level of front matter: scalars and lists of scalars; what is nested deeper is left out. */
function parseFrontMatter(text: string): Map<string, Value> {
  const fields = new Map<string, Value>();
  let current: string | null = null;
  for (const line of text.split('\n')) {
    const item = /^\s*-\s+(.*)$/.exec(line);
    const entry = /^([A-Za-z_][\w.-]*):\s*(.*)$/.exec(line);
    if (entry !== null) {
      const [, key, rest] = entry as unknown as [string, string, string];
      const list = /^\[(.*)\]$/.exec(rest.trim());
      current = rest.trim() === '' ? key : null;
      fields.set(
        key,
        list === null
          ? unquote(rest.trim())
          : list[1]!
              .split(',')
              .map(part => unquote(part.trim()))
              .filter(part => part !== ''),
      );
    } else if (item !== null && current !== null && !/^[\w.-]+:(\s|$)/.test(item[1]!)) {
      const list = fields.get(current);
      fields.set(current, [...(Array.isArray(list) ? list : []), unquote(item[1]!.trim())]);
    }
  }
  for (const [key, value] of fields) if (value === '') fields.delete(key);
  return fields;
}

const listOf = (value: Value | undefined): string[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);

const textOf = (value: Value | undefined): string | null => (value === undefined ? null : Array.isArray(value) ? (value[0] ?? null) : value);

function toMetadata(fields: ReadonlyMap<string, Value>): ModelCardMetadata {
  const known = new Set(['license', 'language', 'tags', 'datasets', 'metrics', 'library_name', 'pipeline_tag', 'base_model']);
  return createFrom(ModelCardMetadata, {
    license: textOf(fields.get('license')),
    language: listOf(fields.get('language')),
    tags: listOf(fields.get('tags')),
    datasets: listOf(fields.get('datasets')),
    metrics: listOf(fields.get('metrics')),
    libraryName: textOf(fields.get('library_name')),
    pipelineTag: textOf(fields.get('pipeline_tag')),
    baseModel: textOf(fields.get('base_model')),
    extra: Object.fromEntries([...fields].filter(([key]) => !known.has(key))),
  });
}

/** Headings with the text up to the next one; `#` within a code fence is no heading. */
function parseSections(body: string): ModelCardSection[] {
  const sections: { title: string; level: number; lines: string[] }[] = [];
  let fence: string | null = null;
  for (const line of body.split('\n')) {
    const mark = /^\s{0,3}(```|~~~)/.exec(line)?.[1] ?? null;
    if (mark !== null && (fence === null || fence === mark)) fence = fence === null ? mark : null;
    const heading = fence === null ? /^(#{1,6})\s+(\S.*)$/.exec(line) : null;
    if (heading !== null) sections.push({ title: heading[2]!.trim(), level: heading[1]!.length, lines: [] });
    else sections.at(-1)?.lines.push(line);
  }
  return sections.map(({ title, level, lines }) => ({ title, level, content: lines.join('\n').trim() }));
}

/**
 * A card in parts: the front matter between `---` fences (its top level), and the sections by heading. A text without front matter has empty metadata.
 *
 * @throws {ValidationError} unless content is not empty
 * @remarks Python: `hf_gtc.hub.cards.parse_model_card(content, model_id=)`.
 */
export function parseModelCard(content: string, { modelId = 'unknown' }: { readonly modelId?: string } = {}): ModelCard {
  nonEmpty(notNull(content, 'content').trim(), 'content');
  const text = content.replaceAll('\r\n', '\n');
  const front = /^\s*---[ \t]*\n([\s\S]*?)\n---[ \t]*(?:\n|$)/.exec(text);
  const metadata = toMetadata(front === null ? new Map() : parseFrontMatter(front[1]!));
  return { modelId, content, metadata, sections: parseSections(front === null ? text : text.slice(front[0].length)) };
}

/**
 * What a card lacks: required sections make it invalid, a licence and languages are reported, recommended sections are warned about.
 *
 * @remarks Python: `hf_gtc.hub.cards.validate_model_card(card)`.
 */
export function validateModelCard(card: ModelCard): ValidationResult {
  const titles = new Set(notNull(card, 'card').sections.map(section => section.title.toLowerCase()));
  const missingSections = [...REQUIRED_SECTIONS].filter(title => !titles.has(title));
  const { license, language } = card.metadata;
  return {
    isValid: missingSections.length === 0,
    missingSections,
    missingMetadata: [...(license ? [] : ['license']), ...(language.length > 0 ? [] : ['language'])],
    warnings: [...RECOMMENDED_SECTIONS].filter(title => !titles.has(title)).map(title => `Recommended section missing: ${title}`),
  };
}

/**
 * The card of a model on the hub.
 *
 * @throws {ValidationError} for an id that no repository can have
 * @throws {NotFoundError} for an unknown model or one without a card
 * @throws {StateError} when the hub cannot be reached
 * @remarks Python: `hf_gtc.hub.cards.get_model_card(model_id)`; `huggingface_hub.ModelCard.load`.
 */
export function getModelCard(modelId: string, options: HubOptions = {}): Promise<ModelCard> {
  return getText(`/${checkRepoId(modelId, 'modelId')}/raw/main/README.md`, `model card for ${modelId}`, options).then(content =>
    parseModelCard(content, { modelId }),
  );
}

/**
 * The text under "Model Description" or "Description", else the first paragraph under the first heading that has text; null for none.
 *
 * @remarks Python: `hf_gtc.hub.cards.extract_model_description(card)`.
 */
export function extractModelDescription(card: ModelCard): string | null {
  const { sections } = notNull(card, 'card');
  const filled = sections.filter(section => section.content !== '');
  for (const title of ['model description', 'description']) {
    const found = filled.find(section => section.title.toLowerCase() === title);
    if (found !== undefined) return found.content;
  }
  return filled[0]?.content.split('\n\n', 1).join('').trim() ?? null;
}

/**
 * Titles of the sections in order.
 *
 * @remarks Python: `hf_gtc.hub.cards.list_model_card_sections(card)`.
 */
export function listModelCardSections(card: ModelCard): string[] {
  return notNull(card, 'card').sections.map(section => section.title);
}
