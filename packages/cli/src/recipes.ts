/** Recipes: whole pieces of work, from raw input to files, by public functions of the domains; each is loaded when it is run. */
import type { Recipe, RecipeCard } from './internal/recipes/recipe.js';

export type { Files } from './internal/recipes/files.js';
export type { Progress, Recipe, RecipeCard, RecipeOptions, RecipeResult, Surroundings } from './internal/recipes/recipe.js';

/** A recipe that can be named before it is loaded. */
export interface ListedRecipe extends RecipeCard {
  load(): Promise<Recipe>;
}

const LISTED: readonly ListedRecipe[] = [
  {
    name: 'lora-finetune',
    summary: 'adapt a model to a text by LoRA: adapter, merged model, GGUF',
    tags: ['fine-tuning', 'lora', 'language-model', 'quantization', 'gguf', 'peft'],
    domains: ['preprocessing', 'models', 'training', 'inference', 'evaluation', 'deployment'],
    asked: [
      ['lora', 'finetun'],
      ['lora', 'adapt'],
      ['finetun', 'languagemodel'],
      ['finetun', 'llm'],
    ],
    load: async () => (await import('./internal/recipes/lora-finetune.js')).loraFinetune,
  },
  {
    name: 'pretrain',
    summary: 'train a byte-level BPE and a small Llama on a text',
    tags: ['pre-training', 'tokenizer', 'language-model'],
    domains: ['preprocessing', 'models', 'training', 'inference', 'evaluation', 'deployment'],
    asked: [['pretrain'], ['trainalanguagemodel', 'scratch'], ['trainanllm']],
    load: async () => (await import('./internal/recipes/pretrain.js')).pretrain,
  },
  {
    name: 'evaluate',
    summary: 'measure a language model on a text: perplexity with its interval, accuracy, calibration',
    tags: ['evaluation', 'perplexity', 'calibration', 'language-model'],
    domains: ['preprocessing', 'models', 'evaluation'],
    asked: [['perplexity', 'model'], ['evaluatealanguagemodel'], ['evaluateanllm'], ['evaluatemymodel']],
    load: async () => (await import('./internal/recipes/evaluate.js')).evaluate,
  },
  {
    name: 'quantize',
    summary: 'write a model as GGUF of 16 to 4 bits, with size, error and perplexity of each',
    tags: ['quantization', 'gguf', 'deployment', 'language-model'],
    domains: ['preprocessing', 'models', 'evaluation', 'deployment'],
    asked: [['quanti', 'gguf'], ['export', 'gguf'], ['quanti', 'llamacpp'], ['quantizeamodel']],
    load: async () => (await import('./internal/recipes/quantize.js')).quantize,
  },
  {
    name: 'rag',
    summary: 'answer a question from a folder of texts: passages, a sentence, a grounded prompt',
    tags: ['rag', 'retrieval', 'search', 'question-answering'],
    domains: ['rag'],
    asked: [['rag', 'folder'], ['question', 'myown'], ['retrievalaugmented'], ['chat', 'documents'], ['ask', 'myfiles']],
    load: async () => (await import('./internal/recipes/rag.js')).rag,
  },
  {
    name: 'serve-model',
    summary: "serve a language model on this machine behind the interface of OpenAI's completions, streaming",
    tags: ['serving', 'inference', 'language-model', 'http'],
    domains: ['preprocessing', 'models', 'inference', 'deployment'],
    asked: [
      ['serve', 'model'],
      ['model', 'endpoint'],
      ['openai', 'compatible'],
    ],
    load: async () => (await import('./internal/recipes/serve-model.js')).serveModel,
  },
];

/** What `gtc run` knows, by name. */
export const RECIPES: ReadonlyMap<string, ListedRecipe> = new Map(LISTED.map(recipe => [recipe.name, recipe]));

/** The recipe that carries out what a question asks for. */
export function recipeFor(question: string): ListedRecipe | undefined {
  const letters = question.toLowerCase().replace(/[^a-z]/g, '');
  return LISTED.find(({ asked }) => asked.some(words => words.every(word => letters.includes(word))));
}
