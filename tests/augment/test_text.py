"""Moves of words against loops in Python and the binomial distribution."""

import itertools
import json

import numpy as np
import pytest
import scipy.stats
import tensorflow as tf

from kerasgen import augment
from kerasgen.augment.english import SYNONYMS
from kerasgen.augment.synonym import Lookup

RANDOM = np.random.default_rng(0)
# Every word is the only one of its kind, so that its way can be followed.
LENGTHS = RANDOM.integers(1, 12, 400)
ENDS = np.cumsum(LENGTHS)
TEXTS = [
    " ".join(f"w{i}" for i in range(end - n, end))
    for n, end in zip(LENGTHS, ENDS, strict=True)
]
ALL = (
    augment.DropTokens,
    augment.SwapTokens,
    augment.InsertTokens,
    augment.MaskSpan,
    augment.BackOff,
    augment.Synonyms,
)


def run(part, texts=TEXTS, seed=(1, 2)):
    out = part({"x": tf.constant(texts)}, tf.constant(seed))["x"].numpy()
    return [each.decode() for each in out]


def split(texts):
    return [each.split() for each in texts]


def likely(hits, n, rate):
    """Whether a count lies where 99.99 % of the binomial's do."""
    low, high = scipy.stats.binom.interval(0.9999, n, rate)
    return low <= hits <= high


def tokens(times=1):
    """Tokens (batch, time) whose tags are their own numbers."""
    time = times * int(LENGTHS.max()) + 2
    x = np.full((len(TEXTS), time), "", object)
    y = np.full((len(TEXTS), time), -1)
    for row, words in enumerate(split(TEXTS)):
        x[row, : len(words)] = words
        y[row, : len(words)] = [int(word[1:]) for word in words]
    return {"x": tf.constant(x), "y": tf.constant(y)}


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_drop_leaves_the_others_in_order(rate):
    gone = 0
    for before, after in zip(
        split(TEXTS), split(run(augment.DropTokens(rate))), strict=True
    ):
        assert after and after == [word for word in before if word in after]
        gone += len(before) - len(after) if len(before) > 1 else 0
    # A text of n words that would lose all of them keeps one.
    many = LENGTHS[LENGTHS > 1]
    expected = (many * rate - rate**many).sum()
    assert likely(gone, many.sum(), expected / many.sum())


def test_drop_keeps_any_one_word_at_rate_one():
    out = run(augment.DropTokens(1.0), ["a b c d"] * 400 + ["", "e"])
    assert out[-2:] == ["", "e"]
    for word in "abcd":
        assert likely(out.count(word), 400, 0.25)


@pytest.mark.parametrize("rate", [0.1, 0.6])
def test_swap_moves_words_one_place(rate):
    chances = swaps = 0
    for before, after in zip(
        split(TEXTS), split(run(augment.SwapTokens(rate))), strict=True
    ):
        place = 0
        while place < len(before) - 1:
            chances += 1
            if after[place] == before[place]:
                place += 1
                continue
            swaps += 1
            assert after[place : place + 2] == before[place : place + 2][::-1]
            place += 2
        assert sorted(after) == sorted(before)
    assert likely(swaps, chances, rate)


def test_swap_at_rate_one_is_a_loop():
    for before, after in zip(
        split(TEXTS), split(run(augment.SwapTokens(1.0))), strict=True
    ):
        for place in range(0, len(before) - 1, 2):
            two = before[place : place + 2]
            before[place : place + 2] = two[::-1]
        assert after == before


