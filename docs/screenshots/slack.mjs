// Makes the pictures of the README from a real conversation: epibot answers in a local Slack, whose page a browser draws.
//
//   cargo build --profile dist
//   cd docs/screenshots && npm install
//   node slack.mjs ../../target/dist/epibot /usr/bin/chromium [libpdfium.so]
//
// They are written to docs/images. Nothing but this machine is reached once the packages are there.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { chromium } from "playwright-core";

const [program, browserPath, pdfium] = process.argv.slice(2).map((path) => resolve(path));
if (!program || !browserPath) {
  console.error("usage: node slack.mjs EPIBOT CHROMIUM [PDFIUM]");
  process.exit(2);
}
const root = resolve(import.meta.dirname, "../..");
const images = join(root, "docs/images");
mkdirSync(images, { recursive: true });
const home = mkdtempSync(join(tmpdir(), "epibot-screenshots-"));

const BOT = "U0EPIBOT";
const JIWON = "U0JIWON";
const CHANNEL = "C0EPI";
const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function freePort() {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

// The workspace.
const listen = `127.0.0.1:${await freePort()}`;
const workspace = {
  workspace: { name: "Solmaru", domain: "solmaru", teamId: "T0SOLMARU" },
  app: {
    appId: "A0EPIBOT", botUserId: BOT, botName: "epibot", botToken: "xoxb-local", appToken: "xapp-local",
    signingSecret: "signing-secret", mode: "socket",
  },
  users: [
    { id: JIWON, name: "jiwon", realName: "Jiwon Park" },
    { id: "U0MINSU", name: "minsu", realName: "Minsu Kim" },
  ],
  channels: [{ id: CHANNEL, name: "epi-line-2", members: [JIWON, "U0MINSU", BOT] }],
};
writeFileSync(join(home, "workspace.json"), JSON.stringify(workspace));
const packaged = createRequire(import.meta.url).resolve("local-slack-linux-x64/package.json");
const slack = spawn(
  join(dirname(packaged), "bin/local-slack"),
  ["--config", join(home, "workspace.json"), "--port", "0", "--base-host", "127.0.0.1", "--files-dir", join(home, "files")],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const address = await new Promise((done) => {
  createInterface({ input: slack.stdout }).on("line", (line) => {
    const [, found] = line.match(/Web UI:\s*(\S+)/) ?? [];
    if (found) done(found);
  });
});

// The bot, with the sample documents and recipes, and no language model.
writeFileSync(join(home, "bot"), "xoxb-local");
writeFileSync(join(home, "app"), "xapp-local");
writeFileSync(join(home, "epibot.toml"), `
[data]
dir = "${home}/data"
[[sources]]
name = "manuals"
path = "${root}/samples/documents"
collection = "manuals"
[[sources]]
name = "recipes"
path = "${root}/samples/recipes"
collection = "recipes"
[slack]
mode = "socket"
api_url = "${address}/api"
bot_token = "file:${home}/bot"
app_token = "file:${home}/app"
# This Slack's page draws no tables.
native_tables = false
[chat]
admins = ["${JIWON}"]
experts = ["*: U0MINSU"]
[web]
listen = "${listen}"
base_url = "http://${listen}"
[extract]
pdfium = "${pdfium ?? ""}"
[hazard]
contact_english = "the control room, extension 5119"
contact_korean = "상황실 내선 5119"
`);
const bot = spawn(program, ["--config", join(home, "epibot.toml"), "serve"], { stdio: ["ignore", "ignore", "inherit"] });

async function control(path, body) {
  const answer = await fetch(`${address}/_control/${path}`, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  return answer.json();
}
const said = async (channel) => (await (await fetch(`${address}/_control/messages/${channel}`)).json()).messages;

/** Waits until the bot has answered under a message as often as is expected. */
async function answered(channel, ts, times = 1) {
  for (;;) {
    const answers = (await said(channel)).filter((message) => message.user === BOT && message.thread_ts === ts);
    const done = answers.filter((answer) => JSON.stringify(answer.blocks ?? []).includes("epibot_helpful"));
    if (done.length >= times) return done;
    await pause(200);
  }
}

async function ask(user, text, thread) {
  const { message } = await control("message", { channel: CHANNEL, user, text, thread_ts: thread });
  return message.ts;
}

try {
  // Reindexing is over when the number of passages stays.
  for (let before = -1; ; await pause(1_500)) {
    const health = await fetch(`http://${listen}/healthz`).then((answer) => answer.json()).catch(() => ({ passages: 0 }));
    if (health.passages > 0 && health.passages === before) break;
    before = health.passages;
  }

  const alarm = await ask(JIWON, `<@${BOT}> What should I do about alarm E-1042?`);
  const [answer] = await answered(CHANNEL, alarm);
  await ask("U0MINSU", "And how is the water strainer cleaned?", alarm);
  await answered(CHANNEL, alarm, 2);
  const recipes = await ask("U0MINSU", `<@${BOT}> LED450-MQW-012A InGaN 우물층 성장 온도는?`);
  await answered(CHANNEL, recipes);
  const compared = await ask(JIWON, `<@${BOT}> What differs between LED450-MQW-012A and LED450-MQW-012B?`);
  await answered(CHANNEL, compared);
  const korean = await ask(JIWON, `<@${BOT}> TMGa 버블러 교환 후 안정화 시간은?`);
  await answered(CHANNEL, korean);
  const gap = await ask("U0MINSU", `<@${BOT}> Which company repairs the loading robot of the LPCVD furnace?`);
  await answered(CHANNEL, gap);
  const press = (action_id, value) => control("interact", {
    channel: CHANNEL, messageTs: answer.ts, user: JIWON, action: { type: "button", action_id, value, action_ts: `${Date.now() / 1_000}` },
  });
  const key = `T0SOLMARU/${CHANNEL}/${alarm}`;
  await press("epibot_helpful", key);

  const browser = await chromium.launch({ executablePath: browserPath, args: ["--no-sandbox"] });
  const page = await browser.newPage({ viewport: { width: 1240, height: 840 } });
  await page.goto(address);
  await page.getByText("epi-line-2").first().click();
  const shoot = async (name) => {
    await pause(600);
    await page.screenshot({ path: join(images, `${name}.png`) });
    console.log(`docs/images/${name}.png`);
  };
  /** Opens the thread under the n-th message that has one, and scrolls it to its beginning or end. */
  const thread = async (n, end = false) => {
    await page.getByText(/^\d+ repl(y|ies)$/).nth(n).click();
    await pause(400);
    await page.evaluate((end) => {
      for (const box of document.querySelectorAll("*")) {
        if (box.scrollHeight > box.clientHeight + 4) box.scrollTop = end ? box.scrollHeight : 0;
      }
    }, end);
  };
  await thread(0);
  // The thread gets half of the window.
  await page.mouse.move(860, 400);
  await page.mouse.down();
  await page.mouse.move(640, 400, { steps: 5 });
  await page.mouse.up();
  await shoot("slack");
  await thread(0, true);
  await shoot("slack-thread");
  await thread(2);
  // This page shows what stands between three backquotes as it stands; Slack sets it in a fixed width.
  await page.evaluate(() => {
    for (const box of document.querySelectorAll("*")) {
      const own = [...box.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.includes("```"));
      if (own) Object.assign(box.style, { whiteSpace: "pre", fontFamily: "monospace", fontSize: "11px", overflowX: "auto" });
    }
  });
  await shoot("slack-recipe");
  await thread(0);
  await press("epibot_unhelpful", key);
  await page.getByText("About this answer").waitFor();
  await shoot("slack-feedback");
  await page.getByText("✕").last().click();
  await page.getByText("✕").first().click();
  await page.getByText(/^\W*epibot\W*$/).first().click();
  // What the bot publishes arrives a moment later.
  await page.getByText("What I answer from").waitFor();
  await shoot("slack-home");
  await browser.close();
} finally {
  for (const process of [bot, slack]) {
    process.kill();
    await new Promise((done) => process.once("exit", done));
  }
  rmSync(home, { recursive: true, force: true });
}
