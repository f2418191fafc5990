// The connection: it comes back by itself, and asks no more often than the server allows.
const FIRST = 500, LONGEST = 15_000, SPACE = 70; // milliseconds
// Of what waits to be sent, a later one of these replaces the one before.
const REPLACED = new Set(["watch", "unwatch", "seek", "speed", "play", "pause"]);

export const stream = ({ heard, changed }) => {
  const url = `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/stream`;
  const state = { open: false, lost: null, tries: 0, again: 0 };
  let socket = null, timer = 0, sending = 0;
  const waiting = [];

  const connect = () => {
    clearTimeout(timer);
    socket = new WebSocket(url);
    socket.onopen = () => {
      Object.assign(state, { open: true, lost: null, tries: 0 });
      changed(state);
    };
    socket.onmessage = (event) => heard(JSON.parse(event.data));
    socket.onclose = lost;
  };

  const lost = () => {
    if (state.open || !state.lost) state.lost = new Date();
    state.open = false;
    waiting.length = 0;
    // Not all screens at the same instant, after a server that was started anew.
    const wait = Math.min(LONGEST, FIRST * 2 ** state.tries++) * (0.75 + Math.random() / 2);
    state.again = Date.now() + wait;
    timer = setTimeout(connect, wait);
    changed(state);
  };

  const send = (message, run = null) => {
    if (!state.open) return;
    const [kind] = message, last = waiting.at(-1);
    if (kind === "step" && last?.message[0] === "step") last.message[1] += message[1];
    else {
      const at = REPLACED.has(kind) ? waiting.findIndex((w) => sameKind(w.message[0], kind)) : -1;
      if (at >= 0) waiting.splice(at, 1);
      waiting.push({ message: [...message], run });
    }
    if (!sending) next();
  };

  const next = () => {
    const first = waiting.shift();
    sending = first ? setTimeout(next, SPACE) : 0;
    if (!first || socket.readyState !== WebSocket.OPEN) return;
    socket.send(JSON.stringify(first.run ? { run: first.run, m: first.message } : first.message));
  };

  const anew = () => { if (!state.open) { state.tries = 0; connect(); } };
  addEventListener("online", anew);
  addEventListener("offline", () => socket?.close());
  connect();
  return { send, state };
};

const sameKind = (one, other) => family(one) === family(other);
const family = (kind) => ({ unwatch: "watch", pause: "play" })[kind] ?? kind;
