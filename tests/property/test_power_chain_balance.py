"""Whatever the chain: energy is conserved, and more load never takes less power."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.power.distribution.chain import PowerChain
from models.power.distribution.redundancy import needed_of, units_of

REDUNDANCIES = st.sampled_from(["N", "N+1", "N+3", "2N", "2(N+1)", "4-to-make-3", "3-to-make-2", "9-to-make-5"])
LOSSES = st.one_of(
    st.fixed_dictionaries(
        {"standby": st.floats(0, 0.1), "proportional": st.floats(0, 0.1), "resistive": st.floats(0, 0.1)}
    ),
    st.fixed_dictionaries({"kind": st.just("converter"), "offset": st.just("50 W"), "efficiency": st.floats(0.7, 1.0)}),
)
STAGE = st.fixed_dictionaries(
    {"redundancy": REDUNDANCIES, "loss": LOSSES, "design_load": st.floats(0.3, 1.0)},
    optional={"rating": st.sampled_from(["20 kW", "1 MW"]), "carries_mechanical": st.booleans()},
)
CHAINS = st.fixed_dictionaries(
    {
        **dict.fromkeys(("rectifiers", "busway", "pdu", "transformer"), st.one_of(st.just("none"), STAGE)),
        "ups": st.one_of(st.just("none"), STAGE.flatmap(lambda stage: st.just({**stage, "mode": "eco"})), STAGE),
    }
).map(PowerChain.model_validate)
POWERS = st.floats(0.0, 5e6)


@settings(max_examples=60, deadline=None)
@given(chain=CHAINS, planned_w=st.floats(1e3, 5e6), it_w=POWERS, on_ups_w=POWERS, mechanical_w=POWERS, more_w=POWERS)
def test_input_is_loads_and_losses_and_rises_with_each_load(
    chain: PowerChain, planned_w: float, it_w: float, on_ups_w: float, mechanical_w: float, more_w: float
) -> None:
    layout = chain.laid_out(planned_w, 1.3 * planned_w, 0.3 * planned_w, 0.05 * planned_w)
    input_w, losses_w = layout.input_w(it_w, on_ups_w, mechanical_w)
    assert input_w == pytest.approx(it_w + on_ups_w + mechanical_w + math.fsum(losses_w), rel=1e-12)
    assert all(loss_w >= 0.0 for loss_w in losses_w)
    for more in ((it_w + more_w, on_ups_w, mechanical_w), (it_w, on_ups_w + more_w, mechanical_w)):
        assert layout.input_w(*more)[0] >= (input_w + more_w) * (1.0 - 1e-12)
    assert layout.input_w(it_w, on_ups_w, mechanical_w + more_w)[0] >= (input_w + more_w) * (1.0 - 1e-12)


@settings(max_examples=60, deadline=None)
@given(chain=CHAINS, planned_w=st.floats(1e3, 5e6))
def test_a_chain_sized_for_its_load_carries_it_with_its_spare_units_out(chain: PowerChain, planned_w: float) -> None:
    layout = chain.laid_out(planned_w, 1.3 * planned_w, 0.3 * planned_w, 0.05 * planned_w)
    outputs_w = layout.output_w(planned_w, 0.05 * planned_w, 0.3 * planned_w)
    for stage, output_w in zip(layout.stages, outputs_w, strict=True):
        # A chain in eco mode is sized for the mode that it falls back to.
        assert stage.capacity_w(stage.spare) * (1.0 + 1e-9) >= stage.planned_w
        assert stage.planned_w >= output_w * (1.0 - 1e-9) or layout.eco


@settings(max_examples=60, deadline=None)
@given(chain=CHAINS, planned_w=st.floats(1e3, 5e6), share=st.floats(0.01, 1.0))
def test_it_power_is_found_again_from_the_input_that_it_takes(
    chain: PowerChain, planned_w: float, share: float
) -> None:
    on_ups_w, mechanical_w = 0.05 * planned_w, 0.3 * planned_w
    layout = replace(chain.laid_out(planned_w, 1.3 * planned_w, mechanical_w, on_ups_w), eco=False)
    input_w, _ = layout.input_w(share * planned_w, on_ups_w, mechanical_w)
    assert layout.greatest_it_w(input_w, on_ups_w, mechanical_w) == pytest.approx(share * planned_w, rel=1e-9)


@settings(max_examples=60)
@given(redundancy=REDUNDANCIES, needed=st.integers(1, 200))
def test_units_needed_are_found_again_from_units_built(redundancy: str, needed: int) -> None:
    built, spare = units_of(redundancy, needed)
    assert built - spare >= needed
    assert needed_of(redundancy, built) == built - spare


def test_a_chain_reads_back_as_it_was_written() -> None:
    chain = PowerChain.model_validate({"ups": {"redundancy": "2N", "rating": "1.5 MW"}, "pdu": "none"})
    assert PowerChain.model_validate(chain.model_dump(mode="json")) == chain
