"""Why a family of models cannot take a specification, as its refusals put it on a page."""

# What rollsight.training raises before and while it trains; braces stand where it writes a value.
REASONS = (
    "features.lookback={days} is shorter than the {least} days that model.blocks={blocks} with "
    "model.kernel={kernel} span: lengthen it, or take fewer blocks",
    "features.lookback={days} makes an image of {width} x {height}, which three convolutions "
    "cannot halve: lengthen it to {least} or more, or take another model.name",
    "features.lookback={days} is shorter than the {least} sessions that model.name='{name}' halves "
    "twice: lengthen it, or take mlp",
    "momentum, reversal and low_volatility measure the changes of closes in the input, which has "
    "none: add 'change' to features.stock, or take another model or baseline",
    "momentum, reversal and low_volatility measure the changes of closes in the input, and "
    "features.lookback=1 has one of them: lengthen it, or take another model or baseline",
    "model.task='regress' (model.name='{name}'): a forecast return has the classes of fixed bands "
    "alone: set label.band='fixed', or model.task='classify'",
    "training.class_weights='balanced': model.name='{name}' learns returns, and no classes: set "
    "training.class_weights='none', or model.task='classify'",
    "training.mode='{mode}' cannot move model.name='{name}' to another window's units: take "
    "model.name='resnet', or training.mode='retrain'",
    "model.ticker='embedding' needs the channel ticker: add it to features.stock, or set "
    "model.ticker='off'",
    "model.ticker='embedding' reads codes, and the channel ticker is a {unit}: add ticker to "
    "features.as_is",
    "the family 'lightgbm' needs the package lightgbm: pip install 'rollsight[lightgbm]', or name "
    "'boosting' in its place",
    "the family 'lightgbm' cannot load the package lightgbm ({error}): install the system's "
    "library that it lacks (libgomp.so.1 is of the package libgomp1), or name 'boosting' in its "
    "place",
    "window {window}: the loss was not a number from the first epoch on: lower "
    "training.learning_rate={rate}",
)
