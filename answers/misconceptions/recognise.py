"""From a number that somebody came to by hand to the slip that gives exactly this number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property

from answers.errors import InputError
from answers.expressions.size import Size, is_symbolic, same
from answers.layers.base import Shape
from answers.misconceptions.counting import (
    RIGHTLY,
    Counter,
    CountRule,
    inner_family,
    macs_of,
    parameters_of,
)
from answers.misconceptions.field import FieldSlip, fields_of
from answers.misconceptions.number import Claim, checked_claim, nearness, number_text, probe
from answers.misconceptions.rule import rules_of
from answers.misconceptions.slip import Quantity, Slip, frames, slips
from answers.misconceptions.total import (
    Study,
    bytes_of,
    macs_in,
    parameters_in,
    weight_bytes_in,
)
from answers.misconceptions.use import Reshaping, Unfolded, Use, unfolded
from answers.network.graph import Network
from answers.network.shapes import Shapes
from answers.receptive_field.walk import receptive_field

MOST_SHOWN = 3
# a slip in one layer only is tried for each layer in turn, each time with all layers after it
MOST_TRIED = 80
Sizes = tuple[Size, ...]


@dataclass(frozen=True)
class Recognised:
    """A slip that gives exactly the claimed number.

    sentence: what was done, where, and both numbers. layers: where it was done, by name;
    everywhere: the slip was made at every layer where it can be, not at one alone.
    """

    slip: Slip
    sentence: str
    layers: tuple[str, ...]
    everywhere: bool


@dataclass(frozen=True)
class Recognition:
    """What is said of a claimed number.

    right: the right number, or its sizes along the axes. slips: the best first, three at most;
    none where the number is right, or nothing usual explains it. hint: how far off it is then, a
    whole sentence; may be empty.
    """

    quantity: Quantity
    claimed: Claim
    right: Sizes
    is_right: bool
    slips: tuple[Recognised, ...]
    hint: str


def recognise(
    quantity: Quantity, network: Network, claimed: Claim, inputs: Shapes | None = None
) -> Recognition:
    """Try a claimed number against the usual slips.

    claimed: a whole number, a fraction, an expression of the network's symbols; for a shape or a
    field also all sizes as a tuple (one size is compared with every axis of the picture).
    memory: of the weights, in bytes. macs, flops: for one sample.
    Raises: InputError `number-too-large` beyond 2^4096, and whatever the network says of its
    inputs (a size that is left open, a layer without a rule).
    """
    checked_claim(claimed)
    right, also_right = _right(quantity, network, inputs)
    study = Study(unfolded(network, inputs), right)
    trial = _Trial(quantity, network, inputs, study, claimed)
    if trial.matches(right) or (also_right and trial.matches(also_right)):
        return Recognition(quantity, claimed, right, True, (), "")
    found = tuple(trial.found())
    hint = "" if found else nearness(claimed, right)
    return Recognition(quantity, claimed, right, False, found, hint)


@dataclass(frozen=True)
class WrongNumber:
    """What a slip makes of a number. sentence: what was done, true of the layers it was done in."""

    value: Sizes
    sentence: str


def right_number(quantity: Quantity, network: Network) -> Sizes:
    """The right number, or its sizes along the axes.

    Raises: whatever the network says of its inputs (a size that is left open).
    """
    return _right(quantity, network, None)[0]


def wrong_numbers(
    quantity: Quantity, network: Network, codes: Iterable[str]
) -> dict[str, tuple[WrongNumber, ...]]:
    """What slips make of a number, the slip made everywhere first, then in one layer alone.

    codes: of slips; one that can't happen in this network, or changes nothing, has no number.
    Raises: as `right_number`; KeyError for an unknown code.
    """
    known = {slip.code: slip for slip in slips()}
    right = right_number(quantity, network)
    trial = _Trial(quantity, network, None, Study(unfolded(network, None), right), right[0])
    return {code: tuple(dict.fromkeys(trial.wrong(known[code]))) for code in codes}


def _right(quantity: Quantity, network: Network, inputs: Shapes | None) -> tuple[Sizes, Sizes]:
    """The right sizes, and others that can be meant as well."""
    if quantity != "receptive-field":
        return _value(quantity, unfolded(network, inputs)), ()
    seen = receptive_field(network, inputs=inputs).checked()
    sizes = _known_sizes(seen.sizes)
    # where every unit sees everything, the local field and what all of them see are both fair answers
    shared = [axis.shared for axis in seen.axes if axis.shared is not None]
    return sizes, tuple(part.count for part in shared) if len(shared) == len(seen.axes) else ()


def _value(quantity: Quantity, runs: Unfolded) -> Sizes:
    """The number by our own walk, which a slip can lead astray."""
    if quantity == "shape":
        return _known_sizes(runs.outputs[0].output)
    totals: dict[str, Callable[[Unfolded], Size]] = {
        "parameters": parameters_in,
        "macs": macs_in,
        "flops": lambda these: 2 * macs_in(these),
        "memory": weight_bytes_in,
    }
    return (totals[quantity](runs),)


def _known_sizes(shape: Shape) -> Sizes:
    sizes = tuple(size for size in shape if size is not None)
    if len(sizes) < len(shape):
        raise InputError(
            "size-unknown",
            "A size that is asked for is left open, or not known.",
            hint="Give the network's input a size.",
        )
    return sizes


@dataclass(frozen=True)
class _Attempt:
    """One slip, made somewhere. wrong, own: at the one layer, where it was made in one only."""

    value: Sizes
    layers: tuple[str, ...]
    everywhere: bool = True
    wrong: Size | None = None
    own: Size | None = None


@dataclass(frozen=True)
class _Trial:
    """All slips, one after another, against one number."""

    quantity: Quantity
    network: Network
    inputs: Shapes | None
    study: Study
    claimed: Claim
    _known: dict[CountRule, list[tuple[Use, Size, Size]]] = field(default_factory=dict)

    def matches(self, value: Sizes) -> bool:
        """Whether the claim says this: all sizes, or one of those along the picture."""
        claimed = self.claimed
        if isinstance(claimed, tuple):
            pairs = zip(claimed, value, strict=False)
            enough = len(value) - len(claimed) in (0, self.quantity == "shape")
            return enough and all(_equal(a, b) for a, b in pairs)
        axes = value[:-1] if self.quantity == "shape" and len(value) > 1 else value
        return any(_equal(claimed, size) for size in axes)

    def found(self) -> Iterator[Recognised]:
        """The slips that give the number; those made everywhere first."""
        shown: set[str] = set()
        for scope, attempts in (("everywhere", self.everywhere), ("one", self.one)):
            for slip in self._candidates(scope):
                if len(shown) == MOST_SHOWN:
                    return
                attempt = None if slip.code in shown else self._explaining(attempts(slip))
                if attempt is not None:
                    shown.add(slip.code)
                    yield self._recognised(slip, attempt)

    def _candidates(self, scope: str) -> Iterator[Slip]:
        for slip in slips():
            if self.quantity in slip.quantities and slip.scope in (scope, "both"):
                yield slip

    def _explaining(self, attempts: Iterator[_Attempt]) -> _Attempt | None:
        return next((item for item in _tried(attempts) if self.matches(item.value)), None)

    def wrong(self, slip: Slip) -> Iterator[WrongNumber]:
        """Every number that a slip leads to."""
        scopes = (("everywhere", self.everywhere), ("one", self.one))
        for scope, attempts in scopes:
            if self.quantity in slip.quantities and slip.scope in (scope, "both"):
                for attempt in _tried(attempts(slip)):
                    if not all(map(_equal, attempt.value, self.study.right)):
                        families = self._families(attempt.layers)
                        yield WrongNumber(attempt.value, slip.sentence_for(families))

    def everywhere(self, slip: Slip) -> Iterator[_Attempt]:
        """The slip at all layers alike."""
        rules = rules_of(slip.code)
        if rules.total is not None:
            value = rules.total(self.study)
            if value is not None:
                yield _Attempt(value, ())
        yield from self._fields(rules.fields)
        if rules.count is not None and self._counts:
            yield self._summed(self._counted(rules.count))
        if rules.reshaping is not None and self.quantity != "receptive-field":
            yield from self._reshaped(rules.reshaping)

    def one(self, slip: Slip) -> Iterator[_Attempt]:
        """The slip at one layer after another."""
        rules = rules_of(slip.code)
        if rules.count is not None and self._counts:
            for change in self._counted(rules.count):
                yield self._alone(*change)
        if rules.reshaping is not None and self.quantity != "receptive-field":
            yield from self._reshaped_one(rules.reshaping)
        if len(self._uses) <= MOST_TRIED and self._is_chain:
            for rule in rules.fields:
                yield from self._fields_one(rule)

    # --- slips of counting

    @property
    def _uses(self) -> tuple[Use, ...]:
        return self.study.runs.uses

    @property
    def _counts(self) -> bool:
        return self.quantity not in ("shape", "receptive-field")

    @property
    def _counter(self) -> Counter:
        return macs_of if self.quantity in ("macs", "flops") else parameters_of

    @cached_property
    def _right_counts(self) -> dict[int, Size]:
        return {id(use): self._counter(use, RIGHTLY) for use in self._uses}

    def _counted(self, rule: CountRule) -> list[tuple[Use, Size, Size]]:
        if rule not in self._known:
            changes = self._differences(lambda use: rule(use, self._counter))
            self._known[rule] = list(changes)
        return self._known[rule]

    def _differences(self, wrong: Callable[[Use], Size | None]) -> Iterator[tuple[Use, Size, Size]]:
        """Each run where the slip changes the number, with the wrong and the right one."""
        for use in self._uses:
            if not use.before or not (use.first or self._counter is macs_of):
                continue
            said, own = wrong(use), self._right_counts[id(use)]
            if said is not None and not _equal(said, own):
                yield use, said * self._unit(use), own * self._unit(use)

    def _unit(self, use: Use) -> int:
        units = {"flops": 2, "memory": bytes_of(use.layer)}
        return units.get(self.quantity, 1)

    def _summed(self, changes: Iterable[tuple[Use, Size, Size]]) -> _Attempt:
        made = list(changes)
        total = self.study.right[0] + sum(wrong - own for _, wrong, own in made)
        return _Attempt((total,), _names(use for use, _, _ in made))

    def _alone(self, use: Use, wrong: Size, own: Size) -> _Attempt:
        return _Attempt((self.study.right[0] + wrong - own,), (use.name,), False, wrong, own)

    # --- slips about sizes

    def _reshaped(self, rule: Reshaping) -> Iterator[_Attempt]:
        """With everything that follows; then each layer on its right input."""
        places = [use for use in self._uses if use.before and rule(use) not in (None, use.output)]
        if not places:
            return
        yield from self._walked(rule, _names(places), everywhere=True)
        if self._counts:
            yield self._summed(self._differences(self._misplaced(rule)))

    def _misplaced(self, rule: Reshaping) -> Callable[[Use], Size | None]:
        def wrong(use: Use) -> Size | None:
            shape = rule(use)
            return None if shape is None else self._counter(replace(use, output=shape), RIGHTLY)

        return wrong

    def _reshaped_one(self, rule: Reshaping) -> Iterator[_Attempt]:
        if self._counts:
            for change in self._differences(self._misplaced(rule)):
                yield self._alone(*change)
        if len(self._uses) > MOST_TRIED:
            return
        for place in self._uses:
            if place.before and rule(place) not in (None, place.output):
                yield from self._walked(_only(rule, place.name), (place.name,), everywhere=False)

    def _walked(
        self, rule: Reshaping, layers: tuple[str, ...], *, everywhere: bool
    ) -> Iterator[_Attempt]:
        try:
            runs = unfolded(self.network, self.inputs, _with_layer(rule))
            value = _value(self.quantity, runs)
        except InputError:  # with such a size the network does not fit together
            return
        yield _Attempt(value, layers, everywhere)

    # --- slips about receptive fields

    @cached_property
    def _is_chain(self) -> bool:
        """Whether the rule of chains gives the right field, so that slips in it can be told."""
        if self.quantity != "receptive-field":
            return False
        by_chain, right = fields_of(self.study.runs), self.study.right
        return len(by_chain) == len(right) and all(map(_equal, by_chain, right))

    def _fields(self, rules: tuple[FieldSlip, ...]) -> Iterator[_Attempt]:
        if self._is_chain:
            for rule in rules:
                yield _Attempt(fields_of(self.study.runs, _always(rule)), ())

    def _fields_one(self, rule: FieldSlip) -> Iterator[_Attempt]:
        for place in self._uses:
            value = fields_of(self.study.runs, _at(rule, place))
            if value != self.study.right:
                yield _Attempt(value, (place.name,), False)

    # --- in words

    def _recognised(self, slip: Slip, attempt: _Attempt) -> Recognised:
        return Recognised(slip, self._sentence(slip, attempt), attempt.layers, attempt.everywhere)

    def _sentence(self, slip: Slip, attempt: _Attempt) -> str:
        frame = frames().every if attempt.layers else frames().whole
        if attempt.wrong is not None:
            frame = frames().one
        if attempt.wrong is not None and _equal(attempt.value[0], attempt.wrong):
            frame = (
                frames().whole
            )  # it is the only layer that counts: both numbers would come twice
        return frame.format(
            sentence=slip.sentence_for(self._families(attempt.layers)),
            layers=_listed(attempt.layers),
            layer=attempt.layers[0] if attempt.layers else "",
            claimed=number_text(self.claimed),
            right=number_text(self._right_in_words()),
            wrong=number_text(attempt.wrong or 0),
            own=number_text(attempt.own or 0),
        )

    def _families(self, names: tuple[str, ...]) -> set[str]:
        return {inner_family(use.layer) for use in self._uses if use.name in names}

    def _right_in_words(self) -> Claim:
        """One number where one was claimed and all axes agree."""
        axes = self.study.right
        if self.quantity == "shape" and len(axes) > 1 and not isinstance(self.claimed, tuple):
            axes = axes[:-1]
        alike = all(_equal(size, axes[0]) for size in axes)
        return axes[0] if alike and not isinstance(self.claimed, tuple) else axes


def _tried(attempts: Iterator[_Attempt]) -> Iterator[_Attempt]:
    """What can be computed: a slip that leads to an impossible formula is no explanation."""
    try:
        yield from attempts
    except (InputError, ZeroDivisionError):
        return


def _equal(a: Claim, b: Claim) -> bool:
    """Whether two numbers are equal, tried at one point first where symbols stand in them."""
    if not (is_symbolic(a) or is_symbolic(b)):
        return a == b
    return probe(a) == probe(b) and same(a, b)  # type: ignore[arg-type]  # no tuple comes here


def _names(runs: Iterator[Use] | list[Use]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(use.name for use in runs))


def _listed(names: tuple[str, ...]) -> str:
    shown = [*names[:3], *([f"{len(names) - 3} more"] if len(names) > 3 else [])]
    return " and ".join([", ".join(shown[:-1]), shown[-1]] if len(shown) > 1 else shown)


def _with_layer(rule: Reshaping) -> Reshaping:
    return lambda use: rule(use) if use.before else None


def _only(rule: Reshaping, name: str) -> Reshaping:
    return lambda use: rule(use) if use.name == name else None


def _always(rule: FieldSlip) -> Callable[[Use], FieldSlip | None]:
    return lambda _use: rule


def _at(rule: FieldSlip, place: Use) -> Callable[[Use], FieldSlip | None]:
    return lambda use: rule if use is place else None
