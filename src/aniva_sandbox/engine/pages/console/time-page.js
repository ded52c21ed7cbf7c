// The time of a world: its clock, what happened and what will happen, and making events happen.

import { AgendaList } from "./agenda-list.js";
import { ClockPanel, Moved } from "./clock-panel.js";
import { get, post, worldPath } from "./control.js";
import { EventForm } from "./event-form.js";
import { targetOf, useEventTypes } from "./event-view.js";
import { html, useMemo, useState } from "./html.js";
import { useData, useNow } from "./live.js";
import { go, link } from "./routes.js";
import { SettingsForm } from "./settings-form.js";
import { Problem, Search } from "./ui.js";
import { counted, iso } from "./words.js";

const isWide = matchMedia("(min-width: 64rem)").matches; // where it stands beside the events

export function TimePage({ name, world, version, refresh, query }) {
  const now = useNow(world);
  const types = useEventTypes();
  const [move, setMove] = useState(null);
  const { data, error } = useData((options) => loadEvents(name, options), [name], version);
  const { history = [], agenda = [] } = data ?? {};
  const waiting = useMemo(() => [...new Set(agenda.map((event) => event.type))], [agenda]);
  const onMoved = (moved) => {
    setMove(moved);
    refresh();
  };
  const moveTo = async (event) => {
    const { clock, events } = await post(worldPath(name, "/clock/advance"), { to: event.time });
    onMoved({ from: iso(now), to: clock.now, events });
  };
  const fits = filterOf(query, types);
  const filtered = Boolean(query.type || query.record);
  return html`
    <h1>Time</h1>
    <div class="split">
      <div>
        <${ClockPanel} ...${{ name, world, now, waiting, onMoved }} />
        <${Moved} ...${{ name, move, types }} onClose=${() => setMove(null)} />
        <details class="panel" open=${isWide}>
          <summary><h2>Make an event happen</h2></summary>
          <${EventForm} name=${name} onMade=${refresh} />
        </details>
        <details class="panel">
          <summary><h2>Settings</h2></summary>
          <${SettingsForm} name=${name} settings=${world.settings} onChanged=${refresh} />
        </details>
      </div>
      <section aria-labelledby="events-title">
        <h2 id="events-title">Events</h2>
        <${Filters} ...${{ name, query, history, agenda }} />
        <${Problem} error=${error} world=${name} />
        ${data && html`<${AgendaList} key=${name + query.type + query.record} ...${{ name, world, now, types, filtered, refresh }} history=${history.filter(fits)} agenda=${agenda.filter(fits)} fresh=${(move?.events ?? []).filter(fits).length} onMove=${moveTo} />`}
      </section>
    </div>
  `;
}

async function loadEvents(name, options) {
  const parts = ["/events", "/agenda"].map((part) => get(worldPath(name, part), {}, options));
  const [history, agenda] = await Promise.all(parts);
  return { history, agenda };
}

function filterOf({ type, record }, types) {
  const text = record?.toLowerCase();
  return (event) => (!type || event.type === type) && (!text || (targetOf(event, types)?.id ?? "").toLowerCase().includes(text));
}

function Filters({ name, query, history, agenda }) {
  const found = useMemo(() => [...new Set([...history, ...agenda].map((event) => event.type))].sort(), [history, agenda]);
  const types = !query.type || found.includes(query.type) ? found : [query.type, ...found];
  const change = (part) => go(link(name, "time", [], { ...query, ...part }), { replace: true });
  return html`<div class="filters">
    <select aria-label="Type of event" value=${query.type ?? ""} onChange=${({ target }) => change({ type: target.value })}>
      <option value="">all types</option>
      ${types.map((each) => html`<option key=${each} value=${each}>${each}</option>`)}
    </select>
    <${Search} label="Id of a record" placeholder="Id of a record" value=${query.record ?? ""} onSearch=${(record) => change({ record })} />
    <span class="soft">${counted(history.length, "event")} happened, ${agenda.length.toLocaleString("en")} in the agenda</span>
  </div>`;
}
