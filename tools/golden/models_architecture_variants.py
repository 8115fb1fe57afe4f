"""Families of `models_architectures.py` in their less common forms: other tasks, other blocks, configs as older versions wrote them. Tiny random
weights as safetensors + config.json, with logits, loss and the norm of all gradients from `transformers` (eager attention but for Falcon's ALiBi, float32)."""
from tm_lib import *
import shutil
import transformers as tf

V, H, P = 31, 16, 24
DEC = dict(hidden_size=H, num_attention_heads=4, num_hidden_layers=2, intermediate_size=20, vocab_size=V, max_position_embeddings=P)
GQA = dict(**DEC, num_key_value_heads=2)
IDS = dict(bos_token_id=1, eos_token_id=2, pad_token_id=0)
ENC = dict(hidden_size=H, num_attention_heads=2, num_hidden_layers=1, intermediate_size=20, vocab_size=V, max_position_embeddings=P)


def specs():
    gpt2 = dict(vocab_size=V, n_positions=P, n_embd=H, n_layer=1, n_head=2, bos_token_id=1, eos_token_id=2)
    deberta = dict(**ENC, type_vocab_size=2, pad_token_id=0, relative_attention=True, pos_att_type=["p2c", "c2p"])
    modern = dict(**{**ENC, "num_hidden_layers": 3}, local_attention=6, pad_token_id=0)
    rope = lambda **k: dict(rope_parameters=k)
    return {
        "roberta-cls": (tf.RobertaForSequenceClassification, tf.RobertaConfig(**ENC, type_vocab_size=1, pad_token_id=1, num_labels=3)),
        "xlm-roberta-token": (tf.XLMRobertaForTokenClassification, tf.XLMRobertaConfig(**ENC, type_vocab_size=1, pad_token_id=1, num_labels=3)),
        "camembert-mlm": (tf.CamembertForMaskedLM, tf.CamembertConfig(**ENC, type_vocab_size=1, pad_token_id=1)),
        "distilbert-cls": (tf.DistilBertForSequenceClassification, tf.DistilBertConfig(vocab_size=V, dim=H, n_heads=2, n_layers=1, hidden_dim=20, max_position_embeddings=P, pad_token_id=0, num_labels=3)),
        "albert-cls": (tf.AlbertForSequenceClassification, tf.AlbertConfig(**{**ENC, "num_hidden_layers": 4}, embedding_size=8, num_hidden_groups=2, inner_group_num=1, pad_token_id=0, num_labels=3)),
        "albert-model": (tf.AlbertModel, tf.AlbertConfig(**ENC, embedding_size=8, pad_token_id=0)),
        "electra-cls": (tf.ElectraForSequenceClassification, tf.ElectraConfig(**ENC, embedding_size=H, pad_token_id=0, num_labels=3)),
        "electra-mlm": (tf.ElectraForMaskedLM, tf.ElectraConfig(**ENC, embedding_size=8, pad_token_id=0)),
        "mpnet-cls": (tf.MPNetForSequenceClassification, tf.MPNetConfig(**ENC, pad_token_id=1, num_labels=3)),
        "deberta-cls": (tf.DebertaV2ForSequenceClassification, tf.DebertaV2Config(**deberta, share_att_key=False, position_buckets=-1, num_labels=3)),
        "deberta-c2p": (tf.DebertaV2ForTokenClassification, tf.DebertaV2Config(**{**deberta, "pos_att_type": ["c2p"]}, embedding_size=8, position_buckets=4, position_biased_input=False, num_labels=3)),
        "modernbert-cls-mean": (tf.ModernBertForSequenceClassification, tf.ModernBertConfig(**modern, classifier_pooling="mean", num_labels=3)),
        "modernbert-cls": (tf.ModernBertForSequenceClassification, tf.ModernBertConfig(**modern, attention_bias=True, mlp_bias=True, norm_bias=True, classifier_bias=True, num_labels=3)),
        "modernbert-token": (tf.ModernBertForTokenClassification, tf.ModernBertConfig(**modern, num_labels=3)),
        "bert-regression": (tf.BertForSequenceClassification, tf.BertConfig(**ENC, num_labels=1)),
        "bert-untied-mlm": (tf.BertForMaskedLM, tf.BertConfig(**ENC, tie_word_embeddings=False)),
        "vit-model": (tf.ViTModel, tf.ViTConfig(hidden_size=H, num_hidden_layers=1, num_attention_heads=2, intermediate_size=20, image_size=8, patch_size=4, qkv_bias=False)),
        "gpt2-cls": (tf.GPT2ForSequenceClassification, tf.GPT2Config(**gpt2, pad_token_id=0, num_labels=3)),
        "gpt2-scales": (tf.GPT2LMHeadModel, tf.GPT2Config(**{**gpt2, "n_layer": 2}, scale_attn_by_inverse_layer_idx=True, n_inner=24, activation_function="relu")),
        "gpt2-model": (tf.GPT2Model, tf.GPT2Config(**gpt2)),
        "llama-cls": (tf.LlamaForSequenceClassification, tf.LlamaConfig(**GQA, **IDS, num_labels=3)),
        "llama-token": (tf.LlamaForTokenClassification, tf.LlamaConfig(**GQA, **IDS, num_labels=3)),
        "llama-biased": (tf.LlamaForCausalLM, tf.LlamaConfig(**GQA, **IDS, attention_bias=True, mlp_bias=True, head_dim=6)),
        "llama-linear": (tf.LlamaForCausalLM, tf.LlamaConfig(**GQA, **IDS, **rope(rope_type="linear", factor=4.0, rope_theta=10000.0))),
        "llama-yarn": (tf.LlamaForCausalLM, tf.LlamaConfig(**GQA, **IDS, **rope(rope_type="yarn", factor=4.0, rope_theta=10000.0, original_max_position_embeddings=8))),
        "llama-dynamic": (tf.LlamaForCausalLM, tf.LlamaConfig(**{**GQA, "max_position_embeddings": 6}, **IDS, **rope(rope_type="dynamic", factor=2.0, rope_theta=10000.0))),
        "phi3-longrope": (tf.Phi3ForCausalLM, tf.Phi3Config(**{**GQA, "max_position_embeddings": 32}, **IDS, original_max_position_embeddings=8, sliding_window=4, **rope(rope_type="longrope", rope_theta=10000.0, short_factor=[1.0, 1.1], long_factor=[1.5, 3.0], original_max_position_embeddings=8))),
        "qwen2-window": (tf.Qwen2ForCausalLM, tf.Qwen2Config(**GQA, **IDS, use_sliding_window=True, sliding_window=4, max_window_layers=1)),
        "gemma3-both": (tf.Gemma3ForCausalLM, tf.Gemma3TextConfig(**GQA, **IDS, head_dim=6, sliding_window=4, query_pre_attn_scalar=9, layer_types=["sliding_attention", "full_attention"])),
        "falcon-new": (tf.FalconForCausalLM, tf.FalconConfig(vocab_size=V, hidden_size=H, num_hidden_layers=1, num_attention_heads=4, num_kv_heads=2, new_decoder_architecture=True, bias=True, **IDS)),
        "falcon-alibi": (tf.FalconForCausalLM, tf.FalconConfig(vocab_size=V, hidden_size=H, num_hidden_layers=1, num_attention_heads=4, multi_query=False, parallel_attn=False, alibi=True, **IDS)),
        "neox-sequential": (tf.GPTNeoXForCausalLM, tf.GPTNeoXConfig(**{**DEC, "num_attention_heads": 2}, **IDS, use_parallel_residual=False, attention_bias=False)),
        "opt-projected": (tf.OPTForCausalLM, tf.OPTConfig(vocab_size=V, hidden_size=H, ffn_dim=20, num_hidden_layers=1, num_attention_heads=2, max_position_embeddings=P, word_embed_proj_dim=8, do_layer_norm_before=False, **IDS)),
        "phi-normed": (tf.PhiForCausalLM, tf.PhiConfig(**GQA, **IDS, qk_layernorm=True)),
        "t5-silu": (tf.T5ForConditionalGeneration, tf.T5Config(vocab_size=V, d_model=H, d_kv=6, d_ff=20, num_layers=2, num_heads=2, feed_forward_proj="gated-silu", relative_attention_num_buckets=8, relative_attention_max_distance=10, pad_token_id=0, eos_token_id=2, decoder_start_token_id=0)),
        "bart-scaled": (tf.BartForConditionalGeneration, tf.BartConfig(vocab_size=V, d_model=H, encoder_layers=1, decoder_layers=2, encoder_attention_heads=2, decoder_attention_heads=4, encoder_ffn_dim=20, decoder_ffn_dim=24, max_position_embeddings=P, scale_embedding=True, pad_token_id=1, bos_token_id=0, eos_token_id=2, decoder_start_token_id=2, forced_eos_token_id=None)),
    }