@pytest.mark.parametrize("source", ["text", "batch"])
def test_insert_puts_words_beside(source):
    # Twice as long as the texts, so that nothing is cut off.
    fields = tokens(2)
    part = augment.InsertTokens(0.3, source)
    out = part(fields, tf.constant([1, 2]))
    added, left, strange = 0, 0, 0
    for before, after, tags in zip(
        split(TEXTS), out["x"].numpy(), out["y"].numpy(), strict=True
    ):
        words = [word.decode() for word in after if word]
        tags, rest = tags[: len(words)], tags[len(words) :]
        assert (rest == -1).all()
        assert [w for w, t in zip(words, tags, strict=True) if t >= 0] == before
        assert [t for t in tags if t >= 0] == [int(w[1:]) for w in before]
        new = [w for w, t in zip(words, tags, strict=True) if t < 0]
        added += len(new)
        left += tags[0] < 0
        strange += len(set(new) - set(before))
    assert likely(added, LENGTHS.sum(), 0.3)
    assert likely(left, len(TEXTS), 0.15)
    assert strange == 0 if source == "text" else strange > 0.9 * added


def test_insert_cuts_off_what_no_longer_fits():
    fields = {"x": tf.constant([["a", "b"], ["c", ""]]), "y": [[3, 4], [5, -1]]}
    fields["y"] = tf.constant(fields["y"])
    out = augment.InsertTokens(1.0)(fields, [0, 1])
    assert out["x"].shape == (2, 2) and (out["x"] != "").numpy().all()
    assert sorted(out["y"].numpy()[1]) == [-1, 5]
    assert out["x"].numpy()[1].tolist() == [b"c", b"c"]


@pytest.mark.parametrize("length", [1, 3])
def test_mask_hides_its_share_at_every_place(length):
    texts = ["a b c d e f g h"] * 3000
    out = split(run(augment.MaskSpan(0.25, length), texts))
    hidden = np.array([[w == "[MASK]" for w in words] for words in out])
    for place in range(8):
        assert likely(hidden[:, place].sum(), 3000, 0.25)
    for row in hidden:
        runs = [(k, len(list(g))) for k, g in itertools.groupby(row)]
        assert all(n >= length for k, n in runs[1:-1] if k)
    # Neighbours are hidden together: of length 3, by two starts of three.
    both = 1 - 2 * 0.75 + 0.75 ** ((length + 1) / length)
    assert likely((hidden[:, 3] & hidden[:, 4]).sum(), 3000, both)


def test_merged_spans_are_those_that_are_not_merged():
    alone = split(run(augment.MaskSpan(0.3, 2, "<x>")))
    merged = split(run(augment.MaskSpan(0.3, 2, "<x>", merge=True)))
    for one, two in zip(alone, merged, strict=True):
        groups = [(word, list(g)) for word, g in itertools.groupby(one)]
        assert two == [word for word, _ in groups]


def test_a_merged_span_has_the_tag_of_a_lone_word_or_none():
    fields = tokens()
    alone = augment.MaskSpan(0.3, 2)(fields, [1, 2])["x"].numpy()
    out = augment.MaskSpan(0.3, 2, merge=True)(fields, [1, 2])["y"].numpy()
    for words, tags, found in zip(alone, fields["y"].numpy(), out, strict=True):
        expected, place = [], 0
        for word, group in itertools.groupby(words[words != b""]):
            n = len(list(group))
            lone = word != b"[MASK]" or n == 1
            expected.append(tags[place] if lone else -1)
            place += n
        rest = [-1] * (len(tags) - len(expected))
        assert found.tolist() == expected + rest


def test_back_off_keeps_the_others_and_the_tags():
    fields = tokens()
    out = augment.BackOff(0.3, "<unk>")(fields, [1, 2])
    unknown = out["x"].numpy() == b"<unk>"
    assert likely(unknown.sum(), LENGTHS.sum(), 0.3)
    same = out["x"].numpy() == fields["x"].numpy()
    assert (same | unknown).all()
    assert (out["y"] == fields["y"]).numpy().all()


