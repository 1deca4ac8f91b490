"""Diesel generators that start when the grid is lost."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, model_validator

from ...section import Section
from ...units import Duration, Mass, Money, Power, PowerPrice, Volume, quantity

if TYPE_CHECKING:
    import numpy as np

_J_PER_KWH = 3.6e6
_L_PER_M3 = 1000.0
_ALMOST = 1.0 - 1e-12  # so that a load of exactly n ratings takes n sets, whatever the rounding of the quotient


@dataclass(frozen=True)
class StartedSets:
    """The sets that answered a call: when each is ready for load, and when it fails, in s from the loss of the grid."""

    ready_s: tuple[float, ...]
    fails_s: tuple[float, ...]

    def __len__(self) -> int:
        return len(self.ready_s)


class Gensets(Section):
    """Alike generator sets on one busbar. All start when the grid is lost and share the load equally."""

    count: int = Field(ge=1)
    """How many sets there are, the spare ones included."""
    spare: int = Field(default=1, ge=0)
    """How many of them may be lost without loss of load (the k of N+k); 1 is an assumption."""
    rating: Annotated[Power, Field(gt=0.0)]
    """The most that one set gives."""
    start_delay: Duration = quantity("10 s")
    """From the loss of the grid until a set takes load: 10 s is what is asked of sets for emergencies (Unified
    Facilities Guide Specification 16263A; type 10 of NFPA 110)."""
    load_step: float = Field(default=0.6, gt=0.0, le=1.0)
    """The most load that a set takes in one step, over its rating. ISO 8528-5 bounds the dip of the frequency (10% in
    class G2, 7% in G3), not the step: 60% is an assumption for a turbocharged engine; ask the maker."""
    step_interval: Annotated[Duration, Field(gt=0.0)] = quantity("3 s")
    """Time between two steps: the recovery time of ISO 8528-5, class G3 (5 s in G2; quoted by makers)."""
    failure_to_start: float = Field(default=0.0094, ge=0.0, lt=1.0)
    """Chance that an available set does not start (NREL's REopt.jl, backup_reliability.jl)."""
    mean_time_to_failure: Annotated[Duration, Field(gt=0.0)] = quantity("1100 h")
    """Mean time of running until a failure, exponential (as above). Sets that are poorly kept come to some 69 h
    (Marqusee and Jenket, Applied Energy 268, 2020, 114918)."""
    availability: float = Field(default=0.995, gt=0.0, le=1.0)
    """Chance that a set is not out for maintenance or repair when it is called (REopt.jl, as above)."""
    fuel_per_kwh: Volume = quantity("0.249 L")
    """Fuel for each kWh: the slope of the straight line through the consumption of a 2,000 kW set at 25, 50, 75 and
    100% load in the chart that US dealers publish (162.0, 273.3, 391.7 and 537.1 L/h; secondary)."""
    no_load_fuel_per_kwh: Volume = quantity("0.015 L")
    """Fuel for each hour of running and each kW of rating, whatever the load: the intercept of that line, which is
    nowhere off the chart by more than 5%."""
    tank: Annotated[Volume, Field(gt=0.0)] | None = None
    """Fuel on site for all sets; deliveries never end where nothing is said."""
    fuel_price_per_litre: Money = quantity("0.954 USD")
    """Price of a litre of diesel: 3.61 USD per gallon (NREL's REopt.jl, generator.jl)."""
    carbon_per_litre: Mass = quantity("2.697 kg")
    """CO2 of a litre burnt: 22.51 lb per gallon (NREL's REopt.jl, generator.jl)."""
    cost: PowerPrice = quantity("650 USD/kW")
    """Price of the sets, once, for each W of rating; 650 USD/kW for outages only, 800 beside the grid, 880 off-grid
    (NREL's REopt.jl, generator.jl)."""

    @model_validator(mode="after")
    def _some_carry(self) -> Self:
        if self.spare >= self.count:
            raise ValueError(f"'spare' is {self.spare} of {self.count} sets; at least one must be left to carry load")
        if self.fuel_per_kwh <= 0.0:
            raise ValueError("'fuel_per_kwh' is 0; a set burns fuel for each kWh that it gives")
        return self

    @property
    def firm_w(self) -> float:
        """What the sets give with the spare ones lost [W]."""
        return self.capacity_w(self.count - self.spare)

    @property
    def capital_cost_usd(self) -> float:
        """Price of all sets [USD]."""
        return self.count * self.rating * self.cost

    def capacity_w(self, running: int) -> float:
        """Return what so many running sets give [W], once they have taken their load in steps."""
        return running * self.rating

    def needed(self, load_w: float) -> int:
        """Return the least number of sets that carries a load [W]; it may be more than there are."""
        return max(1, math.ceil(load_w / self.rating * _ALMOST)) if load_w > 0.0 else 0

    def step_w(self, running: int) -> float:
        """Return the greatest step of load that so many running sets take at once [W], as far as they have room."""
        return self.load_step * self.capacity_w(running)

    def ramp_w_per_s(self, running: int) -> float:
        """Return how fast the load of so many running sets may grow over several steps [W/s]."""
        return self.step_w(running) / self.step_interval

    def started(self, random: np.random.Generator, needed: int | None = None) -> StartedSets:
        """Return the sets that answer a call, at most `needed` of them; by default all that can.

        Three draws a set whatever comes of them, so that calls stay comparable from one scenario to another.
        """
        import numpy as np

        draws = random.random((self.count, 3))
        answers = (draws[:, 0] < self.availability) & (draws[:, 1] >= self.failure_to_start)
        runs_s = -self.mean_time_to_failure * np.log1p(-draws[:, 2])
        fails_s = [float(self.start_delay + run_s) for run_s in runs_s[answers]][:needed]
        return StartedSets((self.start_delay,) * len(fails_s), tuple(fails_s))

    def chance_of(self, needed: int) -> float:
        """Return the probability that at least `needed` sets answer a call: binomial, the sets independent."""
        answers = self.availability * (1.0 - self.failure_to_start)
        return math.fsum(
            math.comb(self.count, n) * answers**n * (1.0 - answers) ** (self.count - n)
            for n in range(max(needed, 0), self.count + 1)
        )

    def steps(self) -> tuple[tuple[float, float], ...]:
        """Return the load that one set may have taken [W] and from when [s after it is ready], step by step."""
        count = math.ceil(1.0 / self.load_step - 1e-9)
        return tuple((n * self.step_interval, self.rating * min(1.0, (n + 1) * self.load_step)) for n in range(count))

    def fuel_m3_per_s(self, load_w: float, running: int) -> float:
        """Return the fuel that running sets burn under their common load [m3/s]; none where none runs."""
        return (self.no_load_fuel_per_kwh * self.capacity_w(running) + self.fuel_per_kwh * load_w) / _J_PER_KWH

    def fuel_m3(self, load_w: float, running: int, duration_s: float) -> float:
        """Return the fuel burnt under a constant load [m3]."""
        return self.fuel_m3_per_s(load_w, running) * duration_s

    def autonomy_s(self, load_w: float, running: int) -> float:
        """Return how long a full tank lasts [s]; infinite without a tank, where deliveries never end."""
        rate_m3_per_s = self.fuel_m3_per_s(load_w, running)
        return math.inf if self.tank is None or rate_m3_per_s <= 0.0 else self.tank / rate_m3_per_s

    def carbon_kg(self, fuel_m3: float) -> float:
        """Return the CO2 of fuel burnt [kg]."""
        return fuel_m3 * _L_PER_M3 * self.carbon_per_litre

    def fuel_cost_usd(self, fuel_m3: float) -> float:
        """Return the price of fuel burnt [USD]."""
        return fuel_m3 * _L_PER_M3 * self.fuel_price_per_litre
