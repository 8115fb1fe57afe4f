"""Loss curves in double precision throughout, where single precision is not enough to say what comes out. GPT-2's LoRA curve is so steep that
peft itself gives another one, by more than the tolerance of `training_loss_curve.py`, on another machine. transformers' own Llama rounds norms and softmax to single precision even in a double model, so that
its curve moves by more than 1e-8 when a weight moves by 1e-12 (`training_loss_curve.py`, llama-adamw-cosine-clip-f64); here the norms of the same
model are computed in double, and attention by torch's scaled_dot_product_attention. Reads artefacts and batches of that script."""
from tm_lib import *
import transformers as tf
import torch.nn.functional as F
from safetensors.torch import load_file


def build(ev, seed, rng):
    root = os.path.dirname(os.path.abspath(ev.out))
    batches = load_file(os.path.join(root, "loss_curve.safetensors"))["batches"]
    m = tf.LlamaForCausalLM.from_pretrained(os.path.join(root, "artefacts/llama-init"), attn_implementation="sdpa").double()
    for module in m.modules():
        if type(module).__name__ == "LlamaRMSNorm":
            module.forward = (lambda self, x: self.weight * (x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.variance_epsilon))).__get__(module)
    P = list(m.parameters())
    o = torch.optim.AdamW([{"params": [p for p in P if p.dim() >= 2], "weight_decay": 0.1}, {"params": [p for p in P if p.dim() < 2], "weight_decay": 0.0}], lr=1e-2, betas=(0.9, 0.95))
    sch = tf.get_scheduler("cosine", o, num_warmup_steps=5, num_training_steps=50)
    L, gn, lrs = [], [], []
    for k in range(50):
        lo = m(input_ids=batches[k]).logits
        loss = F.cross_entropy(lo[:, :-1].reshape(-1, lo.shape[-1]), batches[k][:, 1:].reshape(-1))
        loss.backward(); L.append(loss.item())
        gn.append(torch.nn.utils.clip_grad_norm_(P, 1.0).item()); lrs.append(o.param_groups[0]["lr"])
        o.step(); sch.step(); o.zero_grad()
    with torch.no_grad():
        fl = m(input_ids=batches[0, :1]).logits
    ev.case("llama-adamw-cosine-clip-double", "trainLanguageModel", {"model": {"$dir": "artefacts/llama-init"}, "batches": {"$tensor": "batches"}, "dtype": "f64", "optimizer": {"type": "adamw", "lr": 1e-2, "betas": [0.9, 0.95], "momentum": 0.9, "weightDecay": 0.1, "decay": "matrices only"}, "maxGradNorm": 1.0, "scheduler": {"type": "cosine", "warmup": 5}, "gradientAccumulation": 1, "steps": 50},
            {"losses": L, "gradNorms": gn, "lrs": lrs, "finalLogitsRow": fl[0, -1], "finalParamNorms": {n: p.norm().item() for n, p in m.named_parameters()}}, tol=(1e-8, 1e-9))

    from peft import LoraConfig, get_peft_model
    side = load_file(os.path.join(root, "loss_curve.safetensors"))
    m = tf.GPT2LMHeadModel.from_pretrained(os.path.join(root, "artefacts/gpt2-init"), attn_implementation="eager").double()
    pm = get_peft_model(m, LoraConfig(r=4, lora_alpha=8, target_modules=["c_attn", "c_proj"], lora_dropout=0.0, fan_in_fan_out=True, task_type="CAUSAL_LM")).double()
    P = [p for p in pm.parameters() if p.requires_grad]
    with torch.no_grad():
        for n, p in pm.named_parameters():
            if p.requires_grad:
                p.copy_(side["gpt2.lora." + n])
    o = torch.optim.AdamW(P, lr=3e-2, weight_decay=0.0); L = []
    for k in range(50):
        lo = pm(input_ids=batches[k]).logits
        loss = F.cross_entropy(lo[:, :-1].reshape(-1, lo.shape[-1]), batches[k][:, 1:].reshape(-1))
        loss.backward(); o.step(); o.zero_grad(); L.append(loss.item())
    with torch.no_grad():
        a = pm(input_ids=batches[0, :1]).logits
        b = pm.merge_and_unload()(input_ids=batches[0, :1]).logits
    ev.case("gpt2-lora-adamw-double", "trainLora", {"model": {"$dir": "artefacts/gpt2-init"}, "batches": {"$tensor": "batches"}, "dtype": "f64", "lora": {"r": 4, "loraAlpha": 8, "targetModules": ["c_attn", "c_proj"], "fanInFanOut": True, "initPrefix": "gpt2.lora."}, "optimizer": {"type": "adamw", "lr": 3e-2, "weightDecay": 0.0}, "steps": 50},
            {"losses": L, "finalLogitsRow": a[0, -1], "mergedLogitsRow": b[0, -1], "trainableParams": sum(p.numel() for p in P)}, tol=(1e-7, 1e-8))


main("loss_curve_double", ["torch", "transformers", "peft"], build, rtol=1e-8, atol=1e-9)
