"""TER with every option on shuffled, long and East Asian text (sacrebleu); Porter's stemmer on words of every suffix and edit
distances of short strings over small alphabets (nltk)."""
from itertools import product

from nltk.metrics import distance
from nltk.stem.porter import PorterStemmer
from sacrebleu.metrics import CHRF, TER

from evlib_ige import Writer, sentence

w = Writer("text_edges", ["sacrebleu", "nltk"], 1e-9, 1e-10)
r = w.rng


def pick(items):
    return items[int(r.integers(len(items)))]


def shuffled(words):
    """Moves phrases about, drops and changes words."""
    words = list(words)
    for _ in range(int(r.integers(1, 5))):
        a = int(r.integers(len(words)))
        n = int(r.integers(1, min(12, len(words) - a) + 1))
        phrase = words[a:a + n]
        rest = words[:a] + words[a + n:]
        b = int(r.integers(len(rest) + 1))
        words = rest[:b] + phrase + rest[b:]
    for _ in range(int(r.integers(0, 3))):
        words[int(r.integers(len(words)))] = pick(["novel", "words", "the", ","])
    return words


ASIAN = "漢字かなカナ、。「」・，．？！（）㈱㌔﨑㇀ "
pairs = []
for i in range(40):
    size = int(r.integers(2, 90)) if i < 30 else int(r.integers(100, 160))
    vocabulary = sentence(r).lower().rstrip(".!?").split() if i % 3 else ["a", "b", "c", "d"]
    ref = [pick(vocabulary) for _ in range(size)]
    pairs.append((" ".join(shuffled(ref)), " ".join(ref)))
for ref, hyp in (("a b c d e f g h", "e f g h a b c d"), ("w " * 60 + "x y", "x y " + "w " * 60), ("one two three", ""), ("", "one"), ("x", " ".join("y" * 70)),
                 ("it's 3.5 &amp; 4-5, \"so\" the dog's", "its 3.5 and 4 - 5 so the dog 's"), ("Hello, World! (yes) {no} a/b", "hello world yes no a b"),
                 ("end of line-\nbroken &quot;q&quot; &lt;x&gt;", "end of linebroken q x"), ("trailing dog's", "trailing dog 's")):
    pairs.append((hyp, ref))
for _ in range(8):
    pairs.append(("".join(pick(ASIAN) for _ in range(14)), "".join(pick(ASIAN) for _ in range(14))))
for normalized, no_punct, asian_support, case_sensitive in product((False, True), repeat=4):
    some = [p for k, p in enumerate(pairs) if k >= 40 or k % 16 == (normalized * 8 + no_punct * 4 + asian_support * 2 + case_sensitive) or k % 5 == 0 and not normalized and not no_punct]
    ter = TER(normalized=normalized, no_punct=no_punct, asian_support=asian_support, case_sensitive=case_sensitive)
    w.case(f"TER normalized={normalized} no_punct={no_punct} asian_support={asian_support} case_sensitive={case_sensitive}", "terOfEach",
           {"pairs": some, "options": {"normalized": normalized, "noPunct": no_punct, "asianSupport": asian_support, "caseSensitive": case_sensitive}},
           [ter.sentence_score(h, [ref]).score for h, ref in some])
for char_order, word_order, beta in ((6, 0, 2), (3, 1, 1), (1, 2, 3), (6, 2, 2)):
    some = [p for k, p in enumerate(pairs) if k % 4 == char_order % 4 or k >= 40]
    for lowercase, whitespace, eps_smoothing in ((False, False, False), (True, True, False), (False, True, True)):
        chrf = CHRF(char_order=char_order, word_order=word_order, beta=beta, lowercase=lowercase, whitespace=whitespace, eps_smoothing=eps_smoothing)
        w.case(f"chrF orders {char_order} {word_order} beta {beta} lowercase={lowercase} whitespace={whitespace} eps={eps_smoothing}", "chrfOfEach",
               {"pairs": some, "options": {"charOrder": char_order, "wordOrder": word_order, "beta": beta, "lowercase": lowercase, "whitespace": whitespace, "epsSmoothing": eps_smoothing}},
               [chrf.sentence_score(h, [ref]).score for h, ref in some])

STEMS = "a be by sky cry dy tie y ly hop fall control plotter fizz agree feed plaster bl mot tann fil siz trou conflat happ enjoy relat condition ration valen hesit digit conform radic differ vil analog oper trans predict feud decis hope callous sensit sens triplic form electric allow infer air gyro adjust defens irrit replac depend adopt homolog commun activ angular effect bowdl prob rat ceas roll".split()
SUFFIXES = ("s es ies sses ss ied ed eed ing at ational tional enci anci izer abli bli alli entli eli ousli ization ation ator alism iveness fulness ousness aliti iviti biliti logi icate ative "
            "alize iciti ical ful ness al ance ence er ic able ible ant ement ment ent sion tion ion ou ism ate iti ous ive ize e ll y fulli lessli ly").split()
words = sorted({s + x for s in STEMS for x in SUFFIXES})
words = [x for x in words if r.random() < 0.35] + ["", "a", "is", "as", "being", "dying", "lying", "skies", "news", "inning", "innings", "outing", "canning", "howe", "proceed", "exceed", "succeed"]
w.case("Porter's stemmer, nltk's mode", "porterStem", {"words": words}, [PorterStemmer().stem(x) for x in words])
w.case("Porter's stemmer, the original algorithm", "porterStem", {"words": words, "mode": "original"}, [PorterStemmer(mode="ORIGINAL_ALGORITHM").stem(x) for x in words])
texts = [("".join(pick("abc") for _ in range(int(r.integers(1, 9)))), "".join(pick("abcd") for _ in range(int(r.integers(1, 9))))) for _ in range(60)]
texts += [("".join(pick("ab😀é") for _ in range(int(r.integers(30, 80)))), "".join(pick("ab😀é") for _ in range(int(r.integers(30, 80))))) for _ in range(10)]
for i, (a, b) in enumerate(texts):
    w.case(f"edit distances {i}", "editDistances", {"a": a, "b": b}, {"levenshtein": distance.edit_distance(a, b), "damerau": distance.edit_distance(a, b, transpositions=True), "jaro": distance.jaro_similarity(a, b), "jaroWinkler": distance.jaro_winkler_similarity(a, b)})
w.write()
