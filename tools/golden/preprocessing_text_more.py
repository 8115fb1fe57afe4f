"""Stems, repaired texts and romanized characters beyond preprocessing_text.py: python3 preprocessing_text_more.py [--out DIR]

Words come from wordfreq's lists: for each language those whose ending no earlier word had, so that every rule is met.
"""
import argparse, json, os, random
from importlib.metadata import version

import ftfy
import snowballstemmer
import unidecode
import wordfreq

a = argparse.ArgumentParser()
a.add_argument("--out", default=os.path.join(os.path.dirname(__file__), "../../packages/preprocessing/evidence"))
out = a.parse_args().out
rng = random.Random(7)


def save(topic, library, cases):
    with open(os.path.join(out, topic + ".json"), "w") as f:
        json.dump({"topic": topic, "source": {"library": library, "version": version(library)}, "tolerance": {"rtol": 0, "atol": 0}, "cases": cases}, f, indent=1, ensure_ascii=False)
        f.write("\n")


# Stems and chains of endings that no list of words is sure to have.
MADE = {
    "fr": (["nat", "form", "publi", "abil", "dur", "appréci", "grand", "bij", "méthod", "chev", "finiss", "const", "parl", "abaiss"], ["ique", "ativement", "icateur", "logie", "ution", "ence", "ivement", "eusement", "ablement", "ièrement", "abilité", "icité", "ivité", "ative", "icative", "eaux", "aux", "oux", "euse", "issement", "amment", "emment", "ment", "ement", "issions", "ions", "ierai", "aise", "assent", "eante", "eais", "iqUe", "ier", "ière", "ion", "e", "ës", "ïs"]),
    "tr": (["kitap", "göz", "ev", "araba", "okul", "çocuk", "gül", "kedi", "yol", "sü", "kağıd", "soy"], ["lar", "ler", "ları", "leri", "ım", "im", "ımız", "imiz", "sı", "si", "ın", "in", "nın", "nin", "da", "de", "ki", "dan", "den", "ndan", "nden", "nda", "nde", "ca", "ce", "casına", "cesine", "yla", "yle", "sınız", "siniz", "dır", "dir", "mış", "miş", "dı", "di", "sa", "se", "ken", "yım", "yız", "yı", "ya", "ne", "na"]),
}


def words_of(code, stem, limit):
    seen, words = set(), []
    made = []
    if code in MADE:
        stems, endings = MADE[code]
        made = [rng.choice(stems) + "".join(rng.choice(endings) for _ in range(rng.randrange(1, 6))) for _ in range(6000)]
    for word in made[:3000] + wordfreq.top_n_list(code, 60000):
        stemmed = stem(word)
        shared = len(os.path.commonprefix([word, stemmed]))
        change = (word[max(0, shared - 1):], stemmed[max(0, shared - 1):])
        if change not in seen and len(words) < limit:
            seen.add(change)
            words.append(word)
    return words


stem_cases = []
for language, code in dict(english="en", porter="en", german="de", french="fr", russian="ru", spanish="es", turkish="tr").items():
    stemmer = snowballstemmer.stemmer(language)
    words = words_of(code, stemmer.stemWord, 1200)
    stem_cases.append({"name": language, "call": "stem", "input": {"language": language, "words": words}, "expect": {"out": stemmer.stemWords(words)}})
save("stemming", "snowballstemmer", stem_cases)

