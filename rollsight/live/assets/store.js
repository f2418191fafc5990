// All that the server has said, as it stands: messages in, nothing drawn.
export const VERSION = 1;
const LINES = 100; // of the log
const DECIDED = new Set(["window", "confidence", "buy", "account"]); // kinds that are of a decision

// Days without their midnight.
const day = (text) => text?.slice(0, 10) ?? null;
const dated = ({ bars, decisions, trades }) => ({
  bars: bars.map(([session, ...rest]) => [day(session), ...rest]),
  decisions: decisions.map(([session, ...rest]) => [day(session), ...rest]),
  trades: trades.map(([entry, exit, ...rest]) => [day(entry), day(exit), ...rest]),
});

const newRun = (name) => ({
  name, info: { names: {} }, verdict: null, window: null, account: null, session: null, at: null, model: null,
  quotes: new Map(), chances: new Map(), scores: new Map(), buys: new Set(), baselines: new Map(),
  // Which stocks have become buys, or are none any more, with the last decision.
  moved: new Map(), bought: null,
  of: {}, // sessions of quotes, chances and scores
  heatmaps: new Map(), details: new Map(),
});

export const makeStore = () => {
  const store = { runs: new Map(), status: null, errors: [], foreign: false, states: 0, log: [] };

  // Of a run that was known before a state came, what the state does not say.
  let before = new Map();
  const remembered = (name) => {
    const { buys, bought, moved, heatmaps, details } = before.get(name) ?? newRun(name);
    return { buys, bought, moved, heatmaps, details };
  };

  const run = (name) => {
    if (!store.runs.has(name)) store.runs.set(name, { ...newRun(name), ...remembered(name) });
    return store.runs.get(name);
  };

  const heardStatus = (status) => {
    const { text, log = [] } = store.status ?? {}, known = new Set([text, ...log].map((line) => JSON.stringify(line)));
    for (const line of [...(status.log ?? []), status.text]) {
      if (line && !known.has(JSON.stringify(line))) store.note({ text: line });
    }
    store.status = status;
  };

  const restore = (envelopes) => {
    before = store.runs;
    store.runs = new Map();
    for (const envelope of envelopes) store.hear(envelope);
    before = new Map();
    store.states += 1;
  };

  // Of the same session a message changes the stocks that it names; of another one it says all.
  const kept = (of, key, session) => {
    if (of.of[key] !== session || !of[key]) of[key] = new Map();
    of.of[key] = session;
    return of[key];
  };

  const tellers = {
    run: (of, _, info) => { of.info = info; },
    verdict: (of, _, verdict) => { of.verdict = verdict; },
    window: (of, _, window) => { of.window = window; },
    account: (of, _, account) => { of.account = account; },
    buy: (of, session, ...codes) => buy(of, codes, session),
    quote: (of, session, rows) => {
      const quotes = kept(of, "quotes", session);
      for (const [code, ...values] of rows) quotes.set(code, values);
    },
    confidence: (of, session, codes, values) => {
      const chances = kept(of, "chances", session);
      codes.forEach((code, i) => chances.set(code, values[i]));
    },
    score: (of, session, codes, values) => {
      const scores = kept(of, "scores", session);
      codes.forEach((code, i) => scores.set(code, values[i]));
    },
    baseline: (of, _, name, codes, values, buys) => {
      const bought = new Set(codes.filter((_code, i) => buys[i]));
      of.baselines.set(name, { chances: new Map(codes.map((code, i) => [code, values[i]])), buys: bought });
    },
    heatmap: (of, session, code, channels, values) => { of.heatmaps.set(code, { channels, values, session }); },
    detail: (of, _, code, detail) => { of.details.set(code, dated(detail)); },
  };

  const buy = (of, codes, session) => {
    const last = of.buys;
    of.buys = new Set(codes);
    if (of.bought !== null && of.bought !== session) {
      of.moved = new Map();
      for (const code of codes) if (!last.has(code)) of.moved.set(code, "in");
      for (const code of last) if (!of.buys.has(code)) of.moved.set(code, "out");
    }
    if (of.bought !== session) store.note({ run: of.name, session, buys: codes.length, moved: of.moved });
    of.bought = session;
  };

  store.note = (entry) => {
    store.log.push({ heard: new Date(), ...entry });
    if (store.log.length > LINES) store.log.shift();
  };

  store.hear = ({ v, run: name, session, at, model, m: [kind, ...said] }) => {
    if (v !== VERSION) { store.foreign = true; return; }
    if (kind === "state") { restore(said[0]); return; }
    if (kind === "status") { heardStatus(said[0]); return; }
    if (kind === "error") { store.errors.push(said[0]); return; }
    if (name === null || name === undefined) return;
    const of = run(name);
    if (DECIDED.has(kind)) Object.assign(of, { session, at, model });
    tellers[kind]?.(of, session, ...said);
  };
  return store;
};

// What is held against the threshold.
export const scoreOf = (run, code) => {
  if (!run.info.score || run.info.score === "p_up") return run.chances.get(code)?.[2] ?? null;
  return run.scores.get(code) ?? null;
};

export const nextOf = (run) => run.window?.next_session ?? run.account?.next_session ?? null;
export const codesOf = (run) => [...(run.chances.size ? run.chances.keys() : run.quotes.keys())];
export const held = (run) => new Set((run.account?.positions ?? []).map((p) => p.code));