@pytest.mark.parametrize("part", [augment.DropTokens, augment.SwapTokens])
def test_tags_weights_and_masks_move_with_their_tokens(part):
    fields = tokens()
    fields["weight"] = tf.cast(tf.maximum(fields["y"], 0), tf.float32)
    fields["mask"] = fields["x"] != ""
    out = part(0.4)(fields, [1, 2])
    assert (out["x"] != fields["x"]).numpy().any()
    for x, y, weight, mask in zip(
        *(out[name].numpy() for name in ("x", "y", "weight", "mask")),
        strict=True,
    ):
        count = int((x != b"").sum())
        assert (x[:count] != b"").all() and (y[count:] == -1).all()
        assert [int(word[1:]) for word in x[:count]] == y[:count].tolist()
        assert weight.tolist() == np.maximum(y, 0).tolist()
        assert mask.tolist() == (x != b"").tolist()


def test_soft_labels_of_texts_and_weights_stay():
    soft = tf.one_hot(tf.range(400) % 3, 9)
    fields = {**tokens(), "y": soft, "weight": tf.range(400.0)}
    out = augment.DropTokens(0.5)(fields, [1, 2])
    assert (out["y"] == soft).numpy().all()
    assert (out["weight"] == fields["weight"]).numpy().all()


@pytest.mark.parametrize("part", ALL)
def test_odd_texts_come_through(part):
    odd = ["", " ", "one", "größe", "\t日本語 テキスト\n", "a\u0301 b", "🙂 🙃"]
    for seed in range(5):
        out = run(part(1.0), odd, (seed, 0))
        assert out[:2] == ["", " "]
        assert all(each.strip() for each in out[2:])
    empty = tf.constant([], tf.string)
    assert part(1.0)({"x": empty}, [0, 0])["x"].shape == (0,)
    blank = part(1.0)({"x": tf.fill((2, 3), "")}, [0, 0])["x"]
    assert (blank == "").numpy().all()


def test_a_text_that_is_not_touched_keeps_its_bytes():
    raw = [b"  two\t\twords\n", b"\xff\xfe bad \xc3", "naïve  café".encode()]
    out = augment.BackOff(0.1)({"x": tf.constant(raw * 50)}, [1, 2])["x"]
    hidden = [b"[UNK]" in each for each in out.numpy()]
    for before, after, moved in zip(raw * 50, out.numpy(), hidden, strict=True):
        assert moved or before == after
    assert 0 < sum(hidden) < 150


@pytest.mark.parametrize("part", ALL)
def test_draws_belong_to_the_seed_and_to_each_text(part):
    texts = ["the big man said nothing quickly and was very happy"] * 50
    first = run(part(0.3), texts, (3, 4))
    assert first == run(part(0.3), texts, (3, 4))
    assert first != run(part(0.3), texts, (4, 4))
    assert len(set(first)) > 10


@pytest.mark.parametrize(
    "part",
    [*ALL[:2], *(pytest.param(p, marks=pytest.mark.slow) for p in ALL[2:])],
)
def test_sizes_may_be_unknown_in_tf_data(part):
    made, words = part(0.5), split(TEXTS)
    texts = tf.data.Dataset.from_generator(
        lambda: iter(TEXTS), output_signature=tf.TensorSpec((), tf.string)
    ).batch(64)
    lists = tf.data.Dataset.from_generator(
        lambda: iter(words), output_signature=tf.TensorSpec((None,), tf.string)
    ).padded_batch(64)
    for data in (texts, lists):
        seen = data.map(
            lambda x: (x, made({"x": x}, [5, 6])["x"]), num_parallel_calls=4
        )
        for before, after in seen:
            alone = made({"x": before}, [5, 6])["x"]
            assert (after == alone).numpy().all()
            assert after.shape == before.shape


def test_one_text_without_a_batch():
    out = augment.BackOff(1.0)({"x": tf.constant("a b")}, [0, 0])["x"]
    assert out.shape == () and out.numpy() == b"[UNK] [UNK]"


