"""The futures in which a plan is proven."""

from __future__ import annotations

import numpy as np

from optimizers.instance.instance import Instance
from optimizers.problem import Problem


def likeliest_future(instance: Instance) -> int:
    """Return the index of the most probable future; the first of those that are equally probable."""
    return int(np.argmax([future.probability for future in instance.futures]))


def proven_futures(problem: Problem, instance: Instance) -> tuple[int, ...]:
    """Return the indices of the futures in which a plan is proven, in their order."""
    names, asked = [each.name for each in instance.futures], problem.proof.futures
    if asked == "likeliest":
        return (likeliest_future(instance),)
    if asked == "all":
        return tuple(range(len(names)))
    chosen = (asked,) if isinstance(asked, str) else asked
    return tuple(index for index, name in enumerate(names) if name in chosen)
