"""One category of all rare ones: `features.clean` fits it inside each training fold."""

from __future__ import annotations

from automl.data.clean.base import Op, Param
from automl.errors import RecipeError
from automl.types import Step


class GroupRare(Op):
    key, label = "group_rare", "Group rare categories"
    about = "Makes one category of all that are rare in the training rows, and of those that are new later."
    learned = True
    accepts = ("categorical", "boolean")
    params = (
        Param("share", "Rare is below so many percent of the rows", "number", 1.0, low=0, high=50),
        Param("name", "Name of the group", "text", "Other"),
    )

    def check(self, step: Step) -> None:
        super().check(step)
        if not str(self.value(step, "name")).strip():
            raise RecipeError("Name of the group: write one.")