def test_synonyms_keep_capitals_and_punctuation():
    table = {"big": ["large"], "élan": ["verve", "zest"], "i": ["me"]}
    part = augment.Synonyms(1.0, table)
    texts = ['"Big," (BIG) big! bigger', "ÉLAN Élan élan", "I i ... 2big"]
    out = run(part, texts * 100)
    assert out[0] == '"Large," (LARGE) large! bigger'
    assert out[2] == "Me me ... 2big"
    found = {tuple(each.split()) for each in out[1::3]}
    assert found == set(
        itertools.product(
            ("VERVE", "ZEST"), ("Verve", "Zest"), ("verve", "zest")
        )
    )


def test_synonyms_pass_by_what_is_no_utf8():
    raw = [b"\xff\xfebig big \xc3", b"\xe2\x82 (big) \x80", b"\x00 big"] * 20
    part = augment.Synonyms(1.0, {"big": ["large"]})
    out = part({"x": tf.constant(raw)}, [1, 2])["x"].numpy()
    assert out[0] == b"\xff\xfebig large \xc3"
    assert out[1] == b"\xe2\x82 (large) \x80" and out[2] == b"\x00 large"


def test_synonyms_are_drawn_evenly_at_their_rate():
    part = augment.Synonyms(0.3, {"big": ["large", "huge", "very big"]})
    out = run(part, ["big small"] * 5000)
    assert likely(5000 - out.count("big small"), 5000, 0.3)
    for word in ("large", "huge", "very big"):
        assert likely(out.count(f"{word} small"), 5000, 0.1)


def test_lookup_is_a_dict():
    words = sorted(SYNONYMS) + [f"not{i}" for i in range(500)] + [""]
    draw = RANDOM.uniform(size=len(words)).astype("float32")
    out, found = Lookup(SYNONYMS)(tf.constant(words), draw)
    for word, share, new, here in zip(
        words, draw, out.numpy(), found.numpy(), strict=True
    ):
        assert here == (word in SYNONYMS)
        if here:
            known = SYNONYMS[word]
            assert new.decode() == known[int(share * len(known))]


def test_the_english_table_is_whole():
    assert len(SYNONYMS) > 500
    for word, others in SYNONYMS.items():
        assert word.isalpha() and word == word.lower()
        assert others and word not in others
        assert len(set(others)) == len(others)
        assert all(word in SYNONYMS[other] for other in others)


def test_configurations_are_json_and_bad_ones_are_refused():
    part = augment.Synonyms(0.2, {"Big": ("large",)})
    config = json.loads(json.dumps(part.get_config()))
    assert config == {"rate": 0.2, "table": {"big": ["large"]}}
    assert augment.Synonyms.from_config(config).get_config() == config
    with pytest.raises(TypeError, match="table"):
        augment.Synonyms(table=["big"])
    with pytest.raises(TypeError, match="big"):
        augment.Synonyms(table={"big": "large"})
    with pytest.raises(ValueError, match="synonyms"):
        augment.Synonyms(table={"big": []})
    with pytest.raises(ValueError, match="one word"):
        augment.BackOff(token="two words")
    with pytest.raises(ValueError, match="token"):
        augment.MaskSpan(token="")


def test_mixup_takes_embeddings():
    """Vectors (batch, time, features), zero beyond each text's end."""
    lengths = RANDOM.integers(1, 6, 64)
    alive = np.arange(6) < lengths[:, None]
    x = RANDOM.normal(size=(64, 6, 4)).astype("float32") * alive[..., None]
    y = np.arange(64) % 2
    part = augment.MixUp(1.0, classes=2)
    out = part({"x": tf.constant(x), "y": tf.constant(y)}, [1, 2])
    assert out["x"].shape == x.shape and out["y"].shape == (64, 2)
    # One weight for all positions: each is a b + (1 - a) c of one pair.
    for mixed in out["x"].numpy()[:8]:
        fits = [
            np.abs(
                np.linalg.lstsq(
                    np.stack([a.ravel(), b.ravel()], 1), mixed.ravel(), None
                )[1]
            ).sum()
            for a, b in itertools.combinations(x, 2)
        ]
        assert min(fits) < 1e-6
