"""The section of a specification that names a teacher."""

from typing import Literal

from pydantic import Field

from rollsight.signals.spec import Spec

DRAWN = ("random", "smoothing")  # soft labels that no teacher gave
NO_TEACHER = "none"


class TeacherSpec(Spec):
    """What a network learns beside the labels: what a teacher thinks of the same rows."""

    source: str = Field(
        NO_TEACHER,
        min_length=1,
        description="none; a parquet or csv file of decided_at, code, p_down, p_hold, p_up and "
        "known_at; the directory of a finished run, whose signals are taken; or what holds a "
        "teacher in check: smoothing of the labels, or random probabilities",
    )
    alpha: float = Field(
        0.5,
        ge=0,
        le=1,
        description="share of the divergence from the teacher in the loss of a row that has one; "
        "the label has the rest, and the whole of the other rows",
    )
    temperature: float = Field(
        2.0, gt=0, description="what both sides' log-probabilities are divided by before that"
    )
    control: Literal["smoothing", "random", "none"] = Field(
        "smoothing",
        description="of a file or a run: what the same model is trained on beside it, on the same "
        "rows with the same mean entropy, to tell what the teacher knows from what softness does",
    )
    like: str | None = Field(
        None,
        min_length=1,
        description="smoothing, random: a file or a run whose rows and mean entropy they take; "
        "unset: every row, and the entropy below",
        examples=["runs/demo"],
    )
    entropy: float = Field(
        0.9,
        gt=0,
        lt=1.0986,
        description="smoothing, random: mean entropy, nats, below log 3",
    )
    seed: int = Field(0, ge=0, lt=2**32, description="random: of the draw")

    @property
    def path(self) -> str | None:
        """The file or the run that is read; None where none is.

        >>> TeacherSpec(source="soft.csv").path, TeacherSpec(source="random", like="run").path
        ('soft.csv', 'run')
        >>> TeacherSpec().path, TeacherSpec(source="smoothing").path
        (None, None)
        """
        if self.source == NO_TEACHER:
            return None
        return self.like if self.source in DRAWN else self.source

    @property
    def is_set(self) -> bool:
        """Whether there is any."""
        return self.source != NO_TEACHER

    @property
    def held_in_check(self) -> "TeacherSpec | None":
        """The control beside a file or a run; None where there is none."""
        if not self.is_set or self.source in DRAWN or self.control == "none":
            return None
        return self.model_copy(update={"source": self.control, "like": self.source})
