"""The manifest of a folder of models: which module is checked with which config, and what must come out.

    {"tlc": "2.15",
     "runs": [{"module": "ConditionQueue", "config": "ConditionQueue_p2c2k1i1", "tier": "check",
               "purpose": "no wakeup is lost", "deadlock": true, "properties": ["TypeOK", "NoLostWakeup"],
               "expect": {"verdict": "OK", "distinct": 567, "depth": 41},
               "mode": "safety", "seconds": 1.2},
              {"module": "broken/OneCondition", ...,
               "expect": {"verdict": "VIOLATION", "property": "NoLostWakeup", "states": 16}, ...}]}

`mode` says how TLC is to look: `safety` at every state and step, `liveness` also at behaviours as a whole,
`simulation` at a sample of them, chosen by a seed:

    "mode": "simulation",
    "expect": {"verdict": "SAMPLED", "traces": 2000, "depth": 200, "seed": 1, "generated": 400001}

A config that lets TLC look at fewer states than the specification has says so in its run, so that every
list and every result can say it, too; and such a run can only be one for safety:

    "reduction": ["SYMMETRY"]

One that puts something in the place of a definition of the module says so, too, and what; never in that of a
property that it checks:

    "substitution": ["LetIn <- Never"]

`seconds` is what the run takes, roughly, the start of Java included: the longest runs begin first.

A config lies beside its module. Modules in `broken/` are deliberately broken variants; they find the
modules of the folder above.

The loader is strict, because a gate that nobody notices to be open is worse than none: unknown or
missing keys, missing files, files that no run names, a config that checks other properties or fewer
states than the manifest says, and a run that checks nothing are errors. A module that a named one EXTENDS or takes an
INSTANCE of counts as named: it is checked with it.
"""

import json
import re
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NoReturn, TypeAlias, TypeVar

from pcverify.evidence import Verdict
from pcverify.tla.config import ModelConfig, read_config
from pcverify.tla.errors import ManifestError
from pcverify.tla.result import DEADLOCK, Simulation
from pcverify.tla.syntax import constants_of

Tier = Literal["check", "nightly"]
Mode = Literal["safety", "liveness", "simulation"]
MODES: tuple[Mode, ...] = ("safety", "liveness", "simulation")
TIERS: tuple[Tier, ...] = ("check", "nightly")

MANIFEST = "manifest.json"
_MODULE = re.compile(r"(?:broken/)?[A-Za-z]\w*")
_CONFIG = re.compile(r"[A-Za-z][\w.-]*")
_USES = re.compile(r"\bEXTENDS\s+(\w+(?:\s*,\s*\w+)*)|\bINSTANCE\s+(\w+)")
_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class ExpectOk:
    """The run must cover every state and find nothing."""

    distinct: int
    """So many distinct states, exactly."""

    depth: int | None
    """At this depth; None if it is not compared."""


@dataclass(frozen=True, slots=True)
class ExpectViolation:
    """The run must find a counterexample."""

    property_name: str
    """To this property; `Deadlock` for a deadlock."""

    states: int
    """Of so many states, exactly; a loop back or stuttering at the end does not count."""


@dataclass(frozen=True, slots=True)
class ExpectSampled:
    """The run must sample behaviours and find nothing."""

    simulation: Simulation
    """So many of them, chosen so."""

    generated: int
    """With so many states in all, exactly: fewer would mean that it ended early."""


Expectation: TypeAlias = ExpectOk | ExpectViolation | ExpectSampled


