"""The words of the notation: which Keras layer each of them is.

A Keras class name is a word too (RandomFlip/horizontal), so that every layer of the house can be
written; this table holds the short ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import get_args

from answers.layers.activation import Function
from answers.layers.base import Layer
from answers.layers.catalogue import LAYERS


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word for a layer.

    classes: Keras's classes for one, two and three spatial axes, or the only one.
    sizes: the arguments that the sizes right behind the word fill (conv3, resize32x64).
    real: it is one number with a point that stands there (dropout0.5).
    count: the argument behind the dash (conv3-64).
    fixed: arguments that the word itself sets (relu6).
    inner: the class of the layer in it that takes the arguments (bilstm: an LSTM in both ways).
    axes: how many spatial axes an input that nobody described has; None where any will do.
    """

    word: str
    example: str
    meaning: str
    classes: tuple[str, ...]
    sizes: tuple[str, ...] = ()
    real: bool = False
    count: str = ""
    fixed: tuple[tuple[str, str | float], ...] = ()
    inner: str = ""
    axes: int | None = None
    aliases: tuple[str, ...] = ()

    @property
    def by_rank(self) -> bool:
        """Whether the class depends on the number of axes."""
        return len(self.classes) > 1


def _ranked(name: str, most: int = 3) -> tuple[str, ...]:
    return tuple(name.format(rank) for rank in range(1, most + 1))


def _window(word: str, classes: tuple[str, ...], meaning: str, *aliases: str) -> Word:
    return Word(
        word=word,
        example=f"{word}3-16",
        meaning=meaning,
        classes=classes,
        sizes=("kernel_size",),
        count="filters",
        aliases=aliases,
    )


def _sized(
    word: str, classes: tuple[str, ...], field: str, example: str, meaning: str, *aliases: str
) -> Word:
    return Word(
        word=word,
        example=f"{word}{example}",
        meaning=meaning,
        classes=classes,
        sizes=tuple(field.split()),
        aliases=aliases,
    )


def _plain(word: str, kind: str | tuple[str, ...], meaning: str, *aliases: str) -> Word:
    classes = (kind,) if isinstance(kind, str) else kind
    return Word(word=word, example=word, meaning=meaning, classes=classes, aliases=aliases)


def _real(word: str, kind: str, field: str, example: str, meaning: str, *aliases: str) -> Word:
    return Word(
        word=word,
        example=f"{word}{example}",
        meaning=meaning,
        classes=(kind,),
        sizes=(field,),
        real=True,
        aliases=aliases,
    )


def _recurrent(word: str, kind: str, meaning: str) -> tuple[Word, Word]:
    one = Word(
        word=word,
        example=f"{word}-64",
        meaning=meaning,
        classes=(kind,),
        count="units",
        axes=1,
    )
    both = Word(
        word=f"bi{word}",
        example=f"bi{word}-64",
        meaning=f"{meaning}, read in both directions",
        classes=("Bidirectional",),
        count="units",
        inner=kind,
        axes=1,
    )
    return one, both


def _function(word: str) -> Word:
    return Word(
        word=word,
        example=word,
        meaning=f"the activation {word}",
        classes=("Activation",),
        fixed=(("activation", word),),
        aliases=("swish",) if word == "silu" else (),
    )


# relu, softmax and leaky_relu are layers of their own; linear does nothing
_FUNCTIONS = set(get_args(Function)) - {
    *("relu", "relu6", "softmax", "leaky_relu", "linear"),
    "hard_sigmoid_keras2",  # read from old files alone
}

