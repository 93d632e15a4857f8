// The conversation: sends questions, shows the streamed answer, and opens cited sources.

import { events } from "./events.js";
import { show } from "./markdown.js";
import { dismiss, open, ownAddress } from "./viewer.js";

const texts = JSON.parse(document.getElementById("texts").textContent);
const log = document.getElementById("log");
const scroller = log.parentElement;
const welcome = document.getElementById("welcome");
const status = document.getElementById("status");
const composer = document.getElementById("composer");
const input = document.getElementById("question");
const send = document.getElementById("send");
const stop = document.getElementById("stop");
const restart = document.getElementById("new");

/** The turns of the conversation, oldest first, in the form of the request. */
let conversation = [];
/** Cancels the answer in progress; null if there is none. */
let running = null;
let answers = 0;

function make(name, className, text) {
  const node = document.createElement(name);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

/** Scrolls to the newest words, but keeps the latest question in view, since an answer is read from its beginning. */
function following(change) {
  const near = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 120;
  change();
  if (!near) return;
  const questions = log.querySelectorAll(".asked");
  const latest = questions[questions.length - 1].offsetTop - 16;
  scroller.scrollTop = Math.min(scroller.scrollHeight - scroller.clientHeight, latest);
}

async function ask(question) {
  const control = new AbortController();
  running = control;
  busy(true);
  welcome.hidden = true;
  restart.hidden = false;
  log.append(make("p", "asked", question));
  const view = answerView();
  log.append(view.node);
  scroller.scrollTop = scroller.scrollHeight;
  try {
    const answer = await answered(question, control.signal, view);
    following(() => view.finish(answer));
    status.textContent = `${texts.done} ${texts.sources}: ${answer.citations.length}`;
    conversation.push({ speaker: { person: "visitor" }, text: question }, { speaker: "epibot", text: answer.answer });
  } catch (error) {
    if (control.signal.aborted) {
      view.stopped();
      status.textContent = texts.stopped;
    } else {
      following(() => view.failed(error.sentence ?? texts.unreachable, () => retry(question, view)));
      status.textContent = error.sentence ?? texts.unreachable;
    }
  }
  if (running === control) {
    running = null;
    busy(false);
  }
}

/** Reads the answer to its end. Errors with a message for the user have a `sentence`. */
async function answered(question, signal, view) {
  const response = await fetch("/api/ask", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ question, conversation }),
    signal,
  });
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}));
    throw Object.assign(new Error("refused"), { sentence: problem.error });
  }
  for await (const { name, data } of events(response.body)) {
    if (name === "progress") view.stage(texts[data.stage] ?? "");
    if (name === "text") view.grow(data.text);
    if (name === "failed") throw Object.assign(new Error("failed"), { sentence: data.error });
    if (name === "answer") return data;
  }
  throw Object.assign(new Error("cut off"), { sentence: texts.cut_off });
}

function retry(question, view) {
  view.node.previousElementSibling.remove();
  view.node.remove();
  ask(question);
}

/** The view of one answer. */
function answerView() {
  const node = make("article", "answer");
  const stage = make("p", "stage", texts.searching);
  const words = make("div", "words");
  node.append(words, stage);
  const prefix = `source-${(answers += 1)}-`;
  let drawing = 0;

  return {
    node,
    stage(sentence) {
      stage.textContent = sentence;
      status.textContent = sentence;
    },
    grow(text) {
      if (stage.textContent !== texts.writing) this.stage(texts.writing);
      cancelAnimationFrame(drawing);
      drawing = requestAnimationFrame(() => following(() => show(words, text, pending)));
    },
    finish(answer) {
      cancelAnimationFrame(drawing);
      stage.remove();
      const sources = new Map(answer.citations.map((citation) => [citation.n, citation]));
      show(words, answer.answer, (n) => (sources.has(n) ? citationMark(sources.get(n), prefix) : null));
      if (answer.drawing) node.append(picture(answer));
      if (answer.notice) node.append(make("p", "note", answer.notice));
      if (answer.unsupported.length) node.append(doubts(answer.unsupported));
      if (answer.citations.length) node.append(sourceList(answer.citations, prefix));
    },
    stopped() {
      cancelAnimationFrame(drawing);
      stage.replaceWith(make("p", "note", texts.stopped));
    },
    failed(sentence, again) {
      cancelAnimationFrame(drawing);
      const fault = make("p", "fault", sentence);
      const button = make("button", "button", texts.retry);
      button.type = "button";
      button.addEventListener("click", again);
      fault.append(button);
      stage.replaceWith(fault);
    },
  };
}

