// The time of a world: its clock, what happened and what will happen, and making events happen.

import { AgendaList } from "./agenda-list.js";
import { ClockPanel, Moved } from "./clock-panel.js";
import { post, worldPath } from "./control.js";
import { EventForm } from "./event-form.js";
import { useEventTypes } from "./event-view.js";
import { html, useMemo, useState } from "./html.js";
import { useNow } from "./live.js";
import { go, link } from "./routes.js";
import { SettingsForm } from "./settings-form.js";
import { Search } from "./ui.js";
import { counted, iso } from "./words.js";

const isWide = matchMedia("(min-width: 64rem)").matches; // where the page has two columns

export function TimePage({ name, world, version, refresh, query }) {
  const now = useNow(world);
  const types = useEventTypes();
  const [move, setMove] = useState(null);
  const fresh = useMemo(() => new Set(move?.events.map((event) => JSON.stringify(event))), [move]);
  const onMoved = (moved) => {
    setMove(moved);
    refresh();
  };
  const moveTo = async (event) => {
    const { clock, events } = await post(worldPath(name, "/clock/advance"), { to: event.time });
    onMoved({ from: iso(now), to: clock.now, events });
  };
  const filter = { type: query.type ?? "", record: query.record ?? "" };
  return html`
    <h1>Time</h1>
    <div class="split">
      <div>
        <${ClockPanel} ...${{ name, world, now, onMoved }} />
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
        <${Filters} ...${{ name, world, types, filter }} />
        <${AgendaList} key=${JSON.stringify(filter)} ...${{ name, world, version, now, types, filter, fresh, refresh }} onMove=${moveTo} />
      </section>
    </div>
  `;
}

function Filters({ name, world, types, filter }) {
  const change = (part) => go(link(name, "time", [], { ...filter, ...part }), { replace: true });
  const waiting = Object.values(world.waiting).reduce((sum, count) => sum + count, 0);
  return html`<div class="filters">
    <select aria-label="Type of event" value=${filter.type} onChange=${({ target }) => change({ type: target.value })}>
      <option value="">all types</option>
      ${Object.keys(types ?? {}).map((each) => html`<option key=${each} value=${each}>${each}</option>`)}
    </select>
    <${Search} label="Id of a record" placeholder="Id of a record" value=${filter.record} onSearch=${(record) => change({ record: record.trim() })} />
    <span class="soft">${counted(world.happened, "event")} happened, ${waiting.toLocaleString("en")} in the agenda</span>
  </div>`;
}