def build(ev, seed, rng):
    root = os.path.join(os.path.dirname(os.path.abspath(ev.out)), "variants")
    shutil.rmtree(root, ignore_errors=True)
    for name, (cls, cfg) in specs().items():
        torch.manual_seed(seed)
        # Falcon's eager attention adds ALiBi twice.
        cfg._attn_implementation = "sdpa" if "alibi" in name else "eager"
        for k in list(vars(cfg)):
            if ("dropout" in k or k.endswith("pdrop")) and isinstance(getattr(cfg, k), float):
                setattr(cfg, k, 0.0)
        m = cls(cfg).eval().float()
        g = torch.Generator().manual_seed(seed + len(name))
        for n, p in m.named_parameters():
            with torch.no_grad():
                r = torch.randn(p.shape, generator=g)
                p.copy_(r * (0.4 if any(t in n for t in ("embed", "wte", "wpe", "shared")) else 1.2 / max(p.shape[-1], 1) ** 0.5) if p.dim() >= 2 else (1 + 0.1 * r if n.endswith("weight") and "gemma" not in name else 0.1 * r))
        d = os.path.join(root, name)
        m.save_pretrained(d, safe_serialization=True)
        for f in os.listdir(d):
            if f not in ("config.json", "model.safetensors"):
                os.remove(os.path.join(d, f))
        B, S = 2, int(rng.integers(9, 13))
        kw = {}
        if name.startswith("vit"):
            inp = {"pixel_values": torch.from_numpy(rng.standard_normal((2, 3, 8, 8)).astype(np.float32))}
        else:
            pad = cfg.pad_token_id if cfg.pad_token_id is not None else 0
            ids = torch.from_numpy(rng.integers(3, V, (B, S)))
            am = torch.ones(B, S, dtype=torch.long)
            am[1, -3:] = 0; ids[1, -3:] = pad
            inp = {"input_ids": ids, "attention_mask": am}
            if cfg.is_encoder_decoder:
                kw["labels"] = torch.from_numpy(rng.integers(3, V, (B, 6)))
            elif "SequenceClassification" in cls.__name__:
                kw["labels"] = torch.tensor([2, 0]) if cfg.num_labels > 1 else torch.tensor([0.5, -1.0])
            elif "TokenClassification" in cls.__name__:
                kw["labels"] = torch.from_numpy(rng.integers(0, 3, (B, S)))
            elif not cls.__name__.endswith("Model") or "LMHead" in cls.__name__:
                kw["labels"] = ids.masked_fill(am == 0, -100)
        o = m(**inp, **kw)
        exp = {k: getattr(o, k) for k in ("logits", "last_hidden_state", "pooler_output") if getattr(o, k, None) is not None}
        if getattr(o, "loss", None) is not None:
            exp["loss"] = o.loss.item()
            o.loss.backward()
            exp["gradNorm"] = math.sqrt(sum(float(p.grad.double().norm()) ** 2 for p in m.parameters() if p.grad is not None))
        ev.case(name, "loadModel.forward", {"model": {"$dir": f"variants/{name}"}, "inputs": {**inp, **kw}}, exp)
        if m.can_generate():
            with torch.no_grad():
                gen = m.generate(**{k: v for k, v in inp.items()}, max_new_tokens=12, min_new_tokens=12, do_sample=False, num_beams=1, pad_token_id=0) if cfg.is_encoder_decoder else None
                if not cfg.is_encoder_decoder:
                    left = {"input_ids": torch.cat([inp["input_ids"][1:, -3:], inp["input_ids"][1:, :-3]], 1), "attention_mask": torch.cat([inp["attention_mask"][1:, -3:], inp["attention_mask"][1:, :-3]], 1)}
                    both = {k: torch.cat([v[:1], left[k]]) for k, v in inp.items()}
                    gen = m.generate(**both, max_new_tokens=12, min_new_tokens=12, do_sample=False, num_beams=1, pad_token_id=0)
                    inp = both
            ev.case(f"greedy-{name}", "loadModel.generate", {"model": {"$dir": f"variants/{name}"}, **inp, "maxNewTokens": 12, "minNewTokens": 12}, {"sequences": gen}, tol=(0, 0))


main("architecture_variants", ["transformers", "torch"], build, rtol=1e-4, atol=1e-4)
