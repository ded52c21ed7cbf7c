// The frame of the console: the chosen world and its time, the pages, the token.

import { get, onToken } from "./control.js";
import { CoveragePage } from "./coverage-page.js";
import { FaultsPage } from "./faults-page.js";
import { html, useEffect, useRef, useState } from "./html.js";
import { JournalPage } from "./journal-page.js";
import { useData, useNow, useWorld } from "./live.js";
import { RecordsPage } from "./records-page.js";
import { PAGES, go, link, useRoute } from "./routes.js";
import { RulesPage } from "./rules-page.js";
import { TimePage } from "./time-page.js";
import { Dialog, Messages, Problem } from "./ui.js";
import { instant, iso, plain } from "./words.js";
import { WorldsPage } from "./worlds-page.js";

const LAST = "sandbox-world"; // the world that was looked at last

const SHOWN = {
  time: TimePage,
  records: RecordsPage,
  journal: JournalPage,
  faults: FaultsPage,
  rules: RulesPage,
  coverage: CoveragePage,
};

export function App() {
  const route = useRoute();
  useEffect(() => {
    if (route.world !== null) sessionStorage.setItem(LAST, route.world);
    const place = [route.world, route.rest.at(-1) ?? plain(route.page)].filter(Boolean).join(" · ");
    document.title = `${place} – ${document.body.dataset.title}`;
  }, [route]);
  return html`
    <a class="skip" href="#main" onClick=${toMain}>Skip to content</a>
    ${route.world !== null
      ? html`<${World} key=${route.world} route=${route} />`
      : route.page === "worlds"
        ? html`<${Top} /><${Main}><${WorldsPage} query=${route.query} /><//>`
        : html`<${Anywhere} route=${route} />`}
    <${Messages} />
    <${TokenDialog} />
  `;
}

const Main = ({ children }) => html`<main id="main" tabindex="-1">${children}</main>`;

function toMain(event) {
  event.preventDefault(); // the fragment of the address is the place
  document.getElementById("main")?.focus();
}

/** A page without a world in its address: that of the last world, or of the first. */
function Anywhere({ route }) {
  const { data: worlds, error } = useData((options) => get("/worlds", {}, options), ["worlds"]);
  useEffect(() => {
    if (worlds === null) return;
    const names = worlds.map((each) => each.name);
    const last = sessionStorage.getItem(LAST);
    const chosen = names.includes(last) ? last : names[0];
    go(chosen && PAGES.includes(route.page) ? link(chosen, route.page, route.rest, route.query) : link(null, "worlds"), { replace: true });
  }, [worlds]);
  return html`<${Top} /><${Main}><${Problem} error=${error} /><//>`;
}

function World({ route }) {
  const { world, version, error, refresh } = useWorld(route.world);
  const Page = SHOWN[route.page];
  const shared = { name: route.world, world, version, refresh, rest: route.rest, query: route.query };
  return html`
    <${Top} name=${route.world} world=${world} page=${route.page} />
    <${Tabs} name=${route.world} current=${route.page} />
    <${Main}>
      <${Problem} error=${error} world=${route.world} />
      ${error?.status === 404 && html`<p><a href=${link(null, "worlds")}>Choose a world, or make one</a></p>`}
      ${!Page && html`<p>There is no such page.</p>`}
      ${world && Page && html`<${Page} ...${shared} />`}
    <//>
  `;
}

function Top({ name = null, world = null }) {
  const { title, links } = document.body.dataset;
  return html`<header class="top">
    <a class="home" href=${link(null, "worlds")}>${title}</a>
    ${name !== null && html`<span class="place"><span class="soft">world</span> <strong>${name}</strong> <${Clock} world=${world} /></span>`}
    <nav aria-label="Pages of the sandbox">
      <a href=${link(null, "worlds")} aria-current=${name === null ? "page" : undefined}>Worlds</a>
      ${Object.entries(JSON.parse(links)).map(([label, address]) => html`<a href=${address}>${label}</a>`)}
    </nav>
  </header>`;
}

function Clock({ world }) {
  const now = useNow(world);
  if (now === null) return null;
  const frozen = world.clock.mode === "frozen";
  return html`<span class="clock" data-testid="now" title=${iso(now)}>
    <time datetime=${iso(now)}>${instant(now)} UTC</time> <span class="badge ${world.clock.mode}">${frozen ? "frozen" : "running"}</span>
  </span>`;
}

function Tabs({ name, current }) {
  const nav = useRef(null);
  useEffect(() => {
    const { offsetLeft = 0, offsetWidth = 0 } = nav.current.querySelector("[aria-current]") ?? {};
    nav.current.scrollLeft = offsetLeft + offsetWidth / 2 - nav.current.clientWidth / 2; // in view on narrow screens
  }, [current]);
  return html`<nav ref=${nav} class="tabs" aria-label="Pages of the world">
    ${PAGES.map((page) => html`<a href=${link(name, page)} aria-current=${page === current ? "page" : undefined}>${page}</a>`)}
  </nav>`;
}

/** Asks for the token when a call needs it. */
function TokenDialog() {
  const [asked, setAsked] = useState(null);
  const [token, setToken] = useState("");
  useEffect(() => onToken((again) => new Promise((resolve) => setAsked({ again, resolve }))), []);
  if (asked === null) return null;
  const submit = (event) => {
    event.preventDefault();
    if (!token.trim()) return;
    asked.resolve(token.trim());
    setToken("");
    setAsked(null);
  };
  // Nothing can be shown without the token, so closing the dialog opens it again.
  return html`<${Dialog} key=${asked} title="Token" onClose=${() => asked && setAsked({ ...asked })}>
    <form onSubmit=${submit}>
      <p>The control plane of this server needs a token. <code>serve</code> printed it when it started, unless <code>ANIVA_SANDBOX_TOKEN</code> sets it.</p>
      ${asked.again && html`<p class="notice bad" role="alert">The server does not accept this token.</p>`}
      <div class="field">
        <label for="token">Token</label>
        <input id="token" type="password" autocomplete="off" value=${token} onInput=${({ target }) => setToken(target.value)} />
        <small>It is kept for this tab only.</small>
      </div>
      <p class="buttons"><button type="submit" class="main">Use this token</button></p>
    </form>
  <//>`;
}
