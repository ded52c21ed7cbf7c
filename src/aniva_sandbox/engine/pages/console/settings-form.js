// The settings of a world.

import { call, componentSchema, controlDocument, worldPath } from "./control.js";
import { Form, fieldsOf } from "./forms.js";
import { html } from "./html.js";
import { useData } from "./live.js";
import { Problem, say } from "./ui.js";

/** A form with the settings of a world as they are. Only those that differ are sent. */
export function SettingsForm({ name, settings, onChanged = () => {} }) {
  const { data: document, error } = useData(controlDocument, ["document"]);
  if (document === null) return html`<${Problem} error=${error} />`;
  const schema = componentSchema(document, "SettingsChange");
  const send = async (values) => {
    const changes = Object.fromEntries(Object.entries(values).filter(([key, value]) => value !== settings[key]));
    await call("PATCH", worldPath(name, "/settings"), { body: changes });
    say("Settings changed.");
    onChanged();
  };
  // When the settings change elsewhere, the form begins again with them.
  return html`<${Form} key=${JSON.stringify(settings)} fields=${fieldsOf(schema)} initial=${settings} send=${send} label="Change the settings" world=${name} />`;
}
