"""Measuring kernels on a CUDA machine with PyTorch, which is imported nowhere but in `torch_bench`."""

from .suite import family_names as family_names
from .suite import measure as measure
from .table import SummaryRow as SummaryRow
from .table import summary as summary
