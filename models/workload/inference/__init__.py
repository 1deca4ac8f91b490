"""Serving iterations: time, power and memory of one batch of prefill chunks and decode tokens."""

from .engine import Layout as Layout
from .engine import ServingEngine as ServingEngine
from .iteration import Batch as Batch
from .iteration import Chunk as Chunk
from .iteration import Iteration as Iteration
from .iteration import iteration as iteration
from .iteration_kernel import IterationTables as IterationTables
from .iteration_kernel import batch_power_w as batch_power_w
from .iteration_kernel import batch_s as batch_s
from .iteration_kernel import interval_s as interval_s
from .iteration_kernel import iteration_power_w as iteration_power_w
from .iteration_kernel import iteration_s as iteration_s
from .memory import DoesNotFit as DoesNotFit
from .memory import KeyValueCapacity as KeyValueCapacity
from .memory import key_value_bytes as key_value_bytes
from .memory import key_value_capacity as key_value_capacity
from .memory import weight_bytes_per_rank as weight_bytes_per_rank
from .tables import compile_tables as compile_tables
from .transfer import exposed_transfer_s as exposed_transfer_s
from .transfer import key_value_transfer_s as key_value_transfer_s
