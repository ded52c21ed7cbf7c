// The worlds of the server: choosing, making, resetting and dropping them.

import { call, componentSchema, controlDocument, get, post, resolved, worldPath } from "./control.js";
import { Form, fieldsOf } from "./forms.js";
import { html, useEffect, useState } from "./html.js";
import { useData } from "./live.js";
import { go, link } from "./routes.js";
import { Action, Copy, Dialog, Problem, Time, say } from "./ui.js";
import { counted, span } from "./words.js";

export function WorldsPage() {
  const [version, setVersion] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => document.hidden || setVersion((count) => count + 1), 1000);
    return () => clearInterval(timer);
  }, []);
  const { data: worlds, error, reload } = useData((options) => get("/worlds", {}, options), ["worlds"], version);
  const [problem, setProblem] = useState(null);
  const [making, setMaking] = useState(false);
  const [dropping, setDropping] = useState(null);
  return html`
    <div class="head">
      <h1>Worlds</h1>
      <button type="button" class="main" onClick=${() => setMaking(true)}>New world</button>
    </div>
    <p class="soft">A world is everything behind one API key. The key <code>sbx_NAME</code> opens it.</p>
    <${Problem} error=${problem ?? error} />
    ${worlds && html`<${WorldTable} worlds=${worlds} onDrop=${setDropping} onProblem=${setProblem} reload=${reload} />`}
    ${making && html`<${NewWorld} onClose=${() => setMaking(false)} />`}
    ${dropping && html`<${DropWorld} name=${dropping} onClose=${() => setDropping(null)} reload=${reload} />`}
  `;
}

function WorldTable({ worlds, onDrop, onProblem, reload }) {
  if (worlds.length === 0) return html`<p>There is no world yet. The first call with a key makes one.</p>`;
  const used = [...worlds].sort((a, b) => (a.idle_seconds ?? Infinity) - (b.idle_seconds ?? Infinity));
  return html`<div class="table" tabindex="0" role="region" aria-label="Worlds">
    <table class="cards">
      <thead>
        <tr><th scope="col">World</th><th scope="col">Clock</th><th scope="col">Records</th><th scope="col">Calls</th><th scope="col">Last call</th><th scope="col">Starts from</th><th scope="col"><span class="hidden-text">Actions</span></th></tr>
      </thead>
      <tbody>
        ${used.map(
          (each) => html`<tr key=${each.name}>
            <th scope="row"><a href=${link(each.name, "time")}>${each.name}</a></th>
            <td data-label="Clock"><${Time} at=${each.clock.now} /> <span class="badge ${each.clock.mode}">${each.clock.mode === "frozen" ? "frozen" : "running"}</span></td>
            <td data-label="Records" class="number">${each.size.toLocaleString("en")}</td>
            <td data-label="Calls" class="number">${each.recorded.toLocaleString("en")}</td>
            <td data-label="Last call">${each.idle_seconds === null ? "never" : each.idle_seconds < 1 ? "now" : `${span(each.idle_seconds)} ago`}</td>
            <td data-label="Starts from">${each.fixture}, seed ${each.seed}</td>
            <td class="buttons">
              <${Copy} text=${each.key} label="Copy key" />
              <${Action} run=${() => reset(each.name, reload)} onError=${onProblem} title="Back to the starting state, without journal">Reset<//>
              <button type="button" onClick=${() => onDrop(each.name)}>Drop</button>
            </td>
          </tr>`,
        )}
      </tbody>
    </table>
    <p class="soft">${counted(worlds.length, "world")}</p>
  </div>`;
}

async function reset(name, reload) {
  await post(worldPath(name, "/reset"));
  say(`Reset ${name}.`);
  reload();
}

function DropWorld({ name, onClose, reload }) {
  const [error, setError] = useState(null);
  const drop = async () => {
    await call("DELETE", worldPath(name));
    say(`Dropped ${name}.`);
    onClose();
    reload();
  };
  return html`<${Dialog} title="Drop ${name}?" onClose=${onClose}>
    <p>Its records and its journal are lost. The next call with its key makes a new world.</p>
    <${Problem} error=${error} />
    <p class="buttons"><${Action} kind="danger" run=${drop} onError=${setError}>Drop<//></p>
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
