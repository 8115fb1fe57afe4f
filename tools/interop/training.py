"""Opens what `gtc run lora-finetune` wrote with peft, transformers, safetensors and gguf.

training.py BASE TUNED FILES: writes TUNED.json with their logits and greedy tokens for the prompt, and what the readers of files found. FILES names GGUF files by their names, in JSON.
"""
import json
import sys

import gguf
import numpy as np
import peft
import torch
import transformers
from safetensors import safe_open

base_folder, tuned, files = sys.argv[1:]
summary = json.load(open(f"{tuned}/summary.json", encoding="utf8"))
prompt = torch.tensor([summary["prompt"]["tokens"]])


def answers(model):
    model.eval()
    with torch.no_grad():
        written = model.generate(input_ids=prompt, attention_mask=torch.ones_like(prompt), do_sample=False, max_new_tokens=len(summary["after"]["tokens"]), eos_token_id=None, pad_token_id=0)
        return {"logits": model(input_ids=prompt).logits[0, -1].float().tolist(), "greedy": written[0, prompt.shape[1]:].tolist()}


def load(folder):
    return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)


def sums(path):
    """Names, shapes and sums of a safetensors file."""
    with safe_open(path, "pt") as file:
        return {name: [list(file.get_tensor(name).shape), float(file.get_tensor(name).double().sum())] for name in file.keys()}


def quantised(path):
    """Names, types and sums of a GGUF file."""
    file = gguf.GGUFReader(path)
    return {each.name: [each.tensor_type.name, float(gguf.quants.dequantize(each.data, each.tensor_type).astype(np.float64).sum())] for each in file.tensors}


tokenizer = transformers.AutoTokenizer.from_pretrained(f"{tuned}/merged")
answer = {
    "versions": {"peft": peft.__version__, "transformers": transformers.__version__, "torch": torch.__version__},
    "base": answers(load(base_folder)),
    "adapter": answers(peft.PeftModel.from_pretrained(load(base_folder), f"{tuned}/adapter")),
    "merged": answers(load(f"{tuned}/merged")),
    "prompt": tokenizer(summary["prompt"]["text"])["input_ids"],
    "text": tokenizer.decode(summary["after"]["tokens"]),
    "safetensors": {name: sums(f"{tuned}/{name}.safetensors") for name in ("adapter/adapter_model", "merged/model")},
    "gguf": {name: quantised(path) for name, path in json.loads(files).items()},
}
json.dump(answer, open(f"{tuned}.json", "w", encoding="utf8"))
