/** Optimizers by name, and which parameters decay. */
import { oneOf } from '@gtc/errors';
import type { Tensor } from '@gtc/tensor';
import { Optimizer, type OptimizerSettings, type ParameterGroup, RULE_NAMES } from './optimizer.js';

/**
 * An optimizer by its name: SGD, Adam, AdamW, Adamax, NAdam, RAdam, RMSprop, Adagrad, Adadelta, Rprop, ASGD, Adafactor (`variant` 'torch' or
 * 'transformers'), Muon, Lion, SophiaG, LAMB, LARS, Adan, AdaBelief, ADOPT, CAME, Shampoo, SOAP, Tiger, GrokFastAdamW, AdamWScheduleFree, in any case.
 *
 * @param params parameters, or groups of them with settings of their own; float32 or float64
 * @param options settings by torch's names in camelCase, with torch's defaults
 * @throws {ValidationError} for a name or setting that is not known, a rate below 0, betas outside [0, 1), a parameter given twice
 * @throws {ShapeError} for a parameter that is no matrix, with Muon
 * @remarks Python: `torch.optim`'s, `transformers`', `lion_pytorch`'s, `pytorch_optimizer`'s and `schedulefree`'s classes of these names; within 1e-9
 *   in float64 of torch's and transformers' (Muon, which computes in bfloat16 there, within 2 %), within 1e-4 of the others. AdamW runs in a kernel.
 * @example
 * import { tensor } from '@gtc/tensor';
 * const p = tensor([1, 2], { requiresGrad: true });
 * const optimizer = createOptimizer('SGD', [p], { lr: 0.5 });
 * p.mul(2).sum().backward();
 * optimizer.step();
 * p.tolist() // => [0, 1]
 */
export function createOptimizer(type: string, params: readonly Tensor[] | readonly ParameterGroup[], options: OptimizerSettings = {}): Optimizer {
  return new Optimizer(oneOf<string>(String(type).toLowerCase(), 'type', RULE_NAMES), params, options);
}

/** What the names of biases and of scales and shifts of norms hold. */
const UNDECAYED = /bias|layernorm|rmsnorm|(?:^|\.)norm(?:$|\.)|_norm(?:$|\.)/i;

/**
 * Names of parameters in two: those that decay, and biases and norms, which do not.
 *
 * @returns both in ascending order
 * @remarks Python: `transformers.Trainer.get_decay_parameter_names(model)`.
 * @example splitByDecay(['h.0.ln.bias', 'h.0.weight']) // => { decay: ['h.0.weight'], noDecay: ['h.0.ln.bias'] }
 */
export function splitByDecay(names: readonly string[]): { readonly decay: string[]; readonly noDecay: string[] } {
  const sorted = [...names].sort();
  return { decay: sorted.filter(name => !UNDECAYED.test(name)), noDecay: sorted.filter(name => UNDECAYED.test(name)) };
}
