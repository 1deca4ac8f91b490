"""Curves as a mixed-integer program can have them, each with the greatest error that this makes."""

from .affine import AffineFit as AffineFit
from .affine import affine_fit as affine_fit
from .piecewise import PiecewiseLinear as PiecewiseLinear
from .piecewise import piecewise_linear as piecewise_linear
