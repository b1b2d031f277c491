"""The settings of ``place-wells`` that say where wells may stand, what they cost, how plans are checked."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, NonNegativeFloat, NonNegativeInt, PositiveInt, model_validator

from flows.settings.reading import Settings
from flows.settings.values import Length

Money_ = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class Standing(Settings):
    """Where wells may stand, and which are there already."""

    lease: Path | None = Field(
        None, description="Polygons that wells lie within: GeoJSON or shapefile"
    )
    no_drill: Path | None = Field(
        None, description="Polygons that no well lies within: GeoJSON or shapefile"
    )
    existing: Path | None = Field(
        None,
        description="Table of wells that are there already, with columns x, y, and if wanted radius "
        "and growth, m: what they collect does not count",
    )
    spacing: Length | None = Field(
        None, description="Distance between wells at least, existing ones too, m"
    )
    coordinates: Literal["cdp", "map"] | None = Field(
        None,
        description="Of these files: cdp (CDP X/Y) or map (m from the map's first corner); default: "
        "cdp where --map-origin is given",
    )


class Money(Settings):
    """What wells cost and bring in, and when they begin."""

    price: Money_ | None = Field(
        None,
        description="Money for one unit of map value times square metres: the net present value is "
        "reported",
    )
    well_cost: Money_ | None = Field(
        None,
        description="Money for one well; with --price only wells that pay for themselves are drilled, "
        "--wells at most",
    )
    budget: Money_ | None = Field(
        None, description="Money for all wells at most; needs --well-cost"
    )
    discount: NonNegativeFloat = Field(
        0.0,
        allow_inf_nan=False,
        description="By how many % money is worth less a year later; periods then count less",
    )
    rigs: PositiveInt | None = Field(
        None,
        description="Wells that begin in each period, in the order of wells.csv (default: all in the "
        "first)",
    )
    period_years: Length = Field(1.0, description="Years of a period, by which --discount counts")

    @model_validator(mode="after")
    def _money_is_whole(self) -> Self:
        if self.budget is not None and self.well_cost is None:
            msg = "--budget is divided by the cost of a well: give --well-cost too"
            raise ValueError(msg)
        if self.well_cost is not None and self.price is None and self.budget is None:
            msg = "--well-cost needs what wells bring in or may cost: give --price or --budget too"
            raise ValueError(msg)
        if self.budget is not None and self.well_cost is not None and self.budget < self.well_cost:
            msg = f"--budget {self.budget:g} is less than one well costs ({self.well_cost:g})"
            raise ValueError(msg)
        return self


class Verification(Settings):
    """How plans are checked by a simulator."""

    verify: Literal["flow"] | None = Field(
        None,
        description="Simulate the best plans by OPM Flow, and tell whether it puts them in the same order; "
        "decks and results go to simulations in --out",
    )
    top: PositiveInt = Field(
        8, description="Plans that are simulated: the one written, then the best of --starts"
    )
    contrast: NonNegativeInt = Field(
        4,
        description="Plans of wells at random places that are simulated beside them, as the best are much "
        "alike",
    )
    verify_years: Length | None = Field(
        None, description="Years that are simulated (default: all periods)"
    )
    verify_permeability: Length | None = Field(
        None,
        description="Permeability at mean porosity, mD (default: by which a well drains most of its circle "
        "in all periods)",
    )
    verify_power: Annotated[float, Field(ge=0, le=10, allow_inf_nan=False)] = Field(
        0.0, description="Power of porosity that permeability goes by; 0: the same everywhere"
    )
    verify_limit: Length = Field(600.0, description="Time that one simulation may take, s")

    @model_validator(mode="after")
    def _verification_is_whole(self) -> Self:
        fields = type(self).model_fields
        hows = [
            name for name in fields if name in ("top", "contrast") or name.startswith("verify_")
        ]
        given = [name for name in hows if getattr(self, name) != fields[name].default]
        if given and self.verify is None:
            msg = f"--{given[0].replace('_', '-')} is of simulations: give --verify flow too"
            raise ValueError(msg)
        return self
