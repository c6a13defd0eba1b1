"""The story of one grade: a file comes in, a report goes out.

Stage 1 reads the file's network; it is judged before any weight is read. Stage 2 is started, and
imports its engine while stage 1 hands the weights on and the data is opened. Then pictures go in,
predictions come back, and counts become verdicts.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

from answers.data.input_contract import InputContract
from answers.data.split import Split
from answers.errors import CompanionError, InputError, MissingError, RunError
from answers.layers.core import InputLayer
from answers.network.cost import Cost
from answers.network.head import final_activation
from answers.network.parameters import leaves, parameters
from answers.network.shapes import input_shapes, output_shapes
from checkers.assignment.assignment import Assignment
from checkers.assignment.catalogue import choose as choose_assignment
from checkers.diagnosis import Diagnosis
from checkers.engine.choice import Backend, Choice, Device, Engine, choose
from checkers.engine.predicting import (
    NO_GPU_ANSWERS,
    EngineFacts,
    EngineName,
    Launch,
    Meant,
    PictureType,
    Predictor,
    batch_size,
    predicting,
)
from checkers.engine.reading import Reading, reading
from checkers.engine.submission import submission
from checkers.isolation.level import Level, level_of, reaches, weaker
from checkers.judged import judged, misses_a_score
from checkers.measuring import answer as answers_of
from checkers.measuring.answer import Answer, depends_on_classes
from checkers.measuring.classification import Unmeasured
from checkers.measuring.counting import counted
from checkers.measuring.feed import Feed, check_feed, settle_feed
from checkers.measuring.fitting import check_limits, cost_of, fed, refused
from checkers.measuring.repeatability import repeated, tolerance
from checkers.measuring.rows import Rows
from checkers.measuring.scores import scores, undecided
from checkers.measuring.stream import Part, Predicted, predictions
from checkers.measuring.verification import Verifying
from checkers.model_file.record import NOTHING, Expected, Finding, ModelFile
from checkers.report import DataFacts, ModelFacts, Report
from checkers.request import Request, Unwatched, Watch
from checkers.round import Round

_SEED_BITS = 48  # a number that JSON keeps exactly


def grade(request: Request, watch: Watch | None = None, together: Round | None = None) -> Report:
    """Grade one file. Nothing that is wrong with the file or the run is raised: the report says it.

    together: what it shares with the other files of a call.
    Raises: InputError where the command itself or the data is wrong.
    """
    start = time.monotonic()
    check_feed(request.feed)
    grading = _Grading(request, watch or Unwatched(), together or Round())
    try:
        grading.run()
    except CompanionError as error:
        if _is_about_the_command(error):
            raise
        grading.report = replace(grading.report, error=error)
    return replace(grading.report, seconds=time.monotonic() - start)


@contextmanager
def _of_the_network() -> Iterator[None]:
    """What the layer algebra says against a network is a refusal of that network."""
    try:
        yield
    except InputError as error:
        raise error if error.code in _OF_ONE_FILE else refused(error) from None


def _is_about_the_command(error: CompanionError) -> bool:
    return isinstance(error, InputError) and error.code not in ("path-missing", *_OF_ONE_FILE)


@dataclass
class _Grading:
    """One grade on its way; `report` holds what is known so far."""

    request: Request
    watch: Watch
    together: Round

    def __post_init__(self) -> None:
        given = self.request.order_seed
        self.seed = secrets.randbits(_SEED_BITS) if given is None else given
        self.report = Report(file=self.request.name, isolation=self.request.proven)
        self.model: ModelFile
        self.assignment: Assignment
        self.launch: Launch
        self.second: EngineFacts
        self.answer: Answer | None = None
        self.contract: InputContract
        self.cost: Cost | None = None
        self.split: Split | None = None
        self.sought = False

    def run(self) -> None:
        """The whole story, from the file to the verdicts."""
        self._require(self.request.proven)
        self.watch.stage("reading the file")
        with submission(self.request.path, self.request.member) as file:
            self.report = replace(self.report, sha256=file.sha256, size=file.size)
            with reading(file.descriptor, ready=self.together.ready.reader()) as reader:
                self._judge_the_network(reader)
                if self.answer is not None:
                    self._predict(reader)
                else:
                    reader.weights(self.model)  # a file whose weights are damaged is no model
        found = judged(self.report, self.assignment.checks, self.model.network)
        self.report = replace(self.report, verdicts=found)

    # --- before anything runs ---------------------------------------------------------------

    def _judge_the_network(self, reader: Reading) -> None:
        """Whether the network suits the assignment, before anything of it is run."""
        with _of_the_network():
            self.model = reader.model(self._expected())
            self._require(level_of(reader.locks, ()))
            self._meet_the_assignment()
        open_ended = self._asks_for_the_classes() and self._open_data() is None
        with _of_the_network():
            self._fit(open_ended=open_ended)

    def _asks_for_the_classes(self) -> bool:
        """Whether it is the data that says which of several outputs answers."""
        task, masks = self.assignment.task, self.assignment.masks
        return self.request.head is None and depends_on_classes(self.model.network, task, masks)

    def _expected(self) -> Expected:
        """What the assignment knows of what a file may leave out."""
        given = self.request.assignment
        if given is None:
            return NOTHING
        return Expected(network=given.model.reference, size=given.input.size)

    def _meet_the_assignment(self) -> None:
        given = self.request.assignment
        network = self.model.network
        inputs, outputs = input_shapes(network), output_shapes(network)
        self.assignment = given or choose_assignment(inputs[0], *outputs)
        chosen = "" if given else f"it is the built-in one that fits {network.name!r}"
        self.report = replace(self.report, assignment=self.assignment, chosen=chosen)

    def _fit(self, *, open_ended: bool) -> None:
        """Settle output, feed and cost; open_ended: the data is missing that says which output."""
        network = self.model.network
        assignment = self.assignment
        said = [] if open_ended else self._choose()
        contract, misfits = fed(network, assignment.input)
        feed = settle_feed(self.request.feed, contract.scale, network)
        self.contract = replace(contract, scale=feed.scale)
        self.cost = cost_of(network, self.contract)
        self._say(*self.model.findings, *said, *misfits, *feed.findings)
        self._note_facts(feed)
        check_limits(network, self.cost, assignment.limits, self.report.size)
        if misfits:
            self.answer = None

    def _choose(self) -> list[Finding]:
        """Settle which output answers, and say why."""
        self.answer, said = answers_of.choose(
            self.model,
            self.assignment.task,
            self._channel(),
            self.assignment.model.head,
            self.assignment.masks,
            named=self.request.head,
            classes=None if self.split is None else len(self.split.classes),
        )
        return said

    def _channel(self) -> int | None:
        """The channel that the person, else the assignment, asks for."""
        channel = self.request.channel
        return self.assignment.model.channel if channel is None else channel

    def _note_facts(self, feed: Feed) -> None:
        network = self.model.network
        layers = [leaf.layer for leaf in leaves(network)]
        facts = ModelFacts(
            dialect=self.model.dialect,
            writer=self.model.writer,
            layers=sum(not isinstance(layer, InputLayer) for layer in layers),
            parameters=parameters(network),
            macs=self.cost.macs if self.cost else None,
            input_shapes=input_shapes(network),
            output_shapes=output_shapes(network),
            activation=final_activation(network),
        )
        self.report = replace(self.report, model=facts, scale=feed.scale, scale_reason=feed.reason)

    # --- running it -------------------------------------------------------------------------

    def _predict(self, reader: Reading) -> None:
        choice = self._choice()
        if choice is None:
            reader.weights(self.model)  # a file whose weights are damaged is no model
            return
        with self._predictor(choice) as predictor:
            split = self._open_data()
            weights = reader.weights(self.model)
            reader.finish()  # what it holds is room for the predictor
            if split is None or self.answer is None:
                return
            self.answer, said = answers_of.meet(self.answer, split, channel=self._channel())
            self._say(*said)
            if self.answer is None:
                return
            self.watch.stage("starting the engine")
            # nothing else is to be done meanwhile
            rows = self.together.source.rows(split, self.contract)
            rows.read_ahead(lambda: predictor.answered)
            if self._has_engine(predictor):
                with self._second(predictor.name) as second:
                    self._build(predictor, second, rows, weights, self.answer.output)
                    self._prepare_the_next()
                    self._measure(predictor, second, split, self.answer)

    def _build(
        self,
        predictor: Predictor,
        second: Predictor | None,
        rows: Rows,
        weights: int,
        output: int,
    ) -> None:
        kind: PictureType = "float32" if rows.as_floats else "uint8"
        meant = Meant(kind, self.contract.scale, self._at_once())
        for each in (predictor, second) if second else (predictor,):
            # each waits while the other one predicts
            self._allow_time(each, rows.split, passes=2 if second else 1)
            each.build(self.model.network, weights, output, meant)

    @contextmanager
    def _predictor(self, choice: Choice) -> Iterator[Predictor]:
        request, ready = self.request, self.together.ready
        device = request.device
        if device == "auto" and self.together.no_gpu:
            device, choice = "cpu", replace(choice.without_a_gpu or choice, reason=NO_GPU_ANSWERS)
        launch = Launch(
            engine=choice.engine,
            backend=request.backend or "tensorflow",
            device=device,
            gpu=request.gpu,
            memory=self.assignment.limits.memory,
        )
        with predicting(launch, choice, ready=ready.predictor(launch)) as predictor:
            self.launch = launch
            yield predictor

    @contextmanager
    def _second(self, first: EngineName) -> Iterator[Predictor | None]:
        """The other engine with its engine at hand, where both are to be asked; else None.

        first: the one that runs, which may be another than was chosen.
        """
        with ExitStack() as stack:
            yield self._started(first, stack) if self.request.verify else None

    def _started(self, first: EngineName, stack: ExitStack) -> Predictor | None:
        """The engine that is not the first, on the CPU; None where it is missing, which is said."""
        other: Engine = "keras" if first == "onnx" else "onnx"
        try:
            choice = self._chosen(other, backend=None, device="cpu")
            launch = Launch(
                engine=choice.engine, device="cpu", memory=self.assignment.limits.memory
            )
            predictor = stack.enter_context(predicting(launch, choice))
            self.second = predictor.engine()
        except MissingError as error:
            hint = error.hint if error.code == "engine-missing" else "Grade it without --verify."
            message = f"The other engine can't be asked: {error.message}"
            self._miss(MissingError(error.code, message, hint=hint))
            return None
        self._require(level_of(self.second.locks, ()))
        return predictor

    def _choice(self) -> Choice | None:
        """The engine; None where the one that was asked for can't run this, which is said."""
        try:
            request = self.request
            return self._chosen(request.engine, backend=request.backend, device=request.device)
        except MissingError as error:
            self._miss(error)
            return None

    def _chosen(self, engine: Engine, *, backend: Backend | None, device: Device) -> Choice:
        size, network = self.contract.size, self.model.network
        sample = None if size is None else (*size, self.contract.depth)
        return choose(engine, network, sample, backend=backend, device=device)

    def _open_data(self) -> Split | None:
        """The split, opened once; None where it is not here, which is said once."""
        if not self.sought:
            self.sought = True
            self.watch.stage("opening the data")
            try:
                self.split = self.together.source.split(self.request.data, self.assignment)
            except MissingError as error:
                self._miss(error)
        return self.split

    def _has_engine(self, predictor: Predictor) -> bool:
        try:
            engine = predictor.engine()
            self.report = replace(self.report, engine=engine)
            if engine.reason == NO_GPU_ANSWERS:
                self.together.no_gpu = True
                self.launch = replace(self.launch, engine=predictor.name, device="cpu")
            self._require(level_of(engine.locks, ()))
        except MissingError as error:
            self._miss(error)
            return False
        return True

    def _prepare_the_next(self) -> None:
        """Start the next file's children: they import while this one predicts."""
        if self.together.more:
            self.together.ready.prepare(None if self._on_a_gpu else self.launch)

    def _allow_time(self, predictor: Predictor, split: Split, *, passes: int) -> None:
        macs = self.cost.macs if self.cost else self.assignment.limits.macs
        seconds = self.assignment.limits.deadline(macs=macs, images=passes * split.count)
        predictor.allow(seconds)

    def _measure(
        self, predictor: Predictor, second: Predictor | None, split: Split, answer: Answer
    ) -> None:
        self.watch.stage("predicting", split.count)
        rows, part = self.together.source.rows(split, self.contract), Part()
        batches = predictions(
            rows,
            self.contract.scale,
            predictor,
            self._at_once(),
            seed=self.seed,
            answer=answer.shape,
            part=part,
            advance=self.watch.advance,
        )
        start = time.monotonic()
        if second is not None:
            batches = self._verified(batches, rows, second, answer)
        result, remarks = counted(self._watched(batches), answer, self.assignment, split.classes)
        self.report = replace(self.report, predicting=time.monotonic() - start)
        if not self._on_a_gpu:
            self.report = replace(self.report, products=predictor.products())
        self._say(*remarks, *self._repeated(predictor, part))
        facts = DataFacts(
            split=split.name,
            source=split.source,
            count=split.count,
            sha256=rows.sha256,
            notes=split.notes,
        )
        self.report = replace(self.report, data=facts, order_seed=self.seed)
        if isinstance(result, Unmeasured):
            self._say(*result.faults)
        else:
            self.watch.stage("computing the scores")
            self._say(*undecided(result))
            found = scores(result, self.assignment.checks)
            self.report = replace(self.report, result=result, scores=found)
        self._diagnose(predictor, rows, answer)

    def _verified(
        self, batches: Iterator[list[Predicted]], rows: Rows, second: Predictor, answer: Answer
    ) -> Iterator[list[Predicted]]:
        """The batches as they are, compared with what the second engine says to the same rows."""
        verifying = Verifying(answer)
        others = predictions(
            rows,
            self.contract.scale,
            second,
            self._at_once(),
            seed=self.seed,
            answer=answer.shape,
        )
        yield from verifying.beside(batches, others)
        found = verifying.found(self.second.name)
        self.report = replace(self.report, verification=found)
        self._say(*found.findings)

    def _repeated(self, predictor: Predictor, part: Part) -> tuple[Finding, ...]:
        share = tolerance(self.model.network, gpu=self._on_a_gpu)
        return repeated(predictor, part, self.contract.scale, seed=self.seed, share=share)

    def _watched(self, batches: Iterator[list[Predicted]]) -> Iterator[list[Predicted]]:
        for batch in batches:
            self.watch.predicted(batch)
            yield batch

    def _at_once(self) -> int:
        if self.cost is None:
            return 1
        return batch_size(self.cost.live, self.launch.engine, gpu=self._on_a_gpu)

    @property
    def _on_a_gpu(self) -> bool:
        return self.report.engine is not None and self.report.engine.gpu

    def _diagnose(self, predictor: Predictor, rows: Rows, answer: Answer) -> None:
        """Say why the score is low. Late or dead: the grade itself is there."""
        diagnosis = Diagnosis(
            predictor=predictor,
            rows=rows,
            split=rows.split,
            answer=answer,
            assignment=self.assignment,
            fed_as=self.contract.scale,
            at_once=self._at_once(),
            seed=self.seed,
            watch=self.watch,
            allow=lambda passes: self._allow_time(predictor, rows.split, passes=passes),
        )
        low = misses_a_score(self.report, self.assignment.checks, self.model.network)
        graded = next(iter(self.report.scores), None)
        try:
            for finding, other in diagnosis.found(graded, self.report.findings, low=low):
                self._say(finding)
                self.report = replace(self.report, other_feed=other)
        except RunError as error:
            message = f"Other scales were not tried: {error.message}"
            self._say(Finding("diagnosis-unfinished", message))

    # --- afterwards -------------------------------------------------------------------------

    def _require(self, level: Level) -> None:
        """Note the level of a child: a grade is as safe as the worse of its two.

        Raises: MissingError isolation-missing.
        """
        level = weaker(self.report.isolation, level)
        self.report = replace(self.report, isolation=level)
        if not reaches(level, self.request.required):
            raise MissingError(
                "isolation-missing",
                f"The isolation reached here is {level!r}, and {self.request.required!r} is asked "
                "for.",
                hint="companion doctor --isolation shows what is missing.",
            )

    def _miss(self, error: MissingError) -> None:
        self.report = replace(self.report, missing=(*self.report.missing, error))

    def _say(self, *findings: Finding) -> None:
        self.report = replace(self.report, findings=(*self.report.findings, *findings))


# What is asked in vain of one file; the others are graded.
_OF_ONE_FILE = ("no-assignment-fits", "head-unknown")
