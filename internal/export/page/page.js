"use strict";
// What a page is fed is described in records.go, and comes as JSON. All of its
// text is set as text: nothing here makes markup of it.
(() => {
const CELLS = 8;
const $ = id => document.getElementById(id);

// el makes an element: class, its properties, and what is in it.
function el(tag, cls, props, ...kids) {
  const e = document.createElement(tag);
  if (cls) e.className = cls;
  for (const [k, v] of Object.entries(props || {})) k.includes("-") || k === "role" ? e.setAttribute(k, v) : e[k] = v;
  e.append(...kids.filter(k => k !== null && k !== undefined));
  return e;
}
const count = (n, one) => n + " " + one + (n === 1 ? "" : "s");
const base = file => file.slice(file.lastIndexOf("/") + 1);
// short is a function's name without the path of its package and type arguments.
function short(fn) {
  let out = "", depth = 0;
  for (const c of fn) {
    if (c === "[" && depth++ === 0) out += "[…]";
    if (depth === 0) out += c;
    if (c === "]" && depth > 0) depth--;
  }
  return depth ? fn : out.slice(out.lastIndexOf("/") + 1);
}

const STATES = {
  f: ["", "full"], e: ["··", "empty"], d: ["xx", "a tombstone"], r: ["··", "emptyRest: empty, and so is all that follows"],
  o: ["·_", "emptyOne: empty, but something follows"], x: ["ex", "evacuated to the first half"], y: ["ey", "evacuated to the second half"],
  z: ["e·", "evacuated, it was empty"], "?": ["??", "not read"],
};
const hex2 = b => b < 0 ? "??" : b.toString(16).padStart(2, "0");

// ---- the recording ----

const blank = Array.from({length: CELLS}, () => [-1, -1, -1]);

// apply is a state of a map with what a delta tells of it.
function apply(s, d) {
  if (d.lacks) return {...s, lacks: d.lacks, focus: null, absent: false};
  const n = {...s, lacks: "", used: d.used, tombs: d.tombs, hidden: d.hidden || 0, focus: d.focus || null, absent: !!d.absent};
  if (d.rows) n.list = d.rows;
  if (d.anew) n.facts = d.facts || [];
  else if (d.facts) { const news = new Map(d.facts); n.facts = s.facts.map(f => news.has(f[0]) ? [f[0], news.get(f[0])] : f); }
  if (d.addrs) n.addrs = s.addrs.concat(d.addrs);
  if (d.cells) {
    n.cells = s.cells.slice();
    const mine = new Set();
    for (let i = 0; i < d.cells.length; i += 5) {
      const [row, cell, b, key, elem] = d.cells.slice(i, i + 5);
      if (!mine.has(row)) { mine.add(row); n.cells[row] = (n.cells[row] || blank).slice(); }
      n.cells[row][cell] = [b, key, elem];
    }
  }
  return n;
}
const nothing = {list: [], cells: [], addrs: [], facts: [], used: 0, tombs: 0, hidden: 0, focus: null, absent: false, lacks: "it was not looked at"};
const KEYFRAME = 32;

class Recording {
  texts = []; stacks = []; maps = new Map(); source = new Map(); ops = [];

  text(n) { return n < 0 ? "" : this.texts[n]; }

  feed(rec) {
    this.texts.push(...rec.texts || []);
    for (const m of rec.maps || []) this.maps.set(m.id, {...m, deltas: [], frames: [], last: nothing, events: new Map(), lane: this.maps.size, over: null});
    this.stacks.push(...rec.stacks || []);
    for (const l of rec.source || []) {
      const file = this.text(l.file);
      if (!this.source.has(file)) this.source.set(file, new Map());
      this.source.get(file).set(l.line, l.text);
    }
    const op = rec.op, m = this.maps.get(op.map);
    op.index = this.ops.length;
    this.ops.push(op);
    // Ops of one map that overlap in time each see what the other wrote.
    if (m.over && op.began < m.over.ended) op.overlaps = m.over.overlaps = true;
    if (!m.over || op.ended > m.over.ended) m.over = op;
    const was = this.push(m, op.before);
    op.at = [m.deltas.length - 1];
    const now = op.after ? this.push(m, op.after) : was;
    op.at.push(m.deltas.length - 1);
    this.witness(m, op, was, now);
  }

  push(m, d) {
    m.last = apply(m.last, d);
    if (m.deltas.length % KEYFRAME === 0) m.frames.push(m.last);
    m.deltas.push(d);
    return m.last;
  }

  // state is what a map was at a moment: phase 0 before the op, 1 after it.
  state(op, phase) {
    const m = this.maps.get(op.map), at = op.at[phase];
    let i = Math.floor(at / KEYFRAME), s = m.frames[i];
    for (i *= KEYFRAME; i < at;) s = apply(s, m.deltas[++i]);
    return s;
  }

  // witness notes who wrote which cell.
  witness(m, op, was, now) {
    const note = (row, cell, e) => {
      const k = row * CELLS + cell;
      if (!m.events.has(k)) m.events.set(k, []);
      m.events.get(k).push({op, ...e});
    };
    for (const [row, cell, from] of op.drift || []) note(row, cell, {what: "drift", phase: 0, from, to: (was.cells[row] || blank)[cell][0]});
    const had = new Set(was.list.map(r => r[0]));
    if (op.after && had.size && !was.hidden && !now.hidden) {
      for (const [row] of now.list) {
        if (had.has(row)) continue;
        for (let c = 0; c < CELLS; c++) note(row, c, {what: m.states[now.cells[row][c][0]] === "f" ? "moved" : "new", phase: 1, to: now.cells[row][c][0]});
      }
    }
    (op.changes || []).forEach(([row, cell, from, to, rule], i) => {
      // What an overlapping op changed beside its own cell may be another's work.
      note(row, cell, {what: op.overlaps && i !== op.own ? "overlap" : "change", phase: 1, from, to, rule});
    });
    if (op.kind === "assign" && op.found && now.focus && !(op.changes || []).length) note(...now.focus, {what: "elem", phase: 1, to: now.cells[now.focus[0]][now.focus[1]][0]});
  }

  // history lists who wrote a cell up to a moment, the last first.
  history(op, phase, row, cell) {
    const m = this.maps.get(op.map);
    return (m.events.get(row * CELLS + cell) || []).filter(e => e.op.index < op.index || e.op === op && e.phase <= phase).reverse();
  }

  // maker is the op that made the entry which another only moved.
  maker(e, key) {
    for (let i = e.op.index; i >= 0; i--) {
      const op = this.ops[i];
      if (op.map === e.op.map && op.kind === "assign" && op.key === key && !op.keyLen && !op.outcome) return op;
    }
    return null;
  }

  caller(op) {
    const f = op.caller >= 0 && op.stack >= 0 ? this.stacks[op.stack][op.caller] : null;
    return f ? short(this.text(f.fn)) + " " + base(this.text(f.file)) + ":" + f.line : "";
  }
}

// ---- the view ----

const rec = new Recording();
const info = JSON.parse($("info").textContent);
const view = {at: 0, cell: null, byHand: false, frame: -1, asking: false, said: new Map(), trail: [], timer: 0};
const now = () => ({op: rec.ops[view.at >> 1], phase: view.at & 1});

const VERDICTS = {
  A: ["its ", "elem is replaced", "", "t-f"], d: ["the cell is ", "empty", " again", ""], x: ["left ", "a tombstone", "", "t-d"], "-": ["", "no such key", ": nothing changed", ""],
  a: ["", "a new entry", "", "t-f"], c: ["every cell is ", "cleared", "", ""], G: ["the map ", "grew", "", "t-G"], S: ["a table was ", "split", "", "t-G"],
  P: ["tombstones were ", "pruned", "", "t-G"], "!": ["", "it did not return", "", "t-bad"], "?": ["", "what it did could not be told", "", ""],
};

const stateOf = (m, b) => b < 0 || !m.states ? "?" : m.states[b];
function glyph(m, b) {
  const s = stateOf(m, b);
  return s === "f" ? hex2(b) : STATES[s][0];
}
const stateName = (m, b) => STATES[stateOf(m, b)][1];

function draw() {
  const {op, phase} = now(), m = rec.maps.get(op.map);
  const s = rec.state(op, phase), was = rec.state(op, 0);
  if (!view.byHand) view.cell = s.focus ? s.focus.slice() : null;
  if (view.cell && !s.list.some(r => r[0] === view.cell[0])) view.cell = s.focus ? s.focus.slice() : null;
  drawHero(op, phase, m, s);
  drawMap(op, phase, m, s, was);
  drawCell(op, phase, m, s);
  drawWhy(op, phase, s);
  drawStack(op);
  drawStrip();
  $("back").hidden = !view.trail.length;
}

function drawHero(op, phase, m, s) {
  $("place").replaceChildren("op ", el("b", "", {}, String(op.seq)), " of " + info.total + ", ", el("b", "", {}, phase ? "after" : "before"));
  const call = rec.text(op.call[phase]);
  $("call").textContent = call;
  const v = $("verdict");
  v.className = "verdict";
  let words;
  const ask = view.asking && askable(op, m) && !view.said.has(op.index);
  if (phase === 0) {
    words = [op.kind === "clear" ? "all is about to go" : s.absent ? "no cell holds the key" : s.focus ? "the key is in the cell that is marked" : "about to run"];
    if ((op.drift || []).length) words.push(el("b", "t-drift", {}, ". Drift: " + count(op.drift.length, "control byte") + " changed since op " + op.driftSince + ", by something that is not watched"));
  } else {
    const [a, b, c, cls] = VERDICTS[op.mark === "a" && op.found ? "A" : op.mark] || VERDICTS["?"];
    words = [a, el("b", cls, {}, b), c];
    if (op.message) words.push(": " + op.message);
    const said = view.said.get(op.index);
    if (view.asking && said) words.push(said.right ? ". You said so." : ". You said: " + said.word + ".");
  }
  v.replaceChildren(...words);
  const who = rec.caller(op);
  $("who").replaceChildren(...who ? [el("code", "", {}, who), ", "] : [], "goroutine " + op.g + ", by ", el("code", "", {}, rec.text(op.func)));
  drawQuestion(op, m, phase === 0 && ask);
  $("say").textContent = "op " + op.seq + " " + (phase ? "after" : "before") + ": " + call + ": " + v.textContent;
}

function vital(name, from, to, cls) {
  const moved = from !== to;
  return el("div", "", {}, el("dt", "", {}, name), el("dd", (cls || "") + (moved ? " moved" : ""), {}, ...moved ? [el("del", "", {}, String(from)), "→"] : [], String(to)));
}

function drawMap(op, phase, m, s, was) {
  $("mapname").replaceChildren(op.map ? el("b", "", {}, m.type) : "nil map", op.map ? "  #" + m.id + " at " + m.addr : "");
  const cells = s.list.length * CELLS, v = [];
  if (!s.lacks) {
    v.push(vital("used", was.lacks ? s.used : was.used, s.used));
    if (m.layout !== "classic") v.push(vital("tombstones", was.lacks ? s.tombs : was.tombs, s.tombs, "tombs"));
    const left = f => (f.find(x => x[0] === "growthLeft") || [])[1];
    if (left(s.facts) !== undefined) v.push(vital("growthLeft", left(was.facts) === undefined ? left(s.facts) : left(was.facts), left(s.facts)));
    if (cells && !s.hidden) v.push(vital("cells", cells, cells));
  }
  $("vitals").replaceChildren(...v);
  const changed = new Map();
  if (phase) for (const [row, cell, from] of op.changes || []) changed.set(row * CELLS + cell, from);
  const drifted = new Map();
  if (!phase) for (const [row, cell, from] of op.drift || []) drifted.set(row * CELLS + cell, from);
  const grid = $("grid"), rows = [], had = document.activeElement && grid.contains(document.activeElement);
  const seen = new Set();
  if (!s.lacks) s.list.forEach(([row, name], y) => {
    const line = el("div", "row", {role: "row"}), where = rec.text(name);
    line.append(el("div", "rowhead", {role: "rowheader"}, where));
    for (let c = 0; c < CELLS; c++) {
      const [b, key, elem] = s.cells[row][c], st = stateOf(m, b), k = row * CELLS + c;
      seen.add(st);
      const sel = !!view.cell && view.cell[0] === row && view.cell[1] === c;
      const box = el("div", "cellbox s-" + (st === "?" ? "q" : st), {role: "gridcell", tabIndex: -1, "aria-selected": String(sel)});
      const byte = el("span", "byte", {"aria-hidden": "true"});
      if (changed.has(k)) {
        box.classList.add("changed"); line.classList.add("touched");
        byte.append(el("del", "", {}, glyph(m, changed.get(k))), el("span", "became", {}, "▸"));
      }
      byte.append(glyph(m, b));
      if (drifted.has(k)) { box.classList.add("drifted"); byte.append("~"); }
      if (!changed.has(k) && s.focus && s.focus[0] === row && s.focus[1] === c) box.classList.add("aim");
      box.append(byte);
      if (key >= 0) box.append(el("span", "key", {"aria-hidden": "true"}, rec.text(key)));
      const label = [where + " cell " + c, stateName(m, b)];
      if (st === "f") label.push("control byte " + hex2(b));
      if (key >= 0) label.push((st === "f" ? "key " : "was key ") + rec.text(key));
      if (elem >= 0) label.push("elem " + rec.text(elem));
      if (changed.has(k)) label.push("changed by this op from " + hex2(changed.get(k)) + " to " + hex2(b));
      if (drifted.has(k)) label.push("drift: it was " + hex2(drifted.get(k)));
      box.append(el("span", "unseen", {}, label.join(", ")));
      box.dataset.row = row; box.dataset.cell = c; box.dataset.y = y; box.dataset.byte = b;
      line.append(box);
    }
    rows.push(line);
  });
  grid.replaceChildren(...rows);
  const home = grid.querySelector("[aria-selected=true]") || grid.querySelector(".cellbox");
  if (home) { home.tabIndex = 0; if (had) home.focus({preventScroll: true}); }
  grid.hidden = !rows.length;
  $("lacks").textContent = s.lacks ? "There is no map to show: " + s.lacks + "." : s.hidden ? count(s.hidden, "more row") + " of this map, not shown." : "";
  $("legend").replaceChildren(...[...seen].sort().map(st => el("li", "", {}, el("code", "", {}, st === "f" ? "5e" : STATES[st][0]),
    st === "f" ? (m.layout === "classic" ? "full: the top byte of its key's hash" : "full: seven bits of its key's hash") : st === "e" ? "empty: every probe ends here" : st === "d" ? "a tombstone: deleted, and probes go on past it" : STATES[st][1])));
  $("facts").replaceChildren(...s.facts.flatMap(([k, v]) => [el("dt", "", {}, k), el("dd", "", {}, v)]));
}

// words of an event, for people.
function told(m, e) {
  const call = rec.text(e.op.call[1]), st = stateOf(m, e.to);
  switch (e.what) {
  case "drift": return ["drift: ", hex2(e.from) + "→" + hex2(e.to), " between op " + e.op.driftSince + " and op " + e.op.seq + ", by something that is not watched"];
  case "overlap": return ["", hex2(e.from) + "→" + hex2(e.to), ", while several ops were in progress: whose write it was cannot be told"];
  case "moved": return ["", "moved here", " by " + call];
  case "new": return ["", "new and empty", ", made by " + call];
  case "elem": return ["", "elem written", " by " + call];
  }
  const word = st === "d" ? "tombstone" : st === "f" ? "full" : st === "?" ? hex2(e.to) : STATES[st][1].split(":")[0];
  return ["", word, " by " + call];
}

function drawCell(op, phase, m, s) {
  const box = $("cell");
  if (!view.cell || s.lacks) {
    $("cellname").textContent = "a cell";
    box.replaceChildren(el("p", "none", {}, "Choose a cell of the map: here it says who made it what it is."));
    return;
  }
  const [row, c] = view.cell, [b, key, elem] = s.cells[row][c], st = stateOf(m, b);
  const name = rec.text(s.list.find(r => r[0] === row)[1]) + " cell " + c;
  $("cellname").replaceChildren("who made this: ", el("b", "", {}, name));
  const events = rec.history(op, phase, row, c), e = events[0];
  const made = el("p", "made", {id: "made"});
  const word = st === "d" ? "tombstone" : st === "f" ? "full" : STATES[st][1].split(":")[0];
  if (!e) {
    const first = rec.ops.find(o => o.map === op.map);
    made.append(el("b", st === "d" ? "t-d" : "", {}, word), " since before op " + first.seq + ", the first of this map in the recording: nobody was seen writing it.");
  } else if (e.what === "drift" || e.what === "overlap") {
    made.append(el("b", "t-drift", {}, word + ": "), told(m, e).join(""));
  } else {
    made.append(el("b", st === "d" ? "t-d" : st === "f" ? "t-f" : "", {}, word), " since op " + e.op.seq + ": ");
    made.append(el("code", "", {}, rec.text(e.op.call[1])), " ", el("code", "", {}, rec.caller(e.op)));
    if (e.what === "moved" || st === "f" && e.op.own >= 0 && e.op.changes[e.op.own] && (e.op.changes[e.op.own][0] !== row || e.op.changes[e.op.own][1] !== c)) {
      const k = rec.text(key), maker = k ? rec.maker(e, k) : null;
      made.append(". It was moved here", maker && maker !== e.op ? ["; the entry was made by op " + maker.seq + ": " + rec.text(maker.call[1])].join("") : "", ".");
    }
  }
  const pairs = el("dl", "pairs", {});
  const pair = (k, v) => pairs.append(el("dt", "", {}, k), el("dd", "", {}, v));
  pair("control byte", b < 0 ? "not read" : hex2(b) + "  " + STATES[st][1]);
  if (key >= 0) pair(st === "f" ? "key" : "left there", rec.text(key));
  if (elem >= 0) pair("elem", rec.text(elem));
  pair("row at", s.addrs[row]);
  const list = el("ol", "history", {"aria-label": "who wrote this cell, the last first"});
  for (const x of events.slice(0, 12)) {
    const [a, w, z] = told(m, x);
    const go = el("button", x.op === op ? "now" : "", {type: "button"}, el("span", "n", {}, "op " + x.op.seq), el("span", "what", {}, a, el("b", "", {}, w), z));
    go.addEventListener("click", () => jump(x));
    list.append(el("li", "", {}, go));
  }
  box.replaceChildren(made, pairs, list, events.length > 12 ? el("p", "none", {}, count(events.length - 12, "earlier write")) : "");
}

function drawWhy(op, phase, s) {
  const box = $("why");
  if (phase === 0) {
    box.replaceChildren(el("p", "none", {}, view.asking ? "After the op, the runtime's reason stands here." : "Go on to the op's after (→): the runtime's reason stands here."));
    return;
  }
  const kids = [el("p", "", {}, rec.text(op.why) || "It is not known why.")];
  if (op.rule >= 0) kids.push(el("p", "rule", {}, "rule ", el("code", "", {}, rec.text(op.rule))));
  if (op.ruleLine) kids.push(el("pre", "", {}, base(rec.text(op.ruleLine.file)) + ":" + op.ruleLine.line + "  " + rec.text(op.ruleLine.text).trim()));
  if ((op.events || []).length) kids.push(el("p", "rule", {}, "events: " + op.events.join(", ")));
  const n = (op.changes || []).length + (op.more || 0);
  if (n > 1) kids.push(el("p", "rule", {}, count(n, "control byte") + " changed"));
  box.replaceChildren(...kids);
}

function drawStack(op) {
  const frames = op.stack >= 0 ? rec.stacks[op.stack] : [];
  let at = view.frame >= 0 && view.frame < frames.length ? view.frame : op.caller;
  if (at < 0) at = 0;
  $("stackname").textContent = "stack of goroutine " + op.g;
  $("stack").replaceChildren(...frames.map((f, i) => {
    const b = el("button", f.rt ? "rt" : "", {type: "button", "aria-current": String(i === at)},
      el("span", "", {}, short(rec.text(f.fn)) + (f.inl ? " (inlined)" : "")), el("span", "at", {}, base(rec.text(f.file)) + ":" + f.line));
    b.addEventListener("click", () => { view.frame = i; drawStack(op); $("stack").querySelectorAll("button")[i].focus(); });
    return el("li", "", {}, b);
  }));
  if (!frames.length) $("stack").replaceChildren(el("li", "none", {}, "No stack was read."));
  const f = frames[at], lines = f && rec.source.get(rec.text(f.file));
  $("sourcename").replaceChildren("source", ...f ? [": ", el("b", "", {title: rec.text(f.file)}, base(rec.text(f.file)))] : []);
  const box = $("source");
  if (!lines) { box.replaceChildren(el("p", "none", {}, "Its source is not in the recording.")); return; }
  const list = el("ol", "", {});
  for (let n = f.line - 6; n <= f.line + 6; n++) {
    if (!lines.has(n)) continue;
    list.append(el("li", n === f.line ? "here" : "", n === f.line ? {"aria-current": "true"} : {}, el("span", "n", {}, String(n)), lines.get(n)));
  }
  box.replaceChildren(list);
}

// ---- ask first ----

function askable(op, m) { return !op.outcome && op.after && op.kind !== "clear" && m.layout; }

function choices(op, m) {
  if (op.kind === "assign") {
    const c = [["f", "··", "an empty cell becomes full"], ["-", "=", "no control byte changes: the key is there"], ["G", "↗", "the map grows"]];
    return m.layout === "classic" ? c : [c[0], ["t", "xx", "a tombstone is taken"], c[1], c[2]];
  }
  return [...m.layout === "classic" ? [["r", "··", "its cell becomes emptyRest"], ["o", "·_", "its cell becomes emptyOne"]] : [["e", "··", "its cell becomes empty"], ["d", "xx", "its cell becomes a tombstone"]],
    ["-", "=", "nothing changes: there is no such key"]];
}

function truth(op, m) {
  if (op.kind === "assign" && (op.events || []).some(e => ["grow", "same-size-grow", "split", "rehash"].includes(e))) return "G";
  const own = op.own >= 0 ? op.changes[op.own] : null;
  if (!own) return op.found === false && op.kind === "assign" ? "?" : "-";
  return op.kind === "assign" ? (stateOf(m, own[2]) === "d" ? "t" : "f") : stateOf(m, own[3]);
}

function drawQuestion(op, m, on) {
  $("question").hidden = !on;
  if (!on) return;
  $("asked").textContent = op.kind === "assign" ? "What will this assign write?" : "What will this delete leave behind?";
  $("choices").replaceChildren(...choices(op, m).map(([k, sign, word]) => {
    const b = el("button", "", {type: "button"}, el("code", "", {"aria-hidden": "true"}, sign), word);
    b.addEventListener("click", () => { view.said.set(op.index, {word, right: truth(op, m) === k}); goTo(view.at | 1); $("strip").focus({preventScroll: true}); });
    return b;
  }));
}

// ---- the timeline ----

const strip = $("strip"), canvas = $("marks");
const COLORS = {x: "--tomb", "!": "--bad", "?": "--faint", G: "--accent", S: "--accent", P: "--accent", a: "--born", c: "--accent", d: "--dim", "-": "--faint"};
const EVENTS = "GSP!c";

function drawStrip() {
  const n = rec.ops.length, lanes = Math.min(rec.maps.size, 5), tall = lanes === 1 ? 26 : lanes === 2 ? 20 : 15, H = lanes * tall + 10;
  strip.style.height = H + "px";
  const W = strip.clientWidth, ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(W * ratio); canvas.height = Math.round(H * ratio);
  const g = canvas.getContext("2d"), css = getComputedStyle(document.documentElement);
  const color = name => css.getPropertyValue(name).trim();
  g.scale(ratio, ratio);
  const step = W / n, here = view.at >> 1, hidden = view.asking ? here + (view.at & 1) : n;
  for (let l = 0; l < lanes; l++) { g.fillStyle = color("--raise"); g.fillRect(0, 8 + l * tall, W, tall - 2); }
  g.textAlign = "center"; g.textBaseline = "middle";
  g.font = "600 12px " + color("--mono");
  const y = op => 8 + Math.min(rec.maps.get(op.map).lane, lanes - 1) * tall;
  if (step >= 8) {
    rec.ops.forEach((op, i) => {
      g.fillStyle = color(COLORS[op.mark] || "--dim");
      if (i >= hidden) { g.fillStyle = color("--faint"); g.fillText("·", (i + .5) * step, y(op) + tall / 2 - .5); return; }
      g.fillText(op.mark, (i + .5) * step, y(op) + tall / 2 - .5);
    });
  } else {
    // Each column of pixels shows the rarest of what is in it: tombstones and
    // events before plain ops.
    const columns = new Map(), rank = op => EVENTS.includes(op.mark) ? 3 : op.mark === "x" ? 2 : op.mark === "-" ? 0 : 1;
    for (let i = 0; i < Math.min(n, hidden); i++) {
      const op = rec.ops[i], k = Math.floor(i * step) + "," + y(op);
      if (!columns.has(k) || rank(columns.get(k)) < rank(op)) columns.set(k, op);
    }
    for (const [k, op] of columns) {
      const [x, top] = k.split(",").map(Number), h = [.3, .5, 1, 1][rank(op)] * (tall - 2);
      g.fillStyle = color(COLORS[op.mark] || "--dim");
      g.fillRect(x, top + tall - 2 - h, Math.max(1, step), h);
    }
  }
  const x = (view.at + .5) / (2 * n) * W;
  g.fillStyle = color("--text");
  g.fillRect(Math.min(Math.max(x - 1, 0), W - 2), 0, 2, H);
  g.beginPath(); g.arc(Math.min(Math.max(x, 5), W - 5), 4, 4, 0, 7); g.fill();
  if (step >= 8) { g.strokeStyle = color("--text"); g.strokeRect(here * step + .5, y(rec.ops[here]) - .5, step - 1, tall - 1); }
  const {op, phase} = now();
  strip.setAttribute("aria-valuemax", 2 * n);
  strip.setAttribute("aria-valuenow", view.at + 1);
  strip.setAttribute("aria-valuetext", (phase ? "after" : "before") + " op " + op.seq + ": " + rec.text(op.call[phase]));
}

function goTo(at, keepCell) {
  at = Math.max(0, Math.min(at, 2 * rec.ops.length - 1));
  view.at = at;
  if (!keepCell) { view.byHand = false; }
  view.frame = -1;
  draw();
  const {op, phase} = now();
  try { history.replaceState(null, "", "#" + op.seq + (phase ? "" : "b")); } catch { /* a page that has no address of its own */ }
}

// jump goes to a write of the chosen cell, which stays chosen.
function jump(e) {
  view.trail.push({at: view.at, cell: view.cell});
  view.byHand = true;
  goTo(2 * e.op.index + e.phase, true);
}

function back() {
  const t = view.trail.pop();
  if (!t) return;
  view.cell = t.cell; view.byHand = !!t.cell;
  goTo(t.at, true);
}

// writer goes to who made the chosen cell; from there to the writer before.
function writer() {
  if (!view.cell) return;
  const {op, phase} = now(), events = rec.history(op, phase, ...view.cell);
  const e = events.find(x => !(x.op === op && x.phase === phase));
  if (e) jump(e); else say("nobody was seen writing this cell before");
}

function seek(dir, want) {
  const i = view.at >> 1;
  for (let k = dir > 0 ? (view.at & 1 ? i + 1 : i) : i - 1; k >= 0 && k < rec.ops.length; k += dir) if (want(rec.ops[k])) return goTo(2 * k + 1);
  say("none in that direction");
}
const tombstone = op => op.mark === "x" || (op.changes || []).some(c => stateOf(rec.maps.get(op.map), c[3]) === "d");
const event = op => (op.events || []).length > 0 || EVENTS.includes(op.mark);
function say(text) { $("say").textContent = text; }

function play(on) {
  clearInterval(view.timer);
  view.timer = on ? setInterval(() => view.at >= 2 * rec.ops.length - 1 ? play(false) : goTo(view.at + 1), 700) : 0;
  $("play").textContent = on ? "pause" : "play";
  $("play").setAttribute("aria-pressed", String(on));
}

function choose(row, cell) {
  view.cell = [row, cell]; view.byHand = true;
  const {op, phase} = now(), s = rec.state(op, phase);
  for (const b of $("grid").querySelectorAll(".cellbox")) {
    const mine = Number(b.dataset.row) === row && Number(b.dataset.cell) === cell;
    b.setAttribute("aria-selected", String(mine)); b.tabIndex = mine ? 0 : -1;
  }
  drawCell(op, phase, rec.maps.get(op.map), s);
}

function ask(on) {
  view.asking = on;
  $("ask").setAttribute("aria-pressed", String(on));
  if (on) view.said.clear();
  draw();
}

function theme() {
  const root = document.documentElement, dark = root.dataset.theme ? root.dataset.theme === "dark" : !matchMedia("(prefers-color-scheme: light)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  drawStrip();
}

const KEYS = {
  ArrowLeft: () => goTo(view.at - 1), h: () => goTo(view.at - 1), ArrowRight: () => goTo(view.at + 1), l: () => goTo(view.at + 1),
  PageUp: () => goTo(view.at - 20), PageDown: () => goTo(view.at + 20), Home: () => goTo(0), End: () => goTo(2 * rec.ops.length - 1), g: () => goTo(0), G: () => goTo(2 * rec.ops.length - 1),
  t: () => seek(1, tombstone), T: () => seek(-1, tombstone), "]": () => seek(1, event), "[": () => seek(-1, event),
  b: writer, u: back, a: () => ask(!view.asking), d: theme, " ": () => play(!view.timer),
};

function listen() {
  addEventListener("keydown", e => {
    if (e.ctrlKey || e.metaKey || e.altKey || e.target.closest("input,select,textarea")) return;
    const onButton = e.target.closest("button,summary,a");
    if (onButton && (e.key === " " || e.key === "Enter")) return;
    const box = e.target.closest(".cellbox");
    if (box && e.key.startsWith("Arrow")) {
      const dx = {ArrowLeft: -1, ArrowRight: 1}[e.key] || 0, dy = {ArrowUp: -1, ArrowDown: 1}[e.key] || 0;
      const line = $("grid").children[Number(box.dataset.y) + dy], to = line && line.querySelectorAll(".cellbox")[Number(box.dataset.cell) + dx];
      if (to) { choose(Number(to.dataset.row), Number(to.dataset.cell)); to.focus(); }
      e.preventDefault();
      return;
    }
    if ((e.target === strip) && (e.key === "ArrowUp" || e.key === "ArrowDown")) { goTo(view.at + (e.key === "ArrowUp" ? 1 : -1)); e.preventDefault(); return; }
    if (e.target.closest(".code") && e.key.startsWith("Arrow")) return;
    if (KEYS[e.key]) { if (e.key !== " ") play(false); KEYS[e.key](); e.preventDefault(); }
  });
  $("grid").addEventListener("click", e => {
    const box = e.target.closest(".cellbox");
    if (box) { choose(Number(box.dataset.row), Number(box.dataset.cell)); box.focus({preventScroll: true}); }
  });
  $("grid").addEventListener("focusin", e => {
    const box = e.target.closest(".cellbox");
    if (box && box.getAttribute("aria-selected") !== "true") choose(Number(box.dataset.row), Number(box.dataset.cell));
  });
  const pointed = e => {
    const r = strip.getBoundingClientRect();
    goTo(Math.floor((e.clientX - r.left) / r.width * 2 * rec.ops.length));
  };
  strip.addEventListener("pointerdown", e => { if (e.button > 0) return; play(false); strip.setPointerCapture(e.pointerId); strip.focus({preventScroll: true}); pointed(e); });
  strip.addEventListener("pointermove", e => { if (strip.hasPointerCapture(e.pointerId)) pointed(e); });
  const on = (id, f) => $(id).addEventListener("click", f);
  on("first", KEYS.Home); on("prev", KEYS.h); on("next", KEYS.l); on("last", KEYS.End); on("play", () => play(!view.timer));
  on("tomb", () => seek(1, tombstone)); on("event", () => seek(1, event)); on("back", back); on("ask", () => ask(!view.asking)); on("theme", theme);
  addEventListener("resize", drawStrip);
  addEventListener("hashchange", fromHash);
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", drawStrip);
}

// fromHash goes to the moment that the address names: #12 after op 12, #12b before;
// false where it names none, or this one.
function fromHash() {
  const m = /^#(\d+)(b?)$/.exec(location.hash);
  const i = m ? rec.ops.findIndex(o => o.seq === Number(m[1])) : -1;
  const at = 2 * i + (m && m[2] ? 0 : 1);
  if (i < 0 || view.at === at) return false;
  goTo(at);
  return true;
}

// A live view feeds records one by one; who stands at the end goes on with it.
window.deltui = {
  feed(record) {
    const end = view.at >= 2 * rec.ops.length - 1;
    rec.feed(record);
    info.total = Math.max(info.total, record.op.seq);
    end && rec.ops.length > 1 ? goTo(2 * rec.ops.length - 1) : draw();
  },
};

for (const r of JSON.parse($("records").textContent)) rec.feed(r);
$("target").textContent = [info.target, info.go, info.arch].filter(Boolean).join("  ");
const notes = [];
if (rec.ops.length < info.total) notes.push("This page has " + rec.ops.length + " of the recording's " + info.total + " ops.");
if (info.fate) notes.push("The target " + info.fate + ".");
notes.push(...info.notes || []);
notes.push("Keys: ← → moment, t tombstone, ] event, b who made the chosen cell, u back, a ask first, space play.");
$("note").textContent = notes.join(" ");
if (rec.ops.length) {
  listen();
  if (new URLSearchParams(location.search).has("ask")) ask(true);
  if (!fromHash()) draw();
} else {
  document.querySelectorAll(".hero,.desk,.time").forEach(e => { e.hidden = true; });
  $("note").textContent = "The recording has no op. " + $("note").textContent;
}
})();
