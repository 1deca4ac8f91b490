"""Solar panels on the site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from ...problems import InputError, Problem
from ...section import Section
from ...series import Series
from ...units import Angle, Power, quantity

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

    from ...weather.weather import Weather

_STILL_AIR_M_PER_S = 1.0


class Photovoltaics(Section):
    """Panels that stand still, all alike, with their inverters.

    PVWatts (Dobos, NREL/TP-6A20-62641, 2014) as pvlib has it, from hourly sunlight: the sun's place in the middle of
    each hour, the sky of Hay and Davies, the glass's reflection of direct light, cells as warm as Faiman's model says.
    """

    capacity: Annotated[Power, Field(gt=0.0)]
    """Direct-current power of the panels under 1000 W/m2 at 25 °C."""
    tilt: Annotated[Angle, Field(le=90.0)] = quantity("20 deg")
    """From the horizontal; 20° is an assumption."""
    azimuth: Annotated[Angle, Field(le=360.0)] | None = None
    """Where the panels look, from north through east: 180° is south. Towards the equator where not given."""
    losses: float = Field(default=0.1408, ge=0.0, lt=1.0)
    """Share lost to soiling, shading, mismatch, wiring, connections, first light, nameplate and outages: PVWatts'
    default (pvlib's `pvwatts_losses`)."""
    temperature_coefficient: float = Field(default=-0.0047, ge=-0.01, le=0.0)
    """Change of power for each K above 25 °C: PVWatts' standard module; its premium one has -0.0035."""
    inverter_efficiency: float = Field(default=0.96, gt=0.0, le=1.0)
    """Nominal efficiency of the inverters: PVWatts' default."""
    direct_over_alternating: float = Field(default=1.1, gt=0.0)
    """Capacity of the panels over what the inverters give at most: PVWatts' default."""
    albedo: float = Field(default=0.2, ge=0.0, le=1.0)
    """Share of the light that the ground returns: 0.2, grass, PVWatts' default."""

    @property
    def inverter_rating_w(self) -> float:
        """The most that the inverters give [W]."""
        return self.capacity / self.direct_over_alternating

    def power(self, weather: Weather, from_utc_s: float, to_utc_s: float) -> Series:
        """Return the alternating-current power [W] by the weather's intervals, over all of [from, to).

        Wind of 1 m/s is assumed where the weather tells none, and the split of global light into direct and diffuse
        follows Erbs (1982) where the weather tells but the global. Raises InputError where the weather has no
        sunlight or no place on Earth, or does not cover the run.
        """
        import numpy as np
        import pandas as pd
        import pvlib

        latitude_deg, longitude_deg = self._place(weather)
        cut = weather.covering(from_utc_s, to_utc_s)
        sunlight = cut.global_horizontal_w_per_m2
        assert sunlight is not None
        starts_utc_s = sunlight.start_utc_s + sunlight.step_s * np.arange(len(sunlight.values))
        middles = pd.to_datetime(starts_utc_s + sunlight.step_s / 2.0, unit="s", utc=True)
        sun = pvlib.solarposition.get_solarposition(
            middles, latitude_deg, longitude_deg, altitude=cut.elevation_m, temperature=cut.dry_bulb_c.values
        )
        global_w, direct_w, diffuse_w = self._light(cut, sun, middles)
        looks_deg = (180.0 if latitude_deg >= 0.0 else 0.0) if self.azimuth is None else self.azimuth
        on_panels = pvlib.irradiance.get_total_irradiance(
            self.tilt,
            looks_deg,
            sun["apparent_zenith"].to_numpy(),
            sun["azimuth"].to_numpy(),
            dni=direct_w,
            ghi=global_w,
            dhi=diffuse_w,
            dni_extra=np.asarray(pvlib.irradiance.get_extra_radiation(middles)),
            albedo=self.albedo,
            model="haydavies",
        )
        angle_deg = pvlib.irradiance.aoi(
            self.tilt, looks_deg, sun["apparent_zenith"].to_numpy(), sun["azimuth"].to_numpy()
        )
        wind = cut.wind_speed_m_per_s
        cell_c = pvlib.temperature.faiman(
            on_panels["poa_global"], cut.dry_bulb_c.values, _STILL_AIR_M_PER_S if wind is None else wind.values
        )
        light_w_per_m2 = on_panels["poa_direct"] * pvlib.iam.physical(angle_deg) + on_panels["poa_diffuse"]
        panels_w = pvlib.pvsystem.pvwatts_dc(light_w_per_m2, cell_c, self.capacity, self.temperature_coefficient)
        inverters_w = pvlib.inverter.pvwatts(
            panels_w * (1.0 - self.losses), self.inverter_rating_w / self.inverter_efficiency, self.inverter_efficiency
        )
        power_w = np.maximum(np.nan_to_num(np.asarray(inverters_w, dtype=np.float64), nan=0.0), 0.0)
        return sunlight.named("photovoltaic_power", "W", power_w)

    def _place(self, weather: Weather) -> tuple[float, float]:
        """Return latitude and longitude [degrees]; refuse weather that panels can not work with."""
        source = weather.dry_bulb_c.source or weather.site
        if weather.global_horizontal_w_per_m2 is None:
            raise InputError(
                Problem(
                    source,
                    "",
                    "tells no sunlight, or tells it with gaps, and photovoltaics need it: take EPW or TMY3 weather, or "
                    "ask Open-Meteo for 'shortwave_radiation'",
                )
            )
        if weather.latitude_deg is None or weather.longitude_deg is None:
            raise InputError(Problem(source, "", "tells no place on Earth, and photovoltaics need the sun's height"))
        return weather.latitude_deg, weather.longitude_deg

    def _light(
        self, weather: Weather, sun: pd.DataFrame, middles: pd.DatetimeIndex
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        """Return global, direct and diffuse irradiance [W/m2]."""
        import numpy as np
        import pvlib

        sunlight, direct, diffuse = (
            weather.global_horizontal_w_per_m2,
            weather.direct_normal_w_per_m2,
            weather.diffuse_horizontal_w_per_m2,
        )
        assert sunlight is not None
        if direct is not None and diffuse is not None:
            return sunlight.values, direct.values, diffuse.values
        split = pvlib.irradiance.erbs(sunlight.values, sun["zenith"].to_numpy(), middles)
        return sunlight.values, np.asarray(split["dni"]), np.asarray(split["dhi"])
