"""Loads tokenizers that GTC wrote, encodes the same texts, and trains tokenizers for GTC to load.

clients.py FOLDER: reads FOLDER/written/*.json and FOLDER/texts.json, writes FOLDER/answers.json and FOLDER/trained/*.json.
"""
import json
import os
import sys

os.environ["TOKENIZERS_PARALLELISM"] = "false"
import tokenizers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from transformers import PreTrainedTokenizerFast

folder = sys.argv[1]
texts = json.load(open(f"{folder}/texts.json", encoding="utf8"))


def answers(path):
    """Ids, offsets and decoded texts of both clients."""
    client = Tokenizer.from_file(path)
    fast = PreTrainedTokenizerFast(tokenizer_file=path, clean_up_tokenization_spaces=False)
    encodings = [client.encode(text) for text in texts]
    return {
        "ids": [each.ids for each in encodings],
        "tokens": [each.tokens for each in encodings],
        "offsets": [each.offsets for each in encodings],
        "decoded": [client.decode(each.ids) for each in encodings],
        "transformers": [fast(text)["input_ids"] for text in texts],
    }


def train():
    """Tokenizers of the library's own, each of other parts."""
    corpus = [text for text in texts if text.strip()] * 3
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]

    def make(name, model, trainer, normalizer=None, cut=None, decoder=None, template=False):
        made = Tokenizer(model)
        if normalizer:
            made.normalizer = normalizer
        if cut:
            made.pre_tokenizer = cut
        if decoder:
            made.decoder = decoder
        made.train_from_iterator(corpus, trainer)
        if template:
            made.post_processor = processors.TemplateProcessing(
                single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[(each, made.token_to_id(each)) for each in ("[CLS]", "[SEP]")]
            )
        made.add_tokens(["naïve"])
        made.save(f"{folder}/trained/{name}.json")

    split = "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    make("gpt2", models.BPE(), trainers.BpeTrainer(vocab_size=600, initial_alphabet=alphabet, show_progress=False), cut=pre_tokenizers.ByteLevel(add_prefix_space=True), decoder=decoders.ByteLevel())
    make("llama3", models.BPE(ignore_merges=True), trainers.BpeTrainer(vocab_size=500, initial_alphabet=alphabet, show_progress=False), cut=pre_tokenizers.Sequence([pre_tokenizers.Split(tokenizers.Regex(split), "isolated"), level]), decoder=decoders.ByteLevel())
    make("bert", models.WordPiece(unk_token="[UNK]"), trainers.WordPieceTrainer(vocab_size=400, special_tokens=specials, show_progress=False), normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer(), decoders.WordPiece(), True)
    make("unigram", models.Unigram(), trainers.UnigramTrainer(vocab_size=300, special_tokens=specials, unk_token="[UNK]", show_progress=False), normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC()]), pre_tokenizers.Metaspace(), decoders.Metaspace(), True)
    make("words", models.WordLevel(unk_token="[UNK]"), trainers.WordLevelTrainer(vocab_size=200, special_tokens=specials, show_progress=False), normalizers.Lowercase(), pre_tokenizers.Whitespace(), None, True)


written = {name[:-5]: answers(f"{folder}/written/{name}") for name in sorted(os.listdir(f"{folder}/written"))}
os.makedirs(f"{folder}/trained", exist_ok=True)
train()
trained = {name[:-5]: answers(f"{folder}/trained/{name}") for name in sorted(os.listdir(f"{folder}/trained"))}
json.dump({"version": tokenizers.__version__, "written": written, "trained": trained}, open(f"{folder}/answers.json", "w", encoding="utf8"))
