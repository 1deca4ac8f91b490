"""A step of training: layouts, memory, time, power, and what published runs say of the predictions."""

from .layout import Layout as Layout
from .machines import Machines as Machines
from .machines import machines_of as machines_of
from .memory import DoesNotFit as DoesNotFit
from .perceptron_epochs import PerceptronTraining as PerceptronTraining
from .perceptron_epochs import perceptron_training as perceptron_training
from .result import TrainingStep as TrainingStep
from .step import training_step as training_step
