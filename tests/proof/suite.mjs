// The suite from Node: `node suite.mjs ADDRESS SUITE`, where SUITE is the JSON of the suite.
import { readFileSync } from "node:fs";

const [address, file] = process.argv.slice(2);
const tests = JSON.parse(readFileSync(file, "utf8"));

async function send(test, method, path, body, key) {
  const headers = { "x-sandbox-test": test };
  if (key !== undefined) headers["x-api-key"] = key;
  if (body !== undefined && body !== null) headers["content-type"] = "application/json";
  const content = body === undefined || body === null ? undefined : JSON.stringify(body);
  const response = await fetch(address + path, { method, headers, body: content });
  await response.arrayBuffer();
  return response;
}

async function control(test, method, path, body) {
  const response = await send(test, method, `/_sandbox${path}`, body);
  const refused = path.endsWith("/events") && response.status === 409; // an event may be impossible
  if (!response.ok && !refused) throw new Error(`${method} ${path}: ${response.status}`);
}

for (const [test, steps] of Object.entries(tests)) {
  const world = test.replaceAll("_", "-");
  await control(test, "PUT", `/worlds/${world}`, { clock: "frozen" });
  for (const [verb, ...given] of steps) {
    if (verb === "happen") await control(test, "POST", `/worlds/${world}/events`, given[0]);
    else if (verb === "advance") await control(test, "POST", `/worlds/${world}/clock/advance`, given[0]);
    else if (verb === "fault") await control(test, "POST", `/worlds/${world}/faults`, given[0]);
    else {
      const [path, body, persona] = given;
      const key = `sbx_${world}${persona ? `.${persona}` : ""}`;
      await send(test, verb, `/api/v1${path}`, body, key).catch(() => null); // its connection may be dropped
    }
  }
}
