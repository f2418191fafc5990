"""Returns that a network learns: that of the trade, and of shorter stretches of its sessions."""

import numpy as np
import numpy.typing as npt

from rollsight.signals.inputs.samples import SampleSet
from rollsight.training.fitting.windows import Span
from rollsight.training.regression.spec import TaskSpec

Float32 = npt.NDArray[np.float32]


def span_targets(samples: SampleSet, span: Span, spec: TaskSpec) -> Float32:
    """Return what is learnt of a span's rows, (n_stocks, len(span), steps), times the label scale.

    The last step is the return of the label. Of k steps over a horizon of h sessions the j-th
    before it is the change of the close over round(h j / k) sessions, which is known before the
    label settles. 0 where there is no label.
    """
    labels, days = samples.labels, slice(span.start, span.stop)
    trade = np.nan_to_num(labels.label_return[:, days])
    shorter = [_changes(samples, span, ahead) for ahead in _ahead(samples, span, spec.horizons)]
    each = np.stack([*shorter, trade], axis=-1) * spec.label_scale
    return np.where(labels.label[:, days, None] >= 0, each, 0).astype(np.float32)


def _ahead(samples: SampleSet, span: Span, steps: int) -> list[int]:
    """Return the sessions of all steps but the last."""
    days = np.arange(span.start, span.stop)
    sold = samples.labels.sold_at[:, span.start : span.stop]
    horizon = int((sold - days)[sold >= 0].min(initial=len(samples.indices)) - 1)
    return [max(round(horizon * step / steps), 1) for step in range(1, steps)]


def _changes(samples: SampleSet, span: Span, ahead: int) -> npt.NDArray[np.float64]:
    """Return the change of each close over the next sessions, (n_stocks, len(span))."""
    changes = samples.changes[:, span.start + 1 : span.stop + ahead].astype(np.float64)
    short = len(span) + ahead - 1 - changes.shape[1]
    wide = np.pad(changes, ((0, 0), (0, short)))
    grown = np.lib.stride_tricks.sliding_window_view(1 + wide, ahead, axis=1)
    return np.asarray(grown.prod(axis=2) - 1)
