"""Keys of a spec that were set, and have no effect beside its other keys."""

from collections.abc import Callable

from rollsight.backtests.spec import RunSpec
from rollsight.signals.teacher.spec import DRAWN

# Keys of a section, whether they have an effect, and what gives them one.
Of = tuple[str, tuple[str, ...], Callable[[RunSpec], bool], str]
OF: tuple[Of, ...] = (
    (
        "features",
        ("as_is",),
        lambda spec: spec.features.normalise == "cross-section",
        "features.normalise='cross-section', as by 'window' every feature is left in its own unit",
    ),
    ("features", ("index",), lambda spec: bool(spec.market.indices), "indices in market.indices"),
    ("universe", ("value_days", "splits"), lambda spec: bool(spec.universe.top), "universe.top"),
    ("label", ("up", "down"), lambda spec: spec.label.band == "fixed", "label.band='fixed'"),
    (
        "label",
        ("multiple",),
        lambda spec: spec.label.band == "volatility",
        "label.band='volatility'",
    ),
    (
        "label",
        ("up_share", "down_share"),
        lambda spec: spec.label.band in {"date", "date-volatility"},
        "label.band='date' or 'date-volatility'",
    ),
    (
        "training",
        ("replay", "distillation", "fine_tune_rate"),
        lambda spec: spec.training.mode == "fine-tune",
        "training.mode='fine-tune'",
    ),
    (
        "teacher",
        ("alpha", "temperature"),
        lambda spec: spec.teacher.is_set,
        "a teacher in teacher.source",
    ),
    (
        "teacher",
        ("control",),
        lambda spec: spec.teacher.is_set and spec.teacher.source not in DRAWN,
        "a file or a run in teacher.source",
    ),
    (
        "teacher",
        ("like",),
        lambda spec: spec.teacher.source in DRAWN,
        "teacher.source='smoothing' or 'random'",
    ),
    (
        "teacher",
        ("entropy",),
        lambda spec: spec.teacher.source in DRAWN and spec.teacher.like is None,
        "teacher.source='smoothing' or 'random', and no teacher.like",
    ),
    (
        "teacher",
        ("seed",),
        lambda spec: "random" in (spec.teacher.source, spec.teacher.control),
        "teacher.source='random', or teacher.control='random'",
    ),
    (
        "gate",
        ("quantile", "action", "layers", "epochs"),
        lambda spec: spec.gate.set,
        "gate.model='autoencoder' or 'pca'",
    ),
    (
        "gate",
        ("epochs",),
        lambda spec: spec.gate.model != "pca",
        "gate.model='autoencoder'",
    ),
    (
        "threshold",
        ("per", "min_buys", "min_dates", "min_blocks"),
        lambda spec: spec.threshold.best is None,
        "a threshold that is tuned, and threshold.best is set",
    ),
    (
        "threshold",
        ("min_buys", "min_dates", "min_blocks"),
        lambda spec: spec.threshold.at is None,
        "a threshold that is tuned, and threshold.at is set",
    ),
    (
        "threshold",
        ("beta",),
        lambda spec: spec.threshold.objective == "f_beta",
        "threshold.objective='f_beta'",
    ),
    (
        "strategy",
        ("every", "keep", "tranches", "weight"),
        lambda spec: spec.strategy.rule != "hold",
        "strategy.rule='rank', or a rule of your own",
    ),
)


def unused_notes(spec: RunSpec) -> tuple[str, ...]:
    """Return a note on each group of keys that are not as by default and have no effect.

    >>> from rollsight.backtests.spec import check_spec
    >>> unused_notes(check_spec({"strategy": {"keep": 20, "tranches": 5}}, "run.toml"))
    ("strategy.keep and strategy.tranches have no effect: that takes strategy.rule='rank', or a rule of your own",)
    """  # noqa: E501 - one line is printed
    chosen = spec.chosen()
    notes = []
    for section, keys, has_effect, takes in OF:
        found = [f"{section}.{key}" for key in keys if key in chosen.get(section, {})]
        if found and not has_effect(spec):
            have = "has" if len(found) == 1 else "have"
            named = ", ".join(found[:-1]) + " and " * (len(found) > 1) + found[-1]
            notes.append(f"{named} {have} no effect: that takes {takes}")
    return tuple(notes)