@dataclass(frozen=True, slots=True)
class ModelRun:
    """One run of TLC that the manifest asks for."""

    module: str
    """The name of the module, with `broken/` before it for a broken variant."""
    config: str
    """The name of the config, without `.cfg`."""
    tier: Tier
    """`check` runs on every change, `nightly` takes longer."""
    purpose: str
    """What the run is for, in words."""
    deadlock: bool
    """Whether a state without a successor is a violation."""
    properties: tuple[str, ...]
    """What is checked: exactly the names in the config; `Deadlock` may stand among them."""
    expect: Expectation
    mode: Mode
    """Whether TLC looks at every state, also at whole behaviours, or at a sample."""
    seconds: float
    """What the run takes, roughly: wall time, the start of Java included."""
    folder: Path
    """The folder of the models."""
    reduction: tuple[str, ...] = ()
    """What lets TLC look at fewer states than the specification has, such as SYMMETRY: exactly what the config has."""
    substitution: tuple[str, ...] = ()
    """What the config puts in the place of definitions, such as `LetIn <- Never`: exactly what it has."""

    @property
    def broken(self) -> bool:
        """Whether the module is a deliberately broken variant."""
        return self.module.startswith("broken/")

    @property
    def expected(self) -> Verdict:
        """The verdict that must come out."""
        match self.expect:
            case ExpectOk():
                return Verdict.OK
            case ExpectSampled():
                return Verdict.SAMPLED
            case ExpectViolation():
                return Verdict.VIOLATION

    @property
    def simulation(self) -> Simulation | None:
        """What is sampled; None if every state is looked at."""
        return self.expect.simulation if isinstance(self.expect, ExpectSampled) else None

    @property
    def module_path(self) -> Path:
        """The file of the module."""
        return self.folder / f"{self.module}.tla"

    @property
    def config_path(self) -> Path:
        """The file of the config, beside the module."""
        return self.module_path.parent / f"{self.config}.cfg"

    def __str__(self) -> str:
        """Return how messages name the run."""
        return f"{self.module} with {self.config}.cfg"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a folder of models is checked for."""

    tlc: str
    """The version of TLC that the expected counts were measured with."""
    runs: tuple[ModelRun, ...]


def find_models(folder: Path | None = None) -> Path:
    """Return the folder of the models: the given one, the one carried in the package, or the checkout's.

    Raises:
        ManifestError: there is no manifest in the given folder, or in neither of the others.
    """
    package = Path(__file__).resolve().parents[1]
    places = [folder] if folder is not None else [package / "_models", package.parent / "models"]
    for place in places:
        if (place / MANIFEST).is_file():
            return place.resolve()
    raise ManifestError(f"there is no {MANIFEST} in {' or '.join(map(str, places))}")


def load_manifest(folder: Path) -> Manifest:
    """Read the manifest of a folder of models and hold it against the files.

    Raises:
        ManifestError: the manifest is not as described above; the message says where and what.
    """
    path = folder / MANIFEST
    try:
        data = json.loads(path.read_text(encoding="utf-8"), object_pairs_hook=_no_duplicates)
    except (OSError, ValueError) as error:
        raise ManifestError(f"cannot read {path}: {error}") from error
    top = _Entry(data, str(path), {"tlc", "runs"})
    entries = top.get("runs", list)
    if not entries:
        top.fail("`runs` is empty, so nothing would be checked")
    runs = tuple(_read_run(entry, folder, f"{path}, run {number}") for number, entry in enumerate(entries, 1))
    seen: set[tuple[str, str]] = set()
    for run in runs:
        if (run.module, run.config) in seen:
            top.fail(f"{run} stands there twice")
        seen.add((run.module, run.config))
    _require_every_file_named(folder, runs)
    return Manifest(top.get("tlc", str), runs)


def _no_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"the key {key!r} stands twice in one object")
    return dict(pairs)


class _Entry:
    """One object of the manifest: exactly the given keys, optional ones perhaps, each of the type that is asked for."""

    def __init__(self, data: object, where: str, keys: set[str], optional: Set[str] = frozenset()) -> None:
        self.where = where
        if not isinstance(data, dict):
            self.fail(f"expected an object, found {data!r}")
        self.data: Mapping[str, object] = data
        if unknown := sorted(data.keys() - keys - optional):
            self.fail(f"unknown key {', '.join(unknown)}; known are {', '.join(sorted(keys | optional))}")
        if missing := sorted(keys - data.keys()):
            self.fail(f"missing key {', '.join(missing)}")

    def get(self, key: str, kind: type[_T]) -> _T:
        value = self.data[key]
        # A bool is an int to Python; a count that reads `true` is still a mistake.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            self.fail(f"`{key}` must be of type {kind.__name__}, found {value!r}")
        return value

    def count(self, key: str) -> int:
        value = self.get(key, int)
        if value < 1:
            self.fail(f"`{key}` must be at least 1, found {value}")
        return value

    def names(self, key: str) -> tuple[str, ...]:
        values = self.get(key, list)
        if not all(isinstance(name, str) for name in values) or len(set(values)) != len(values):
            self.fail(f"`{key}` must be names, each once, found {values!r}")
        return tuple(values)

    def seconds(self, key: str) -> float:
        value = self.data[key]
        if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < float("inf"):
            self.fail(f"`{key}` must be a number of seconds above 0, found {value!r}")
        return float(value)

    def text(self, key: str, pattern: "re.Pattern[str]") -> str:
        value = self.get(key, str)
        if not pattern.fullmatch(value):
            self.fail(f"`{key}` cannot be {value!r}")
        return value

    def fail(self, what: str) -> NoReturn:
        raise ManifestError(f"{self.where}: {what}")


def _read_run(data: object, folder: Path, where: str) -> ModelRun:
    keys = {"module", "config", "tier", "purpose", "deadlock", "properties", "expect", "mode", "seconds"}
    entry = _Entry(data, where, keys, {"reduction", "substitution"})
    module, config = entry.text("module", _MODULE), entry.text("config", _CONFIG)
    entry.where = f"{where} ({module} with {config})"
    tier = next((tier for tier in TIERS if tier == entry.get("tier", str)), None)
    if tier is None:
        entry.fail(f"`tier` must be one of {', '.join(TIERS)}, found {entry.data['tier']!r}")
    mode = next((mode for mode in MODES if mode == entry.get("mode", str)), None)
    if mode is None:
        entry.fail(f"`mode` must be one of {', '.join(MODES)}, found {entry.data['mode']!r}")
    run = ModelRun(
        module=module,
        config=config,
        tier=tier,
        purpose=entry.text("purpose", re.compile(r"[^\n]*\S[^\n]*")),
        deadlock=entry.get("deadlock", bool),
        properties=entry.names("properties"),
        expect=_read_expectation(entry.get("expect", dict), f"{entry.where}, expect"),
        mode=mode,
        seconds=entry.seconds("seconds"),
        folder=folder,
        reduction=entry.names("reduction") if "reduction" in entry.data else (),
        substitution=entry.names("substitution") if "substitution" in entry.data else (),
    )
    if (mode == "simulation") != isinstance(run.expect, ExpectSampled):
        entry.fail(
            f"`mode` is {mode}, but the expected verdict is {run.expected}: a simulation is SAMPLED, and only it"
        )
    for file in (run.module_path, run.config_path):
        if not file.is_file():
            entry.fail(f"there is no file {file}")
    stands = read_config(run.config_path)
    _require_checked_properties(run, stands, entry)
    _require_stated_reduction(run, stands, entry)
    _require_stated_substitution(run, stands, entry)
    return run


def _read_expectation(data: "dict[str, object]", where: str) -> Expectation:
    match data.get("verdict"):
        case "OK":
            entry = _Entry(data, where, {"verdict", "distinct", "depth"})
            depth = None if entry.data["depth"] is None else entry.count("depth")
            return ExpectOk(entry.count("distinct"), depth)
        case "VIOLATION":
            entry = _Entry(data, where, {"verdict", "property", "states"})
            return ExpectViolation(entry.get("property", str), entry.count("states"))
        case "SAMPLED":
            entry = _Entry(data, where, {"verdict", "traces", "depth", "seed", "generated"})
            simulation = Simulation(entry.count("traces"), entry.count("depth"), entry.get("seed", int))
            return ExpectSampled(simulation, entry.count("generated"))
        case other:
            raise ManifestError(f"{where}: `verdict` must be OK, SAMPLED or VIOLATION, found {other!r}")


def _require_checked_properties(run: ModelRun, config: ModelConfig, entry: _Entry) -> None:
    """Raise unless the config checks exactly what the manifest says, and that is something."""
    named, listed = {*config.invariants, *config.properties}, set(run.properties)
    if DEADLOCK in listed and not run.deadlock:
        entry.fail(f"`properties` lists {DEADLOCK}, but `deadlock` is false")
    listed.discard(DEADLOCK)
    if missing := sorted(listed - named):
        entry.fail(f"`properties` lists {', '.join(missing)}, which {run.config}.cfg does not check")
    if unlisted := sorted(named - listed):
        entry.fail(f"{run.config}.cfg checks {', '.join(unlisted)}, which `properties` does not list")
    if run.mode == "liveness" and not config.properties:
        entry.fail(f"`mode` is liveness, but {run.config}.cfg names no property of whole behaviours (PROPERTY)")
    if not named and not run.deadlock:
        entry.fail("checks nothing: no property, and `deadlock` is false")
    if isinstance(run.expect, ExpectViolation):
        checked = named | ({DEADLOCK} if run.deadlock else set())
        if run.expect.property_name not in checked:
            entry.fail(f"expects a violation of {run.expect.property_name}, which is not checked")


def _require_stated_reduction(run: ModelRun, config: ModelConfig, entry: _Entry) -> None:
    """Raise unless the config lets TLC look at fewer states exactly as the manifest says, and only for safety."""
    if silent := [name for name in config.reductions if name not in run.reduction]:
        entry.fail(
            f"{run.config}.cfg has {', '.join(silent)}, so TLC looks at fewer states than the specification has: "
            f"state it in `reduction`, or remove it"
        )
    if absent := [name for name in run.reduction if name not in config.reductions]:
        entry.fail(f"`reduction` lists {', '.join(absent)}, which {run.config}.cfg does not have")
    if config.reductions and run.mode != "safety":
        entry.fail(
            f"`mode` is {run.mode}, but {run.config}.cfg has {', '.join(config.reductions)}: that is only for safety"
        )


def _require_stated_substitution(run: ModelRun, config: ModelConfig, entry: _Entry) -> None:
    """Raise unless the config replaces definitions exactly as the manifest says, and none that it checks."""
    modules = [run.module_path, *_used_modules([run.module_path], run.folder, instances=False)]
    constants = {name for path in modules for name in constants_of(path.read_text(encoding="utf-8"))}
    replaced = {name: f"{name} <- {other}" for name, other in config.substitutions.items() if name not in constants}
    replaced |= {
        name.partition("(")[0]: f"{name} = {value}"
        for name, value in config.values.items()
        if name.partition("(")[0] not in constants
    }
    if checked := [text for name, text in replaced.items() if name in {*config.invariants, *config.properties}]:
        entry.fail(f"{run.config}.cfg has {', '.join(checked)}, so something else is checked than what it names")
    if silent := [text for text in replaced.values() if text not in run.substitution]:
        entry.fail(
            f"{run.config}.cfg has {', '.join(silent)}, which is no constant of the module but a definition of it: "
            f"state it in `substitution`, or remove it"
        )
    if absent := [text for text in run.substitution if text not in replaced.values()]:
        entry.fail(f"`substitution` lists {', '.join(absent)}, which {run.config}.cfg does not have")


def _require_every_file_named(folder: Path, runs: Iterable[ModelRun]) -> None:
    """Raise if a module or config lies in the folder that no run would notice to be wrong."""
    named = {path for run in runs for path in (run.module_path, run.config_path)}
    named |= _used_modules([path for path in named if path.suffix == ".tla"], folder)
    files = [path for pattern in ("*.tla", "*.cfg") for path in sorted(folder.rglob(pattern))]
    if idle := [str(path.relative_to(folder)) for path in files if path not in named]:
        raise ManifestError(f"{folder / MANIFEST}: no run names {', '.join(idle)}; add a run, or remove the file")


def _used_modules(modules: list[Path], folder: Path, *, instances: bool = True) -> set[Path]:
    """Return the modules of the folder that the given ones extend, or take an instance of, to any depth."""
    used: set[Path] = set()
    while modules:
        module = modules.pop()
        for extended, instance in _USES.findall(module.read_text(encoding="utf-8")):
            for name in re.findall(r"\w+", extended or (instance if instances else "")):
                found = next((p for p in (module.parent / f"{name}.tla", folder / f"{name}.tla") if p.is_file()), None)
                if found is not None and found not in used:
                    used.add(found)
                    modules.append(found)
    return used
