"""Linear sums, gathered term by term and made into an expression once: Pyomo's own sums are slow to build."""

from __future__ import annotations

from typing import Any


class Terms:
    """A linear sum: coefficients, variables and a constant."""

    __slots__ = ("coefficients", "constant", "variables")

    def __init__(self, constant: float = 0.0) -> None:
        self.coefficients: list[float] = []
        self.variables: list[Any] = []
        self.constant = constant

    def add(self, coefficient: float, variable: Any) -> None:
        """Add a variable; a coefficient of 0 adds nothing."""
        if coefficient:
            self.coefficients.append(float(coefficient))
            self.variables.append(variable)

    def add_all(self, factor: float, other: Terms) -> None:
        """Add another sum, times a factor."""
        self.coefficients += [factor * each for each in other.coefficients]
        self.variables += other.variables
        self.constant += factor * other.constant

    def __len__(self) -> int:
        return len(self.variables)

    @property
    def value(self) -> float:
        """The sum at the variables' present values."""
        pairs = zip(self.coefficients, self.variables, strict=True)
        return float(self.constant + sum(coefficient * variable.value for coefficient, variable in pairs))

    def expression(self) -> Any:
        """Return the sum as a Pyomo expression; a coefficient of 1 needs no product."""
        from pyomo.core.expr.numeric_expr import LinearExpression, MonomialTermExpression

        pairs = zip(self.coefficients, self.variables, strict=True)
        terms: list[Any] = [each if factor == 1.0 else MonomialTermExpression((factor, each)) for factor, each in pairs]
        if self.constant:
            terms.append(self.constant)
        return LinearExpression(terms)