WORDS: tuple[Word, ...] = (
    _window("conv", _ranked("Conv{}D"), "a convolution: kernel size, then filters"),
    Word(
        word="dw",
        example="dw3",
        meaning="a depthwise convolution: each channel by itself",
        classes=_ranked("DepthwiseConv{}D", 2),
        sizes=("kernel_size",),
        aliases=("depthwise", "dwconv"),
    ),
    _window(
        "sep",
        _ranked("SeparableConv{}D", 2),
        "a separable convolution: depthwise, then 1x1",
        "separable",
        "sepconv",
    ),
    _window(
        "convT",
        _ranked("Conv{}DTranspose"),
        "a transposed convolution: enlarges by its stride",
        "deconv",
        "tconv",
        "convtranspose",
    ),
    _window(
        "local",
        _ranked("LocallyConnected{}D", 2),
        "a locally connected layer: own weights at each position",
    ),
    _sized("maxpool", _ranked("MaxPooling{}D"), "pool_size", "2", "max pooling; stride = size"),
    _sized("avgpool", _ranked("AveragePooling{}D"), "pool_size", "2", "average pooling"),
    _plain("gap", _ranked("GlobalAveragePooling{}D"), "global average pooling"),
    _plain("gmp", _ranked("GlobalMaxPooling{}D"), "global max pooling"),
    _sized("up", _ranked("UpSampling{}D"), "size", "2", "up-sampling by copies", "upsample"),
    _sized("resize", ("Resizing",), "height width", "64x64", "resizing to a height and width"),
    _sized("pad", _ranked("ZeroPadding{}D"), "padding", "1", "zeros around", "zeropad"),
    _sized("crop", _ranked("Cropping{}D"), "cropping", "1", "takes away at the borders"),
    _plain("bn", "BatchNormalization", "batch normalisation", "batchnorm"),
    _plain("ln", "LayerNormalization", "layer normalisation", "layernorm"),
    _sized("gn", ("GroupNormalization",), "groups", "8", "group normalisation", "groupnorm"),
    _plain("rms", "RMSNormalization", "normalisation by the root mean square", "rmsnorm"),
    _plain("unitnorm", "UnitNormalization", "scales vectors to length 1"),
    _real("dropout", "Dropout", "rate", "0.5", "dropout"),
    _plain("flatten", "Flatten", "all axes in one"),
    _sized("reshape", ("Reshape",), "target_shape", "7x7x128", "the same numbers in a new shape"),
    _sized("permute", ("Permute",), "dims", "2x1", "axes in another order"),
    _sized("repeat", ("RepeatVector",), "n", "8", "a vector several times"),
    Word(
        word="dense",
        example="dense-128",
        meaning="a dense (fully connected) layer: units",
        classes=("Dense",),
        count="units",
        aliases=("fc",),
    ),
    Word(
        word="embed",
        example="embed10000-64",
        meaning="an embedding: words, then numbers a word",
        classes=("Embedding",),
        sizes=("input_dim",),
        count="output_dim",
        axes=0,
        aliases=("embedding",),
    ),
    _plain("relu", "ReLU", "max(x, 0)"),
    Word(
        word="relu6",
        example="relu6",
        meaning="max(x, 0), at most 6",
        classes=("ReLU",),
        fixed=(("max_value", 6.0),),
    ),
    _real("leakyrelu", "LeakyReLU", "negative_slope", "0.1", "a slope below 0", "leaky_relu"),
    _plain("prelu", "PReLU", "a learnt slope below 0"),
    _plain("softmax", "Softmax", "shares that add up to 1"),
    Word(
        word="activation",
        example="activation/relu",
        meaning="Keras's Activation layer with a function",
        classes=("Activation",),
    ),
    *map(_function, sorted(_FUNCTIONS)),
    _real("rescale", "Rescaling", "scale", "1/255", "times a number", "rescaling"),
    _plain("add", "Add", "the sum of its inputs"),
    _plain("sub", "Subtract", "the difference of two inputs"),
    _plain("mul", "Multiply", "the product of its inputs"),
    _plain("avg", "Average", "the mean of its inputs"),
    _plain("max", "Maximum", "the largest of its inputs"),
    _plain("min", "Minimum", "the smallest of its inputs"),
    Word(
        word="dot",
        example="dot/axes=1",
        meaning="the dot product of two inputs along an axis",
        classes=("Dot",),
    ),
    _plain("concat", "Concatenate", "its inputs side by side"),
    *_recurrent("lstm", "LSTM", "an LSTM: units"),
    *_recurrent("gru", "GRU", "a GRU: units"),
    *_recurrent("rnn", "SimpleRNN", "a plain recurrent layer: units"),
    _plain("attention", "Attention", "dot-product attention"),
    Word(
        word="mha",
        example="mha8-64(a)",
        meaning="multi-head attention: heads, then numbers a head; (a): what it looks at",
        classes=("MultiHeadAttention",),
        sizes=("num_heads",),
        count="key_dim",
        axes=1,
    ),
)


@dataclass(frozen=True)
class Form:
    """Something else that may be written, for the help."""

    example: str
    meaning: str


