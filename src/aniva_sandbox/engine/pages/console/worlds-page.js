// The worlds of the server: choosing, making, resetting and dropping them.

import { call, componentSchema, controlDocument, get, post, resolved, worldPath } from "./control.js";
import { Form, fieldsOf } from "./forms.js";
import { html, useEffect, useState } from "./html.js";
import { useData } from "./live.js";
import { go, link } from "./routes.js";
import { Action, Copy, Dialog, Problem, Search, Time, say } from "./ui.js";
import { counted, span } from "./words.js";

const MANY = 10; // with more worlds, they can be searched
const STEP = 200; // worlds that are shown at once

export function WorldsPage({ query }) {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setVersion((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const { data: worlds, error, reload } = useData((options) => get("/worlds", {}, options), ["worlds"], version);
  const [making, setMaking] = useState(false);
  const [asking, setAsking] = useState(null);
  return html`
    <div class="head">
      <h1>Worlds</h1>
      <button type="button" class="main" onClick=${() => setMaking(true)}>New world</button>
    </div>
    <p class="soft">A world is everything behind one API key. The key <code>sbx_NAME</code> opens it.</p>
    <${Problem} error=${error} />
    ${worlds && html`<${WorldTable} worlds=${worlds} search=${query.search ?? ""} onAsk=${setAsking} />`}
    ${making && html`<${NewWorld} onClose=${() => setMaking(false)} />`}
    ${asking && html`<${Question} ...${asking} onClose=${() => setAsking(null)} reload=${reload} />`}
  `;
}

function WorldTable({ worlds, search, onAsk }) {
  const [most, setMost] = useState(STEP);
  if (worlds.length === 0) return html`<p>There is no world yet. The first call with a key makes one.</p>`;
  const found = worlds.filter((each) => each.name.includes(search.trim().toLowerCase()));
  const used = found.sort((a, b) => (a.idle_seconds ?? Infinity) - (b.idle_seconds ?? Infinity)).slice(0, most);
  const onSearch = (text) => go(link(null, "worlds", [], { search: text }), { replace: true });
  return html`${(worlds.length > MANY || search) && html`<div class="filters"><${Search} label="Search the names of worlds" placeholder="Name" value=${search} onSearch=${onSearch} /></div>`}
  <div class="table" tabindex="0" role="region" aria-label="Worlds">
    <table class="cards worlds">
      <thead>
        <tr><th scope="col">World</th><th scope="col">Clock</th><th scope="col">Records</th><th scope="col">Calls</th><th scope="col">Last call</th><th scope="col">Starts from</th><th scope="col"><span class="hidden-text">Actions</span></th></tr>
      </thead>
      <tbody>
        ${used.map(
          (each) => html`<tr key=${each.name}>
            <th scope="row"><a href=${link(each.name, "time")}>${each.name}</a></th>
            <td data-label="Clock" class="nowrap"><${Time} at=${each.clock.now} /> <span class="badge ${each.clock.mode}">${each.clock.mode === "frozen" ? "frozen" : "running"}</span></td>
            <td data-label="Records" class="number">${each.size.toLocaleString("en")}</td>
            <td data-label="Calls" class="number">${each.recorded.toLocaleString("en")}</td>
            <td data-label="Last call">${each.idle_seconds === null ? "never" : each.idle_seconds < 1 ? "now" : `${span(each.idle_seconds)} ago`}</td>
            <td data-label="Starts from">${each.fixture}, seed ${each.seed}</td>
            <td class="buttons">
              <${Copy} text=${each.key} label="Copy key" />
              ${Object.keys(STEPS).map((verb) => html`<button type="button" onClick=${() => onAsk({ verb, name: each.name })}>${verb}</button>`)}
            </td>
          </tr>`,
        )}
      </tbody>
    </table>
    ${used.length < found.length && html`<p><button type="button" onClick=${() => setMost(most + STEP)}>Show ${Math.min(STEP, found.length - used.length)} more</button></p>`}
    <p class="soft" role="status">${found.length === worlds.length ? counted(worlds.length, "world") : `${found.length.toLocaleString("en")} of ${counted(worlds.length, "world")}`}</p>
  </div>`;
}

/** What can be done to a world, and cannot be undone. */
const STEPS = {
  Reset: {
    text: "It goes back to its starting state. What has happened since, its journal and its faults are lost.",
    run: (name) => post(worldPath(name, "/reset")),
    done: (name) => `Reset ${name}.`,
  },
  Drop: {
    text: "Its records and its journal are lost. The next call with its key makes a new world.",
    run: (name) => call("DELETE", worldPath(name)),
    done: (name) => `Dropped ${name}.`,
  },
};

/** Asks before a step: the rows of the list move, so that another world may be under the pointer. */
function Question({ verb, name, onClose, reload }) {
  const [error, setError] = useState(null);
  const { text, run, done } = STEPS[verb];
  const act = async () => {
    await run(name);
    say(done(name));
    onClose();
    reload();
  };
  return html`<${Dialog} title="${verb} ${name}?" onClose=${onClose}>
    <p>${text}</p>
    <${Problem} error=${error} />
    <p class="buttons"><${Action} kind="danger" run=${act} onError=${setError}>${verb}<//></p>
  <//>`;
}

function NewWorld({ onClose }) {
  const { data: document, error: noDocument } = useData(controlDocument, ["document"]);
  const { data: fixtures, error: noFixtures } = useData((options) => get("/fixtures", {}, options), ["fixtures"]);
  const error = noDocument ?? noFixtures;
  const ready = document && fixtures;
  if (!ready && !error) return null; // the dialog opens with its form, and the focus in it
  return html`<${Dialog} title="New world" onClose=${onClose}>
    <${Problem} error=${error} />
    ${ready && html`<${Form} fields=${optionFields(document, fixtures)} send=${make} label="Make the world" />`}
  <//>`;
}

const SETTING = "settings.";

/** The fields of a new world: its name, how it starts, and each setting. */
function optionFields(document, fixtures) {
  const options = componentSchema(document, "WorldOptions");
  const settings = resolved(document, options.properties.settings);
  const path = document.paths[Object.keys(document.paths).find((each) => each.endsWith("/worlds/{world}"))];
  const name = path.put.parameters[0];
  const shown = fieldsOf(options, Object.keys(options.properties).filter((each) => each !== "settings")).map((field) =>
    field.name === "fixture" ? { ...field, schema: { ...field.schema, enum: fixtures.map((each) => each.name) } } : field,
  );
  return [
    { name: "name", schema: { ...name.schema, description: "A new name. A world that has it is replaced. 1 to 64 characters from a-z, 0-9 and hyphen." }, required: true },
    ...shown,
    ...fieldsOf(settings).map((field) => ({ ...field, name: SETTING + field.name, title: field.name.replaceAll("_", " ") })),
  ];
}

async function make({ name, ...values }) {
  const entries = Object.entries(values);
  const isSetting = ([key]) => key.startsWith(SETTING);
  const settings = Object.fromEntries(entries.filter(isSetting).map(([key, value]) => [key.slice(SETTING.length), value]));
  const options = Object.fromEntries(entries.filter((entry) => !isSetting(entry)));
  if (Object.keys(settings).length) options.settings = settings;
  await call("PUT", worldPath(name), { body: options });
  go(link(name, "time"));
}
