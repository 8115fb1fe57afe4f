/**
 * Races of LoRA training: one step of AdamW on a Llama whose linear layers all have adapters of rank 8, against torch and PEFT from the same weights, the
 * same adapters and the same texts. A result is the loss of the step, so all steps before it are compared, too.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSafetensors } from '@gtc/deployment/safetensors';
import { createModel } from '@gtc/models/architectures';
import { scope } from '@gtc/tensor';
import { useBackend } from '@gtc/tensor/kernels';
import { clipGradNorm } from '@gtc/training/gradient';
import { injectAdapters } from '@gtc/training/lora';
import { createOptimizer } from '@gtc/training/optimizers';

const SIZES = {
  small: { hidden_size: 128, intermediate_size: 352, num_hidden_layers: 4, num_attention_heads: 4, num_key_value_heads: 2, vocab_size: 1024 },
  medium: { hidden_size: 512, intermediate_size: 1408, num_hidden_layers: 6, num_attention_heads: 8, num_key_value_heads: 4, vocab_size: 8000 },
};
const COMMON = {
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  max_position_embeddings: 256,
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
};
const [BATCH, LENGTH, RATE, NORM] = [8, 128, 1e-3, 1];

const folder = mkdtempSync(join(tmpdir(), 'gtc-lora-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

const textsOf = vocabulary => Array.from({ length: BATCH }, (_, i) => Array.from({ length: LENGTH }, (_, j) => (i * 7919 + j * j * 31 + j) % vocabulary));

/** A model and its adapters, the same whenever it is made. */
function made(size) {
  const config = { ...COMMON, ...SIZES[size] };
  const model = createModel(config, { seed: 1 });
  const weights = Object.fromEntries(Object.entries(model.stateDict()).map(([name, x]) => [name, x.clone()]));
  return { config, weights, adapted: injectAdapters(model, { r: 8, loraAlpha: 16, targetModules: 'all-linear' }, { seed: 2 }) };
}

const ours = (size, backend) => () => {
  const { config, adapted } = made(size);
  const texts = textsOf(config.vocab_size);
  const parameters = adapted.parameters();
  const optimizer = createOptimizer('AdamW', parameters, { lr: RATE });
  adapted.model.train();
  return () => {
    useBackend(backend);
    optimizer.zeroGrad();
    const loss = scope(() => {
      const mean = adapted.model.forward({ inputIds: texts, labels: texts }).loss;
      mean.backward();
      return mean.item();
    });
    clipGradNorm(
      parameters.map(({ grad }) => grad),
      NORM,
    );
    optimizer.step();
    return loss;
  };
};

const TORCH = `
import os
for name in ('OMP_NUM_THREADS', 'MKL_NUM_THREADS'): os.environ[name] = '1'
import warnings
warnings.simplefilter('ignore')
import torch, transformers, peft
torch.set_num_threads(1)
transformers.logging.set_verbosity_error()
version = f'{torch.__version__}, peft {peft.__version__}'
base = transformers.AutoModelForCausalLM.from_pretrained(data['folder'], dtype=torch.float32)
model = peft.PeftModel.from_pretrained(base, data['adapter'], is_trainable=True).train()
learnt = [p for p in model.parameters() if p.requires_grad]
optimizer = torch.optim.AdamW(learnt, lr=data['rate'])
texts = torch.tensor(data['texts'])
def run():
    optimizer.zero_grad()
    loss = model(input_ids=texts, labels=texts).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(learnt, data['norm'])
    optimizer.step()
    return float(loss.detach())
`;

/** The same model and adapters as files that transformers and PEFT read. */
function files(size) {
  const { config, weights, adapted } = made(size);
  const adapter = adapted.state();
  const paths = { folder: mkdtempSync(join(folder, `${size}-`)), adapter: mkdtempSync(join(folder, `${size}-adapter-`)) };
  writeFileSync(join(paths.folder, 'config.json'), JSON.stringify(config));
  writeFileSync(join(paths.folder, 'model.safetensors'), writeSafetensors(weights, { metadata: { format: 'pt' } }));
  writeFileSync(join(paths.adapter, 'adapter_config.json'), JSON.stringify(adapter.config));
  writeFileSync(join(paths.adapter, 'adapter_model.safetensors'), writeSafetensors(adapter.tensors, { metadata: { format: 'pt' } }));
  return { ...paths, texts: textsOf(config.vocab_size), rate: RATE, norm: NORM };
}

const race = size => ({
  name: `LoRA step, ${size} Llama, batch ${BATCH} x ${LENGTH}`,
  data: () => files(size),
  peers: { gtc: ours(size, 'wasm-relaxed'), 'gtc native': ours(size, 'native'), 'torch and peft': { setup: TORCH } },
  tolerance: { all: 2e-4 },
});

export const races = [race('small'), race('medium')];
