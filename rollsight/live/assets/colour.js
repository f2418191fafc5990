// How strongly a row is coloured: it rises with the score, and jumps at the window's threshold.
// A row below it is never as strong as one at it, whatever the window.
export const BELOW = 0.32, ABOVE = 0.55;
const STEEP = 3, EDGE = 1e-3;

const bounds = (score) => (score === "p_up - p_down" ? [-1, 1] : [0, 1]);

const logit = (value, [low, high]) => {
  const share = Math.min(1 - EDGE, Math.max(EDGE, (value - low) / (high - low)));
  return Math.log(share / (1 - share));
};

// From 0 to 1; the distance from the threshold counts in log-odds.
export const strength = (value, threshold, score = "p_up") => {
  if (value === null || value === undefined) return 0;
  const range = bounds(score), middle = (range[0] + range[1]) / 2;
  const share = 1 / (1 + Math.exp(-STEEP * (logit(value, range) - logit(threshold ?? middle, range))));
  if (threshold === null || threshold === undefined) return BELOW * share;
  return value < threshold ? Math.min(2 * share, 1) * BELOW : ABOVE + (1 - ABOVE) * Math.max(0, 2 * share - 1);
};