/** The drawing that goes with an answer. */
function picture(answer) {
  const image = make("img", "drawing");
  image.src = answer.drawing;
  image.alt = answer.answer.split("\n")[0];
  return image;
}

/** A citation in an unfinished answer, whose source is not known yet. */
function pending(n) {
  return make("sup", "", String(n));
}

function citationMark(citation, prefix) {
  const button = make("button", "cite", String(citation.n));
  button.type = "button";
  button.title = describe(citation);
  button.setAttribute("aria-label", `${texts.source} ${citation.n}: ${button.title}`);
  button.addEventListener("click", () => {
    const entry = document.getElementById(prefix + citation.n);
    point(entry);
    const address = citation.url && ownAddress(citation.url);
    if (address) open(address, `${texts.source} ${citation.n}`, button);
    else entry.focus();
  });
  return button;
}

function describe({ title, revision, page }) {
  return [title, revision && `${texts.revision} ${revision}`, page && `${texts.page} ${page}`].filter(Boolean).join(" · ");
}

/** Highlights one entry of the source lists. */
function point(entry) {
  document.querySelector(".entry.current")?.classList.remove("current");
  entry.classList.add("current");
  entry.scrollIntoView({ block: "nearest" });
}

function sourceList(citations, prefix) {
  const section = make("section", "sources");
  section.append(make("h3", "", texts.sources));
  const list = section.appendChild(make("ol"));
  for (const citation of citations) {
    const entry = make(citation.url ? "a" : "div", "entry");
    entry.id = prefix + citation.n;
    entry.append(make("span", "n", String(citation.n)), make("span", "title", citation.title));
    const { number, revision, page, section: heading } = citation;
    const where = [number, revision && `${texts.revision} ${revision}`, page && `${texts.page} ${page}`, heading];
    entry.append(make("span", "where", where.filter(Boolean).join(" · ")), make("span", "excerpt", citation.quote));
    if (citation.url) link(entry, citation);
    else entry.tabIndex = -1;
    list.appendChild(make("li")).append(entry);
  }
  return section;
}

function link(entry, citation) {
  const address = ownAddress(citation.url);
  entry.href = address ?? citation.url;
  entry.target = "_blank";
  entry.rel = "noopener";
  entry.addEventListener("click", (click) => {
    // With a modifier key, the link opens in a new tab or window.
    if (!address || click.ctrlKey || click.metaKey || click.shiftKey) return;
    click.preventDefault();
    point(entry);
    open(address, `${texts.source} ${citation.n}`, entry);
  });
}

function doubts(statements) {
  const box = make("div", "note doubts");
  box.append(make("strong", "", texts.unsupported));
  const list = box.appendChild(make("ul"));
  for (const statement of statements) list.append(make("li", "", statement));
  return box;
}

function busy(now) {
  send.hidden = now;
  stop.hidden = !now;
}

/** Focuses the input, unless that would open an on-screen keyboard over the answer. */
function focusInput() {
  if (matchMedia("(pointer: fine)").matches) input.focus();
}

/** Resizes the input to its lines in browsers without `field-sizing`. */
function resize() {
  input.rows = Math.min(6, input.value.split("\n").length);
}

composer.addEventListener("submit", (submit) => {
  submit.preventDefault();
  const question = input.value.trim();
  if (!question || running) return;
  input.value = "";
  resize();
  ask(question);
  input.focus();
});
input.addEventListener("keydown", (press) => {
  // During the composition of Hangul, Enter only ends the composition.
  if (press.key !== "Enter" || press.shiftKey || press.isComposing) return;
  press.preventDefault();
  composer.requestSubmit();
});
input.addEventListener("input", resize);
stop.addEventListener("click", () => {
  running?.abort();
  focusInput();
});
restart.addEventListener("click", () => {
  running?.abort();
  running = null;
  busy(false);
  dismiss();
  conversation = [];
  log.replaceChildren();
  status.textContent = "";
  welcome.hidden = false;
  restart.hidden = true;
  focusInput();
});
for (const sample of document.querySelectorAll(".sample")) {
  sample.addEventListener("click", () => {
    if (running) return;
    ask(sample.textContent);
    focusInput();
  });
}
