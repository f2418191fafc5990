// How strongly a row is coloured: it rises with the score, and jumps at the window's threshold.
// A row below it is never as strong as one at it. The scale spans the scores of the session, and its
// ends are written beside it: confidences of a window may lie within a hundredth of each other.
export const BELOW = 0.32, ABOVE = 0.55;

// The ends of the scale: a few stray scores below the others do not stretch it.
export const scaleOf = (scores, threshold) => {
  const known = Float64Array.from(scores.filter((v) => v !== null && v !== undefined)).sort();
  if (!known.length) return { low: threshold ?? 0, threshold, high: threshold ?? 1 };
  return { low: known[Math.floor(known.length / 20)], threshold, high: known.at(-1) };
};

const share = (value, low, high) => (high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0);

// From 0 to 1.
export const strength = (value, { low, threshold, high }) => {
  if (value === null || value === undefined) return 0;
  if (threshold === null) return BELOW * share(value, low, high);
  if (value < threshold) return BELOW * share(value, low, threshold);
  return ABOVE + (1 - ABOVE) * share(value, threshold, high);
};