TEXTS = ["schön", "l’humanité", "привет мир", "あいう 日本", "à ção é à", "✔ No problems", "“quotes” – dash…", "€100 £5", "naïve café", "Ελληνικά κείμενα", "Türkçe ğüş", "Łódź żółć", "مرحبا بك", "हिन्दी", "😀👍🏽", "A&B &amp; &eacute; &EACUTE; &NTILDE; &lt; &#233; &#x1F600; &#0; &bogus; &AMP; &GTE;", "x < y", "ﬁnd Ǆ ĳ", "\x1b[36mcolor\x1b[m", "ＬＯＵＤ ｶﾀｶﾅ", "a\r\nb\u2028c\x85d", "\ufeffbom\x00\x07", "HTML <b>", "‘single’ ‛x", "Œuvre œ", "100 °C Ä°", "á quele que", "Ã quilo", "señor ¿qué?", "½ ¼ ²", "Ünïcödé", "½é", "ā€ Āā", "Ğ", "ß", "C\x80 \x93quoted\x94 \x81", "ŠĐžć"]
ENCODINGS = ["latin-1", "sloppy-windows-1252", "sloppy-windows-1251", "sloppy-windows-1250", "sloppy-windows-1253", "sloppy-windows-1254", "sloppy-windows-1257", "iso-8859-2", "macroman", "cp437"]


def mistake(text):
    for _ in range(rng.choice([1, 1, 1, 2])):
        data = text.encode("utf-8")
        if rng.random() < 0.15:
            data = data.replace(b"\xa0", b" ")
        if rng.random() < 0.15 and len(data) > 3:
            i = rng.randrange(len(data))
            data = data[:i] + rng.choice([b"\x1a", b"?", b""]) + data[i + 1:]
        try:
            text = data.decode(rng.choice(ENCODINGS))
        except UnicodeDecodeError:
            pass
    return text


texts = list(TEXTS)
for i in range(500):
    text = " ".join(rng.sample(TEXTS, rng.choice([1, 1, 2, 3])))
    way = rng.random()
    if way < 0.6:
        text = mistake(text)
    elif way < 0.8:
        text = mistake(text) + " " + rng.choice(TEXTS)
    elif way < 0.9:
        text = "".join(rng.choice([chr(c) for c in range(0x80, 0x500)] + list("abc &<; ")) for _ in range(rng.randrange(1, 12)))
    else:
        text = mistake(rng.choice(TEXTS)) + "\n" + mistake(rng.choice(TEXTS))
    texts.append(text)
OFF = {"unescape_html": False, "fix_c1_controls": False, "fix_latin_ligatures": False, "fix_character_width": False, "uncurl_quotes": False, "fix_line_breaks": False, "remove_terminal_escapes": False, "remove_control_chars": False, "normalization": None, "fix_encoding": False}
camel = lambda name: "".join(p if i == 0 else p.capitalize() for i, p in enumerate(name.split("_"))).replace("C1", "C1")
repair_cases = [{"name": "all", "call": "fixText", "input": {"texts": texts, "options": {}}, "expect": {"out": [ftfy.fix_text(t) for t in texts]}}, {"name": "encoding", "call": "fixEncoding", "input": {"texts": texts}, "expect": {"out": [ftfy.fix_encoding(t) for t in texts]}}]
repair_cases += [{"name": "without-" + k, "call": "fixText", "input": {"texts": texts[:160], "options": {camel(k): v}}, "expect": {"out": [ftfy.fix_text(t, **{k: v}) for t in texts[:160]]}} for k, v in OFF.items()]
repair_cases += [{"name": "entities-always", "call": "fixText", "input": {"texts": texts[:60], "options": {"unescapeHtml": True}}, "expect": {"out": [ftfy.fix_text(t, unescape_html=True) for t in texts[:60]]}}]
save("mojibake", "ftfy", repair_cases)

pages = [[chr(page * 256 + i) for i in sorted(rng.sample(range(256), 5))] for page in range(256) if not 0xD8 <= page < 0xE0]
sample = ["".join(p) for p in pages] + ["𝔘𝔫𝔦𝟘", "🄰🅐🄐", "𝚨𝛂𝛡", "\x80\x9f", "\u2010\u00a0"]
save("romanization", "unidecode", [{"name": "pages", "call": "unidecode", "input": {"texts": sample}, "expect": {"out": [unidecode.unidecode(t) for t in sample]}}])
