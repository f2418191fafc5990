"""The outlier gate: inputs unlike those of the train span, by the error of rebuilding them."""
