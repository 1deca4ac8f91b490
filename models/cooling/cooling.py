"""The section `facility.cooling`: what cools the hall, and at which temperatures."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Self

from pydantic import model_validator

from ..kinds import selected_from
from ..section import Section
from ..units import Duration, Temperature, quantity
from ..weather.design_day import DesignDay
from .air.air_side import AirSide
from .heat_path import HumidityLimits, PathDuty
from .liquid_loop import LiquidCooling
from .server_fans import ServerFans
from .sized_cooling import SizedCooling
from .thermal_classes import air_class
from .thermal_mass import ThermalMass

if TYPE_CHECKING:
    AnyAirSide = AirSide
else:
    AnyAirSide = selected_from("models.cooling.air", AirSide)

_SHUTDOWN_ABOVE_THROTTLE_K = 10.0


class Cooling(Section):
    """The cooling of the hall. Sizes follow from the heat and from the design day, which the weather gives."""

    air: AnyAirSide
    """How the hall's air is cooled, and by which plant."""
    liquid: LiquidCooling | None = None
    """Cold plates; left out, all heat goes into the air."""
    supply_air: Temperature = quantity("24 °C")
    """Air that the computers get. The default is an assumption within ASHRAE's recommended 18 to 27 °C."""
    air_class: Literal["A1", "A2", "A3", "A4", "H1"] = "A2"
    """ASHRAE's class of the computers, whose allowable range holds the supply air, and whose humidity outside air must
    keep. The default is an assumption."""
    throttle_inlet: Temperature | None = None
    """Inlet temperature at which nodes throttle; by default the most that the class allows."""
    shutdown_inlet: Temperature | None = None
    """Inlet temperature at which nodes shut down; by default 10 K above `throttle_inlet`, an assumption."""
    throttle_coolant: Temperature = quantity("50 °C")
    """Coolant temperature at which nodes throttle. The default is an assumption, 5 K above class W45."""
    shutdown_coolant: Temperature = quantity("60 °C")
    """Coolant temperature at which nodes shut down. The default is an assumption."""
    server_fans: ServerFans = ServerFans()
    """The fans inside the computers."""
    thermal_mass: ThermalMass = ThermalMass()
    """What stores heat in the hall when cooling fails."""
    restart: Duration = quantity("6 min")
    """How long chillers take to come back after their power does. The default is the middle of 4 to 8 min."""
    on_ups: tuple[Literal["fans", "cdu-pumps", "plant-pumps"], ...] = ("fans", "cdu-pumps", "plant-pumps")
    """What runs on when the grid is lost. The default is an assumption; without its pumps a coolant of little volume
    overheats within a minute."""

    @model_validator(mode="after")
    def _temperatures_in_order(self) -> Self:
        least_c, most_c = air_class(self.air_class).allowable
        if not least_c <= self.supply_air <= most_c:
            raise ValueError(
                f"supply_air is {self.supply_air:g} °C; class {self.air_class} allows {least_c:g} to {most_c:g} °C"
            )
        _in_order("supply_air", self.supply_air, "throttle_inlet", self.throttle_inlet_c)
        _in_order("throttle_inlet", self.throttle_inlet_c, "shutdown_inlet", self.shutdown_inlet_c)
        if self.liquid is not None:
            _in_order("liquid.supply", self.liquid.supply, "throttle_coolant", self.throttle_coolant)
        _in_order("throttle_coolant", self.throttle_coolant, "shutdown_coolant", self.shutdown_coolant)
        return self

    @property
    def throttle_inlet_c(self) -> float:
        """Inlet temperature at which nodes throttle [°C]."""
        return air_class(self.air_class).allowable.most_c if self.throttle_inlet is None else self.throttle_inlet

    @property
    def shutdown_inlet_c(self) -> float:
        """Inlet temperature at which nodes shut down [°C]."""
        return (
            self.throttle_inlet_c + _SHUTDOWN_ABOVE_THROTTLE_K if self.shutdown_inlet is None else self.shutdown_inlet
        )

    @property
    def captured(self) -> float:
        """Share of IT power that goes into the coolant, 0 to 1."""
        return 0.0 if self.liquid is None else self.liquid.captured

    def sized(self, it_power_w: float, air_loss_w: float, design_day: DesignDay) -> SizedCooling:
        """Return the cooling with its machines chosen for an IT power and the losses that warm the hall's air [W].

        The IT power is that with server fans below their knee: what they draw more at `supply_air` is added. Raises
        ValueError where no number of machines can do it.
        """
        it_power_w += self.server_fans.extra_it_w((1.0 - self.captured) * it_power_w, self.supply_air)
        hall = air_class(self.air_class)
        humidity = HumidityLimits(*hall.allowable_dew_point, *hall.allowable_humidity)
        air_heat_w = (1.0 - self.captured) * it_power_w + air_loss_w
        if self.liquid is None:
            with _told_of("air"):
                return SizedCooling(self.air.sized(PathDuty(air_heat_w, self.supply_air, design_day, humidity)), None)
        duty = PathDuty(self.captured * it_power_w, self.liquid.supply, design_day)
        beside = self.liquid.of_plant(duty) if self.liquid.plant is None else None
        with _told_of("air"):
            air = self.air.sized(PathDuty(air_heat_w, self.supply_air, design_day, humidity, beside))
        if beside is not None and air.plant is None:
            raise ValueError("liquid has no plant, and the air side has none that it could share; give it a plant")
        with _told_of("liquid"):
            return SizedCooling(air, self.liquid.sized(duty))


@contextlib.contextmanager
def _told_of(path: str) -> Iterator[None]:
    """Say of which path of heat a machine is refused."""
    try:
        yield
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from None


def _in_order(lower: str, lower_c: float, upper: str, upper_c: float) -> None:
    if lower_c >= upper_c:
        raise ValueError(f"{upper} is {upper_c:g} °C; it must be above {lower}, {lower_c:g} °C")