FORMS: tuple[Form, ...] = (
    Form("in 32x32x3: conv3-16", "the input: its sizes, then what comes on it"),
    Form("in {n}x{n}x3: conv3-{c}", "a letter in braces stands for a whole number"),
    Form("in ?x?x3: conv3-16", "? leaves a size open; without 'in …:' all are open"),
    Form("conv1x7-64", "a kernel of 1 by 7"),
    Form("conv3-64/s2/same", "stride 2; padding 'same' (or valid, causal)"),
    Form("conv3-64/d2", "dilation 2"),
    Form("conv3-32/g4/nobias", "4 groups; no bias"),
    Form("dw3/m2", "depth multiplier 2"),
    Form("convT3-32/s2/op1", "output padding 1"),
    Form("dense-10/softmax", "an activation inside the layer"),
    Form("bn/axis=1/noscale", "any argument of Keras by its name; true, or 'no' and the name"),
    Form("conv3-64/frozen", "training leaves the layer alone"),
    Form("3*(conv3-16/same, relu)", "a row three times"),
    Form("[conv1-8 | conv1-4, conv3-8/same] concat", "branches, and what joins them"),
    Form("[ | conv3-8/same] concat", "an empty branch lets its input through"),
    Form("res(conv3-64/same, relu, conv3-64/same)", "the row, with its input added"),
    Form("a=conv3-64/same, relu, concat(a)", "a name, and its use further on"),
    Form("a=conv3-64/same, relu, again(a)", "the layer a once more, with the same weights"),
    Form("a=conv3-64/same, relu, from(a), tanh", "go on from an earlier place"),
    Form("a=conv3-64, b=relu, out(a, b)", "several outputs"),
    Form("in x=8x8x3, y=8x8x3: concat(y)", "several inputs; the row begins at the first"),
    Form("GaussianNoise/stddev=0.1", "any layer of Keras by its own name"),
    Form("relu # a comment", "a comment goes to the end of its line"),
)

# a letter behind a slash, and the argument that its sizes fill
LETTERS_OF_OPTIONS = {
    "s": "strides",
    "d": "dilation_rate",
    "g": "groups",
    "m": "depth_multiplier",
    "op": "output_padding",
}
FROZEN = "frozen"  # /frozen: training leaves the layer alone


@cache
def _table() -> dict[str, Word]:
    """Words, then aliases, then class names; each in its own letters and in small ones."""
    named = {word.word: word for word in WORDS}
    aliases = {alias: word for word in WORDS for alias in word.aliases}
    table = {**aliases, **named}
    small = {key.lower(): word for key, word in table.items()}
    kinds = {kind: _class_word(kind) for kind in LAYERS if not _has_word(kind, small)}
    small_kinds = {key.lower(): word for key, word in kinds.items()}
    return {**small_kinds, **kinds, **small, **table}


def _has_word(kind: str, small: dict[str, Word]) -> bool:
    """Whether a class name is just another spelling of a word; an input is no layer of a row."""
    word = small.get(kind.lower())
    return kind == "InputLayer" or (word is not None and kind in word.classes)


@cache
def _class_word(kind: str) -> Word:
    rank = getattr(LAYERS[kind], "rank", None)
    axes = rank if isinstance(rank, int) else None
    return Word(word=kind, example=kind, meaning=f"Keras's {kind}", classes=(kind,), axes=axes)


def find_word(text: str) -> Word | None:
    """The word that a person wrote; capitals don't matter."""
    return _table().get(text) or _table().get(text.lower())


def spellings() -> tuple[str, ...]:
    """Everything that can be written, for 'did you mean'."""
    return tuple(_table())


@cache
def _by_class() -> dict[str, list[Word]]:
    table: dict[str, list[Word]] = {}
    for word in WORDS:
        for kind in (word.inner,) if word.inner else word.classes:
            table.setdefault(kind, []).append(word)
    return table


def short_word(kind: str) -> Word | None:
    """The short word of one of Keras's classes; None where it has none that sets nothing more."""
    plain = (word for word in _by_class().get(kind, ()) if not word.inner and not word.fixed)
    return next(plain, None)


def word_for(layer: Layer, *, wrapped: bool = False) -> Word:
    """The word that writes a layer: the one that sets most of it, else Keras's class name.

    wrapped: the layer goes along its input in both directions.
    """
    fitting = [
        word
        for word in _by_class().get(layer.kind, ())
        if bool(word.inner) == wrapped and all(getattr(layer, k) == v for k, v in word.fixed)
    ]
    return max(fitting, key=lambda word: len(word.fixed), default=_class_word(layer.kind))
