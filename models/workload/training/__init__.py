"""A step of training: layouts, memory, time, power, and what published runs say of the predictions."""
